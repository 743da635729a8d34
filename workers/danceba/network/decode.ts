/**
 * @file The loop that composes: a window of music and codes in, the next code of each half of the body out, and on. It is that of
 * Bailando (Siyao et al. 2022), whose generator Danceba replaces.
 */
import { choose, randomOf } from '../../runtime/sampling'
import { Fault } from '../../../src/shared/fault'
import { rhythmAhead, type RhythmSource } from './ahead'
import type { Logits, Prepared } from './network'
import { phasesOf } from './phase'
import type { Shape } from './shape'

/** A code for the upper half of the body and one for the lower: eight frames of 60 a second. */
export interface Pair {
  readonly up: number
  readonly down: number
}

/** How many frames of music and codes the generator sees at most. */
export const WINDOW = 28

export interface DecodeOptions {
  /** The codes that everything begins with. */
  readonly start: Pair
  /** To how many frames a full window is cut, from which it grows again; 28, or without: none is cut, it moves on by one. */
  readonly sampleShift?: number
  /** How many codes to compose at most, those of the start not counted; without, as many as there is music. */
  readonly length?: number
  /** 0, or without: always the likeliest, the reference's own way. */
  readonly temperature?: number
  /** To draw only among so many of the likeliest; 0 for all. */
  readonly topK?: number
  readonly seed?: number
}

/** What decoding needs of the network. */
export interface Predictor extends RhythmSource {
  readonly shape: Pick<Shape, 'codes' | 'music'>
  logits(window: Prepared): Promise<Logits>
}

/** The frames that step `k` sees: from `first` on, `t` of them; the last one is `k`. */
export const windowOf = (k: number, sampleShift = WINDOW): { readonly first: number; readonly t: number } => {
  const t = k < WINDOW ? k + 1 : sampleShift + modulo(k - WINDOW - 1, WINDOW + 1 - sampleShift)
  return { first: k + 1 - t, t }
}

const modulo = (value: number, by: number) => ((value % by) + by) % by

/**
 * Pairs of codes, the start first, then one for each frame of music: `music` is `conditioning`'s. Between
 * two of them it can be stopped. Throws `bad-input` for options that make no sense.
 */
export async function* decode(
  signal: AbortSignal,
  network: Predictor,
  music: Float32Array,
  options: DecodeOptions,
): AsyncGenerator<Pair> {
  const { music: width } = network.shape
  const seen = (k: number) => {
    const { first } = windowOf(k, options.sampleShift)
    return music.subarray(first * width, (k + 1) * width)
  }
  const steps = stepsOf(music.length / width, options)
  const rhythm = rhythmAhead(network, steps, (k) => phasesOf(seen(k)).values)
  yield* choosing(signal, network.shape, music, options, async (first, codes) => {
    const k = first + codes.up.length - 1
    return network.logits({ music: seen(k), ...codes, rhythm: await rhythm(k) })
  })
}

/** Logits of the code behind a window whose first frame, and whose codes these are. */
export type Predict = (first: number, codes: Pick<Prepared, 'up' | 'down'>) => Promise<Logits>

/** How many codes are composed to so many frames of music. */
export const stepsOf = (frames: number, { length = Infinity }: Pick<DecodeOptions, 'length'>): number =>
  Math.min(length, frames)

/** The loop itself: as `decode`, whatever foretells. */
export async function* choosing(
  signal: AbortSignal,
  shape: Predictor['shape'],
  music: Float32Array,
  options: DecodeOptions,
  predict: Predict,
): AsyncGenerator<Pair> {
  const { start, sampleShift = WINDOW, temperature = 0, topK = 0, seed } = options
  if (!Number.isInteger(sampleShift) || sampleShift < 1 || sampleShift > WINDOW)
    throw new Fault('bad-input', `a window cannot be cut to ${sampleShift} frames: 1 to ${WINDOW}`, {
      detail: { what: 'sample-shift' },
    })
  const { codes, music: width } = shape
  for (const code of [start.up, start.down])
    if (!Number.isInteger(code) || code < 0 || code >= codes)
      throw new Fault('bad-input', `${code} is no code: 0 to ${codes - 1}`, { detail: { what: 'start' } })
  const steps = stepsOf(music.length / width, options)
  const random = randomOf(seed)
  const next = (logits: Float32Array) =>
    choose(logits, { temperature, topK, topP: 1, minP: 0, repetitionPenalty: 1 }, [], random)
  const up = new Int32Array(steps + 1)
  const down = new Int32Array(steps + 1)
  ;[up[0], down[0]] = [start.up, start.down]
  signal.throwIfAborted()
  yield start
  for (let k = 0; k < steps; k++) {
    const { first } = windowOf(k, sampleShift)
    const logits = await predict(first, { up: up.slice(first, k + 1), down: down.slice(first, k + 1) })
    signal.throwIfAborted()
    const pair = { up: next(logits.up), down: next(logits.down) }
    ;[up[k + 1], down[k + 1]] = [pair.up, pair.down]
    yield pair
  }
}
