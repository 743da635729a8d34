/** @file Plans made into keys on the clock: every layer of the dance, as tracks that run through all phrases. */
import { chance } from './chance'
import type { Part, Plan } from './grammar'
import { SHAPES } from './moves/shapes'
import { Walk, type Walked } from './steps'
import { Track } from './track'
import {
  ARM,
  CARRIAGE,
  type Arm,
  type ArmKey,
  type Carriage,
  type CarriageKey,
  type Move,
  type Step,
} from './moves/vocabulary'

export interface Woven {
  /** Three layers that add up: the groove, what the steps need, the head. Each has the channels of CARRIAGE. */
  readonly carriage: readonly (readonly Track[])[]
  /** The channels of ARM. */
  readonly left: readonly Track[]
  readonly right: readonly Track[]
  readonly walked: Walked
  /** By how much the dancer has turned when a phrase begins, degrees. */
  readonly turned: readonly number[]
}

export const weave = (plans: readonly Plan[], seed: number): Woven => {
  const tracks = (count: number) => Array.from({ length: count }, () => new Track())
  const carriage = [tracks(CARRIAGE.length), tracks(CARRIAGE.length), tracks(CARRIAGE.length)] as const
  const [left, right] = [tracks(ARM.length), tracks(ARM.length)]
  const walk = new Walk()
  const turned: number[] = []
  for (const plan of plans) {
    const clock = new Clock(plan)
    turned.push(walk.begin())
    walkPlan(plan, clock, walk)
    bodyPlan(plan, clock, carriage)
    armsPlan(plan, clock, left, right, seed)
  }
  for (const track of [...carriage.flat(), ...left, ...right]) track.seal()
  return { carriage, left, right, walked: walk.done(), turned }
}

/** From the dancer's beats to seconds; between two of the music's beats the offbeat lies where it swings. */
class Clock {
  readonly #plan: Plan
  constructor(plan: Plan) {
    this.#plan = plan
  }

  get beats() {
    return (this.#plan.passage.beats.length - 1) / this.#plan.stretch
  }

  at(beat: number): number {
    const { beats, swing } = this.#plan.passage
    const { stretch } = this.#plan
    const music = beat * stretch
    const whole = Math.min(beats.length - 2, Math.max(0, Math.floor(music + 1e-6)))
    const part = music - whole
    const bent =
      stretch > 1 || part < 0 || part > 1
        ? part
        : part < 0.5
          ? part * 2 * swing
          : swing + (part - 0.5) * 2 * (1 - swing)
    return beats[whole]! + bent * (beats[whole + 1]! - beats[whole]!)
  }

  /** Seconds. */
  length(beats: number): number {
    const { passage } = this.#plan
    return (beats * (passage.to - passage.from)) / this.beats
  }
}

/** A move again and again until its part ends, every other time mirrored where it alternates. */
const repeat = <M extends Move>(
  { move, from, to, mirrored, pace }: Part<M>,
  visit: (start: number, flip: boolean) => void,
) => {
  const beats = move.beats * pace
  for (let pass = 0; from + pass * beats < to - 0.01; pass++)
    visit(from + pass * beats, mirrored !== (move.alternates === true && pass % 2 === 1))
}

// ---- feet ----------------------------------------------------------------------------------------------------------

const walkPlan = (plan: Plan, clock: Clock, walk: Walk) => {
  const size = (0.72 + 0.32 * plan.vigour) * plan.character.stride
  const go = (step: Step, start: number, pace: number, flip: boolean) =>
    walk.step(
      flip ? mirrorStep(step) : step,
      clock.at(start + step.at * pace),
      clock.length((step.takes ?? 0.62) * (pace > 1 ? 0.75 * pace : pace)),
      size,
    )
  for (const part of plan.feet)
    repeat(part, (start, flip) => {
      const { move, pace } = part
      const until = (part.to - start) / pace
      // Half a turn would face the wall.
      if (move.turns && move.beats > until + 0.01) return
      const steps = move.steps.filter(({ at }) => at < until - 0.01)
      for (const step of [...steps].sort((a, b) => a.at - b.at)) go(step, start, pace, flip)
    })
  if (plan.pose) for (const step of plan.pose.move.steps) go(step, 0, 1, plan.pose.mirrored)
}

const mirrorStep = (step: Step): Step => ({
  ...step,
  foot: step.foot === 'left' ? 'right' : 'left',
  x: -step.x,
  yaw: -(step.yaw ?? 0),
  ...(step.face !== undefined && { face: -step.face }),
})

// ---- hips, trunk, head ---------------------------------------------------------------------------------------------

const GROOVE = 0
const STEPS = 1
const HEAD = 2

const bodyPlan = (plan: Plan, clock: Clock, layers: readonly (readonly Track[])[]) => {
  const { vigour, character } = plan
  if (plan.pose) {
    const { move, mirrored } = plan.pose
    const at = clock.at(0)
    for (const layer of [GROOVE, STEPS, HEAD])
      setAll(layers[layer]!, at, layer === STEPS ? move.body : {}, mirrored)
    // Held, but breathing.
    for (let beat = 2; beat <= clock.beats; beat += 2)
      for (const [channel, by] of [
        [2, beat % 4 === 2 ? 0.9 : 0],
        [9, beat % 4 === 2 ? -2.5 : 0],
      ] as const)
        layers[GROOVE]![channel]!.add(clock.at(beat), by, Infinity, false)
    return
  }
  lay(plan.grooves, GROOVE)
  lay(
    plan.feet.map(({ move, ...rest }) => ({ ...rest, move: { ...move, keys: move.body ?? [] } })),
    STEPS,
  )
  lay(plan.heads, HEAD)
  if (plan.burstsNext) {
    // Down before it goes up.
    layers[GROOVE]![2]!.add(clock.at(clock.beats - 0.5), 8)
    layers[GROOVE]![6]!.add(clock.at(clock.beats - 0.5), 14)
  }

  function lay(parts: readonly Part<Move & { readonly keys: readonly CarriageKey[] }>[], layer: number) {
    const scale = ((layer === HEAD ? 0.6 : 0.42) + (layer === HEAD ? 0.35 : 0.56) * vigour) * character.size
    for (const part of parts) {
      const named = new Set(part.move.keys.flatMap(Object.keys))
      repeat(part, (start, flip) => {
        CARRIAGE.forEach((channel, c) => {
          const source = flip ? mirrorChannel(channel) : channel
          const track = layers[layer]![c]!
          if (!named.has(source)) {
            if (start === part.from) track.add(clock.at(start), 0, clock.length(1))
            return
          }
          for (const key of part.move.keys) {
            const value = key[source]
            const beat = start + key.at * part.pace
            if (beat > part.to - 0.01) continue
            // A channel that a move names has a value at its beginning.
            if (value === undefined && key.at > 0) continue
            const sign = flip && ODD.has(channel) ? -1 : 1
            const takes = key.takes === undefined ? Infinity : clock.length(key.takes * part.pace)
            const share = channel === 'drop' ? scale * depthOf(layer, plan) : scale
            track.add(clock.at(beat), sign * share * (value ?? 0), takes, key.flows ?? false)
          }
        })
      })
    }
  }
}

/** Steps and groove both go down on the beat: together they would sit. */
const depthOf = (layer: number, { character }: Plan) =>
  layer === STEPS ? 0.65 : character.depth / character.size

const setAll = (tracks: readonly Track[], at: number, pose: Carriage, flip: boolean) => {
  CARRIAGE.forEach((channel, c) => {
    const sign = flip && ODD.has(channel) ? -1 : 1
    tracks[c]!.add(at, sign * (pose[flip ? mirrorChannel(channel) : channel] ?? 0))
  })
}

const ODD = new Set<keyof Carriage>(['sway', 'hipTurn', 'hipTilt', 'tilt', 'turn', 'headTilt', 'headTurn'])
const mirrorChannel = (channel: keyof Carriage): keyof Carriage =>
  channel === 'shrugLeft' ? 'shrugRight' : channel === 'shrugRight' ? 'shrugLeft' : channel

// ---- arms ----------------------------------------------------------------------------------------------------------

const atEase: Arm = SHAPES.loose
/** Beats that arms have at least to change from one move to the next. */
const SETTLE = 0.7
/** How much of the way of a hand each channel makes, in the order of ARM: out, front, twist, bend. */
const CARRIES = [1, 1, 0.4, 0.5]
/** An arm needs this long to go anywhere, and goes no faster than that on the way, in degrees a second. */
const QUICKEST_S = 0.1
const FASTEST = 520
/** Beats for which arms stay up when the music leaps up. */
const BURST = 1.9

const armsPlan = (
  plan: Plan,
  clock: Clock,
  left: readonly Track[],
  right: readonly Track[],
  seed: number,
) => {
  const at = chance(seed, 'arms', plan.passage.index)
  const reach = Math.min(1.06, (0.8 + 0.2 * plan.vigour) * plan.character.reach)
  // A robot stops dead, whoever it is.
  const ease = plan.style === 'robot' ? Math.min(0.9, plan.character.ease) : plan.character.ease
  // Who turns takes the arms in and is in no haste with them.
  const turning = (beat: number) =>
    plan.feet.some(({ move, from, to }) => move.turns && beat > from - 0.3 && beat < to - 0.3)
  const set = (
    tracks: readonly Track[],
    beat: number,
    arm: Arm,
    key: { takes?: number; flows?: boolean },
    size: number,
  ) => {
    const values = ARM.map((channel) => {
      const rest = atEase[channel] ?? 0
      const odd = channel === 'point' ? 0 : (at() - 0.5) * 5
      return rest + ((arm[channel] ?? 0) - rest) * size + odd
    })
    const { at: before } = tracks[0]!.last
    const [when, from] = [clock.at(beat), tracks.map((track) => track.last.value)]
    // What turns about the shoulder carries the hand furthest.
    const far = Math.hypot(...values.map((value, c) => (value - from[c]!) * (CARRIES[c] ?? 0)))
    const fastest = turning(beat) ? 0.6 * FASTEST : FASTEST
    const takes = Math.max(clock.length(key.takes ?? 1.1), QUICKEST_S + far / fastest)
    // Where there is no time to get there, as far as there is.
    const share = Math.min(1, (fastest * (when - before)) / Math.max(1, far))
    values.forEach((value, c) =>
      tracks[c]!.add(when, from[c]! + (value - from[c]!) * share, takes, key.flows ?? false),
    )
  }
  const both = (key: ArmKey, beat: number, flip: boolean, size = reach) => {
    set(left, beat, flip ? key.right : key.left, key, size)
    set(right, beat, flip ? key.left : key.right, key, size)
  }
  if (plan.bursts) {
    both({ at: 0, left: SHAPES.vee, right: SHAPES.vee, takes: 0.7 }, 0, false, 1)
    both({ at: 0, left: SHAPES.top, right: SHAPES.top }, 1, false, 1)
  }
  for (const part of plan.arms)
    repeat(part, (start, flip) => {
      for (const written of part.move.keys) {
        const beat = start + written.at * part.pace
        const key = { ...written, takes: (written.takes ?? 1.1) * part.pace * ease }
        // What comes next needs time to get there.
        const late = beat > (plan.burstsNext ? Math.min(part.to, clock.beats - 1) : part.to) - SETTLE
        if (late && beat > part.from) continue
        const first = beat < part.from + 0.01
        if (!(plan.bursts && beat < BURST))
          both(
            first ? { ...key, takes: Math.max(0.7, key.takes) } : key,
            beat,
            flip,
            turning(beat) ? 0.62 * reach : reach,
          )
      }
    })
  if (plan.burstsNext)
    both({ at: 0, left: SHAPES.cross, right: SHAPES.cross, takes: 0.9 }, clock.beats - 0.75, false)
  if (plan.pose) {
    const { move, mirrored } = plan.pose
    both({ at: 0, left: move.left, right: move.right, takes: 0.8 }, 0, mirrored, 1)
    both({ at: 0, left: move.left, right: move.right, takes: 4 }, clock.beats, mirrored, 0.97)
  }
}
