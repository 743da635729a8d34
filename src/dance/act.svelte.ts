/**
 * @file One piece and the dance to it: music → samples to the `music` thread → scores that grow → phrases from a choreographer,
 * ahead of the ear → what is danced at the moment that is heard. The dance is read off the clock of what is heard.
 */
import type { Capture } from '../audio/capture'
import type { Reel } from '../audio/reel'
import type { DanceStyle, Phrase, Score } from '../shared/contracts'
import { moment } from '../shared/trace'
import type { Choreographer, Floor } from './choreographer'
import type { DanceFloor, DanceParts, Moment, Piece } from './dance.svelte'
import { House } from './house'
import { Picture } from './picture'

/** So long after its last frame a dance that is shorter than its music is over, seconds. */
const REST_S = 0.5
/** How much of a live dance is kept, seconds: somebody may listen for hours. */
const KEPT_S = 20

export class Act implements Floor {
  readonly #floor: DanceFloor
  readonly #parts: DanceParts
  readonly #signal: AbortSignal
  #capture: Capture | undefined
  /** The style of this piece, where it is known. */
  #known: DanceStyle | undefined

  #piece = $state.raw<Piece | undefined>(undefined)
  #score = $state.raw<Score | undefined>(undefined)
  #maker = $state.raw<Choreographer | undefined>(undefined)
  #making = $state.raw<readonly Phrase[]>([])
  /** The dance that is replaced: danced where the new one has not come yet. */
  #before = $state.raw<readonly Phrase[] | undefined>(undefined)
  #whole = $state(false)
  #ready = $state(false)
  #held = $state(false)

  constructor(floor: DanceFloor, parts: DanceParts, signal: AbortSignal) {
    this.#floor = floor
    this.#parts = parts
    this.#signal = signal
  }

  get piece() {
    return this.#piece
  }
  get score() {
    return this.#score
  }
  /** It can be danced. */
  get ready() {
    return this.#ready
  }
  get phrases(): readonly Phrase[] {
    return this.#before ?? this.#making
  }
  get whole(): boolean {
    return this.#whole || this.#before !== undefined
  }
  get by(): Choreographer['name'] {
    return this.#maker?.name ?? 'house'
  }
  get live(): boolean {
    return this.#capture !== undefined
  }

  // ---- for who makes the dance -------------------------------------------------------------------------------------

  get music() {
    return this.#parts.player.reel
  }
  get clock(): number {
    return this.#capture?.nowS() ?? this.#parts.player.time
  }
  get rate() {
    return this.#floor.rate
  }
  get order() {
    return this.#floor.order
  }
  get making() {
    return this.#making
  }
  get replacing() {
    return this.#before !== undefined
  }
  get reachS(): number {
    const end = (phrases: readonly Phrase[] | undefined) => phrases?.at(-1)?.to ?? 0
    return Math.max(end(this.#making), end(this.#before))
  }
  get playing() {
    return this.#floor.playing
  }
  get held() {
    return this.#held
  }

  pieces(signal: AbortSignal, reel: Reel, seen?: (piece: Float32Array, sampleRate: number) => void) {
    return this.#floor.pieces(signal, reel, seen)
  }

  put(phrases: readonly Phrase[], whole = false) {
    this.#making = phrases
    if (!whole) return
    this.#whole = true
    this.#before = undefined
  }

  again() {
    if (this.#making.length && !this.#before) this.#before = this.#making
    this.#making = []
    this.#whole = false
  }

  open(): boolean {
    if (this.#ready) return false
    moment('beats', this.#piece?.name ?? '')
    this.#ready = true
    return true
  }

  play(): Promise<void> {
    return this.#floor.play()
  }

  hold(on: boolean) {
    if (on === this.#held || !this.playing) return
    const { player } = this.#parts
    this.#held = on
    if (on) player.pause()
    else void player.play(this.#signal).catch(() => this.#floor.pause()) // pressed again, it says why
  }

  // ------------------------------------------------------------------------------------------------------------------

  /** Resolves when all of it is danced. */
  async hear(name: string, reel: Reel, style?: DanceStyle): Promise<void> {
    const { player, music } = this.#parts
    const signal = this.#signal
    player.load(reel)
    this.#known = style
    const picture = new Picture(reel.lengthS)
    const show = () => (this.#piece = { kind: 'recorded', name, ...picture.now() })
    show()
    this.#maker = await this.#cast(false)
    const pieces = this.pieces(signal, reel, (piece, sampleRate) => {
      picture.add(piece, sampleRate)
      show()
    })
    for await (const score of await music.analyse(signal, pieces, reel.sampleRate / 2, reel.lengthS)) {
      signal.throwIfAborted()
      this.#score = score
      // A file that was cut off is shorter than it says.
      if (score.complete) {
        picture.cut(reel.lengthS)
        show()
      }
      await this.#maker.heard(signal, score)
    }
  }

  /** Until it is ended. */
  async listen(name: string, capture: Capture, port: MessagePort): Promise<void> {
    const signal = this.#signal
    this.#capture = capture
    this.#piece = { kind: 'live', name }
    const maker = (this.#maker = new House(this.#parts.choreographer, this, undefined))
    for await (const score of await this.#parts.music.follow(signal, port, capture.sampleRate)) {
      signal.throwIfAborted()
      this.#score = score
      await maker.heard(signal, score)
      const heard = this.clock - KEPT_S
      if (this.#making[0] && this.#making[0].to < heard)
        this.#making = this.#making.filter(({ to }, i) => to >= heard || i === this.#making.length - 1)
    }
  }

  async change(): Promise<void> {
    if (this.#score) await this.#maker?.change(this.#signal, this.#score)
  }

  async recast(house: boolean): Promise<void> {
    if (!this.#maker || this.live) return
    const maker = await this.#cast(house)
    if (this.#signal.aborted) return
    this.#maker.leave()
    this.#maker = maker
    this.again()
    if (this.#score) await maker.heard(this.#signal, this.#score)
  }

  follow() {
    this.#maker?.follow?.()
  }

  leave() {
    this.#maker?.leave()
  }

  now(time = this.clock): Moment | undefined {
    if (!this.#ready) return undefined
    const made = this.#making.at(-1)?.to ?? 0
    const phrases = this.#before && time >= made ? this.#before : this.#making
    let low = 0
    let high = phrases.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (phrases[middle]!.from <= time) low = middle
      else high = middle - 1
    }
    const phrase = phrases[low]
    // A dance may be shorter than its music.
    if (!phrase || (this.#whole && time > phrase.to + REST_S)) return undefined
    return { phrase, motion: phrase.motion, next: phrases[low + 1]?.motion, at: time - phrase.from, time }
  }

  /** The guest where one is wanted, else the house. */
  async #cast(house: boolean): Promise<Choreographer> {
    const guest = house ? undefined : await this.#parts.guest?.(this)
    return guest ?? new House(this.#parts.choreographer, this, this.#known)
  }
}
