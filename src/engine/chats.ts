/**
 * @file The chat models in their workers. While one is being made ready, the one before goes on answering; a worker over which
 * the library has broken is ended, because it never recovers.
 */
import type { Chat, ReplyPart, Sampling, Turn, Variant } from '../shared/contracts'
import { Fault } from '../shared/fault'
import { Host } from './host'

type LocalVariant = Variant & { readonly kind: 'local' }

/** One step of the library may take so long: a prefill of some hundred tokens on one slow core, without a pulse. */
const HANG_MS = 120_000

const spawn = () =>
  new Worker(new URL('../../workers/chat.ts', import.meta.url), { type: 'module', name: 'chat' })

/** As `Chat.reply`, of whatever model is loaded. */
export interface Answers {
  reply(signal: AbortSignal, turns: readonly Turn[], sampling: Sampling): AsyncIterable<ReplyPart>
}

interface Serving {
  readonly key: string
  readonly host: Host<Chat>
  readonly life: object | undefined
}

export class Chats {
  #serving: Serving | undefined
  /** One load at a time: two would compete for the same memory. */
  #loading: Promise<unknown> = Promise.resolve()

  /** What answers now, if anything does. */
  get variant(): LocalVariant | undefined {
    return this.#alive ? (JSON.parse(this.#serving!.key) as LocalVariant) : undefined
  }

  /** A model that answers. Cheap when it is loaded. Throws what `Chat.load` throws; the one before then still serves. */
  async ready(signal: AbortSignal, variant: LocalVariant): Promise<Answers> {
    const key = JSON.stringify(variant)
    if (this.#serving?.key !== key || !this.#alive) {
      const load = this.#loading.then(() => this.#load(signal, key, variant))
      this.#loading = load.catch(() => undefined)
      await load
    }
    const { host } = this.#serving!
    return { reply: (stop, turns, sampling) => mending(host, stop, turns, sampling) }
  }

  /** Nothing answers any more; its memory is free. */
  stop() {
    this.#serving?.host.stop()
    this.#serving = undefined
  }

  get #alive(): boolean {
    return this.#serving?.life !== undefined && this.#serving.life === this.#serving.host.running
  }

  async #load(signal: AbortSignal, key: string, variant: LocalVariant): Promise<void> {
    signal.throwIfAborted()
    if (this.#serving?.key === key && this.#alive) return // somebody else has asked for the same meanwhile
    const host = new Host<Chat>('chat', spawn, { hangMs: HANG_MS })
    try {
      await host.api.load(signal, variant)
    } catch (e) {
      host.stop()
      throw e
    }
    const before = this.#serving
    this.#serving = { key, host, life: host.running }
    before?.host.stop()
  }
}

async function* mending(
  host: Host<Chat>,
  signal: AbortSignal,
  turns: readonly Turn[],
  sampling: Sampling,
): AsyncGenerator<ReplyPart> {
  try {
    yield* await host.api.reply(signal, turns, sampling)
  } catch (e) {
    if (e instanceof Fault && e.detail['poisoned'] === true) host.stop(e)
    throw e
  }
}
