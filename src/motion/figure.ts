/** @file The body in a recording: which way is up, what its rest is of a T-pose, how long its legs are, where its floor is. */
import type { Motion } from '../shared/contracts'
import { percentile, withFeet } from './ground'
import { fromWorlds } from './kinematics'
import { arc, inverse, multiply, normalize, rotate, turn, type Quat } from './quaternion'
import type { RecordedJoint, RecordedPose, Recording } from './recording'
import { limbWay } from './smpl'
import { add, angleBetween, cross, length, mix, scale, sub, unit, X, Y, type Vec } from './vector'

/** Where bones are and how their joints are turned at a frame, +Y up. */
export interface Moment {
  readonly place: (bone: string) => Vec
  readonly turn: (bone: string) => Quat
}

/** How far from its axis in a T-pose a limb at rest may point for the rest pose to count as a T-pose; people differ. */
const NEARLY = (15 * Math.PI) / 180

/** The sine of the mean bend from which on an elbow's axis is known. */
const SEEN = 0.2

/** Heights within this share of the hips' are not worth moving a whole dance for. */
const LEVEL = 0.025

export class Figure {
  readonly frames: number
  readonly rate: number
  readonly #joints: readonly RecordedJoint[]
  readonly #bones: ReadonlyMap<string, number>
  readonly #upright: Quat
  readonly #poses: readonly RecordedPose[]
  readonly #rest: RecordedPose

  constructor({ joints, rate, frames, rest }: Recording, bones: ReadonlyMap<string, number>) {
    this.#joints = joints
    this.#bones = bones
    this.frames = frames.length
    this.rate = rate
    this.#upright = upright(frames, bones)
    this.#poses = frames.map((pose) => this.#stand(pose))
    this.#rest = this.#stand(rest)
  }

  get bones(): Iterable<string> {
    return this.#bones.keys()
  }

  has(bone: string) {
    return this.#bones.has(bone)
  }

  at(frame: number): Moment {
    return this.#moment(this.#poses[frame]!)
  }

  /** Of each bone the turn from a T-pose that faces +Z to the pose of zero rotations, if that is the pose of a human. */
  restTurns(): ReadonlyMap<string, Quat> | undefined {
    const { place } = this.#moment(this.#rest)
    const way = (from: string, to: string) => unit(sub(place(to), place(from)))
    const left = way('rightUpperLeg', 'leftUpperLeg')
    const forward = unit(cross([left[0], 0, left[2]], Y))
    const sides = ['left', 'right'] as const
    const human =
      way('hips', 'head')[1] > 0.7 &&
      Math.abs(left[1]) < 0.3 &&
      sides.every(
        (side) =>
          way(`${side}UpperLeg`, `${side}LowerLeg`)[1] < -0.7 &&
          way(`${side}LowerLeg`, `${side}Foot`)[1] < -0.7 &&
          angleBetween(way(`${side}UpperArm`, `${side}LowerArm`), way(`${side}LowerArm`, `${side}Hand`)) <
            Math.PI / 4 &&
          (!this.has(`${side}Toes`) || dotFlat(way(`${side}Foot`, `${side}Toes`), forward) > 0),
      )
    if (!human) return undefined
    const facing = turn(Y, Math.atan2(forward[0], forward[2]))
    const turns = new Map<string, Quat>([...this.#bones.keys()].map((bone) => [bone, facing]))
    for (const side of sides)
      for (const [upper, lower, end] of [
        [`${side}UpperArm`, `${side}LowerArm`, `${side}Hand`],
        [`${side}UpperLeg`, `${side}LowerLeg`, `${side}Foot`],
      ] as const) {
        turns.set(upper, bent(facing, upper, way(upper, lower)))
        turns.set(lower, bent(turns.get(upper)!, lower, way(lower, end)))
      }
    for (const side of sides) {
      const hand = turns.get(`${side}LowerArm`)!
      for (const bone of this.#bones.keys()) if (handOf(bone) === side) turns.set(bone, hand)
      // A foot stands flat whatever its bone's slope; how far its toes point outwards counts where it is a stance.
      const toes = this.has(`${side}Toes`) ? way(`${side}Foot`, `${side}Toes`) : forward
      const outwards = unit([toes[0], 0, toes[2]], forward)
      const foot =
        angleBetween(outwards, forward) > NEARLY ? turn(Y, Math.atan2(outwards[0], outwards[2])) : facing
      turns.set(`${side}Foot`, foot)
      if (this.has(`${side}Toes`)) turns.set(`${side}Toes`, foot)
    }
    return turns
  }

  /**
   * Arms that hang at rest are brought down from a T-pose the shortest way, which leaves open how far they turn about
   * themselves (in CMU's skeletons by 30°). Elbows tell: over the clip they bend about the axis they have in a T-pose.
   */
  withElbows(rest: ReadonlyMap<string, Quat>): ReadonlyMap<string, Quat> {
    const corrected = new Map(rest)
    const plain = this.turned(rest)
    for (const [side, axis] of [
      ['left', X],
      ['right', scale(X, -1)],
    ] as const) {
      const way = rotate(inverse(rest.get('hips')!), rotate(rest.get(`${side}UpperArm`)!, axis))
      if (angleBetween(way, axis) < NEARLY) continue
      let hinge: Vec = [0, 0, 0]
      for (const world of plain) {
        const bend = multiply(inverse(world.get(`${side}UpperArm`)!), world.get(`${side}LowerArm`)!)
        // The length of the cross product is the sine of the bend: what is bent says more.
        hinge = add(hinge, cross(axis, rotate(bend, axis)))
      }
      if (length(hinge) < SEEN * this.frames) continue
      // In a T-pose the left elbow bends about -Y, the right one about +Y.
      const twist = arc(scale(Y, -axis[0]), unit(hinge))
      for (const [bone, q] of rest)
        if (handOf(bone) === side || bone === `${side}UpperArm` || bone === `${side}LowerArm`)
          corrected.set(bone, normalize(multiply(q, twist)))
    }
    return corrected
  }

  /** Rotations in the world relative to a T-pose: what the file says, on top of how the bone rests. */
  turned(rest: ReadonlyMap<string, Quat>): Map<string, Quat>[] {
    const back = inverse(this.#upright)
    return Array.from({ length: this.frames }, (_, frame) => {
      const moment = this.at(frame)
      return new Map(
        [...rest].map(
          ([bone, q]) => [bone, normalize(multiply(multiply(moment.turn(bone), back), q))] as const,
        ),
      )
    })
  }

  grounded(worlds: readonly Map<string, Quat>[], human: boolean): Motion {
    const leg = human ? this.#legAtRest() : this.#legInMotion(worlds)
    const hipsHeight = leg.drop + leg.length + leg.ankle
    const floor = this.#floor(leg, hipsHeight)
    const path = (bone: string) => {
      const into = new Float32Array(this.frames * 3)
      for (let frame = 0; frame < this.frames; frame++) {
        const place = this.at(frame).place(bone)
        into.set(scale(sub(place, [0, floor, 0]), 1 / hipsHeight), frame * 3)
      }
      return into
    }
    const foot = (side: 'left' | 'right') => ({
      side,
      ankle: path(`${side}Foot`),
      ...(this.has(`${side}Toes`) && { toes: path(`${side}Toes`) }),
      rest: [((side === 'left' ? 1 : -1) * leg.apart) / 2 / hipsHeight, leg.ankle / hipsHeight, 0] as const,
    })
    return withFeet(fromWorlds(this.rate, worlds, path('hips')), [foot('left'), foot('right')])
  }

  #floor({ ankle, toes }: Leg, hipsHeight: number): number {
    const lowest = Float32Array.from({ length: this.frames }, (_, frame) => {
      const { place } = this.at(frame)
      const heights = (['left', 'right'] as const).flatMap((side) => [
        place(`${side}Foot`)[1] - ankle,
        ...(this.has(`${side}Toes`) ? [place(`${side}Toes`)[1] - toes] : []),
      ])
      return Math.min(...heights)
    })
    const floor = percentile(lowest, 0.05)
    return Math.abs(floor) < LEVEL * hipsHeight ? 0 : floor
  }

  /** Heights at rest, with the legs straightened where they stand apart. */
  #legAtRest(): Leg {
    const { place } = this.#moment(this.#rest)
    const both = (measure: (side: 'left' | 'right') => number) => (measure('left') + measure('right')) / 2
    const ankle = both(
      (side) => place(`${side}Foot`)[1] - this.#lowest(this.#bones.get(`${side}Foot`)!) + this.#sole(side),
    )
    const toes = both((side) =>
      this.has(`${side}Toes`) ? ankle - (place(`${side}Foot`)[1] - place(`${side}Toes`)[1]) : 0,
    )
    return {
      drop: both((side) => place('hips')[1] - place(`${side}UpperLeg`)[1]),
      length: both((side) => this.#legLength(side)),
      apart: length(sub(place('leftUpperLeg'), place('rightUpperLeg'))),
      ankle: ankle > 0 ? ankle : ANKLE * this.#legLength('left'),
      toes,
    }
  }

  /** The same where the rest pose says nothing: as it is when the feet are low. */
  #legInMotion(worlds: readonly Map<string, Quat>[]): Leg {
    const { place } = this.at(0)
    const apart = length(sub(place('leftUpperLeg'), place('rightUpperLeg')))
    const drops: number[] = []
    const falls: number[] = []
    for (let frame = 0; frame < this.frames; frame++) {
      const { place } = this.at(frame)
      const middle = mix(place('leftUpperLeg'), place('rightUpperLeg'), 0.5)
      drops.push(rotate(inverse(worlds[frame]!.get('hips')!), sub(place('hips'), middle))[1])
      for (const side of ['left', 'right'])
        if (this.has(`${side}Toes`)) falls.push(place(`${side}Foot`)[1] - place(`${side}Toes`)[1])
    }
    const size = this.#legLength('left')
    const fall = falls.length ? Math.max(0, percentile(falls, 0.5)) : 0
    return {
      drop: percentile(drops, 0.5),
      length: size,
      apart,
      ankle: falls.length ? fall + TOES * size : ANKLE * size,
      toes: TOES * size,
    }
  }

  #legLength(side: 'left' | 'right') {
    const { place } = this.#moment(this.#rest)
    const thigh = sub(place(`${side}LowerLeg`), place(`${side}UpperLeg`))
    return length(thigh) + length(sub(place(`${side}Foot`), place(`${side}LowerLeg`)))
  }

  /** How far the sole is below the ball of the foot, where nothing marks it. */
  #sole(side: 'left' | 'right'): number {
    const toes = this.#bones.get(`${side}Toes`)
    const marked = toes === undefined || this.#joints[toes]!.ends.length > 0
    return marked || this.#joints.some(({ parent }) => parent === toes) ? 0 : TOES * this.#legLength(side)
  }

  /** Of what hangs on a joint at rest, ends included. */
  #lowest(joint: number): number {
    const joints = this.#joints
    const own: readonly Vec[] = [
      [0, 0, 0],
      ...joints[joint]!.ends.map((way) => rotate(this.#rest.turns[joint]!, way)),
    ]
    const here = Math.min(...own.map((way) => add(this.#rest.places[joint]!, way)[1]))
    return joints.reduce(
      (lowest, { parent }, i) => (parent === joint ? Math.min(lowest, this.#lowest(i)) : lowest),
      here,
    )
  }

  #stand({ places, turns }: RecordedPose): RecordedPose {
    return {
      places: places.map((place) => rotate(this.#upright, place)),
      turns: turns.map((q) => multiply(this.#upright, q)),
    }
  }

  #moment({ places, turns }: RecordedPose): Moment {
    return {
      place: (bone) => places[this.#bones.get(bone)!]!,
      turn: (bone) => turns[this.#bones.get(bone)!]!,
    }
  }
}

/** Lengths in the unit of the file. */
interface Leg {
  /** The hips' joint above those of the legs. */
  readonly drop: number
  readonly length: number
  /** Between the two legs' joints. */
  readonly apart: number
  /** Above the floor, standing. */
  readonly ankle: number
  readonly toes: number
}

/** Of a leg's length, where a skeleton does not say: heights of ankle and ball above the floor. */
const ANKLE = 0.1
const TOES = 0.025

/** The turn that brings an axis of the file to +Y: the one along which heads are above feet. */
const upright = (poses: readonly RecordedPose[], bones: ReadonlyMap<string, number>): Quat => {
  let up: Vec = [0, 0, 0]
  const step = Math.max(1, Math.floor(poses.length / 100))
  for (let frame = 0; frame < poses.length; frame += step) {
    const place = (bone: string) => poses[frame]!.places[bones.get(bone)!]!
    up = add(up, sub(place('head'), mix(place('leftFoot'), place('rightFoot'), 0.5)))
  }
  const axis = up.reduce((best, value, i) => (Math.abs(value) > Math.abs(up[best]!) ? i : best), 1)
  const way = [0, 0, 0].map((_, i) => (i === axis ? Math.sign(up[axis]!) : 0))
  return arc(way as unknown as Vec, Y)
}

const dotFlat = (a: Vec, b: Vec) => a[0] * b[0] + a[2] * b[2]

/** A limb that hangs on `base`, turned the shortest way to where it points, unless it points there nearly anyway. */
const bent = (base: Quat, bone: string, way: Vec): Quat => {
  const expected = rotate(base, limbWay(bone)!)
  return angleBetween(expected, way) < NEARLY ? base : normalize(multiply(arc(expected, way), base))
}

/** Whose hand a bone belongs to. */
const handOf = (bone: string): 'left' | 'right' | undefined =>
  /(Hand|Thumb|Index|Middle|Ring|Little)/.test(bone)
    ? bone.startsWith('left')
      ? 'left'
      : 'right'
    : undefined
