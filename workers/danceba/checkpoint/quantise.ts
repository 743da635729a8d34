/** @file 8-bit weights: symmetric, a scale for every output channel (see layout). */

const MOST = 127
/** Added and taken away it leaves a number rounded to the nearest whole one, ties to even (2^52 * 1.5). */
const ROUND = 6755399441055744

/** The least of normal 32-bit numbers: below it a scale would be too coarse. */
const SMALLEST = 2 ** -126

/**
 * One scale a channel. The numbers are (..., channels, inner): channel of the element i is floor(i / inner) mod channels.
 * A channel of zeros, or of numbers so small that their scale would be none, gets 1.
 */
export const scalesOf = (
  numbers: Float32Array,
  channels: number,
  inner: number,
): Float32Array<ArrayBuffer> => {
  const scales = new Float32Array(channels)
  for (let from = 0, channel = 0; from < numbers.length; from += inner, channel++) {
    if (channel === channels) channel = 0
    let most = scales[channel]!
    for (let i = from; i < from + inner; i++) {
      const size = Math.abs(numbers[i]!)
      if (size > most) most = size
    }
    scales[channel] = most
  }
  return scales.map((most) => (most / MOST >= SMALLEST ? most / MOST : 1))
}

/** Whole numbers in -127...127. */
export const quantise = (
  numbers: Float32Array,
  scales: Float32Array,
  inner: number,
): Int8Array<ArrayBuffer> => {
  const whole = new Int8Array(numbers.length)
  for (let from = 0, channel = 0; from < numbers.length; from += inner, channel++) {
    if (channel === scales.length) channel = 0
    const steps = 1 / scales[channel]!
    for (let i = from; i < from + inner; i++) whole[i] = numbers[i]! * steps + ROUND - ROUND
  }
  return whole
}
