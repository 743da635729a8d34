/**
 * @file The models on this device: what is known of each, where it would run, what is here of it and what is on its way.
 *
 * The life of a model: an entry of the catalogue → `placement` picks a variant → the hub lists the repository at a commit →
 * `filesOf` says which files → the depot fetches them → `local` is what an engine loads.
 */
import type { Depot, Listing, ModelFile, Task, Variant } from '../shared/contracts'
import { Fault } from '../shared/fault'
import type { Remote } from '../shared/wire'
import { Adding, type Added } from './adding'
import { Carrying } from './carrying.svelte'
import { MODELS } from './catalogue'
import { detect, gpuKey, type Device } from './device'
import { filesOf } from './files'
import { isOwn, type Given } from './folder'
import { listing, readText, type Access } from './hub'
import { inspect, READ, type Inspection, type Texts } from './inspect'
import { Jobs, type Coming, type Watch } from './jobs.svelte'
import { Meter, type Wait } from './meter'
import { dtypeKey, type Model, type ModelVariant } from './model'
import { best, place, type Held, type Placement, type Question, type Verdict, type Way } from './placement'
import { begunOf, bytesOf, listed, repoOf, sizesIn, Stock, sum } from './stock.svelte'

/** How much of a model's chosen variant is here. Bytes. */
export type Presence =
  | { readonly kind: 'absent' }
  | Coming
  /** Begun, and stopped by the person, a crash or a closed tab: it goes on where it was. `of` is 0 where nobody knows. */
  | { readonly kind: 'begun'; readonly bytes: number; readonly of: number }
  /** `bytes` on disk. */
  | { readonly kind: 'here'; readonly bytes: number }

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
  /** Of models that were fetched or begun, what the hub has of them at the commit that was taken; by repository. */
  readonly listings: Readonly<Record<string, Listing>>
}

export const NOTHING_REMEMBERED: Remembered = {
  added: [],
  verdicts: [],
  force: 'auto',
  memoryGb: undefined,
  listings: {},
}

export interface ShelfParts {
  readonly depot: Remote<Depot>
  readonly memory: { current: Remembered }
  /** Mirror and token of the person's own. */
  readonly access: () => Access
}

/** Bytes, as far as the browser tells. */
export interface Room {
  readonly used: number
  readonly free: number | undefined
  /** Whether the browser has promised not to clear it. */
  readonly persisted: boolean
}

/** Of what is here: a repository, with the model that it is of, as far as that is known. */
export interface Kept {
  readonly repo: string
  readonly model: Model | undefined
  readonly bytes: number
}

/** Of a model that comes from a hub. */
type HubModel = Model & { readonly source: Model['source'] & { kind: 'hub' } }
const isHub = (model: Model): model is HubModel => model.source.kind === 'hub'

export class Shelf {
  readonly #parts: ShelfParts
  readonly #jobs = new Jobs()
  readonly #stock: Stock
  readonly #adding: Adding
  readonly carrying: Carrying
  #found = $state.raw<Device | undefined>(undefined)

  constructor(parts: ShelfParts) {
    this.#parts = parts
    this.carrying = new Carrying(parts.depot)
    this.#stock = new Stock({
      depot: parts.depot,
      listings: () => this.remembered.listings,
      keep: (listings) => this.remember({ listings }),
    })
    this.#adding = new Adding({
      depot: parts.depot,
      jobs: this.#jobs,
      stock: this.#stock,
      access: parts.access,
      models: () => this.models,
      adopt: (model) => this.#adopt(model),
      place: (model, sizes) => this.device && place({ ...this.#conditions(this.device), model, sizes }),
    })
  }

  /** Look at the device and at what is here. Keeping nothing is no fault: models are then fetched in vain, and it is said. */
  async open(signal: AbortSignal): Promise<void> {
    this.#found ??= await detect(signal)
    await this.#stock.look(signal)
  }

  /** As the browser tells, and the person knows better. */
  get device(): Device | undefined {
    const { memoryGb } = this.#parts.memory.current
    if (!this.#found) return undefined
    // Files come and go: the room is another one than on arrival.
    const device = { ...this.#found, ...(this.#stock.storage && { storage: this.#stock.storage }) }
    return memoryGb === undefined
      ? device
      : { ...device, memory: { kind: 'told', gb: memoryGb, by: 'person' } }
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
    return this.#stock.usedBytes
  }

  /** All that is here, the largest first. */
  get kept(): readonly Kept[] {
    const bytes = new Map<string, number>()
    for (const kept of this.#stock.kept) bytes.set(kept.repo, (bytes.get(kept.repo) ?? 0) + bytesOf(kept))
    return [...bytes]
      .map(([repo, bytes]) => ({ repo, bytes, model: this.models.find((model) => repoOf(model) === repo) }))
      .sort((a, b) => b.bytes - a.bytes)
  }

  get room(): Room {
    const { usage = 0, quota, persisted = false } = this.#stock.storage ?? {}
    return { used: usage, free: quota === undefined ? undefined : Math.max(0, quota - usage), persisted }
  }

  /**
   * Where it would run, beside what other models hold already; undefined as long as nobody has looked at the device. A variant
   * that is here, whole, is taken before a better one that would have to be fetched: it works without a network, and may be
   * what the person has brought.
   */
  placement(model: Model, loaded?: Held): Placement | undefined {
    const { device } = this
    if (!device) return undefined
    const question = { ...this.#conditions(device), ...(loaded && { loaded }), model, ...this.#known(model) }
    const kept = this.#stock.of(model)
    if (kept) {
      const whole = (variant: ModelVariant) =>
        this.#stock.here(model, variant) ? sizesIn(model, variant, listed(kept)) : 'missing'
      const here = place({ ...question, sizes: whole })
      if (here.runs && here.on !== 'browser')
        return { ...here, reasons: here.reasons.filter(({ why }) => why !== 'files-missing') }
    }
    return place(question)
  }

  /** The model to take for a task on this device. */
  best(task: Task): Model | undefined {
    const { device } = this
    const models = this.models.filter(({ tasks }) => tasks[task] && tasks[task] !== 'later')
    return device && best(task, models, this.#conditions(device), (model) => this.#known(model))?.model
  }

  presence(model: Model): Presence {
    const coming = this.#jobs.of(model.id)
    if (coming) return coming
    if (!isHub(model)) return { kind: 'here', bytes: 0 }
    const variant = this.#variant(model)
    const files = variant && this.#stock.here(model, variant)
    if (files) return { kind: 'here', bytes: sum(files) }
    const repo = this.#stock.of(model)
    if (!repo) return { kind: 'absent' }
    const needed = variant && this.#stock.needed(model, variant)
    if (!needed) return { kind: 'begun', bytes: bytesOf(repo), of: 0 }
    const bytes = [...begunOf(repo, needed.files).values()].reduce((all, one) => all + one, 0)
    return { kind: 'begun', bytes, of: needed.sizes.disk }
  }

  /** How many models are on their way. */
  get coming(): number {
    return this.#jobs.count
  }

  /**
   * Have all files of the model's variant for this device. Resolves when they are here, or when `pause` stops it. Throws what
   * the hub and the depot throw, and `unsupported` (`what: 'model'`) where no variant runs here.
   */
  async fetch(model: Model): Promise<void> {
    if (!isHub(model)) return
    const before = this.presence(model)
    await this.#jobs.run(
      model.id,
      'hub',
      before.kind === 'begun' ? before.bytes : 0,
      (signal, watch, wait) => this.#fetch(signal, model, watch, wait),
      () => this.#stock.look(never),
    )
  }

  /** What has come stays; `fetch` goes on from there. */
  pause(model: Model) {
    void this.#jobs.stop(model.id)
  }

  /** Its files, whole or begun, are no longer here, nor what failed with them; what is on its way does not come. */
  async remove(signal: AbortSignal, model: Model): Promise<void> {
    await this.#jobs.stop(model.id)
    this.pardon(model)
    if (isHub(model)) await this.evict(signal, model.source.repo)
    // Nobody else has its files.
    if (isHub(model) && isOwn(model.source.repo)) this.forget(model)
  }

  /** Nothing of a repository is here any more. */
  async evict(signal: AbortSignal, repo: string): Promise<void> {
    await this.#stock.evict(signal, repo)
  }

  /**
   * Files of a folder of the person's own: those of this model, or of whatever it is. The hub is asked whether they are what it
   * lists; where it does not answer they are taken as they are. Throws what the depot throws: `load-failed` with `corrupt` for
   * other files than are listed.
   */
  add(given: readonly Given[], which?: Model): Promise<Added> {
    return this.#adding.add(given, which)
  }

  /** All models of a file that another machine has saved; those that are not known here are read, too. Bytes, as `Carrying.add`. */
  async unpack(signal: AbortSignal, file: Blob): Promise<number | undefined> {
    try {
      return await this.carrying.add(file)
    } finally {
      await this.#stock.look(signal)
      await this.#adding.recognise(signal)
    }
  }

  /** Any repository of the hub, by its name: read, and added to the models if it can be run. */
  async inspect(
    signal: AbortSignal,
    repo: string,
    told: (wait: Wait) => void = () => undefined,
  ): Promise<Inspection> {
    const access = { ...this.#parts.access(), told }
    const list = await listing(signal, repo, 'main', access)
    const texts: Partial<Record<(typeof READ)[number], string>> = {}
    for (const path of READ)
      if (list.files.some((file) => file.path === path))
        texts[path] = await readText(signal, list, path, access)
    const found = inspect(list, texts satisfies Texts)
    if (found.kind === 'model') {
      this.#stock.list(found.model, list)
      this.#adopt(found.model)
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
    const kept = this.#stock.of(model)
    if (!device || !placement?.runs || placement.on === 'browser' || !kept) return undefined
    const { on, needs, variant } = placement
    const files = this.#stock.here(model, variant)
    if (!files) return undefined
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
    const kept = this.#stock.of(model)
    if (kept) await this.#parts.depot.use(signal, kept)
  }

  /** The browser promises not to clear what is kept here. Whether it does. */
  async keep(signal: AbortSignal): Promise<boolean> {
    const kept = await navigator.storage.persist()
    await this.#stock.look(signal)
    return kept
  }

  /** At the commit that was begun with; at the newest where the hub no longer has that one. What stayed the same stays here. */
  async #fetch(
    signal: AbortSignal,
    model: HubModel,
    watch: Watch,
    wait: (wait: Wait) => void,
  ): Promise<void> {
    const { repo } = model.source
    const list = (revision: string) =>
      listing(signal, repo, revision, { ...this.#parts.access(), told: wait })
    const begun = this.#stock.pinned(repo)
    let first: Listing | undefined
    try {
      first = await list(begun ?? 'main')
      await this.#bring(signal, model, first, watch)
    } catch (e) {
      const gone = e instanceof Fault && e.detail['reason'] === 'not-found'
      if (!gone || (first ?? begun) === undefined) throw e
      const newest = await list('main')
      if (newest.commit === first?.commit) throw e
      await this.#bring(signal, model, newest, watch)
    }
  }

  async #bring(signal: AbortSignal, model: HubModel, list: Listing, watch: Watch): Promise<void> {
    this.#stock.list(model, list)
    const placement = this.placement(model)
    if (!placement?.runs || placement.on === 'browser')
      throw new Fault('unsupported', `${model.id} does not run here`, { detail: { what: 'model' } })
    const needed = filesOf(model, placement.variant, list)
    if (needed.kind === 'lacking')
      throw new Fault('load-failed', `${model.id} lacks ${needed.missing.join(', ')}`, {
        detail: { reason: 'incomplete', missing: needed.missing },
      })
    const { token } = this.#parts.access()
    const kept = this.#stock.kept.find(({ repo, commit }) => repo === list.repo && commit === list.commit)
    const paths = needed.files.map(({ path }) => path)
    const options = token === undefined ? {} : { token }
    const steps = await this.#parts.depot.fetch(signal, list, paths, options)
    await watch(new Meter(needed.sizes.disk, kept && begunOf(kept, needed.files)), steps)
    await this.#stock.settle(signal, list)
  }

  #adopt(model: Model) {
    const others = this.remembered.added.filter(({ id }) => id !== model.id)
    this.remember({ added: [...others, model] })
  }

  #conditions(device: Device) {
    const { verdicts, force } = this.remembered
    return { device, verdicts, ...(force !== 'auto' && { force }) }
  }

  #known(model: Model): Pick<Question, 'sizes' | 'kept'> {
    return { kept: this.#stock.bytesOf(model), sizes: (variant) => this.#stock.sizes(model, variant) }
  }

  /** The one for this device. */
  #variant(model: Model): ModelVariant | undefined {
    const placement = this.placement(model)
    return placement?.runs && placement.on !== 'browser' ? placement.variant : undefined
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
