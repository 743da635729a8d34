/** @file Ready engines: the files on the device, the worker started, the model loaded. The table of all workers. */
import { FLITE } from '../models/catalogue/flite'
import type { Library } from '../models/library.svelte'
import type { Dance, Depot, Lips, MotionFiles, Music, Store, Voice } from '../shared/contracts'
import type { Remote } from '../shared/wire'
import { BrowserVoice } from './built-in'
import { Host } from './host'

// Vite finds a worker only as the literal `new Worker(new URL('…', import.meta.url), …)`.
const WORKERS = {
  voice: () =>
    new Worker(new URL('../../workers/voice.ts', import.meta.url), { type: 'module', name: 'voice' }),
  lips: () => new Worker(new URL('../../workers/lips.ts', import.meta.url), { type: 'module', name: 'lips' }),
  music: () =>
    new Worker(new URL('../../workers/music.ts', import.meta.url), { type: 'module', name: 'music' }),
  dance: () =>
    new Worker(new URL('../../workers/dance.ts', import.meta.url), { type: 'module', name: 'dance' }),
  motion: () =>
    new Worker(new URL('../../workers/motion.ts', import.meta.url), { type: 'module', name: 'motion' }),
  store: () =>
    new Worker(new URL('../../workers/store.ts', import.meta.url), { type: 'module', name: 'store' }),
  depot: () =>
    new Worker(new URL('../../workers/depot.ts', import.meta.url), { type: 'module', name: 'depot' }),
}

/** What a caller of an engine sees: the same for a worker and for an object on the page, as long as it awaits. */
export type Ready<E> = Remote<E> | E

export class Engines {
  readonly #library: Library
  // A piece of text keeps Flite busy for half a second at most; ten times that on the slowest machine in view.
  readonly #voice = new Host<Voice>('voice', WORKERS.voice, { hangMs: 15_000 })
  /** The worker in which the voice has been loaded. */
  #voiceReady: object | undefined
  readonly #lips = new Host<Lips>('lips', WORKERS.lips, { hangMs: 15_000 })
  readonly #music = new Host<Music>('music', WORKERS.music)
  readonly #dance = new Host<Dance>('dance', WORKERS.dance)
  readonly #motion = new Host<MotionFiles>('motion', WORKERS.motion)
  readonly #store = new Host<Store>('store', WORKERS.store)
  readonly #depot = new Host<Depot>('depot', WORKERS.depot)

  /** The browser's own voices. */
  readonly browserVoice = new BrowserVoice()

  constructor(library: Library) {
    this.#library = library
  }

  /**
   * A voice, ready: the one that ships with the app or the browser's. Cheap when it is loaded; after its worker has died it
   * is loaded anew.
   */
  async voice(signal: AbortSignal, from: 'built-in' | 'browser'): Promise<Ready<Voice>> {
    if (from === 'browser') {
      await this.browserVoice.load(signal, { kind: 'built-in', api: 'speech-synthesis' })
      return this.browserVoice
    }
    signal.throwIfAborted()
    // Every utterance asks; a round trip to a thread that is known to be ready would only delay its first word.
    if (!this.#voiceReady || this.#voiceReady !== this.#voice.running) {
      await this.#library.have(signal, FLITE.variant.files)
      await this.#voice.api.load(signal, FLITE.variant)
      this.#voiceReady = this.#voice.running
    }
    return this.#voice.api
  }

  /** A worker that only some want: who does names it. */
  host<E extends object>(name: string, spawn: () => Worker, hangMs: number): Host<E> {
    return new Host<E>(name, spawn, { hangMs })
  }

  get lips(): Ready<Lips> {
    return this.#lips.api
  }

  get music(): Ready<Music> {
    return this.#music.api
  }

  get choreographer(): Ready<Dance> {
    return this.#dance.api
  }

  get motionFiles(): Remote<MotionFiles> {
    return this.#motion.api
  }

  get store(): Remote<Store> {
    return this.#store.api
  }

  get depot(): Remote<Depot> {
    return this.#depot.api
  }
}
