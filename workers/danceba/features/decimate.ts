/** @file Half the rate, for the lower octaves of the constant-Q transform. */
import { kaiser, sinc } from './kaiser'

/**
 * resampy 0.4.2's `kaiser_fast`: zero crossings on a side, cut-off as a part of the new Nyquist frequency, shape of the window.
 * Between rates of 2 to 1 it comes to a symmetric filter of 95 taps.
 */
const ZEROS = 24
const CUTOFF = 0.868212
const BETA = 9.90322
const REACH = 2 * ZEROS - 1

/** The middle first, then one side. As loud as before for a transform half as long: times √2 (librosa's `scale=True`). */
const TAPS = Float64Array.from(
  { length: REACH + 1 },
  (_, i) => Math.SQRT1_2 * CUTOFF * sinc((CUTOFF * i) / 2) * kaiser(i / (2 * ZEROS), BETA),
)

/** Every second sample of the low-passed sound; silence outside of it. Of an odd one the last is 0, as resampy leaves it. */
export const halved = (x: Float64Array): Float64Array => {
  const out = new Float64Array(Math.ceil(x.length / 2))
  for (let j = 0; j < x.length >> 1; j++) {
    const at = 2 * j
    let sum = TAPS[0]! * x[at]!
    if (at >= REACH && at + REACH < x.length)
      for (let i = 1; i <= REACH; i++) sum += TAPS[i]! * (x[at - i]! + x[at + i]!)
    else for (let i = 1; i <= REACH; i++) sum += TAPS[i]! * ((x[at - i] ?? 0) + (x[at + i] ?? 0))
    out[j] = sum
  }
  return out
}
