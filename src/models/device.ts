/** @file What this device is, as far as a page may know. Asked once a visit; plain data from there on. */
import type { BuiltIn } from '../shared/contracts'

export interface Device {
  readonly gpu: Gpu
  /** Logical processors; 1 where the browser does not say. */
  readonly cores: number
  readonly memory: Memory
  /** Cross-origin isolation: without it WebAssembly has one thread. */
  readonly isolated: boolean
  readonly storage: Storage
  /** The browser's own engines, as far as there are any. `downloadable`: after it has fetched something itself. */
  readonly builtIn: Readonly<Record<BuiltIn, Availability>>
  readonly form: 'phone' | 'tablet' | 'desktop'
  readonly browser: string
  readonly system: string
}

export type Gpu =
  | { readonly kind: 'none'; readonly why: 'no-api' | 'no-adapter' | 'failed' }
  | {
      readonly kind: 'webgpu'
      /** Lower-case, as the browser tells; each may be empty. */
      readonly vendor: string
      readonly architecture: string
      readonly description: string
      /** Computed on the processor: right, but slower than our own WebAssembly. */
      readonly software: boolean
      /** Sorted. */
      readonly features: readonly string[]
      /** Of these only: the others are no reason to choose anything by. Bytes, or a count. */
      readonly limits: Readonly<Record<GpuLimit, number>>
    }

export type GpuLimit = (typeof LIMITS)[number]

const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
] as const

export type Memory =
  /** Rounded by the browser to a power of two, and at most 8 (until 2026, and on phones) or 32; or as the person says. */
  | { readonly kind: 'told'; readonly gb: number; readonly by: 'browser' | 'person' }
  /** Safari and Firefox tell nothing. */
  | { readonly kind: 'unknown' }

export interface Storage {
  /** Whether files may be kept at all (OPFS). */
  readonly opfs: boolean
  /** Bytes the page may have in all, and has; absent where the browser does not say. */
  readonly quota?: number
  readonly usage?: number
  /** Whether the browser has promised not to clear it. */
  readonly persisted: boolean
}

export type Availability = 'absent' | 'unavailable' | 'downloadable' | 'downloading' | 'available'

/** What a verdict of a self-test holds for: another GPU, or another browser, may compute otherwise. */
export const gpuKey = ({ gpu, browser }: Pick<Device, 'gpu' | 'browser'>): string =>
  gpu.kind === 'none' ? 'none' : [gpu.vendor, gpu.architecture, browser.split('.')[0]].join(' ')

/** Look. Never fails but by the signal: what cannot be found out is absent. */
export const detect = async (signal: AbortSignal): Promise<Device> => {
  signal.throwIfAborted()
  const [gpu, storage, prompt, translator, recognition] = await Promise.all([
    within(lookAtGpu(), { kind: 'none', why: 'failed' }),
    within(lookAtStorage(), { opfs: false, persisted: false }),
    within(available('LanguageModel', { expectedOutputs: [{ type: 'text', languages: ['en'] }] }), 'absent'),
    within(available('Translator', { sourceLanguage: 'en', targetLanguage: 'de' }), 'absent'),
    within(recognitionHere(), 'absent'),
  ])
  signal.throwIfAborted()
  const { hardwareConcurrency, deviceMemory } = navigator as Partial<Navigator> & { deviceMemory?: unknown }
  const { browser, system } = readAgent(navigator.userAgent)
  return {
    gpu,
    cores: hardwareConcurrency ?? 1,
    memory:
      typeof deviceMemory === 'number'
        ? { kind: 'told', gb: deviceMemory, by: 'browser' }
        : { kind: 'unknown' },
    isolated: globalThis.crossOriginIsolated,
    storage,
    builtIn: {
      prompt,
      translator,
      'speech-synthesis': 'speechSynthesis' in globalThis ? 'available' : 'absent',
      'speech-recognition': recognition,
    },
    form: formOf(navigator.userAgent, navigator.maxTouchPoints),
    browser,
    system,
  }
}

/** A phone, a tablet or neither. An iPad says that it is a Mac, which has no touch screen. */
export const formOf = (agent: string, touchPoints: number): Device['form'] => {
  if (agent.includes('iPad') || (agent.includes('Macintosh') && touchPoints > 1)) return 'tablet'
  if (/iPhone|iPod/.test(agent)) return 'phone'
  if (agent.includes('Android')) return agent.includes('Mobile') ? 'phone' : 'tablet'
  return 'desktop'
}

const BROWSERS = [
  ['Edge', /\bEdgA?\/([\d.]+)/],
  ['Opera', /\bOPR\/([\d.]+)/],
  ['Samsung Internet', /SamsungBrowser\/([\d.]+)/],
  ['Firefox', /(?:Firefox|FxiOS)\/([\d.]+)/],
  ['Chrome', /(?:Chrome|CriOS)\/([\d.]+)/],
  ['Safari', /Version\/([\d.]+).*Safari/],
] as const

const SYSTEMS = [
  ['iOS', /iPhone|iPad|iPod/],
  ['Android', /Android/],
  ['Windows', /Windows/],
  ['ChromeOS', /CrOS/],
  ['macOS', /Macintosh/],
  ['Linux', /Linux/],
] as const

/** Names for people and reports, never to decide by. */
export const readAgent = (agent: string): Pick<Device, 'browser' | 'system'> => {
  const browser = BROWSERS.flatMap(([name, pattern]) => {
    const found = pattern.exec(agent)
    return found ? [`${name} ${found[1]!}`] : []
  })[0]
  const system = SYSTEMS.find(([, pattern]) => pattern.test(agent))?.[0]
  return { browser: browser ?? 'unknown', system: system ?? 'unknown' }
}

// ---- looking ---------------------------------------------------------------------------------------------------------

/** Drivers and services behind these have been seen to answer late or never. */
const PATIENCE_MS = 4000

const within = async <T>(question: Promise<T>, otherwise: T): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const enough = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), PATIENCE_MS)
  })
  return Promise.race([question.catch(() => otherwise), enough]).finally(() => clearTimeout(timer))
}

const lookAtGpu = async (): Promise<Gpu> => {
  const { gpu } = navigator as Partial<Navigator>
  if (!gpu) return { kind: 'none', why: 'no-api' } // an old browser, or a page without https
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  if (!adapter) return { kind: 'none', why: 'no-adapter' }
  // `info` came later than WebGPU itself, and `isFallbackAdapter` has moved into it.
  const { info, limits } = adapter as Omit<GPUAdapter, 'info'> & { readonly info?: Partial<GPUAdapterInfo> }
  const { vendor = '', architecture = '', description = '', isFallbackAdapter = false } = info ?? {}
  return {
    kind: 'webgpu',
    vendor,
    architecture,
    description,
    software: isFallbackAdapter || /swiftshader|llvmpipe|basic render/i.test(architecture + description),
    features: [...adapter.features].sort(),
    limits: Object.fromEntries(LIMITS.map((name) => [name, limits[name]])) as Record<GpuLimit, number>,
  }
}

/** How much room there is, which changes as files come and go. */
export const lookAtStorage = async (): Promise<Storage> => {
  const { storage } = navigator as Partial<Navigator>
  if (!storage) return { opfs: false, persisted: false }
  const nothing = { quota: undefined, usage: undefined }
  const [opfs, persisted, { quota, usage }] = await Promise.all([
    storage.getDirectory().then(
      () => true,
      () => false, // a private window of Firefox
    ),
    storage.persisted().catch(() => false),
    storage.estimate().catch(() => nothing),
  ])
  return {
    opfs,
    persisted,
    ...(quota !== undefined && { quota }),
    ...(usage !== undefined && { usage }),
  }
}

const ANSWERS: readonly string[] = ['unavailable', 'downloadable', 'downloading', 'available']
const read = (answer: unknown): Availability =>
  typeof answer === 'string' && ANSWERS.includes(answer) ? (answer as Availability) : 'unavailable'

/** None of these is in TypeScript's library yet: they are asked as what they are, unknown. */
const available = async (api: string, options: object): Promise<Availability> => {
  const built = (globalThis as Record<string, unknown>)[api] as
    { availability?: (options: object) => Promise<unknown> } | undefined
  return built?.availability ? read(await built.availability(options)) : 'absent'
}

/** On this device only: without `processLocally` the sound may be sent away. */
const recognitionHere = async (): Promise<Availability> => {
  const { SpeechRecognition } = globalThis as {
    SpeechRecognition?: { available?: (options: object) => Promise<unknown> }
  }
  if (!SpeechRecognition?.available) return 'absent'
  return read(await SpeechRecognition.available({ langs: [navigator.language], processLocally: true }))
}
