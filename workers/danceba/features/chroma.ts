/** @file How loud each of the twelve pitch classes is (librosa's `chroma_cqt`). */
import { BINS_PER_OCTAVE, CQT_BINS } from './constant-q'
import { TINY } from './frames'

export const CHROMA = 12

/** From rows of 180 magnitudes rows of 12, from C on, the greatest of each 1; all 0 where nothing sounds. */
export const chroma = (magnitudes: Float64Array): Float64Array => {
  const frames = magnitudes.length / CQT_BINS
  const perClass = BINS_PER_OCTAVE / CHROMA
  const out = new Float64Array(frames * CHROMA)
  for (let t = 0; t < frames; t++) {
    const row = out.subarray(t * CHROMA, (t + 1) * CHROMA)
    for (let bin = 0; bin < CQT_BINS; bin++)
      row[Math.round((bin % BINS_PER_OCTAVE) / perClass) % CHROMA]! += magnitudes[t * CQT_BINS + bin]!
    const most = Math.max(...row)
    if (most >= TINY) for (let c = 0; c < CHROMA; c++) row[c]! /= most
  }
  return out
}
