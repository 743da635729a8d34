/** @file A stream that somebody writes to, and somebody else reads from in their own time. */

export class Feed<T> implements AsyncIterable<T> {
  readonly #waiting: T[] = []
  #ended = false
  #failed: { readonly cause: unknown } | undefined
  #wake: (() => void) | undefined

  push(value: T) {
    this.#waiting.push(value)
    this.#wake?.()
  }

  /** No more will come: that was all, or `cause` came in between. */
  end(failed?: { readonly cause: unknown }) {
    this.#ended = true
    this.#failed = failed
    this.#wake?.()
  }

  /** For one reader. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    for (;;) {
      while (this.#waiting.length) yield this.#waiting.shift()!
      if (this.#failed) throw this.#failed.cause
      if (this.#ended) return
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }
}
