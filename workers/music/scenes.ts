/** @file The parts of music that sounds now: another one begins with a bar when it has become clearly louder or softer. */
import type { Section } from '../../src/shared/contracts'
import { LEAST_S, labelOf } from './sections'

/** How much louder or softer is another part, for how many looks, and how near a level is that of a part before. */
const CHANGE = 0.22
const LOOKS = 2
const ALIKE = 0.12
/** Of the level of a part, the share of each new look: parts may grow slowly. */
const SHARE = 0.1

export class Scenes {
  readonly #begun: { readonly from: number; readonly label: string; readonly energy: number }[] = []
  /** What the part that is heard sounds like by now, and how often in a row it sounded otherwise. */
  #level = 0
  #otherwise = 0
  #next: { readonly label: string; readonly energy: number } | undefined

  /** From `at` on, in seconds, it is as loud as `level`. */
  hear(at: number, level: number) {
    const now = this.#begun.at(-1)
    if (!now) {
      this.#begun.push({ from: 0, label: 'A', energy: level })
      this.#level = level
      return
    }
    this.#otherwise = Math.abs(level - this.#level) > CHANGE ? this.#otherwise + 1 : 0
    if (this.#otherwise >= LOOKS && at - now.from >= LEAST_S) {
      this.#next = { label: this.#labelFor(level), energy: level }
      this.#level = level
      this.#otherwise = 0
    }
    if (this.#otherwise === 0) this.#level += SHARE * (level - this.#level)
  }

  /** Begin anew with the next bar although it sounds as before. */
  cut() {
    const now = this.#begun.at(-1)
    if (now) this.#next ??= { label: now.label, energy: this.#level }
  }

  /** A bar begins. */
  bar(at: number) {
    if (this.#next && this.#begun.length) this.#begun.push({ from: at, ...this.#next })
    this.#next = undefined
  }

  sections(endS: number): Section[] {
    return this.#begun.map((one, i) => ({ ...one, to: this.#begun[i + 1]?.from ?? endS }))
  }

  #labelFor(level: number): string {
    const [like] = this.#begun.toSorted((a, b) => Math.abs(a.energy - level) - Math.abs(b.energy - level))
    return like && Math.abs(like.energy - level) < ALIKE
      ? like.label
      : labelOf(new Set(this.#begun.map(({ label }) => label)).size)
  }
}
