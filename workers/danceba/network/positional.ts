/** @file Which rhythm row is added to which row of a window, and what a row of a window may attend to. */
import { rhythmSource } from './phase'
import { STREAMS } from './shape'

/**
 * The rows that are added to a window of `t` frames, 3t × width, from those of its frames of phase: frames × heads × width.
 * All frames of the first head come first, then those of the second and the third, as far as there are rows, whatever
 * streams these belong to: only at 29 frames, the length of training, each head meets a stream of its own.
 */
export const positionalRows = (
  projected: Float32Array,
  frames: number,
  t: number,
): Float32Array<ArrayBuffer> => {
  const width = projected.length / (frames * STREAMS)
  const rows = new Float32Array(STREAMS * t * width)
  for (let row = 0; row < STREAMS * t; row++) {
    const { head, frame } = rhythmSource(row, frames)
    const from = (frame * STREAMS + head) * width
    rows.set(projected.subarray(from, from + width), row * width)
  }
  return rows
}

/** Added to scores: 0 where the column's frame is not after the row's, else so little that nothing is left. 3t × 3t. */
export const maskOf = (t: number): Float32Array<ArrayBuffer> => {
  const rows = STREAMS * t
  return Float32Array.from({ length: rows * rows }, (_, i) =>
    (i % rows) % t <= Math.floor(i / rows) % t ? 0 : -1e9,
  )
}
