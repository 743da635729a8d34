/** @file Work that tells of itself: several jobs at once, as one stream of steps, with a limit. */
import type { FetchStep } from '../../src/shared/contracts'

export type Tell = (step: FetchStep) => void

/**
 * What the work tells, until it ends or throws. A reader that is slow gets the latest progress, not all of it; one that leaves
 * stops the work, and learns nothing more before the work has laid down what it held.
 */
export async function* told(
  signal: AbortSignal,
  work: (signal: AbortSignal, tell: Tell) => Promise<void>,
): AsyncGenerator<FetchStep, void> {
  signal.throwIfAborted()
  const steps: FetchStep[] = []
  const state = { ended: false }
  let wake = () => {
    // Nobody waits yet.
  }
  const tell: Tell = (step) => {
    const older =
      step.kind === 'bytes'
        ? steps.findIndex(({ kind, ...s }) => kind === 'bytes' && 'path' in s && s.path === step.path)
        : -1
    if (older < 0) steps.push(step)
    else steps[older] = step
    wake()
  }
  const scope = within(signal)
  const done = work(scope.signal, tell).finally(() => {
    state.ended = true
    wake()
  })
  done.catch(() => undefined) // thrown below, when everything has been told
  try {
    for (;;) {
      for (let step = steps.shift(); step; step = steps.shift()) yield step
      if (state.ended) break
      await new Promise<void>((resolve) => (wake = resolve))
    }
    await done
  } finally {
    scope.stop()
    await done.catch(() => undefined)
  }
}

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

/** A signal that also ends for a reason of one's own. `stop` when the work is over, too: it lets go of the outer one. */
const within = (outer: AbortSignal) => {
  const own = new AbortController()
  const stop = () => {
    outer.removeEventListener('abort', stop)
    own.abort(outer.aborted ? outer.reason : undefined)
  }
  if (outer.aborted) stop()
  else outer.addEventListener('abort', stop)
  return { signal: own.signal, stop }
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
