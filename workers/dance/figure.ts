/**
 * @file The values of a moment made into rotations: trunk and head from angles that compensate each other, arms as
 * stage/body.ts turns them, legs by inverse kinematics onto where the feet are. Allocates nothing, for it makes every frame.
 */
import { clear, fromAngles, fromAxes, RAD, relative, rotate, turnX, turnY, turnZ } from './quaternion'
import { ANKLE, BALL, HIP_HALF, JOINTS, SHIN, THIGH } from './skeleton'
import type { FootAt } from './steps'
import type { ARM, CARRIAGE } from './moves/vocabulary'

/** What a frame is made of. */
export interface Moment {
  /** The channels of CARRIAGE and, for each arm, of ARM. */
  readonly carriage: Float64Array
  readonly left: Float64Array
  readonly right: Float64Array
  readonly feet: readonly [FootAt, FootAt]
  /** The middle of the pelvis above the floor, and the way it faces in degrees. */
  x: number
  z: number
  face: number
}

/** The places of the channels. */
const [SWAY, PUSH, DROP, HIP_TURN, HIP_TILT, HIP_LEAN, LEAN, TILT, TURN, POP, SHRUG_L, SHRUG_R] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
] satisfies Partial<Channels<typeof CARRIAGE>>
const [HEAD_LEAN, HEAD_TILT, HEAD_TURN] = [12, 13, 14]
const [OUT, FRONT, TWIST, BEND, WRIST, HAND, CURL, POINT] = [0, 1, 2, 3, 4, 5, 6, 7] satisfies Channels<
  typeof ARM
>
type Channels<T extends readonly string[]> = { [K in keyof T]: number }

const SHOULDER_L = 6
const ARM_JOINTS = 14
const SHOULDER_R = SHOULDER_L + ARM_JOINTS
const LEG_L = SHOULDER_R + ARM_JOINTS
/** Knees are never quite straight. */
const STRAIGHT = (THIGH + SHIN) * 0.996
/** How low the hips are when nothing is asked: nobody dances on stiff legs. */
const EASY = 0.008

export class Figure {
  readonly joints = JOINTS

  /** Write the frame that begins at these places of the arrays of a `Motion`. */
  write(m: Moment, rotations: Float32Array, at: number, root: Float32Array, rootAt: number) {
    const c = m.carriage
    const face = m.face * RAD
    this.#pelvis(m, root, rootAt)
    fromAngles(rotations, at, c[HIP_LEAN]! * RAD, face + c[HIP_TURN]! * RAD, c[HIP_TILT]! * RAD)
    this.#trunk(m, rotations, at)
    this.#arm(m.left, c[SHRUG_L]!, c[POP]!, 1, rotations, at + SHOULDER_L * 4)
    this.#arm(m.right, c[SHRUG_R]!, c[POP]!, -1, rotations, at + SHOULDER_R * 4)
    this.#leg(m.feet[0], 1, m, rotations, at, root, rootAt)
    this.#leg(m.feet[1], -1, m, rotations, at, root, rootAt)
  }

  /** Where the hips are: as asked, but no higher than both legs reach. */
  #pelvis(m: Moment, root: Float32Array, rootAt: number) {
    const c = m.carriage
    const face = m.face * RAD
    const [sin, cos] = [Math.sin(face), Math.cos(face)]
    const [sway, push] = [c[SWAY]! / 100, c[PUSH]! / 100]
    const x = m.x + sway * cos + push * sin
    const z = m.z + push * cos - sway * sin
    fromAngles(hips, 0, c[HIP_LEAN]! * RAD, face + c[HIP_TURN]! * RAD, c[HIP_TILT]! * RAD)
    let y = 1 - EASY - c[DROP]! / 100
    for (let i = 0; i < 2; i++) {
      const sign = i === 0 ? 1 : -1
      const foot = m.feet[i]!
      ankleOf(foot, sign)
      vector[0] = sign * HIP_HALF
      vector[1] = vector[2] = 0
      rotate(vector, hips, 0)
      const flat = (x + vector[0] - ankle[0]!) ** 2 + (z + vector[2] - ankle[2]!) ** 2
      const top = ankle[1]! + Math.sqrt(Math.max(0.04, STRAIGHT ** 2 - flat)) - vector[1]
      // Softly, so that a leg that gets straight does not jerk the hips.
      const soft = 0.013
      const over = y - top
      y = top + over / 2 - Math.sqrt((over * over) / 4 + soft * soft)
    }
    root[rootAt] = x
    root[rootAt + 1] = Math.max(0.55, y)
    root[rootAt + 2] = z
  }

  #trunk(m: Moment, r: Float32Array, at: number) {
    const c = m.carriage
    // The trunk stays upright and turned to the front above moving hips; the head looks to the front above both.
    const lean = c[LEAN]! - 0.75 * c[HIP_LEAN]!
    const turn = c[TURN]! - 0.7 * c[HIP_TURN]!
    const tilt = c[TILT]! + 0.85 * c[HIP_TILT]!
    const pop = c[POP]!
    fromAngles(r, at + 4, (0.4 * lean + 0.45 * pop) * RAD, 0.3 * turn * RAD, -0.4 * tilt * RAD)
    fromAngles(r, at + 8, (0.35 * lean - 0.55 * pop) * RAD, 0.4 * turn * RAD, -0.35 * tilt * RAD)
    fromAngles(r, at + 12, (0.25 * lean - 0.6 * pop) * RAD, 0.3 * turn * RAD, -0.25 * tilt * RAD)
    const restTurn = turn + c[HIP_TURN]!
    const restTilt = tilt - c[HIP_TILT]!
    const nod = c[HEAD_LEAN]! - 0.6 * c[LEAN]! - 0.2 * c[HIP_LEAN]! + 0.6 * pop
    // In a turn the eyes stay with the audience for as long as they can.
    const spot = -32 * Math.sin(m.face * RAD)
    const look = limit(c[HEAD_TURN]! - 0.75 * restTurn + spot, 62)
    const side = limit(c[HEAD_TILT]! - 0.55 * restTilt, 28)
    fromAngles(r, at + 16, 0.4 * nod * RAD, 0.4 * look * RAD, -0.4 * side * RAD)
    fromAngles(r, at + 20, 0.6 * nod * RAD, 0.6 * look * RAD, -0.6 * side * RAD)
  }

  /** As the left arm; the right one is its mirror. */
  #arm(a: Float64Array, shrug: number, pop: number, sign: 1 | -1, r: Float32Array, at: number) {
    const front = limit(4 + a[FRONT]!, 170)
    // An arm that hangs beside the body stays off it; one that reaches forwards may cross it.
    const nearest = 9 - 0.55 * Math.max(0, Math.min(70, front - 20))
    const out = Math.min(172, nearest + soften(12 + a[OUT]! - nearest))
    const bend = Math.min(140, Math.max(4, 13 + a[BEND]!))
    // The shoulder goes with a raised arm.
    const raised = Math.max(0, out - 70) * 0.16 + Math.max(0, front - 70) * 0.1
    fromAngles(
      r,
      at,
      0,
      -sign * (0.12 * Math.max(0, front - 30) + 0.3 * pop) * RAD,
      sign * (shrug + raised) * RAD,
    )
    clear(r, at + 4)
    turnX(r, at + 4, -front * RAD)
    turnZ(r, at + 4, (out - raised * 0.8 - 90) * RAD)
    turnX(r, at + 4, -(a[TWIST]! + 4) * RAD)
    clear(r, at + 8)
    turnY(r, at + 8, -bend * RAD)
    turnX(r, at + 8, -limit(a[HAND]!, 85) * RAD)
    clear(r, at + 12)
    turnZ(r, at + 12, -(5 + limit(a[WRIST]!, 65)) * RAD)
    turnY(r, at + 12, -4 * RAD)
    if (sign < 0)
      for (let j = at + 4; j < at + 16; j += 4) {
        r[j + 1] = -r[j + 1]!
        r[j + 2] = -r[j + 2]!
      }
    this.#fingers(a[CURL]!, a[POINT]!, sign, r, at + 16)
  }

  #fingers(curl: number, point: number, sign: 1 | -1, r: Float32Array, at: number) {
    const thumb = (8 + curl * 0.35) * RAD
    fromAngles(r, at, 0, sign * 12 * RAD, 0)
    fromAngles(r, at + 4, 0, sign * thumb, 0)
    for (let finger = 0; finger < 4; finger++) {
      // The little finger is the most relaxed, the forefinger the least, or it points.
      const amount = Math.max(0, 10 + curl) * (0.78 + 0.09 * finger) * (finger === 0 ? 1 - 0.95 * point : 1)
      const bend = -sign * Math.min(88, amount) * RAD
      fromAngles(r, at + 8 + finger * 8, 0, 0, bend)
      fromAngles(r, at + 12 + finger * 8, 0, 0, bend * 1.15)
    }
  }

  /** Two-bone inverse kinematics; the knee looks where hips and foot look. */
  #leg(
    foot: FootAt,
    sign: 1 | -1,
    m: Moment,
    r: Float32Array,
    hipsAt: number,
    root: Float32Array,
    rootAt: number,
  ) {
    const at = hipsAt + (sign > 0 ? LEG_L : LEG_L + 4) * 4
    vector[0] = sign * HIP_HALF
    vector[1] = vector[2] = 0
    rotate(vector, r, hipsAt)
    ankleOf(foot, sign)
    for (let i = 0; i < 3; i++) reach[i] = ankle[i]! - root[rootAt + i]! - vector[i]!
    const full = Math.hypot(reach[0]!, reach[1]!, reach[2]!)
    const distance = Math.min(full, (THIGH + SHIN) * 0.9995)
    for (let i = 0; i < 3; i++) reach[i] = reach[i]! / full
    const cosine = (THIGH ** 2 + distance ** 2 - SHIN ** 2) / (2 * THIGH * distance)
    const bend = Math.acos(Math.min(1, Math.max(-1, cosine)))
    const way = m.face * RAD + m.carriage[HIP_TURN]! * RAD
    // Half-way, and never so far that it could be either way round.
    const knee = way + 0.5 * limit(Math.atan2(Math.sin(foot.yaw - way), Math.cos(foot.yaw - way)), 1.6)
    const [kneeX, kneeZ] = [Math.sin(knee), Math.cos(knee)]
    // The hinge: at right angles to the leg and to where the knee looks.
    hinge[0] = -kneeZ * reach[1]!
    hinge[1] = kneeZ * reach[0]! - kneeX * reach[2]!
    hinge[2] = kneeX * reach[1]!
    unit(hinge)
    // The thigh is the reach turned forwards about the hinge; bones point along -Y at rest.
    const [s, c] = [Math.sin(-bend), Math.cos(-bend)]
    thigh[0] = -(reach[0]! * c + (hinge[1] * reach[2]! - hinge[2] * reach[1]!) * s)
    thigh[1] = -(reach[1]! * c + (hinge[2] * reach[0]! - hinge[0] * reach[2]!) * s)
    thigh[2] = -(reach[2]! * c + (hinge[0] * reach[1]! - hinge[1] * reach[0]!) * s)
    for (let i = 0; i < 3; i++) shin[i] = -(reach[i]! * distance + thigh[i]! * THIGH)
    unit(shin)
    fromAxes(bones, 0, hinge, thigh)
    fromAxes(bones, 4, hinge, shin)
    fromAngles(bones, 8, foot.pitch, foot.yaw, 0)
    relative(r, at, r, hipsAt, bones, 0)
    relative(r, at + 4, bones, 0, bones, 4)
    relative(r, at + 8, bones, 4, bones, 8)
    // When the heel rises, the toes stay on the floor.
    fromAngles(r, at + 12, foot.carries > 0 || foot.pitch > 0 ? -Math.max(0, foot.pitch) * 0.9 : 0, 0, 0)
  }
}

/** Where the ankle is: a heel that rises takes it up and forwards, about the ball. */
const ankleOf = (foot: FootAt, sign: 1 | -1) => {
  const [s, c] = [Math.sin(foot.pitch), Math.cos(foot.pitch)]
  // From the ball to the ankle: (0, ANKLE, -BALL), pitched, then turned by the yaw.
  const up = ANKLE * c + BALL * s
  const along = BALL + ANKLE * s - BALL * c
  ankle[0] = sign * HIP_HALF + foot.x + along * Math.sin(foot.yaw)
  ankle[1] = foot.y + up
  ankle[2] = foot.z + along * Math.cos(foot.yaw)
}

/** Almost itself up to three quarters of the limit, then ever slower towards it. */
const limit = (value: number, most: number) => value / Math.sqrt(Math.sqrt(1 + (value / most) ** 4))
/** Itself when it is positive, near zero when it is not, without a corner. */
const soften = (value: number) => (value + Math.sqrt(value * value + 36)) / 2
const unit = (v: Float64Array) => {
  const length = Math.hypot(v[0]!, v[1]!, v[2]!) || 1
  v[0] = v[0]! / length
  v[1] = v[1]! / length
  v[2] = v[2]! / length
}

const vector = new Float64Array(3)
const hips = new Float64Array(4)
const ankle = new Float64Array(3)
const reach = new Float64Array(3)
const hinge = new Float64Array(3)
const thigh = new Float64Array(3)
const shin = new Float64Array(3)
const bones = new Float64Array(12)
