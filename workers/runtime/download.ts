/** @file One file over the network, however often the connection breaks. */
import { Fault } from '../../src/shared/fault'
import { refusalOf, unreachable } from '../../src/shared/refusal'
import { isPassing, listen, pause, pauseMs, retryAfterS, type Patience } from '../../src/shared/retry'
import { pacer } from './told'

export interface Source {
  readonly url: string
  /** What it is called in Faults. */
  readonly path: string
  /** Where its length is known beforehand. */
  readonly bytes?: number
  readonly token?: string | undefined
}

/** Where it goes. */
export interface Sink {
  readonly written: number
  /** All of it is written. */
  readonly whole: boolean
  /** The next bytes of it, which are the caller's again afterwards. */
  take(bytes: Uint8Array<ArrayBuffer>): Promise<void>
  /** From the beginning. */
  restart(): Promise<void>
  /** A server begins to answer, and has so many bytes in all, if it says so. */
  begins?(bytes: number | undefined): Promise<void>
  /** The answer has ended, and was not cut off. */
  ends?(): void
}

export interface Tell {
  /** Some ten times a second. */
  bytes(): void
  /** Until the next try. `why`: what was in the way. */
  waiting(seconds: number, why: Why): void
}

export type Why = 'offline' | 'busy' | 'broken'

/**
 * Fetch what is missing of it, `finish`, and return what that returns: the file's SHA-256, or undefined where something else
 * came. Throws `not-allowed`, `no-room`, `load-failed`, or `offline` when some tries in a row have brought nothing. That is also
 * what a server gets whose answers no page may read (CORS): a browser does not tell the two apart.
 */
export const download = async <Done>(
  signal: AbortSignal,
  source: Source,
  sink: Sink,
  finish: () => Promise<Done | undefined>,
  patience: Patience,
  tell: Tell,
): Promise<Done> => {
  const { path } = source
  const progress = pacer(() => tell.bytes())
  let spoilt = false
  let fruitless = 0
  for (;;) {
    const before = sink.written
    let trouble: Trouble | undefined
    try {
      if (!sink.whole) await attempt(signal, source, sink, patience, progress)
      if (!sink.whole) trouble = new Trouble('broken', `${path} ended early`, corrupt(path))
    } catch (e) {
      signal.throwIfAborted()
      if (!(e instanceof Trouble)) throw e
      trouble = e
    }
    if (!trouble) {
      const done = await finish()
      if (done !== undefined) return done
      await sink.restart()
      // Once more: a proxy or a disk may have garbled it. Twice the same is what they have there.
      if (spoilt) throw corrupt(path)
      spoilt = true
      fruitless = 0
      continue
    }
    fruitless = sink.written > before ? 0 : fruitless + 1
    if (fruitless >= patience.tries) throw trouble.fault
    const ms = pauseMs(patience, fruitless, trouble.askedS)
    tell.waiting(ms / 1000, trouble.why)
    await pause(signal, ms)
  }
}

/** What may pass, and what it comes to if it does not. */
class Trouble extends Error {
  readonly why: Why
  readonly fault: Fault
  readonly askedS: number

  constructor(why: Why, message: string, fault: Fault, askedS = 0) {
    super(message, { cause: fault.cause })
    this.why = why
    this.fault = fault
    this.askedS = askedS
  }
}

/** One request. Returns when the answer has ended or all is here. */
const attempt = async (
  signal: AbortSignal,
  source: Source,
  sink: Sink,
  { stallMs }: Patience,
  progress: () => void,
) => {
  const { url, token } = source
  const stop = new AbortController()
  const giveUp = () => stop.abort()
  signal.addEventListener('abort', giveUp, { once: true })
  const silence = listen(stallMs, giveUp)
  try {
    const from = sink.written
    const response = await reach(stop.signal, url, from, token)
    let skip = skipped(response, source, from)
    await sink.begins?.(lengthOf(response))
    if (!response.body) return
    const reader = readerOf(response.body)
    try {
      while (!sink.whole) {
        const { done, value } = await broken(reader.read(), url)
        if (done) {
          sink.ends?.()
          return
        }
        silence.heard()
        // `take` may wait for a disk, and a busy disk is no silent server.
        const pass = Math.min(skip, value.length)
        skip -= pass
        if (pass < value.length) await sink.take(pass ? value.subarray(pass) : value)
        silence.heard()
        progress()
      }
    } finally {
      stop.abort() // whatever else it would send
      await reader.cancel().catch(() => undefined)
    }
  } finally {
    silence.end()
    signal.removeEventListener('abort', giveUp)
  }
}

const reach = async (signal: AbortSignal, url: string, from: number, token: string | undefined) => {
  const headers = new Headers()
  if (from > 0) headers.set('range', `bytes=${from}-`)
  // Browsers take it off where a redirect leads to another origin.
  if (token) headers.set('authorization', `Bearer ${token}`)
  let response: Response
  try {
    response = await fetch(url, {
      signal,
      headers,
      cache: 'no-store',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
    })
  } catch (cause) {
    const fault = await unreachable(url, cause)
    throw fault.code === 'offline' ? new Trouble('offline', fault.message, fault) : fault
  }
  if (response.ok) return response
  void response.body?.cancel()
  throw refusal(response, url, token !== undefined)
}

const refusal = (response: Response, url: string, withToken: boolean): Fault | Trouble => {
  const { status, headers, url: answered } = response
  // Asked for what is beyond its end: it is shorter than listed.
  if (status === 416)
    return new Fault('load-failed', `${url} is shorter than listed`, { detail: { reason: 'changed' } })
  const fault = refusalOf(response, url, withToken)
  if (isPassing(status)) return new Trouble('busy', fault.message, fault, retryAfterS(headers))
  // The link to the storage has expired: the first address gives another one.
  const elsewhere = answered !== '' && new URL(answered).origin !== new URL(url).origin
  return fault.code === 'not-allowed' && elsewhere
    ? new Trouble('broken', 'the link has expired', fault)
    : fault
}

/** So many bytes of the answer are known already, where the server gives more than it was asked for. */
const skipped = ({ status, headers }: Response, { url, path, bytes }: Source, from: number): number => {
  if (status !== 206) return from
  const [, start, of] = CONTENT_RANGE.exec(headers.get('content-range') ?? '') ?? []
  if (start === undefined) return 0 // not for pages to read: the hash will tell
  if (bytes !== undefined && of !== '*' && Number(of) !== bytes)
    throw new Fault('load-failed', `${url} has ${of} bytes, listed are ${bytes}`, {
      detail: { reason: 'changed', path },
    })
  if (Number(start) > from) throw new Trouble('broken', 'a gap in the answer', corrupt(path))
  return from - Number(start)
}

const CONTENT_RANGE = /^bytes (\d+)-\d+\/(\d+|\*)$/

/** Of the whole file, where the server says it and lets the page read it. */
const lengthOf = ({ status, headers }: Response): number | undefined => {
  if (headers.has('content-encoding')) return undefined // what comes is longer
  const [, , of] = CONTENT_RANGE.exec(headers.get('content-range') ?? '') ?? []
  const text = status === 206 ? of : headers.get('content-length')
  return text && /^\d+$/.test(text) ? Number(text) : undefined
}

interface Reader {
  /** What comes is there until the next call. */
  read(): Promise<ReadableStreamReadResult<Uint8Array<ArrayBuffer>>>
  cancel(): Promise<void>
}

const BUFFER_BYTES = 2 ** 20

/** Into the same memory over and over, where the browser can: a quarter faster, and nothing to collect. */
const readerOf = (body: ReadableStream<Uint8Array<ArrayBuffer>>): Reader => {
  let reader: ReadableStreamBYOBReader
  try {
    reader = body.getReader({ mode: 'byob' })
  } catch {
    return body.getReader() // not Chromium or Firefox
  }
  let buffer = new Uint8Array(BUFFER_BYTES)
  return {
    async read() {
      const { done, value } = await reader.read(buffer)
      if (done) return { done, value: undefined }
      buffer = new Uint8Array(value.buffer)
      return { done, value }
    },
    cancel: () => reader.cancel(),
  }
}

const broken = async <R>(reading: Promise<R>, url: string): Promise<R> => {
  try {
    return await reading
  } catch (cause) {
    throw new Trouble('broken', `${url} broke off`, await unreachable(url, cause))
  }
}

const corrupt = (path: string) =>
  new Fault('load-failed', `what came for ${path} is not what is listed`, {
    detail: { reason: 'corrupt', path },
  })
