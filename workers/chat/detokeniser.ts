/** @file Tokens into text as they come, never with half a character. */

/** What a decoder writes for bytes that are no character (yet). */
const UNFINISHED = '\ufffd'

/** So many tokens back, a decoder still sees the word and the space before the next token. */
const CONTEXT = 6
const MOST_CONTEXT = 18

/** A character of UTF-8 has four bytes at most; what has waited for longer is not going to become one. */
const PATIENCE = 8

/**
 * Gives the text of a growing list of tokens, piece by piece. Pieces joined are what `decode` makes of the whole list: each is
 * decoded together with some tokens before it, because some decoders drop the space before the first of a list.
 */
export class Detokeniser {
  readonly #decode: (tokens: readonly number[]) => string
  /** Given already, as context for what comes. */
  #before: number[] = []
  /** The length of their text. */
  #known = 0
  #waiting: number[] = []

  constructor(decode: (tokens: readonly number[]) => string) {
    this.#decode = decode
  }

  /** The text that is certain now; often none. */
  push(token: number): string {
    this.#waiting.push(token)
    const text = this.#text()
    return text.endsWith(UNFINISHED) && this.#waiting.length < PATIENCE ? '' : this.#give(text)
  }

  end(): string {
    return this.#waiting.length ? this.#give(this.#text()) : ''
  }

  #text(): string {
    return this.#decode([...this.#before, ...this.#waiting]).slice(this.#known)
  }

  #give(text: string): string {
    if (!text) return '' // a special token, say: the next one says more
    this.#before.push(...this.#waiting)
    this.#known += text.length
    this.#waiting = []
    if (this.#before.length > MOST_CONTEXT) {
      this.#before = this.#before.slice(-CONTEXT)
      this.#known = this.#decode(this.#before).length
    }
    return text
  }
}
