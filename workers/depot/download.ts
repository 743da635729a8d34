/** @file One file over the network, however often the connection breaks. */
import type { FetchStep, ListedFile } from '../../src/shared/contracts'
import { Fault } from '../../src/shared/fault'
import { refusalOf, unreachable } from '../../src/shared/refusal'
import { isPassing, listen, pause, pauseMs, retryAfterS, type Patience } from '../../src/shared/retry'
import { pacer } from '../runtime/told'
import type { Intake } from './intake'

export interface Source {
  readonly url: string
  readonly file: ListedFile
  readonly token: string | undefined
}

type Waiting = Extract<FetchStep, { kind: 'waiting' }>

/**
 * Fetch what is missing of it, `finish`, and return its SHA-256. Throws `not-allowed`, `no-room`, `load-failed`, or `offline` when some
 * tries in a row have brought nothing. That is also what a server gets whose answers no page may read (CORS): a browser does
 * not tell the two apart.
 */
export const download = async (
  signal: AbortSignal,
  source: Source,
  intake: Intake,
  finish: () => Promise<string | undefined>,
  patience: Patience,
  tell: (step: FetchStep) => void,
): Promise<string> => {
  const { path, bytes: of } = source.file
  const progress = pacer(() => tell({ kind: 'bytes', path, bytes: intake.written, of }))
  let spoilt = false
  let fruitless = 0
  for (;;) {
    const before = intake.written
    let trouble: Trouble | undefined
    try {
      if (!intake.whole) await attempt(signal, source, intake, patience, progress)
      if (!intake.whole) trouble = new Trouble('broken', `${path} ended early`, corrupt(path))
    } catch (e) {
      signal.throwIfAborted()
      if (!(e instanceof Trouble)) throw e
      trouble = e
    }
    if (!trouble) {
      const sha256 = await finish()
      if (sha256) return sha256
      await intake.restart()
      // Once more: a proxy or a disk may have garbled it. Twice the same is what they have there.
      if (spoilt) throw corrupt(path)
      spoilt = true
      fruitless = 0
      continue
    }
    fruitless = intake.written > before ? 0 : fruitless + 1
    if (fruitless >= patience.tries) throw trouble.fault
    const ms = pauseMs(patience, fruitless, trouble.askedS)
    tell({ kind: 'waiting', path, seconds: ms / 1000, why: trouble.why })
    await pause(signal, ms)
  }
}

/** What may pass, and what it comes to if it does not. */
class Trouble extends Error {
  readonly why: Waiting['why']
  readonly fault: Fault
  readonly askedS: number

  constructor(why: Waiting['why'], message: string, fault: Fault, askedS = 0) {
    super(message, { cause: fault.cause })
    this.why = why
    this.fault = fault
    this.askedS = askedS
  }
}

/** One request. Returns when the answer has ended or all is here. */
const attempt = async (
  signal: AbortSignal,
  { url, file, token }: Source,
  intake: Intake,
  { stallMs }: Patience,
  progress: () => void,
) => {
  const stop = new AbortController()
  const giveUp = () => stop.abort()
  signal.addEventListener('abort', giveUp, { once: true })
  const silence = listen(stallMs, giveUp)
  try {
    const from = intake.written
    const response = await reach(stop.signal, url, from, token)
    let skip = skipped(response, url, from, file)
    if (!response.body) return
    const reader = readerOf(response.body)
    try {
      while (!intake.whole) {
        const { done, value } = await broken(reader.read(), url)
        if (done) return
        silence.heard()
        // `take` may wait for a disk, and a busy disk is no silent server.
        const pass = Math.min(skip, value.length)
        skip -= pass
        if (pass < value.length) await intake.take(pass ? value.subarray(pass) : value)
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
const skipped = ({ status, headers }: Response, url: string, from: number, file: ListedFile): number => {
  if (status !== 206) return from
  const [, start, of] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? []
  if (start === undefined) return 0 // not for pages to read: the hash will tell
  if (of !== '*' && Number(of) !== file.bytes)
    throw new Fault('load-failed', `${url} has ${of} bytes, listed are ${file.bytes}`, {
      detail: { reason: 'changed', path: file.path },
    })
  if (Number(start) > from) throw new Trouble('broken', 'a gap in the answer', corrupt(file.path))
  return from - Number(start)
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
