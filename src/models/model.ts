/**
 * @file What is known of a model before anything of it is here. Sizes and hashes are not part of it: they come from the hub's
 * listing at a commit, and until that is read they are estimated from parameters and bits, and told as "about".
 */
import type { BuiltIn, Dtype, ModelFile, Task } from '../shared/contracts'

/** What it takes: a phone or 8 GB of memory, a laptop of 16 GB, a desktop of 32 GB or with a graphics card of its own. */
export type Tier = 'phone' | 'laptop' | 'desktop'

export type Backend = 'webgpu' | 'wasm'

/** Which part of the app does a task with it. `later`: none yet, but files may be fetched and placed. */
export type EngineName = 'chat' | 'voice' | 'browser-voice' | 'danceba' | 'later'

export interface Model {
  /** Ours; settings and verdicts remember a model by it, so it does not change. */
  readonly id: string
  /** As its maker writes it. */
  readonly name: string
  /** What it is for, the main thing first, and what does it here. */
  readonly tasks: Readonly<Partial<Record<Task, EngineName>>>
  readonly source: Source
  readonly runner: Runner
  /** Millions, embeddings included, because they take memory as well. 0 where nobody says. */
  readonly parameters: number
  /** BCP 47, or how many where they are too many to write down; empty where language does not matter or nobody says. */
  readonly languages: readonly string[] | number
  readonly licence: Licence
  /** The smallest device that it is meant for. */
  readonly tier: Tier
  /** The tasks for which it is what one should take on devices of its tier; one a tier at most. */
  readonly choiceFor?: readonly Task[]
  /** Tokens. */
  readonly context?: number
  readonly thinking?: Thinking
  /** Best first. Of what the browser brings: none. */
  readonly variants: readonly ModelVariant[]
  /** How many files of data graphs have, as config.json declares it; of repositories that were inspected. */
  readonly externalData?: ExternalData
  /** What is known to go wrong, beside the rules for all models (placement). */
  readonly bad?: readonly KnownBad[]
}

/** A number of files for all graphs (`true` is one), or by a graph's name with or without its suffix. */
export type ExternalData = boolean | number | Readonly<Record<string, boolean | number>>

export type Source =
  /** A repository of the hub. `folder` is where its graphs are: `onnx` unless said. */
  | { readonly kind: 'hub'; readonly repo: string; readonly folder?: string }
  | { readonly kind: 'app'; readonly files: readonly ModelFile[] }
  | { readonly kind: 'built-in'; readonly api: BuiltIn }
  /** The person brings the files, because nobody may hand them out or nobody does in a form that can be read. */
  | { readonly kind: 'own'; readonly files: readonly OwnFile[] }

export interface OwnFile {
  /** Its usual name: it is recognised by its content. */
  readonly name: string
  readonly part: string
}

/** What loads it. */
export type Runner =
  /** A class of transformers.js (architectures.ts). */
  | { readonly library: 'transformers'; readonly class: string }
  /**
   * Graphs that our own code feeds. Patterns of paths, from the root of the repository: `*` is anything but a slash, `{dtype}`
   * the suffix of the variant's precision.
   */
  | { readonly library: 'onnxruntime'; readonly graphs: readonly string[] }
  | { readonly library: 'flite' }
  | { readonly library: 'browser' }

export interface Licence {
  /** SPDX where there is one. */
  readonly name: string
  /** Whether it may be used for money at all; absent where that could not be found out. */
  readonly commercial?: boolean
  /** A condition worth knowing, in English. */
  readonly note?: string
}

/** Whether it thinks before it answers. Thoughts stand between `open` and `close`. */
export type Thinking =
  | { readonly kind: 'optional'; readonly open: string; readonly close: string }
  | { readonly kind: 'always'; readonly open: string; readonly close: string }

/** A way of running it: where, and with which of its files. */
export interface ModelVariant {
  readonly backend: Backend
  /** Of all graphs, or by the base name of each: `{ encoder_model: 'fp32', decoder_model_merged: 'q4' }`. */
  readonly dtype: Dtype | Readonly<Record<string, Dtype>>
  /** Features of the GPU, as WebGPU names them. */
  readonly requires: readonly GPUFeatureName[]
  /** Bits a weight takes on average, over all files: for estimates. */
  readonly bits: number
}

/** A combination that was tried by somebody and is wrong or useless, whatever the device says it can do. */
export interface KnownBad {
  readonly backend: Backend
  readonly dtypes: readonly Dtype[]
  readonly why: 'garbage' | 'distorted' | 'slow' | 'fails'
  /** Where it is reported: `owner/repo#issue`. */
  readonly source: string
}

/** What marks its files: `model` + suffix + `.onnx`. */
export const SUFFIX: Readonly<Record<Dtype, string>> = {
  fp32: '',
  fp16: '_fp16',
  q8: '_quantized',
  int8: '_int8',
  uint8: '_uint8',
  q4: '_q4',
  q4f16: '_q4f16',
  bnb4: '_bnb4',
  q8f16: '_q8f16',
  uint8f16: '_uint8f16',
}

/** Whether it computes in 16 bits, for which a GPU needs `shader-f16`. */
export const isHalf = (dtype: Dtype): boolean => dtype.endsWith('16')

export const isInt8 = (dtype: Dtype): boolean => /^(q8|int8|uint8)/.test(dtype)

/** The precisions that a variant has. */
export const dtypesOf = ({ dtype }: ModelVariant): readonly Dtype[] =>
  typeof dtype === 'string' ? [dtype] : [...new Set(Object.values(dtype))]

/** A variant's precision in one word: what settings and verdicts remember it by. */
export const dtypeKey = ({ dtype }: ModelVariant): string =>
  typeof dtype === 'string'
    ? dtype
    : Object.entries(dtype)
        .map(([graph, of]) => `${graph}:${of}`)
        .sort()
        .join(',')

export const tasksOf = (model: Model): readonly Task[] => Object.keys(model.tasks) as Task[]

/** A way on the GPU; what it requires follows from its precision. */
export const gpu = (dtype: ModelVariant['dtype'], bits: number): ModelVariant => ({
  backend: 'webgpu',
  dtype,
  requires: (typeof dtype === 'string' ? [dtype] : Object.values(dtype)).some(isHalf) ? ['shader-f16'] : [],
  bits,
})

export const cpu = (dtype: ModelVariant['dtype'], bits: number): ModelVariant => ({
  backend: 'wasm',
  dtype,
  requires: [],
  bits,
})
