/** @file Danceba's files as a person sees them: what is here, what is coming, what went wrong; and how it is to compose. */
import type { Ready } from '../engine/engines'
import type {
  DancebaFiles,
  DancebaFound,
  DancebaKept,
  DancebaOrder,
  DancebaPart,
  DancebaPrecision,
  DancebaTaking,
} from '../shared/contracts'
import { Fault } from '../shared/fault'
import { Pace } from '../shared/pace'

export const PARTS: readonly DancebaPart[] = ['generator', 'poses']

/** What a person chooses; in which 8 bits is for the device to say. */
export type ChosenPrecision = Exclude<DancebaPrecision, 'q8'>

/** The numbers for where it is going to compose. */
export const keptAs = (
  precision: ChosenPrecision,
  backend: 'webgpu' | 'wasm' | undefined,
): DancebaPrecision => (precision === 'int8' && backend === 'webgpu' ? 'q8' : precision)

/** As published: weights of the generator, by how many bytes each takes in which numbers; poses are kept in fp16. */
const GENERATOR = 250_727_425
const POSES_BYTES = 81_600_000
const WEIGHT_BYTES: Readonly<Record<ChosenPrecision, number>> = { fp32: 4, fp16: 2, int8: 1 }

/** Of both published parts. */
export const aboutBytes = (precision: ChosenPrecision): number =>
  GENERATOR * WEIGHT_BYTES[precision] + POSES_BYTES

/** To be fetched, of both. */
export const FETCH_BYTES = 1_002_951_704 + 262_371_628

/** A checkpoint on its way. */
export interface Coming {
  readonly name: string
  readonly found: DancebaFound
  readonly bytes: number
  /** 0 until it is known. */
  readonly of: number
  readonly kept: boolean
}

/** A file at an address on its way to the disk. */
export interface Fetching {
  readonly address: string
  readonly name: string
  readonly bytes: number
  /** 0 where the server does not say. */
  readonly of: number
  /** Bytes a second over the last seconds; 0 until it is known. */
  readonly speed: number
  /** Why nothing comes, and for how many seconds. */
  readonly waiting?: { readonly seconds: number; readonly why: 'offline' | 'busy' | 'broken' }
}

/** How a person wants it composed; kept over visits. */
export interface Choices {
  readonly precision: ChosenPrecision
  readonly backend: 'auto' | 'webgpu' | 'wasm'
  readonly onset: 'reference' | 'corrected'
  readonly mode: DancebaOrder['mode']
  /** Whether to draw; else always the likeliest. */
  readonly draws: boolean
  /** Of drawing. */
  readonly temperature: number
  readonly topK: number
  readonly seed: number
  readonly start: DancebaOrder['start']
  readonly sampleShift: number
  /** 0 for all of the music. */
  readonly lengthS: number
}

/** As it was published; temperature and top-k are those of its port to the Mac, for who wants to draw. */
export const CHOICES: Choices = {
  precision: 'fp16',
  backend: 'auto',
  onset: 'reference',
  mode: 'exact',
  draws: false,
  temperature: 0.8,
  topK: 50,
  seed: 1,
  start: { up: 423, down: 12 },
  sampleShift: 28,
  lengthS: 0,
}

/** Codes of each half of the body, as published. */
const CODES = 512
export const LIMITS = {
  temperature: { low: 0.1, high: 2 },
  topK: { low: 0, high: CODES },
  seed: { low: 1, high: 9999 },
  sampleShift: { low: 1, high: 28 },
  lengthS: { low: 0, high: 1200 },
} as const

/** The nearest that a generator of so many codes has. */
export const startOf = ({ up, down }: Choices['start'], codes: number): Choices['start'] => ({
  up: Math.min(up, codes - 1),
  down: Math.min(down, codes - 1),
})

/** To a generator of so many codes. */
export const orderOf = (choices: Choices, codes: number): DancebaOrder => {
  const { mode, draws, temperature, topK, seed, start, sampleShift, lengthS } = choices
  return {
    mode,
    temperature: draws ? temperature : 0,
    topK: draws ? topK : 0,
    seed,
    start: startOf(start, codes),
    sampleShift,
    ...(lengthS > 0 && { lengthS }),
  }
}

/** What was stored, by whatever version: what makes no sense is as it was at first. */
export const readChoices = (stored: unknown): Choices => {
  const had = (typeof stored === 'object' && stored !== null ? stored : {}) as Partial<
    Record<string, unknown>
  >
  const oneOf = <K extends keyof Choices>(key: K, ...values: readonly Choices[K][]): Choices[K] =>
    values.find((value) => value === had[key]) ?? CHOICES[key]
  const within = (key: keyof typeof LIMITS): number => {
    const value = had[key]
    const { low, high } = LIMITS[key]
    return typeof value === 'number' && value >= low && value <= high ? value : CHOICES[key]
  }
  return {
    precision: oneOf('precision', 'fp32', 'fp16', 'int8'),
    backend: oneOf('backend', 'auto', 'webgpu', 'wasm'),
    onset: oneOf('onset', 'reference', 'corrected'),
    mode: oneOf('mode', 'exact', 'fast'),
    draws: oneOf('draws', false, true),
    temperature: within('temperature'),
    topK: within('topK'),
    seed: within('seed'),
    start: readStart(had['start']),
    sampleShift: within('sampleShift'),
    lengthS: within('lengthS'),
  }
}

const readStart = (stored: unknown): Choices['start'] => {
  const { up, down } = (typeof stored === 'object' && stored !== null ? stored : {}) as Partial<
    Record<string, unknown>
  >
  const isCode = isCodeOf(CODES)
  return isCode(up) && isCode(down) ? { up, down } : CHOICES.start
}

export const isCodeOf =
  (codes: number) =>
  (value: unknown): value is number =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < codes

export class DancebaShelf {
  readonly #files: Ready<DancebaFiles>
  #taking: AbortController | undefined
  #last: Promise<void> = Promise.resolve()

  #kept = $state.raw<readonly DancebaKept[] | undefined>(undefined)
  #coming = $state.raw<readonly Coming[]>([])
  #fetching = $state.raw<readonly Fetching[]>([])
  readonly #paces = new Map<string, Pace>()
  #busy = $state(false)
  #elsewhere = $state(false)
  #fault = $state.raw<unknown>(undefined)
  #freeBytes = $state<number | undefined>(undefined)

  constructor(files: Ready<DancebaFiles>) {
    this.#files = files
  }

  /** What is here; undefined until somebody has looked. */
  get kept() {
    return this.#kept
  }
  /** Both parts are here. */
  get whole(): boolean {
    return PARTS.every((part) => this.part(part))
  }
  /** What is on its way, in the order in which it was found. */
  get coming() {
    return this.#coming
  }
  /** What is being fetched, before it can be looked at. */
  get fetching() {
    return this.#fetching
  }
  /** Files are being looked at or converted. */
  get busy() {
    return this.#busy
  }
  /** Another tab is writing; it is waited for. */
  get elsewhere() {
    return this.#elsewhere
  }
  /** Why files were not taken, the last time. */
  get fault() {
    return this.#fault
  }
  /** What the browser would still let this page keep; undefined where it does not say. */
  get freeBytes() {
    return this.#freeBytes
  }
  get keptBytes(): number {
    return (this.#kept ?? []).reduce((sum, { keptBytes }) => sum + keptBytes, 0)
  }

  /** Codes of each half of the body, of the generator that is here. */
  get codes(): number {
    return this.part('generator')?.sizes['codes'] ?? CODES
  }

  part(part: DancebaPart): DancebaKept | undefined {
    return this.#kept?.find((kept) => kept.part === part)
  }

  /** Look at what is here. What goes wrong is told as of files. */
  async open(signal: AbortSignal): Promise<void> {
    try {
      this.#kept = await this.#files.kept(signal)
    } catch (e) {
      this.#kept ??= []
      this.#say(e)
    }
    await this.#measure()
  }

  /** Checkpoints, in any order; after those that are on their way. */
  async take(files: readonly File[], precision: DancebaPrecision): Promise<void> {
    await this.#follow((signal) =>
      this.#files.take(
        signal,
        files.map((file) => ({ name: file.name, file })),
        precision,
      ),
    )
  }

  /** The same of files at addresses. */
  async takeFrom(addresses: readonly string[], precision: DancebaPrecision): Promise<void> {
    await this.#follow((signal) => this.#files.takeFrom(signal, addresses, precision))
  }

  /** What is coming does not come; what was here stays. */
  cancel() {
    this.#taking?.abort()
    this.#taking = undefined
  }

  async remove(signal: AbortSignal): Promise<void> {
    try {
      await this.#files.remove(signal)
    } catch (e) {
      this.#say(e)
    }
    await this.open(signal)
  }

  /** It has been read. */
  dismiss() {
    this.#fault = undefined
  }

  async #follow(begin: (signal: AbortSignal) => Begun): Promise<void> {
    const { signal } = (this.#taking ??= new AbortController())
    this.#busy = true
    const mine = (this.#last = this.#last.then(() => this.#follows(signal, begin)))
    await mine
    if (mine !== this.#last) return
    this.#busy = false
    this.#taking = undefined
  }

  async #follows(signal: AbortSignal, begin: (signal: AbortSignal) => Begun): Promise<void> {
    if (signal.aborted) return
    this.#fault = undefined
    this.#coming = this.#fetching = []
    this.#paces.clear()
    this.#elsewhere = false
    try {
      for await (const step of await begin(signal)) {
        signal.throwIfAborted()
        this.#step(step)
      }
    } catch (e) {
      this.#say(e, signal)
    }
    this.#coming = this.#fetching = []
    this.#kept = await this.#files.kept(never).catch(() => this.#kept)
    await this.#measure()
  }

  #step(step: DancebaTaking) {
    this.#elsewhere = step.kind === 'elsewhere'
    if (step.kind === 'elsewhere') return
    if (step.kind === 'fetched' || step.kind === 'waiting') {
      this.#fetch(step)
      return
    }
    this.#fetching = []
    if (step.kind === 'found') {
      const { name, found } = step
      const others = this.#coming.filter(({ found: { part } }) => part !== found.part)
      this.#coming = [...others, { name, found, bytes: 0, of: 0, kept: false }]
      return
    }
    const part = step.kind === 'kept' ? step.kept.part : step.part
    const change =
      step.kind === 'kept'
        ? { kept: true, bytes: step.kept.keptBytes, of: step.kept.keptBytes }
        : { bytes: step.bytes, of: step.of }
    this.#coming = this.#coming.map((one) => (one.found.part === part ? { ...one, ...change } : one))
    if (step.kind !== 'kept') return
    this.#kept = [...(this.#kept ?? []).filter((kept) => kept.part !== part), step.kept]
  }

  #fetch(step: DancebaTaking & { kind: 'fetched' | 'waiting' }) {
    const { address, name } = step
    const before = this.#fetching.find((one) => one.address === address)
    const { bytes, of } = step.kind === 'fetched' ? { of: 0, ...step } : (before ?? { bytes: 0, of: 0 })
    const pace = this.#paces.get(address) ?? new Pace()
    this.#paces.set(address, pace)
    const speed = pace.at(performance.now(), bytes)
    const now: Fetching = {
      address,
      name,
      bytes,
      of,
      speed,
      ...(step.kind === 'waiting' && { waiting: step }),
    }
    this.#fetching = before
      ? this.#fetching.map((one) => (one === before ? now : one))
      : [...this.#fetching, now]
  }

  #say(thrown: unknown, { aborted } = never) {
    if (!aborted && !(thrown instanceof Fault && thrown.code === 'aborted')) this.#fault = thrown
  }

  async #measure(): Promise<void> {
    const { storage } = navigator as Partial<Navigator>
    const { quota, usage } = (await storage?.estimate().catch(() => undefined)) ?? {}
    this.#freeBytes = quota === undefined || usage === undefined ? undefined : Math.max(0, quota - usage)
  }
}

type Begun = AsyncIterable<DancebaTaking> | Promise<AsyncIterable<DancebaTaking>>

const never = new AbortController().signal
