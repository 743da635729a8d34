/** @file Which rhythm row is added to which row of a window, and what a row of a window may attend to. */
import { rhythmSource } from './phase'
import { STREAMS } from './shape'

/** Rhythm rows of a window before they are put in order: frames × heads × width. */
export interface RhythmRows {
  readonly projected: Float32Array
  readonly frames: number
}

/**
 * The rows that are added to a window of `t` frames, 3t × width, from those of its frames of phase.
 * All frames of the first head come first, then those of the second and the third, as far as there are rows, whatever
 * streams these belong to: only at 29 frames, the length of training, each head meets a stream of its own.
 */
export const positionalRows = ({ projected, frames }: RhythmRows, t: number): Float32Array<ArrayBuffer> => {
  const width = projected.length / (frames * STREAMS)
  const rows = new Float32Array(STREAMS * t * width)
  for (let row = 0; row < STREAMS * t; row++) {
    const { head, frame } = rhythmSource(row, frames)
    const from = (frame * STREAMS + head) * width
    rows.set(projected.subarray(from, from + width), row * width)
  }
  return rows
}

/** Of rows of `t` frames of each stream, those of the last `count`. */
export const lastRows = (
  rows: Float32Array<ArrayBuffer>,
  t: number,
  count: number,
): Float32Array<ArrayBuffer> => {
  const width = rows.length / (STREAMS * t)
  const out = new Float32Array(STREAMS * count * width)
  for (let stream = 0; stream < STREAMS; stream++) {
    const end = (stream + 1) * t * width
    out.set(rows.subarray(end - count * width, end), stream * count * width)
  }
  return out
}

/** As in training: each stream has its own head, and frame i of the chunk its i-th row. Those of `t` frames from `from` on, 3t × width. */
export const alignedRows = (
  { projected, frames }: RhythmRows,
  from: number,
  t: number,
): Float32Array<ArrayBuffer> => {
  const width = projected.length / (frames * STREAMS)
  const rows = new Float32Array(STREAMS * t * width)
  for (let head = 0; head < STREAMS; head++)
    for (let i = 0; i < t; i++) {
      const at = ((from + i) * STREAMS + head) * width
      rows.set(projected.subarray(at, at + width), (head * t + i) * width)
    }
  return rows
}

/**
 * Added to scores: 0 where the column's frame is not after the row's, else so little that nothing is left. 3t × 3(past + t):
 * first come the columns of earlier frames, in any order, for they are before all rows.
 */
export const maskOf = (t: number, past = 0): Float32Array<ArrayBuffer> => {
  const rows = STREAMS * t
  const before = STREAMS * past
  const columns = before + rows
  return Float32Array.from({ length: rows * columns }, (_, i) => {
    const column = (i % columns) - before
    return column < 0 || column % t <= Math.floor(i / columns) % t ? 0 : -1e9
  })
}
