/**
 * @file Getting a model to answer: fetched, made ready, in use. It goes on while panels come and go, so that a person who has
 * pressed one button need not stay with it.
 */
import type { Model } from '../../models/model'
import type { Shelf } from '../../models/shelf.svelte'

export interface GettingParts {
  readonly shelf: Shelf
  /** From now on this one answers; resolves when it is ready. */
  readonly choose: (signal: AbortSignal, model: Model) => Promise<void>
  /** One that was not here before is ready now. */
  readonly ready: (model: Model) => void
}

export class Getting {
  readonly #parts: GettingParts
  #controller: AbortController | undefined
  #wanted = $state.raw<Model | undefined>(undefined)
  #preparing = $state.raw<Model | undefined>(undefined)

  constructor(parts: GettingParts) {
    this.#parts = parts
  }

  /** To be used as soon as it is here. */
  get wanted(): Model | undefined {
    return this.#wanted
  }

  /** Is here, and being made ready; the one before answers until then. */
  get preparing(): Model | undefined {
    return this.#preparing
  }

  /** Fetch what is missing of it; a model that is wanted is then used. Throws as `Shelf.fetch` and a load do. */
  async fetch(model: Model): Promise<void> {
    const { shelf, ready } = this.#parts
    await shelf.fetch(model)
    if (this.#wanted?.id !== model.id || shelf.presence(model).kind !== 'here') return
    this.#wanted = undefined
    if (await this.use(model)) ready(model)
  }

  /** Have it answer, whatever that takes. Throws as `fetch` does. */
  async get(model: Model): Promise<void> {
    this.#wanted = model
    await this.fetch(model)
  }

  /** False when it was stopped. Another one that is being made ready is stopped by it. */
  async use(model: Model): Promise<boolean> {
    this.stop()
    const { signal } = (this.#controller = new AbortController())
    this.#preparing = model
    try {
      await this.#parts.choose(signal, model)
      return !signal.aborted
    } catch (e) {
      if (signal.aborted) return false
      throw e
    } finally {
      if (this.#controller.signal === signal) this.#preparing = undefined
    }
  }

  /** What is being made ready is not wanted after all. */
  stop() {
    this.#controller?.abort()
  }

  /** Nothing more of it comes, and what has come is thrown away. */
  async cancel(model: Model): Promise<void> {
    if (this.#wanted?.id === model.id) this.#wanted = undefined
    await this.#parts.shelf.remove(never, model)
  }
}

const never = new AbortController().signal
