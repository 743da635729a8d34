/**
 * @file A conversation: turns, the answer as it comes, and everything that can be done to them. Who answers and who says it
 * aloud are parts of it; the history is kept by whoever is given to it.
 *
 * The life of an answer: turns → `chat` thread → parts → the last message grows, and its text is fed to the voice. One
 * AbortController an answer; stopping keeps what was said.
 */
import type { Answerer } from '../engine/chats'
import type { Sampling, Turn } from '../shared/contracts'
import { Fault } from '../shared/fault'
import { Feed } from '../shared/feed'

export interface Message {
  readonly id: number
  readonly role: 'user' | 'assistant'
  readonly text: string
  /** What the model thought before it answered. */
  readonly thought?: string
  /** `stopped` by the person, `cut` where the context or the limit was used up, `failed` in the middle. */
  readonly state: 'whole' | 'coming' | 'stopped' | 'cut' | 'failed'
  readonly cost?: AnswerCost
}

/** What an answer cost. */
export interface AnswerCost {
  readonly model: string
  readonly tokens: number
  readonly tokensPerSecond: number
  readonly firstMs: number
  /** Turns at the beginning that were left out, because the context holds no more. */
  readonly forgotten: number
}

/** `fetching`: the model is being made ready; `reading`: no word has come yet. */
export type TalkPhase = 'silent' | 'fetching' | 'reading' | 'answering'

export interface TalkParts {
  /** The model that the person has chosen, ready; asked for again at each answer, so that it can be changed in between. */
  readonly answerer: (signal: AbortSignal) => Promise<Answerer>
  /** Said aloud as it comes; resolves when it has been heard. */
  readonly say: ((text: AsyncIterable<string>) => Promise<void>) | undefined
  readonly hush: () => void
  readonly sampling: () => Sampling
  /** Who the avatar is, and how it is to answer. */
  readonly system: () => string
  readonly memory: {
    readonly read: () => readonly Message[]
    readonly write: (all: readonly Message[]) => void
  }
}

/** Lively, and still to the point. */
export const SAMPLING: Sampling = { temperature: 0.7, topP: 0.9, minP: 0.05 }

export class Talk {
  readonly #parts: TalkParts
  #answering: AbortController | undefined
  #lastId: number
  #retries = 0

  #messages = $state.raw<readonly Message[]>([])
  #phase = $state.raw<TalkPhase>('silent')

  constructor(parts: TalkParts) {
    this.#parts = parts
    // A page that was closed in the middle of an answer has what was said until then.
    this.#messages = parts.memory
      .read()
      .map((message) => (message.state === 'coming' ? { ...message, state: 'stopped' } : message))
    this.#lastId = this.#messages.reduce((last, { id }) => Math.max(last, id), 0)
  }

  get messages() {
    return this.#messages
  }
  get phase() {
    return this.#phase
  }

  /** Resolves when the answer is there and has been heard; throws a Fault when there is none. */
  async ask(text: string): Promise<void> {
    this.stop()
    this.#retries = 0
    this.#show([...this.#messages, { id: ++this.#lastId, role: 'user', text, state: 'whole' }])
    await this.#answer()
  }

  /** Another text in place of one that the person wrote: what came after it is no more. */
  async edit(id: number, text: string): Promise<void> {
    const at = this.#messages.findIndex((message) => message.id === id && message.role === 'user')
    if (at < 0) throw new Fault('bad-input', `no message ${id} to be edited`)
    this.stop()
    this.#show(this.#messages.slice(0, at))
    await this.ask(text)
  }

  /** Another answer to the last thing that the person wrote. */
  async retry(): Promise<void> {
    const at = this.#messages.findLastIndex(({ role }) => role === 'user')
    if (at < 0) return
    this.stop()
    this.#retries++
    this.#show(this.#messages.slice(0, at + 1))
    await this.#answer()
  }

  /** No more of this answer; what was said stays. */
  stop() {
    this.#answering?.abort()
    this.#answering = undefined
    this.#parts.hush()
    this.#phase = 'silent'
  }

  /** Nobody has said anything. */
  clear() {
    this.stop()
    this.#show([])
  }

  async #answer(): Promise<void> {
    const controller = (this.#answering = new AbortController())
    const { signal } = controller
    const { system, say, sampling } = this.#parts
    const asked = performance.now()
    const id = ++this.#lastId
    const spoken = new Feed<string>()
    let heard: Promise<void> | undefined
    this.#phase = 'fetching'
    const turns: readonly Turn[] = [
      ...(system() ? [{ role: 'system', text: system() } as const] : []),
      ...this.#messages.filter(({ text }) => text).map(({ role, text }) => ({ role, text })),
    ]
    let message: Message = { id, role: 'assistant', text: '', state: 'coming' }
    const become = (change: Partial<Message>) => {
      const before = message
      message = { ...message, ...change }
      // In its place: another question may have been asked since, or the history may be another one.
      this.#show(this.#messages.map((one) => (one === before ? message : one)))
    }
    try {
      const { name, chat } = await this.#parts.answerer(signal)
      signal.throwIfAborted()
      this.#phase = 'reading'
      this.#show([...this.#messages, message])
      let firstMs = 0
      const { seed, ...rest } = sampling()
      const order = seed === undefined ? rest : { ...rest, seed: seed + this.#retries }
      for await (const part of chat.reply(signal, turns, order)) {
        signal.throwIfAborted()
        firstMs ||= performance.now() - asked
        switch (part.kind) {
          case 'thought':
            become({ thought: (message.thought ?? '') + part.text })
            break
          case 'text':
            this.#phase = 'answering'
            become({ text: message.text + part.text })
            spoken.push(part.text)
            heard ??= say?.(spoken)
            heard?.catch(() => undefined) // awaited below
            break
          case 'end': {
            const seconds = (performance.now() - asked - firstMs) / 1000
            const { tokens, forgotten, why } = part
            const tokensPerSecond = seconds > 0 ? (tokens - 1) / seconds : 0
            become({
              state: why === 'stop' ? 'whole' : 'cut',
              cost: { model: name, tokens, tokensPerSecond, firstMs, forgotten },
            })
          }
        }
      }
      if (message.state === 'coming') become({ state: 'whole' })
      spoken.end()
      if (this.#answering === controller) this.#phase = 'silent'
      await heard
    } catch (e) {
      spoken.end()
      // An answer that is there stays what it is, though it could not be said.
      if (message.state === 'coming') {
        if (message.text) become({ state: signal.aborted ? 'stopped' : 'failed' })
        else this.#show(this.#messages.filter((one) => one.id !== id))
      }
      if (!signal.aborted) throw e
    } finally {
      if (this.#answering === controller) {
        this.#answering = undefined
        this.#phase = 'silent'
      }
    }
  }

  #show(messages: readonly Message[]) {
    this.#messages = messages
    this.#parts.memory.write(messages)
  }
}
