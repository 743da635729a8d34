/** @file Danceba's generator on ONNX Runtime: a tiny one against plain arithmetic, and the reference's own against its numbers. */
import { describe, expect, test } from 'vitest'
import { decode, type Pair } from '../../workers/danceba/network/decode'
import { BLOCK, layoutOf, type Layout } from '../../workers/danceba/network/layout'
import { shapeOf } from '../../workers/danceba/network/shape'
import { casesOf, type Run } from '../fixtures/danceba-cases'
import { plainLogits } from '../fixtures/danceba-forward'
import { openDevice, openGenerator } from '../fixtures/danceba-generator'
import {
  floats,
  hasReference,
  json,
  referenceOf,
  stored,
  tiny,
  TINY,
  tinyWindow,
  WITHOUT,
  type Checkpoint,
  type Weights,
} from '../fixtures/danceba-network'
import { likeliest } from '../fixtures/likeliest'
import { worst } from '../fixtures/worst'

const never = new AbortController().signal
const { musicOf, windowOfCase } = casesOf({ floats, json })

/** What weights have become where they are kept in fewer bits: that a network computes with these can be told exactly. */
const asKept = async (layout: Layout, checkpoint: Checkpoint): Promise<Weights> => {
  const file = await (await stored(layout, checkpoint)).arrayBuffer()
  const kept = new Map<string, Float32Array>()
  for (const segment of layout.segments)
    for (const { name, form, dims, offset, bytes, into = 0 } of segment.tensors) {
      const at = segment.offset + offset
      if (form === 'half') kept.set(name, Float32Array.from(new Uint16Array(file, at, bytes / 2), wholeOf))
      if (form !== 'blocks') continue
      const [out = 0, blocks = 0] = dims
      const scales = new Float32Array(
        file,
        segment.offset + layout.tensor(`${name}.scales`).offset,
        out * blocks,
      )
      const values = new Uint8Array(file, at, bytes)
      const valueAt = (i: number) => {
        const from = Math.floor(i / into) * blocks * BLOCK + (i % into)
        return (values[from]! - 128) * scales[Math.floor(from / BLOCK)]!
      }
      kept.set(
        name,
        Float32Array.from({ length: out * into }, (_, i) => valueAt(i)),
      )
    }
  return (name) => kept.get(name) ?? checkpoint.weights(name)
}

/** The value of half-precision bits. */
const wholeOf = (bits: number): number => {
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  const size = exponent ? (1024 + fraction) * 2 ** (exponent - 25) : fraction * 2 ** -24
  return bits & 0x8000 ? -size : size
}

/** Two frames of phases more than there are rows of one stream, as in short windows. */
const windowOf = (t: number) => tinyWindow(`tiny window of ${t}`, t, t + 2)

describe('a tiny generator', () => {
  const { heads } = TINY

  test('says of itself what its tensors say', () => {
    expect(shapeOf(tiny.table, heads)).toEqual(TINY)
    const narrow = {
      ...tiny,
      table: (name: string) => (name.includes('RMS_f') ? { shape: [31] } : tiny.table(name)),
    }
    expect(() => shapeOf(narrow.table, heads)).toThrow('gpt_head.RMS_f.weight is 31, where 32 is needed')
    const torn = (name: string) => (name.includes('mamba_3.D') ? undefined : tiny.table(name))
    expect(() => shapeOf(torn, heads)).toThrow('the checkpoint has no gpt_head.blocks.0.mamba_3.D')
  })

  const kinds = [
    ['in one piece', {}, 2e-6],
    ['cut around its scans', { scan: 'plain' }, 2e-6],
    ['with our own scans', { scan: 'own' }, 5e-6], // whose exponential is a polynomial
    ['in half precision', { precision: 'fp16' }, 2e-6],
    ['in bytes', { precision: 'int8' }, 0.08],
    ['in blocks of bytes', { precision: 'q8' }, 2e-6],
  ] as const
  test.for(kinds)('%s computes what plain arithmetic does', async ([, options, tolerance]) => {
    const network = await openGenerator(tiny, { heads, ...options })
    const weights = await asKept(layoutOf(TINY, 'precision' in options ? options.precision : 'fp32'), tiny)
    for (const t of [1, 2, 7]) {
      const window = windowOf(t)
      const wanted = plainLogits(weights, TINY, window)
      const all = await network.logits(window, true)
      expect(worst(all.up, wanted.up)).toBeLessThan(tolerance)
      expect(worst(all.down, wanted.down)).toBeLessThan(tolerance)
      const last = await network.logits(window)
      expect(worst(last.up, wanted.up.slice(-TINY.codes))).toBeLessThan(tolerance)
      expect(worst(last.down, wanted.down.slice(-TINY.codes))).toBeLessThan(tolerance)
    }
  })

  test.for([
    ['in one piece', {}, 1e-5],
    ['cut around its scans', { scan: 'plain' }, 1e-5],
    ['in blocks of bytes', { scan: 'plain', precision: 'q8' }, 1e-5],
    ['with our own scans', { scan: 'own' }, 1e-5],
  ] as const)('on WebGPU, %s', { timeout: 120_000 }, async ([, options, tolerance]) => {
    const device = await openDevice()
    const network = await openGenerator(tiny, { heads, device, ...options })
    const weights = await asKept(layoutOf(TINY, 'precision' in options ? options.precision : 'fp32'), tiny)
    for (const t of [5, 2]) {
      const window = windowOf(t)
      const wanted = plainLogits(weights, TINY, window)
      const { up, down } = await network.logits(window, true)
      expect(worst(up, wanted.up)).toBeLessThan(tolerance)
      expect(worst(down, wanted.down)).toBeLessThan(tolerance)
    }
  })
})

describe('the reference, one block of each kind', () => {
  const blocks = [1, 1] as const
  const TOLERANCE = 2e-4

  test.for(['in one piece', 'cut'])('gives its logits, %s', { timeout: 600_000 }, async (how, { skip }) => {
    if (!hasReference) return skip(WITHOUT)
    const network = await openGenerator(
      await referenceOf('gpt', blocks),
      how === 'cut' ? { scan: 'plain' } : {},
    )
    for (const name of ['t1', 't5', 't17', 't28', 't28a']) {
      const { up, down } = await network.logits(await windowOfCase(name), true)
      const wanted = await floats(`gpt/v1/ps01/${name}-logits.f32`)
      expect(worst(Float32Array.of(...up, ...down), wanted), name).toBeLessThan(TOLERANCE)
    }
  })

  test('gives its rows after each stage', { timeout: 300_000 }, async ({ skip }) => {
    if (!hasReference) return skip(WITHOUT)
    const stages = new Map<string, Float32Array>()
    const watch = (stage: string, rows: Float32Array) => stages.set(stage, rows)
    const network = await openGenerator(await referenceOf('gpt', blocks), { watch })
    await network.logits(await windowOfCase('t5'), true)
    expect([...stages.keys()].toSorted()).toEqual(['base0', 'closing', 'embed', 'final_norm', 'mamba0'])
    for (const [stage, rows] of stages) {
      const wanted = await floats(`gpt/v1/ps01/t5-hidden-${stage}.f32`)
      // Of the last two only what is read: the streams that dance.
      expect(worst(rows, wanted.slice(-rows.length)), stage).toBeLessThan(TOLERANCE)
    }
  })

  test('gives its logits on WebGPU', { timeout: 600_000 }, async ({ skip }) => {
    if (!hasReference) return skip(WITHOUT)
    const device = await openDevice()
    const network = await openGenerator(await referenceOf('gpt', blocks), { device, scan: 'plain' })
    const { up, down } = await network.logits(await windowOfCase('t5'), true)
    const wanted = await floats('gpt/v1/ps01/t5-logits.f32')
    expect(worst(Float32Array.of(...up, ...down), wanted)).toBeLessThan(TOLERANCE)
  })

  test(
    'dances as it does for 60 steps, the window cut at every 28',
    { timeout: 900_000 },
    async ({ skip }) => {
      if (!hasReference) return skip(WITHOUT)
      const network = await openGenerator(await referenceOf('gpt', blocks), { scan: 'plain' })
      const run = await json<Run>('gpt/greedy/v1-ps01-shift14-even0.json')
      const music = (await musicOf('c')).slice(0, 60 * 438)
      const start = { up: run.up[0]!, down: run.down[0]! }
      const pairs: Pair[] = []
      for await (const pair of decode(never, network, music, { start, sampleShift: 14 })) pairs.push(pair)
      // All its margins are above twice the tolerance: 6e-4 is the least of any run of this size.
      expect(Math.min(...run.margin_up, ...run.margin_down)).toBeGreaterThan(2 * TOLERANCE)
      expect(pairs.map(({ up }) => up)).toEqual(run.up)
      expect(pairs.map(({ down }) => down)).toEqual(run.down)
    },
  )

  test('in bytes: nearly always the same code', { timeout: 600_000 }, async ({ skip }) => {
    if (!hasReference) return skip(WITHOUT)
    const network = await openGenerator(await referenceOf('gpt', blocks), {
      precision: 'int8',
      scan: 'plain',
    })
    const { up, down } = await network.logits(await windowOfCase('t28'), true)
    const wanted = await floats('gpt/v1/ps01/t28-logits.f32')
    const ours = Float32Array.of(...up, ...down)
    const rows = Array.from({ length: ours.length / 512 }, (_, row) => row)
    const same = rows.filter((row) => {
      const of = (logits: Float32Array) => likeliest(logits.subarray(row * 512, (row + 1) * 512))
      return of(ours) === of(wanted)
    })
    expect(rows.length).toBe(2 * 28)
    expect(same.length / rows.length).toBeGreaterThan(0.9)
    expect(worst(ours, wanted)).toBeLessThan(0.4)
  })
})
