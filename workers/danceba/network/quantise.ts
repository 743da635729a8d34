/** @file 8-bit weights: symmetric, values that share a scale together: value = scale · (whole number in -127 … 127). */

const MOST = 127
/** The least of normal 32-bit numbers: below it a scale would be too coarse. */
const SMALLEST = 2 ** -126
/** Added and taken away it leaves a number rounded to the nearest whole one, ties to even (2^52 · 1.5). */
const ROUND = 6755399441055744

/** Of the values from `from` to `to`: the largest magnitude over 127. 1 where all are zero, or too small to have one. */
export const scaleOf = (values: Float32Array, from: number, to: number): number => {
  let most = 0
  for (let i = from; i < to; i++) {
    const size = Math.abs(values[i]!)
    if (size > most) most = size
  }
  const scale = Math.fround(most / MOST)
  return scale >= SMALLEST ? scale : 1
}

/** The values from `from` to `to` in whole steps of their scale, beside `zero`, to `into` from `at` on. */
export const quantise = (
  values: Float32Array,
  from: number,
  to: number,
  scale: number,
  into: Int8Array | Uint8Array,
  at: number,
  zero = 0,
): void => {
  const steps = 1 / scale
  for (let i = from, j = at; i < to; i++, j++) into[j] = values[i]! * steps + zero + ROUND - ROUND
}
