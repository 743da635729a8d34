/** @file A dance as it is composed: codes step by step, and of these, as soon as nothing changes it any more, motion. */
import { breath } from '../../../src/shared/breath'
import type { DancebaOrder, DancebaStep } from '../../../src/shared/contracts'
import { Fault } from '../../../src/shared/fault'
import { handOver } from '../../../src/shared/wire'
import { motionParts } from '../motion/dance'
import { composeChunks, type ChunkPredictor } from '../network/chunks'
import { decode, type DecodeOptions, type Pair, type Predictor } from '../network/decode'
import type { Heard } from './hearing'
import type { Machine } from './machine'
import { decodingOf } from './order'

/** Milliseconds between two words about steps, and those of which the speed is that of the last. */
const TELL_MS = 100
const SPEED_MS = 1000

/**
 * Codes of a piece of motion, when so many are done. The first is small, so that the avatar begins soon, but long enough to find
 * the floor in it; a large one costs less a code, since its neighbours are decoded too.
 */
export const pieceAt = (done: number) => Math.min(16, Math.max(FIRST, done))
const FIRST = 8

/**
 * Compose what is ordered to what was heard, and tell of it. One at a time on a machine. When the signal fires, it stops before
 * the next part of a step. Throws `bad-input` for an order that makes no sense, and what running the networks throws.
 */
export const compose = async (
  signal: AbortSignal,
  { network, poses, lost }: Pick<Machine, 'network' | 'poses' | 'lost'>,
  { music, heard }: Heard,
  order: DancebaOrder,
  tell: (step: DancebaStep) => void,
): Promise<void> => {
  const { shape } = network
  expectMusicOf(shape.music, music.length / heard.frames)
  const options = decodingOf(order, { frames: heard.frames, codes: shape.codes })
  const rest = async () => {
    await breath()
    signal.throwIfAborted()
  }
  const predictor: Predictor & ChunkPredictor = {
    shape,
    rhythm: (phases) => network.rhythm(phases),
    logits: (window) => network.logits(window, false, rest),
    chunk: (phase) => network.chunk(phase, rest),
  }
  const way = (order.mode === 'fast' ? composeChunks : decode)(signal, predictor, music, options)
  const work = async () => {
    const codes = counted(way, options, tell)
    for await (const part of motionParts(poses.stream(signal, codes, pieceAt))) {
      const { rotations, root, feet } = part.motion
      const buffers = [rotations, root, ...(feet ? [feet] : [])].map(({ buffer }) => buffer as ArrayBuffer)
      tell(handOver({ kind: 'motion', part }, buffers))
      await rest()
    }
  }
  await Promise.race([work(), lost])
}

/** Pairs pass; how many there are is told, at the end in any case. */
async function* counted(
  pairs: AsyncIterable<Pair>,
  { length }: DecodeOptions & { readonly length: number },
  tell: (step: DancebaStep) => void,
): AsyncGenerator<Pair> {
  let done = -1 // that of the start is none
  let told = -Infinity
  const speed = new Speed()
  for await (const pair of pairs) {
    done++
    const now = performance.now()
    speed.mark(now)
    if (done > 0 && (done === length || now - told >= TELL_MS)) {
      told = now
      tell({ kind: 'steps', done, of: length, perSecond: speed.perSecond })
    }
    yield pair
  }
}

/** How often something happens, over the last second or, where it takes longer, since the last time. */
class Speed {
  readonly #times: number[] = []

  mark(now: number) {
    this.#times.push(now)
    while (this.#times.length > 2 && now - this.#times[1]! >= SPEED_MS) this.#times.shift()
  }

  get perSecond(): number {
    const [first = 0] = this.#times
    const took = (this.#times.at(-1) ?? 0) - first
    return took > 0 ? ((this.#times.length - 1) * 1000) / took : 0
  }
}

const expectMusicOf = (wanted: number, found: number) => {
  if (wanted === found) return
  throw new Fault('bad-input', `the generator hears ${wanted} numbers a frame, and music has ${found}`, {
    detail: { what: 'checkpoint', reason: 'shape', wanted, found },
  })
}
