/** @file What is on its way to the shelf: one job a model, watched, stopped from outside, and never two of the same. */
import { SvelteMap } from 'svelte/reactivity'
import type { FetchStep } from '../shared/contracts'
import { Meter, type Progress, type Wait } from './meter'

/** Where its files come from. */
export type From = 'hub' | 'folder'

export interface Coming extends Progress {
  readonly kind: 'coming'
  readonly from: From
}

interface Job {
  readonly controller: AbortController
  readonly done: Promise<void>
}

/** Show the steps as they come, to their end. */
export type Watch = (meter: Meter, steps: AsyncIterable<FetchStep>) => Promise<void>

/** What waits is shown counting down. */
const TICK_MS = 500

export class Jobs {
  readonly #coming = new SvelteMap<string, Coming>()
  readonly #jobs = new Map<string, Job>()

  of(id: string): Coming | undefined {
    return this.#coming.get(id)
  }

  /** How many there are. */
  get count(): number {
    return this.#coming.size
  }

  /**
   * Run it, unless it runs: then this waits for it. `work` watches the steps of
   * bringing it, and says before that where it has to wait. `after`
   * comes before anybody sees that it has ended. Resolves when it is done or was stopped; throws what it throws.
   */
  run(
    id: string,
    from: From,
    begun: number,
    work: (signal: AbortSignal, watch: Watch, wait: (wait: Wait) => void) => Promise<void>,
    after: () => Promise<void>,
  ): Promise<void> {
    const running = this.#jobs.get(id)
    if (running) return running.done
    const controller = new AbortController()
    const { signal } = controller
    this.#coming.set(id, { kind: 'coming', from, bytes: begun, of: 0, speed: 0, holdUp: undefined })
    const wait = (wait: Wait) => {
      const coming = this.#coming.get(id)
      if (coming) this.#coming.set(id, { ...coming, holdUp: { kind: 'retry', ...wait } })
    }
    const watch: Watch = async (meter, steps) => {
      const show = () => {
        if (!signal.aborted) this.#coming.set(id, { kind: 'coming', from, ...meter.at(performance.now()) })
      }
      show()
      const tick = setInterval(show, TICK_MS)
      try {
        for await (const step of steps) {
          signal.throwIfAborted()
          meter.take(step, performance.now())
          show()
        }
      } finally {
        clearInterval(tick)
      }
    }
    const done = work(signal, watch, wait)
      .catch((e: unknown) => {
        if (!signal.aborted) throw e
      })
      .finally(async () => {
        this.#jobs.delete(id)
        await after().catch(() => undefined)
        this.#coming.delete(id)
      })
    this.#jobs.set(id, { controller, done })
    return done
  }

  /** Resolves when nothing more of it comes. */
  async stop(id: string): Promise<void> {
    const job = this.#jobs.get(id)
    job?.controller.abort()
    await job?.done.catch(() => undefined) // told to whoever has begun it
  }
}
