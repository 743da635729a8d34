/** @file How far files have come: the steps that the depot tells, as figures for a person. Pure; times are given. */
import type { FetchStep } from '../shared/contracts'
import { Pace } from '../shared/pace'

/** Why nothing comes just now. */
export type HoldUp =
  /** Others come first. */
  | { readonly kind: 'turn' }
  /** Another tab is fetching the same. */
  | { readonly kind: 'elsewhere' }
  /** It will be tried again in so many seconds. */
  | { readonly kind: 'retry'; readonly why: 'offline' | 'busy' | 'broken'; readonly seconds: number }

/** The hub is to be asked again in so many seconds. */
export interface Wait {
  readonly seconds: number
  readonly why: 'offline' | 'busy'
}

export interface Progress {
  readonly bytes: number
  /** Bytes of all files; 0 until it is known. */
  readonly of: number
  /** Bytes a second over the last seconds; 0 until it is known. */
  readonly speed: number
  readonly holdUp: HoldUp | undefined
}

type State = 'moving' | 'queued' | 'elsewhere' | { readonly untilMs: number; readonly why: Retry['why'] }
type Retry = Extract<HoldUp, { kind: 'retry' }>

export class Meter {
  readonly #of: number
  readonly #here: Map<string, number>
  readonly #states = new Map<string, State>()
  readonly #pace = new Pace()

  /** `here`: bytes of each file that is there before anything comes. */
  constructor(of: number, here: ReadonlyMap<string, number> = new Map()) {
    this.#of = of
    this.#here = new Map(here)
  }

  take(step: FetchStep, nowMs: number) {
    const path = step.kind === 'kept' ? step.file.path : step.path
    switch (step.kind) {
      case 'bytes':
        this.#here.set(path, step.bytes)
        this.#states.set(path, 'moving')
        break
      case 'waiting':
        this.#states.set(path, { untilMs: nowMs + 1000 * step.seconds, why: step.why })
        break
      case 'kept':
        this.#here.set(path, step.file.bytes)
        this.#states.delete(path)
        break
      default:
        this.#states.set(path, step.kind)
    }
  }

  /** To be asked again and again: speed falls where nothing comes. */
  at(nowMs: number): Progress {
    const bytes = [...this.#here.values()].reduce((sum, one) => sum + one, 0)
    return { bytes, of: this.#of, speed: this.#pace.at(nowMs, bytes), holdUp: this.#holdUp(nowMs) }
  }

  /** None while a single file is moving. */
  #holdUp(nowMs: number): HoldUp | undefined {
    const states = [...this.#states.values()]
    if (states.length === 0 || states.includes('moving')) return undefined
    const retries = states.filter((state) => typeof state === 'object')
    const soonest = retries.toSorted((a, b) => a.untilMs - b.untilMs)[0]
    if (soonest) {
      const seconds = Math.max(0, (soonest.untilMs - nowMs) / 1000)
      return { kind: 'retry', why: soonest.why, seconds }
    }
    return { kind: states.includes('elsewhere') ? 'elsewhere' : 'turn' }
  }
}
