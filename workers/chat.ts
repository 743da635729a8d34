/** @file The chat's thread: one language model at a time, with what it has read of the conversation. */
import type { Chat, Loaded, ReplyPart, Sampling, Turn, Variant } from '../src/shared/contracts'
import { Fault } from '../src/shared/fault'
import { serve } from '../src/shared/wire'
import type { LanguageModel } from './chat/language-model'

class ChatThread implements Chat {
  #variant: string | undefined
  #model: Promise<LanguageModel> | undefined

  async load(signal: AbortSignal, variant: Variant): Promise<Loaded> {
    if (variant.kind !== 'local') throw new Fault('bad-input', `no ${variant.kind} chat runs in a worker`)
    const wanted = JSON.stringify(variant)
    if (!this.#model || this.#variant !== wanted) {
      const before = this.#model
      this.#variant = wanted
      const model = this.#swap(signal, before, variant)
      this.#model = model
      model.catch(() => {
        if (this.#model === model) this.#model = undefined
      })
    }
    await this.#model
    return { runsOn: variant.backend, leavesDevice: false }
  }

  async *reply(signal: AbortSignal, turns: readonly Turn[], sampling: Sampling): AsyncIterable<ReplyPart> {
    if (!this.#model) throw new Fault('load-failed', 'no chat model has been loaded')
    yield* (await this.#model).reply(signal, turns, sampling)
  }

  /** The one before goes first: two may not fit. Whoever wants it to serve on meanwhile loads into another worker. */
  async #swap(
    signal: AbortSignal,
    before: Promise<LanguageModel> | undefined,
    variant: Variant & { kind: 'local' },
  ): Promise<LanguageModel> {
    const old = await before?.catch(() => undefined)
    await old?.dispose()
    const { openChat } = await import('./chat/language-model')
    return openChat(signal, variant)
  }
}

serve(new ChatThread())
