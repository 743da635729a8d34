/**
 * @file The chat models: who answers, and what is done when one breaks over an answer. While another one is being made ready,
 * the one before goes on answering.
 */
import type { Model } from '../models/model'
import type { Way } from '../models/placement'
import type { Chat, ReplyPart, Sampling, Turn } from '../shared/contracts'
import type { Manager, Place, Resident } from './manager.svelte'

/** As `Chat.reply`, of whatever model is loaded. */
export interface Answers {
  reply(signal: AbortSignal, turns: readonly Turn[], sampling: Sampling): AsyncIterable<ReplyPart>
}

export interface Answerer {
  /** The model's name. */
  readonly name: string
  readonly chat: Answers
}

const CHAT: Place = {
  task: 'chat',
  spawn: () =>
    new Worker(new URL('../../workers/chat.ts', import.meta.url), { type: 'module', name: 'chat' }),
  // A prefill of some hundred tokens on one slow core, without a pulse.
  hangMs: 120_000,
}

/** Of an answer that is worth measuring. */
const LONG_TOKENS = 16

export class Chats {
  readonly #manager: Manager
  readonly #measured: (way: Way, tokensPerSecond: number) => void

  /** `measured`: how fast a model was in an answer. */
  constructor(manager: Manager, measured: (way: Way, tokensPerSecond: number) => void) {
    this.#manager = manager
    this.#measured = measured
  }

  /** What answers now, if anything does. */
  get current(): Resident | undefined {
    return this.#manager.in(CHAT)
  }

  /** Have this one answer from when it is ready. Throws as `Manager.ready`; the one before then still serves. */
  async choose(signal: AbortSignal, model: Model): Promise<void> {
    await this.#manager.ready(signal, CHAT, model)
  }

  /** Whoever answers now: this model, or the one before as long as this one is being made ready. */
  async answerer(signal: AbortSignal, model: Model): Promise<Answerer> {
    const { loading } = this.#manager
    const before = loading && this.current
    const resident = before ?? (await this.#manager.ready<Chat>(signal, CHAT, model))
    return {
      name: resident.model.name,
      chat: {
        reply: (stop, turns, sampling) => this.#reply(stop, resident as Resident<Chat>, turns, sampling),
      },
    }
  }

  /** What breaks before a word was said is tried another way, and nobody has to ask again. */
  async *#reply(
    signal: AbortSignal,
    first: Resident<Chat>,
    turns: readonly Turn[],
    sampling: Sampling,
  ): AsyncGenerator<ReplyPart> {
    for (let resident = first; ;) {
      const over = resident.use()
      let said = false
      try {
        for await (const part of this.#measure(
          resident,
          await resident.host.api.reply(signal, turns, sampling),
        )) {
          said = true
          yield part
        }
        return
      } catch (e) {
        if (!this.#manager.broke(resident, e) || said) throw e
        signal.throwIfAborted()
      } finally {
        over()
      }
      resident = await this.#manager.ready<Chat>(signal, CHAT, resident.model)
    }
  }

  async *#measure({ plan }: Resident, parts: AsyncIterable<ReplyPart>): AsyncGenerator<ReplyPart> {
    let first: number | undefined
    for await (const part of parts) {
      const now = performance.now()
      first ??= now
      if (part.kind === 'end' && part.tokens >= LONG_TOKENS && now > first)
        this.#measured(plan.way, (1000 * (part.tokens - 1)) / (now - first))
      yield part
    }
  }
}
