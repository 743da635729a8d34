/**
 * @file The life of the models that are loaded. One at a time is loaded: placed, given room (what was used least recently
 * goes), started in a worker of its own, warmed up, tested. While it is made ready, the one before in its place goes on
 * serving, where the memory allows. A way of running a model that fails is judged, and the next best one is taken.
 */
import type { Model } from '../models/model'
import type { Held, Way } from '../models/placement'
import type { Plan } from '../models/shelf.svelte'
import type { LoadStep, ModelEngine, Task } from '../shared/contracts'
import { Fault } from '../shared/fault'
import { runtime } from '../shared/runtime'
import { Host } from './host'

export interface ManagerParts {
  /** The best way beside what holds so much already; undefined where there is none, or not all of its files are here. */
  readonly plan: (model: Model, loaded: Held) => Plan | undefined
  /** It works that way here, or does not: plans are made accordingly from then on. */
  readonly judge: (way: Way, good: boolean) => void
  /** It did not go one way, and goes another. */
  readonly elsewhere: (model: Model, plan: Plan) => void
}

/** A task for which one model at a time is loaded. */
export interface Place {
  readonly task: Task
  readonly spawn: () => Worker
  /** How long its worker may be silent: longer than the longest single step of its library. */
  readonly hangMs: number
}

/** A model that is loaded. */
export class Resident<E extends ModelEngine = ModelEngine> {
  readonly place: Place
  readonly model: Model
  readonly plan: Plan
  readonly host: Host<E>
  #life: object | undefined
  #uses = 0
  #idle = Promise.withResolvers<undefined>()
  /** Milliseconds since the page was opened. */
  usedAt = performance.now()

  constructor(place: Place, model: Model, plan: Plan, host: Host<E>) {
    this.place = place
    this.model = model
    this.plan = plan
    this.host = host
    this.#idle.resolve(undefined)
  }

  get alive(): boolean {
    return this.#life !== undefined && this.#life === this.host.running
  }

  /** Resolves when nobody uses it. */
  get idle(): Promise<undefined> {
    return this.#idle.promise
  }

  loaded() {
    this.#life = this.host.running
  }

  /** As long as it is used it is not unloaded for others. Call what comes back when that is over. */
  use(): () => void {
    this.usedAt = performance.now()
    if (this.#uses++ === 0) this.#idle = Promise.withResolvers()
    return () => {
      if (--this.#uses === 0) this.#idle.resolve(undefined)
    }
  }
}

/** What is being made ready. */
export interface Loading {
  readonly model: Model
  readonly step: LoadStep | undefined
}

/** A load that has taken no step for so long never will. Compiling some gigabytes for a GPU is one step. */
const STEP_MS = 300_000
/** Tries of one way in a row, where it may have been bad luck: a GPU that was taken away, a worker that died. */
const TRIES = 2

export class Manager {
  readonly #parts: ManagerParts
  readonly #misfortunes = new Map<string, number>()
  readonly #stepMs: number
  /** One at a time: two would compete for the same memory. */
  #queue: Promise<unknown> = Promise.resolve()

  #residents = $state.raw<readonly Resident[]>([])
  #loading = $state.raw<Loading | undefined>(undefined)

  constructor(parts: ManagerParts, { stepMs = STEP_MS } = {}) {
    this.#parts = parts
    this.#stepMs = stepMs
  }

  /** What is loaded and alive. */
  get residents(): readonly Resident[] {
    return this.#residents
  }

  get loading(): Loading | undefined {
    return this.#loading
  }

  /** What serves there now, if anything does. */
  in(place: Place): Resident | undefined {
    return this.#residents.find((one) => one.place.task === place.task && one.alive)
  }

  /**
   * The model, loaded, in the best way that works. Cheap when it is. Throws `unsupported` (`what: 'model-not-here'`) where there
   * is no way with all files here, else why the last way failed; what was loaded in its place before then still is, if there
   * was room for both.
   */
  async ready<E extends ModelEngine>(signal: AbortSignal, place: Place, model: Model): Promise<Resident<E>> {
    const here = this.in(place)
    const plan = this.#parts.plan(model, NOTHING)
    if (here && plan && isSame(here, model, plan)) return here as unknown as Resident<E>
    const turn = this.#queue.then(() => this.#ready(signal, place, model))
    this.#queue = turn.catch(() => undefined)
    return (await turn) as unknown as Resident<E>
  }

  /** It broke while it was used: it is gone, and if that is its nature here, it is judged. True where another way is worth a try. */
  broke({ model, plan, host }: Resident, thrown: unknown): boolean {
    if (!isBroken(thrown)) return false
    host.stop(thrown)
    this.#tidy()
    this.#blame(plan, thrown)
    return this.#parts.plan(model, NOTHING) !== undefined
  }

  /** Unload; its memory is free. */
  stop(resident: Resident) {
    resident.host.stop()
    this.#tidy()
  }

  async #ready(signal: AbortSignal, place: Place, model: Model): Promise<Resident> {
    let failed: { readonly plan: Plan; readonly thrown: Fault } | undefined
    for (;;) {
      signal.throwIfAborted()
      const plan = await this.#room(signal, place, model)
      if (!plan) throw failed?.thrown ?? notHere(model)
      const before = this.in(place)
      if (before && isSame(before, model, plan)) return before
      if (failed && !sameWay(failed.plan, plan)) this.#parts.elsewhere(model, plan)
      try {
        return await this.#load(signal, place, model, plan)
      } catch (e) {
        if (!isBroken(e)) throw e
        this.#blame(plan, e)
        failed = { plan, thrown: e }
      }
    }
  }

  /**
   * The plan for it beside what then is still loaded. First the one in its own place goes, which is to be replaced anyway; then
   * what was used least recently. What is in use is waited for.
   */
  async #room(signal: AbortSignal, place: Place, model: Model): Promise<Plan | undefined> {
    const ideal = this.#parts.plan(model, NOTHING)
    if (!ideal) return undefined
    for (;;) {
      this.#tidy()
      const same = this.in(place)
      if (same && isSame(same, model, ideal)) return ideal
      const now = this.#parts.plan(model, heldBy(this.#residents))
      if (now && sameWay(now, ideal)) return now
      const oldest = this.#residents.toSorted((a, b) => a.usedAt - b.usedAt)
      const leaving = same ?? oldest[0]
      if (!leaving) return now
      await Promise.race([leaving.idle, aborted(signal)])
      this.stop(leaving)
    }
  }

  async #load(signal: AbortSignal, place: Place, model: Model, plan: Plan): Promise<Resident> {
    const host = new Host<ModelEngine>(place.task, () => runtime.lend(place.spawn()), {
      hangMs: place.hangMs,
    })
    const resident = new Resident(place, model, plan, host)
    this.#loading = { model, step: undefined }
    try {
      const load = host.api.load(signal, plan.variant, { proven: plan.proven })
      await Promise.race([load, this.#watch(host, model), aborted(signal)])
      await load
    } catch (e) {
      host.stop()
      throw e
    } finally {
      this.#loading = undefined
    }
    resident.loaded()
    if (!plan.proven) this.#parts.judge(plan.way, true)
    const before = this.in(place)
    this.#residents = [...this.#residents.filter((one) => one !== before), resident]
    // What it is saying, it says to the end.
    if (before) void before.idle.then(() => before.host.stop())
    return resident
  }

  /** Tells of the steps of a load; rejects when there has been none for too long. */
  async #watch(host: Host<ModelEngine>, model: Model): Promise<void> {
    const { promise: stuck, reject } = Promise.withResolvers<never>()
    const after = () =>
      setTimeout(
        () => reject(new Fault('worker-died', `${model.id} does not get on with its loading`)),
        this.#stepMs,
      )
    let timer = after()
    const follow = async () => {
      for await (const step of await host.api.loading(never)) {
        clearTimeout(timer)
        timer = after()
        if (this.#loading?.model === model) this.#loading = { model, step }
      }
    }
    try {
      await Promise.race([stuck, follow()])
    } finally {
      clearTimeout(timer)
    }
  }

  #blame({ way }: Plan, { code }: Fault) {
    if (code === 'device-lost' || code === 'worker-died') {
      const key = JSON.stringify(way)
      const times = (this.#misfortunes.get(key) ?? 0) + 1
      this.#misfortunes.set(key, times)
      if (times < TRIES) return
      this.#misfortunes.delete(key)
    }
    this.#parts.judge(way, false)
  }

  #tidy() {
    if (this.#residents.some(({ alive }) => !alive))
      this.#residents = this.#residents.filter(({ alive }) => alive)
  }
}

const never = new AbortController().signal
const NOTHING: Held = { gpu: 0, heap: 0 }

const sameWay = (a: Plan, b: Plan) => JSON.stringify(a.variant) === JSON.stringify(b.variant)

const isSame = (resident: Resident, model: Model, plan: Plan) =>
  resident.model.id === model.id && sameWay(resident.plan, plan)

const heldBy = (residents: readonly Resident[]): Held => ({
  gpu: residents.reduce((sum, { plan }) => sum + plan.holds.gpu, 0),
  heap: residents.reduce((sum, { plan }) => sum + plan.holds.heap, 0),
})

const notHere = ({ name }: Model) =>
  new Fault('unsupported', `${name} is not here`, { detail: { what: 'model-not-here', name } })

/** The worker is of no use any more, and another one, or another way, may be. But a model without a configuration runs in none. */
const isBroken = (thrown: unknown): thrown is Fault =>
  thrown instanceof Fault &&
  thrown.detail['reason'] !== 'config' &&
  thrown.code !== 'aborted' &&
  thrown.code !== 'unsupported' &&
  (thrown.code === 'worker-died' || thrown.detail['poisoned'] === true)

const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    const stop = () => reject(new Fault('aborted', 'no longer waited for'))
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
  })
