/** @file Points and directions as tuples: readable where the solver and the readers compute a few of them a frame. */

export type Vec = readonly [x: number, y: number, z: number]

export const X: Vec = [1, 0, 0]
export const Y: Vec = [0, 1, 0]
export const Z: Vec = [0, 0, 1]

export const add = (a: Vec, b: Vec): Vec => [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
export const sub = (a: Vec, b: Vec): Vec => [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
export const scale = (a: Vec, by: number): Vec => [a[0] * by, a[1] * by, a[2] * by]
export const mix = (a: Vec, b: Vec, t: number): Vec => add(scale(a, 1 - t), scale(b, t))
export const dot = (a: Vec, b: Vec) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
export const length = (a: Vec) => Math.hypot(a[0], a[1], a[2])
export const cross = (a: Vec, b: Vec): Vec => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
]

/** Of length 1; what has no direction takes the other's. */
export const unit = (a: Vec, otherwise: Vec = Y): Vec => {
  const size = length(a)
  return size > 1e-9 ? scale(a, 1 / size) : otherwise
}

/** What of `a` lies across `axis`, which is of length 1. */
export const across = (a: Vec, axis: Vec): Vec => sub(a, scale(axis, dot(a, axis)))

/** Radians between two directions of length 1; exact where the arc cosine is not. */
export const angleBetween = (a: Vec, b: Vec) => Math.atan2(length(cross(a, b)), dot(a, b))

/** The point at an index of a flat list of points. */
export const at = (points: ArrayLike<number>, index: number): Vec => [
  points[index * 3]!,
  points[index * 3 + 1]!,
  points[index * 3 + 2]!,
]
