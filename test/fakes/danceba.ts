/** @file Danceba without weights: files are believed by their names, and a dance is a nod. As slow as it is told to be. */
import { allocate } from '../../src/motion/clip'
import type {
  Danceba,
  DancebaFiles,
  DancebaHearing,
  DancebaKept,
  DancebaOrder,
  DancebaPart,
  DancebaPrecision,
  DancebaStep,
  DancebaTaking,
} from '../../src/shared/contracts'
import { Fault } from '../../src/shared/fault'

/** Steps a second of music, frames of motion a step and a second. */
const RATE = { step: 7.5, frames: 8, frame: 60 }
/** Steps whose motion comes at once. */
const CHUNK = 4

export class FakeDanceba implements Danceba, DancebaFiles {
  /** How long each step takes, milliseconds; and each tenth of a file. */
  stepMs: number
  tenthMs: number
  /** Thrown by the next load, once. */
  failing: Fault | undefined
  /** In order: what was called. */
  readonly calls: string[] = []
  readonly orders: DancebaOrder[] = []
  /** How many compose at this moment, and did at most. */
  busy = 0
  busiest = 0
  #kept: readonly DancebaKept[] = []
  #lengthS = 0

  constructor({ stepMs = 0, tenthMs = 0 } = {}) {
    this.stepMs = stepMs
    this.tenthMs = tenthMs
  }

  async kept(): Promise<readonly DancebaKept[]> {
    return this.#kept
  }

  async *take(
    signal: AbortSignal,
    files: readonly { readonly name: string; readonly file: Blob }[],
    precision: DancebaPrecision,
  ): AsyncGenerator<DancebaTaking, void> {
    for (const { name } of files)
      if (!name.endsWith('.pt'))
        throw new Fault('bad-input', name, { detail: { what: 'checkpoint', reason: 'rar', name } })
    for (const { name } of files) yield { kind: 'found', name, found: foundIn(name) }
    for (const { name } of files) {
      const found = foundIn(name)
      const { part } = found
      const keptBytes = Math.round((found.bytes * { fp32: 4, fp16: 2, int8: 1, q8: 1 }[precision]) / 4)
      for (let tenth = 0; tenth <= 10; tenth++) {
        await wait(this.tenthMs)
        signal.throwIfAborted()
        yield { kind: 'bytes', part, bytes: (keptBytes * tenth) / 10, of: keptBytes }
      }
      const kept = { ...found, precision, keptBytes, addedMs: 0 }
      this.#kept = [...this.#kept.filter((other) => other.part !== part), kept]
      yield { kind: 'kept', kept }
    }
  }

  async *takeFrom(
    signal: AbortSignal,
    addresses: readonly string[],
    precision: DancebaPrecision,
  ): AsyncGenerator<DancebaTaking, void> {
    const files = addresses.map((address) => ({
      name: address.split('/').at(-1)!,
      address,
      file: new Blob(),
    }))
    for (const { name, address } of files) {
      yield { kind: 'waiting', address, name, seconds: 2, why: 'busy' }
      yield { kind: 'fetched', address, name, bytes: 50, of: 100 }
    }
    await wait(this.tenthMs)
    yield* this.take(signal, files, precision)
  }

  async remove(): Promise<void> {
    this.#kept = []
  }

  async *load(signal: AbortSignal, backend: 'webgpu' | 'wasm') {
    this.calls.push(`load ${backend}`)
    const { failing } = this
    this.failing = undefined
    if (failing) throw failing
    for (let tenth = 1; tenth <= 10; tenth++) {
      await wait(this.tenthMs)
      signal.throwIfAborted()
      yield { bytes: tenth * 33e6, of: 330e6 }
    }
  }

  async *hear(
    signal: AbortSignal,
    pieces: AsyncIterable<Float32Array<ArrayBuffer>>,
    sampleRate: number,
    lengthS: number,
    onset: 'reference' | 'corrected',
  ): AsyncGenerator<DancebaHearing, void> {
    this.calls.push(`hear ${onset}`)
    let samples = 0
    for await (const piece of pieces) {
      signal.throwIfAborted()
      samples += piece.length
      yield { kind: 'hearing', done: Math.min(1, samples / sampleRate / lengthS) }
    }
    this.#lengthS = samples / sampleRate
    yield { kind: 'heard', heard: { frames: Math.floor(this.#lengthS * RATE.step), beats: [0.5, 1, 1.5] } }
  }

  async *compose(signal: AbortSignal, order: DancebaOrder): AsyncGenerator<DancebaStep, void> {
    this.calls.push('compose')
    this.orders.push(order)
    this.busiest = Math.max(this.busiest, ++this.busy)
    try {
      const of = Math.floor(Math.min(this.#lengthS, order.lengthS ?? Infinity) * RATE.step)
      for (let done = 0; done < of; done++) {
        await wait(this.stepMs)
        signal.throwIfAborted()
        yield { kind: 'steps', done: done + 1, of, perSecond: 1000 / Math.max(1, this.stepMs) }
        if ((done + 1) % CHUNK && done + 1 < of) continue
        const first = Math.floor(done / CHUNK) * CHUNK
        const from = first / RATE.step
        yield {
          kind: 'motion',
          part: { from, motion: nod(from, (done + 1 - first) * RATE.frames, order.seed) },
        }
      }
    } finally {
      this.busy--
    }
  }
}

const foundIn = (name: string) => {
  const part: DancebaPart = name.includes('500') ? 'poses' : 'generator'
  return part === 'generator'
    ? {
        ...{ part, bytes: 1_003_152_000, parameters: 250_727_425, tensors: 412, epoch: 0 },
        ...{
          sizes: { width: 768, attention: 6, mamba: 6, codes: 512 },
          unused: ['gpt_base.pos_emb.bn1.weight'],
        },
      }
    : {
        ...{ part, bytes: 262_401_000, parameters: 40_800_000, tensors: 130, epoch: 500 },
        ...{ sizes: { width: 512, codes: 512 }, unused: [] },
      }
}

/** The head goes down and up, further for other seeds, so that dances differ. */
const nod = (from: number, frames: number, seed: number) => {
  const motion = allocate(
    RATE.frame,
    frames,
    ['hips', 'spine', 'head', 'leftUpperArm', 'rightUpperArm'],
    false,
  )
  for (let frame = 0; frame < frames; frame++) {
    const angle = 0.2 * Math.sin(5 * (from + frame / RATE.frame)) + seed / 100
    const turn = (joint: number, axis: number, radians: number) => {
      const at = (frame * 5 + joint) * 4
      motion.rotations[at + axis] = Math.sin(radians / 2)
      motion.rotations[at + 3] = Math.cos(radians / 2)
    }
    turn(2, 0, angle)
    turn(3, 2, -0.9 + 3 * angle)
    turn(4, 2, 0.9 - 3 * angle)
  }
  return motion
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
