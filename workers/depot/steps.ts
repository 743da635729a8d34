/** @file The depot's jobs: several at once, with a limit, as one stream of steps. */
import type { FetchStep } from '../../src/shared/contracts'
import { told as toldOf, within } from '../runtime/told'

export type Tell = (step: FetchStep) => void

export const told = (
  signal: AbortSignal,
  work: (signal: AbortSignal, tell: Tell) => Promise<void>,
): AsyncGenerator<FetchStep, void> =>
  toldOf(
    signal,
    work,
    (step, before) => step.kind === 'bytes' && before.kind === 'bytes' && before.path === step.path,
  )

/** All of them at once. The first that fails stops the others; it is thrown when they have ended. */
export const together = async (
  signal: AbortSignal,
  jobs: readonly ((signal: AbortSignal) => Promise<void>)[],
) => {
  const scope = within(signal)
  const failed: unknown[] = []
  await Promise.all(
    jobs.map((job) =>
      job(scope.signal).catch((e: unknown) => {
        failed.push(e)
        scope.stop()
      }),
    ),
  )
  scope.stop()
  signal.throwIfAborted()
  if (failed.length) throw failed[0]
}

/** Who may go on: so many at once, and of the large ones fewer, so that small ones get by. First come, first served. */
export class Turns {
  readonly #all: number
  readonly #large: number
  readonly #waiting: { readonly large: boolean; readonly go: () => void }[] = []
  #running = 0
  #runningLarge = 0

  constructor(all: number, large: number) {
    this.#all = all
    this.#large = large
  }

  /** `wait` is told when it is not its turn at once. */
  async in<R>(
    signal: AbortSignal,
    large: boolean,
    work: () => Promise<R>,
    wait: () => void = () => undefined,
  ): Promise<R> {
    await this.#turn(signal, large, wait)
    try {
      return await work()
    } finally {
      this.#running--
      if (large) this.#runningLarge--
      this.#next()
    }
  }

  #turn(signal: AbortSignal, large: boolean, wait: () => void): Promise<void> {
    signal.throwIfAborted()
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1)
        reject(signal.reason as Error)
      }
      const entry = {
        large,
        go: () => {
          signal.removeEventListener('abort', leave)
          resolve()
        },
      }
      signal.addEventListener('abort', leave, { once: true })
      this.#waiting.push(entry)
      this.#next()
      if (this.#waiting.includes(entry)) wait()
    })
  }

  #next() {
    while (this.#running < this.#all) {
      const at = this.#waiting.findIndex(({ large }) => !large || this.#runningLarge < this.#large)
      if (at < 0) return
      const [entry] = this.#waiting.splice(at, 1)
      this.#running++
      if (entry!.large) this.#runningLarge++
      entry!.go()
    }
  }
}
