/** @file The life of one worker, seen from the page: start, call, stream, abort, hang, die, restart. */
import { Fault } from '../shared/fault'
import { connect, takePulse, type Remote } from '../shared/wire'

/**
 * One worker: started by the first call, killed by the first uncaught error or by silence, restarted by the next call.
 *
 * A call that nobody answers rejects all the same: with bare Comlink, whatever waits on a dead worker waits for ever.
 */
export class Host<T extends object> {
  #life: Life<T> | undefined
  #watch: ReturnType<typeof setInterval> | undefined

  readonly #name: string
  readonly #spawn: () => Worker
  readonly #hangMs: number

  /** `hangMs`: how long the worker's event loop may be silent while a call waits. Longer than its longest single step. */
  constructor(name: string, spawn: () => Worker, { hangMs = 30_000 } = {}) {
    this.#name = name
    this.#spawn = spawn
    this.#hangMs = hangMs
  }

  readonly api = new Proxy({} as Remote<T>, {
    get: (_, method) =>
      // An async function that returns the api must not take it for a promise.
      method === 'then' ? undefined : (...args: unknown[]) => this.#call(method as keyof T, args),
  })

  /** The worker that is running, as a token: whoever has prepared it can tell whether it is still the same one. */
  get running(): object | undefined {
    return this.#life
  }

  /** Kill the worker. Everything still waiting on it rejects with `reason`. */
  stop(reason = new Fault('worker-died', `${this.#name} was stopped`)) {
    const life = this.#life
    if (!life) return
    this.#life = undefined
    this.#rest()
    life.ended = reason
    life.worker.terminate()
    life.pulse.close()
    for (const reject of life.pending) reject(reason)
    life.pending.clear()
  }

  async #call(method: keyof T, args: unknown[]) {
    const scope = new CallScope(args)
    let streams = false
    try {
      const life = (this.#life ??= this.#start())
      const remote = life.remote as Record<keyof T, (...a: unknown[]) => Promise<unknown>>
      const result = await this.#guard(life, () => remote[method](...scope.args))
      streams = isStream(result)
      return isStream(result) ? this.#guardStream(life, result, scope) : result
    } finally {
      if (!streams) scope.end()
    }
  }

  #start(): Life<T> {
    const worker = this.#spawn()
    const pulse = takePulse(worker)
    const life: Life<T> = { worker, pulse, remote: connect<T>(worker), pending: new Set(), unanswered: 0 }
    const die = (why: string) => {
      if (life === this.#life) this.stop(new Fault('worker-died', `${this.#name}: ${why}`)) // else: already replaced
    }
    pulse.onmessage = () => (life.unanswered = 0)
    worker.addEventListener('error', (event) => {
      event.preventDefault()
      die(event.message || 'failed to start')
    })
    worker.addEventListener('messageerror', () => die('sent what cannot be read'))
    return life
  }

  #guard<R>(life: Life<T>, ask: () => Promise<R>): Promise<R> {
    if (life.ended) return Promise.reject(life.ended)
    const { promise: guarded, resolve, reject } = Promise.withResolvers<R>()
    life.pending.add(reject)
    this.#listen(life)
    const settled = () => {
      life.pending.delete(reject)
      if (life === this.#life && life.pending.size === 0) this.#rest()
    }
    ask().then(
      (value) => {
        settled()
        resolve(value)
      },
      (reason: unknown) => {
        settled()
        reject(reason)
      },
    )
    return guarded
  }

  async *#guardStream<R>(life: Life<T>, stream: AsyncIterable<R>, scope: CallScope) {
    const it = stream[Symbol.asyncIterator]()
    const next = () => this.#guard(life, () => it.next())
    try {
      for (let step = await next(); !step.done; step = await next()) yield step.value
    } finally {
      scope.end()
      void it.return?.()
    }
  }

  /**
   * While a call waits, ask five times a `hangMs` whether the event loop still turns; five askings without an answer
   * mean that it does not. Counting askings, not time: a laptop that wakes from sleep finds one timer due, not a dead
   * worker.
   */
  #listen(life: Life<T>) {
    this.#watch ??= setInterval(() => {
      if (life.unanswered === 5)
        this.stop(new Fault('worker-died', `${this.#name} hung`, { detail: { hangMs: this.#hangMs } }))
      else {
        life.unanswered++
        life.pulse.postMessage(null)
      }
    }, this.#hangMs / 5)
  }

  #rest() {
    clearInterval(this.#watch)
    this.#watch = undefined
    if (this.#life) this.#life.unanswered = 0
  }
}

/** One worker from its start to its end. */
interface Life<T> {
  readonly worker: Worker
  readonly remote: Remote<T>
  readonly pulse: MessagePort
  readonly pending: Set<(reason: Fault) => void>
  /** Askings since the last sign of life. */
  unanswered: number
  /** Why it is no more: what a stream learns that takes its next step after the end. */
  ended?: Fault
}

/**
 * The signals of one call, unhooked from the caller's when the call ends: otherwise each call would leave a port and
 * a listener on a signal that outlives it.
 */
class CallScope {
  readonly args: readonly unknown[]
  readonly #unhook: (() => void)[] = []

  constructor(args: readonly unknown[]) {
    this.args = args.map((arg) => {
      if (!(arg instanceof AbortSignal) || arg.aborted) return arg
      const own = new AbortController()
      const abort = () => own.abort(arg.reason)
      arg.addEventListener('abort', abort, { once: true })
      this.#unhook.push(() => arg.removeEventListener('abort', abort))
      return own.signal
    })
  }

  end() {
    for (const unhook of this.#unhook) unhook()
  }
}

const isStream = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value
