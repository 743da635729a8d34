/** @file The depot: who may write what and when; how a file comes in is `download`, where it lies is a `Vault`. */
import type { Depot, FetchStep, KeptFile, KeptRepo, ListedFile, Listing } from '../../src/shared/contracts'
import { Fault } from '../../src/shared/fault'
import { PATIENCE, type Patience } from '../../src/shared/retry'
import { handOver } from '../../src/shared/wire'
import { openCache } from './cache'
import { Digest } from './digest'
import { BLOCK_BYTES, Intake, type Wanted } from './intake'
import { openFolder } from './opfs'
import { entryOf, readRecord, Records, withFile, without, type RepoRecord } from './records'
import { told, together, Turns, type Tell } from './steps'
import { readTar, writeTar } from './tar'
import type { Vault } from './vault'
import { keepRuntime } from '../runtime/asset'
import { download } from '../runtime/download'
import { demandRoom } from '../runtime/opfs'

/** In an archive, beside the files: all records. */
const INDEX = 'index.json'
/** At once; a large one fills a connection by itself. */
const AT_ONCE = 3
const LARGE_AT_ONCE = 2
const LARGE_BYTES = 32 * 2 ** 20

type Which = Pick<Listing, 'repo' | 'commit'>
type Place = Pick<Listing, 'repo' | 'commit' | 'base'>
/** Writes a file into the depot and returns its SHA-256. */
type Bring = (
  signal: AbortSignal,
  intake: Intake,
  finish: () => Promise<string | undefined>,
) => Promise<string>

export class DepotThread implements Depot {
  readonly #patience: Patience
  readonly #blockBytes: number
  readonly #turns = new Turns(AT_ONCE, LARGE_AT_ONCE)
  #opening: Promise<{ vault: Vault; records: Records }> | undefined

  constructor({ patience = PATIENCE, blockBytes = BLOCK_BYTES } = {}) {
    this.#patience = patience
    this.#blockBytes = blockBytes
  }

  async list(signal: AbortSignal): Promise<readonly KeptRepo[]> {
    const { vault, records } = await this.#open(signal)
    const whole = await vault.whole()
    const repos = new Map<string, { -readonly [K in keyof KeptRepo]: KeptRepo[K] }>()
    const keyOf = ({ repo, commit }: Which) => `${repo}@${commit}`
    for (const record of await records.all()) {
      const entries = Object.entries(record.files).map(([path, { bytes, sha256 }]) => ({
        path,
        bytes,
        sha256,
      }))
      const files = entries.filter(({ sha256 }) => whole.has(sha256))
      // What the browser has cleared is to be fetched like what has not come yet.
      const gone = entries
        .filter((entry) => !files.includes(entry))
        .map(({ path, bytes }) => [path, bytes] as const)
      const missing = [...gone, ...Object.entries(record.awaited ?? {})]
      const partial = missing.map(([path, of]) => ({ path, bytes: 0, of }))
      const { repo, commit, base, usedMs } = record
      repos.set(keyOf(record), { repo, commit, base, usedMs, files, partial })
    }
    for (const label of (await vault.begun()).values()) {
      if (!label) continue
      const { repo, commit, base, path, written, of } = label
      const known = repos.get(keyOf(label)) ?? { repo, commit, base, usedMs: 0, files: [], partial: [] }
      if (known.files.some((file) => file.path === path)) continue
      const others = known.partial.filter((file) => file.path !== path)
      known.partial = [...others, { path, bytes: written, of }]
      repos.set(keyOf(label), known)
    }
    signal.throwIfAborted()
    return [...repos.values()].filter(
      ({ files, partial }) => files.length > 0 || partial.some(({ bytes }) => bytes > 0),
    )
  }

  async *fetch(
    signal: AbortSignal,
    listing: Listing,
    paths: readonly string[],
    { token }: { readonly token?: string } = {},
  ): AsyncGenerator<FetchStep, void> {
    const { vault, records } = await this.#open(signal)
    const files = [...new Set(paths)].map((path) => listed(listing, path))
    await roomFor(vault, records, files)
    yield* told(signal, (signal, tell) =>
      together(
        signal,
        files.map((file) => (signal) => {
          const { path, bytes: of } = file
          const url = listing.base + path.split('/').map(encodeURIComponent).join('/')
          return this.#have(
            signal,
            vault,
            records,
            { ...placeOf(listing), file },
            tell,
            (signal, intake, finish) =>
              download(signal, { url, path, bytes: of, token }, intake, finish, this.#patience, {
                bytes: () => tell({ kind: 'bytes', path, bytes: intake.written, of }),
                waiting: (seconds, why) => tell({ kind: 'waiting', path, seconds, why }),
              }),
            files,
          )
        }),
      ),
    )
    await keepRuntime()
  }

  async *add(
    signal: AbortSignal,
    repo: Place & { readonly files?: readonly ListedFile[] },
    files: readonly { readonly path: string; readonly file: Blob }[],
  ): AsyncGenerator<FetchStep, void> {
    const { vault, records } = await this.#open(signal)
    yield* told(signal, async (signal, tell) => {
      for (const { path, file } of files) {
        const { files: known } = repo
        const wanted = known
          ? listed({ ...repo, files: known }, path)
          : { path, bytes: file.size, digest: { kind: 'sha256', hex: await digestOf(signal, file) } as const }
        if (wanted.bytes !== file.size) throw notListed(path)
        await this.#have(
          signal,
          vault,
          records,
          { ...placeOf(repo), file: wanted },
          tell,
          copy(file, wanted, tell),
        )
      }
    })
    await keepRuntime()
  }

  async read(signal: AbortSignal, { sha256 }: Pick<KeptFile, 'sha256'>): Promise<Blob> {
    const { vault } = await this.#open(signal)
    if (await vault.has(sha256)) return vault.open(sha256)
    throw new Fault('bad-input', `nothing is kept under ${sha256}`, { detail: { reason: 'gone' } })
  }

  async use(signal: AbortSignal, which: Which): Promise<void> {
    const { records } = await this.#open(signal)
    await records.amend(which, (record) => record && { ...record, usedMs: Date.now() })
  }

  async remove(signal: AbortSignal, which: Which, paths?: readonly string[]): Promise<void> {
    const { vault, records } = await this.#open(signal)
    const meant = (path: string) => !paths || paths.includes(path)
    await records.amend(which, (record) => {
      if (!record) return undefined
      return { ...record, files: without(record.files, meant), awaited: without(record.awaited, meant) }
    })
    for (const [digest, label] of await vault.begun()) {
      const mine = label?.repo === which.repo && label.commit === which.commit && meant(label.path)
      // Without a label nobody can go on with it: its writer was killed within the first block.
      if (mine || !label) await ifIdle(digest, () => vault.forget(digest))
    }
    await this.#sweep(vault, records)
  }

  async *pack(signal: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    const { vault, records } = await this.#open(signal)
    const whole = await vault.whole()
    const all = (await records.all()).map((record) => ({
      ...record,
      files: Object.fromEntries(Object.entries(record.files).filter(([, { sha256 }]) => whole.has(sha256))),
    }))
    const index = new Blob([JSON.stringify(all)])
    const names = new Set(all.flatMap(({ files }) => Object.values(files).map(({ sha256 }) => sha256)))
    const entries = [
      { name: INDEX, open: async () => index },
      ...[...names].map((name) => ({ name, open: () => vault.open(name) })),
    ]
    for await (const chunk of writeTar(entries)) {
      signal.throwIfAborted()
      yield handOver(chunk, [chunk.buffer])
    }
  }

  async *unpack(signal: AbortSignal, archive: Blob): AsyncGenerator<FetchStep, void> {
    const { vault, records } = await this.#open(signal)
    const packed = new Map((await readTar(archive)).map(({ name, file }) => [name, file]))
    const wanted = (await indexOf(packed)).flatMap((record) => filesOf(record, packed))
    yield* told(signal, async (signal, tell) => {
      for (const { sha256, source, ...one } of wanted)
        await this.#have(signal, vault, records, one, tell, async (signal, intake, finish) => {
          const found = await copy(source, one.file, tell)(signal, intake, finish)
          if (found !== sha256) throw notListed(one.file.path)
          return found
        })
    })
    await keepRuntime()
  }

  /**
   * A file is here when this has ended: found, or brought. One that writes it over all tabs; where it is another tab, this waits
   * and goes on where that one was, if it ended early.
   */
  async #have(
    signal: AbortSignal,
    vault: Vault,
    records: Records,
    wanted: Wanted,
    tell: Tell,
    bring: Bring,
    among: readonly ListedFile[] = [],
  ): Promise<void> {
    const { file } = wanted
    const { hex } = file.digest
    const enter = async (sha256: string, keep?: () => Promise<void>) =>
      records.amend(wanted, async (record) => {
        await keep?.()
        return withFile(record, wanted, file.path, entryOf(sha256, file), among)
      })
    const queued = () => tell({ kind: 'queued', path: file.path })
    const kept = (sha256: string): KeptFile => ({ path: file.path, bytes: file.bytes, sha256 })
    await alone(
      signal,
      hex,
      () => tell({ kind: 'elsewhere', path: file.path }),
      async () => {
        await unchanged(records, wanted)
        const here = await records.find(file.digest)
        if (here !== undefined) await enter(here)
        const sha256 =
          here ??
          (await this.#turns.in(
            signal,
            file.bytes >= LARGE_BYTES,
            async () => {
              const intake = await Intake.open(vault, wanted, this.#blockBytes)
              const finish = async () => {
                const sha256 = intake.digest()
                // Named and entered in one, so that nobody takes it for a stray in between.
                if (sha256 !== undefined) await enter(sha256, () => intake.keep(sha256))
                return sha256
              }
              try {
                return await bring(signal, intake, finish)
              } finally {
                await intake.close()
                if (intake.written === 0) await vault.forget(hex)
              }
            },
            queued,
          ))
        await vault.forget(hex)
        tell({ kind: 'kept', file: kept(sha256) })
      },
    )
  }

  /** Whole files that no repository names any more. */
  async #sweep(vault: Vault, records: Records) {
    await records.exclusively(async () => {
      const named = (await records.all()).flatMap(({ files }) => Object.values(files))
      const begun = await vault.begun()
      for (const sha256 of await vault.whole())
        if (!begun.has(sha256) && !named.some((file) => file.sha256 === sha256)) await vault.remove(sha256)
    })
  }

  async #open(signal: AbortSignal) {
    signal.throwIfAborted()
    this.#opening ??= (async () => {
      const vault = (await openFolder()) ?? (await openCache())
      return { vault, records: new Records(vault) }
    })()
    this.#opening.catch(() => (this.#opening = undefined)) // the next one to ask tries again
    return this.#opening
  }
}

const placeOf = ({ repo, commit, base }: Place): Place => ({ repo, commit, base })

const listed = ({ repo, commit, files }: Omit<Listing, 'base'>, path: string): ListedFile => {
  const file = files.find((listed) => listed.path === path)
  if (file) return file
  throw new Fault('load-failed', `${repo} has no ${path} at ${commit}`, {
    detail: { reason: 'not-found', path },
  })
}

const notListed = (path: string) =>
  new Fault('load-failed', `${path} is not the file that is listed`, { detail: { reason: 'corrupt', path } })

/** What a commit holds does not change: if the listing says otherwise, one of the two is not what it says it is. */
const unchanged = async (records: Records, { repo, commit, file }: Wanted) => {
  const entry = (await records.of({ repo, commit }))?.files[file.path]
  if (!entry) return
  const { kind, hex } = file.digest
  const known = kind === 'sha256' ? entry.sha256 : entry.git
  if (known === undefined || known === hex) return
  throw new Fault('load-failed', `${file.path} of ${repo} was another file at the same commit`, {
    detail: { reason: 'changed', path: file.path },
  })
}

/** Throws `no-room` before anything is fetched, where the browser says how much there is. */
const roomFor = async (vault: Vault, records: Records, files: readonly ListedFile[]) => {
  const begun = await vault.begun()
  let needed = 0
  for (const { digest, bytes } of files)
    if (!(await records.find(digest))) needed += bytes - (begun.get(digest.hex)?.written ?? 0)
  await demandRoom(needed)
}

const copy =
  (source: Blob, { path, bytes: of }: ListedFile, tell: Tell): Bring =>
  async (signal, intake, finish) => {
    await read(signal, source.slice(intake.written), async (chunk) => {
      await intake.take(chunk)
      tell({ kind: 'bytes', path, bytes: intake.written, of })
    })
    const sha256 = intake.whole ? await finish() : undefined
    if (sha256) return sha256
    await intake.restart()
    throw notListed(path)
  }

const digestOf = async (signal: AbortSignal, file: Blob): Promise<string> => {
  const digest = await Digest.of(file.size)
  await read(signal, file, (chunk) => digest.update(chunk))
  return digest.finish()!
}

const read = async (
  signal: AbortSignal,
  file: Blob,
  take: (chunk: Uint8Array<ArrayBuffer>) => void | Promise<void>,
) => {
  const reader = file.stream().getReader()
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      signal.throwIfAborted()
      await take(step.value)
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

const indexOf = async (packed: ReadonlyMap<string, Blob>): Promise<readonly RepoRecord[]> => {
  try {
    const index: unknown = JSON.parse((await packed.get(INDEX)?.text()) ?? '')
    if (Array.isArray(index)) return index.flatMap((record) => readRecord(record) ?? [])
  } catch {
    // said below
  }
  throw new Fault('bad-input', 'this is no archive of models', {
    detail: { what: 'pack', reason: 'not-a-pack' },
  })
}

/** Verified by what they were verified by before, so that nobody smuggles in a file under git's name for another. */
const filesOf = (record: RepoRecord, packed: ReadonlyMap<string, Blob>) =>
  Object.entries(record.files).flatMap(([path, { sha256, bytes, git }]) => {
    const source = packed.get(sha256)
    if (!source) return []
    const digest = git ? ({ kind: 'git', hex: git } as const) : ({ kind: 'sha256', hex: sha256 } as const)
    return { ...placeOf(record), file: { path, bytes, digest }, sha256, source }
  })

/** The only one to write the file with this digest. `busy` is told when one has to wait for it. */
const alone = async (
  signal: AbortSignal,
  digest: string,
  busy: () => void,
  work: () => Promise<void>,
): Promise<void> => {
  const name = `depot:${digest}`
  const at = await navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
    if (lock) await work()
    return lock !== null
  })
  if (at) return
  busy()
  await navigator.locks.request(name, { signal }, work)
}

const ifIdle = (digest: string, work: () => Promise<void>) =>
  navigator.locks.request(`depot:${digest}`, { ifAvailable: true }, async (lock) => {
    if (lock) await work()
  })
