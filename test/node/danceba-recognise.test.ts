/** @file Danceba's models are told from all others. */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Fault } from '../../src/shared/fault'
import { openCheckpoint } from '../../workers/danceba/checkpoint/checkpoint'
import { gptTensors, vqTensors, type GptSizes, type VqSizes } from '../../workers/danceba/checkpoint/expected'
import { demand, recognise } from '../../workers/danceba/checkpoint/recognise'
import { blobOf, Call, float32, torchZip, View, type Tree } from '../fixtures/checkpoints'
import { modelOf } from '../fixtures/state-dicts'

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
