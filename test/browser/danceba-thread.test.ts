/** @file Danceba's thread from sound to motion, with a generator and poses that are small, and the reference's own codes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Host } from '../../src/engine/host'
import type {
  Danceba,
  DancebaFiles,
  DancebaHeard,
  DancebaOrder,
  DancebaStep,
  MotionPart,
} from '../../src/shared/contracts'
import { Fault } from '../../src/shared/fault'
import { conditioning } from '../../workers/danceba/network/phase'
import { pieceAt } from '../../workers/danceba/compose/compose'
import { Machine } from '../../workers/danceba/compose/machine'
import { motionParts } from '../../workers/danceba/motion/dance'
import { PoseDecoder } from '../../workers/danceba/motion/decoder'
import { decode, type Pair } from '../../workers/danceba/network/decode'
import { layoutOf } from '../../workers/danceba/network/layout'
import { Network } from '../../workers/danceba/network/network'
import { shapeOf } from '../../workers/danceba/network/shape'
import { features } from '../../workers/danceba/features/features'
import { DancebaThread } from '../../workers/danceba/thread'
import { makeDevice } from '../../workers/runtime/gpu'
import type { TriedThread } from '../fakes/danceba-thread'
import { casesOf, type Run } from '../fixtures/danceba-cases'
import { smallWeights } from '../fixtures/danceba-small'
import { values } from '../fixtures/danceba-weights'
import { floats, hasReference, json, referenceOf, stored, WITHOUT } from '../fixtures/danceba-network'
import { worst } from '../fixtures/worst'

const never = new AbortController().signal
const RATE_HZ = 22_050
const LENGTH_S = 7

/** Hits twice a second, over silence. */
const SOUND = (() => {
  const noise = values('a short piece')
  return Float32Array.from({ length: LENGTH_S * RATE_HZ }, (_, n) => {
    const t = n / RATE_HZ
    const since = (t + 0.25) % 0.5
    return (
      0.6 * Math.sin(2 * Math.PI * 60 * since) * Math.exp(-20 * since) +
      0.4 * noise(n) * Math.exp(-30 * since)
    )
  })
})()

async function* pieces(sound = SOUND) {
  for (let at = 0; at < sound.length; at += 10_000) yield sound.slice(at, at + 10_000)
}

const order: DancebaOrder = {
  ...{ mode: 'exact', temperature: 0, topK: 0, seed: 1 },
  ...{ start: { up: 3, down: 5 }, sampleShift: 28 },
}

/** Through the wire a stream comes with a promise of it. */
type Streams<T> = {
  [K in keyof T]: T[K] extends (...a: infer A) => AsyncIterable<infer S>
    ? (...a: A) => AsyncIterable<S> | Promise<AsyncIterable<S>>
    : never
}
type Thread = Streams<Pick<Danceba, 'load' | 'hear' | 'compose'>>

const hear = async (
  thread: Thread,
  sound = SOUND,
  onset: 'reference' | 'corrected' = 'reference',
): Promise<{ heard: DancebaHeard; done: number[] }> => {
  const done: number[] = []
  let heard: DancebaHeard | undefined
  for await (const step of await thread.hear(never, pieces(sound), RATE_HZ, LENGTH_S, onset))
    if (step.kind === 'heard') heard = step.heard
    else done.push(step.done)
  return { heard: heard!, done }
}
const load = async (thread: Thread, backend: 'wasm' | 'webgpu' = 'wasm') => {
  const steps: { bytes: number; of: number }[] = []
  for await (const step of await thread.load(never, backend)) steps.push(step)
  return steps
}
const compose = async (
  thread: Thread,
  more: Partial<DancebaOrder> = {},
  { signal = never, seen }: { signal?: AbortSignal; seen?: (step: DancebaStep) => void } = {},
) => {
  const parts: MotionPart[] = []
  const steps: (DancebaStep & { readonly kind: 'steps' })[] = []
  for await (const step of await thread.compose(signal, { ...order, ...more })) {
    if (step.kind === 'motion') parts.push(step.part)
    else steps.push(step)
    seen?.(step)
  }
  return { parts, steps }
}
const whole = (parts: readonly MotionPart[]) => ({
  rotations: parts.flatMap(({ motion }) => [...motion.rotations]),
  root: parts.flatMap(({ motion }) => [...motion.root]),
})
const faultOf = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error('no fault')
    },
    (thrown: unknown) => thrown as Fault,
  )

/** The same by the parts that it is made of, with ONNX Runtime's own scans. */
const wantedMotion = async () => {
  const { generator, poses } = await smallWeights()
  const network = await Network.open(never, generator)
  const decoder = await PoseDecoder.open(never, poses)
  const { rows } = await features(never, SOUND, RATE_HZ, { onset: 'reference' })
  const { start } = order
  const pairs: Pair[] = []
  for await (const pair of decode(never, network, conditioning(rows), { start })) pairs.push(pair)
  const parts: MotionPart[] = []
  for await (const part of motionParts(decoder.stream(never, all(pairs), pieceAt))) parts.push(part)
  await network.release()
  await decoder.release()
  return whole(parts)
}
async function* all<T>(items: readonly T[]) {
  yield* items
}

const worker = new Host<TriedThread>(
  'danceba',
  () => new Worker(new URL('../fakes/danceba-thread.ts', import.meta.url), { type: 'module' }),
  { hangMs: 60_000 },
)
const { api } = worker
afterAll(() => worker.stop())

describe('in a worker', { timeout: 120_000 }, () => {
  beforeAll(async () => {
    await api.put('fp32')
  }, 60_000)

  test('composes nothing without networks, and nothing without music', async () => {
    const gone = (part: string) => ({
      code: 'bad-input',
      detail: { what: 'danceba', reason: 'gone', part },
    })
    expect(await faultOf(compose(api))).toMatchObject(gone('network'))
    const steps = await load(api)
    expect(steps[0]!.bytes).toBe(0)
    expect(steps.at(-1)!.bytes).toBe(steps.at(-1)!.of)
    expect(steps.map(({ bytes }) => bytes)).toEqual(steps.map(({ bytes }) => bytes).toSorted((a, b) => a - b))
    expect(await faultOf(compose(api))).toMatchObject(gone('music'))
  })

  test('what is loaded is not loaded again', async () => {
    expect(await load(api)).toEqual([])
  })

  test('hears music in pieces', async () => {
    const { heard, done } = await hear(api, SOUND, 'corrected')
    expect(heard.frames).toBe(1 + Math.floor(7.5 * LENGTH_S))
    expect(heard.beats.length).toBeGreaterThan(5)
    expect(heard.tempoBpm).toBeGreaterThan(30)
    expect(done.at(-1)).toBe(1)
    expect(done.length).toBeGreaterThan(5)
    expect(await faultOf(hear(api, SOUND.slice(0, RATE_HZ)))).toMatchObject({
      code: 'bad-input',
      detail: { what: 'music', reason: 'too-short' },
    })
    await hear(api)
  })

  test('dances without a gap, as the parts that it is made of do', async () => {
    const { parts, steps } = await compose(api)
    let at = 0
    for (const { from, motion } of parts) {
      expect(from * 60).toBeCloseTo(at, 3)
      expect(motion.rate).toBe(60)
      at += motion.frames
    }
    expect(at).toBe(8 * (2 + Math.floor(7.5 * LENGTH_S)))
    const ours = whole(parts)
    expect([...ours.rotations, ...ours.root].every(Number.isFinite)).toBe(true)
    const wanted = await wantedMotion()
    expect(worst(ours.rotations, wanted.rotations)).toBeLessThan(1e-3)
    expect(worst(ours.root, wanted.root)).toBeLessThan(1e-3)
    const last = steps.at(-1)!
    expect(last).toMatchObject({ done: 53, of: 53 })
    expect(last.perSecond).toBeGreaterThan(0)
    expect(steps.map(({ done }) => done)).toEqual(
      [...new Set(steps.map(({ done }) => done))].toSorted((a, b) => a - b),
    )
  })

  test('begins as soon as nothing changes the beginning any more', async () => {
    const seen: (number | 'motion')[] = []
    await compose(api, {}, { seen: (step) => seen.push(step.kind === 'steps' ? step.done : 'motion') })
    const first = seen.indexOf('motion')
    // Eight codes, and 25 that are heard in them: one of them is the start.
    expect(Math.max(...seen.slice(0, first).map(Number))).toBeLessThanOrEqual(32)
    expect(seen.length).toBeGreaterThan(first + 3)
  })

  test('is as long as was asked', async () => {
    const { parts, steps } = await compose(api, { lengthS: 2.5 })
    expect(parts.reduce((sum, { motion }) => sum + motion.frames, 0)).toBe(8 * (2 + Math.floor(7.5 * 2.5)))
    expect(steps.at(-1)).toMatchObject({ done: 19, of: 19 })
  })

  test('draws the same with the same seed, and something else with another', async () => {
    const drawn = async (seed: number) =>
      whole((await compose(api, { temperature: 1.5, topK: 8, seed, lengthS: 3 })).parts)
    const [one, again, other] = [await drawn(7), await drawn(7), await drawn(8)]
    expect(again).toEqual(one)
    expect(worst(other.rotations, one.rotations)).toBeGreaterThan(0.01)
  })

  test('stops at once, and dances to the next order as if nothing had been', async () => {
    const stop = new AbortController()
    const stopped = compose(api, {}, { signal: stop.signal, seen: () => stop.abort() })
    expect((await faultOf(stopped)).code).toBe('aborted')
    const { parts } = await compose(api, { lengthS: 3 })
    const { parts: undisturbed } = await compose(api, { lengthS: 3 })
    expect(whole(parts)).toEqual(whole(undisturbed))
  })

  test('a new order ends the one before; so does nobody reading on', async () => {
    let next: ReturnType<typeof compose> | undefined
    const first = compose(api, {}, { seen: () => void (next ??= compose(api, { lengthS: 3 })) })
    expect((await faultOf(first)).code).toBe('aborted')
    const { parts } = await next!
    for await (const step of await api.compose(never, order)) if (step.kind === 'steps') break
    expect(whole((await compose(api, { lengthS: 3 })).parts)).toEqual(whole(parts))
  })

  test.for<[string, Partial<DancebaOrder>]>([
    ['temperature', { temperature: -1 }],
    ['temperature', { temperature: NaN }],
    ['top-k', { topK: 1.5 }],
    ['seed', { seed: Infinity }],
    ['start', { start: { up: 16, down: 0 } }],
    ['start', { start: { up: 0, down: -1 } }],
    ['sample-shift', { sampleShift: 29 }],
    ['sample-shift', { sampleShift: 0 }],
    ['length', { lengthS: 0 }],
  ])('refuses an order: %s', async ([reason, more]) => {
    const fault = await faultOf(compose(api, more))
    expect(fault).toMatchObject({ code: 'bad-input', detail: { what: 'order', reason } })
  })

  test('other weights take the place of those before', async () => {
    const { parts } = await compose(api, { lengthS: 4 })
    for (const precision of ['fp16', 'int8'] as const) {
      await api.put(precision)
      expect((await load(api)).length).toBeGreaterThan(2)
      const { parts: others } = await compose(api, { lengthS: 4 })
      expect(whole(others)).not.toEqual(whole(parts))
    }
  })

  test('says which part is gone, and lets go of the rest', async () => {
    await api.put('fp32', 'generator')
    expect(await faultOf(load(api))).toMatchObject({
      code: 'bad-input',
      detail: { reason: 'gone', part: 'poses' },
    })
    expect(await faultOf(compose(api))).toMatchObject({ detail: { reason: 'gone', part: 'network' } })
    await api.remove(never)
    expect(await faultOf(load(api))).toMatchObject({ detail: { reason: 'gone', part: 'generator' } })
  })

  test('a load that is stopped leaves nothing, and the next one loads', async () => {
    await api.put('fp32')
    const stop = new AbortController()
    const stopped = (async () => {
      for await (const { bytes } of await api.load(stop.signal, 'wasm')) if (bytes > 0) stop.abort()
    })()
    const waiting = load(api)
    expect((await faultOf(stopped)).code).toBe('aborted')
    expect((await waiting).length).toBeGreaterThan(2)
    expect((await compose(api, { lengthS: 1 })).parts.length).toBeGreaterThan(0)
  })
})

describe('on a GPU', { timeout: 240_000 }, () => {
  const devices: GPUDevice[] = []
  const files: DancebaFiles = {
    kept: async () => [],
    take: () => all([]),
    takeFrom: () => all([]),
    remove: async () => undefined,
  }
  const thread = new DancebaThread({
    files,
    openWeights: () => smallWeights(),
    device: async () => {
      const device = await makeDevice()
      devices.push(device)
      return device
    },
  })

  test('dances as on the processor', async () => {
    await load(thread, 'webgpu')
    await hear(thread)
    const { parts } = await compose(thread, { lengthS: 3 })
    await load(thread, 'wasm')
    const { parts: wanted } = await compose(thread, { lengthS: 3 })
    expect(worst(whole(parts).rotations, whole(wanted).rotations)).toBeLessThan(1e-3)
  })

  test('that is lost ends the dance, and the next one is loaded on another', async () => {
    await load(thread, 'webgpu')
    await hear(thread)
    const lost = devices.length
    const dance = compose(thread, {}, { seen: () => devices.at(-1)!.destroy() })
    const fault = await faultOf(dance)
    expect(fault).toMatchObject({ code: 'device-lost', detail: { poisoned: true } })
    await load(thread, 'webgpu')
    expect(devices.length).toBe(lost + 1)
    expect((await compose(thread, { lengthS: 1 })).parts.length).toBeGreaterThan(0)
  })
})

describe('the reference', () => {
  test('its 60 codes by the network of the thread', { timeout: 900_000 }, async ({ skip }) => {
    if (!hasReference) return skip(WITHOUT)
    const checkpoint = await referenceOf('gpt', [1, 1])
    const shape = shapeOf(checkpoint.table)
    const layout = layoutOf(shape, 'fp32')
    const { poses } = await smallWeights()
    const generator = { shape, layout, file: await stored(layout, checkpoint) }
    const weights = { generator, poses }
    const machine = await Machine.open(never, { backend: 'wasm', weights, tell: () => undefined })
    const run = await json<Run>('gpt/greedy/v1-ps01-noshift-even0.json')
    const music = (await casesOf({ floats, json }).musicOf('c')).slice(0, 60 * 438)
    const start = { up: run.up[0]!, down: run.down[0]! }
    const pairs: Pair[] = []
    for await (const pair of decode(never, machine.network, music, { start })) pairs.push(pair)
    expect(pairs.map(({ up }) => up)).toEqual(run.up)
    expect(pairs.map(({ down }) => down)).toEqual(run.down)
    await machine.release()
  })
})
