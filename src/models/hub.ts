/** @file A hub of models: what a repository holds at a commit, and its small texts. The depot fetches the rest. */
import type { ListedFile, Listing } from '../shared/contracts'
import { Fault } from '../shared/fault'
import { refusalOf, unreachable } from '../shared/refusal'
import { isPassing, listen, PATIENCE, pause, pauseMs, retryAfterS, type Patience } from '../shared/retry'

export const HUB = 'https://huggingface.co'

export interface Access {
  /** The address of a mirror; without it the hub itself. */
  readonly host?: string
  /** For what the hub gives to some only. It is sent to this host and nowhere else. */
  readonly token?: string
  readonly patience?: Patience
  /** It will be tried again in so many seconds. */
  readonly told?: (waiting: { readonly seconds: number; readonly why: 'busy' | 'offline' }) => void
}

/** Somebody sits and waits for the answer. */
const ASKING: Patience = { ...PATIENCE, tries: 4, stallMs: 10_000 }

/** Not even a large repository has as many pages of files. */
const MAX_PAGES = 100
/** An answer of the hub's API is at most so large, bytes: a thousand files with their digests are half a megabyte. */
const MAX_ANSWER = 8 * 2 ** 20
/** Configurations are some kilobytes; a tokenizer's vocabulary is no text to read here. */
const MAX_TEXT = 2 ** 20

/** "owner/name", as the hub has them; a few old ones are a name only. */
export const isRepoName = (text: string): boolean => {
  const parts = text.split('/')
  return (
    parts.length <= 2 && parts.every((part) => /^\w([\w.-]{0,94}\w)?$/.test(part) && !/--|\.\./.test(part))
  )
}

/**
 * What a repository holds, at the commit that a branch, a tag or the beginning of a commit names now. Throws `bad-input` (no
 * such name is possible), `not-allowed` (gated, private, or not there at all: the hub does not tell), `load-failed` or `offline`.
 */
export const listing = async (
  signal: AbortSignal,
  repo: string,
  revision = 'main',
  access: Access = {},
): Promise<Listing> => {
  if (!isRepoName(repo))
    throw new Fault('bad-input', `${repo} is no name of a repository`, { detail: { reason: 'no-repo-name' } })
  const host = hostOf(access)
  const api = `${host}/api/models/${repo}`
  const info = await get(signal, `${api}/revision/${encodeURIComponent(revision)}`, access)
  const commit = field(parse(info.text, info.url), 'sha')
  if (typeof commit !== 'string' || !/^[0-9a-f]{40}$/.test(commit)) throw notJson(info.url)
  const files: ListedFile[] = []
  let next: string | undefined = `${api}/tree/${commit}?recursive=true`
  for (let page = 0; next !== undefined && page < MAX_PAGES; page++) {
    const { text, url, link }: Answer = await get(signal, next, access)
    const entries = parse(text, url)
    if (!Array.isArray(entries)) throw notJson(url)
    files.push(...entries.flatMap((entry) => fileOf(entry) ?? []))
    next = nextPage(link, url)
  }
  return { repo, commit, base: `${host}/${repo}/resolve/${commit}/`, files }
}

/** A small text of it, like `config.json`. Throws as `listing` does, and `load-failed` with reason `too-large`. */
export const readText = async (
  signal: AbortSignal,
  { base, repo, files }: Listing,
  path: string,
  access: Access = {},
): Promise<string> => {
  if (!files.some((file) => file.path === path))
    throw new Fault('load-failed', `${repo} has no ${path}`, { detail: { reason: 'not-found', path } })
  const url = base + path.split('/').map(encodeURIComponent).join('/')
  return (await get(signal, url, access, MAX_TEXT)).text
}

/** The same as JSON; what a captive portal or a broken mirror sends instead is `load-failed` with reason `not-json`. */
export const readJson = async (
  signal: AbortSignal,
  listing: Listing,
  path: string,
  access: Access = {},
): Promise<unknown> => parse(await readText(signal, listing, path, access), listing.base + path)

interface Answer {
  readonly text: string
  readonly url: string
  readonly link: string | null
}

const hostOf = ({ host = HUB }: Access) => host.replace(/\/+$/, '')

const get = async (signal: AbortSignal, url: string, access: Access, limit = MAX_ANSWER): Promise<Answer> => {
  const { patience = ASKING, told } = access
  for (let tries = 1; ; tries++) {
    const result = await ask(signal, url, access, patience, limit)
    if (!(result instanceof Turned)) return result
    if (tries >= patience.tries) throw result.fault
    const ms = pauseMs(patience, tries, result.askedS)
    told?.({ seconds: ms / 1000, why: result.fault.code === 'offline' ? 'offline' : 'busy' })
    await pause(signal, ms)
  }
}

/** Not now; perhaps later. */
class Turned {
  readonly fault: Fault
  readonly askedS: number | undefined

  constructor(fault: Fault, askedS?: number) {
    this.fault = fault
    this.askedS = askedS
  }
}

const ask = async (
  signal: AbortSignal,
  url: string,
  { host, token }: Access,
  { stallMs }: Patience,
  limit: number,
): Promise<Answer | Turned> => {
  const stop = new AbortController()
  const giveUp = () => stop.abort()
  signal.throwIfAborted()
  signal.addEventListener('abort', giveUp, { once: true })
  const silence = listen(stallMs, giveUp)
  const mine = url.startsWith(`${hostOf(host === undefined ? {} : { host })}/`)
  try {
    const response = await fetch(url, {
      signal: stop.signal,
      headers: token && mine ? { authorization: `Bearer ${token}` } : {},
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
    })
    if (!response.ok) {
      const fault = refusalOf(response, url, token !== undefined)
      if (!isPassing(response.status)) throw fault
      return new Turned(fault, retryAfterS(response.headers))
    }
    const text = await textOf(response, url, limit, silence.heard)
    return { text, url, link: response.headers.get('link') }
  } catch (cause) {
    signal.throwIfAborted()
    if (cause instanceof Fault) throw cause
    const fault = await unreachable(url, cause)
    if (fault.code !== 'offline') throw fault
    return new Turned(fault)
  } finally {
    silence.end()
    signal.removeEventListener('abort', giveUp)
    stop.abort()
  }
}

/** No more of it is read than is wanted, whatever it says about its length. */
const textOf = async (response: Response, url: string, limit: number, heard: () => void): Promise<string> => {
  const decoder = new TextDecoder()
  const reader = response.body?.getReader()
  let text = ''
  let bytes = 0
  for (let step = await reader?.read(); step && !step.done; step = await reader?.read()) {
    heard()
    bytes += step.value.length
    if (bytes > limit)
      throw new Fault('load-failed', `${url} is larger than ${limit} bytes`, {
        detail: { reason: 'too-large' },
      })
    text += decoder.decode(step.value, { stream: true })
  }
  return text + decoder.decode()
}

const parse = (text: string, url: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw notJson(url, cause)
  }
}

const notJson = (url: string, cause?: unknown) =>
  new Fault('load-failed', `${url} is not the JSON it should be`, { detail: { reason: 'not-json' }, cause })

/** Directories are listed, too; what is no file is none. */
const fileOf = (entry: unknown): ListedFile | undefined => {
  const path = field(entry, 'path')
  const bytes = field(entry, 'size')
  if (field(entry, 'type') !== 'file' || typeof path !== 'string' || typeof bytes !== 'number')
    return undefined
  const sha256 = field(field(entry, 'lfs'), 'oid')
  const git = field(entry, 'oid')
  if (typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256))
    return { path, bytes, digest: { kind: 'sha256', hex: sha256 } }
  if (typeof git === 'string' && /^[0-9a-f]{40}$/.test(git))
    return { path, bytes, digest: { kind: 'git', hex: git } }
  return undefined // it could not be verified
}

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined

/** `<address>; rel="next"`. A mirror may pass on the hub's own address: only what follows the host counts. */
const nextPage = (link: string | null, url: string): string | undefined => {
  const [, next] = /<([^>]+)>;\s*rel="next"/.exec(link ?? '') ?? []
  if (next === undefined) return undefined
  const address = new URL(next, url)
  const here = new URL(url)
  here.search = address.search
  return here.href
}
