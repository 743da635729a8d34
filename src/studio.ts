/**
 * @file What is built only when somebody wants it: models and the conversation with them. `app.ts` fetches it; like that file it
 * may import every folder.
 */
import { SAMPLING, Talk, type Message } from './conversation/talk.svelte'
import type { App } from './app'
import { Chats, type Answerer } from './engine/chats'
import { Manager } from './engine/manager.svelte'
import { NOTHING_REMEMBERED, Shelf, type Remembered } from './models/shelf.svelte'
import type { Model } from './models/model'
import type { Sampling } from './shared/contracts'
import { Fault } from './shared/fault'
import { languageOf } from './ui/language.svelte'
import { Getting } from './ui/models/getting.svelte'
import { sayModelFault } from './ui/say-models'
import { Persisted } from './ui/settings.svelte'
import { modelWords } from './ui/words/models'

/** Who answers, and how. */
export interface Answering {
  /** A model's id; none until one has been chosen. */
  readonly model: string | undefined
  readonly system: string
  readonly sampling: Sampling
  /** Whether answers are said aloud. */
  readonly aloud: boolean
}

/** Kept of a conversation: more would fill what a page may remember. */
const MESSAGES = 400

export class Studio {
  readonly #app: App
  readonly access = new Persisted('access.1', { host: '', token: '' }, (stored) => {
    const { host, token } = (stored ?? {}) as Partial<Record<string, unknown>>
    return { host: typeof host === 'string' ? host : '', token: typeof token === 'string' ? token : '' }
  })
  readonly answering = new Persisted<Answering>(
    'answering.1',
    { model: undefined, system: '', sampling: SAMPLING, aloud: true },
    (stored) => (typeof stored === 'object' && stored !== null ? (stored as Answering) : undefined),
  )
  readonly shelf: Shelf
  readonly manager = new Manager({
    plan: (model, loaded) => this.shelf.plan(model, loaded),
    judge: (way, good) => this.shelf.judge(way, { good }),
    elsewhere: (model, { variant }) =>
      this.#app.notices.show({ kind: 'info', text: this.#words.talk.elsewhere[variant.backend](model.name) }),
  })
  readonly chats = new Chats(this.manager, (way, tokensPerSecond) =>
    this.shelf.judge(way, { good: true, tokensPerSecond }),
  )
  readonly talk: Talk
  readonly getting: Getting

  constructor(app: App) {
    this.#app = app
    app.explain = (thrown) => sayModelFault(this.#words, thrown)
    this.shelf = new Shelf({
      depot: app.engines.depot,
      memory: new Persisted<Remembered>('models.1', NOTHING_REMEMBERED, (stored) =>
        typeof stored === 'object' && stored !== null ? { ...NOTHING_REMEMBERED, ...stored } : undefined,
      ),
      access: () => {
        const { host, token } = this.access.current
        return { ...(host && { host }), ...(token && { token }) }
      },
    })
    this.getting = new Getting({
      shelf: this.shelf,
      choose: (signal, model) => this.choose(model, signal),
      ready: ({ name }) => {
        const { ready, toTalk } = this.#words.talk
        const act = () => (location.hash = '#talk')
        const near = location.hash === '#models' || location.hash === '#talk'
        app.notices.show({
          kind: 'info',
          text: ready(name),
          ...(!near && { action: { label: toTalk, act } }),
        })
        if (near) act()
      },
    })
    const messages = new Persisted<readonly Message[]>('conversation.1', [], (stored) =>
      Array.isArray(stored) ? (stored as Message[]) : undefined,
    )
    this.talk = new Talk({
      answerer: (signal) => this.#answerer(signal),
      say: (text) => (this.answering.current.aloud ? app.speech.follow(text) : silence(text)),
      hush: () => app.speech.stop(),
      sampling: () => this.answering.current.sampling,
      system: () => this.answering.current.system || this.#words.talk.system(app.leadName),
      memory: {
        read: () => messages.current,
        write: later((all: readonly Message[]) => (messages.current = all.slice(-MESSAGES))),
      },
    })
  }

  get #words() {
    return modelWords[languageOf(this.#app.settings)]
  }

  /** Why no word of an answer has come yet, while one is on its way. */
  get status(): string | undefined {
    const { phase } = this.talk
    return phase === 'fetching' || phase === 'reading' ? this.#words.talk[phase] : undefined
  }

  /** The model that answers, or would if it were here. */
  get model(): Model | undefined {
    const { model } = this.answering.current
    return this.shelf.models.find(({ id }) => id === model)
  }

  /** From now on this one answers; the one before goes on until it is ready. */
  async choose(model: Model, signal = never): Promise<void> {
    const before = this.model
    const become = (id: string | undefined) =>
      (this.answering.current = { ...this.answering.current, model: id })
    become(model.id)
    this.#app.notices.dismiss()
    try {
      await this.shelf.open(signal)
      await this.chats.choose(signal, model)
    } catch (e) {
      // Who answered before still does.
      if (before && this.chats.current?.model.id === before.id && this.answering.current.model === model.id)
        become(before.id)
      throw e
    }
  }

  async #answerer(signal: AbortSignal): Promise<Answerer> {
    await this.shelf.open(signal)
    const { model } = this
    if (!model) throw new Fault('unsupported', 'no model has been chosen', { detail: { what: 'no-model' } })
    const answerer = await this.chats.answerer(signal, model)
    void this.shelf.use(never, model).catch(() => undefined)
    return answerer
  }
}

const never = new AbortController().signal

/** Not for each word of an answer: what is written last counts. */
const later = <T>(write: (value: T) => void) => {
  let waiting: ReturnType<typeof setTimeout> | undefined
  return (value: T) => {
    clearTimeout(waiting)
    waiting = setTimeout(() => write(value), 400)
  }
}

/** Read to its end, not said. */
const silence = async (text: AsyncIterable<string>) => {
  for await (const _ of text);
}
