/** @file How far music is tuned from A = 440 Hz (librosa's `estimate_tuning` on the peaks that `piptrack` finds). */
import { GRID, powers, spectra, type Pace } from './frames'

/** Hz. Peaks below it are not looked at; nor are those from half of the rate or 4 kHz on. */
const LOWEST_HZ = 150
const HIGHEST_HZ = 4000
/** Peaks must be that loud, as a part of the loudest bin of their frame. */
const LOUD = 0.1
/** Four octaves below A = 440 Hz: where octaves are counted from. */
const ORIGIN_HZ = 27.5
/** Of one of the bins of an octave. */
const STEPS = 100

/**
 * In bins, of `binsPerOctave`: -0.5 to 0.49 in steps of 0.01. 0 where no pitch is heard.
 */
export const tuningOf = async (
  samples: ArrayLike<number>,
  rateHz: number,
  binsPerOctave: number,
  pace: Pace,
): Promise<number> => {
  const peaks = await peaksIn(samples, rateHz, pace)
  const loudness = Float64Array.from(peaks, ({ magnitude }) => magnitude).sort()
  const enough = medianOfSorted(loudness)
  const counts = new Uint32Array(STEPS)
  for (const { hz, magnitude } of peaks) {
    if (magnitude < enough) continue
    const bins = binsPerOctave * Math.log2(hz / ORIGIN_HZ)
    const within = bins - Math.floor(bins)
    counts[stepOf(within >= 0.5 ? within - 1 : within)]!++
  }
  return peaks.length ? edge(counts.indexOf(Math.max(...counts))) : 0
}

const edge = (step: number): number => (step - STEPS / 2) / STEPS

/** The step whose left edge is at or below, exactly: 100 x may round the other way. */
const stepOf = (part: number): number => {
  const step = Math.min(STEPS - 1, Math.floor((part + 0.5) * STEPS))
  if (part < edge(step)) return step - 1
  return step + 1 < STEPS && part >= edge(step + 1) ? step + 1 : step
}

const medianOfSorted = (x: Float64Array): number =>
  x.length ? (x[(x.length - 1) >> 1]! + x[x.length >> 1]!) / 2 : 0

interface Peak {
  readonly hz: number
  readonly magnitude: number
}

/** Of all frames: maxima over frequency, placed by the parabola through three bins. */
const peaksIn = async (samples: ArrayLike<number>, rateHz: number, pace: Pace): Promise<Peak[]> => {
  const sound = spectra(samples, GRID)
  const magnitude = new Float64Array(sound.transform.bins)
  const perBin = rateHz / GRID.window
  const first = Math.ceil(LOWEST_HZ / perBin)
  const end = Math.min(magnitude.length - 1, Math.ceil(Math.min(HIGHEST_HZ, rateHz / 2) / perBin))
  const peaks: Peak[] = []
  for (let t = 0; t < sound.frames; t++) {
    powers(sound.at(t), magnitude)
    let most = 0
    for (let k = 0; k < magnitude.length; k++) {
      magnitude[k] = Math.sqrt(magnitude[k]!)
      if (magnitude[k]! > most) most = magnitude[k]!
    }
    for (let k = first; k < end; k++) {
      const [before, here, after] = [magnitude[k - 1]!, magnitude[k]!, magnitude[k + 1]!]
      if (here <= most * LOUD || here <= before || here < after) continue
      const slope = (after - before) / 2
      const shift = slope / (2 * here - after - before)
      peaks.push({ hz: (k + shift) * perBin, magnitude: here + (slope * shift) / 2 })
    }
    await pace((t + 1) / sound.frames)
  }
  return peaks
}
