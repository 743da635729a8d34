/** @file Danceba's faster mode: frames that are kept against plain arithmetic on all of them, and the reference's own codes. */
import { describe, expect, test } from 'vitest'
import { composeChunks, type ChunkOptions, type ChunkPredictor } from '../../workers/danceba/network/chunks'
import type { Pair } from '../../workers/danceba/network/decode'
import type { Frames, Further, Logits, Network } from '../../workers/danceba/network/network'
import { agreement } from '../fixtures/danceba-agreement'
import { casesOf, type Run } from '../fixtures/danceba-cases'
import { plainLogits, plainRhythm } from '../fixtures/danceba-forward'
import { openDevice, openGenerator, type GeneratorOptions } from '../fixtures/danceba-generator'
import {
  floats,
  hasReference,
  json,
  referenceOf,
  tiny,
  TINY,
  tinyWindow,
  WITHOUT,
  type Checkpoint,
} from '../fixtures/danceba-network'
import { worst } from '../fixtures/worst'

const never = new AbortController().signal
const { musicOf } = casesOf({ floats, json })

/** Whatever does the scans keeps states. */
const open = (checkpoint: Checkpoint, options: GeneratorOptions = {}) =>
  openGenerator(checkpoint, { scan: 'plain', ...options })

/** A chunk of 7 frames, and the phases of its music: as many frames, as in training. */
const LENGTH = 7
const tinyChunk = (name: string) => {
  const { phase, ...frames } = tinyWindow(name, LENGTH, LENGTH)
  return { frames, phase }
}

const part = ({ music, up, down }: Frames, from: number, to: number): Frames => ({
  music: music.subarray(from * TINY.music, to * TINY.music),
  up: up.slice(from, to),
  down: down.slice(from, to),
})

const joined = (parts: readonly Logits[]): number[] =>
  (['up', 'down'] as const).flatMap((stream) => parts.flatMap((logits) => [...logits[stream]]))

/** Logits of all frames of a chunk that is computed in pieces of these lengths. */
const inPieces = async (network: Network, name: string, lengths: readonly number[]) => {
  const { frames, phase } = tinyChunk(name)
  const chunk = await network.chunk(phase)
  const parts: Logits[] = []
  let from = 0
  for (const length of lengths) {
    parts.push(await chunk.next(part(frames, from, from + length), true))
    from += length
  }
  return joined(parts)
}

const wantedOf = (name: string): number[] => {
  const { frames, phase } = tinyChunk(name)
  return joined([plainLogits(tiny.weights, TINY, { ...frames, phase })])
}

const WAYS = [
  ['at once', [7]],
  ['frame by frame', [1, 1, 1, 1, 1, 1, 1]],
  ['some at once, then frame by frame', [4, 1, 1, 1]],
  ['in pieces', [2, 3, 2]],
] as const

describe('a chunk of a tiny generator', () => {
  const { heads } = TINY

  test.for(WAYS)('%s is what plain arithmetic makes of all of it', async ([, lengths]) => {
    const network = await open(tiny, { heads })
    expect(worst(await inPieces(network, 'a', lengths), wantedOf('a'))).toBeLessThan(1e-5)
  })

  test('begins anew, whatever was before it, and leaves exact steps as they are', async () => {
    const network = await open(tiny, { heads })
    const { frames, phase } = tinyChunk('exact')
    const before = joined([await network.logits({ ...frames, phase }, true)])
    await inPieces(network, 'a', [3, 1, 1])
    expect(worst(await inPieces(network, 'b', [4, 1, 1, 1]), wantedOf('b'))).toBeLessThan(1e-5)
    expect(joined([await network.logits({ ...frames, phase }, true)])).toEqual(before)
    // As many frames of phase as of the chunk: exact steps have the same rhythm rows then.
    expect(worst(before, wantedOf('exact'))).toBeLessThan(1e-5)
  })

  test('tells of the last frame only, where nobody asks for all', async () => {
    const network = await open(tiny, { heads })
    const { frames, phase } = tinyChunk('a')
    const chunk = await network.chunk(phase)
    await chunk.next(part(frames, 0, 5))
    const { up, down } = await chunk.next(part(frames, 5, 7))
    const wanted = plainLogits(tiny.weights, TINY, { ...frames, phase })
    expect(worst(up, wanted.up.slice(-TINY.codes))).toBeLessThan(1e-5)
    expect(worst(down, wanted.down.slice(-TINY.codes))).toBeLessThan(1e-5)
  })

  test('has rows of the windows that its frames were last in', async () => {
    const network = await open(tiny, { heads })
    const { frames } = tinyChunk('a')
    const { phase } = tinyChunk('more music than the chunk has')
    const [, rhythm] = await network.rhythm([phase.subarray(2 * TINY.bins), phase])
    const chunk = await network.chunk()
    const found: Logits[] = []
    const rows: (readonly number[])[][] = [[], [], []]
    // Of windows of 7 phases and 4, 5 and 7 frames: what all of the first, one and two frames have there.
    for (const [count, t] of [
      [4, 4],
      [1, 5],
      [2, 7],
    ] as const) {
      const from = rows[0]!.length
      found.push(
        await chunk.next({ ...part(frames, from, from + count), rhythm: { rows: rhythm!, t } }, true),
      )
      const all = plainRhythm(tiny.weights, TINY, phase, t)
      rows.forEach((stream, i) => stream.push(...all.slice((i + 1) * t - count, (i + 1) * t)))
    }
    const wanted = plainLogits(tiny.weights, TINY, { ...frames, phase }, rows.flat())
    expect(worst(joined(found), joined([wanted]))).toBeLessThan(1e-5)
    const bare = await network.chunk()
    await expect(bare.next(part(frames, 0, 1))).rejects.toThrow('which rhythm rows')
  })

  test('stops between two parts of a step, and the next chunk is whole', async () => {
    const network = await open(tiny, { heads })
    const { frames, phase } = tinyChunk('a')
    let left = 5
    const rest = () => (left-- > 0 ? Promise.resolve() : Promise.reject(new Error('enough')))
    const chunk = await network.chunk(phase, rest)
    await chunk.next(part(frames, 0, 2))
    await expect(chunk.next(part(frames, 2, 3))).rejects.toThrow('enough')
    expect(worst(await inPieces(network, 'b', [6, 1]), wantedOf('b'))).toBeLessThan(1e-5)
  })

  test('with the kernels of the app, on the processor and on a GPU', { timeout: 120_000 }, async () => {
    const device = await openDevice()
    for (const way of [{}, { device }]) {
      const network = await open(tiny, { heads, scan: 'own', ...way })
      await inPieces(network, 'b', [3, 1])
      expect(worst(await inPieces(network, 'a', [4, 1, 1, 1]), wantedOf('a'))).toBeLessThan(1e-5)
    }
  })

  test('on WebGPU: at once, and frame by frame', { timeout: 120_000 }, async () => {
    const network = await open(tiny, { heads, device: await openDevice() })
    for (const [, lengths] of WAYS.slice(0, 3))
      expect(worst(await inPieces(network, 'a', lengths), wantedOf('a'))).toBeLessThan(1e-5)
  })
})

const composed = async (network: ChunkPredictor, options: ChunkOptions, steps = 60): Promise<Pair[]> => {
  const music = (await musicOf('c')).slice(0, steps * 438)
  const pairs: Pair[] = []
  for await (const pair of composeChunks(never, network, music, options)) pairs.push(pair)
  return pairs
}

describe('the reference, deaf to its rhythm rows', () => {
  test.for([
    [1, 'of-steps'],
    [2, 'of-steps'],
    [1, 'of-training'],
  ] as const)(
    'dances the same, window after window cut, with %i blocks of each kind, rows %s',
    { timeout: 900_000 },
    async ([blocks, rhythm], { skip }) => {
      if (!hasReference) return skip(WITHOUT)
      const network = await open(await referenceOf('gpt', [blocks, blocks], 0))
      const run = await json<Run>(`gpt/greedy/v${blocks}-ps00-shift14.json`)
      const pairs = await composed(network, { start: { up: run.up[0]!, down: run.down[0]! }, rhythm })
      // All margins of these runs are above 1.8e-3: far more than what rounding does.
      expect(Math.min(...run.margin_up, ...run.margin_down)).toBeGreaterThan(4e-4)
      expect(pairs.map(({ up }) => up)).toEqual(run.up)
      expect(pairs.map(({ down }) => down)).toEqual(run.down)
      // As long as the first window grows, nothing is cut.
      const uncut = await json<Run>(`gpt/greedy/v${blocks}-ps00-noshift.json`)
      expect(pairs.slice(0, 29).map(({ up }) => up)).toEqual(uncut.up.slice(0, 29))
      expect(pairs.slice(0, 29).map(({ down }) => down)).toEqual(uncut.down.slice(0, 29))
    },
  )
})

test(
  'where rhythm rows count, the first step is exact, and rows of steps are nearer to exact ones than those of training',
  { timeout: 900_000 },
  async ({ skip }) => {
    if (!hasReference) return skip(WITHOUT)
    const network = await open(await referenceOf('gpt', [1, 1]), { scan: 'own' })
    const music = await musicOf('c')
    const exact = await json<Run>('gpt/greedy/v1-ps01-noshift-even0.json')
    const ofSteps = await agreement(never, { network, music, exact })
    const ofTraining = await agreement(never, { network, music, exact, how: { rhythm: 'of-training' } })
    expect(ofSteps.until).toBeGreaterThan(0)
    expect(ofSteps.forced).toBeGreaterThan(2 * ofTraining.forced)
    expect(ofSteps.amongTen).toBeGreaterThan(2 * ofTraining.amongTen)
  },
)

describe('composing in chunks', () => {
  /** Remembers what it is asked, and likes the code that is as high as the number of frames it has. */
  const spy = () => {
    const chunks: { music?: Float32Array; lengths: number[]; rhythm: Further['rhythm'][] }[] = []
    const codes: number[] = []
    const network: ChunkPredictor = {
      shape: { codes: 64, music: 1 },
      rhythm: (heard) => Promise.resolve(heard.map((projected) => ({ projected, frames: 1 }))),
      chunk: (music) => {
        const lengths: number[] = []
        const rhythms: Further['rhythm'][] = []
        chunks.push({ ...(music && { music }), lengths, rhythm: rhythms })
        return Promise.resolve({
          next: ({ music: heard, up, rhythm }) => {
            rhythms.push(rhythm)
            lengths.push(up.length)
            expect(heard.length).toBe(up.length)
            codes.push(...up)
            const logits = new Float32Array(64)
            logits[(heard.at(-1)! + 1) % 64] = 9
            return Promise.resolve({ up: logits, down: logits })
          },
        })
      },
    }
    return { network, chunks, codes }
  }
  const music = Float32Array.from({ length: 50 }, (_, i) => i)
  const start = { up: 0, down: 0 }
  const asked = async (options: Partial<ChunkOptions>) => {
    const { network, chunks, codes } = spy()
    const pairs: Pair[] = []
    for await (const pair of composeChunks(never, network, music, { start, ...options }, (heard) => heard))
      pairs.push(pair)
    return { chunks, codes, pairs }
  }
  const one = (count: number) => Array.from({ length: count }, () => 1)

  test('frames are computed once, and again only where a chunk takes them over', async () => {
    const { chunks, pairs } = await asked({})
    expect(chunks.map(({ lengths }) => lengths)).toEqual([one(28), [28], [14, ...one(14)], [14, ...one(5)]])
    expect(pairs.map(({ up }) => up)).toEqual(Array.from({ length: 51 }, (_, i) => i))
  })

  test('28 frames are no overlap; less are', async () => {
    expect((await asked({ sampleShift: 28 })).chunks.length).toBe(4)
    const { chunks } = await asked({ sampleShift: 20 })
    expect(chunks.slice(2).map(({ lengths }) => lengths)).toEqual([
      [20, ...one(8)],
      [20, ...one(8)],
      [20, 1, 1],
    ])
  })

  test('as in training, a chunk hears 29 frames of music from its first on, beyond the end the last one', async () => {
    const { chunks } = await asked({ rhythm: 'of-training' })
    expect(chunks.map(({ music: heard }) => heard?.[0])).toEqual([0, 1, 16, 31])
    for (const { music: heard = [], rhythm } of chunks) {
      const [first = 0] = heard
      expect(rhythm.every((of) => of === undefined)).toBe(true)
      expect([...heard]).toEqual(Array.from({ length: 29 }, (_, i) => Math.min(first + i, 49)))
    }
  })

  test('as in exact steps, a step hears its window', async () => {
    const { chunks } = await asked({})
    expect(chunks.every(({ music: heard }) => heard === undefined)).toBe(true)
    const steps = chunks.flatMap(({ rhythm }) => rhythm)
    expect(steps.length).toBe(50)
    for (const [k, rhythm] of steps.entries()) {
      const from = Math.max(0, k - 27)
      expect(rhythm?.t).toBe(k + 1 - from)
      expect([...rhythm!.rows.projected]).toEqual([...music.subarray(from, k + 1)])
    }
  })

  test('what makes no sense is refused as exact composing refuses it', async () => {
    await expect(asked({ sampleShift: 29 })).rejects.toMatchObject({ code: 'bad-input' })
    await expect(asked({ start: { up: 64, down: 0 } })).rejects.toMatchObject({ code: 'bad-input' })
  })
})
