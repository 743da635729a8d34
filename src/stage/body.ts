/**
 * @file What a body does by itself: it breathes, shifts its weight, gestures while it speaks and passes the time while it
 * does not. Everything is a spring or a slow wave, so nothing ever jumps, and nothing ever stands still.
 */
import { Quaternion, Vector3 } from 'three'
import { between, ease, Spring, wander } from './easing'
import { BEATS, IDLES, STARTLE, WAVE, type ArmPose, type Gesture, type TrunkPose } from './gestures'
import type { Rig, BoneName } from './rig'

/** What the body knows of the moment. */
export interface Bearing {
  /** Seconds since the avatar came on stage. */
  readonly time: number
  readonly dt: number
  readonly speaking: boolean
  /** Loudness of its own voice, 0 to 1. */
  readonly loudness: number
  /** -1 downcast to 1 cheerful: how it holds itself. */
  readonly spirits: number
  /** 1, or less for somebody who asked for less motion. */
  readonly liveliness: number
}

const RAD = Math.PI / 180
const ARM: readonly (keyof ArmPose)[] = ['out', 'front', 'twist', 'bend', 'wrist', 'hand', 'curl']
const TRUNK: readonly (keyof TrunkPose)[] = [
  'lean',
  'tilt',
  'turn',
  'headLean',
  'headTilt',
  'headTurn',
  'shrug',
  'lift',
]

export class Body {
  readonly #rig: Rig
  /** How far the arms must stand off so that hands clear the clothes, in degrees. */
  readonly #clearance: number
  readonly #arms = { left: springs(ARM), right: springs(ARM) }
  readonly #trunk = springs(TRUNK)
  #gesture: { readonly is: Gesture; readonly since: number; readonly mirrored: boolean } | undefined
  #lastIdle: Gesture | undefined
  #idleAt = between(6, 11)
  #beatAt = 0
  #weight = { from: 0, to: between(-0.4, 0.4), since: 0, until: 1 }
  #bounce = new Spring()
  readonly #limbs = { left: quaternions(3), right: quaternions(3) }

  constructor(rig: Rig, clearanceDeg: number) {
    this.#rig = rig
    this.#clearance = clearanceDeg
  }

  /** A greeting, on coming on stage. */
  wave(time: number) {
    this.#begin(WAVE, time, false)
  }

  startle(time: number) {
    this.#begin(STARTLE, time, false)
    this.#bounce.push(0.5)
  }

  /** Add this frame's pose to the rig. */
  move(bearing: Bearing) {
    const { time, dt } = bearing
    this.#choose(bearing)
    const pose = this.#pose(time)
    this.#lead(this.#arms.left, ARM, pose.left, dt)
    this.#lead(this.#arms.right, ARM, pose.right, dt)
    this.#lead(this.#trunk, TRUNK, pose.trunk, dt)
    this.#stand(bearing)
    this.#breathe(bearing)
    this.#arm('left', bearing)
    this.#arm('right', bearing)
  }

  /** Decide what to do next, now and then. */
  #choose({ time, speaking, loudness, liveliness }: Bearing) {
    if (this.#gesture && time > this.#gesture.since + this.#gesture.is.lengthS) this.#gesture = undefined
    if (speaking) {
      this.#idleAt = time + between(5, 9)
      if (!this.#gesture && time > this.#beatAt && loudness > 0.35) {
        this.#beatAt = time + between(1.7, 4.2)
        // The plain strokes come twice as often as the large ones.
        const pick = Math.floor(Math.random() * (BEATS.length + 2))
        this.#begin(BEATS[pick < 4 ? pick % 2 : pick - 2]!, time, Math.random() < 0.5)
      }
    } else if (!this.#gesture && time > this.#idleAt) {
      this.#idleAt = time + between(9, 18) / Math.max(0.3, liveliness)
      const others = IDLES.filter((idle) => idle !== this.#lastIdle)
      this.#lastIdle = others[Math.floor(Math.random() * others.length)]!
      this.#begin(this.#lastIdle, time, Math.random() < 0.5)
    }
  }

  #begin(is: Gesture, since: number, mirrored: boolean) {
    this.#gesture = { is, since, mirrored }
  }

  #pose(time: number): { left: ArmPose; right: ArmPose; trunk: TrunkPose } {
    if (!this.#gesture) return REST
    const { is, since, mirrored } = this.#gesture
    const key = is.keys.findLast(({ at }) => at <= time - since)
    const { left = {}, right = {}, trunk = {} } = key ?? REST
    return mirrored ? { left: right, right: left, trunk: mirror(trunk) } : { left, right, trunk }
  }

  #lead<K extends string>(
    to: Record<K, Spring>,
    keys: readonly K[],
    pose: Partial<Record<K, number>>,
    dt: number,
  ) {
    for (const key of keys) to[key].toward(pose[key] ?? 0, 9, dt)
  }

  /** Hips over one foot or the other, the trunk upright above them, and whatever the gesture adds. */
  #stand({ time, dt, speaking, spirits, liveliness }: Bearing) {
    const weight = this.#weight
    if (time > weight.until) {
      // Longer on one foot than on the way between them.
      weight.from = weight.to
      weight.to = weight.to > 0 ? between(-0.9, -0.35) : between(0.35, 0.9)
      weight.since = time + between(2.5, speaking ? 5 : 8)
      weight.until = weight.since + between(1.3, 2.2)
    }
    const over =
      (weight.from + (weight.to - weight.from) * ease(time, weight.since, weight.until)) * liveliness
    const sway = over + 0.14 * wander(time * 0.22, 1) * liveliness
    const unit = this.#rig.hipsHeight
    const { hipsOffset } = this.#rig
    const lift = this.#trunk.lift.value + this.#bounce.toward(0, 12, dt) * 0.08
    hipsOffset.x += sway * 0.028 * unit
    hipsOffset.z += 0.008 * unit * wander(time * 0.17, 2)
    // A little lower than straight, so that the knees are never locked, and lowest between the feet.
    hipsOffset.y += unit * (-0.012 - 0.006 * (1 - over * over) + lift)
    const t = this.#trunk
    const slump = Math.max(0, -spirits)
    this.#rig.turn('hips', 0, sway * 2.5 * RAD, -sway * 2.2 * RAD)
    this.#rig.turn(
      'spine',
      (t.lean.value * 0.5 + slump * 4) * RAD,
      (t.turn.value * 0.5 - sway * 1.5) * RAD,
      (sway * 1.8 - t.tilt.value * 0.5) * RAD,
    )
    this.#rig.turn(
      'chest',
      (t.lean.value * 0.5 + slump * 3) * RAD,
      t.turn.value * 0.5 * RAD,
      (sway * 0.9 - t.tilt.value * 0.5) * RAD,
    )
    this.#rig.turn(
      'neck',
      (t.headLean.value * 0.4 + slump * 3) * RAD,
      (t.headTurn.value * 0.4 + 2 * wander(time * 0.23, 3) * liveliness) * RAD,
      (-t.headTilt.value * 0.4 - sway * 0.6) * RAD,
    )
    this.#rig.turn(
      'head',
      (t.headLean.value * 0.6 + slump * 5 + 1.4 * wander(time * 0.31, 4) * liveliness) * RAD,
      t.headTurn.value * 0.6 * RAD,
      (-t.headTilt.value * 0.6 + (1.6 * wander(time * 0.19, 5) + 1.2 * Math.max(0, spirits)) * liveliness) *
        RAD,
    )
  }

  #nod = new Spring()

  #breathe({ time, dt, speaking, loudness, liveliness }: Bearing) {
    // 15 breaths a minute; in takes less time than out.
    const phase = (time * 0.25) % 1
    const breath = phase < 0.42 ? ease(phase, 0, 0.42) : 1 - ease(phase, 0.42, 0.96)
    const depth = (speaking ? 0.6 : 1) * breath
    this.#rig.turn('upperChest', -1.6 * depth * RAD, 0, 0)
    this.#rig.turn('chest', -0.8 * depth * RAD, 0, 0)
    this.#rig.turn('neck', 1.6 * depth * RAD, 0, 0)
    this.#rig.hipsOffset.y += 0.0015 * this.#rig.hipsHeight * depth
    const raise = (1.5 * depth + this.#trunk.shrug.value) * RAD
    this.#rig.turn('leftShoulder', 0, 0, raise)
    this.#rig.turn('rightShoulder', 0, 0, -raise)
    // The head goes with the voice: loud syllables draw it down a little.
    const nod = this.#nod.toward(speaking ? loudness : 0, 7, dt)
    this.#rig.turn('head', 3.2 * nod * liveliness * RAD, 0, 0)
  }

  #arm(side: 'left' | 'right', { time, liveliness }: Bearing) {
    const pose = this.#arms[side]
    const seed = side === 'left' ? 6 : 7
    const idle = wander(time * 0.27, seed) * liveliness
    const out = this.#clearance + pose.out.value + 1.2 * idle
    const front = 4 + pose.front.value + 2 * wander(time * 0.21, seed + 2) * liveliness
    const bend = 13 + pose.bend.value + 2.5 * wander(time * 0.24, seed + 4) * liveliness
    const [upper, lower, hand] = this.#limbs[side]
    // As the left arm, from a T-pose along +X: first turned about itself, then lowered to the side, then swung forwards.
    about(upper, 'x', -front)
      .multiply(about(step, 'z', out - 90))
      .multiply(about(step2, 'x', -pose.twist.value - 4))
    // The elbow bends forwards, about the axis that is upright in a T-pose; then the forearm rolls.
    about(lower, 'y', -bend).multiply(about(step, 'x', -pose.hand.value))
    about(hand, 'z', -(5 + pose.wrist.value + idle)).multiply(about(step, 'y', -4))
    if (side === 'right') for (const turn of [upper, lower, hand]) turn.set(turn.x, -turn.y, -turn.z, turn.w)
    this.#rig.set(`${side}UpperArm`, upper)
    this.#rig.set(`${side}LowerArm`, lower)
    this.#rig.set(`${side}Hand`, hand)
    this.#fingers(side, side === 'left' ? 1 : -1, 16 + pose.curl.value + 3 * idle)
  }

  #fingers(side: 'left' | 'right', sign: number, curl: number) {
    FINGERS.forEach((finger, i) => {
      // The little finger is the most relaxed, the forefinger the least.
      const amount = curl * (0.75 + 0.2 * i)
      for (const part of ['Proximal', 'Intermediate', 'Distal'])
        this.#rig.turn(`${side}${finger}${part}` as BoneName, 0, 0, -sign * amount * RAD)
    })
    this.#rig.turn(`${side}ThumbProximal`, 0, sign * 12 * RAD, 0)
    this.#rig.turn(`${side}ThumbDistal`, 0, sign * (10 + curl * 0.4) * RAD, 0)
  }
}

const step = new Quaternion()
const step2 = new Quaternion()
const axes = { x: new Vector3(1, 0, 0), y: new Vector3(0, 1, 0), z: new Vector3(0, 0, 1) }
const about = (into: Quaternion, axis: 'x' | 'y' | 'z', degrees: number) =>
  into.setFromAxisAngle(axes[axis], degrees * RAD)

const quaternions = (count: 3) =>
  Array.from({ length: count }, () => new Quaternion()) as [Quaternion, Quaternion, Quaternion]

const FINGERS = ['Index', 'Middle', 'Ring', 'Little'] as const
const REST: { left: ArmPose; right: ArmPose; trunk: TrunkPose } = { left: {}, right: {}, trunk: {} }

const springs = <K extends string>(keys: readonly K[]) =>
  Object.fromEntries(keys.map((key) => [key, new Spring()])) as Record<K, Spring>

const mirror = ({ tilt = 0, turn = 0, headTilt = 0, headTurn = 0, ...rest }: TrunkPose): TrunkPose => ({
  ...rest,
  tilt: -tilt,
  turn: -turn,
  headTilt: -headTilt,
  headTurn: -headTurn,
})
