/**
 * @file How much begins at each moment: the median over mel bands of what the percussive part rises by, in dB (librosa 0.8.1's
 * `onset_strength` with aggregate=median).
 */
import { framesIn, powers, spectra, type Grid, type Pace } from './frames'
import { decibels, type MelBank } from './mel'

/** A row of bands for each frame, in dB, not lower than 80 dB below the greatest of all. */
export const bandsOf = async (
  percussive: ArrayLike<number>,
  bank: MelBank,
  grid: Grid,
  pace: Pace,
): Promise<Float64Array> => {
  const sound = spectra(percussive, grid)
  const power = new Float64Array(sound.transform.bins)
  const rows = new Float64Array(framesIn(percussive.length, grid) * bank.bands)
  for (let t = 0; t < sound.frames; t++) {
    bank.apply(powers(sound.at(t), power), rows, t * bank.bands)
    await pace((t + 1) / sound.frames)
  }
  return decibels(rows, 'one')
}

/** One value a frame, 0 or more. A rise is written down half a window after the first frame that hears of it. */
export const onsetStrength = (bandsDb: Float64Array, bands: number, grid: Grid): Float64Array => {
  const out = new Float64Array(bandsDb.length / bands)
  const late = grid.window / grid.hop / 2
  const rises = new Float64Array(bands)
  for (let t = 1; t + late < out.length; t++) {
    for (let m = 0; m < bands; m++)
      rises[m] = Math.max(0, bandsDb[t * bands + m]! - bandsDb[(t - 1) * bands + m]!)
    rises.sort()
    out[t + late] = (rises[(bands - 1) >> 1]! + rises[bands >> 1]!) / 2
  }
  return out
}
