/** @file The chat's thread: one language model at a time, with what it has read of the conversation. */
import type { Chat, Loaded, LoadStep, ReplyPart, Sampling, Turn, Variant } from '../src/shared/contracts'
import { Fault } from '../src/shared/fault'
import { Feed } from '../src/shared/feed'
import { acceptRuntime } from '../src/shared/runtime'
import { serve } from '../src/shared/wire'
import type { LanguageModel } from './chat/language-model'

type LocalVariant = Variant & { readonly kind: 'local' }

class ChatThread implements Chat {
  #variant: string | undefined
  #model: Promise<LanguageModel> | undefined
  #steps = new Feed<LoadStep>()

  async load(signal: AbortSignal, variant: Variant, { proven = false } = {}): Promise<Loaded> {
    if (variant.kind !== 'local') throw new Fault('bad-input', `no ${variant.kind} chat runs in a worker`)
    const wanted = JSON.stringify(variant)
    if (!this.#model || this.#variant !== wanted) {
      const before = this.#model
      this.#variant = wanted
      const model = this.#swap(signal, before, variant, proven)
      this.#model = model
      model.catch(() => {
        if (this.#model === model) this.#model = undefined
      })
    }
    await this.#model
    return { runsOn: variant.backend, leavesDevice: false }
  }

  async *loading(signal: AbortSignal): AsyncIterable<LoadStep> {
    for await (const step of this.#steps) {
      signal.throwIfAborted()
      yield step
    }
  }

  async *reply(signal: AbortSignal, turns: readonly Turn[], sampling: Sampling): AsyncIterable<ReplyPart> {
    if (!this.#model) throw new Fault('load-failed', 'no chat model has been loaded')
    yield* (await this.#model).reply(signal, turns, sampling)
  }

  /** The one before goes first: two may not fit. Whoever wants it to serve on meanwhile loads into another worker. */
  async #swap(
    signal: AbortSignal,
    before: Promise<LanguageModel> | undefined,
    variant: LocalVariant,
    proven: boolean,
  ): Promise<LanguageModel> {
    const steps = this.#steps
    try {
      const old = await before?.catch(() => undefined)
      await old?.dispose()
      const { openChat } = await import('./chat/language-model')
      return await openChat(signal, variant, proven, (step) => steps.push(step))
    } finally {
      steps.end()
      this.#steps = new Feed()
    }
  }
}

acceptRuntime()
serve(new ChatThread())
