/** @file How much a curve of onsets repeats itself after so many frames, near each moment (librosa's `tempogram`). */
import { fourier } from './fourier'
import { TINY, hann } from './frames'

/**
 * For every frame the autocorrelation of the curve in a Hann window of `lags` (even) around it, by its greatest value. `visit`
 * gets the lags 0 to lags - 1, to be used at once; frames in which all is 0 are not visited.
 */
export const tempogram = (
  onset: ArrayLike<number>,
  lags: number,
  visit: (row: Float64Array, frame: number) => void,
): void => {
  const padded = ramped(onset, lags / 2)
  const window = hann(lags)
  const transform = fourier(2 ** Math.ceil(Math.log2(2 * lags)))
  const frame = new Float64Array(transform.size)
  const row = new Float64Array(lags)
  for (let t = 0; t < onset.length; t++) {
    let heard = false
    for (let i = 0; i < lags; i++) {
      frame[i] = padded[t + i]! * window[i]!
      heard ||= frame[i] !== 0
    }
    if (!heard) continue
    const spectrum = transform.forward(frame)
    for (let k = 0; k < spectrum.length; k += 2) {
      spectrum[k] = spectrum[k]! ** 2 + spectrum[k + 1]! ** 2
      spectrum[k + 1] = 0
    }
    row.set(transform.inverse(spectrum).subarray(0, lags))
    let most = 0
    for (const value of row) most = Math.max(most, Math.abs(value))
    if (most >= TINY) for (let i = 0; i < lags; i++) row[i]! /= most
    visit(row, t)
  }
}

/** With `reach` values more at each end, on a line from or to 0. */
const ramped = (x: ArrayLike<number>, reach: number): Float64Array => {
  const out = new Float64Array(x.length + 2 * reach)
  out.set(x, reach)
  for (let i = 0; i < reach; i++) {
    out[i] = (x[0]! * i) / reach
    out[reach + x.length + i] = (x[x.length - 1]! * (reach - 1 - i)) / reach
  }
  return out
}
