/** @file What is here of which repository: one small JSON each, which names its files by their SHA-256. */
import type { ListedFile, Listing } from '../../src/shared/contracts'
import type { Vault } from './vault'

/** A file of a repository. */
export interface Entry {
  readonly sha256: string
  readonly bytes: number
  /** git's name of it, where that is what it was verified by. */
  readonly git?: string
}

export interface RepoRecord extends Pick<Listing, 'repo' | 'commit' | 'base'> {
  /** Milliseconds since 1970. */
  readonly usedMs: number
  readonly files: Readonly<Record<string, Entry>>
  /** Asked for and not here yet, by their bytes: without them what is here may look whole, after a crash. */
  readonly awaited?: Readonly<Record<string, number>>
}

type Which = Pick<Listing, 'repo' | 'commit'>

/** Only one writes them over all tabs, and nobody removes files meanwhile. */
const LOCK = 'depot'

export class Records {
  readonly #vault: Vault

  constructor(vault: Vault) {
    this.#vault = vault
  }

  async all(): Promise<readonly RepoRecord[]> {
    const texts = await this.#vault.records()
    return [...texts.values()].flatMap((text) => parseRecord(text) ?? [])
  }

  async of(which: Which): Promise<RepoRecord | undefined> {
    const text = await this.#vault.record(nameOf(which))
    return text === undefined ? undefined : parseRecord(text)
  }

  /** Change what is recorded of a repository; undefined is nothing. */
  amend(
    which: Which,
    change: (before: RepoRecord | undefined) => RepoRecord | undefined | Promise<RepoRecord | undefined>,
  ): Promise<void> {
    return this.exclusively(async () => {
      const after = await change(await this.of(which))
      if (after && Object.keys(after.files).length > 0)
        await this.#vault.writeRecord(nameOf(which), JSON.stringify(after))
      else await this.#vault.removeRecord(nameOf(which))
    })
  }

  exclusively<R>(work: () => Promise<R>): Promise<R> {
    return navigator.locks.request(LOCK, work)
  }

  /** The SHA-256 of a file that is here, whichever repository brought it. */
  async find({ kind, hex }: ListedFile['digest']): Promise<string | undefined> {
    const sha256 = kind === 'sha256' ? hex : await this.#ofGit(hex)
    return sha256 !== undefined && (await this.#vault.has(sha256)) ? sha256 : undefined
  }

  async #ofGit(hex: string) {
    for (const { files } of await this.all())
      for (const { git, sha256 } of Object.values(files)) if (git === hex) return sha256
    return undefined
  }
}

/** The repository as before, with this file; `among`: all that were asked for with it. */
export const withFile = (
  before: RepoRecord | undefined,
  { repo, commit, base }: Pick<Listing, 'repo' | 'commit' | 'base'>,
  path: string,
  entry: Entry,
  among: readonly ListedFile[],
): RepoRecord => {
  const files = { ...before?.files, [path]: entry }
  const asked = { ...before?.awaited, ...Object.fromEntries(among.map(({ path, bytes }) => [path, bytes])) }
  const awaited = without(asked, (path) => path in files)
  return {
    repo,
    commit,
    base,
    usedMs: Date.now(),
    files,
    ...(Object.keys(awaited).length > 0 && { awaited }),
  }
}

export const without = <T>(all: Readonly<Record<string, T>> = {}, which: (path: string) => boolean) =>
  Object.fromEntries(Object.entries(all).filter(([path]) => !which(path)))

export const entryOf = (sha256: string, { bytes, digest }: ListedFile): Entry => ({
  sha256,
  bytes,
  ...(digest.kind === 'git' && { git: digest.hex }),
})

const nameOf = ({ repo, commit }: Which) => `${encodeURIComponent(repo)}@${encodeURIComponent(commit)}`

/** Undefined for anything that is none: a record may come from another machine, or have been cut off. */
export const parseRecord = (text: string): RepoRecord | undefined => {
  try {
    return readRecord(JSON.parse(text))
  } catch {
    return undefined
  }
}

export const readRecord = (value: unknown): RepoRecord | undefined => {
  if (!isObject(value) || !isObject(value['files'])) return undefined
  const { repo, commit, base, usedMs } = value
  if (typeof repo !== 'string' || typeof commit !== 'string' || typeof base !== 'string') return undefined
  const files: Record<string, Entry> = {}
  for (const [path, entry] of Object.entries(value['files'])) {
    if (!isObject(entry)) return undefined
    const { sha256, bytes, git } = entry
    if (!isHex(sha256, 64) || typeof bytes !== 'number' || !(bytes >= 0)) return undefined
    files[path] = { sha256, bytes, ...(isHex(git, 40) && { git }) }
  }
  const awaited = Object.entries(isObject(value['awaited']) ? value['awaited'] : {}).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  )
  return {
    repo,
    commit,
    base,
    usedMs: typeof usedMs === 'number' ? usedMs : 0,
    files,
    ...(awaited.length > 0 && { awaited: Object.fromEntries(awaited) }),
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isHex = (value: unknown, digits: number): value is string =>
  typeof value === 'string' && value.length === digits && /^[0-9a-f]+$/.test(value)
