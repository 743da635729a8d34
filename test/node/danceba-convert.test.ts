/** @file Danceba's models are told from all others, and are converted to what graphs read: exactly, in order, and stoppable. */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Fault } from '../../src/shared/fault'
import { openCheckpoint } from '../../workers/danceba/checkpoint/checkpoint'
import { convert } from '../../workers/danceba/checkpoint/convert'
import { gptTensors, vqTensors, type GptSizes, type VqSizes } from '../../workers/danceba/checkpoint/expected'
import { fromBfloat, fromHalf, toHalf } from '../../workers/danceba/checkpoint/half'
import { layOut, type Choice, type Layout, type Placed } from '../../workers/danceba/checkpoint/layout'
import { demand, recognise } from '../../workers/danceba/checkpoint/recognise'
import { blobOf, Call, float32, torchZip, View, type Tree } from '../fixtures/checkpoints'
import { modelOf, weights } from '../fixtures/state-dicts'

const never = new AbortController().signal
const shared = new URL('../../../shared/fixtures/danceba/', import.meta.url)

const GPT: GptSizes = {
  width: 16,
  music: 10,
  codes: [6, 7],
  phases: 9,
  attention: 2,
  mamba: 1,
  hidden: 64,
  gated: 16,
  inner: 32,
  states: 4,
  taps: 4,
  rank: 2,
}
const VQ: VqSizes = { width: 8, codes: [5, 6], channels: [45, 27] }

const saved = (tree: Tree) => openCheckpoint(never, blobOf(torchZip(tree)))
const found = async (tree: Tree) => recognise(await saved(tree))
const refusal = (act: () => unknown) => {
  try {
    act()
  } catch (thrown) {
    return (thrown as Fault).detail
  }
  return undefined
}
const without = (model: Record<string, Tree>, pattern: RegExp) =>
  Object.fromEntries(Object.entries(model).filter(([name]) => !pattern.test(name)))

describe('which model it is', () => {
  test('a generator of other sizes, with leftovers, an optimizer and a configuration', async () => {
    const leftovers = {
      'module.gpt_base.pos_emb.pos_emb_1.linear1.weight': new Call(
        'torch.nn.parameter',
        'UninitializedParameter',
        [true],
      ),
      'module.gpt_base.pos_emb.pos_emb_1.bn1.weight': float32([16], Number),
      'module.gpt_head.ln_f.weight': float32([16], Number),
    }
    const config = { structure_generate: { base: { n_head: 2 } } }
    const optimizer = { state: [{ step: 3, exp_avg: float32([2], Number) }] }
    const it = await found({
      model: { ...modelOf(gptTensors(GPT)), ...leftovers },
      config,
      optimizer,
      epoch: 20,
    })
    expect(it.model).toEqual({ kind: 'gpt', sizes: GPT, heads: 2 })
    expect([it.missing, it.differing, it.epoch]).toEqual([[], [], 20])
    expect(it.unused).toEqual([
      ...Object.keys(leftovers).map((name) => `/model/${name}`),
      '/config/structure_generate/base/n_head',
      '/optimizer/state/0/step',
      '/optimizer/state/0/exp_avg',
      '/epoch',
    ])
    expect(refusal(() => demand(it, { encoder: true }))).toBeUndefined()
  })

  test('a bare state dict is as good', async () => {
    const bare = Object.entries(modelOf(vqTensors(VQ))).map(([name, tensor]) => [
      name.replace('module.', ''),
      tensor,
    ])
    const it = await found(Object.fromEntries(bare) as Tree)
    expect(it.model).toEqual({ kind: 'vq', sizes: VQ, joints: 24, root: true })
    expect(refusal(() => demand(it, { encoder: true }))).toBeUndefined()
  })

  test('the fork for 22 joints', async () => {
    const it = await found({ model: modelOf(vqTensors({ ...VQ, channels: [39, 27] })) })
    expect(it.model).toMatchObject({ kind: 'vq', joints: 22 })
    expect(refusal(() => demand(it, { encoder: false }))).toMatchObject({ reason: 'joints', joints: 22 })
  })

  test('one without a root decoder, and one without encoders', async () => {
    const model = modelOf(vqTensors(VQ))
    const rootless = await found({ model: without(model, /decoders_root/) })
    expect(refusal(() => demand(rootless, { encoder: false }))).toMatchObject({ reason: 'no-root' })
    const decoders = await found({ model: without(model, /encoders/) })
    expect(refusal(() => demand(decoders, { encoder: false }))).toBeUndefined()
    expect(refusal(() => demand(decoders, { encoder: true }))).toMatchObject({
      reason: 'differs',
      count: 88,
      missing: expect.arrayContaining([
        'vqvae_up.encoders.0.level_blocks.0.model.0.0.weight (8×45×4)',
      ]) as unknown,
    })
  })

  test('what is missing or differs is named with its shape', async () => {
    const model = modelOf(gptTensors(GPT))
    const one = 'module.gpt_head.blocks.0.mamba_2.x_proj.weight'
    const it = await found({
      model: { ...without(model, /head_up|mamba_2\.D/), [one]: float32([10, 31], Number) },
    })
    expect(refusal(() => demand(it, { encoder: false }))).toMatchObject({
      reason: 'differs',
      model: 'gpt',
      missing: ['gpt_head.blocks.0.mamba_2.D (32)', 'gpt_head.head_up.weight (6×16)'],
      differing: ['gpt_head.blocks.0.mamba_2.x_proj.weight (10×32): 10×31'],
    })
  })

  test('a block that is missing, whole numbers, heads that do not fit', async () => {
    const model = modelOf(gptTensors(GPT))
    const gap = await found({ model: without(model, /gpt_base\.blocks\.0\./) })
    expect(refusal(() => demand(gap, { encoder: false }))).toMatchObject({ reason: 'differs', count: 20 })
    const ids = { key: 'ids', dtype: 'int64' as const, length: 6, bytes: () => new Uint8Array(48) }
    const whole = await found({ model: { ...model, 'module.gpt_head.RMS_f.weight': new View(ids, [6]) } })
    expect(refusal(() => demand(whole, { encoder: false }))).toMatchObject({
      differing: ['gpt_head.RMS_f.weight (16): int64'],
    })
    const odd = await found({ model, config: { base: { n_head: 3 } } })
    expect(refusal(() => demand(odd, { encoder: false }))).toMatchObject({ differing: ['n_head: 3'] })
  })

  test('other models, and none', async () => {
    const other = await found({ 'conv1.weight': float32([64, 3, 7, 7], Number) })
    expect(refusal(() => demand(other, { encoder: false }))).toMatchObject({
      reason: 'other-model',
      found: ['conv1.weight (64×3×7×7)'],
    })
    expect(refusal(() => layOut(other, { precision: 'fp16' }))).toMatchObject({ reason: 'other-model' })
    const none = await found({ epoch: 1 })
    expect(refusal(() => demand(none, { encoder: false }))).toMatchObject({ reason: 'no-tensors' })
  })

  test.skipIf(!existsSync(shared)).each(['gpt', 'vqvae'])(
    'the published %s has exactly the reference shapes (needs ../shared/fixtures/danceba)',
    (name) => {
      const { tensors } = JSON.parse(readFileSync(new URL(`${name}/weights.json`, shared), 'utf8')) as {
        tensors: Record<string, { shape: number[] }>
      }
      const known = new Map(Object.entries(tensors).map(([key, { shape }]) => [key, shape]))
      const sizes: GptSizes = {
        ...{ width: 768, music: 438, codes: [512, 512], phases: 257, attention: 6, mamba: 6, hidden: 3072 },
        ...{ gated: 768, inner: 3072, states: 128, taps: 4, rank: 48 },
      }
      const made =
        name === 'gpt' ? gptTensors(sizes) : vqTensors({ width: 512, codes: [512, 512], channels: [45, 27] })
      const expected = made.filter(({ name: key }) => known.has(key) || key !== 'gpt_base.position_scale')
      expect(Object.fromEntries(expected.map(({ name: key, shape }) => [key, shape]))).toEqual(
        Object.fromEntries(known),
      )
    },
  )

  test.skipIf(!existsSync(shared)).each([
    ['gpt-zip', 'gpt'],
    ['gpt-legacy', 'gpt'],
    ['vq-zip', 'vq'],
    ['views-zip', 'other'],
  ])('%s is told by its names: %s (needs ../shared/fixtures/danceba)', async (name, kind) => {
    const file = readFileSync(new URL(`checkpoint/${name}.pt`, shared))
    const it = recognise(await openCheckpoint(never, blobOf([file])))
    expect(it.model.kind).toBe(kind)
    // All names are there, but shapes that do not go together.
    expect(it.missing).toEqual([])
    expect(refusal(() => demand(it, { encoder: false }))).toMatchObject({
      reason: kind === 'other' ? 'other-model' : 'differs',
    })
  })
})

const converted = async (tree: Tree, choice: Choice) => {
  const checkpoint = await saved(tree)
  const layout = layOut(recognise(checkpoint), choice)
  const file = Buffer.alloc(layout.bytes)
  let at = 0
  for await (const chunk of convert(never, checkpoint, layout)) {
    expect([chunk.at, chunk.of, chunk.done]).toEqual([at, layout.bytes, at + chunk.bytes.length])
    file.set(chunk.bytes, at)
    at = chunk.done
  }
  expect(at).toBe(layout.bytes)
  return { layout, file }
}

const slice = (file: Buffer, { offset, bytes }: { offset: number; bytes: number }) =>
  new Uint8Array(file.subarray(offset, offset + bytes)).buffer

/** What a graph sees: weights again, by the formula of DequantizeLinear. */
const restored = (file: Buffer, placed: Placed): number[] => {
  const data = slice(file, placed)
  if (placed.dtype === 'float32') return [...new Float32Array(data)]
  if (placed.dtype === 'float16') return [...fromHalf(new Uint16Array(data))]
  const { axis } = placed.scales!
  const scales = new Float32Array(slice(file, placed.scales!))
  const inner = placed.shape.slice(axis + 1).reduce((product, size) => product * size, 1)
  return [...new Int8Array(data)].map((q, i) => q * scales[Math.floor(i / inner) % scales.length]!)
}

const named = (layout: Layout, name: string) => layout.tensors.find((placed) => placed.name === name)!

describe('converted', () => {
  const tree = { model: modelOf(gptTensors(GPT)) }
  const exact = /A_log|\.D$|bias|norm|ln\d|RMS|bn2|conv1d|position_scale/

  test('fp32 is what was saved', async () => {
    const { layout, file } = await converted(tree, { precision: 'fp32' })
    expect(layout.tensors.map(({ name }) => name)).toEqual(gptTensors(GPT).map(({ name }) => name))
    for (const placed of layout.tensors) {
      expect(placed.offset % 64).toBe(0)
      expect(new Float32Array(slice(file, placed))).toEqual(weights(placed.name, placed.bytes / 4))
    }
  })

  test('fp16 rounds matrices, and nothing that has to stay', async () => {
    const { layout, file } = await converted(tree, { precision: 'fp16' })
    for (const placed of layout.tensors) {
      expect(placed.dtype).toBe(exact.test(placed.name) ? 'float32' : 'float16')
      const right = weights(placed.name, placed.bytes / (placed.dtype === 'float16' ? 2 : 4))
      restored(file, placed).forEach((value, i) => {
        expect(Math.abs(value - right[i]!)).toBeLessThanOrEqual(placed.dtype === 'float16' ? 2 ** -15 : 0)
      })
    }
  })

  test.each([false, true])(
    'int8 is within half a step of each output channel (transposed: %s)',
    async (transposed) => {
      const { layout, file } = await converted(tree, { precision: 'int8', transposed })
      const placed = named(layout, 'gpt_head.blocks.0.mamba_3.in_proj.weight')
      expect(placed).toMatchObject({
        dtype: 'int8',
        shape: transposed ? [16, 64] : [64, 16],
        scales: { axis: transposed ? 1 : 0, bytes: 256 },
      })
      const saved = weights(placed.name, 64 * 16)
      const values = restored(file, placed)
      for (let out = 0; out < 64; out++) {
        const row = saved.subarray(out * 16, out * 16 + 16)
        const most = row.reduce((a, b) => Math.max(a, Math.abs(b)), 0)
        row.forEach((value, i) => {
          const back = values[transposed ? i * 64 + out : out * 16 + i]!
          expect(Math.abs(back - value)).toBeLessThanOrEqual((most / 127) * 0.50001)
        })
      }
      // What is next to the input and the output, or small, is as it was.
      for (const name of [
        'gpt_base.cond_emb.weight',
        'gpt_head.head_up.weight',
        'gpt_head.blocks.0.mamba_1.A_log',
      ]) {
        const kept = named(layout, name)
        expect(restored(file, kept)).toEqual([...weights(name, kept.bytes / 4)])
      }
    },
  )

  test('the auto-encoder: without encoders unless asked, channels of transposed convolutions are columns', async () => {
    const model = { model: modelOf(vqTensors(VQ)) }
    const whole = layOut(await found(model), { precision: 'int8', encoder: true })
    const { layout, file } = await converted(model, { precision: 'int8' })
    expect(layout.tensors.some(({ name }) => name.includes('.encoders.'))).toBe(false)
    expect(whole.tensors.length - layout.tensors.length).toBe(88)
    const name = 'vqvae_down.decoders_root.0.level_blocks.0.model.2.1.weight'
    const placed = named(layout, name)
    expect(placed).toMatchObject({ shape: [8, 8, 4], scales: { axis: 1 } })
    const saved = weights(name, 256)
    restored(file, placed).forEach((value, i) => expect(value).toBeCloseTo(saved[i]!, 3))
  })

  test('channels of zeros stay zeros', async () => {
    const zeros = {
      'module.gpt_base.blocks.0.in_proj.weight': float32([16, 16], (i) => (i < 32 ? 0 : 1e-42)),
    }
    const { layout, file } = await converted({ model: { ...tree.model, ...zeros } }, { precision: 'int8' })
    expect(new Set(restored(file, named(layout, 'gpt_base.blocks.0.in_proj.weight')))).toEqual(new Set([0]))
  })

  test('a tensor of several pieces is the same as one', async () => {
    const wide = { ...GPT, width: 1024, hidden: 2048, attention: 0, mamba: 1 }
    const { layout, file } = await converted({ model: modelOf(gptTensors(wide)) }, { precision: 'int8' })
    const placed = named(layout, 'gpt_head.block_base.mlp.0.weight')
    const scales = new Float32Array(slice(file, placed.scales!))
    const saved = weights(placed.name, 2048 * 1024)
    for (const row of [0, 1023, 1024, 2047]) {
      const most = saved.subarray(row * 1024, row * 1024 + 1024).reduce((a, b) => Math.max(a, Math.abs(b)), 0)
      expect(scales[row]).toBe(Math.fround(most / 127))
    }
  })

  test('values that are no numbers are refused by the name of their tensor', async () => {
    const bad = { 'module.gpt_head.RMS_f.weight': float32([16], (i) => (i === 9 ? NaN : 1)) }
    const attempt = converted({ model: { ...tree.model, ...bad } }, { precision: 'fp16' })
    await expect(attempt).rejects.toMatchObject({
      detail: { reason: 'not-finite', tensor: 'gpt_head.RMS_f.weight' },
    })
  })

  test('a wrong checksum ends the stream before it is whole', async () => {
    const bytes = Buffer.concat([...torchZip(tree)])
    const last = Buffer.from(weights('gpt_head.head_down.weight', 4).buffer)
    bytes[bytes.indexOf(last)]! ^= 1
    const checkpoint = await openCheckpoint(never, blobOf([bytes]))
    const layout = layOut(recognise(checkpoint), { precision: 'fp16' })
    let done = 0
    const attempt = (async () => {
      for await (const chunk of convert(never, checkpoint, layout)) done = chunk.done
    })()
    await expect(attempt).rejects.toMatchObject({ detail: { reason: 'damaged' } })
    expect(done).toBeLessThan(layout.bytes)
  })

  test('stopped between two chunks', async () => {
    const stop = new AbortController()
    const checkpoint = await saved(tree)
    const layout = layOut(recognise(checkpoint), { precision: 'fp16' })
    let chunks = 0
    const attempt = (async () => {
      for await (const _ of convert(stop.signal, checkpoint, layout)) if (++chunks === 3) stop.abort()
    })()
    await expect(attempt).rejects.toThrow(/abort/)
    expect(chunks).toBe(3)
  })
})

describe('16-bit numbers', () => {
  test('every half comes back as it was', () => {
    const all = Uint16Array.from(Array(65536).keys()).filter((h) => (h & 0x7c00) !== 0x7c00)
    const back = toHalf(new Uint32Array(fromHalf(all).buffer))
    // There are two zeros.
    expect(back.map((h) => (h === 0x8000 ? 0 : h))).toEqual(all.map((h) => (h === 0x8000 ? 0 : h)))
  })

  test.each([
    [1 + 2 ** -11, 1], // a tie goes to the even one
    [1 + 3 * 2 ** -11, 1 + 2 ** -9],
    [65519, 65504],
    [1e9, 65504],
    [-1e9, -65504],
    [2 ** -25, 0],
    [2 ** -25 * 1.001, 2 ** -24],
    [3 * 2 ** -25, 2 ** -23],
    [2 ** -14 - 2 ** -26, 2 ** -14],
    [1e-30, 0],
  ])('%f becomes %f', (value, half) => {
    expect(fromHalf(toHalf(new Uint32Array(new Float32Array([value]).buffer)))[0]).toBe(half)
  })

  test('bfloat16 is the upper half', () => {
    expect([...fromBfloat(new Uint16Array([0x3f80, 0xc000, 0x0000]))]).toEqual([1, -2, 0])
  })
})
