/**
 * @file Where the feet are. Steps become plants, during which a foot does not move at all, and swings between them; the
 * pelvis goes over the foot that carries. Steps are given in order; each is known when it is given, so that a dance may grow.
 */
import { RAD } from './quaternion'
import { Track } from './track'
import type { Foot, Step } from './moves/vocabulary'

/** Half the distance of the feet at ease, and where that is for the skeleton at rest. In hips' heights, as all here. */
const STANCE = 0.118
const REST = 0.1
/** Closer than this a foot would pass through the other one. */
const APART = 0.15
/** How far before or behind the other one a foot that crosses is put. */
const CROSSING = 0.17
/** How far from the middle feet are put at most: the stage is small. */
const WIDE = 0.46
const DEEP = 0.42
/** Feet are put no further from each other than that: the hips would have to sit down. */
const SPLIT = 0.6
/** How far the heel of a foot lies behind its ball: what toes up lifts. */
const HEEL_TO_BALL = 0.17

interface Swing {
  readonly from: number
  readonly to: number
  readonly start: Place
  readonly end: Place
  readonly lift: number
  /** Sideways out of the straight line, around the other foot. */
  readonly aroundX: number
  readonly aroundZ: number
  /** It ends in the air, and so begins there next time. */
  readonly airborne: boolean
}

interface Place {
  readonly x: number
  readonly y: number
  readonly z: number
  readonly yaw: number
}

/** A place on the floor. */
interface Floor {
  readonly x: number
  readonly z: number
}

/** Where the foot is now, as `Motion.feet` has it. */
export interface FootAt {
  x: number
  y: number
  z: number
  yaw: number
  pitch: number
  carries: number
}

class FootPath {
  readonly rest: number
  readonly swings: Swing[] = []
  readonly pitch = new Track()
  place: Place
  airborne = false
  /** The way the body faced when it was put there. */
  facing = 0
  #cursor = 0

  constructor(sign: 1 | -1) {
    this.rest = sign * REST
    this.place = { x: sign * STANCE, y: 0, z: 0, yaw: sign * 6 }
    this.pitch.add(-1e9, 0)
  }

  get landedAt() {
    return this.swings.at(-1)?.to ?? -Infinity
  }

  /** Where it is on its last way, or where that has led. */
  at(time: number): Floor {
    const swing = this.swings.at(-1)
    if (!swing) return this.place
    return passed(swing, ease(Math.min(1, Math.max(0, (time - swing.from) / (swing.to - swing.from)) * 1.06)))
  }

  read(time: number, into: FootAt) {
    const { swings } = this
    let i = Math.min(this.#cursor, swings.length - 1)
    while (i > 0 && swings[i]!.from > time) i--
    while (i + 1 < swings.length && swings[i + 1]!.from <= time) i++
    this.#cursor = Math.max(0, i)
    const swing = swings[i]
    const s = swing ? Math.min(1, Math.max(0, (time - swing.from) / (swing.to - swing.from))) : 0
    const { start, end } = swing ?? { start: this.place, end: this.place }
    // Off the floor quickly and down on the beat: along the floor it is early, so that it can land from above.
    const along = ease(Math.min(1, s * 1.06))
    const arc = swing ? 16 * s * s * (1 - s) * (1 - s) : 0
    const floor = swing ? passed(swing, along) : start
    into.x = floor.x - this.rest
    into.z = floor.z
    into.y = start.y + (end.y - start.y) * ease(s) + arc * (swing?.lift ?? 0)
    into.yaw = (start.yaw + (end.yaw - start.yaw) * along) * RAD
    into.pitch = this.pitch.read(time) * RAD
    into.carries = s > 0 && (s < 1 || swing!.airborne) ? 0 : 1
  }
}

/** Where a foot is above the floor, a share of the way along. */
const passed = ({ start, end, aroundX, aroundZ }: Swing, along: number): Floor => {
  const aside = 16 * along * along * (1 - along) * (1 - along)
  return {
    x: start.x + (end.x - start.x) * along + aside * aroundX,
    z: start.z + (end.z - start.z) * along + aside * aroundZ,
  }
}

const ease = (s: number) => s * s * s * (10 - 15 * s + 6 * s * s)

export interface Walked {
  readonly left: FootPath
  readonly right: FootPath
  /** The middle of the pelvis above the floor, and the way it faces in degrees. */
  readonly x: Track
  readonly z: Track
  readonly face: Track
}

export class Walk {
  readonly #feet = { left: new FootPath(1), right: new FootPath(-1) }
  readonly #x = new Track()
  readonly #z = new Track()
  readonly #face = new Track()
  /** On the left foot, 0 to 1. */
  #weight = 0.5
  #facing = 0
  #turned = 0

  constructor() {
    this.#x.add(-1e9, 0)
    this.#z.add(-1e9, 0.02)
    this.#face.add(-1e9, 0)
  }

  /** A phrase begins: its steps count their turns from here. Returns by how much the dancer has turned, in degrees. */
  begin(): number {
    this.#turned = this.#facing
    return this.#turned
  }

  step(step: Step, at: number, takesS: number, size: number) {
    const foot = this.#feet[step.foot]
    const other = this.#feet[step.foot === 'left' ? 'right' : 'left']
    if (step.kind === 'pop') {
      if (!foot.airborne && at >= foot.landedAt - 0.01) this.#pitch(foot, at, step.pitch ?? 0)
      return
    }
    if (step.kind === 'shift') {
      this.#over(step.foot, step.share ?? 0.72, at)
      return
    }
    if (other.airborne) this.#land(step.foot === 'left' ? 'right' : 'left', at - takesS)
    if (step.face !== undefined) this.#facing = this.#turned + step.face
    const wanted = this.#target(step, size)
    const place = this.#beside(
      step.foot,
      step.kind === 'air' ? wanted : near(wanted, other.place),
      other.place,
    )
    foot.facing = this.#facing
    const still =
      !foot.airborne &&
      foot.pitch.last.value < 5 &&
      foot.place.y === 0 &&
      Math.hypot(place.x - foot.place.x, place.z - foot.place.z) < 0.025 &&
      Math.abs(place.yaw - foot.place.yaw) < 12
    const asked = step.lift ?? 0
    if (!(still && step.kind === 'step' && asked < 0.07)) this.#swing(foot, other, step, place, at, takesS)
    if (step.kind === 'step') this.#over(step.foot, step.share ?? 0.74, at)
    else if (this.#weightOn(step.foot) > 0.4) this.#over(step.foot === 'left' ? 'right' : 'left', 0.78, at)
    else this.#over(step.foot, this.#weightOn(step.foot), at)
  }

  /** A foot that is left in the air comes down beside the other one, so that this one can leave. */
  #land(name: Foot, by: number) {
    const foot = this.#feet[name]
    const other = this.#feet[name === 'left' ? 'right' : 'left']
    const at = Math.max(by, foot.landedAt + 0.24)
    const step: Step = { at, foot: name, x: 0, z: 0, kind: 'step' }
    const place = this.#beside(name, near(this.#target(step, 1), other.place), other.place)
    this.#swing(foot, other, step, place, at, 0.3)
    this.#over(name, 0.7, at)
  }

  done(): Walked {
    const { left, right } = this.#feet
    for (const track of [this.#x, this.#z, this.#face, left.pitch, right.pitch]) track.seal()
    return { left, right, x: this.#x, z: this.#z, face: this.#face }
  }

  #target({ foot, x, z, yaw = 0, kind, lift = 0, pitch = -26 }: Step, size: number): Place {
    const sign = foot === 'left' ? 1 : -1
    const [sin, cos] = [Math.sin(this.#facing * RAD), Math.cos(this.#facing * RAD)]
    const [px, pz] = [sign * STANCE + x * size, z * size]
    return {
      x: within(px * cos + pz * sin, WIDE),
      z: within(pz * cos - px * sin, DEEP),
      y:
        kind === 'air'
          ? lift * (0.5 + 0.5 * size)
          : kind === 'heel'
            ? Math.sin(-Math.min(0, pitch) * RAD) * HEEL_TO_BALL
            : 0,
      yaw: this.#facing + sign * 6 + yaw,
    }
  }

  /** Not on top of the other foot and not beyond it, unless it crosses before or behind; then well before or behind. */
  #beside(foot: Foot, place: Place, other: Place): Place {
    const sign = foot === 'left' ? 1 : -1
    const [sin, cos] = [Math.sin(this.#facing * RAD), Math.cos(this.#facing * RAD)]
    const [dx, dz] = [place.x - other.x, place.z - other.z]
    let [across, ahead] = [dx * cos - dz * sin, dz * cos + dx * sin]
    if (sign * across >= APART || Math.abs(ahead) >= CROSSING) return place
    if (Math.abs(ahead) < CROSSING / 2) across = sign * APART
    else ahead = Math.sign(ahead) * CROSSING
    return { ...place, x: other.x + across * cos + ahead * sin, z: other.z + ahead * cos - across * sin }
  }

  #swing(foot: FootPath, other: FootPath, step: Step, end: Place, at: number, takesS: number) {
    const from = Math.max(at - takesS, foot.landedAt + 0.02)
    if (at - from < 0.08) return // no time: it stays where it is
    const start = foot.place
    const airborne = step.kind === 'air'
    const flat = (step.lift ?? 1) < 0.02
    const lift = flat ? step.lift! : airborne || foot.airborne ? 0.012 : (step.lift ?? 0.05)
    const onIts = Math.abs(other.landedAt - at) < 0.12
    const around = onIts
      ? evade(start, end, (share) => other.at(from + share * (at - from)))
      : detour(start, end, other.place)
    foot.swings.push({ from, to: at, start, end, lift, aroundX: around.x, aroundZ: around.z, airborne })
    this.#leave(step, from, at, onIts)
    const down =
      step.kind === 'heel'
        ? -26
        : step.kind === 'touch'
          ? (step.pitch ?? 22)
          : airborne
            ? (step.pitch ?? 10)
            : 0
    const now = foot.pitch.last
    if (!flat) {
      if (now.at < from - 0.12) foot.pitch.add(from - 0.1, now.value)
      if (!foot.airborne) foot.pitch.add(from + 0.4 * (at - from), Math.max(16, 0.5 * (down + 22)))
    } else if (now.at < from) foot.pitch.add(from, now.value)
    foot.pitch.add(at, down)
    foot.place = end
    foot.airborne = airborne
  }

  /** A foot that is to move gives its weight to the other one first. */
  #leave(step: Step, from: number, at: number, both: boolean) {
    if (both || step.share === 0.5 || this.#weightOn(step.foot) < 0.4) return
    const when = from + 0.2 * (at - from)
    if (when > this.#x.last.at + 0.12) this.#over(step.foot === 'left' ? 'right' : 'left', 0.72, when, true)
  }

  #pitch(foot: FootPath, at: number, degrees: number) {
    const last = foot.pitch.last
    if (at <= last.at + 0.02) foot.pitch.add(last.at + 0.25, degrees)
    else foot.pitch.add(at, degrees, 0.32)
  }

  #weightOn(foot: Foot) {
    return foot === 'left' ? this.#weight : 1 - this.#weight
  }

  #over(foot: Foot, share: number, at: number, passing = false) {
    if (at <= this.#x.last.at - 0.01) return
    this.#weight = foot === 'left' ? share : 1 - share
    const { left, right } = this.#feet
    const w = this.#weight
    // In a turn the hips are half-way between the foot that has arrived and the one that has yet to follow.
    const face = (left.facing + right.facing) / 2
    const turning = Math.abs(face - this.#face.last.value) > 1
    this.#x.add(at, w * left.place.x + (1 - w) * right.place.x, 0.9, passing || turning)
    this.#z.add(at, 0.02 + (w * left.place.z + (1 - w) * right.place.z) * 0.9, 0.9, passing || turning)
    this.#face.add(at, face, Infinity, true)
  }
}

/** Itself as long as it is well within, then ever slower towards the edge. */
const within = (value: number, most: number) =>
  value / Math.sqrt(Math.sqrt(Math.sqrt(1 + (value / most) ** 8)))

const near = (place: Place, other: Place): Place => {
  const [dx, dz] = [place.x - other.x, place.z - other.z]
  const share = SPLIT / Math.max(SPLIT, Math.hypot(dx, dz))
  return { ...place, x: other.x + dx * share, z: other.z + dz * share }
}

/** How far to go round the other foot, on the side on which the straight line passes it. */
const detour = (start: Place, end: Place, other: Floor) => {
  const [dx, dz] = [end.x - start.x, end.z - start.z]
  const length = Math.hypot(dx, dz)
  if (length < 0.02) return STRAIGHT_ON
  const along = ((other.x - start.x) * dx + (other.z - start.z) * dz) / length ** 2
  if (along < 0.05 || along > 0.95) return STRAIGHT_ON
  const aside = [-dz / length, dx / length] as const
  return around(start.x + along * dx - other.x, start.z + along * dz - other.z, along, aside)
}

/** The same round a foot that is on its way as well; `otherAt` a share of the time. */
const evade = (start: Place, end: Place, otherAt: (share: number) => Floor) => {
  const [dx, dz] = [end.x - start.x, end.z - start.z]
  const length = Math.hypot(dx, dz)
  if (length < 0.02) return STRAIGHT_ON
  let [nearest, x, z, at] = [APART, 0, 0, 0.5]
  for (let s = 0.2; s < 0.8; s += 0.05) {
    const along = ease(s * 1.06)
    const other = otherAt(s)
    const [offX, offZ] = [start.x + along * dx - other.x, start.z + along * dz - other.z]
    if (Math.hypot(offX, offZ) < nearest) [nearest, x, z, at] = [Math.hypot(offX, offZ), offX, offZ, along]
  }
  return nearest < APART ? around(x, z, at, [-dz / length, dx / length]) : STRAIGHT_ON
}

const STRAIGHT_ON = { x: 0, z: 0 }

/** `x` and `z` from the other foot where it is passed, a share of the way along; `aside` where they say nothing. */
const around = (x: number, z: number, along: number, aside: readonly [number, number]) => {
  const gap = Math.hypot(x, z)
  if (gap >= APART) return STRAIGHT_ON
  // The arc is flatter towards its ends, where it must reach further.
  const by = (APART - gap) / Math.max(0.4, 16 * along ** 2 * (1 - along) ** 2)
  return gap > 0.01 ? { x: (x / gap) * by, z: (z / gap) * by } : { x: aside[0] * by, z: aside[1] * by }
}
