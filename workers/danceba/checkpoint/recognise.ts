/** @file Which model a checkpoint holds, told by the names and shapes of its tensors; its file name says nothing. */
import type { Checkpoint } from './checkpoint'
import { gptTensors, vqTensors, type Expected, type GptSizes, type VqSizes } from './expected'
import { refusal, shown } from './refusal'
import type { Tensor } from './values'

export type Model =
  /** `heads` is not in the weights: it is the configuration's, or one for every 64 channels. */
  | { readonly kind: 'gpt'; readonly sizes: GptSizes; readonly heads: number }
  /** 24 joints; 22 in the fork for other data. `root`: whether it can tell where the dancer goes. */
  | { readonly kind: 'vq'; readonly sizes: VqSizes; readonly joints: number; readonly root: boolean }
  | { readonly kind: 'other' }

export interface Differing {
  readonly expected: Expected
  readonly found: Tensor
}

export interface Found {
  readonly model: Model
  /** Of the state dict, by name without `module.`. */
  readonly tensors: ReadonlyMap<string, Tensor>
  /** What a model of these sizes has; of it, what is not there, and what has another shape or no real numbers. */
  readonly expected: readonly Expected[]
  readonly missing: readonly Expected[]
  readonly differing: readonly Differing[]
  /** Paths of all leaves that are not needed: configuration, optimizer, leftovers. */
  readonly unused: readonly string[]
  readonly epoch: number | undefined
}

/** Never throws: `demand` does. */
export const recognise = (checkpoint: Checkpoint): Found => {
  const { folder, tensors } = stateOf(checkpoint)
  const model = modelOf(checkpoint, tensors)
  const expected = expectedOf(model)
  const names = new Set(expected.map(({ name }) => name))
  const unused = [...checkpoint.leaves.keys()].filter(
    (path) => !(path.startsWith(folder) && names.has(bare(path.slice(folder.length)))),
  )
  const missing = expected.filter(({ name }) => !tensors.has(name))
  const differing = expected.flatMap((one) => {
    const found = tensors.get(one.name)
    return found && !fits(one, found) ? [{ expected: one, found }] : []
  })
  return { model, tensors, expected, missing, differing, unused, epoch: numberAt(checkpoint, '/epoch') }
}

const expectedOf = (model: Model): Expected[] => {
  if (model.kind === 'other') return []
  return model.kind === 'gpt' ? gptTensors(model.sizes) : vqTensors(model.sizes)
}

const fits = ({ shape }: Expected, found: Tensor) =>
  found.dtype.includes('float') &&
  shape.length === found.shape.length &&
  shape.every((n, i) => n === found.shape[i])

const bare = (name: string) => name.replace(/^module\./, '')

/** The dictionary with the most tensors: an optimizer keeps its own in many small ones. */
const stateOf = ({ leaves }: Checkpoint) => {
  const folders = new Map<string, Map<string, Tensor>>()
  for (const [path, leaf] of leaves) {
    if (leaf.kind !== 'tensor') continue
    const cut = path.lastIndexOf('/') + 1
    const tensors = folders.get(path.slice(0, cut)) ?? new Map<string, Tensor>()
    folders.set(path.slice(0, cut), tensors.set(bare(path.slice(cut)), leaf))
  }
  let best = { folder: '/', tensors: new Map<string, Tensor>() }
  for (const [folder, tensors] of folders) if (tensors.size > best.tensors.size) best = { folder, tensors }
  return best
}

const modelOf = (checkpoint: Checkpoint, tensors: ReadonlyMap<string, Tensor>): Model => {
  const names = [...tensors.keys()]
  const some = (pattern: RegExp) => names.some((name) => pattern.test(name))
  if (some(/^gpt_base\./) && some(/^gpt_head\.blocks\.\d+\.mamba_\d\./)) {
    const sizes = gptSizes(tensors)
    const heads = headsIn(checkpoint) ?? Math.max(1, Math.round(sizes.width / 64))
    return { kind: 'gpt', sizes, heads }
  }
  if (some(/^vqvae_up\./) && some(/^vqvae_down\./)) {
    const sizes = vqSizes(tensors)
    const joints = (sizes.channels[0] + sizes.channels[1]) / 3
    return { kind: 'vq', sizes, joints, root: some(/^vqvae_down\.decoders_root\./) }
  }
  return { kind: 'other' }
}

/** A size of a tensor, or that of the published model where the tensor is missing. */
const sizer = (tensors: ReadonlyMap<string, Tensor>) => (name: string, axis: number, published: number) =>
  tensors.get(name)?.shape[axis] ?? published

const gptSizes = (tensors: ReadonlyMap<string, Tensor>): GptSizes => {
  const size = sizer(tensors)
  const mamba = 'gpt_head.blocks.0.mamba_1'
  return {
    width: size('gpt_base.tok_emb_up.weight', 1, 768),
    music: size('gpt_base.cond_emb.weight', 1, 438),
    codes: [size('gpt_base.tok_emb_up.weight', 0, 512), size('gpt_base.tok_emb_down.weight', 0, 512)],
    phases: size('gpt_base.pos_emb.pos_emb_1.linear2.weight', 1, 257),
    attention: depth(tensors, /^gpt_base\.blocks\.(\d+)\./),
    mamba: depth(tensors, /^gpt_head\.blocks\.(\d+)\./),
    hidden: size('gpt_head.block_base.mlp.0.weight', 0, 3072),
    gated: size('gpt_head.blocks.0.gate_mlp_1.fc2.weight', 1, 768),
    inner: size(`${mamba}.A_log`, 0, 3072),
    states: size(`${mamba}.A_log`, 1, 128),
    taps: size(`${mamba}.conv1d.weight`, 2, 4),
    rank: size(`${mamba}.dt_proj.weight`, 1, 48),
  }
}

const vqSizes = (tensors: ReadonlyMap<string, Tensor>): VqSizes => {
  const size = sizer(tensors)
  const book = (half: string) => `vqvae_${half}.bottleneck.level_blocks.0.k`
  return {
    width: size(book('up'), 1, 512),
    codes: [size(book('up'), 0, 512), size(book('down'), 0, 512)],
    channels: [
      size('vqvae_up.decoders.0.out.weight', 0, 45),
      size('vqvae_down.decoders.0.out.weight', 0, 27),
    ],
  }
}

const MOST_BLOCKS = 64

/** One more than the highest number of a block, so that a gap is a block that is missing. */
const depth = (tensors: ReadonlyMap<string, Tensor>, pattern: RegExp) => {
  const numbers = [...tensors.keys()].map((name) => Number(pattern.exec(name)?.[1] ?? -1))
  return Math.min(MOST_BLOCKS, 1 + numbers.reduce((most, n) => Math.max(most, n), -1))
}

const headsIn = (checkpoint: Checkpoint) => {
  const path = [...checkpoint.leaves.keys()].find((path) => path.endsWith('/base/n_head'))
  const heads = path === undefined ? undefined : numberAt(checkpoint, path)
  return heads && heads > 0 ? heads : undefined
}

const numberAt = ({ leaves }: Checkpoint, path: string) => {
  const leaf = leaves.get(path)
  return leaf?.kind === 'scalar' && typeof leaf.value === 'number' ? leaf.value : undefined
}

const JOINTS = 24
/** How many names a Fault carries. */
const NAMED = 8

const shapeText = (shape: readonly number[]) => (shape.length ? shape.join('×') : '1')
const text = ({ name, shape }: { name: string; shape: readonly number[] }) =>
  `${shown(name)} (${shapeText(shape)})`

/**
 * Throws for what cannot be danced with, naming by name and shape what is missing or differs: `no-tensors`, `other-model`,
 * `joints`, `no-root`, `differs`. The encoder is asked for only where it is wanted.
 */
export const demand = (found: Found, wanted: { readonly encoder: boolean }): void => {
  const { model, tensors } = found
  if (tensors.size === 0) throw refusal('no-tensors', 'a checkpoint without tensors')
  if (model.kind === 'other') {
    const names = [...tensors].slice(0, NAMED).map(([name, { shape }]) => text({ name, shape }))
    throw refusal('other-model', `another model: ${names.join(', ')}`, { found: names, count: tensors.size })
  }
  if (model.kind === 'vq' && model.joints !== JOINTS && onlyShapes(found))
    throw refusal('joints', `poses of ${model.joints} joints, not ${JOINTS}`, { joints: model.joints })
  const needed = ({ part }: Expected) => part !== 'encoder' || wanted.encoder
  const missing = found.missing.filter(needed)
  if (model.kind === 'vq' && !model.root && missing.every(({ part }) => part === 'root'))
    throw refusal('no-root', 'no decoder for the way through the room', {
      missing: missing.slice(0, NAMED).map(text),
    })
  const differing = found.differing.filter(({ expected }) => needed(expected))
  if (missing.length + differing.length === 0) return demandHeads(model)
  throw refusal('differs', `${missing.length} tensors are missing, ${differing.length} have another shape`, {
    model: model.kind,
    missing: missing.slice(0, NAMED).map(text),
    differing: differing.slice(0, NAMED).map(differs),
    count: missing.length + differing.length,
  })
}

const differs = ({ expected, found }: Differing) =>
  `${text(expected)}: ${found.dtype.includes('float') ? shapeText(found.shape) : found.dtype}`

/** Whole, but for another body. */
const onlyShapes = ({ missing, differing }: Found) =>
  missing.every(({ part }) => part !== 'decoder') && differing.length === 0

const demandHeads = (model: Model) => {
  if (model.kind !== 'gpt' || model.sizes.width % model.heads === 0) return
  throw refusal('differs', `${model.sizes.width} channels do not go into ${model.heads} heads`, {
    model: 'gpt',
    missing: [],
    differing: [`n_head: ${model.heads}`],
    count: 1,
  })
}
