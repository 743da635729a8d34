/**
 * @file Dancing to music: a piece is opened, heard, danced and played; or music that sounds elsewhere is followed. One
 * AbortController a piece; another piece ends the one before. What becomes of a piece is its act (`act.svelte.ts`), fetched when
 * somebody first wants to dance.
 */
import type { Capture } from '../audio/capture'
import type { Loop, Player } from '../audio/player'
import type { Reel } from '../audio/reel'
import type { Ready } from '../engine/engines'
import type { Dance, DanceOrder, DanceStyle, Motion, Music, Phrase } from '../shared/contracts'
import { moment } from '../shared/trace'
import { give, handOver } from '../shared/wire'
import type { Act } from './act.svelte'
import type { Choreographer, Floor } from './choreographer'

/** What is danced to: music that is played here, or that sounds elsewhere, of which nobody knows how long it will. */
export type Piece = Recorded | Live

export interface Recorded {
  readonly kind: 'recorded'
  readonly name: string
  readonly lengthS: number
  /** The loudest sample in each of some hundred equal parts, 0 to 1: for a picture of it. */
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
  /** Who makes the dances to recorded music in place of the house, where the person wants that. */
  readonly guest?: (floor: Floor) => Promise<Choreographer | undefined>
}

/** The picture of the playhead; the dance itself follows every frame. */
const FOLLOW_MS = 50

export class DanceFloor {
  readonly #parts: DanceParts
  /** Of what is being opened, and of what is played: the same from the moment it is open. */
  #opening: AbortController | undefined
  #piece: AbortController | undefined
  #shown: ReturnType<typeof setInterval> | undefined

  #opens = $state(false)
  #act = $state.raw<Act | undefined>(undefined)
  #time = $state(0)
  #playing = $state(false)
  #rate = $state(1)
  #loop = $state.raw<Loop | undefined>(undefined)
  #order = $state.raw<DanceOrder>({ style: 'auto', seed: 1, energy: 1, mirror: false, rerolls: {} })

  constructor(parts: DanceParts) {
    this.#parts = parts
    parts.player.onended = () => this.#stopTime()
  }

  get phase(): DancePhase {
    if (this.#act) return this.#act.ready ? 'ready' : 'listening'
    return this.#opens ? 'opening' : 'none'
  }
  get piece() {
    return this.#act?.piece
  }
  /** As far as the music is known. */
  get score() {
    return this.#act?.score
  }
  /** The dance as far as it is composed; one that is being replaced, until the new one is whole. */
  get phrases(): readonly Phrase[] {
    return this.#act?.phrases ?? []
  }
  /** No more of the dance will come. */
  get whole() {
    return this.#act?.whole ?? false
  }
  /** Who makes the dance. */
  get by() {
    return this.#act?.by ?? 'house'
  }
  /** It is to be heard, and waits for the dance. */
  get held() {
    return this.#act?.held ?? false
  }
  /** Seconds up to where there is a dance. */
  get reachS() {
    return this.#act?.reachS ?? 0
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
  /** All of the music that is danced to, if it is here. */
  get music(): Reel | undefined {
    return this.#parts.player.reel
  }

  /**
   * Dance to this, instead of whatever is being danced to. What was playing goes on until the new piece can be opened.
   * Resolves when all of it is composed, or when another piece or `leave` ends it. Throws what `open` throws. `style` is that
   * of music which is known to have one: it counts where the person leaves it to the music.
   */
  async begin(name: string, open: (signal: AbortSignal) => Promise<Reel>, style?: DanceStyle): Promise<void> {
    await this.#replace(name, open, (act, reel) => act.hear(name, reel, style))
  }

  /** The same to what sounds elsewhere, until it is ended there or here. */
  async follow(name: string, open: (signal: AbortSignal) => Promise<Capture>): Promise<void> {
    await this.#replace(name, open, (act, capture) => {
      capture.onended = () => this.leave()
      this.#playing = true
      this.#showTime()
      return act.listen(name, capture, give(capture.port, [capture.port]))
    })
  }

  async #replace<T>(
    name: string,
    open: (signal: AbortSignal) => Promise<T>,
    dance: (act: Act, opened: T) => Promise<void>,
  ): Promise<void> {
    if (this.#opening !== this.#piece) this.#opening?.abort()
    const controller = (this.#opening = new AbortController())
    const { signal } = controller
    this.#opens = true
    moment('dropped', name)
    let opened: T
    let act: Act
    try {
      const code = import('./act.svelte')
      code.catch(() => undefined) // what cannot be opened says more
      opened = await open(signal)
      const { Act } = await code
      signal.throwIfAborted()
      act = new Act(this, this.#parts, signal)
    } catch (e) {
      if (signal.aborted) return
      this.#opens = false
      throw e
    }
    this.#piece?.abort()
    this.#piece = controller
    this.#forget()
    this.#act = act
    try {
      await dance(act, opened)
    } catch (e) {
      if (signal.aborted) return
      this.leave()
      throw e
    }
  }

  async play(): Promise<void> {
    const { player } = this.#parts
    if (!this.#piece || this.phase !== 'ready' || this.#act?.live || this.held) return
    if (player.time >= player.lengthS - 0.05) player.seek(0)
    await player.play(this.#piece.signal)
    this.#playing = player.playing
    this.#showTime()
  }

  pause() {
    if (this.#act?.live) return
    this.#act?.hold(false)
    this.#parts.player.pause()
    this.#stopTime()
  }

  /** To where there is a dance. */
  seek(timeS: number) {
    if (this.#act?.live) return
    this.#parts.player.seek(this.whole ? timeS : Math.min(timeS, this.reachS))
    this.#time = this.#parts.player.time
  }

  /** Repeat the part of the music that is being heard, or no longer. */
  repeat(on: boolean) {
    const { player } = this.#parts
    const section = this.score?.sections.find(({ from, to }) => player.time >= from && player.time < to)
    player.loop = this.#loop = on && section ? { from: section.from, to: section.to } : undefined
  }

  /** Dance it otherwise; what is danced now stays until the new dance is there. */
  async change(change: Partial<DanceOrder>): Promise<void> {
    this.#order = { ...this.#order, ...change }
    await this.#act?.change()
  }

  /**
   * The piece goes to whoever is wanted now, or to the house; what is danced stays until the new dance is there. Resolves when
   * that is whole.
   */
  async recast(house = false): Promise<void> {
    await this.#act?.recast(house)
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
    this.#forget()
    this.#opens = false
    this.#time = 0
  }

  /** What is to be seen in this frame, or at that second of the music; undefined while there is no dance. */
  now(time?: number): Moment | undefined {
    return this.#act?.now(time)
  }

  /** Of a reel, for another thread, as it grows: mono, at half the rate. `seen` gets each piece before it goes. */
  async *pieces(
    signal: AbortSignal,
    reel: Reel,
    seen?: (piece: Float32Array, sampleRate: number) => void,
  ): AsyncGenerator<Float32Array<ArrayBuffer>, void> {
    const { coarse } = await import('../audio/recording')
    for await (const piece of coarse(signal, reel)) {
      seen?.(piece, reel.sampleRate / 2)
      yield handOver(piece, [piece.buffer])
    }
  }

  /** Nothing is known of what comes now. */
  #forget() {
    this.#act?.leave()
    this.#act = undefined
    this.#parts.player.load(undefined)
    this.#loop = undefined
    this.#stopTime()
    this.#order = { ...this.#order, rerolls: {} }
  }

  #showTime() {
    this.#shown ??= setInterval(() => {
      this.#time = this.#clock
      this.#act?.follow()
    }, FOLLOW_MS)
  }

  #stopTime() {
    clearInterval(this.#shown)
    this.#shown = undefined
    this.#playing = false
    this.#time = this.#clock
  }

  get #clock(): number {
    return this.#act?.clock ?? this.#parts.player.time
  }
}
