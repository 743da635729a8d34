/** @file The files of models on this device: fetched once, kept in Cache Storage, with progress for whoever looks. */
import { SvelteMap } from 'svelte/reactivity'
import type { ModelFile } from '../shared/contracts'
import { Fault } from '../shared/fault'

/** A file on its way, or what came of it. Files never asked for have no entry. */
export type FileState =
  | { readonly state: 'fetching'; readonly bytes: number; readonly of: number }
  /** `kept`: it will be there without a network. */
  | { readonly state: 'here'; readonly kept: boolean }
  | { readonly state: 'failed'; readonly fault: Fault }

/** The service worker (pwa/sw.ts) answers from this cache too, and drops what a new version no longer names. */
const CACHE = 'files'
const PROGRESS_MS = 100

export class Library {
  readonly #states = new SvelteMap<string, FileState>()
  readonly #jobs = new Map<string, Promise<void>>()

  stateOf(file: ModelFile): FileState | undefined {
    return this.#states.get(file.url)
  }

  /**
   * Have all of these files on the device. Giving up waiting does not stop a download: the file will be wanted again.
   * Throws `offline` or `load-failed`. A device that is full or may not keep files is no failure: they are used as they come.
   */
  async have(signal: AbortSignal, files: readonly ModelFile[]): Promise<void> {
    signal.throwIfAborted()
    const jobs = files.map((file) => {
      const job = this.#jobs.get(file.url) ?? this.#fetch(file)
      this.#jobs.set(file.url, job)
      job.catch(() => this.#jobs.delete(file.url)) // the next one to ask tries again
      return job
    })
    const { promise: given, reject } = Promise.withResolvers<never>()
    const giveUp = () => reject(new Fault('aborted', 'no longer waited for'))
    signal.addEventListener('abort', giveUp, { once: true })
    await Promise.race([Promise.all(jobs), given]).finally(() => signal.removeEventListener('abort', giveUp))
  }

  async #fetch(file: ModelFile): Promise<void> {
    const cache = await open()
    if (await cache?.match(file.url)) {
      this.#states.set(file.url, { state: 'here', kept: true })
      return
    }
    try {
      this.#states.set(file.url, { state: 'fetching', bytes: 0, of: file.bytes })
      const response = await fetch(file.url).catch((cause: unknown) => {
        throw new Fault('offline', `could not reach ${file.url}`, { cause })
      })
      if (!response.ok || !response.body)
        throw new Fault('load-failed', `${file.url} answered ${response.status}`)
      const body = response.body.pipeThrough(this.#counter(file))
      const { headers } = response
      this.#states.set(file.url, {
        state: 'here',
        kept: await keep(cache, file.url, new Response(body, { headers })),
      })
    } catch (e) {
      const fault = e instanceof Fault ? e : new Fault('offline', `${file.url} broke off`, { cause: e })
      this.#states.set(file.url, { state: 'failed', fault })
      throw fault
    }
  }

  #counter(file: ModelFile) {
    let bytes = 0
    let told = 0
    return new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform: (chunk, controller) => {
        bytes += chunk.byteLength
        controller.enqueue(chunk)
        const now = performance.now()
        if (now - told < PROGRESS_MS) return
        told = now
        this.#states.set(file.url, { state: 'fetching', bytes, of: Math.max(bytes, file.bytes) })
      },
    })
  }
}

/** Missing on plain http other than localhost; refused in some private windows. */
const open = async () => {
  try {
    return 'caches' in globalThis ? await caches.open(CACHE) : undefined
  } catch {
    return undefined
  }
}

const keep = async (cache: Cache | undefined, url: string, response: Response): Promise<boolean> => {
  if (!cache) return false // whoever reads the file fetches it
  try {
    await cache.put(url, response)
    return true
  } catch (e) {
    if (e instanceof DOMException && e.name === 'QuotaExceededError') return false
    throw e
  }
}
