/** @file Carrying all models to a machine without a network: out as one file, and in again, with progress and an end to it. */
import type { Depot } from '../shared/contracts'
import type { Remote } from '../shared/wire'

export interface Carried {
  readonly does: 'saving' | 'adding'
  readonly bytes: number
  readonly of: number
}

/** Where a file goes that may be larger than memory. */
export interface Sink {
  write(piece: Uint8Array<ArrayBuffer>): void | Promise<void>
  /** All of it is there. */
  close(): Promise<void>
  /** None of it is wanted. */
  abort(): Promise<void>
}

export class Carrying {
  readonly #depot: Remote<Depot>
  #controller: AbortController | undefined
  #now = $state.raw<Carried | undefined>(undefined)

  constructor(depot: Remote<Depot>) {
    this.#depot = depot
  }

  /** One at a time. */
  get now(): Carried | undefined {
    return this.#now
  }

  /** Everything that is whole, piece by piece. Bytes written; undefined when it was stopped. Throws what the sink throws. */
  async save(sink: Sink, of: number): Promise<number | undefined> {
    return this.#run('saving', of, async (signal, show) => {
      let bytes = 0
      try {
        for await (const piece of await this.#depot.pack(signal)) {
          bytes += piece.length
          await sink.write(piece)
          signal.throwIfAborted()
          show(bytes)
        }
        await sink.close()
      } catch (e) {
        await sink.abort().catch(() => undefined)
        throw e
      }
      return bytes
    })
  }

  /** Bytes that have come; undefined when it was stopped. Throws `bad-input` or `load-failed`, as `Depot.unpack` does. */
  async add(file: Blob): Promise<number | undefined> {
    return this.#run('adding', file.size, async (signal, show) => {
      const here = new Map<string, number>()
      const sum = () => [...here.values()].reduce((all, one) => all + one, 0)
      for await (const step of await this.#depot.unpack(signal, file)) {
        signal.throwIfAborted()
        if (step.kind === 'bytes') here.set(step.path, step.bytes)
        // Names repeat from one repository to the next: what is done is counted for itself.
        else if (step.kind === 'kept') {
          here.delete(step.file.path)
          here.set(`${step.file.sha256} ${step.file.path}`, step.file.bytes)
        }
        show(sum())
      }
      return sum()
    })
  }

  stop() {
    this.#controller?.abort()
  }

  async #run(
    does: Carried['does'],
    of: number,
    work: (signal: AbortSignal, show: (bytes: number) => void) => Promise<number>,
  ): Promise<number | undefined> {
    if (this.#now) return undefined
    const { signal } = (this.#controller = new AbortController())
    const show = (bytes: number) => (this.#now = { does, bytes: Math.min(bytes, of), of })
    show(0)
    try {
      return await work(signal, show)
    } catch (e) {
      if (signal.aborted) return undefined
      throw e
    } finally {
      this.#now = undefined
    }
  }
}
