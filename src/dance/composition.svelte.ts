/** @file A dance by Danceba to one piece: loaded, heard, composed step by step; danced as far as it is made. */
import { mirror } from '../motion/clip'
import type { Ready } from '../engine/engines'
import type {
  Danceba,
  DancebaHeard,
  DancebaOrder,
  Motion,
  MotionPart,
  Phrase,
  Score,
} from '../shared/contracts'
import { Fault } from '../shared/fault'
import type { Choreographer, Floor } from './choreographer'
import { enough, foreseen, type Pace } from './pacing'

/** Steps a second of music. */
export const STEPS_PER_S = 7.5
/** The music waits when the ear is so near to where the dance ends, seconds: a frame or two of the picture. */
const NEAR_S = 0.06
/** Sections that are at least so loud are danced with a smile. */
const LOUD = 0.55

/** How it is to be composed. */
export interface Commission {
  readonly backend: 'webgpu' | 'wasm'
  readonly onset: 'reference' | 'corrected'
  readonly order: DancebaOrder
}

export type Progress =
  | { readonly kind: 'loading'; readonly bytes: number; readonly of: number }
  /** 0 to 1. */
  | { readonly kind: 'hearing'; readonly done: number }
  | { readonly kind: 'composing'; readonly done: number; readonly of: number; readonly perSecond: number }
  | { readonly kind: 'whole' | 'stopped' }

const NOTHING_YET: Progress = { kind: 'loading', bytes: 0, of: 0 }

export interface CompositionParts {
  readonly danceba: Ready<Danceba>
  readonly commission: () => Commission
  /** It cannot be composed this way: another way to try, or none. */
  readonly failed: (fault: unknown, tried: Commission) => Commission | undefined
  /** There will be no dance of this; whoever is left dances. */
  readonly given: () => void
  /** Who holds what was heard, as a token: the worker, which may have been replaced. */
  readonly running: () => object | undefined
}

export class Composition implements Choreographer {
  readonly name = 'danceba'
  readonly #parts: CompositionParts
  readonly #floor: Floor
  #signal: AbortSignal | undefined
  #own: AbortController | undefined
  #work: Promise<void> | undefined
  #heardBy: { readonly worker: object | undefined; readonly onset: string } | undefined
  #motions: MotionPart[] = []
  /** The dance by Danceba that this one is to replace. */
  #earlier: MotionPart[] = []
  /** The music has begun: from then on it is the person who stops it. */
  #begun = false
  #score: Score | undefined

  #progress = $state.raw<Progress | undefined>(undefined)
  #heard = $state.raw<DancebaHeard | undefined>(undefined)
  #runsOn = $state.raw<Commission['backend'] | undefined>(undefined)
  #madeS = $state(0)

  constructor(parts: CompositionParts, floor: Floor) {
    this.#parts = parts
    this.#floor = floor
  }

  get progress() {
    return this.#progress
  }
  /** What Danceba has heard in the music. */
  get heardIn() {
    return this.#heard
  }
  get runsOn() {
    return this.#runsOn
  }
  /** Seconds of the dance that are made. */
  get madeS() {
    return this.#madeS
  }
  /** Of music; a dance may be ordered shorter. */
  get endS(): number {
    const lengthS = this.#floor.music?.lengthS ?? 0
    return Math.min(lengthS, this.#parts.commission().order.lengthS ?? lengthS)
  }

  async heard(signal: AbortSignal, score: Score): Promise<void> {
    this.#score = score
    this.#signal = signal
    this.#work ??= this.#compose(signal)
    if (score.complete) await this.#settled()
  }

  /** Only left and right can be exchanged; the rest of the floor's order is for the house. */
  async change(): Promise<void> {
    this.#floor.put(this.#phrases(), this.#progress?.kind === 'whole' || this.#progress?.kind === 'stopped')
  }

  /** Compose it anew, as it is wanted now. What is danced stays until the new dance is there. */
  async anew(): Promise<void> {
    const signal = this.#signal
    if (!signal || signal.aborted) return
    this.#own?.abort()
    if (this.#progress?.kind === 'whole') this.#earlier = this.#motions
    this.#progress = NOTHING_YET
    this.#madeS = 0
    this.#floor.again()
    const before = this.#work
    this.#work = Promise.resolve(before).then(() => this.#compose(signal))
    await this.#settled()
  }

  /** No more of it: the dance before it stays, or what there is of this one; without either it is given away. */
  stop() {
    this.#own?.abort()
    if (this.#floor.replacing) this.#return()
    else if (this.#floor.making.length) {
      this.#floor.put(this.#floor.making, true)
      this.#floor.hold(false)
      this.#progress = { kind: 'stopped' }
    } else this.#return()
  }

  leave() {
    this.#own?.abort()
    this.#progress = undefined
  }

  follow() {
    const floor = this.#floor
    this.#begun = true
    if (!floor.held && this.#progress?.kind === 'composing' && floor.clock > floor.reachS - NEAR_S)
      floor.hold(true)
  }

  /** As long as there is one more way to try. */
  async #compose(signal: AbortSignal): Promise<void> {
    const own = (this.#own = new AbortController())
    const end = () => own.abort()
    signal.addEventListener('abort', end, { once: true })
    try {
      let commission: Commission | undefined = this.#parts.commission()
      while (commission && !own.signal.aborted)
        commission = await this.#try(own.signal, commission).then(
          () => undefined,
          (e: unknown) => (own.signal.aborted ? undefined : this.#fail(e, commission!)),
        )
    } finally {
      signal.removeEventListener('abort', end)
    }
  }

  #fail(thrown: unknown, tried: Commission): Commission | undefined {
    const next = this.#parts.failed(thrown, tried)
    if (next) return next
    this.#return()
    return undefined
  }

  /** To the dance that there was. */
  #return() {
    this.#motions = this.#earlier
    this.#progress = this.#earlier.length ? { kind: 'whole' } : undefined
    if (this.#earlier.length) this.#floor.put(this.#phrases(), true)
    else this.#parts.given()
    this.#floor.hold(false)
  }

  async #try(signal: AbortSignal, commission: Commission): Promise<void> {
    const { danceba } = this.#parts
    this.#motions = []
    this.#madeS = 0
    this.#begun ||= this.#floor.reachS > 0
    this.#runsOn = commission.backend
    this.#progress = NOTHING_YET
    for await (const { bytes, of } of await danceba.load(signal, commission.backend)) {
      signal.throwIfAborted()
      this.#progress = { kind: 'loading', bytes, of }
    }
    signal.throwIfAborted()
    await this.#hear(signal, commission.onset)
    for await (const step of await danceba.compose(signal, commission.order)) {
      signal.throwIfAborted()
      if (step.kind === 'motion') this.#take(step.part)
      else this.#progress = { kind: 'composing', done: step.done, of: step.of, perSecond: step.perSecond }
      this.#look()
    }
    signal.throwIfAborted()
    this.#progress = { kind: 'whole' }
    this.#floor.put(this.#phrases(), true)
    if (this.#floor.open() || !this.#begun) await this.#floor.play().catch(() => undefined) // pressed, it says why
    this.#floor.hold(false)
  }

  async #hear(signal: AbortSignal, onset: Commission['onset']): Promise<void> {
    const { danceba, running } = this.#parts
    const { music } = this.#floor
    if (!music) throw new Fault('aborted', 'no music any more')
    if (this.#heardBy && this.#heardBy.onset === onset && this.#heardBy.worker === running()) return
    this.#progress = { kind: 'hearing', done: 0 }
    const rate = music.sampleRate / 2
    const hearing = await danceba.hear(signal, this.#floor.pieces(signal, music), rate, music.lengthS, onset)
    for await (const step of hearing) {
      signal.throwIfAborted()
      if (step.kind === 'hearing') this.#progress = step
      else this.#heard = step.heard
    }
    signal.throwIfAborted()
    this.#heardBy = { worker: running(), onset }
  }

  #take(part: MotionPart) {
    this.#motions.push(part)
    this.#madeS = part.from + part.motion.frames / part.motion.rate
    this.#floor.put(this.#phrases())
    this.#floor.open()
  }

  #phrases(): Phrase[] {
    const { order } = this.#floor
    return this.#motions.map(({ from, motion }, index) => ({
      index,
      from,
      to: from + motion.frames / motion.rate,
      moves: [],
      mood: this.#moodAt(from),
      motion: order.mirror ? mirrored(motion) : motion,
    }))
  }

  #moodAt(timeS: number): Phrase['mood'] {
    const section = this.#score?.sections.find(({ from, to }) => timeS >= from && timeS < to)
    return section && section.energy >= LOUD ? 'happy' : 'neutral'
  }

  /** Whether the music may begin, or go on. */
  #look() {
    const floor = this.#floor
    if (this.#progress?.kind !== 'composing' || !this.#motions.length) return
    const pace: Pace = {
      atS: floor.clock,
      madeS: this.#madeS,
      endS: this.endS,
      speed: this.#progress.perSecond / STEPS_PER_S,
      rate: floor.rate,
    }
    if (floor.held) {
      if (enough(pace)) floor.hold(false)
    } else if (!this.#begun && foreseen(pace)) {
      this.#begun = true
      void floor.play().catch(() => undefined) // pressed, it says why
    }
  }

  /** Also what has been begun meanwhile. */
  async #settled(): Promise<void> {
    for (let work = this.#work; ;) {
      await work
      if (work === this.#work) return
      work = this.#work
    }
  }
}

const mirrors = new WeakMap<Motion, Motion>()
const mirrored = (motion: Motion): Motion => {
  let other = mirrors.get(motion)
  if (!other) mirrors.set(motion, (other = mirror(motion)))
  return other
}
