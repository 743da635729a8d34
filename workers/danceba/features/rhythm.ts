/**
 * @file What begins when, in frames of the features.
 *
 * The reference is blind to dense music. Its bands reach up to 11 025 Hz whatever the rate (as librosa's did before 0.9), so at
 * 3840 Hz half of the 128 are empty, and a median of which half is 0 is half of the least of the others: something begins only
 * where all 64 live bands rise at once. Most songs have no onset at all, no beat, and an empty tempogram. That is what the
 * published model was trained on, and the default.
 *
 * `corrected` is a deviation from it: the same steps as the reference's, but with the median over the live bands, and at 60
 * frames a second, where a drum does not drown in half a second of chords; then gathered in frames of the features.
 */
import { beatsOf, type Beats } from './beats'
import { GRID, RATE, framesIn, type Grid, type Pace } from './frames'
import { melBank } from './mel'
import { bandsOf, onsetStrength } from './onset'
import { separate } from './separate'

export type RhythmKind = 'reference' | 'corrected'

export interface Rhythm extends Beats {
  /** One value a frame, 0 or more. */
  readonly onset: Float64Array
}

/** Hz. Up to where the bands reach. */
const TOP_HZ = 11_025
/** Of the corrected one: 133 ms, 60 frames a second, which are eight to one of the features'. */
const FINE: Grid = { window: 512, hop: 64 }
const FINE_FRAMES = GRID.hop / FINE.hop

/** The reference's, from the percussive part: at RATE its 7.5 frames a second, at 30 720 Hz its 60. */
export const referenceRhythm = async (
  percussive: ArrayLike<number>,
  rateHz: number,
  pace: Pace,
): Promise<Rhythm> => {
  const bank = melBank(rateHz, TOP_HZ)
  const onset = onsetStrength(await bandsOf(percussive, bank, GRID, pace), bank.bands, GRID)
  return { onset, ...beatsOf(onset, rateHz / GRID.hop) }
}

/** From the whole sound at RATE. Onsets are the dB gained since the frame before, as the reference's are. */
export const correctedRhythm = async (samples: ArrayLike<number>, pace: Pace): Promise<Rhythm> => {
  const { percussive } = await separate(samples, (done) => pace(0.7 * done), { grid: FINE })
  const bank = melBank(RATE, TOP_HZ, FINE.window, 'live')
  const bands = await bandsOf(percussive, bank, FINE, (done) => pace(0.7 + 0.3 * done))
  const fine = onsetStrength(bands, bank.bands, FINE)
  const onset = new Float64Array(framesIn(samples.length))
  const coarse = (frame: number) => Math.min(onset.length - 1, Math.round(frame / FINE_FRAMES))
  fine.forEach((value, frame) => (onset[coarse(frame)]! += value))
  const { tempoBpm, frames } = beatsOf(fine, RATE / FINE.hop)
  return { onset, tempoBpm, frames: [...new Set(frames.map(coarse))] }
}
