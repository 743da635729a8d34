/** @file Mel-frequency cepstral coefficients and their slopes (librosa's `mfcc` and `delta` with width 3). */
import { MELS } from './mel'

export const CEPSTRA = 20

/** The first 20 of the orthonormal DCT-II over 128 bands in dB, a row a frame; and the slopes of each over time. */
export const mfcc = (melDb: Float64Array): { cepstra: Float64Array; slopes: Float64Array } => {
  const frames = melDb.length / MELS
  const cosines = Float64Array.from({ length: CEPSTRA * MELS }, (_, i) => {
    const [c, m] = [Math.floor(i / MELS), i % MELS]
    return Math.sqrt((c === 0 ? 1 : 2) / MELS) * Math.cos((Math.PI * c * (m + 0.5)) / MELS)
  })
  const cepstra = new Float64Array(frames * CEPSTRA)
  for (let t = 0; t < frames; t++)
    for (let c = 0; c < CEPSTRA; c++) {
      let sum = 0
      for (let m = 0; m < MELS; m++) sum += melDb[t * MELS + m]! * cosines[c * MELS + m]!
      cepstra[t * CEPSTRA + c] = sum
    }
  return { cepstra, slopes: slopesOf(cepstra, CEPSTRA) }
}

/** Half the difference of both neighbours in time; the ends take their neighbour's. Three rows at least. */
const slopesOf = (rows: Float64Array, width: number): Float64Array => {
  const out = new Float64Array(rows.length)
  const last = rows.length - width
  for (let i = width; i < last; i++) out[i] = (rows[i + width]! - rows[i - width]!) / 2
  out.copyWithin(0, width, 2 * width)
  out.copyWithin(last, last - width, last)
  return out
}
