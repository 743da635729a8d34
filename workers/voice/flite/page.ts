/** @file A text while it is being read: what comes next, what has been said of it, what was left out. */
import type { Folded } from './fold'
import type { Pause, SpokenWord, Unspoken } from './reading'

/** Something to be filled in. */
type Draft<T> = { -readonly [K in keyof T]: T[K] }

/** The text under the reader's finger, and what has been read of it. */
export class Page {
  readonly words: Draft<SpokenWord>[] = []
  readonly unspoken: Draft<Unspoken>[] = []
  readonly plain: string
  /** The next character of `plain`. */
  at = 0
  readonly #folded: Folded
  /** Everything read or left out is before this index of the text. */
  #doneTo = 0
  /** Nothing has been read since the last thing left out. */
  #leavingOut = false

  constructor(folded: Folded) {
    this.#folded = folded
    this.plain = folded.plain
  }

  /** The character so many places further on or, if negative, before; empty outside the text. */
  char(offset = 0): string {
    return this.plain[this.at + offset] ?? ''
  }

  /** The characters just read. */
  behind(length: number): string {
    return this.plain.slice(Math.max(0, this.at - length), this.at)
  }

  /** What a sticky pattern matches here, or so many characters further on. */
  match(sticky: RegExp, offset = 0): readonly string[] | undefined {
    sticky.lastIndex = this.at + offset
    return sticky.exec(this.plain) ?? undefined
  }

  /** The last word spoken, for what depends on it. */
  before(): string {
    const say = this.words.at(-1)?.say ?? ''
    return say.slice(say.lastIndexOf(' ') + 1)
  }

  /** Read the next characters as these words, and go on after them. */
  say(words: string, length: number): true {
    this.sayAt(words, this.at, this.at + length)
    return this.pass(length)
  }

  /** Read a part of `plain` as these words. */
  sayAt(words: string, start: number, end: number) {
    const say = words.length > MAX_LETTERS ? words.replace(TOO_LONG, '$& ') : words
    const from = this.#folded.from[start]!
    const to = this.#folded.to[end - 1]!
    const last = this.words.at(-1)
    if (from >= this.#doneTo) this.words.push({ say, from, to, pause: 'none' })
    else if (last?.to === this.#doneTo) last.say += ` ${say}` // one character may stand for several words: ℀
    this.#doneTo = Math.max(to, this.#doneTo)
    this.#leavingOut = false
  }

  /** What was read last covers everything before this index of `plain`. */
  coverTo(end: number) {
    const last = this.words.at(-1)
    if (last) this.#doneTo = last.to = Math.max(last.to, this.#folded.to[end - 1]!)
  }

  /** Say nothing for the next characters, and tell. */
  leaveOut(length: number, why: Unspoken['why'] = 'symbols'): true {
    const from = this.#folded.from[this.at]!
    const to = this.#folded.to[this.at + length - 1]!
    const last = this.unspoken.at(-1)
    if (this.#leavingOut && last?.why === why) last.to = Math.max(to, last.to)
    else if (from >= this.#doneTo) {
      this.unspoken.push({ from, to, why })
      this.#leavingOut = true
    }
    this.#doneTo = Math.max(to, this.#doneTo)
    return this.pass(length)
  }

  /** Pass over characters that nobody expects to hear or misses. */
  pass(length: number): true {
    this.at += length
    return true
  }

  /** A pause after what has been read; the longest one asked for counts. */
  pause(pause: Pause) {
    const last = this.words.at(-1)
    if (last && STRENGTH[pause] > STRENGTH[last.pause]) last.pause = pause
  }
}

/** No plain word that Flite is given may be longer. */
const MAX_LETTERS = 40
const TOO_LONG = new RegExp(`[a-z']{${MAX_LETTERS}}(?=[a-z'])`, 'g')

const STRENGTH: Readonly<Record<Pause, number>> = { none: 0, comma: 1, stop: 2, question: 3 }
