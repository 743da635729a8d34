/**
 * @file Any repository of the hub as a model, from the names of its files and the text of its small ones, or why it cannot be
 * one. The library would find out by failing, after the weights are here.
 */
import type { Dtype, Listing, Task } from '../shared/contracts'
import { ARCHITECTURES, OTHER_TYPES, graphsOf, type Architecture } from './architectures'
import { filesOf } from './files'
import { knownBad } from './known-bad'
import {
  SUFFIX,
  cpu,
  gpu,
  tasksOf,
  type Backend,
  type EngineName,
  type ExternalData,
  type Licence,
  type Model,
  type ModelVariant,
  type Thinking,
  type Tier,
} from './model'

/** Files whose text `inspect` reads, where a repository has them. */
export const READ = [
  'config.json',
  'generation_config.json',
  'tokenizer_config.json',
  'preprocessor_config.json',
  'chat_template.jinja',
  'README.md',
] as const

export type Texts = Readonly<Partial<Record<(typeof READ)[number], string>>>

export type Inspection =
  | {
      readonly kind: 'model'
      readonly model: Model
      /** `no-chat-template`: it goes on with a text, and does not know whose turn it is. */
      readonly notes: readonly 'no-chat-template'[]
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

export type Refusal =
  | { readonly why: 'config-missing' }
  /** A page where JSON should be: an error, or a form to sign. */
  | { readonly why: 'not-json'; readonly path: string; readonly html: boolean }
  /** Weights of another kind, which nothing here reads. */
  | { readonly why: 'no-graphs'; readonly instead?: 'safetensors' | 'gguf' | 'pytorch' }
  | { readonly why: 'class-unknown'; readonly type: string }
  /** The library could run it; this app has nothing to do for it. */
  | { readonly why: 'no-use'; readonly type: string }
  | { readonly why: 'files-missing'; readonly paths: readonly string[] }
  | { readonly why: 'only-bnb4' }

/** Never throws. `listing` is whole, `texts` are of the same commit. */
export const inspect = (listing: Listing, texts: Texts): Inspection => {
  const configs: Record<string, Json> = {}
  for (const path of READ) {
    const text = texts[path]
    if (text === undefined || !path.endsWith('.json')) continue
    const parsed = parse(text)
    if (!parsed) return refuse({ why: 'not-json', path, html: /^\s*</.test(text) })
    configs[path] = parsed
  }
  const config = configs['config.json']
  const graphs = listing.files.filter(({ path }) => path.endsWith('.onnx')).map(({ path }) => path)
  if (graphs.length === 0) return refuse({ why: 'no-graphs', ...otherWeights(listing) })
  if (!config) return refuse({ why: 'config-missing' })

  const type = textOf(config['model_type'])
  const architecture = ARCHITECTURES.get(type)
  if (!architecture) return refuse({ why: OTHER_TYPES.has(type) ? 'no-use' : 'class-unknown', type })

  const found = findGraphs(architecture, graphs)
  if (found.kind === 'lacking') return refuse({ why: 'files-missing', paths: found.missing })

  const parameters = parametersOf(listing, found)
  const template = templateOf(configs['tokenizer_config.json'], texts['chat_template.jinja'])
  const thinking = thinkingOf(template)
  const context = contextOf(config)
  const external = externalOf(config)
  const { languages, licence } = readFrontMatter(texts['README.md'])
  const bad = knownBad({ class: architecture.class, repo: listing.repo, parameters })
  const model: Omit<Model, 'variants' | 'tier'> = {
    id: listing.repo,
    name: nameOf(listing.repo),
    tasks: Object.fromEntries(
      found.tasks.map((task): [Task, EngineName] => [task, ENGINES[task] ?? 'later']),
    ),
    source: {
      kind: 'hub',
      repo: listing.repo,
      ...(found.folder !== 'onnx' && { folder: found.folder }),
    },
    runner: { library: 'transformers', class: architecture.class },
    parameters,
    languages,
    licence,
    ...(context !== undefined && { context }),
    ...(thinking && { thinking }),
    ...(external !== undefined && { externalData: external }),
    ...(bad.length > 0 && { bad }),
  }

  const candidates = [...variantsFor('webgpu', found), ...variantsFor('wasm', found)]
  if (candidates.length === 0) return refuse({ why: 'only-bnb4' })
  const weighed = candidates.map((variant) => {
    const files = filesOf({ ...model, variants: [], tier: 'phone' }, variant, listing)
    return { variant, files }
  })
  const whole = weighed.flatMap(({ variant, files }) =>
    files.kind === 'whole' ? [{ variant, ...files }] : [],
  )
  if (whole.length === 0) {
    const paths = weighed.flatMap(({ files }) => (files.kind === 'lacking' ? files.missing : []))
    return refuse({ why: 'files-missing', paths: [...new Set(paths)] })
  }
  return {
    kind: 'model',
    model: {
      ...model,
      tier: tierFor(Math.min(...whole.map(({ sizes }) => sizes.disk))),
      variants: whole.map(({ variant, sizes }) => ({
        ...variant,
        bits: parameters > 0 ? round((sizes.weights * 8) / (parameters * 1e6)) : variant.bits,
      })),
    },
    notes: tasksOf(model as Model).includes('chat') && template === '' ? ['no-chat-template'] : [],
  }
}

const refuse = (refusal: Refusal): Inspection => ({ kind: 'refused', refusal })

/** Which part of the app takes a model that it does not know. */
const ENGINES: Readonly<Partial<Record<Task, EngineName>>> = { chat: 'chat' }

// ---- JSON ------------------------------------------------------------------------------------------------------------

type Json = Readonly<Record<string, unknown>>

const parse = (text: string): Json | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return isJson(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Models of several parts keep what concerns words in one of them. */
const contextOf = (config: Json): number | undefined => {
  const places = [config, config['text_config'], config['llm_config'], config['language_config']].filter(
    isJson,
  )
  const lengths = places.flatMap((place) =>
    ['max_position_embeddings', 'n_positions', 'max_target_positions'].map((key) => place[key]),
  )
  return lengths.find((length): length is number => typeof length === 'number' && length > 0)
}

const externalOf = (config: Json): ExternalData | undefined => {
  const own = config['transformers.js_config']
  const external = isJson(own) ? own['use_external_data_format'] : undefined
  if (typeof external === 'boolean' || typeof external === 'number') return external
  if (!isJson(external)) return undefined
  const entries = Object.entries(external).filter(
    (entry): entry is [string, boolean | number] =>
      typeof entry[1] === 'boolean' || typeof entry[1] === 'number',
  )
  return Object.fromEntries(entries)
}

const templateOf = (tokenizer: Json | undefined, own: string | undefined): string => {
  const inside = tokenizer?.['chat_template']
  if (typeof inside === 'string') return inside
  // Some have several, each with a name.
  const named: readonly unknown[] = Array.isArray(inside) ? inside : []
  const first = named.filter(isJson).find(({ name }) => name === 'default') ?? named.find(isJson)
  return textOf(first?.['template']) || (own ?? '')
}

const thinkingOf = (template: string): Thinking | undefined => {
  const tags = template.includes('<|channel>')
    ? { open: '<|channel>thought\n', close: '<channel|>' }
    : { open: '<think>', close: '</think>' }
  if (template.includes('enable_thinking')) return { kind: 'optional', ...tags }
  return template.includes('</think>') ? { kind: 'always', ...tags } : undefined
}

// ---- graphs ----------------------------------------------------------------------------------------------------------

const pathOf = (folder: string, graph: string, dtype: Dtype): string =>
  `${folder === '' ? '' : `${folder}/`}${graph}${SUFFIX[dtype]}.onnx`

interface Found {
  readonly kind: 'found'
  readonly folder: string
  readonly tasks: readonly Task[]
  /** Of each graph of the main task, its precisions. */
  readonly graphs: ReadonlyMap<string, readonly Dtype[]>
}

const DTYPES = Object.keys(SUFFIX) as Dtype[]
/** Of these the library knows no name; `model_q8f16.onnx` is an extra of some voices. */
const UNNAMED: readonly Dtype[] = ['q8f16', 'uint8f16']

/** Where the graphs are, and for which tasks they are enough: an export may have left the eyes out. */
const findGraphs = (
  architecture: Architecture,
  paths: readonly string[],
): Found | { readonly kind: 'lacking'; readonly missing: readonly string[] } => {
  const at = new Set(paths)
  const folders = [...new Set(['onnx', '', ...paths.map((path) => path.split('/').slice(0, -1).join('/'))])]
  const dtypesIn = (folder: string, graph: string): readonly Dtype[] =>
    DTYPES.filter((dtype) => !UNNAMED.includes(dtype)).filter((dtype) => at.has(pathOf(folder, graph, dtype)))
  for (const folder of folders) {
    const complete = architecture.tasks.filter((task) =>
      graphsOf(architecture, task).every((graph) => dtypesIn(folder, graph).length > 0),
    )
    const main = complete[0]
    if (main)
      return {
        kind: 'found',
        folder,
        tasks: complete,
        graphs: new Map(graphsOf(architecture, main).map((graph) => [graph, dtypesIn(folder, graph)])),
      }
  }
  const fewest = graphsOf(architecture, architecture.tasks.at(-1)!)
  const missing = fewest.filter((graph) => dtypesIn('onnx', graph).length === 0)
  return { kind: 'lacking', missing: missing.map((graph) => `onnx/${graph}.onnx`) }
}

/**
 * What to take for each graph, best first, when a precision is wanted: not every graph is there in each. 4 bits with 32-bit
 * arithmetic come first on a GPU, because 16 bits are silently wrong for several models.
 */
const WANTED: Readonly<Record<Backend, readonly (readonly [Dtype, ...Dtype[]])[]>> = {
  webgpu: [
    ['q4', 'fp32', 'fp16', 'q4f16'],
    ['q4f16', 'fp16', 'q4', 'fp32'],
    ['fp16', 'fp32', 'q4f16', 'q4'],
    ['fp32', 'fp16'],
  ],
  wasm: [
    ['q8', 'uint8', 'int8', 'fp32', 'q4', 'fp16'],
    ['int8', 'uint8', 'q8', 'fp32', 'q4', 'fp16'],
    ['uint8', 'int8', 'q8', 'fp32', 'q4', 'fp16'],
    ['q4', 'q8', 'fp32', 'fp16'],
    ['fp32', 'fp16'],
    ['q4f16', 'q4', 'fp16', 'fp32'],
    ['fp16', 'fp32'],
  ],
}

const BITS: Readonly<Record<Dtype, number>> = {
  fp32: 32,
  fp16: 16,
  q8: 8.5,
  int8: 8.5,
  uint8: 8.5,
  q4: 5.5,
  q4f16: 5,
  bnb4: 5,
  q8f16: 8.5,
  uint8f16: 8.5,
}

const variantsFor = (backend: Backend, { graphs }: Found): readonly ModelVariant[] => {
  const made = new Map<string, ModelVariant>()
  for (const wanted of WANTED[backend]) {
    if (![...graphs.values()].some((dtypes) => dtypes.includes(wanted[0]))) continue
    const chosen = [...graphs].map(([graph, dtypes]): [string, Dtype | undefined] => [
      graph,
      wanted.find((dtype) => dtypes.includes(dtype)),
    ])
    const whole = chosen.filter((entry): entry is [string, Dtype] => entry[1] !== undefined)
    if (whole.length < chosen.length) continue
    const same = new Set(whole.map(([, dtype]) => dtype)).size === 1
    const dtype = same ? whole[0]![1] : Object.fromEntries(whole)
    const key = JSON.stringify(dtype)
    const make = backend === 'webgpu' ? gpu : cpu
    if (!made.has(key)) made.set(key, make(dtype, BITS[wanted[0]]))
  }
  return [...made.values()]
}

const otherWeights = (listing: Listing): { instead?: 'safetensors' | 'gguf' | 'pytorch' } => {
  const has = (pattern: RegExp) => listing.files.some(({ path }) => pattern.test(path))
  if (has(/\.safetensors$/)) return { instead: 'safetensors' }
  if (has(/\.gguf$/)) return { instead: 'gguf' }
  return has(/\.(pt|pth|bin|ckpt)$/) ? { instead: 'pytorch' } : {}
}

/**
 * Millions. By the name where it tells (`-0.6B-`, `-350M-`), which is how they are counted; but not of an "E2B", which has more
 * than it says. Else by the size of the largest precision. 0 if neither tells.
 */
const parametersOf = (listing: Listing, { folder, graphs }: Found): number => {
  const named = /(?:^|[-_.])(\d+(?:\.\d+)?)([bm])(?=$|[-_.])/i.exec(listing.repo.split('/').at(-1)!)
  if (named) return Number(named[1]) * (named[2]!.toLowerCase() === 'b' ? 1000 : 1)
  const bytesOf = (graph: string, dtype: Dtype): number => {
    const path = pathOf(folder, graph, dtype)
    const files = listing.files.filter((file) => file.path === path || file.path.startsWith(`${path}_data`))
    return files.reduce((sum, { bytes }) => sum + bytes, 0)
  }
  const weights = [...graphs].map(([graph, dtypes]) => {
    const dtype = dtypes.toSorted((a, b) => BITS[b] - BITS[a])[0]!
    return (bytesOf(graph, dtype) * 8) / BITS[dtype]
  })
  return round(weights.reduce((sum, count) => sum + count, 0) / 1e6)
}

// ---- words -----------------------------------------------------------------------------------------------------------

/** `onnx-community/Qwen3-0.6B-ONNX` → `Qwen3 0.6B`. */
const nameOf = (repo: string): string =>
  repo
    .split('/')
    .at(-1)!
    .replace(/[-_]onnx([-_]web(gpu)?)?$/i, '')
    .replaceAll(/[-_]+/g, ' ')

const tierFor = (bytes: number): Tier => {
  if (bytes <= 1e9) return 'phone'
  return bytes <= 4e9 ? 'laptop' : 'desktop'
}

const FREE =
  /^(apache|mit|bsd|isc|cc0|cc-by-4|cc-by-3|cc-by-sa|unlicense|openrail|bigscience|lfm|gemma|llama|mpl|gpl|lgpl)/i
const BOUND = /(^|[-_ ])nc([-_ ]|$)|non-?commercial|research|amlr/i

/** What a README says before it begins: the part between two lines of three dashes, of which a few keys are read. */
const readFrontMatter = (readme = ''): { languages: readonly string[]; licence: Licence } => {
  const front = /^---\r?\n([\s\S]*?)\r?\n---/.exec(readme)?.[1] ?? ''
  const named = valuesOf(front, 'license_name')[0]
  const general = valuesOf(front, 'license')[0]
  const name = (general === 'other' ? named : general) ?? named
  const languages = valuesOf(front, 'language').flatMap((tag) => {
    try {
      return tag === 'multilingual' ? [] : Intl.getCanonicalLocales(tag)
    } catch {
      return [] // not a language: some write "code" there
    }
  })
  if (name === undefined) return { languages, licence: { name: 'not stated' } }
  const commercial = BOUND.test(name) ? false : FREE.test(name) ? true : undefined
  return { languages, licence: { name, ...(commercial !== undefined && { commercial }) } }
}

/** `key: value`, `key: [a, b]`, or a value a line after a dash. */
const valuesOf = (front: string, key: string): readonly string[] => {
  const lines = front.split(/\r?\n/)
  const at = lines.findIndex((line) => line.startsWith(`${key}:`))
  if (at === -1) return []
  const inline = lines[at]!.slice(key.length + 1).trim()
  const listed = lines.slice(at + 1)
  const end = listed.findIndex((line) => !/^\s*-\s/.test(line))
  const values = inline
    ? inline.replace(/^\[|\]$/g, '').split(',')
    : listed.slice(0, end === -1 ? undefined : end).map((line) => line.replace(/^\s*-\s/, ''))
  return values.map((value) => value.trim().replace(/^(['"])(.*)\1$/, '$2')).filter(Boolean)
}

const round = (value: number): number => Math.round(value * 10) / 10
