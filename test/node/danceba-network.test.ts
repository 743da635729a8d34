/** @file Danceba's weights as they are stored, and its loop: windows, choices, and how it stops. */
import { describe, expect, test } from 'vitest'
import { decode, windowOf, type DecodeOptions, type Pair } from '../../workers/danceba/network/decode'
import { fill } from '../../workers/danceba/network/fill'
import { LayoutBuilder, layoutOf, type Layout } from '../../workers/danceba/network/layout'
import type { Prepared } from '../../workers/danceba/network/network'
import { PHASES, phasesOf } from '../../workers/danceba/network/phase'
import { maskOf, positionalRows } from '../../workers/danceba/network/positional'
import { shapeOf, tensorsOf, type Shape } from '../../workers/danceba/network/shape'
import { hasReference, json } from '../fixtures/danceba'

const never = new AbortController().signal

const filled = async (layout: Layout, read: (name: string) => Float32Array) => {
  const bytes = new Uint8Array(layout.bytes)
  let end = 0
  await fill(never, layout, read, (offset, part) => {
    expect(offset).toBeGreaterThanOrEqual(end) // in order, so that a file can be written as it comes
    bytes.set(part, offset)
    end = offset + part.length
  })
  return (name: string) => {
    const { file, offset, bytes: length } = layout.tensor(name)
    const from = layout.segment(file).offset + offset
    return bytes.slice(from, from + length).buffer
  }
}

describe('weights', () => {
  test('half precision is rounded to the nearest, ties to even; what is too large becomes the largest', async () => {
    const values = [
      0,
      1,
      -2,
      1 / 3,
      65504,
      65519.99,
      65520,
      1e9,
      -1e9,
      2 ** -14,
      2 ** -24,
      2 ** -25,
      3 * 2 ** -25,
    ]
    const bits = [0, 0x3c00, 0xc000, 0x3555, 0x7bff, 0x7bff, 0x7bff, 0x7bff, 0xfbff, 0x400, 1, 0, 2]
    const more = [1 + 2 ** -11, 1 + 3 * 2 ** -11, 1 + 2 ** -11 + 2 ** -20, 1023.4 * 2 ** -24]
    const moreBits = [0x3c00, 0x3c02, 0x3c01, 0x3ff]
    const all = Float32Array.of(...values, ...more)
    const layout = new LayoutBuilder('fp16').half('x', [all.length]).segment('s').build()
    const at = await filled(layout, () => all)
    expect([...new Uint16Array(at('x'))]).toEqual([...bits, ...moreBits])
  })

  test('bytes have a scale for each output', async () => {
    const layout = new LayoutBuilder('int8').matrix('w', 3, 2).segment('s').build()
    const at = await filled(layout, () => Float32Array.of(1, -0.4, 0, 0, 127, 63.4))
    expect([...new Float32Array(at('w.scales'))]).toEqual([Math.fround(1 / 127), 1, 1])
    // In × out.
    expect([...new Int8Array(at('w'))]).toEqual([127, 0, 127, -51, 0, 63])
  })

  test('blocks of bytes have a scale each, and the last one is filled up with zeros', async () => {
    const layout = new LayoutBuilder('q8').matrix('w', 2, 33).segment('s').build()
    const row = [2, ...Array.from({ length: 31 }, () => -1), 0]
    const at = await filled(layout, () => Float32Array.of(...row, ...row.map((value) => value / 4)))
    expect([...new Float32Array(at('w.scales'))]).toEqual([2 / 127, 1, 0.5 / 127, 1].map(Math.fround))
    const bytes = new Uint8Array(at('w'))
    expect(bytes.length).toBe(2 * 64)
    // -1 over 2 / 127, rounded up to -63, or down where the scale is a little less than that.
    expect([bytes[0], bytes[32], bytes[63], bytes[64]]).toEqual([255, 128, 128, 255])
    expect(bytes[1]! - 128).toBe(Math.round(-1 / Math.fround(2 / 127)))
  })

  const shape: Shape = {
    ...{ width: 8, heads: 2, base: 1, mambas: 1, music: 3, codes: 5, bins: 4 },
    ...{ hidden: 7, gated: 6, inner: 9, state: 2, rank: 1, taps: 4 },
  }

  test('are laid out without overlapping, and every tensor that counts has its place', () => {
    for (const precision of ['fp32', 'fp16', 'int8', 'q8'] as const) {
      const layout = layoutOf(shape, precision)
      let end = 0
      for (const segment of layout.segments) {
        expect(segment.offset).toBe(end)
        let within = 0
        for (const { offset, bytes } of segment.tensors) {
          expect(offset % 64).toBe(0)
          expect(offset).toBeGreaterThanOrEqual(within)
          within = offset + bytes
        }
        expect(within).toBeLessThanOrEqual(segment.bytes)
        end += segment.bytes
      }
      expect(layout.bytes).toBe(end)
      for (const [name] of tensorsOf(shape))
        if (!/linear2|bn2/.test(name)) expect(layout.tensor(name).source).toBe(name)
    }
  })

  test('what is computed once is computed when it is stored', async () => {
    const dims = new Map(tensorsOf(shape))
    const values = (name: string) => {
      const size = dims.get(name)!.reduce((product, dim) => product * dim, 1)
      return Float32Array.from({ length: size }, (_, i) => ((i * 7 + name.length) % 11) / 8 + 0.25)
    }
    const at = await filled(layoutOf(shape, 'fp32'), values)
    const mamba = 'gpt_head.blocks.0.mamba_2'
    const taps = values(`${mamba}.conv1d.weight`)
    expect(new Float32Array(at(`${mamba}.conv1d.weight`))[2 * shape.inner + 5]).toBe(taps[5 * shape.taps + 2])
    expect(new Float32Array(at(`${mamba}.A_log`))[3]).toBe(
      Math.fround(-Math.exp(values(`${mamba}.A_log`)[3]!)),
    )
    const head = 'gpt_base.pos_emb.pos_emb_3'
    const [gain, shift, mean, variance, bias] = [
      'bn2.weight',
      'bn2.bias',
      'bn2.running_mean',
      'bn2.running_var',
      'linear2.bias',
    ].map((part) => values(`${head}.${part}`)[6]!)
    const by = gain! / Math.sqrt(variance! + 1e-5)
    expect(new Float32Array(at(`${head}.bias`))[6]).toBeCloseTo((bias! - mean!) * by + shift!, 6)
    expect(new Float32Array(at(`${head}.weight`))[6 * shape.bins + 1]).toBeCloseTo(
      values(`${head}.linear2.weight`)[6 * shape.bins + 1]! * by,
      6,
    )
  })

  test('stop being stored when asked to', async () => {
    const stop = new AbortController()
    const dims = new Map(tensorsOf(shape))
    const writing = fill(
      stop.signal,
      layoutOf(shape, 'fp32'),
      (name) => new Float32Array(dims.get(name)!.reduce((product, size) => product * size, 1)),
      () => stop.abort(),
    )
    await expect(writing).rejects.toThrow(/abort/)
  })

  test('a checkpoint of another width is taken, one that contradicts itself is not', () => {
    const dims = new Map(tensorsOf(shape))
    const table = (name: string) => (dims.has(name) ? { shape: dims.get(name)! } : undefined)
    expect(shapeOf(table, 2)).toEqual(shape)
    // Without being told, heads are 64 wide.
    expect(() => shapeOf(table)).toThrow('gpt_base.tok_emb_up.weight is 5 × 8, where a width that 64 divides')
    const wrong = 'gpt_base.blocks.0.mlp.2.weight'
    expect(() => shapeOf((name) => (name === wrong ? { shape: [7, 8] } : table(name)), 2)).toThrow(
      `${wrong} is 7 × 8, where 8 × 7 is needed`,
    )
  })
})

test('a row attends to the past and the present of all three streams', () => {
  const mask = maskOf(2)
  const open = Array.from(mask, (value) => value === 0)
  const first = [true, false, true, false, true, false]
  const second = [true, true, true, true, true, true]
  expect(open).toEqual([first, second, first, second, first, second].flat())
})

test('rhythm rows: all frames of one head, then those of the next', () => {
  // Two frames, three heads, one value each: 10·frame + head.
  const rows = positionalRows({ projected: Float32Array.of(0, 1, 2, 10, 11, 12), frames: 2 }, 1)
  expect([...rows]).toEqual([0, 10, 1])
})

/** Says what it is asked, and favours codes as told. */
const predictor = (logits: (window: Prepared) => readonly number[]) => {
  const windows: Prepared[] = []
  return {
    windows,
    shape: { codes: 4, music: 2 },
    rhythm: (phases: readonly Float32Array[]) => {
      const rows = phases.map((phase) => ({ projected: phase, frames: phase.length / PHASES }))
      return Promise.resolve(rows)
    },
    logits: async (window: Prepared) => {
      windows.push(window)
      const values = Float32Array.from(logits(window))
      return { up: values, down: values.toReversed() }
    },
  }
}
const music = (frames: number) => Float32Array.from({ length: frames * 2 }, (_, i) => i + 1)
const start = { up: 1, down: 2 }
const all = async (from: AsyncIterable<Pair>) => {
  const pairs: Pair[] = []
  for await (const pair of from) pairs.push(pair)
  return pairs
}
const danced = (
  logits: (window: Prepared) => readonly number[],
  options: Partial<DecodeOptions> = {},
  frames = 40,
) => all(decode(never, predictor(logits), music(frames), { start, ...options }))

describe('the loop', () => {
  test('windows grow to 28 frames, then move on, or are cut and grow again', () => {
    const lengths = (steps: number, shift?: number) =>
      Array.from({ length: steps }, (_, k) => windowOf(k, shift).t)
    expect(lengths(31)).toEqual([...Array.from({ length: 28 }, (_, i) => i + 1), 28, 28, 28])
    expect(lengths(46, 14).slice(26)).toEqual([
      27, 28, 28, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 14, 15,
    ])
    expect(windowOf(40)).toEqual({ first: 13, t: 28 })
  })

  test.skipIf(!hasReference)('its windows are those of the reference (needs shared/fixtures/danceba)', () => {
    for (const [name, shift] of [
      ['noshift', undefined],
      ['shift14', 14],
    ] as const) {
      const { window } = json(`gpt/greedy/v1-ps00-${name}.json`) as { window: [number, number][] }
      expect(window.map((_, k) => Object.values(windowOf(k, shift)))).toEqual(window)
    }
  })

  test('each step sees the codes so far and the music up to the one to come', async () => {
    const network = predictor(({ up }) => [0, 0, 0, up.at(-1) === 3 ? -1 : 1])
    const pairs = await all(decode(never, network, music(30), { start }))
    expect(pairs).toHaveLength(31)
    expect(pairs.slice(0, 4)).toEqual([start, { up: 3, down: 0 }, { up: 0, down: 1 }, { up: 3, down: 0 }])
    const last = network.windows.at(-1)!
    expect([...last.up]).toEqual(pairs.slice(2, 30).map(({ up }) => up))
    expect([...last.music]).toEqual([...music(30).slice(4)])
    expect(network.windows.map(({ up }) => up.length).slice(0, 3)).toEqual([1, 2, 3])
    for (const { music: heard, rhythm } of network.windows)
      expect(rhythm).toEqual({ projected: phasesOf(heard).values, frames: phasesOf(heard).frames })
  })

  test('of equally likely codes it takes the first', async () => {
    expect((await danced(() => [0, 2, 2, 1], { length: 1 }))[1]).toEqual({ up: 1, down: 1 })
  })

  test('draws the same for the same seed, among as many as it is told', async () => {
    const flat = () => [1, 1.5, 1.2, -9]
    const codes = async (options: Partial<DecodeOptions>) => (await danced(flat, options)).map(({ up }) => up)
    const first = await codes({ temperature: 1, seed: 7 })
    expect(await codes({ temperature: 1, seed: 7 })).toEqual(first)
    expect(await codes({ temperature: 1, seed: 8 })).not.toEqual(first)
    expect(new Set(first.slice(1))).toEqual(new Set([0, 1, 2]))
    expect(new Set((await codes({ temperature: 1, topK: 2, seed: 7 })).slice(1))).toEqual(new Set([1, 2]))
    expect(new Set((await codes({ temperature: 1, topK: 1, seed: 7 })).slice(1))).toEqual(new Set([1]))
  })

  test('is as long as the music, or as it is told', async () => {
    expect(await danced(() => [1, 0, 0, 0], {}, 5)).toHaveLength(6)
    expect(await danced(() => [1, 0, 0, 0], { length: 3 }, 5)).toHaveLength(4)
    expect(await danced(() => [1, 0, 0, 0], { length: 9 }, 5)).toHaveLength(6)
  })

  test('stops between two steps', async () => {
    const stop = new AbortController()
    const network = predictor(() => [1, 0, 0, 0])
    const pairs = decode(stop.signal, network, music(30), { start })
    await pairs.next()
    await pairs.next()
    stop.abort()
    await expect(pairs.next()).rejects.toThrow(/abort/)
    expect(network.windows.length).toBeLessThanOrEqual(2)
  })

  test('refuses what makes no sense', async () => {
    await expect(danced(() => [1], { sampleShift: 0 })).rejects.toThrow('cannot be cut to 0 frames')
    await expect(danced(() => [1], { sampleShift: 29 })).rejects.toThrow('cannot be cut to 29 frames')
    await expect(danced(() => [1], { start: { up: 4, down: 0 } })).rejects.toThrow('4 is no code: 0 to 3')
    await expect(danced(() => [NaN, NaN, NaN, NaN])).rejects.toMatchObject({
      detail: { reason: 'not-a-number' },
    })
  })
})
