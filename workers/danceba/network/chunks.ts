/**
 * @file The loop that composes fast, an approximation of `decode`: frames are computed once and kept, as long as the window grows.
 *
 * Exact steps see their window anew, because the rhythm rows of all its frames change with each step; 28 frames are computed for
 * one. Here a chunk, as long as a window of training (29 frames), gets the rhythm rows of its own music, also of what is still
 * to come, each stream its own head: what every window of training had, and no exact step has. They stay the same for the whole
 * chunk, so that keys, values and states of its frames do, too: a step computes one frame (of music, upper and lower body)
 * behind those of the steps before. When a window is full, the next one begins with `overlap` of its frames, computed at
 * once. That is the schedule of exact steps whose windows are cut (`sampleShift`): where a generator does not listen to
 * its rhythm rows (a position scale of 0), the codes are those of the reference with that shift.
 *
 * Rows of music cannot be computed ahead of the others: from the second block on they have heard what was danced.
 *
 * Lossless speculation (guess with this, have exact steps verify several guesses at once) was weighed, too. All windows that are
 * verified are different, so a batch of them costs the arithmetic of as many exact steps: a processor, which has none to
 * spare in one, gains nothing, and a GPU only what it idles at 84 rows.
 */
import { choosing, WINDOW, type DecodeOptions, type Pair, type Predictor } from './decode'
import type { Chunk } from './network'
import { phasesOf } from './phase'

/** Rows of music that rhythm rows are made of: a window of training. */
const TRAINED = 29

/** Frames that a chunk takes over from the one before. */
const OVERLAP = 14

/** What composing in chunks needs of the network. */
export interface ChunkPredictor {
  readonly shape: Predictor['shape']
  chunk(phase: Float32Array): Promise<Chunk>
}

/** The frames of music whose phases all frames of a chunk share; beyond the end the last one stays. */
const musicOf = (music: Float32Array, first: number, width: number): Float32Array<ArrayBuffer> => {
  const out = new Float32Array(TRAINED * width)
  const last = music.length / width - 1
  for (let i = 0; i < TRAINED; i++) {
    const at = Math.min(first + i, last) * width
    out.set(music.subarray(at, at + width), i * width)
  }
  return out
}

/**
 * As `decode`, of a network whose scans keep states. `sampleShift` is the overlap of chunks, and has a default of its own: 28, or
 * without, is `OVERLAP`.
 */
export async function* composeChunks(
  signal: AbortSignal,
  network: ChunkPredictor,
  music: Float32Array,
  options: DecodeOptions,
  phases: (music: Float32Array) => Float32Array = (heard) => phasesOf(heard).values,
): AsyncGenerator<Pair> {
  const { music: width } = network.shape
  const { sampleShift = WINDOW } = options
  const shift = sampleShift === WINDOW ? OVERLAP : sampleShift
  let chunk: Chunk | undefined
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
        chunk = await network.chunk(phases(musicOf(music, first, width)))
        began = done = first
      }
      const from = done
      done = end
      return chunk.next({
        music: music.subarray(from * width, end * width),
        up: up.slice(from - first),
        down: down.slice(from - first),
      })
    },
  )
}
