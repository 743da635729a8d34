/**
 * @file The cache `weights`, where files cannot be written to OPFS: `/weights/<sha256>` is a file, `/weights/repos/<name>` a
 * record. What is in a cache cannot be added to: a file that was cut off begins anew.
 */
import type { ListedFile } from '../../src/shared/contracts'
import { Fault } from '../../src/shared/fault'
import { cachedAs, openWeights, WEIGHTS } from '../runtime/weights'
import { noRoom } from '../runtime/opfs'
import type { Part, Vault } from './vault'

/** Throws `unsupported` where there is no cache either. */
export const openCache = async (): Promise<Vault> => {
  try {
    return new CacheVault(await caches.open(WEIGHTS))
  } catch (cause) {
    throw new Fault('unsupported', 'this browser lets the page keep no files', {
      detail: { what: 'storage' },
      cause,
    })
  }
}

const REPOS = cachedAs('repos/')

class CacheVault implements Vault {
  readonly #cache: Cache

  constructor(cache: Cache) {
    this.#cache = cache
  }

  async has(sha256: string) {
    return (await this.#cache.match(cachedAs(sha256))) !== undefined
  }

  open(sha256: string) {
    return openWeights(sha256)
  }

  async whole() {
    const folder = cachedAs('')
    const names = (await this.#cache.keys()).map(({ url }) => url.slice(folder.length))
    return new Set(names.filter((name) => /^[0-9a-f]{64}$/.test(name)))
  }

  async begun() {
    return new Map<string, undefined>()
  }

  async part(digest: ListedFile['digest']) {
    return new CachePart(this.#cache, digest)
  }

  async forget() {
    // Nothing is left of what is not whole.
  }

  async remove(sha256: string) {
    await this.#cache.delete(cachedAs(sha256))
  }

  async records() {
    const texts = new Map<string, string>()
    for (const { url } of await this.#cache.keys()) {
      if (!url.startsWith(REPOS)) continue
      const name = decodeURIComponent(url.slice(REPOS.length))
      const text = await this.record(name)
      if (text !== undefined) texts.set(name, text)
    }
    return texts
  }

  async record(name: string) {
    return (await this.#cache.match(recordAs(name)))?.text()
  }

  async writeRecord(name: string, text: string) {
    await put(this.#cache, recordAs(name), text)
  }

  async removeRecord(name: string) {
    await this.#cache.delete(recordAs(name))
  }
}

class CachePart implements Part {
  readonly label = undefined
  readonly #cache: Cache
  readonly #digest: ListedFile['digest']
  #stream: Stream | undefined
  /** Of a file whose SHA-256, and so its address, is not known before it is whole. Such files are small. */
  #chunks: Uint8Array<ArrayBuffer>[] = []

  constructor(cache: Cache, digest: ListedFile['digest']) {
    this.#cache = cache
    this.#digest = digest
  }

  async write(bytes: Uint8Array<ArrayBuffer>) {
    if (this.#digest.kind === 'git') {
      this.#chunks.push(bytes.slice())
      return
    }
    this.#stream ??= this.#open(this.#digest.hex)
    const { writer, stored } = this.#stream
    // Whichever knows first that there is no room.
    await Promise.race([writer.write(bytes.slice()), stored.then(() => writer.closed)])
  }

  async restart() {
    await this.close()
  }

  async save() {
    // A cache takes all of a file or nothing.
  }

  async keep(sha256: string) {
    if (this.#digest.kind === 'git' || !this.#stream)
      await put(this.#cache, cachedAs(sha256), new Blob(this.#chunks))
    else {
      await this.#stream.writer.close()
      await this.#stream.stored
    }
  }

  async close() {
    this.#chunks = []
    const stream = this.#stream
    this.#stream = undefined
    await stream?.writer.abort().catch(() => undefined)
    await stream?.stored.catch(() => undefined)
  }

  #open(sha256: string): Stream {
    const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>()
    const stored = put(this.#cache, cachedAs(sha256), readable)
    stored.catch(() => undefined) // whoever writes next learns of it
    return { writer: writable.getWriter(), stored }
  }
}

interface Stream {
  readonly writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>
  readonly stored: Promise<void>
}

const recordAs = (name: string) => REPOS + encodeURIComponent(name)

const put = async (cache: Cache, url: string, body: BodyInit) => {
  try {
    await cache.put(url, new Response(body))
  } catch (e) {
    throw e instanceof DOMException && e.name === 'QuotaExceededError' ? noRoom(e) : e
  }
}
