/**
 * @file The guest choreographer, Danceba, built when somebody first wants it: its files, its choices, what it composes. `app.ts`
 * fetches it; like that file it may import every folder.
 */
import type { App } from './app'
import type { Floor } from './dance/choreographer'
import { Composition, type Commission } from './dance/composition.svelte'
import { CHOICES, DancebaShelf, keptAs, orderOf, readChoices, type Choices } from './dance/danceba.svelte'
import { Dancebas } from './engine/dancebas'
import { detect } from './models/device'
import type { DancebaPrecision } from './shared/contracts'
import { Fault, type FaultCode } from './shared/fault'
import { languageOf } from './ui/language.svelte'
import { sayGuestFault } from './ui/say-guest'
import { danceWords } from './ui/words/danceba'
import { guestWords } from './ui/words/guest'

/** A row of changes is one order. */
const SETTLE_MS = 500
/** After these the worker is of no use. */
const SPOILT: readonly FaultCode[] = ['load-failed', 'out-of-memory', 'device-lost', 'unknown']
/** The GPU's own: another device may do. */
const OF_GPU: readonly FaultCode[] = [...SPOILT, 'unsupported', 'worker-died']

export class Guest {
  readonly #app: App
  readonly #engines: Dancebas
  readonly shelf: DancebaShelf
  #waiting: ReturnType<typeof setTimeout> | undefined

  #composition = $state.raw<Composition | undefined>(undefined)
  /** What has been written where addresses belong: there again when one of them was none. */
  addresses = $state('')
  /** What this device is better at; undefined until it is known. */
  #device = $state.raw<Commission['backend'] | undefined>(undefined)
  readonly #looked: Promise<void>

  constructor(app: App) {
    this.#app = app
    this.#engines = new Dancebas(app.engines)
    this.shelf = new DancebaShelf(this.#engines.files.api)
    this.#looked = Promise.all([
      this.shelf.open(never),
      detect(never).then(({ gpu }) => {
        this.#device = gpu.kind === 'webgpu' && !gpu.software ? 'webgpu' : 'wasm'
      }),
    ]).then(() => undefined)
  }

  /** What it composes, or has composed, to the piece that is played. */
  get composition() {
    return this.#app.dance.by === 'danceba' ? this.#composition : undefined
  }
  get choices(): Choices {
    return readChoices(this.#app.settings.danceba.current)
  }
  /** In which numbers weights are kept that are brought now. */
  get keepAs(): DancebaPrecision {
    const { precision, backend } = this.choices
    return keptAs(precision, backend === 'auto' ? this.#device : backend)
  }
  /** Where `auto` composes. Products of bytes are what processors do well and browsers' graphics cards do not do at all. */
  get device(): Commission['backend'] | undefined {
    return this.shelf.part('generator')?.precision === 'int8' ? 'wasm' : this.#device
  }
  get chosen(): boolean {
    return this.#app.settings.choreographer.current === 'danceba'
  }

  /** Who dances, from now on and to what is played. */
  choose(who: 'house' | 'danceba') {
    this.#app.settings.choreographer.current = who
    this.#recast()
  }

  /** Compose otherwise: also what is danced to now, as soon as the last of a row of changes is made. */
  set(change: Partial<Choices>) {
    const before = JSON.stringify(this.#commission())
    this.#app.settings.danceba.current = { ...this.choices, ...change }
    if (JSON.stringify(this.#commission()) === before) return
    clearTimeout(this.#waiting)
    this.#waiting = setTimeout(() => void this.composition?.anew(), SETTLE_MS)
  }

  reset() {
    const { precision } = this.choices
    this.set({ ...CHOICES, precision })
  }

  /** Files of a person's: its card is shown, and what is played is danced by it once all is here. */
  async take(files: readonly File[]): Promise<void> {
    this.#app.settings.choreographer.current = 'danceba'
    if (location.hash !== '#dance') location.hash = '#dance'
    await this.shelf.take(files, this.keepAs)
    this.#recast()
  }

  /** The same of files at addresses. */
  async takeFrom(addresses: readonly string[]): Promise<void> {
    await this.shelf.takeFrom(addresses, this.keepAs)
    if (this.shelf.whole) this.addresses = ''
    this.#recast()
  }

  async remove(): Promise<void> {
    this.composition?.leave()
    this.#engines.composer.stop()
    await this.shelf.remove(never)
    this.#recast()
  }

  /** Undefined where its weights are not here: then the house dances. */
  async cast(floor: Floor): Promise<Composition | undefined> {
    await this.#looked
    if (!this.shelf.whole) return undefined
    const { composer } = this.#engines
    return (this.#composition = new Composition(
      {
        danceba: composer.api,
        commission: () => this.#commission(),
        running: () => composer.running,
        failed: (fault, tried) => this.#failed(fault, tried),
        given: () => void this.#app.dance.recast(true).catch((e: unknown) => this.#app.tell(e)),
      },
      floor,
    ))
  }

  #commission(): Commission {
    const { choices } = this
    const backend = choices.backend === 'auto' ? (this.device ?? 'wasm') : choices.backend
    return { backend, onset: choices.onset, order: orderOf(choices, this.shelf.codes) }
  }

  #recast() {
    const { dance } = this.#app
    const wanted = this.chosen && this.shelf.whole ? 'danceba' : 'house'
    if (dance.piece?.kind === 'recorded' && dance.by !== wanted)
      void dance.recast().catch((e: unknown) => this.#app.tell(e))
  }

  #failed(thrown: unknown, tried: Commission): Commission | undefined {
    const code = thrown instanceof Fault ? thrown.code : 'unknown'
    const ofOrder = thrown instanceof Fault && thrown.detail['what'] === 'order'
    if (SPOILT.includes(code)) this.#engines.composer.stop()
    const language = languageOf(this.#app.settings)
    const words = guestWords[language]
    const { notices } = this.#app
    if (tried.backend === 'webgpu' && this.choices.backend === 'auto' && OF_GPU.includes(code) && !ofOrder) {
      notices.show({ kind: 'info', text: words.faults.toProcessor })
      this.#device = 'wasm'
      return this.#commission()
    }
    if (code === 'unknown') console.error(thrown)
    const text = sayGuestFault(words, danceWords[language], thrown) ?? this.#app.sentence(thrown)
    if (text !== undefined) notices.show({ kind: 'error', text })
    if (thrown instanceof Fault && thrown.detail['reason'] === 'gone') void this.shelf.open(never)
    return undefined
  }
}

const never = new AbortController().signal
