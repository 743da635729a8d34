/** @file How many pixels to draw, so that the frame rate holds: fewer at once when it falls, more again only with patience. */

/** How long a frame may take, from start to start. */
export interface Pace {
  /** Slower is seen to stutter. */
  readonly slowMs: number
  /** Faster gains nothing. */
  readonly fastMs: number
}

/** 40 frames a second at least; 60, the pace of most screens, are enough. */
export const SMOOTH: Pace = { slowMs: 25, fastMs: 17.8 }

/** Frames that are judged together. */
const WINDOW = 30

export class Governor {
  readonly #max: number
  readonly #min: number
  readonly #pace: Pace
  #ratio: number
  readonly #window: number[] = []
  #good = 0
  /** Good windows wanted before more pixels are tried; doubled each time that trying fails. */
  #patience = 3
  #raised = false

  /** Ratios of device pixels to CSS pixels; begins with `start`. */
  constructor(min: number, max: number, start = max, pace = SMOOTH) {
    this.#min = min
    this.#pace = pace
    this.#max = max
    this.#ratio = start
  }

  get ratio() {
    return this.#ratio
  }

  /** A frame took this long, from start to start. True when the ratio has changed. */
  frame(ms: number): boolean {
    // A pause (a hidden tab, a breakpoint) says nothing about drawing.
    if (ms > 2000) return false
    this.#window.push(ms)
    if (this.#window.length < WINDOW) return false
    const median = this.#window.sort((a, b) => a - b)[WINDOW / 2]!
    this.#window.length = 0
    const before = this.#ratio
    if (median > this.#pace.slowMs) {
      if (this.#raised) this.#patience = Math.min(64, this.#patience * 2)
      this.#good = 0
      this.#raised = false
      // Far too slow: a large step, so that the first seconds are not spent on the way down.
      this.#ratio = Math.max(this.#min, this.#ratio * (median > 2 * this.#pace.slowMs ? 0.6 : 0.82))
    } else if (median < this.#pace.fastMs && this.#ratio < this.#max && ++this.#good >= this.#patience) {
      this.#good = 0
      this.#raised = true
      this.#ratio = Math.min(this.#max, this.#ratio * 1.15)
    }
    return this.#ratio !== before
  }
}
