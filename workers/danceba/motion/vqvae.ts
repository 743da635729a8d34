/**
 * @file The auto-encoder of poses as ONNX graphs: convolutions over time between 60 frames a second and 7.5 codes, one for the
 * upper half of the body and one for the lower (VQ-VAE of Bailando, Siyao et al. 2022; the network is that of Jukebox).
 */
import { misfit } from '../checkpoint/refusal'
import { LayoutBuilder, type Layout, type Precision } from '../network/layout'
import { Pieces, type Graph } from '../network/pieces'
import type { Table } from '../network/shape'

export interface PoseShape {
  readonly width: number
  readonly codes: number
  /** Each halves the number of frames. */
  readonly stages: number
  /** Residual blocks a stage, dilated by 1, 3, 9 … */
  readonly depth: number
}

/** Three numbers a joint. */
export const UPPER = [3, 6, 9, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]
export const LOWER = [0, 1, 2, 4, 5, 7, 8, 10, 11]

const HALVES = ['up', 'down'] as const
export type Half = (typeof HALVES)[number]

const CHANNELS = { up: 3 * UPPER.length, down: 3 * LOWER.length, root: 3 }

/** The decoders, and where in the checkpoint they are. */
const DECODERS = {
  up: 'vqvae_up.decoders.0',
  down: 'vqvae_down.decoders.0',
  root: 'vqvae_down.decoders_root.0',
} as const
type Decoder = keyof typeof DECODERS

export const codebook = (half: Half) => `vqvae_${half}.bottleneck.level_blocks.0.k`

/** Throws `bad-input`, reason `differs`, where a tensor is missing or does not fit, by name and shape. */
export const poseShapeOf = (table: Table): PoseShape => {
  const found = table(codebook('up'))?.shape ?? missing(codebook('up'))
  const model = `${DECODERS.up}.level_blocks.0.model`
  const shape = {
    codes: found[0] ?? 0,
    width: found[1] ?? 0,
    stages: countOf((i) => table(`${model}.${i + 1}.1.weight`)),
    depth: countOf((i) => table(`${model}.1.0.model.${i}.model.1.weight`)),
  }
  for (const { name, dims } of tensorsOf(shape)) {
    const { shape: is } = table(name) ?? { shape: missing(name) }
    if (is.length === dims.length && is.every((size, i) => size === dims[i])) continue
    throw misfit('vq', name, { found: is.join(' × '), wanted: dims.join(' × ') })
  }
  return shape
}

const missing = (name: string): never => {
  throw misfit('vq', name)
}

const countOf = (at: (index: number) => unknown): number => {
  let found = 0
  while (at(found)) found++
  return found
}

/** A tensor of the checkpoint. */
export interface Named {
  readonly name: string
  readonly dims: readonly number[]
}

const conv = (name: string, out: number, into: number, taps: number): Named[] => [
  { name: `${name}.weight`, dims: [out, into, taps] },
  { name: `${name}.bias`, dims: [out] },
]

const residuals = (name: string, { width, depth }: PoseShape): Named[] =>
  Array.from({ length: depth }, (_, i) => [
    ...conv(`${name}.model.${i}.model.1`, width, width, 3),
    ...conv(`${name}.model.${i}.model.3`, width, width, 1),
  ]).flat()

const decoderTensors = (decoder: Decoder, shape: PoseShape): Named[] => {
  const model = `${DECODERS[decoder]}.level_blocks.0.model`
  const { width } = shape
  return [
    ...conv(`${model}.0`, width, width, 3),
    ...numbered(shape.stages).flatMap((stage) => [
      ...residuals(`${model}.${stage + 1}.0`, shape),
      ...conv(`${model}.${stage + 1}.1`, width, width, 4),
    ]),
    ...conv(`${DECODERS[decoder]}.out`, CHANNELS[decoder], width, 3),
  ]
}

const encoderTensors = (half: Half, shape: PoseShape): Named[] => {
  const model = `vqvae_${half}.encoders.0.level_blocks.0.model`
  const { width, stages } = shape
  return [
    ...numbered(stages).flatMap((stage) => [
      ...conv(`${model}.${stage}.0`, width, stage === 0 ? CHANNELS[half] : width, 4),
      ...residuals(`${model}.${stage}.1`, shape),
    ]),
    ...conv(`${model}.${stages}`, width, width, 3),
  ]
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => i)

export const tensorsOf = (shape: PoseShape): Named[] => [
  ...HALVES.flatMap((half) => [
    { name: codebook(half), dims: [shape.codes, shape.width] },
    ...encoderTensors(half, shape),
  ]),
  ...(Object.keys(DECODERS) as Decoder[]).flatMap((decoder) => decoderTensors(decoder, shape)),
]

/** Segments `codes`, `decoder`, and `encoder`, which only a dance that goes on from a motion needs. */
export const poseLayoutOf = (shape: PoseShape, precision: Precision): Layout => {
  // Convolutions have no form in bytes.
  const to = new LayoutBuilder(precision === 'fp32' ? 'fp32' : 'fp16')
  const put = ({ name, dims }: Named) => (name.endsWith('.bias') ? to.exact(name, dims) : to.half(name, dims))
  for (const half of HALVES) to.exact(codebook(half), [shape.codes, shape.width])
  to.segment('codes')
  for (const decoder of Object.keys(DECODERS) as Decoder[]) decoderTensors(decoder, shape).forEach(put)
  to.segment('decoder')
  for (const half of HALVES) encoderTensors(half, shape).forEach(put)
  return to.segment('encoder').build()
}

/** `up` and `down`: n codes (int32). `pose_up` 45 × 8n, `pose_down` 27 × 8n, and `root`, 3 × 8n: how the pelvis moves a frame. */
export const decoderGraph = (shape: PoseShape, layout: Layout): Graph => {
  const p = new Pieces('danceba.decoder', layout)
  const vectors = Object.fromEntries(
    HALVES.map((half) => {
      const rows = p.g.op('Gather', [p.weight(codebook(half)), p.g.input(half, 'int32', ['n'])])
      return [half, p.batched(p.g.op('Transpose', [rows], { perm: [1, 0] }))]
    }),
  )
  for (const decoder of Object.keys(DECODERS) as Decoder[]) {
    const out = decoded(p, decoder, shape, vectors[decoder === 'up' ? 'up' : 'down']!)
    const name = decoder === 'root' ? 'root' : `pose_${decoder}`
    p.g.output(p.g.op('Squeeze', [out, p.integers(0)], {}, name), 'float', [CHANNELS[decoder], 'frames'])
  }
  return p.build()
}

/** `pose_up` 45 × T and `pose_down` 27 × T; `latent_up`, `latent_down`: width × ⌊T/8⌋, to be looked up in the codebooks. */
export const encoderGraph = (shape: PoseShape, layout: Layout): Graph => {
  const p = new Pieces('danceba.encoder', layout)
  for (const half of HALVES) {
    const pose = p.g.input(`pose_${half}`, 'float', [CHANNELS[half], 'frames'])
    const out = encoded(p, half, shape, p.batched(pose))
    p.g.output(p.g.op('Squeeze', [out, p.integers(0)], {}, `latent_${half}`), 'float', [shape.width, 'codes'])
  }
  return p.build()
}

interface Taps {
  readonly taps: number
  /** That go in, where they may be no multiple of 4. */
  readonly channels?: number
  readonly stride?: number
  readonly dilation?: number
}

const convolved = (p: Pieces, type: 'Conv' | 'ConvTranspose', x: string, name: string, how: Taps): string => {
  const { taps, channels = 0, stride = 1, dilation = 1 } = how
  const pad = stride === 1 ? ((taps - 1) / 2) * dilation : 1
  // Channels of zeros: on WebGPU convolutions of ONNX Runtime 1.30 are wrong where those that go in are no multiple of 4.
  const more = (4 - (channels % 4)) % 4
  const filled = (of: string) => (more ? p.g.op('Pad', [of, p.integers(0, 0, 0, 0, more, 0)]) : of)
  return p.g.op(type, [filled(x), filled(p.weight(`${name}.weight`)), p.weight(`${name}.bias`)], {
    kernel_shape: [taps],
    strides: [stride],
    dilations: [dilation],
    pads: [pad, pad],
  })
}

const residual = (p: Pieces, x: string, name: string, dilation: number): string => {
  const inner = convolved(p, 'Conv', p.g.op('Relu', [x]), `${name}.model.1`, { taps: 3, dilation })
  return p.add(x, convolved(p, 'Conv', p.g.op('Relu', [inner]), `${name}.model.3`, { taps: 1 }))
}

const decoded = (p: Pieces, decoder: Decoder, { stages, depth }: PoseShape, x: string): string => {
  const model = `${DECODERS[decoder]}.level_blocks.0.model`
  let y = convolved(p, 'Conv', x, `${model}.0`, { taps: 3 })
  for (let stage = 1; stage <= stages; stage++) {
    for (let i = 0; i < depth; i++) y = residual(p, y, `${model}.${stage}.0.model.${i}`, 3 ** (depth - 1 - i))
    y = convolved(p, 'ConvTranspose', y, `${model}.${stage}.1`, { taps: 4, stride: 2 })
  }
  return convolved(p, 'Conv', y, `${DECODERS[decoder]}.out`, { taps: 3 })
}

const encoded = (p: Pieces, half: Half, { stages, depth, width }: PoseShape, x: string): string => {
  const model = `vqvae_${half}.encoders.0.level_blocks.0.model`
  let y = x
  for (let stage = 0; stage < stages; stage++) {
    const channels = stage === 0 ? CHANNELS[half] : width
    y = convolved(p, 'Conv', y, `${model}.${stage}.0`, { taps: 4, stride: 2, channels })
    for (let i = 0; i < depth; i++) y = residual(p, y, `${model}.${stage}.1.model.${i}`, 3 ** i)
  }
  return convolved(p, 'Conv', y, `${model}.${stages}`, { taps: 3 })
}

/** How far a code is heard, in codes on either side: of the last of these, in some frames at least. */
export const reachOf = ({ stages, depth }: PoseShape): number => {
  // In frames, from its first one to the last that hears it: the first layer; in each stage, at its own rate, 1 + 3 + 9 … and the transposed layer; the last layer.
  const dilated = (3 ** depth - 1) / 2
  let frames = 2 ** stages + 1
  for (let stage = 0; stage < stages; stage++) frames += (dilated + 1) * 2 ** (stages - stage)
  return Math.floor(frames / 2 ** stages)
}
