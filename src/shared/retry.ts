/** @file When to try again what the network did not do. No dates: a clock that jumps changes nothing. */

/** How long and how often one waits for a server. */
export interface Patience {
  /** Tries in a row that brought nothing, after which one gives up. */
  readonly tries: number
  /** The first pause, ms; each further one in a row is twice as long. */
  readonly firstMs: number
  /** The longest pause, ms, unless the server asks for more. */
  readonly longestMs: number
  /** So long without a single byte, ms, and the connection counts as dead. */
  readonly stallMs: number
}

export const PATIENCE: Patience = { tries: 6, firstMs: 500, longestMs: 30_000, stallMs: 20_000 }

/** A server may ask for so much and not more: beyond that the person had better be told. Seconds. */
const LONGEST_ASKED_S = 300

/**
 * Milliseconds until the next try, after so many in a row that brought nothing. Between half and all of the pause, so that
 * those who were turned away together do not come back together. What the server asks for is the least.
 */
export const pauseMs = (
  { firstMs, longestMs }: Patience,
  fruitless: number,
  askedS = 0,
  chance = Math.random(),
): number => {
  const pause = Math.min(longestMs, firstMs * 2 ** fruitless) * (0.5 + chance / 2)
  return Math.max(pause, Math.min(askedS, LONGEST_ASKED_S) * 1000)
}

/** Seconds, where a server says them and lets the page read them. Its dates are not looked at: one's own clock may be wrong. */
export const retryAfterS = (headers: Headers): number | undefined => {
  const text = headers.get('retry-after')?.trim()
  return text && /^\d+$/.test(text) ? Number(text) : undefined
}

/** Too many requests, a timeout, or a server in trouble: worth another try. */
export const isPassing = (status: number): boolean => status === 408 || status === 429 || status >= 500

/**
 * Calls `giveUp` when nothing has been `heard` for so long. Ticks are counted, not time: a laptop that wakes up finds one timer
 * due, not a dead connection.
 */
export const listen = (stallMs: number, giveUp: () => void) => {
  let silent = 0
  const watch = setInterval(() => ++silent > 4 && giveUp(), stallMs / 4)
  return { heard: () => (silent = 0), end: () => clearInterval(watch) }
}

/** Throws the signal's reason when that comes first. A network that comes back ends the pause. */
export const pause = async (signal: AbortSignal, ms: number): Promise<void> => {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => resolve(undefined), ms)
  const stop = () => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  const wasOnline = navigator.onLine
  const back = () => !wasOnline && resolve(undefined)
  globalThis.addEventListener('online', back)
  try {
    await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
    globalThis.removeEventListener('online', back)
  }
}
