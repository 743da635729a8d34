/** @file Rotations as unit quaternions (x, y, z, w): tuples, and slerp on flat arrays for what runs in every frame. */
import { across, cross, dot, unit, X, Z, type Vec } from './vector'

export type Quat = readonly [x: number, y: number, z: number, w: number]

export const IDENTITY: Quat = [0, 0, 0, 1]

/** First `b`, then `a`. */
export const multiply = (a: Quat, b: Quat): Quat => [
  a[3] * b[0] + a[0] * b[3] + a[1] * b[2] - a[2] * b[1],
  a[3] * b[1] - a[0] * b[2] + a[1] * b[3] + a[2] * b[0],
  a[3] * b[2] + a[0] * b[1] - a[1] * b[0] + a[2] * b[3],
  a[3] * b[3] - a[0] * b[0] - a[1] * b[1] - a[2] * b[2],
]

export const inverse = (q: Quat): Quat => [-q[0], -q[1], -q[2], q[3]]

export const normalize = (q: Quat): Quat => {
  const size = Math.hypot(q[0], q[1], q[2], q[3])
  return size > 1e-9 ? [q[0] / size, q[1] / size, q[2] / size, q[3] / size] : IDENTITY
}

/** v + 2w(u × v) + 2u × (u × v), with u the vector part. */
export const rotate = (q: Quat, v: Vec): Vec => {
  const tx = 2 * (q[1] * v[2] - q[2] * v[1])
  const ty = 2 * (q[2] * v[0] - q[0] * v[2])
  const tz = 2 * (q[0] * v[1] - q[1] * v[0])
  return [
    v[0] + q[3] * tx + q[1] * tz - q[2] * ty,
    v[1] + q[3] * ty + q[2] * tx - q[0] * tz,
    v[2] + q[3] * tz + q[0] * ty - q[1] * tx,
  ]
}

/** About an axis of length 1. */
export const turn = (axis: Vec, radians: number): Quat => {
  const sine = Math.sin(radians / 2)
  return [axis[0] * sine, axis[1] * sine, axis[2] * sine, Math.cos(radians / 2)]
}

/** The shortest way from one direction to another, both of length 1. */
export const arc = (from: Vec, to: Vec): Quat => {
  const w = 1 + dot(from, to)
  if (w > 1e-7) return normalize([...cross(from, to), w])
  // Opposite directions: half a turn about any axis across them.
  return turn(unit(cross(from, Math.abs(from[0]) < 0.9 ? X : Z)), Math.PI)
}

/** The rotation that brings `alongRest` to `along` exactly, and `sideRest` as near to `side` as that allows. */
export const align = (alongRest: Vec, sideRest: Vec, along: Vec, side: Vec): Quat =>
  normalize(multiply(frame(along, side), inverse(frame(alongRest, sideRest))))

/** The rotation whose y axis is `along` and whose x axis is nearest to `side`. */
export const frame = (along: Vec, side: Vec): Quat => {
  const y = unit(along)
  const x = unit(across(side, y), unit(cross(Math.abs(y[2]) < 0.9 ? Z : X, y)))
  return fromAxes(x, y, cross(x, y))
}

/** Of the rotation matrix with these columns (Shepperd's method: divide by the largest component). */
export const fromAxes = (x: Vec, y: Vec, z: Vec): Quat => {
  const trace = x[0] + y[1] + z[2]
  if (trace > 0) {
    const s = 2 * Math.sqrt(trace + 1)
    return [(y[2] - z[1]) / s, (z[0] - x[2]) / s, (x[1] - y[0]) / s, s / 4]
  }
  if (x[0] > y[1] && x[0] > z[2]) {
    const s = 2 * Math.sqrt(1 + x[0] - y[1] - z[2])
    return [s / 4, (y[0] + x[1]) / s, (z[0] + x[2]) / s, (y[2] - z[1]) / s]
  }
  if (y[1] > z[2]) {
    const s = 2 * Math.sqrt(1 + y[1] - x[0] - z[2])
    return [(y[0] + x[1]) / s, s / 4, (z[1] + y[2]) / s, (z[0] - x[2]) / s]
  }
  const s = 2 * Math.sqrt(1 + z[2] - x[0] - y[1])
  return [(z[0] + x[2]) / s, (z[1] + y[2]) / s, s / 4, (x[1] - y[0]) / s]
}

/** Radians of the turn that is left between two rotations. */
export const angle = (a: Quat, b: Quat) => {
  const [x, y, z, w] = multiply(inverse(a), b)
  return 2 * Math.atan2(Math.hypot(x, y, z), Math.abs(w))
}

export const slerp = (a: Quat, b: Quat, t: number): Quat => {
  slerpInto(scratch, 0, a, 0, b, 0, t)
  return [scratch[0]!, scratch[1]!, scratch[2]!, scratch[3]!]
}

/** The mean of rotations that lie near each other: the sum of their quaternions, each on the half that agrees. */
export const mean = (all: Iterable<readonly [Quat, number]>): Quat => {
  const sum = [0, 0, 0, 0]
  for (const [q, weight] of all) {
    const sign = q[0] * sum[0]! + q[1] * sum[1]! + q[2] * sum[2]! + q[3] * sum[3]! < 0 ? -weight : weight
    for (let i = 0; i < 4; i++) sum[i]! += sign * q[i]!
  }
  return normalize([sum[0]!, sum[1]!, sum[2]!, sum[3]!])
}

/** The shorter way round between two rotations in flat arrays. No allocation. */
export const slerpInto = (
  into: Float32Array | Float64Array,
  offset: number,
  a: ArrayLike<number>,
  aOffset: number,
  b: ArrayLike<number>,
  bOffset: number,
  t: number,
): void => {
  let cosine = 0
  for (let i = 0; i < 4; i++) cosine += a[aOffset + i]! * b[bOffset + i]!
  const sign = cosine < 0 ? -1 : 1
  cosine *= sign
  let fromShare = 1 - t
  let toShare = t
  // Nearly equal ones: the sine vanishes, and a straight line is as good.
  if (cosine < 0.9999) {
    const radians = Math.acos(cosine)
    fromShare = Math.sin((1 - t) * radians) / Math.sin(radians)
    toShare = Math.sin(t * radians) / Math.sin(radians)
  }
  toShare *= sign
  let size = 0
  for (let i = 0; i < 4; i++) {
    const value = fromShare * a[aOffset + i]! + toShare * b[bOffset + i]!
    into[offset + i] = value
    size += value * value
  }
  const by = size > 0 ? 1 / Math.sqrt(size) : 0
  for (let i = 0; i < 4; i++) into[offset + i]! *= by
}

const scratch = new Float64Array(4)

/** The rotation at an index of a flat list of rotations. */
export const quatAt = (rotations: ArrayLike<number>, index: number): Quat => [
  rotations[index * 4]!,
  rotations[index * 4 + 1]!,
  rotations[index * 4 + 2]!,
  rotations[index * 4 + 3]!,
]
