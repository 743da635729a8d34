/**
 * @file Dancing to music: a piece is decoded, heard by the analyser, danced by the choreographer, and played; or music that
 * sounds elsewhere is followed. The dance is read off the clock of what is heard.
 *
 * The life of a dance: music → samples to the `music` thread → scores that grow → phrases from the `dance` thread, ahead of
 * the ear → `performing` at the moment that is heard. One AbortController a piece; another piece ends the one before.
 */
import type { Capture } from '../audio/capture'
import type { Loop, Player } from '../audio/player'
import type { Reel } from '../audio/reel'
import type { Ready } from '../engine/engines'
import type { Dance, DanceOrder, DanceStyle, Motion, Music, Phrase, Score } from '../shared/contracts'
import { Fault } from '../shared/fault'
import { moment } from '../shared/trace'
import { give, handOver } from '../shared/wire'

/** What is danced to: music that is played here, or that sounds elsewhere, of which nobody knows how long it will. */
export type Piece = Recorded | Live

export interface Recorded {
  readonly kind: 'recorded'
  readonly name: string
  readonly lengthS: number
  /** The loudest sample in each of `PEAKS` equal parts, 0 to 1: for a picture of it. */
  readonly peaks: Float32Array
}

export interface Live {
  readonly kind: 'live'
  readonly name: string
}

/**
 * Nothing; a piece that is being fetched, made or decoded; one whose beats are being found; one that can be danced.
 */
export type DancePhase = 'none' | 'opening' | 'listening' | 'ready'

/** What is danced at a moment of the music. */
export interface Moment {
  readonly phrase: Phrase
  readonly motion: Motion
  readonly next: Motion | undefined
  /** Seconds from the start of the phrase. */
  readonly at: number
  /** Seconds of the music. */
  readonly time: number
}

export interface DanceParts {
  readonly player: Player
  readonly music: Ready<Music>
  readonly choreographer: Ready<Dance>
}

const PEAKS = 720
/** The picture of the playhead; the dance itself follows every frame. */
const FOLLOW_MS = 50
/** Dance in hand while the piece is being heard, seconds. */
const AHEAD_S = 30
/** How much of a live dance is kept, seconds: somebody may listen for hours. */
const KEPT_S = 20

export class DanceFloor {
  readonly #parts: DanceParts
  /** Of what is being opened, and of what is played: the same from the moment it is open. */
  #opening: AbortController | undefined
  #piece: AbortController | undefined
  #composing: AbortController | undefined
  #shown: ReturnType<typeof setInterval> | undefined
  #live: Capture | undefined
  /** The style of this piece, where it is known. */
  #known: DanceStyle | undefined

  #phase = $state.raw<DancePhase>('none')
  #about = $state.raw<Piece | undefined>(undefined)
  #score = $state.raw<Score | undefined>(undefined)
  #phrases = $state.raw<readonly Phrase[]>([])
  #time = $state(0)
  #playing = $state(false)
  #rate = $state(1)
  #loop = $state.raw<Loop | undefined>(undefined)
  #order = $state.raw<DanceOrder>({ style: 'auto', seed: 1, energy: 1, mirror: false, rerolls: {} })

  constructor(parts: DanceParts) {
    this.#parts = parts
    parts.player.onended = () => this.#stopTime()
  }

  get phase() {
    return this.#phase
  }
  get piece() {
    return this.#about
  }
  /** As far as the music is known. */
  get score() {
    return this.#score
  }
  /** As far as the dance is composed. */
  get phrases() {
    return this.#phrases
  }
  /** Seconds of the music; reactive, some twenty times a second. */
  get time() {
    return this.#time
  }
  get playing() {
    return this.#playing
  }
  /** 1 as it was recorded; the pitch is kept. */
  get rate() {
    return this.#rate
  }
  set rate(rate: number) {
    this.#rate = this.#parts.player.rate = rate
  }
  /** The part that is repeated. */
  get loop() {
    return this.#loop
  }
  get order() {
    return this.#order
  }

  /**
   * Dance to this, instead of whatever is being danced to. What was playing goes on until the new piece can be opened.
   * Resolves when all of it is composed, or when another piece or `leave` ends it. Throws what `open` throws. `style` is that
   * of music which is known to have one: it counts where the person leaves it to the music.
   */
  async begin(name: string, open: (signal: AbortSignal) => Promise<Reel>, style?: DanceStyle): Promise<void> {
    await this.#replace(name, open, (signal, reel) => this.#hear(signal, name, reel, style))
  }

  /** The same to what sounds elsewhere, until it is ended there or here. */
  async follow(name: string, open: (signal: AbortSignal) => Promise<Capture>): Promise<void> {
    await this.#replace(name, open, (signal, capture) => this.#listen(signal, name, capture))
  }

  async #replace<T>(
    name: string,
    open: (signal: AbortSignal) => Promise<T>,
    dance: (signal: AbortSignal, opened: T) => Promise<void>,
  ): Promise<void> {
    if (this.#opening !== this.#piece) this.#opening?.abort()
    const controller = (this.#opening = new AbortController())
    const { signal } = controller
    if (this.#phase === 'none') this.#phase = 'opening'
    moment('dropped', name)
    let opened: T
    try {
      opened = await open(signal)
      signal.throwIfAborted()
    } catch (e) {
      if (signal.aborted) return
      if (this.#phase === 'opening') this.#phase = 'none'
      throw e
    }
    this.#piece?.abort()
    this.#piece = controller
    try {
      await dance(signal, opened)
    } catch (e) {
      if (signal.aborted) return
      this.leave()
      throw e
    }
  }

  async play(): Promise<void> {
    const { player } = this.#parts
    if (!this.#piece || this.#phase !== 'ready' || this.#live) return
    if (player.time >= player.lengthS - 0.05) player.seek(0)
    await player.play(this.#piece.signal)
    this.#playing = player.playing
    this.#showTime()
  }

  pause() {
    if (this.#live) return
    this.#parts.player.pause()
    this.#stopTime()
  }

  seek(timeS: number) {
    if (this.#live) return
    this.#parts.player.seek(timeS)
    this.#time = this.#parts.player.time
  }

  /** Repeat the part of the music that is being heard, or no longer. */
  repeat(on: boolean) {
    const { player } = this.#parts
    const section = this.#score?.sections.find(({ from, to }) => player.time >= from && player.time < to)
    player.loop = this.#loop = on && section ? { from: section.from, to: section.to } : undefined
  }

  /** Dance it otherwise; what is danced now stays until the new dance is there. */
  async change(change: Partial<DanceOrder>): Promise<void> {
    this.#order = { ...this.#order, ...change }
    const score = this.#score
    if (!score || !this.#piece) return
    const { signal } = this.#piece
    const first = this.#phrases.find(({ to }) => to > this.#clock)?.index ?? 0
    // What is about to be seen first; then all of it, so that going back finds the same dance.
    await this.#compose(signal, score, first)
    if (first > 0 && !this.#live) await this.#compose(signal, score, 0)
  }

  /** One phrase anew. */
  async reroll(index: number): Promise<void> {
    const { rerolls } = this.#order
    await this.change({ rerolls: { ...rerolls, [index]: (rerolls[index] ?? 0) + 1 } })
  }

  /** No more music, and nobody dances. */
  leave() {
    this.#opening?.abort()
    this.#piece?.abort()
    this.#opening = this.#piece = undefined
    this.#composing?.abort()
    this.#forget()
    this.#phase = 'none'
    this.#about = undefined
    this.#time = 0
  }

  /** All of the music that is danced to, if it is here. */
  get music(): Reel | undefined {
    return this.#parts.player.reel
  }

  /** What is to be seen in this frame, or at that second of the music; undefined while there is no dance. */
  now(time = this.#clock): Moment | undefined {
    if (this.#phase !== 'ready') return undefined
    const phrases = this.#phrases
    let low = 0
    let high = phrases.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (phrases[middle]!.from <= time) low = middle
      else high = middle - 1
    }
    const phrase = phrases[low]
    if (!phrase) return undefined
    return { phrase, motion: phrase.motion, next: phrases[low + 1]?.motion, at: time - phrase.from, time }
  }

  async #hear(signal: AbortSignal, name: string, reel: Reel, style?: DanceStyle): Promise<void> {
    const { player, music } = this.#parts
    this.#forget()
    this.#known = style
    player.load(reel)
    this.#phase = 'listening'
    const picture = new Picture(reel.lengthS)
    const show = () => (this.#about = { kind: 'recorded', name, ...picture.now() })
    show()
    const pieces = this.#pieces(signal, reel, (piece, sampleRate) => {
      picture.add(piece, sampleRate)
      show()
    })
    for await (const score of await music.analyse(signal, pieces, reel.sampleRate / 2, reel.lengthS)) {
      signal.throwIfAborted()
      this.#score = score
      // Each order begins with a plan of all that is known: as long as there is more to hear, no more than will soon be seen.
      if (!score.complete && this.#composedS > this.#clock + AHEAD_S) continue
      await this.#compose(signal, score, this.#composed)
      // Where the tempo is in doubt nothing is settled yet: another moment of listening, rather than another dance later.
      if (this.#phase === 'ready' || signal.aborted || !(this.#phrases.length || score.complete)) continue
      moment('beats', name)
      this.#phase = 'ready'
      await this.play()
    }
    // A file that was cut off is shorter than it says.
    picture.cut(reel.lengthS)
    show()
  }

  async *#pieces(
    signal: AbortSignal,
    reel: Reel,
    seen: (piece: Float32Array, sampleRate: number) => void,
  ): AsyncGenerator<Float32Array<ArrayBuffer>, void> {
    const { coarse } = await import('../audio/recording')
    for await (const piece of coarse(signal, reel)) {
      seen(piece, reel.sampleRate / 2)
      yield handOver(piece, [piece.buffer])
    }
  }

  async #listen(signal: AbortSignal, name: string, capture: Capture): Promise<void> {
    this.#forget()
    this.#live = capture
    capture.onended = () => this.leave()
    this.#phase = 'listening'
    this.#about = { kind: 'live', name }
    this.#playing = true
    this.#showTime()
    const { port, sampleRate } = capture
    for await (const score of await this.#parts.music.follow(signal, give(port, [port]), sampleRate)) {
      signal.throwIfAborted()
      this.#score = score
      await this.#compose(signal, score, this.#composed)
      const heard = this.#clock - KEPT_S
      if (this.#phrases[0] && this.#phrases[0].to < heard)
        this.#phrases = this.#phrases.filter(({ to }, i) => to >= heard || i === this.#phrases.length - 1)
      if (this.#phrases.length) this.#phase = 'ready'
    }
  }

  /** Nothing is known of what comes now. */
  #forget() {
    this.#parts.player.load(undefined)
    this.#live = undefined
    this.#known = undefined
    this.#loop = undefined
    this.#stopTime()
    this.#score = undefined
    this.#phrases = []
    this.#order = { ...this.#order, rerolls: {} }
  }

  /** Seconds of the music that have been heard; not reactive. */
  get #clock(): number {
    return this.#live?.nowS() ?? this.#parts.player.time
  }

  /** The number of the phrase that is to be composed next. */
  get #composed(): number {
    return (this.#phrases.at(-1)?.index ?? -1) + 1
  }

  /** Up to where it is composed, seconds of the music. */
  get #composedS(): number {
    return this.#phrases.at(-1)?.to ?? 0
  }

  /** Phrases from `first` on, replacing those that are there one by one. */
  async #compose(signal: AbortSignal, score: Score, first: number): Promise<void> {
    this.#composing?.abort()
    const own = (this.#composing = new AbortController())
    const { style } = this.#order
    const order = { ...this.#order, style: style === 'auto' ? (this.#known ?? style) : style }
    const end = () => own.abort()
    signal.addEventListener('abort', end, { once: true })
    try {
      for await (const phrase of await this.#parts.choreographer.compose(own.signal, score, order, first)) {
        own.signal.throwIfAborted()
        const at = phrase.index - (this.#phrases[0]?.index ?? phrase.index)
        this.#phrases = [...this.#phrases.slice(0, at), phrase, ...this.#phrases.slice(at + 1)]
      }
    } catch (e) {
      // Another order or another piece has taken over.
      if (!own.signal.aborted) throw e instanceof Fault ? e : new Fault('unknown', 'no dance', { cause: e })
    } finally {
      signal.removeEventListener('abort', end)
    }
  }

  #showTime() {
    this.#shown ??= setInterval(() => (this.#time = this.#clock), FOLLOW_MS)
  }

  #stopTime() {
    clearInterval(this.#shown)
    this.#shown = undefined
    this.#playing = false
    this.#time = this.#clock
  }
}

/** What a piece looks like, as far as it is known. */
class Picture {
  #lengthS: number
  readonly #peaks = new Float32Array(PEAKS)
  #seen = 0

  constructor(lengthS: number) {
    this.#lengthS = lengthS
  }

  now() {
    return { lengthS: this.#lengthS, peaks: this.#peaks.slice() }
  }

  /** The next samples. */
  add(piece: Float32Array, sampleRate: number) {
    const perPeak = (this.#lengthS * sampleRate) / PEAKS
    for (let i = 0; i < piece.length; i++) {
      const peak = Math.min(PEAKS - 1, Math.floor((this.#seen + i) / perPeak))
      const level = Math.abs(piece[i]!)
      if (level > this.#peaks[peak]!) this.#peaks[peak] = level
    }
    this.#seen += piece.length
  }

  /** It is shorter than it seemed to be. */
  cut(lengthS: number) {
    const before = this.#peaks.slice()
    for (let i = 0; i < PEAKS; i++)
      this.#peaks[i] = before[Math.min(PEAKS - 1, Math.floor((i * lengthS) / this.#lengthS))]!
    this.#lengthS = lengthS
  }
}
