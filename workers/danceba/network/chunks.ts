/**
 * @file The loop that composes fast, an approximation of `decode`: frames are computed once and kept, as long as the window grows.
 *
 * Exact steps see their window anew, because the rhythm rows of all its frames change with each step: 28 frames are computed for
 * one. Here a frame (of music, upper and lower body) is computed behind those of the steps before, whose keys, values and
 * states stay as they are. When a window is full, the next one begins with some of its frames, computed at once. That is the
 * schedule of exact steps whose windows are cut (`sampleShift`). Which rhythm rows frames have is the approximation:
 *
 * - `of-steps`: a frame keeps the rows that it has in the window of the exact step that is the first to see it (or, of those that
 *   a window begins with, in the window of the exact step that is taken then). What is read is then as exact as what it
 *   attends to; only the frames behind it are as they were. The first step is an exact one.
 * - `of-training`: all frames have the rows of one window of 29 frames, also of music that is still to come, each stream
 *   its own head: what every window of training had, and no exact step has.
 *
 * Where a generator does not listen to its rhythm rows (a position scale of 0), both give the codes of the reference with that
 * shift. Where it does, the first is nearer to exact steps. With generated weights, of the codes of steps that follow the exact
 * codes, so many are the exact ones, or have these among the ten likeliest of 512 (`of-training` in brackets):
 *
 * - scale 0.1, one block of each kind: 18 and 53 % (5 and 21), two: 13 and 38 % (3 and 13), all six: 8 and 16 % (0 and 5);
 * - scale 0.01, two blocks: 46 and 73 % (47 and 76).
 *
 * Rows of music cannot be computed ahead of the others: from the second block on they have heard what was danced.
 *
 * Lossless speculation (guess with this, have exact steps verify several guesses at once) was weighed, too. All windows that are
 * verified are different, so a batch of them costs the arithmetic of as many exact steps: a processor, which has none to
 * spare in one, gains nothing, and a GPU only what it idles at 84 rows.
 */
import { rhythmAhead, type RhythmSource } from './ahead'
import { choosing, stepsOf, WINDOW, windowOf, type DecodeOptions, type Pair, type Predictor } from './decode'
import { TRAINED, type Chunk } from './network'
import { phasesOf } from './phase'

/** Frames that a chunk takes over from the one before. */
const OVERLAP = 14

/** What composing in chunks needs of the network. */
export interface ChunkPredictor extends RhythmSource {
  readonly shape: Predictor['shape']
  chunk(phase?: Float32Array): Promise<Pick<Chunk, 'next'>>
}

export interface ChunkOptions extends DecodeOptions {
  /** `of-steps` without. */
  readonly rhythm?: 'of-steps' | 'of-training'
}

/**
 * As `decode`, of a network whose scans keep states. `sampleShift` is how many frames a chunk takes over from the one before, and
 * has a default of its own: 28, or without, is 14.
 */
export async function* composeChunks(
  signal: AbortSignal,
  network: ChunkPredictor,
  music: Float32Array,
  { rhythm = 'of-steps', ...options }: ChunkOptions,
  phases: (music: Float32Array) => Float32Array = (heard) => phasesOf(heard).values,
): AsyncGenerator<Pair> {
  const { music: width } = network.shape
  const { sampleShift = WINDOW } = options
  const shift = sampleShift === WINDOW ? OVERLAP : sampleShift
  // Those of the windows of exact steps.
  const rows = rhythmAhead(network, stepsOf(music.length / width, options), (k) =>
    phases(music.subarray(windowOf(k).first * width, (k + 1) * width)),
  )
  let chunk: Pick<Chunk, 'next'> | undefined
  let began = -1
  let done = 0
  yield* choosing(
    signal,
    network.shape,
    music,
    { ...options, sampleShift: shift },
    async (first, { up, down }) => {
      const end = first + up.length
      if (!chunk || first !== began) {
        chunk = await network.chunk(rhythm === 'of-training' ? phases(ahead(music, first, width)) : undefined)
        began = done = first
      }
      const from = done
      done = end
      return chunk.next({
        music: music.subarray(from * width, end * width),
        ...{ up: up.slice(from - first), down: down.slice(from - first) },
        ...(rhythm === 'of-steps' && { rhythm: { rows: await rows(end - 1), t: windowOf(end - 1).t } }),
      })
    },
  )
}

/** A window of training; beyond the end of the music the last frame stays. */
const ahead = (music: Float32Array, first: number, width: number): Float32Array<ArrayBuffer> => {
  const out = new Float32Array(TRAINED * width)
  const last = music.length / width - 1
  for (let i = 0; i < TRAINED; i++) {
    const at = Math.min(first + i, last) * width
    out.set(music.subarray(at, at + width), i * width)
  }
  return out
}
