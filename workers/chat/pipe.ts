/** @file From a producer that cannot wait to a reader that takes its time. */
import type { ReplyPart } from '../../src/shared/contracts'

/** Parts pushed in, parts read out. What piles up while nobody reads is joined, so that a slow reader gets few long pieces. */
export class Pipe {
  #parts: ReplyPart[] = []
  #wake: (() => void) | undefined

  push(part: ReplyPart) {
    const last = this.#parts.at(-1)
    if (last && last.kind !== 'end' && last.kind === part.kind)
      this.#parts[this.#parts.length - 1] = { kind: last.kind, text: last.text + part.text }
    else this.#parts.push(part)
    this.#wake?.()
  }

  /** What is pushed until `over` settles, and then its failure, if it is one. */
  async *read(over: Promise<void>): AsyncIterable<ReplyPart> {
    const done = over.then(
      () => true,
      () => true,
    )
    for (let last = false; ;) {
      const part = this.#parts.shift()
      if (part) yield part
      else if (last) break
      else last = await Promise.race([done, this.#pushed()])
    }
    await over
  }

  #pushed(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    this.#wake = () => resolve(false)
    return promise
  }
}
