/** @file Which files of a repository a way of running a model takes: no more than these are fetched. */
import type { Dtype, ListedFile, Listing, Task } from '../shared/contracts'
import { CLASSES, graphsOf } from './architectures'
import { SUFFIX, tasksOf, type ExternalData, type Model, type ModelVariant } from './model'
import type { Sizes } from './placement'

export type Needed =
  | {
      readonly kind: 'whole'
      readonly files: readonly ListedFile[]
      readonly sizes: Sizes
      /**
       * Files of data by the name of a graph, `{ 'model_q4.onnx': 2 }`: the library's `use_external_data_format`, which it would
       * else take from config.json. A file that is declared there and missing makes it wait for ever.
       */
      readonly externalData: Readonly<Record<string, number>>
    }
  /** The repository lacks these. */
  | { readonly kind: 'lacking'; readonly missing: readonly string[] }

/** The library's own limit. */
const MOST_CHUNKS = 100

/** What text, sounds and pictures are read with, where a repository has it. */
const COMPANIONS = [
  'config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'generation_config.json',
  'preprocessor_config.json',
  'processor_config.json',
  'chat_template.jinja',
]

/** Without these the library's classes do not load. */
const REQUIRED = ['config.json', 'tokenizer.json', 'tokenizer_config.json']

/**
 * Everything that a task of a model takes, in this way. `task` is its main one unless said: for text alone, a model that sees
 * needs fewer files. Empty for what does not come from a repository.
 */
export const filesOf = (
  model: Model,
  variant: ModelVariant,
  listing: Listing,
  task: Task = tasksOf(model)[0]!,
): Needed => {
  const { source, runner } = model
  const at = new Map(listing.files.map((file) => [file.path, file]))
  const missing: string[] = []
  const take = (path: string): readonly ListedFile[] => {
    const file = at.get(path)
    if (!file) missing.push(path)
    return file ? [file] : []
  }

  const folder = source.kind === 'hub' ? (source.folder ?? 'onnx') : ''
  const graphs =
    runner.library === 'transformers'
      ? namesOf(runner.class, variant, task).map((name) => join(folder, name))
      : runner.library === 'onnxruntime'
        ? matching(runner.graphs, variant, listing)
        : []
  if (graphs.length === 0 && runner.library === 'onnxruntime') missing.push(...runner.graphs)

  const externalData: Record<string, number> = {}
  const loaded = graphs.map((path) => {
    const chunks = chunksOf(path, at, declared(model.externalData, path))
    if (chunks.length > 0) externalData[nameOf(path)] = chunks.length
    return { graph: take(path), data: chunks.flatMap(take) }
  })

  const companions = COMPANIONS.filter((path) => at.has(path)).flatMap(take)
  if (runner.library === 'transformers') for (const path of REQUIRED) if (!at.has(path)) missing.push(path)
  const heard = task === 'see' || task === 'hear'
  if (runner.library === 'transformers' && heard && !at.has('preprocessor_config.json'))
    missing.push('preprocessor_config.json')
  const voices = task === 'speak' ? listing.files.filter(({ path }) => VOICES.test(path)) : []

  if (missing.length > 0) return { kind: 'lacking', missing: [...new Set(missing)] }
  const weights = loaded.flatMap(({ graph, data }) => [...graph, ...data])
  const files = [...companions, ...voices, ...weights]
  return {
    kind: 'whole',
    files,
    externalData,
    sizes: {
      disk: sum(files),
      weights: sum(weights),
      largestFile: Math.max(0, ...weights.map(({ bytes }) => bytes)),
      largestGraph: Math.max(0, ...loaded.flatMap(({ graph }) => graph.map(({ bytes }) => bytes))),
    },
  }
}

/** Ready-made voices: `voices/F1.bin`, `default_voice/audio_tokens.bin`, `default_voice.wav`. */
const VOICES =
  /^(voices|default_voice)\/[^/]+\.(bin|json|npy|safetensors|wav)$|^(default_voice\.(wav|bin)|voices\.(npz|json|bin))$/

const namesOf = (name: string, { dtype }: ModelVariant, task: Task): readonly string[] => {
  const architecture = CLASSES.get(name)
  if (!architecture) return []
  return graphsOf(architecture, task).map((graph) => {
    const of: Dtype | undefined = typeof dtype === 'string' ? dtype : dtype[graph]
    return `${graph}${SUFFIX[of ?? 'fp32']}.onnx`
  })
}

/** Paths that one of the patterns describes. */
const matching = (
  patterns: readonly string[],
  { dtype }: ModelVariant,
  listing: Listing,
): readonly string[] => {
  const suffix = typeof dtype === 'string' ? SUFFIX[dtype] : ''
  const expressions = patterns.map((pattern) => {
    const plain = pattern.replace('{dtype}', suffix).replace(/[.+?^$()[\]{}|\\]/g, '\\$&')
    return new RegExp(`^${plain.replaceAll('*', '[^/]*')}$`)
  })
  return listing.files.map(({ path }) => path).filter((path) => expressions.some((e) => e.test(path)))
}

/**
 * Names of a graph's data: those that are listed, and those that are declared whether they are listed or not. A hole in the row is
 * a file that is missing.
 */
const chunksOf = (
  graph: string,
  at: ReadonlyMap<string, ListedFile>,
  expected: number,
): readonly string[] => {
  const names = Array.from({ length: MOST_CHUNKS }, (_, i) => `${graph}_data${i === 0 ? '' : `_${i}`}`)
  const last = names.findLastIndex((name) => at.has(name))
  return names.slice(0, Math.max(last + 1, expected))
}

const declared = (external: ExternalData | undefined, path: string): number => {
  if (external === undefined || typeof external !== 'object') return Number(external ?? 0)
  const name = nameOf(path)
  const base = name.replace(/\.onnx$/, '')
  const suffix = Object.values(SUFFIX).find((one) => one !== '' && base.endsWith(one)) ?? ''
  return Number(external[name] ?? external[base.slice(0, base.length - suffix.length)] ?? 0)
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
const join = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`)
const sum = (files: readonly ListedFile[]): number => files.reduce((total, { bytes }) => total + bytes, 0)
