/**
 * @file The tensors of Danceba's two models, by name and shape, as their sizes make them: the generator (CrossCondGPT2) and the
 * pose auto-encoder (SepVQVAER). Names are those of the state dicts, without `module.`.
 */

/**
 * What a tensor is for, which decides how it may be stored:
 * `linear` (out, in), `conv` (out, in, taps), `deconv` (in, out, taps): most of the bytes, any precision.
 * `fine`: tables, and matrices next to the input or the output; float16 at least.
 * `exact`: float32 always: A_log, D, biases (that of dt among them), norms, statistics of batch norms, depthwise taps.
 */
export type Role = 'linear' | 'conv' | 'deconv' | 'fine' | 'exact'

export type Part = 'generator' | 'decoder' | 'root' | 'encoder'

export interface Expected {
  readonly name: string
  readonly shape: readonly number[]
  readonly role: Role
  readonly part: Part
}

/** Sizes of a generator. In brackets those of the published one. */
export interface GptSizes {
  /** Channels of a row [768]. */
  readonly width: number
  /** Music features a frame [438]. */
  readonly music: number
  /** Codes of the upper and the lower body [512]. */
  readonly codes: readonly [up: number, down: number]
  /** Phases a row of the positional embedding is made of [257]. */
  readonly phases: number
  /** Blocks of gated attention [6] and of three Mambas each [6]; one more of attention closes. */
  readonly attention: number
  readonly mamba: number
  /** Of the feed-forward layers [3072] and of the gated ones [768]. */
  readonly hidden: number
  readonly gated: number
  /** Of a Mamba: channels [3072], states a channel [128], taps [4], rank of dt [48]. */
  readonly inner: number
  readonly states: number
  readonly taps: number
  readonly rank: number
}

type Row = readonly [name: string, shape: readonly number[], role: Role]

const linear = (name: string, out: number, into: number, role: Role = 'linear'): Row[] => [
  [`${name}.weight`, [out, into], role],
  [`${name}.bias`, [out], 'exact'],
]

const attentionBlock = (at: string, { width, hidden }: GptSizes): Row[] => [
  [`${at}.norm1.weight`, [width], 'exact'],
  [`${at}.norm2.weight`, [width], 'exact'],
  ...['in_proj', 'act_proj', 'out_proj'].flatMap((name) => linear(`${at}.${name}`, width, width)),
  ...['key', 'query', 'value', 'proj'].flatMap((name) => linear(`${at}.attn.${name}`, width, width)),
  ...linear(`${at}.mlp.0`, hidden, width),
  ...linear(`${at}.mlp.2`, width, hidden),
]

const mamba = (at: string, { width, inner, states, taps, rank }: GptSizes): Row[] => [
  [`${at}.A_log`, [inner, states], 'exact'],
  [`${at}.D`, [inner], 'exact'],
  [`${at}.in_proj.weight`, [2 * inner, width], 'linear'],
  [`${at}.conv1d.weight`, [inner, 1, taps], 'exact'],
  [`${at}.conv1d.bias`, [inner], 'exact'],
  [`${at}.x_proj.weight`, [rank + 2 * states, inner], 'linear'],
  [`${at}.dt_proj.weight`, [inner, rank], 'fine'],
  [`${at}.dt_proj.bias`, [inner], 'exact'],
  [`${at}.out_proj.weight`, [width, inner], 'linear'],
]

const mambaBlock = (at: string, sizes: GptSizes): Row[] => [
  ...[1, 2, 3, 4, 5, 6].map((i): Row => [`${at}.ln${i}.weight`, [sizes.width], 'exact']),
  ...[1, 2, 3].flatMap((i) => mamba(`${at}.mamba_${i}`, sizes)),
  ...[1, 2, 3].flatMap((i): Row[] => [
    [`${at}.gate_mlp_${i}.fc1.weight`, [2 * sizes.gated, sizes.width], 'linear'],
    [`${at}.gate_mlp_${i}.fc2.weight`, [sizes.width, sizes.gated], 'linear'],
  ]),
]

const positions = (at: string, { width, phases }: GptSizes): Row[] => [
  ...linear(`${at}.linear2`, width, phases, 'fine'),
  ...['weight', 'bias', 'running_mean', 'running_var'].map((name): Row => [
    `${at}.bn2.${name}`,
    [width],
    'exact',
  ]),
]

const counted = (count: number) => Array.from({ length: count }, (_, i) => i)

const inPart = (part: Part, rows: readonly Row[]): Expected[] =>
  rows.map(([name, shape, role]) => ({ name, shape, role, part }))

export const gptTensors = (sizes: GptSizes): Expected[] =>
  inPart('generator', [
    ['gpt_base.position_scale', [], 'exact'],
    ['gpt_base.tok_emb_up.weight', [sizes.codes[0], sizes.width], 'fine'],
    ['gpt_base.tok_emb_down.weight', [sizes.codes[1], sizes.width], 'fine'],
    ...[1, 2, 3].flatMap((i) => positions(`gpt_base.pos_emb.pos_emb_${i}`, sizes)),
    ...linear('gpt_base.cond_emb', sizes.width, sizes.music, 'fine'),
    ...counted(sizes.attention).flatMap((i) => attentionBlock(`gpt_base.blocks.${i}`, sizes)),
    ...counted(sizes.mamba).flatMap((i) => mambaBlock(`gpt_head.blocks.${i}`, sizes)),
    ...attentionBlock('gpt_head.block_base', sizes),
    ['gpt_head.RMS_f.weight', [sizes.width], 'exact'],
    ['gpt_head.head_up.weight', [sizes.codes[0], sizes.width], 'fine'],
    ['gpt_head.head_down.weight', [sizes.codes[1], sizes.width], 'fine'],
  ])

/** Sizes of a pose auto-encoder. */
export interface VqSizes {
  /** Channels inside [512], codes of the upper and the lower body [512 each]. */
  readonly width: number
  readonly codes: readonly [up: number, down: number]
  /** Channels of a pose: upper body [45], lower body [27]; three a joint. */
  readonly channels: readonly [up: number, down: number]
}

const conv = (name: string, out: number, into: number, taps: number, role: Role = 'conv'): Row[] => [
  [`${name}.weight`, role === 'deconv' ? [into, out, taps] : [out, into, taps], role],
  [`${name}.bias`, [out], 'exact'],
]

/** Three of a dilated convolution and one without width; which dilation is not in the checkpoint. */
const residuals = (at: string, width: number): Row[] =>
  [0, 1, 2].flatMap((i) => [
    ...conv(`${at}.model.${i}.model.1`, width, width, 3),
    ...conv(`${at}.model.${i}.model.3`, width, width, 1),
  ])

const encoder = (half: string, channels: number, { width }: VqSizes): Row[] => {
  const at = `${half}.encoders.0.level_blocks.0.model`
  return [
    ...[0, 1, 2].flatMap((i) => [
      ...conv(`${at}.${i}.0`, width, i ? width : channels, 4),
      ...residuals(`${at}.${i}.1`, width),
    ]),
    ...conv(`${at}.3`, width, width, 3),
  ]
}

const decoder = (name: string, channels: number, { width }: VqSizes): Row[] => {
  const at = `${name}.level_blocks.0.model`
  return [
    ...conv(`${at}.0`, width, width, 3),
    ...[1, 2, 3].flatMap((i) => [
      ...residuals(`${at}.${i}.0`, width),
      ...conv(`${at}.${i}.1`, width, width, 4, 'deconv'),
    ]),
    ...conv(`${name}.out`, channels, width, 3, 'fine'),
  ]
}

const book = (half: string, codes: number, width: number): Row => [
  `${half}.bottleneck.level_blocks.0.k`,
  [codes, width],
  'fine',
]

export const vqTensors = (sizes: VqSizes): Expected[] => [
  ...inPart('decoder', [
    book('vqvae_up', sizes.codes[0], sizes.width),
    ...decoder('vqvae_up.decoders.0', sizes.channels[0], sizes),
    book('vqvae_down', sizes.codes[1], sizes.width),
    ...decoder('vqvae_down.decoders.0', sizes.channels[1], sizes),
  ]),
  ...inPart('root', decoder('vqvae_down.decoders_root.0', 3, sizes)),
  ...inPart('encoder', [
    ...encoder('vqvae_up', sizes.channels[0], sizes),
    ...encoder('vqvae_down', sizes.channels[1], sizes),
  ]),
]
