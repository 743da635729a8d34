/**
 * @file How sound is cut into frames: centred on every hop-th sample, mirrored at its ends (librosa's `stft`, center=True,
 * pad_mode='reflect').
 */
import { fourier, type Fourier } from './fourier'

/** Hz. What the features are made at. */
export const RATE = 3840
/** How long frames are, and how far apart, in samples. */
export interface Grid {
  readonly window: number
  readonly hop: number
}

/** Of the features: 533 ms, 7.5 frames a second. At 30 720 Hz it is 67 ms, 60 frames a second. */
export const GRID: Grid = { window: 2048, hop: 512 }

/** The smallest normal float32: what librosa takes for zero. */
export const TINY = 1.1754943508222875e-38

export const framesIn = (samples: number, { hop } = GRID): number => 1 + Math.floor(samples / hop)

/** Periodic: the value at `n` would be 0 again. */
export const hann = (n: number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / n))

/** `reach` samples more at each end, mirrored without repeating the last; there must be more than `reach`. */
export const mirrored = (x: ArrayLike<number>, reach: number): Float64Array => {
  const out = new Float64Array(x.length + 2 * reach)
  const last = x.length - 1
  for (let i = 0; i < x.length; i++) out[reach + i] = x[i]!
  for (let i = 1; i <= reach; i++) {
    out[reach - i] = x[i]!
    out[reach + last + i] = x[last - i]!
  }
  return out
}

export interface Spectra {
  readonly frames: number
  readonly transform: Fourier
  /** The spectrum of a frame, 2 x bins values; overwritten by the next call. */
  readonly at: (frame: number) => Float64Array
}

/** Spectra of the frames of a sound, which must be longer than half a window. `shape`: of the window. */
export const spectra = (samples: ArrayLike<number>, grid: Grid, shape: 'hann' | 'flat' = 'hann'): Spectra => {
  const size = grid.window
  const padded = mirrored(samples, size / 2)
  const transform = fourier(size)
  const window = shape === 'hann' ? hann(size) : new Float64Array(size).fill(1)
  const frame = new Float64Array(size)
  return {
    frames: framesIn(samples.length, grid),
    transform,
    at: (number) => {
      const from = number * grid.hop
      for (let i = 0; i < size; i++) frame[i] = padded[from + i]! * window[i]!
      return transform.forward(frame)
    },
  }
}

/** What a long step awaits now and then, with its part that is done: it may let the thread breathe, or throw. */
export type Pace = (done: number) => Promise<void>

/** Squared magnitudes, written into `into`. */
export const powers = (spectrum: Float64Array, into: Float64Array): Float64Array => {
  for (let k = 0; k < into.length; k++) into[k] = spectrum[2 * k]! ** 2 + spectrum[2 * k + 1]! ** 2
  return into
}
