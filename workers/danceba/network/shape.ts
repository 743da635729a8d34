/** @file How large a generator is: read off the shapes of its tensors, so that one of another depth or width is built too. */
import { misfit } from '../checkpoint/refusal'

/** What a checkpoint says of a tensor; names are those of the state dict, without `module.`. */
export type Table = (name: string) => { readonly shape: readonly number[] } | undefined

/** Of the generator: sizes of vectors, and how many blocks of each kind there are. */
export interface Shape {
  readonly width: number
  readonly heads: number
  /** Blocks with attention before the Mambas. */
  readonly base: number
  /** Blocks of three Mambas. */
  readonly mambas: number
  /** Numbers a frame of music. */
  readonly music: number
  /** Codes a stream can choose from. */
  readonly codes: number
  /** Bins of the phase spectrum. */
  readonly bins: number
  /** Of the gated perceptrons behind attention, and behind a Mamba (half of it). */
  readonly hidden: number
  readonly gated: number
  /** Channels of a Mamba, states a channel, rank of its step sizes, taps of its convolution. */
  readonly inner: number
  readonly state: number
  readonly rank: number
  readonly taps: number
}

/** Music, upper body, lower body. */
export const STREAMS = 3

/** The published generator has 12 heads at a width of 768; nothing in a checkpoint says how many there are. */
const HEAD_WIDTH = 64

/** Throws `bad-input`, reason `differs`, where a tensor is missing or does not fit the others, by name and shape. */
export const shapeOf = (table: Table, heads?: number): Shape => {
  const [codes, width] = dims(table, 'gpt_base.tok_emb_up.weight', 2)
  const [, music] = dims(table, 'gpt_base.cond_emb.weight', 2)
  const [, bins] = dims(table, 'gpt_base.pos_emb.pos_emb_1.linear2.weight', 2)
  const [hidden] = dims(table, 'gpt_head.block_base.mlp.0.weight', 2)
  const mamba = 'gpt_head.blocks.0.mamba_1.'
  const [inner, state] = dims(table, `${mamba}A_log`, 2)
  const [, rank] = dims(table, `${mamba}dt_proj.weight`, 2)
  const [, , taps] = dims(table, `${mamba}conv1d.weight`, 3)
  const [, gated] = dims(table, 'gpt_head.blocks.0.gate_mlp_1.fc2.weight', 2)
  const shape = {
    ...{ width, music, codes, bins, hidden, gated, inner, state, rank, taps },
    heads: heads ?? width / HEAD_WIDTH,
    base: count(table, (i) => `gpt_base.blocks.${i}.norm1.weight`),
    mambas: count(table, (i) => `gpt_head.blocks.${i}.ln1.weight`),
  }
  if (!Number.isInteger(shape.width / shape.heads) || shape.heads < 1)
    wrong('gpt_base.tok_emb_up.weight', [codes, width], `a width that ${HEAD_WIDTH} divides`)
  for (const [name, wanted] of tensorsOf(shape)) {
    const found = dims(table, name, wanted.length)
    if (found.some((size, i) => size !== wanted[i])) wrong(name, found, wanted.join(' × '))
  }
  return shape
}

type Sizes = readonly [number, number, number]

const dims = (table: Table, name: string, rank: number): Sizes => {
  const found = table(name)
  if (!found) throw misfit('gpt', name)
  if (found.shape.length !== rank) wrong(name, found.shape, `${rank} dimensions`)
  return found.shape as unknown as Sizes
}

const wrong = (name: string, found: readonly number[], wanted: string): never => {
  throw misfit('gpt', name, { found: found.join(' × '), wanted })
}

const count = (table: Table, nameOf: (index: number) => string): number => {
  let found = 0
  while (table(nameOf(found))) found++
  return found
}

/** Names of the blocks with attention, in order, the closing one last. */
export const attentionBlocks = ({ base }: Shape): string[] => [
  ...Array.from({ length: base }, (_, i) => `gpt_base.blocks.${i}`),
  'gpt_head.block_base',
]

export const mambaBlocks = ({ mambas }: Shape): string[] =>
  Array.from({ length: mambas }, (_, i) => `gpt_head.blocks.${i}`)

/** All tensors that are used, with their shapes. */
export function* tensorsOf(shape: Shape): Generator<[name: string, dims: readonly number[]]> {
  const { width, music, codes, bins } = shape
  yield ['gpt_base.tok_emb_up.weight', [codes, width]]
  yield ['gpt_base.tok_emb_down.weight', [codes, width]]
  yield ['gpt_base.cond_emb.weight', [width, music]]
  yield ['gpt_base.cond_emb.bias', [width]]
  yield ['gpt_base.position_scale', []]
  for (let head = 1; head <= STREAMS; head++) {
    const name = `gpt_base.pos_emb.pos_emb_${head}`
    yield [`${name}.linear2.weight`, [width, bins]]
    yield [`${name}.linear2.bias`, [width]]
    for (const part of ['weight', 'bias', 'running_mean', 'running_var'])
      yield [`${name}.bn2.${part}`, [width]]
  }
  for (const block of attentionBlocks(shape)) yield* attentionTensors(block, shape)
  for (const block of mambaBlocks(shape)) yield* mambaTensors(block, shape)
  yield ['gpt_head.RMS_f.weight', [width]]
  yield ['gpt_head.head_up.weight', [codes, width]]
  yield ['gpt_head.head_down.weight', [codes, width]]
}

function* attentionTensors(block: string, { width, hidden }: Shape): Generator<[string, readonly number[]]> {
  yield [`${block}.norm1.weight`, [width]]
  yield [`${block}.norm2.weight`, [width]]
  const square = ['in_proj', 'act_proj', 'out_proj', 'attn.key', 'attn.query', 'attn.value', 'attn.proj']
  for (const part of square) {
    yield [`${block}.${part}.weight`, [width, width]]
    yield [`${block}.${part}.bias`, [width]]
  }
  yield [`${block}.mlp.0.weight`, [hidden, width]]
  yield [`${block}.mlp.0.bias`, [hidden]]
  yield [`${block}.mlp.2.weight`, [width, hidden]]
  yield [`${block}.mlp.2.bias`, [width]]
}

function* mambaTensors(block: string, shape: Shape): Generator<[string, readonly number[]]> {
  const { width, inner, state, rank, taps, gated } = shape
  for (let stream = 1; stream <= STREAMS; stream++) {
    yield [`${block}.ln${2 * stream - 1}.weight`, [width]]
    yield [`${block}.ln${2 * stream}.weight`, [width]]
    const mamba = `${block}.mamba_${stream}`
    yield [`${mamba}.in_proj.weight`, [2 * inner, width]]
    yield [`${mamba}.conv1d.weight`, [inner, 1, taps]]
    yield [`${mamba}.conv1d.bias`, [inner]]
    yield [`${mamba}.x_proj.weight`, [rank + 2 * state, inner]]
    yield [`${mamba}.dt_proj.weight`, [inner, rank]]
    yield [`${mamba}.dt_proj.bias`, [inner]]
    yield [`${mamba}.A_log`, [inner, state]]
    yield [`${mamba}.D`, [inner]]
    yield [`${mamba}.out_proj.weight`, [width, inner]]
    yield [`${block}.gate_mlp_${stream}.fc1.weight`, [2 * gated, width]]
    yield [`${block}.gate_mlp_${stream}.fc2.weight`, [width, gated]]
  }
}
