/** @file Work that is done one at a time, and of which somebody reads how it goes on. */
import { Fault } from '../../src/shared/fault'
import { Feed } from '../../src/shared/feed'

export type Work<T> = (signal: AbortSignal, tell: (step: T) => void) => Promise<void>

interface Turn {
  stop(): void
  readonly ended: Promise<void>
}

export class Lane {
  readonly #late: 'waits' | 'stops'
  #last: Turn | undefined

  /** @param late - Whether who comes while another one is there waits for its end, or makes it stop. */
  constructor(late: 'waits' | 'stops') {
    this.#late = late
  }

  /**
   * What `work` tells. It begins as soon as the first step is asked for and it is its turn, does not wait to be read, and is
   * stopped by the signal, or when nobody reads any more; the stream ends when it has.
   */
  async *run<T>(signal: AbortSignal, work: Work<T>): AsyncGenerator<T, void> {
    const own = new AbortController()
    const stop = AbortSignal.any([signal, own.signal])
    const before = this.#last
    if (this.#late === 'stops') before?.stop()
    const steps = new Feed<T>()
    const turn = async () => {
      await unlessAborted(stop, before?.ended)
      await work(stop, (step) => steps.push(step))
    }
    const done = turn().then(
      () => steps.end(),
      (cause: unknown) => steps.end({ cause }),
    )
    // Who gave up waiting is done before the one that was there is.
    const ended = Promise.all([before?.ended, done]).then(() => undefined)
    this.#last = { stop: () => own.abort(new Fault('aborted', 'something else was asked for')), ended }
    try {
      yield* steps
    } finally {
      own.abort()
      await done
    }
  }

  /** Whatever runs stops, and has ended then. */
  async clear(): Promise<void> {
    this.#last?.stop()
    await this.#last?.ended
  }
}

const unlessAborted = (signal: AbortSignal, wait: Promise<void> | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    void Promise.resolve(wait).then(resolve)
  })
