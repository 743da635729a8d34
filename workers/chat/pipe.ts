/** @file From a producer that cannot wait to a reader that takes its time. */
import type { ReplyPart } from '../../src/shared/contracts'

/** Parts pushed in, parts read out. What piles up while nobody reads is joined, so that a slow reader gets few long pieces. */
export class Pipe {
  #parts: ReplyPart[] = []
  #over = false
  #wake: (() => void) | undefined

  push(part: ReplyPart) {
    const last = this.#parts.at(-1)
    if (last && last.kind !== 'end' && last.kind === part.kind)
      this.#parts[this.#parts.length - 1] = { kind: last.kind, text: last.text + part.text }
    else this.#parts.push(part)
    this.#wake?.()
    this.#wake = undefined
  }

  /** What is pushed until `over` settles, and then its failure, if it is one. */
  async *read(over: Promise<void>): AsyncIterable<ReplyPart> {
    const end = () => {
      this.#over = true
      this.#wake?.()
    }
    over.then(end, end)
    for (;;) {
      const part = this.#parts.shift()
      if (part) yield part
      else if (this.#over) break
      else await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    await over
  }
}
