/**
 * @file The models on this device: what is known of each, where it would run, what is here of it and what is on its way.
 *
 * The life of a model: an entry of the catalogue → `placement` picks a variant → the hub lists the repository at a commit →
 * `filesOf` says which files → the depot fetches them → `local` is what an engine loads.
 */
import { SvelteMap } from 'svelte/reactivity'
import type {
  Depot,
  FetchStep,
  KeptRepo,
  ListedFile,
  Listing,
  ModelFile,
  Task,
  Variant,
} from '../shared/contracts'
import { Fault } from '../shared/fault'
import type { Remote } from '../shared/wire'
import { MODELS } from './catalogue'
import { detect, gpuKey, lookAtStorage, type Device } from './device'
import { filesOf } from './files'
import { listing, readText, type Access } from './hub'
import { inspect, READ, type Inspection, type Texts } from './inspect'
import { dtypeKey, type Model, type ModelVariant } from './model'
import {
  best,
  place,
  type Held,
  type Placement,
  type Question,
  type Sizes,
  type Verdict,
  type Way,
} from './placement'

/** How much of a model's chosen variant is here. Bytes. */
export type Presence =
  | { readonly kind: 'absent' }
  | Coming
  /** Begun, and stopped by the person, a crash or a closed tab: it goes on where it was. */
  | { readonly kind: 'begun'; readonly bytes: number; readonly of: number }
  /** `bytes` on disk. */
  | { readonly kind: 'here'; readonly bytes: number }

export interface Coming {
  readonly kind: 'coming'
  readonly bytes: number
  /** 0 until the hub has said what there is. */
  readonly of: number
  /** Bytes a second over the last seconds; 0 until it is known. */
  readonly speed: number
  readonly waiting: Waiting | undefined
}

/** Why nothing comes just now: the server is asked again in so many seconds, or another tab is fetching it. */
export type Waiting =
  { readonly why: 'busy' | 'offline' | 'broken'; readonly seconds: number } | { readonly why: 'elsewhere' }

/** A way of running a model here, all files of which are here. */
export interface Plan {
  readonly way: Way
  readonly variant: Variant & { readonly kind: 'local' }
  /** Bytes that it takes. */
  readonly holds: Held
  /** It has passed its self-test here before. */
  readonly proven: boolean
}

/** What is remembered over visits. */
export interface Remembered {
  /** Models that the person has added, by inspection of their repositories. */
  readonly added: readonly Model[]
  readonly verdicts: readonly Verdict[]
  readonly force: 'auto' | 'cpu' | 'gpu'
  /** Gigabytes, where the person knows better than the browser. */
  readonly memoryGb: number | undefined
}

export const NOTHING_REMEMBERED: Remembered = { added: [], verdicts: [], force: 'auto', memoryGb: undefined }

export interface ShelfParts {
  readonly depot: Remote<Depot>
  readonly memory: { current: Remembered }
  /** Mirror and token of the person's own. */
  readonly access: () => Access
}

/** Of a model that comes from a hub. */
type HubModel = Model & { readonly source: Model['source'] & { kind: 'hub' } }
const isHub = (model: Model): model is HubModel => model.source.kind === 'hub'

/** Over so long a speed is measured, milliseconds. */
const SPEED_MS = 4000

export class Shelf {
  readonly #parts: ShelfParts
  readonly #coming = new SvelteMap<string, Coming>()
  readonly #jobs = new Map<string, AbortController>()
  readonly #listings = new SvelteMap<string, Listing>()
  #found = $state.raw<Device | undefined>(undefined)
  #kept = $state.raw<readonly KeptRepo[]>([])

  constructor(parts: ShelfParts) {
    this.#parts = parts
  }

  /** Look at the device and at what is here. Keeping nothing is no fault: models are then fetched in vain, and it is said. */
  async open(signal: AbortSignal): Promise<void> {
    this.#found ??= await detect(signal)
    await this.#look(signal)
  }

  /** As the browser tells, and the person knows better. */
  get device(): Device | undefined {
    const { memoryGb } = this.#parts.memory.current
    const device = this.#found
    if (!device || memoryGb === undefined) return device
    return { ...device, memory: { kind: 'told', gb: memoryGb, by: 'person' } }
  }

  get remembered(): Remembered {
    return this.#parts.memory.current
  }
  remember(change: Partial<Remembered>) {
    this.#parts.memory.current = { ...this.remembered, ...change }
  }

  /** The catalogue's and the person's own. */
  get models(): readonly Model[] {
    const { added } = this.remembered
    return [...MODELS, ...added.filter(({ id }) => !MODELS.some((one) => one.id === id))]
  }

  /** Bytes of all that is kept. */
  get usedBytes(): number {
    const files = new Map(
      this.#kept.flatMap(({ files }) => files.map(({ sha256, bytes }) => [sha256, bytes])),
    )
    return [...files.values()].reduce((sum, bytes) => sum + bytes, 0)
  }

  /** Where it would run, beside what other models hold already; undefined as long as nobody has looked at the device. */
  placement(model: Model, loaded?: Held): Placement | undefined {
    const { device } = this
    if (!device) return undefined
    return place({ ...this.#conditions(device), ...(loaded && { loaded }), model, ...this.#known(model) })
  }

  /** The model to take for a task on this device. */
  best(task: Task): Model | undefined {
    const { device } = this
    const models = this.models.filter(({ tasks }) => tasks[task] && tasks[task] !== 'later')
    return device && best(task, models, this.#conditions(device), (model) => this.#known(model))?.model
  }

  presence(model: Model): Presence {
    const coming = this.#coming.get(model.id)
    if (coming) return coming
    if (!isHub(model)) return { kind: 'here', bytes: 0 }
    const files = this.#filesHere(model, this.placement(model))
    if (files) return { kind: 'here', bytes: sum(files) }
    const repo = this.#keptOf(model)
    if (!repo) return { kind: 'absent' }
    const placement = this.placement(model)
    const of = placement?.runs && placement.on !== 'browser' ? placement.needs.disk : 0
    return { kind: 'begun', bytes: sum(repo.files) + sum(repo.partial), of: Math.max(of, sum(repo.files)) }
  }

  /**
   * Have all files of the model's variant for this device. Resolves when they are here, or when `pause` stops it. Throws what
   * the hub and the depot throw, and `unsupported` (`what: 'model'`) where no variant runs here.
   */
  async fetch(model: Model): Promise<void> {
    if (!isHub(model) || this.#jobs.has(model.id)) return
    const controller = new AbortController()
    const { signal } = controller
    this.#jobs.set(model.id, controller)
    const before = this.presence(model)
    const begun = before.kind === 'begun' ? before.bytes : 0
    this.#coming.set(model.id, { kind: 'coming', bytes: begun, of: 0, speed: 0, waiting: undefined })
    try {
      await this.#fetch(signal, model)
    } catch (e) {
      if (!signal.aborted) throw e
    } finally {
      this.#jobs.delete(model.id)
      await this.#look(never).catch(() => undefined)
      this.#coming.delete(model.id)
    }
  }

  /** What has come stays; `fetch` goes on from there. */
  pause(model: Model) {
    this.#jobs.get(model.id)?.abort()
  }

  /** Its files, whole or begun, are no longer here, nor what failed with them. */
  async remove(signal: AbortSignal, model: Model): Promise<void> {
    this.pause(model)
    this.pardon(model)
    for (const kept of this.#keptAll(model)) await this.#parts.depot.remove(signal, kept)
    await this.#look(signal)
  }

  /** Any repository of the hub, by its name: read, and added to the models if it can be run. */
  async inspect(
    signal: AbortSignal,
    repo: string,
    told: (waiting: Waiting) => void = () => undefined,
  ): Promise<Inspection> {
    const access = { ...this.#parts.access(), told }
    const list = await listing(signal, repo, 'main', access)
    const texts: Partial<Record<(typeof READ)[number], string>> = {}
    for (const path of READ)
      if (list.files.some((file) => file.path === path))
        texts[path] = await readText(signal, list, path, access)
    const found = inspect(list, texts satisfies Texts)
    if (found.kind === 'model') {
      this.#listings.set(repo, list)
      const others = this.remembered.added.filter(({ id }) => id !== found.model.id)
      this.remember({ added: [...others, found.model] })
    }
    return found
  }

  forget(model: Model) {
    this.remember({ added: this.remembered.added.filter(({ id }) => id !== model.id) })
  }

  /** What an engine loads: the best variant beside what other models hold; undefined where not all of its files are here. */
  plan(model: Model, loaded: Held): Plan | undefined {
    const { device } = this
    const placement = this.placement(model, loaded)
    const kept = this.#keptOf(model)
    const files = this.#filesHere(model, placement)
    if (!device || !placement?.runs || placement.on === 'browser' || !kept || !files) return undefined
    const { on, needs, variant } = placement
    const modelFiles = files.map(({ path, bytes, sha256 }): ModelFile => ({
      url: kept.base + path,
      path,
      bytes,
      sha256,
    }))
    const way = { model: model.id, dtype: dtypeKey(variant), backend: on, gpu: gpuKey(device) }
    return {
      way,
      variant: { kind: 'local', model: model.id, backend: on, files: modelFiles },
      holds: on === 'webgpu' ? { gpu: needs.memory, heap: 0 } : { gpu: 0, heap: needs.memory },
      proven: this.remembered.verdicts.some((verdict) => verdict.good && isOn(verdict, way)),
    }
  }

  /**
   * How it went that way: what failed is not taken again, what is good need not be tested again. Speeds are remembered where
   * they differ from what is known.
   */
  judge(way: Way, { good, tokensPerSecond }: Pick<Verdict, 'good' | 'tokensPerSecond'>) {
    const before = this.remembered.verdicts.find((verdict) => isOn(verdict, way))
    const speed = tokensPerSecond ?? before?.tokensPerSecond
    if (before?.good === good && near(speed, before.tokensPerSecond)) return
    const others = this.remembered.verdicts.filter((verdict) => !isOn(verdict, way))
    const verdict = { ...way, good, ...(speed !== undefined && { tokensPerSecond: speed }) }
    this.remember({ verdicts: [...others, verdict] })
  }

  /** What failed of it may be tried again. */
  pardon(model: Model) {
    const { verdicts } = this.remembered
    this.remember({ verdicts: verdicts.filter((verdict) => verdict.good || verdict.model !== model.id) })
  }

  /** It was used now. */
  async use(signal: AbortSignal, model: Model): Promise<void> {
    const kept = this.#keptOf(model)
    if (kept) await this.#parts.depot.use(signal, kept)
  }

  /** The browser promises not to clear what is kept here. Whether it does. */
  async keep(signal: AbortSignal): Promise<boolean> {
    const kept = await navigator.storage.persist()
    this.#found = await detect(signal)
    return kept
  }

  /** At the commit that was begun with; at the newest where the hub no longer has that one. What stayed the same stays here. */
  async #fetch(signal: AbortSignal, model: HubModel): Promise<void> {
    const begun = this.#keptOf(model)?.commit
    let list: Listing | undefined
    try {
      list = await this.#list(signal, model, begun ?? 'main')
      await this.#bring(signal, model, list)
    } catch (e) {
      const gone = e instanceof Fault && e.detail['reason'] === 'not-found'
      if (!gone || (list ?? begun) === undefined) throw e
      const newest = await this.#list(signal, model, 'main')
      if (newest.commit === list?.commit) throw e
      await this.#bring(signal, model, newest)
    }
  }

  async #list(signal: AbortSignal, model: HubModel, revision: string): Promise<Listing> {
    const told = (waiting: Waiting) => this.#show(model, { waiting })
    return listing(signal, model.source.repo, revision, { ...this.#parts.access(), told })
  }

  async #bring(signal: AbortSignal, model: HubModel, list: Listing): Promise<void> {
    const { depot } = this.#parts
    this.#listings.set(model.source.repo, list)
    const placement = this.placement(model)
    if (!placement?.runs || placement.on === 'browser')
      throw new Fault('unsupported', `${model.id} does not run here`, { detail: { what: 'model' } })
    const needed = filesOf(model, placement.variant, list)
    if (needed.kind === 'lacking')
      throw new Fault('load-failed', `${model.id} lacks ${needed.missing.join(', ')}`, {
        detail: { reason: 'incomplete', missing: needed.missing },
      })
    const here = new Map<string, number>()
    const waits = new Map<string, Waiting>()
    const { token } = this.#parts.access()
    const paths = needed.files.map(({ path }) => path)
    const speedOf = speedometer()
    const options = token === undefined ? {} : { token }
    for await (const step of await depot.fetch(signal, list, paths, options)) {
      signal.throwIfAborted()
      const path = step.kind === 'kept' ? step.file.path : step.path
      const wait = waitingOf(step)
      if (wait) waits.set(path, wait)
      else waits.delete(path)
      if (step.kind === 'bytes') here.set(path, step.bytes)
      else if (step.kind === 'kept') here.set(path, step.file.bytes)
      const bytes = [...here.values()].reduce((all, one) => all + one, 0)
      const of = needed.sizes.disk
      this.#show(model, { bytes, of, speed: speedOf(bytes), waiting: [...waits.values()].at(-1) })
    }
    await this.#look(signal)
    for (const { repo, commit } of this.#keptAll(model))
      if (commit !== list.commit) await depot.remove(signal, { repo, commit }) // what it no longer needs
  }

  #show(model: Model, change: Partial<Coming>) {
    const coming = this.#coming.get(model.id)
    if (coming) this.#coming.set(model.id, { ...coming, ...change })
  }

  async #look(signal: AbortSignal) {
    this.#kept = await this.#parts.depot.list(signal)
    if (this.#found) this.#found = { ...this.#found, storage: await lookAtStorage() }
  }

  #conditions(device: Device) {
    const { verdicts, force } = this.remembered
    return { device, verdicts, ...(force !== 'auto' && { force }) }
  }

  /** At the commit that was used last. */
  #keptOf(model: Model): KeptRepo | undefined {
    return this.#keptAll(model).reduce<KeptRepo | undefined>(
      (last, one) => (last && last.usedMs >= one.usedMs ? last : one),
      undefined,
    )
  }

  #keptAll(model: Model): readonly KeptRepo[] {
    return isHub(model) ? this.#kept.filter(({ repo }) => repo === model.source.repo) : []
  }

  #known(model: Model): Pick<Question, 'sizes' | 'kept'> {
    const kept = this.#keptAll(model).reduce((all, { files, partial }) => all + sum(files) + sum(partial), 0)
    return { kept, sizes: (variant) => this.#sizes(model, variant) }
  }

  /** What the hub lists, or as long as it has not been asked, what is here of it. */
  #sizes(model: Model, variant: ModelVariant): Sizes | 'missing' | undefined {
    if (!isHub(model)) return undefined
    const list = this.#listings.get(model.source.repo)
    if (list) {
      const needed = filesOf(model, variant, list)
      return needed.kind === 'whole' ? needed.sizes : 'missing'
    }
    const kept = this.#keptOf(model)
    const needed = kept && filesOf(model, variant, listed(kept))
    return needed?.kind === 'whole' ? needed.sizes : undefined
  }

  /** All files of the variant that is placed, if they are here. */
  #filesHere(model: Model, placement: Placement | undefined) {
    const kept = this.#keptOf(model)
    if (!kept || !placement?.runs || placement.on === 'browser') return undefined
    const needed = filesOf(model, placement.variant, this.#listings.get(kept.repo) ?? listed(kept))
    if (needed.kind !== 'whole') return undefined
    const here = new Map(kept.files.map((file) => [file.path, file]))
    const files = needed.files.map(({ path }) => here.get(path))
    return files.every((file) => file !== undefined) ? files : undefined
  }
}

const isOn = (verdict: Verdict, way: Way) =>
  verdict.model === way.model &&
  verdict.dtype === way.dtype &&
  verdict.backend === way.backend &&
  verdict.gpu === way.gpu

/** Speeds vary from answer to answer. */
const near = (a: number | undefined, b: number | undefined) =>
  a === b || (a !== undefined && b !== undefined && Math.abs(a - b) < b / 5)

const never = new AbortController().signal

const sum = (files: readonly { readonly bytes: number }[]): number =>
  files.reduce((all, { bytes }) => all + bytes, 0)

const waitingOf = (step: FetchStep): Waiting | undefined => {
  if (step.kind === 'waiting') return { why: step.why, seconds: step.seconds }
  return step.kind === 'elsewhere' ? { why: 'elsewhere' } : undefined
}

/** Bytes a second over the last seconds. */
const speedometer = () => {
  const times: { readonly at: number; readonly bytes: number }[] = []
  return (bytes: number): number => {
    const now = performance.now()
    times.push({ at: now, bytes })
    while (times[1] && times[0]!.at < now - SPEED_MS) times.shift()
    const [first] = times
    return first && now > first.at + 500 ? (1000 * (bytes - first.bytes)) / (now - first.at) : 0
  }
}

/** What is here and on its way, as if it were all that the hub has. */
const listed = ({ repo, commit, base, files, partial }: KeptRepo): Listing => ({
  repo,
  commit,
  base,
  files: [
    ...files.map(({ path, bytes, sha256 }) => fileOf(path, bytes, sha256)),
    ...partial.map(({ path, of }) => fileOf(path, of, '')), // its digest is for who fetches it
  ],
})

const fileOf = (path: string, bytes: number, hex: string): ListedFile => ({
  path,
  bytes,
  digest: { kind: 'sha256', hex },
})
