/** @file What a model thinks before it answers, apart from its answer. */

/** A piece of what a model says. */
export interface Said {
  readonly kind: 'thought' | 'text'
  readonly text: string
}

const TAGS: readonly (readonly [open: string, close: string])[] = [
  ['<think>', '</think>'],
  ['<thinking>', '</thinking>'],
  ['[THINK]', '[/THINK]'],
]

/** The tag that a prompt ends with: some templates begin the thought themselves, and the model goes on inside it. */
export const thoughtBegunBy = (prompt: string): string | undefined =>
  TAGS.find(([open]) => prompt.trimEnd().endsWith(open))?.[1]

/**
 * Takes an answer in any pieces and gives it on as thoughts and text. A thought stands at the beginning only: further on, the
 * same letters are text about tags. One that is never closed is a thought to the end. White space around tags is dropped.
 */
export class ThoughtSplitter {
  /** What may still become a tag. */
  #held = ''
  #state: 'start' | 'thought' | 'after' | 'text'
  #close: string
  /** Nothing of this thought, or of the text after it, has been given: white space is dropped. */
  #bare = true

  /** `close`: the tag that ends the thought in which the answer begins, if it does. */
  constructor(close?: string) {
    this.#state = close ? 'thought' : 'start'
    this.#close = close ?? ''
  }

  push(piece: string): Said[] {
    this.#held += piece
    return this.#take(false)
  }

  /** The answer is over: what was held back is what it looks like. */
  end(): Said[] {
    return this.#take(true)
  }

  #take(over: boolean): Said[] {
    const said: Said[] = []
    if (this.#state === 'start') this.#begin(over)
    if (this.#state === 'thought') this.#think(said, over)
    if (this.#state === 'after') {
      this.#held = this.#held.trimStart()
      if (this.#held) this.#state = 'text'
    }
    if (this.#state === 'text' && this.#held) {
      said.push({ kind: 'text', text: this.#held })
      this.#held = ''
    }
    return said
  }

  #begin(over: boolean) {
    const start = this.#held.trimStart()
    const tag = TAGS.find(([open]) => start.startsWith(open))
    if (tag) {
      this.#state = 'thought'
      this.#close = tag[1]
      this.#held = start.slice(tag[0].length)
    } else if (over || !TAGS.some(([open]) => open.startsWith(start))) this.#state = 'text'
  }

  #think(said: Said[], over: boolean) {
    if (this.#bare) this.#held = this.#held.trimStart()
    const end = this.#held.indexOf(this.#close)
    const sure = end >= 0 ? end : over ? this.#held.length : this.#held.length - this.#tail()
    const text = end >= 0 || over ? this.#held.slice(0, sure).trimEnd() : this.#held.slice(0, sure)
    if (text) {
      said.push({ kind: 'thought', text })
      this.#bare = false
    }
    this.#held = this.#held.slice(end >= 0 ? end + this.#close.length : sure)
    if (end >= 0) this.#state = 'after'
  }

  /** How many characters at the end are white space, or the beginning of the tag, after which white space is dropped. */
  #tail(): number {
    const held = this.#held
    let tag = Math.min(this.#close.length - 1, held.length)
    while (tag > 0 && !this.#close.startsWith(held.slice(held.length - tag))) tag--
    const before = held.slice(0, held.length - tag)
    return held.length - before.trimEnd().length
  }
}
