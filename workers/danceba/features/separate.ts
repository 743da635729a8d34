/**
 * @file Harmonic and percussive parts of a sound: what stays in time against what spreads over frequencies (Fitzgerald,
 * "Harmonic/percussive separation using median filtering", 2010; librosa's `hpss`: kernel 31, soft masks of power 2).
 *
 * One pass with the spectra of 32 frames at hand: a spectrogram of the whole song is never held.
 */
import { GRID, TINY, framesIn, hann, powers, spectra, type Grid, type Pace } from './frames'
import { REACH, SPAN, exchange, mirrorIndex, slidingMedian } from './medians'

/** More than SPAN: frame t - 16 is still there when t + 15 comes. */
const KEPT = 32

export interface Separated {
  /** As long as the sound; their sum is the sound. */
  readonly harmonic: Float64Array
  readonly percussive: Float64Array
}

/** `hear` is given the powers of the bins of each frame of the whole sound, in order, to be used at once. */
export const separate = async (
  samples: ArrayLike<number>,
  pace: Pace,
  { grid = GRID, hear }: { grid?: Grid; hear?: (power: Float64Array, frame: number) => void } = {},
): Promise<Separated> => {
  const sound = spectra(samples, grid)
  const { frames, transform } = sound
  const kept = Array.from({ length: Math.min(KEPT, frames) }, () => ({
    spectrum: new Float64Array(2 * transform.bins),
    magnitude: new Float64Array(transform.bins),
  }))
  const slot = (frame: number) => kept[frame % KEPT]!
  const analyse = (frame: number) => {
    const { spectrum, magnitude } = slot(frame)
    spectrum.set(sound.at(frame))
    powers(spectrum, magnitude)
    hear?.(magnitude, frame)
    for (let k = 0; k < magnitude.length; k++) magnitude[k] = Math.sqrt(magnitude[k]!)
  }
  const steady = mediansOverTime(transform.bins, (frame) => slot(mirrorIndex(frame, frames)).magnitude)
  const broad = new Float64Array(transform.bins)
  const harmonic = overlapAdd(samples.length, grid)
  let ready = 0
  for (let t = 0; t < frames; t++) {
    while (ready < Math.min(frames, t + REACH + 1)) analyse(ready++)
    const { spectrum, magnitude } = slot(t)
    slidingMedian(magnitude, broad)
    mask(spectrum, steady(t), broad)
    harmonic.add(t, transform.inverse(spectrum))
    await pace((t + 1) / frames)
  }
  return parts(samples, harmonic.sum())
}

/** What is not harmonic is percussive: the masks add up to 1, and the transform is linear. */
const parts = (samples: ArrayLike<number>, harmonic: Float64Array): Separated => ({
  harmonic,
  percussive: harmonic.map((value, i) => samples[i]! - value),
})

/** For each bin the median over the frames t - 15 to t + 15; to be asked for every t in order. */
const mediansOverTime = (bins: number, magnitudes: (frame: number) => Float64Array) => {
  const sorted = new Float64Array(bins * SPAN)
  const medians = new Float64Array(bins)
  const fill = () => {
    for (let i = 0; i < SPAN; i++) {
      const magnitude = magnitudes(i - REACH)
      for (let k = 0; k < bins; k++) sorted[k * SPAN + i] = magnitude[k]!
    }
    for (let k = 0; k < bins; k++) sorted.subarray(k * SPAN, (k + 1) * SPAN).sort()
  }
  return (t: number): Float64Array => {
    if (t === 0) fill()
    else {
      const go = magnitudes(t - REACH - 1)
      const come = magnitudes(t + REACH)
      for (let k = 0; k < bins; k++) exchange(sorted, k * SPAN, go[k]!, come[k]!)
    }
    for (let k = 0; k < bins; k++) medians[k] = sorted[k * SPAN + REACH]!
    return medians
  }
}

/** Leave in a spectrum what belongs to the steady part: its share of the squares. Half, where there is nothing at all. */
const mask = (spectrum: Float64Array, steady: Float64Array, broad: Float64Array): void => {
  for (let k = 0; k < broad.length; k++) {
    const most = Math.max(steady[k]!, broad[k]!)
    const [ours, theirs] = most < TINY ? [1, 1] : [(steady[k]! / most) ** 2, (broad[k]! / most) ** 2]
    const share = ours / (ours + theirs)
    spectrum[2 * k]! *= share
    spectrum[2 * k + 1]! *= share
  }
}

/** A sound of `length` samples from its frames, each windowed once more (librosa's `istft`). */
const overlapAdd = (length: number, grid: Grid) => {
  const { window: size, hop } = grid
  const window = hann(size)
  const out = new Float64Array(length + size)
  return {
    add: (frame: number, samples: Float64Array): void => {
      const from = frame * hop
      for (let i = 0; i < size; i++) out[from + i]! += samples[i]! * window[i]!
    },
    /** By the sum of the squared windows, without the mirrored ends. */
    sum: (): Float64Array => {
      const weights = new Float64Array(out.length)
      for (let t = 0; t < framesIn(length, grid); t++)
        for (let i = 0; i < size; i++) weights[t * hop + i]! += window[i]! ** 2
      for (let i = 0; i < out.length; i++) if (weights[i]! > TINY) out[i]! /= weights[i]!
      return out.slice(size / 2, size / 2 + length)
    },
  }
}
