/** @file Steps: how long they take, and which codes they choose. */
import { Machine } from '../../workers/danceba/compose/machine'
import { reachOf } from '../../workers/danceba/motion/vqvae'
import type { MakeScan } from '../../workers/danceba/network/scan'
import { WINDOW, windowOf } from '../../workers/danceba/network/decode'
import type { Network, Window } from '../../workers/danceba/network/network'
import { phasesOf } from '../../workers/danceba/network/phase'
import { FEATURES, features } from '../../workers/danceba/features/features'
import type { Precision } from '../../workers/danceba/network/layout'
import type { Run } from '../../test/fixtures/danceba-cases'
import { PUBLISHED_POSES } from '../../test/fixtures/danceba-sizes'
import { likeliest } from '../../test/fixtures/likeliest'
import { values } from '../../test/fixtures/danceba-weights'
import { musicOf } from './parity'
import { openNetwork, type Backend, type Place } from './place'
import { floats, json, must } from './reference'
import { generator, poses } from './weights'

const never = new AbortController().signal

/** Music by rule, with the magnitudes of features: cepstra far from the rest. */
export const someMusic = (frames = WINDOW) => {
  const v = values('music of the bench')
  return Float32Array.from({ length: frames * FEATURES }, (_, i) =>
    i % FEATURES === 0
      ? -500 + 100 * v(i)
      : i % FEATURES < 40
        ? 30 * v(i)
        : i % FEATURES < 52
          ? (v(i) + 1) / 2
          : 0,
  )
}

export const fullWindow = (): Window => {
  const v = values('codes of the bench')
  const codes = (from: number) =>
    Int32Array.from({ length: WINDOW }, (_, i) => Math.floor((v(from + i) + 1) * 256))
  const music = someMusic()
  return { music, phase: phasesOf(music).values, up: codes(0), down: codes(1000) }
}

export interface Timing {
  /** Milliseconds of each step, and of its scans. */
  readonly stepsMs: readonly number[]
  readonly scansMs: readonly number[]
}

/** Steps with a full window, one after the other, after `warm` of them. */
export const timeSteps = async (
  place: Place,
  precision: Precision,
  warm: number,
  count: number,
): Promise<Timing> => {
  let scanMs = 0
  const timed =
    (make: MakeScan): MakeScan =>
    async (constants) => {
      const kernel = await make(constants)
      return {
        run: async (inputs) => {
          const began = performance.now()
          const results = await kernel.run(inputs)
          scanMs += performance.now() - began
          return results
        },
        release: () => kernel.release?.(),
      }
    }
  const network = await openNetwork(await generator(precision), place, timed)
  const window = fullWindow()
  const stepsMs: number[] = []
  const scansMs: number[] = []
  for (let i = -warm; i < count; i++) {
    scanMs = 0
    const began = performance.now()
    // Phases are made anew in each step, as in composing.
    await network.logits({ ...window, phase: phasesOf(window.music).values })
    if (i < 0) continue
    stepsMs.push(performance.now() - began)
    scansMs.push(scanMs)
  }
  await network.release()
  return { stepsMs, scansMs }
}

export interface Tokens {
  /** Codes chosen at each of the steps, up and down, from the reference's codes before it. */
  readonly codes: readonly (readonly [up: number, down: number])[]
  /** Of how many codes the reference's margin is above 1e-3; of these, how many are others than the reference's. */
  readonly clear: number
  readonly differ: number
}

export interface TokensOrder {
  readonly blocks: number
  /** As the files of the reference are named: `ps01-noshift-even0`. */
  readonly run: string
  readonly precision?: Precision
  /** All of them without. */
  readonly steps?: readonly number[]
}

/** A greedy run of the reference, step by step from its own codes, so that each step is a test of its own. */
export const tokens = async (place: Place, orders: readonly TokensOrder[]): Promise<Tokens[]> => {
  const found: Tokens[] = []
  let open: { key: string; network: Network } | undefined
  for (const order of orders) {
    const { blocks, run, precision = 'fp32' } = order
    const scale = run.startsWith('ps00') ? 0 : 0.1
    const key = [blocks, scale, precision].join()
    if (open?.key !== key) {
      await open?.network.release()
      open = { key, network: await openNetwork(await generator(precision, blocks, scale), place) }
    }
    found.push(await tokensOf(open.network, order))
  }
  await open?.network.release()
  return found
}

const tokensOf = async (network: Network, { blocks, run: name, steps }: TokensOrder): Promise<Tokens> => {
  const run = await must<Run>(`gpt/greedy/v${blocks}-${name}.json`)
  const music = await musicOf('c')
  const seen = await framesSeen(`v${blocks}-${name}`)
  const shift = name.includes('shift14') ? 14 : WINDOW
  const codes: [number, number][] = []
  let [clear, differ] = [0, 0]
  for (const k of steps ?? run.margin_up.keys()) {
    const { first } = windowOf(k, shift)
    const rows = music.subarray(first * FEATURES, (k + 1) * FEATURES)
    const phase = phasesOf(rows).values
    const frame = seen.get(k)
    if (frame) phase.set(frame)
    const logits = await network.logits({
      ...{ music: rows, phase },
      up: Int32Array.from(run.up.slice(first, k + 1)),
      down: Int32Array.from(run.down.slice(first, k + 1)),
    })
    const pair: [number, number] = [likeliest(logits.up), likeliest(logits.down)]
    codes.push(pair)
    const margins = [run.margin_up[k]!, run.margin_down[k]!]
    const wanted = [run.up[k + 1]!, run.down[k + 1]!]
    for (const half of [0, 1] as const) {
      if (margins[half]! <= 1e-3) continue
      clear++
      if (pair[half] !== wanted[half]) differ++
    }
  }
  return { codes, clear, differ }
}

/** Phases of frame 0 that the reference happened to see, by step; without them it is ours. */
const framesSeen = async (run: string): Promise<ReadonlyMap<number, Float32Array>> => {
  const { files } = (await json<{ files: Record<string, { steps?: number[] }> }>('gpt/index.json')) ?? {
    files: {},
  }
  const steps = files[`greedy/${run}-frame0.f32`]?.steps
  if (!steps) return new Map()
  const all = await floats(`gpt/greedy/${run}-frame0.f32`)
  const bins = all.length / steps.length
  return new Map(steps.map((step, i) => [step, all.subarray(i * bins, (i + 1) * bins)]))
}

/** Milliseconds for the features of so many seconds of music at 44.1 kHz, its spectrum full and never the same. */
export const timeFeatures = async (lengthS: number): Promise<number> => {
  const rateHz = 44_100
  const noise = values('a song of the bench')
  const sound = Float32Array.from({ length: lengthS * rateHz }, (_, n) => {
    const t = n / rateHz
    const beat = Math.exp(-12 * (t % 0.5))
    return 0.1 * noise(n) * beat + 0.2 * Math.sin(2 * Math.PI * (110 + 55 * Math.floor((t / 2) % 4)) * t)
  })
  const began = performance.now()
  await features(never, sound, rateHz, { onset: 'reference' })
  return performance.now() - began
}

/** Both networks as the app has them loaded. */
export const load = async (backend: Backend, precision: Precision): Promise<Machine> =>
  Machine.open(never, {
    backend,
    weights: { generator: await generator(precision), poses: await poses(precision) },
    tell: () => undefined,
  })

/** Steps with a full window, each with the poses of a piece of the dance and of what is heard in it. */
export const compose = async ({ network, poses }: Machine, steps: number) => {
  const window = fullWindow()
  const pairs = Array.from({ length: 16 + 2 * reachOf(PUBLISHED_POSES) }, (_, i) => ({ up: i, down: i }))
  for (let i = 0; i < steps; i++) {
    await network.logits(window)
    await poses.decode(pairs)
  }
}
