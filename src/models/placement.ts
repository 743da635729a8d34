/**
 * @file Where a model would run here, how much it needs, and why: pure, so that a table of tests can hold it. Browsers tell
 * neither how much memory a GPU has nor how much is free, and some (Apple's) grant any amount and swap. So the budget is ours:
 * a share of the memory that is told, less what the stage and other models have.
 */
import type { BuiltIn, Dtype, Task } from '../shared/contracts'
import { gpuKey, type Availability, type Device, type Gpu } from './device'
import {
  dtypeKey,
  dtypesOf,
  isHalf,
  isInt8,
  type Backend,
  type KnownBad,
  type Model,
  type ModelVariant,
  type OwnFile,
  type Tier,
} from './model'

export interface Conditions {
  readonly device: Device
  /** Bytes that other models hold now. */
  readonly loaded?: Held
  /** Bytes of the GPU that the picture is to keep; of a stage with one avatar unless said. */
  readonly reserve?: number
  /** What was measured on this device: products of matrices on the processor, reading of the GPU's memory. */
  readonly speed?: { readonly wasmGflops?: number; readonly gpuGbps?: number }
  /** What came of self-tests. */
  readonly verdicts?: readonly Verdict[]
  /** `cpu`: leave the GPU alone. `gpu`: take it even where it is software, as tests do. */
  readonly force?: 'cpu' | 'gpu'
}

export interface Question extends Conditions {
  readonly model: Model
  /** What a listing says of a variant's files; `missing`: it lacks some of them. Absent: no listing has been read. */
  readonly sizes?: (variant: ModelVariant) => Sizes | 'missing' | undefined
  /** Bytes of its files that are here already. */
  readonly kept?: number
}

export interface Held {
  readonly gpu: number
  readonly heap: number
}

/** Bytes. */
export interface Sizes {
  /** All files. */
  readonly disk: number
  /** Graphs and their data. */
  readonly weights: number
  /** The largest file, and the largest that is one graph with its weights within. */
  readonly largestFile: number
  readonly largestGraph: number
}

/** A way of running a model on a device. */
export interface Way {
  readonly model: string
  /** `dtypeKey` of the variant. */
  readonly dtype: string
  readonly backend: Backend
  /** `gpuKey` of the device. */
  readonly gpu: string
}

export interface Verdict extends Way {
  readonly good: boolean
  /** Measured while it was used. */
  readonly tokensPerSecond?: number
}

export interface Needs {
  /** Bytes on disk, of all its files. */
  readonly disk: number
  /** Bytes where it runs: weights, what it remembers of the text, room to compute in. */
  readonly memory: number
  /** Bytes for a moment while it is loaded. */
  readonly peak: number
  /** No listing has been read: parameters times bits. */
  readonly about: boolean
}

export type Placement =
  | {
      readonly runs: true
      readonly on: Backend
      readonly variant: ModelVariant
      readonly needs: Needs
      /** Absent where nothing was measured, or where a model does not write. */
      readonly tokensPerSecond?: number
      /** Why not better, and what to expect; the weightiest first. */
      readonly reasons: readonly Reason[]
    }
  | {
      readonly runs: true
      readonly on: 'browser'
      readonly api: BuiltIn
      readonly reasons: readonly Reason[]
    }
  | {
      readonly runs: false
      readonly reasons: readonly Reason[]
      readonly forward: Forward
    }

/** Sizes in bytes. The interface makes sentences of these. */
export type Reason =
  | { readonly why: 'forced'; readonly on: 'cpu' | 'gpu' }
  | { readonly why: 'no-gpu'; readonly how: Extract<Gpu, { kind: 'none' }>['why'] }
  | { readonly why: 'software-gpu' }
  /** `16-gb`: more than two billion parameters; `32-gb`: seven or more. `has`: gigabytes, as told or assumed. */
  | { readonly why: 'rule'; readonly rule: '16-gb' | '32-gb'; readonly has: number }
  | { readonly why: 'rule'; readonly rule: 'no-bnb4' | 'no-8-bit-on-gpu'; readonly dtype: Dtype }
  | { readonly why: 'feature-missing'; readonly feature: string }
  | {
      readonly why: 'known-bad'
      readonly dtype: Dtype
      readonly problem: KnownBad['why']
      readonly source: string
    }
  | { readonly why: 'failed-test'; readonly on: Backend; readonly dtype: string }
  | { readonly why: 'files-missing'; readonly dtype: string }
  | { readonly why: 'no-room-on-gpu'; readonly needs: number; readonly free: number }
  | { readonly why: 'no-room-in-memory'; readonly needs: number; readonly free: number }
  /** It would fit if other models were unloaded. */
  | { readonly why: 'others-loaded'; readonly on: Backend; readonly needs: number; readonly free: number }
  /** WebAssembly addresses 4 GB, whatever the device has. */
  | { readonly why: 'heap-full'; readonly needs: number; readonly limit: number }
  /** A graph with its weights within is read whole, and may be no larger. */
  | { readonly why: 'file-too-large'; readonly bytes: number; readonly limit: number }
  | { readonly why: 'buffer-too-small'; readonly needs: number; readonly limit: number }
  | { readonly why: 'no-room-on-disk'; readonly needs: number; readonly free: number }
  /** Not told by the browser: so many gigabytes are assumed. */
  | { readonly why: 'memory-unknown'; readonly assumed: number }
  | { readonly why: 'one-thread' }
  /** The processor was measured to be faster for it than the GPU. Tokens a second. */
  | { readonly why: 'faster-on-cpu'; readonly gpu: number; readonly cpu: number }
  | { readonly why: 'bring-files'; readonly files: readonly OwnFile[] }
  | { readonly why: 'not-in-browser'; readonly api: BuiltIn; readonly state: Availability }
  | { readonly why: 'browser-fetches'; readonly api: BuiltIn }

/** The best that the person can do about it. */
export type Forward =
  | { readonly do: 'unload-others' }
  | { readonly do: 'free-disk'; readonly bytes: number }
  /** The browser tells nothing, or rounds down: the person may know better. */
  | { readonly do: 'say-memory' }
  | { readonly do: 'stop-forcing' }
  | { readonly do: 'use-another-browser' }
  | { readonly do: 'take-another' }

// ---- budgets ---------------------------------------------------------------------------------------------------------

const GB = 1e9
/** Render targets, textures and meshes of a stage with an avatar, and the browser's own pictures. An estimate. */
const STAGE = 0.3 * GB
/**
 * [Note: What may be used of the memory] Gigabytes of a device → gigabytes for models on the GPU, the stage included, and for
 * those on the processor. From what is reported to work: some 1 GB of weights with 8, 4 GB with 16 (facts of models, 2.6); a tab
 * of Chrome holds no more than 15.75 GiB of buffers. In between, a straight line.
 */
const GPU_ROOM: readonly (readonly [number, number])[] = [
  [0, 0],
  [4, 0.9],
  [8, 2],
  [16, 5.5],
  [32, 14],
  [64, 15.5],
]
const CPU_ROOM: readonly (readonly [number, number])[] = [
  [0, 0],
  [4, 1.2],
  [8, 3.5],
  [16, 8],
  [32, 15.5],
]
/** Safari ends a tab of an iPhone or iPad at 1 to 1.5 GB in all: 0.3 to 0.4 GB of weights beside the stage. */
const IOS_ROOM = 0.75 * GB
/** Of Android's phones: a gigabyte of weights. */
const PHONE_ROOM = 1.6 * GB
/** Of all memory, so much for GPU and processor together: they share it on most devices. */
const SHARE = 0.7

const HEAP = 2 ** 32
const PROTOBUF = 2 ** 31
/** What is remembered of a conversation is planned for so many tokens. */
const CONTEXT = 4096
/** Tokens a second below which nobody wants to wait for an answer. */
const BEARABLE = 4

const assumedGb = ({ memory, form }: Device): number => {
  if (memory.kind === 'told') return memory.gb
  return form === 'desktop' ? 8 : 4
}

const along = (line: readonly (readonly [number, number])[], at: number): number => {
  const above = line.findIndex(([x]) => x >= at)
  if (above === -1) return line.at(-1)![1]
  if (above === 0) return line[0]![1]
  const [x0, y0] = line[above - 1]!
  const [x1, y1] = line[above]!
  return y0 + ((y1 - y0) * (at - x0)) / (x1 - x0)
}

/** Bytes for one more model, beside the stage, if no other were loaded. */
const roomOf = (device: Device, on: Backend, reserve: number): number => {
  const gb = assumedGb(device)
  const stage = on === 'webgpu' || device.form !== 'desktop' ? reserve : 0
  const planned = along(on === 'webgpu' ? GPU_ROOM : CPU_ROOM, gb) * GB
  const most =
    device.form === 'desktop'
      ? Infinity
      : device.system === 'iOS' || device.system === 'macOS'
        ? IOS_ROOM
        : PHONE_ROOM
  return Math.max(0, Math.min(planned, most) - stage)
}

const freeOf = (device: Device, on: Backend, reserve: number, { gpu, heap }: Held): number => {
  const room = roomOf(device, on, reserve)
  const own = device.form === 'desktop' ? (on === 'webgpu' ? gpu : heap) : gpu + heap
  const shared = assumedGb(device) * GB * SHARE - gpu - heap
  return Math.max(0, Math.min(room - own, shared))
}

// ---- needs -----------------------------------------------------------------------------------------------------------

/** Of tasks that write text: the others remember little. */
const writes = (model: Model) => Boolean(model.tasks.chat ?? model.tasks.see ?? model.tasks.translate)

/** Before a listing is read. */
const estimate = ({ parameters, source }: Model, { bits }: ModelVariant): Sizes => {
  const weights =
    source.kind === 'app'
      ? source.files.reduce((sum, { bytes }) => sum + bytes, 0)
      : (parameters * 1e6 * bits) / 8
  // Whether its weights lie within the graph is not known yet: as if they did not.
  return { disk: weights, weights, largestFile: Math.min(weights, PROTOBUF), largestGraph: 0 }
}

/** What a model needs to run this way. Bytes. */
export const needsOf = (model: Model, variant: ModelVariant, known: Sizes | undefined): Needs => {
  const { disk, weights } = known ?? estimate(model, variant)
  // 10 to 60 MB a thousand tokens, by the size of the model (facts of models, 2.6).
  const mbPerThousand = Math.min(60, 10 + (12.5 * model.parameters) / 1000)
  const tokens = Math.min(CONTEXT, model.context ?? CONTEXT)
  const memory = writes(model) ? tokens * mbPerThousand * 1000 : 0
  const activations = Math.min(0.4 * GB, Math.max(0.03 * GB, weights / 4))
  const needs = weights + memory + activations
  // A file is read whole before it is copied to where it runs.
  return { disk, memory: needs, peak: needs + weights, about: !known }
}

/**
 * Tokens a second. Each token reads all weights once: on a GPU the memory is the limit, and six tenths of what a plain copy
 * reaches is what kernels get. On the processor one row at a time uses a quarter of what products of matrices reach.
 */
const speedOf = (question: Question, variant: ModelVariant, weights: number): number | undefined => {
  const { model, device, speed, verdicts } = question
  if (!writes(model)) return undefined
  const measured = verdicts?.find((verdict) => holds(verdict, model, variant, device))?.tokensPerSecond
  if (measured !== undefined) return measured
  if (variant.backend === 'webgpu') return speed?.gpuGbps && (0.6 * speed.gpuGbps * 1e9) / weights
  return speed?.wasmGflops && (0.25 * speed.wasmGflops * 1e9) / (2 * model.parameters * 1e6)
}

const holds = (verdict: Verdict, model: Model, variant: ModelVariant, device: Device): boolean =>
  verdict.model === model.id &&
  verdict.backend === variant.backend &&
  verdict.dtype === dtypeKey(variant) &&
  (variant.backend === 'wasm' || verdict.gpu === gpuKey(device))

// ---- the rules -------------------------------------------------------------------------------------------------------

interface Weighed {
  readonly variant: ModelVariant
  readonly needs: Needs
  readonly tokensPerSecond: number | undefined
  /** Why it cannot be. */
  readonly against: readonly Reason[]
}

const weigh = (question: Question, variant: ModelVariant): Weighed => {
  const { model, sizes } = question
  const listed = sizes?.(variant)
  const known = listed === 'missing' ? undefined : listed
  const needs = needsOf(model, variant, known)
  const size = known ?? estimate(model, variant)
  const against = [
    ...(listed === 'missing' ? [{ why: 'files-missing', dtype: dtypeKey(variant) } as const] : []),
    ...ofBackend(question, variant),
    ...ofPrecision(question, variant),
    ...(variant.backend === 'webgpu' ? ofGpuRoom(question, needs, size) : ofHeap(question, needs)),
    ...(size.largestGraph > PROTOBUF
      ? [{ why: 'file-too-large', bytes: size.largestGraph, limit: PROTOBUF } as const]
      : []),
    ...ofDisk(question, needs),
  ]
  return { variant, needs, tokensPerSecond: speedOf(question, variant, size.weights), against }
}

const ofBackend = ({ model, device, force }: Question, { backend }: ModelVariant): readonly Reason[] => {
  if (backend === 'wasm') return force === 'gpu' ? [{ why: 'forced', on: 'gpu' }] : []
  if (force === 'cpu') return [{ why: 'forced', on: 'cpu' }]
  const { gpu } = device
  if (gpu.kind === 'none') return [{ why: 'no-gpu', how: gpu.why }]
  if (gpu.software && force !== 'gpu') return [{ why: 'software-gpu' }]
  const has = assumedGb(device)
  if (model.parameters >= 7000 && has < 32) return [{ why: 'rule', rule: '32-gb', has }]
  if (model.parameters > 2000 && has < 16) return [{ why: 'rule', rule: '16-gb', has }]
  return []
}

const ofPrecision = ({ model, device, verdicts }: Question, variant: ModelVariant): readonly Reason[] => {
  const reasons: Reason[] = []
  const dtypes = dtypesOf(variant)
  const { backend, requires } = variant
  if (dtypes.includes('bnb4')) reasons.push({ why: 'rule', rule: 'no-bnb4', dtype: 'bnb4' })
  if (backend === 'webgpu') {
    const int8 = dtypes.find(isInt8)
    // Not accelerated there, and gibberish from several decoders: transformers.js #1317.
    if (int8) reasons.push({ why: 'rule', rule: 'no-8-bit-on-gpu', dtype: int8 })
    const features = device.gpu.kind === 'webgpu' ? device.gpu.features : []
    const needed = new Set([...requires, ...(dtypes.some(isHalf) ? ['shader-f16'] : [])])
    if (device.gpu.kind === 'webgpu')
      for (const feature of needed)
        if (!features.includes(feature)) reasons.push({ why: 'feature-missing', feature })
  }
  for (const { why, dtypes: bad, source } of knownOf(model, backend)) {
    const dtype = dtypes.find((one) => bad.includes(one))
    if (dtype && why !== 'slow') reasons.push({ why: 'known-bad', dtype, problem: why, source })
  }
  if (verdicts?.some((verdict) => !verdict.good && holds(verdict, model, variant, device)))
    reasons.push({ why: 'failed-test', on: backend, dtype: dtypeKey(variant) })
  return reasons
}

const knownOf = ({ bad = [] }: Model, on: Backend) => bad.filter(({ backend }) => backend === on)

const ofGpuRoom = (question: Question, { memory }: Needs, { largestFile }: Sizes): readonly Reason[] => {
  const { device, reserve = STAGE, loaded = NOTHING } = question
  if (device.gpu.kind === 'none') return []
  const reasons: Reason[] = []
  // A tensor is one buffer. The largest one is the table of words as a rule: in small models half of a file.
  const { maxBufferSize, maxStorageBufferBindingSize } = device.gpu.limits
  const limit = Math.min(maxBufferSize, maxStorageBufferBindingSize)
  const tensor = Math.min(largestFile / 2, 1.2 * GB)
  if (tensor > limit) reasons.push({ why: 'buffer-too-small', needs: tensor, limit })
  const free = freeOf(device, 'webgpu', reserve, loaded)
  if (memory > free) {
    const others = memory <= roomOf(device, 'webgpu', reserve)
    reasons.push(
      others
        ? { why: 'others-loaded', on: 'webgpu', needs: memory, free }
        : { why: 'no-room-on-gpu', needs: memory, free },
    )
  }
  return reasons
}

const NOTHING: Held = { gpu: 0, heap: 0 }

const ofHeap = (question: Question, { memory }: Needs): readonly Reason[] => {
  const { device, reserve = STAGE, loaded = NOTHING } = question
  if (memory > HEAP) return [{ why: 'heap-full', needs: memory, limit: HEAP }]
  const free = freeOf(device, 'wasm', reserve, loaded)
  if (memory <= free) return []
  if (memory <= roomOf(device, 'wasm', reserve))
    return [{ why: 'others-loaded', on: 'wasm', needs: memory, free }]
  return [{ why: 'no-room-in-memory', needs: memory, free }]
}

const ofDisk = ({ model, device, kept = 0 }: Question, { disk }: Needs): readonly Reason[] => {
  const { quota, usage = 0 } = device.storage
  if (quota === undefined || model.source.kind === 'app') return []
  const [needs, free] = [Math.max(0, disk - kept), Math.max(0, quota - usage)]
  return needs > free ? [{ why: 'no-room-on-disk', needs, free }] : []
}

/** Where a model runs here, or what stands in the way. */
export const place = (question: Question): Placement => {
  const { model, device } = question
  if (model.source.kind === 'built-in') return placeBuiltIn(device, model.source.api)
  const weighed = model.variants.map((variant) => weigh(question, variant))
  const able = weighed.filter(({ against }) => against.length === 0)
  const first = able[0]
  if (!first) {
    const reasons = distinct([...weighed.flatMap(({ against }) => against), ...ofMemory(question)])
    return { runs: false, reasons, forward: forwardFrom(question, reasons) }
  }
  const faster = fasterOnCpu(first, able)
  const { variant, needs, tokensPerSecond } = faster?.chosen ?? first
  const better = weighed.slice(0, weighed.indexOf(faster?.chosen ?? first))
  return {
    runs: true,
    on: variant.backend,
    variant,
    needs,
    ...(tokensPerSecond !== undefined && { tokensPerSecond }),
    reasons: distinct([
      ...better.flatMap(({ against }) => against),
      ...(faster ? [faster.reason] : []),
      ...expectations(question, variant, weighed),
    ]),
  }
}

const placeBuiltIn = ({ builtIn }: Device, api: BuiltIn): Placement => {
  const state = builtIn[api]
  if (state === 'available') return { runs: true, on: 'browser', api, reasons: [] }
  if (state === 'downloadable' || state === 'downloading')
    return { runs: true, on: 'browser', api, reasons: [{ why: 'browser-fetches', api }] }
  return {
    runs: false,
    reasons: [{ why: 'not-in-browser', api, state }],
    forward: { do: 'use-another-browser' },
  }
}

/** Small models can be: starting a kernel costs more than what it computes. Only where both were measured. */
const fasterOnCpu = (first: Weighed, able: readonly Weighed[]) => {
  if (first.variant.backend === 'wasm' || !first.tokensPerSecond) return undefined
  const gpu = first.tokensPerSecond
  const chosen = able.find(
    ({ variant, tokensPerSecond = 0 }) => variant.backend === 'wasm' && tokensPerSecond > 1.2 * gpu,
  )
  if (!chosen) return undefined
  return { chosen, reason: { why: 'faster-on-cpu', gpu, cpu: chosen.tokensPerSecond! } satisfies Reason }
}

/** What is worth knowing of a variant that runs. */
const expectations = (question: Question, variant: ModelVariant, weighed: readonly Weighed[]): Reason[] => {
  const { model, device, sizes } = question
  const dtypes = dtypesOf(variant)
  const slow = knownOf(model, variant.backend)
    .filter((bad) => bad.why === 'slow' && dtypes.some((dtype) => bad.dtypes.includes(dtype)))
    .map(({ source, dtypes: [dtype] }): Reason => ({
      why: 'known-bad',
      dtype: dtypes.length === 1 ? dtypes[0]! : dtype!,
      problem: 'slow',
      source,
    }))
  const onlyCpu = variant.backend === 'wasm' && !device.isolated
  const limited = weighed.some(({ against }) => against.some(byMemory))
  return [
    ...slow,
    ...(onlyCpu ? [{ why: 'one-thread' } as const] : []),
    ...(limited ? ofMemory(question) : []),
    ...(model.source.kind === 'own' && !sizes
      ? [{ why: 'bring-files', files: model.source.files } as const]
      : []),
  ]
}

const ofMemory = ({ device }: Question): readonly Reason[] =>
  device.memory.kind === 'unknown' ? [{ why: 'memory-unknown', assumed: assumedGb(device) }] : []

/** Reasons that more memory would remove. */
const byMemory = (reason: Reason): boolean =>
  reason.why === 'no-room-on-gpu' ||
  reason.why === 'no-room-in-memory' ||
  (reason.why === 'rule' && (reason.rule === '16-gb' || reason.rule === '32-gb'))

const forwardFrom = ({ device, model }: Question, reasons: readonly Reason[]): Forward => {
  const has = (why: Reason['why']) => reasons.some((reason) => reason.why === why)
  if (has('others-loaded')) return { do: 'unload-others' }
  const disk = reasons.find((reason) => reason.why === 'no-room-on-disk')
  if (disk) return { do: 'free-disk', bytes: disk.needs - disk.free }
  if (has('forced')) return { do: 'stop-forcing' }
  // 8 was the most that Chrome said until 2026, and 32 is now.
  const rounded =
    device.memory.kind === 'unknown' || (device.memory.by === 'browser' && device.memory.gb >= 8)
  if (reasons.some(byMemory) && rounded && device.form === 'desktop') return { do: 'say-memory' }
  const onlyGpu = model.variants.every(({ backend }) => backend === 'webgpu')
  if (onlyGpu && (has('no-gpu') || has('software-gpu'))) return { do: 'use-another-browser' }
  return { do: 'take-another' }
}

const distinct = (reasons: readonly Reason[]): readonly Reason[] => {
  const seen = new Map<string, Reason>()
  for (const reason of reasons) {
    // One of a kind tells enough, but for what differs by precision or place.
    const key = [
      reason.why,
      'rule' in reason && reason.rule,
      'feature' in reason && reason.feature,
      'dtype' in reason && reason.dtype,
      'on' in reason && reason.on,
    ].join()
    if (!seen.has(key)) seen.set(key, reason)
  }
  return [...seen.values()]
}

// ---- the best --------------------------------------------------------------------------------------------------------

/** Which models a device is for. */
export const tierOf = (device: Device): Tier => {
  const gb = assumedGb(device)
  const gpu = device.gpu.kind === 'webgpu' && !device.gpu.software
  if (device.form !== 'desktop' || gb < 16 || !gpu) return 'phone'
  return gb < 32 ? 'laptop' : 'desktop'
}

export interface Best {
  readonly model: Model
  readonly placement: Placement & { readonly runs: true }
  /** `choice`: the catalogue's for devices of this tier, or the next smaller one. `runs`: nothing better does. */
  readonly because: 'choice' | 'runs'
}

const TIERS: readonly Tier[] = ['desktop', 'laptop', 'phone']

/**
 * The model to mark as the one to take: the choice for this device's tier if it runs at a bearable speed, else that of a smaller
 * tier, else the first of the models that runs. Undefined where none does. Which models are asked about is the caller's: all of
 * them, or those whose engine the app has.
 */
export const best = (
  task: Task,
  models: readonly Model[],
  conditions: Conditions,
  sizesOf?: (model: Model, variant: ModelVariant) => Sizes | 'missing' | undefined,
): Best | undefined => {
  const runnable = models.flatMap((model) => {
    if (!model.tasks[task]) return []
    const placement = place({
      ...conditions,
      model,
      ...(sizesOf && { sizes: (variant: ModelVariant) => sizesOf(model, variant) }),
    })
    return placement.runs ? [{ model, placement }] : []
  })
  const bearable = runnable.filter(
    ({ placement }) => placement.on === 'browser' || (placement.tokensPerSecond ?? Infinity) >= BEARABLE,
  )
  for (const tier of TIERS.slice(TIERS.indexOf(tierOf(conditions.device)))) {
    const choice = bearable.find(({ model }) => model.tier === tier && model.choiceFor?.includes(task))
    if (choice) return { ...choice, because: 'choice' }
  }
  const free = bearable.find(({ model }) => model.licence.commercial !== false)
  const any = free ?? bearable[0] ?? runnable[0]
  return any && { ...any, because: 'runs' }
}
