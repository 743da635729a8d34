/** @file The house choreographer: phrases by the `dance` thread, ahead of the ear as far as the score is settled. */
import type { Ready } from '../engine/engines'
import type { Dance, DanceStyle, Score } from '../shared/contracts'
import { Fault } from '../shared/fault'
import type { Choreographer, Floor } from './choreographer'

/** Dance in hand while the piece is being heard, seconds. */
const AHEAD_S = 30

export class House implements Choreographer {
  readonly name = 'house'
  readonly #api: Ready<Dance>
  readonly #floor: Floor
  /** The style of this piece, where it is known. */
  readonly #known: DanceStyle | undefined
  #composing: AbortController | undefined

  constructor(api: Ready<Dance>, floor: Floor, known: DanceStyle | undefined) {
    this.#api = api
    this.#floor = floor
    this.#known = known
  }

  async heard(signal: AbortSignal, score: Score): Promise<void> {
    const floor = this.#floor
    // Each order begins with a plan of all that is known: as long as there is more to hear, no more than will soon be seen.
    const composedS = floor.making.at(-1)?.to ?? 0
    if (floor.music && !score.complete && composedS > floor.clock + AHEAD_S) return
    await this.#compose(signal, score, (floor.making.at(-1)?.index ?? -1) + 1)
    // Where the tempo is in doubt nothing is settled yet: another moment of listening, rather than another dance later.
    if (signal.aborted || !(floor.making.length || score.complete)) return
    if (floor.open()) await floor.play()
  }

  /** What is about to be seen first; then all of it, so that going back finds the same dance. */
  async change(signal: AbortSignal, score: Score): Promise<void> {
    const { making, clock, music } = this.#floor
    const first = making.find(({ to }) => to > clock)?.index ?? 0
    await this.#compose(signal, score, first)
    if (first > 0 && music) await this.#compose(signal, score, 0)
  }

  leave() {
    this.#composing?.abort()
  }

  /** Phrases from `first` on, replacing those that are there one by one. */
  async #compose(signal: AbortSignal, score: Score, first: number): Promise<void> {
    this.#composing?.abort()
    const own = (this.#composing = new AbortController())
    const floor = this.#floor
    const { style } = floor.order
    const order = { ...floor.order, style: style === 'auto' ? (this.#known ?? style) : style }
    const end = () => own.abort()
    signal.addEventListener('abort', end, { once: true })
    try {
      for await (const phrase of await this.#api.compose(own.signal, score, order, first)) {
        own.signal.throwIfAborted()
        const { making } = floor
        const at = phrase.index - (making[0]?.index ?? phrase.index)
        floor.put([...making.slice(0, at), phrase, ...making.slice(at + 1)])
      }
      own.signal.throwIfAborted()
      if (score.complete) floor.put(floor.making, true)
    } catch (e) {
      // Another order or another piece has taken over.
      if (!own.signal.aborted) throw e instanceof Fault ? e : new Fault('unknown', 'no dance', { cause: e })
    } finally {
      signal.removeEventListener('abort', end)
    }
  }
}
