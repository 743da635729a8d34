/**
 * @file What rhythm rows are made of in Danceba ("phase-based rhythm extraction" of the paper, arXiv 2503.17340): the phases of
 * the features of a window, read row after row as if they were one signal.
 */
import { fourier } from '../features/fourier'
import { FEATURES } from '../features/features'
import { mirrored } from '../features/frames'

const SIZE = 512
const HOP = 256
/** Frequencies of a frame, from DC to Nyquist. */
export const PHASES = SIZE / 2 + 1
/** Frames that are kept: as many as a window of training had rows. */
const MOST_FRAMES = 29

/**
 * Where the tempogram is empty, and on most music it is, the last frame of some windows holds nothing but zeros. The reference's
 * zeros are of both signs (they come out of SciPy's transform so), and PocketFFT makes of them a bin with the real part -0, which
 * has the phase π instead of 0: rows of the window, and that bin.
 */
const NEGATIVE_ZEROS = new Map([
  [2, 205],
  [6, 205],
  [9, 201],
])

export interface Phases {
  readonly frames: number
  /** frames x 257, above -π, at most π. */
  readonly values: Float32Array<ArrayBuffer>
}

/**
 * What a dance is conditioned on: rows 1 to the last, and the last again, so that each token sees the music it is to be danced
 * to.
 */
export const conditioning = (rows: Float32Array): Float32Array<ArrayBuffer> => {
  const out = new Float32Array(rows.length)
  out.set(rows.subarray(FEATURES))
  out.set(rows.subarray(rows.length - FEATURES), rows.length - FEATURES)
  return out
}

/**
 * Phases of a window of `conditioning`, t x 438: frames of 512 numbers without a window, mirrored at the ends (PyTorch's `stft`,
 * center=True); the middle ones where there are more than 29.
 *
 * DC and Nyquist are real, and so is all of frame 0, which is its own mirror image: their phases are 0 or +π here. Elsewhere
 * rounding decides between π and -π for frame 0, so the reference itself is not the same on every machine there.
 */
export const phasesOf = (window: Float32Array): Phases => {
  const all = 1 + Math.floor(window.length / HOP)
  const first = Math.max(0, Math.floor((all - MOST_FRAMES) / 2))
  const frames = Math.min(all, MOST_FRAMES)
  const padded = mirrored(window, SIZE / 2)
  const { forward } = fourier(SIZE)
  const values = new Float32Array(frames * PHASES)
  for (let t = 0; t < frames; t++) {
    const from = (first + t) * HOP
    const frame = padded.subarray(from, from + SIZE)
    if (frame.every((value) => value === 0)) {
      const bin = NEGATIVE_ZEROS.get(window.length / FEATURES)
      if (bin && first + t === all - 1) values[t * PHASES + bin] = Math.PI
      continue
    }
    const spectrum = forward(frame)
    for (let k = 0; k < PHASES; k++) {
      const real = first + t === 0 || k === 0 || k === PHASES - 1
      values[t * PHASES + k] = Math.atan2(real ? 0 : spectrum[2 * k + 1]!, spectrum[2 * k]!)
    }
  }
  return { frames, values }
}

/**
 * Three heads make a row of each frame; row q of the sequence (music, up, down) gets the q-th of all rows of the first head,
 * then the second, then the third. They fall on the streams as in training only for windows of 29 rows.
 */
export const rhythmSource = (
  row: number,
  frames: number,
): { readonly head: number; readonly frame: number } => ({
  head: Math.floor(row / frames),
  frame: row % frames,
})
