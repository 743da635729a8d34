/** @file The page of the `store` suite: the depot, and a worker beside it that keeps nothing. */
import { Host } from '../../src/engine/host'
import type { Depot, KeptFile, Listing } from '../../src/shared/contracts'
import type { Bare } from './bare'

const depot = new Host<Depot>(
  'depot',
  () => new Worker(new URL('../../workers/depot.ts', import.meta.url), { type: 'module' }),
)
const bare = new Host<Bare>(
  'bare',
  () => new Worker(new URL('./bare.ts', import.meta.url), { type: 'module' }),
)
const { signal } = new AbortController()

const bench = {
  /** Milliseconds. */
  bare: (listing: Listing) =>
    bare.api.fetch(
      signal,
      listing.files.map(({ path }) => listing.base + path),
    ),
  /** Milliseconds until all is verified and kept. */
  depot: async (listing: Listing) => {
    const began = performance.now()
    const kept = await bench.fetch(listing)
    if (kept.length !== listing.files.length) throw new Error('not all of it was kept')
    return performance.now() - began
  },
  fetch: async (listing: Listing) => {
    const kept: KeptFile[] = []
    for await (const step of await depot.api.fetch(
      signal,
      listing,
      listing.files.map(({ path }) => path),
    ))
      if (step.kind === 'kept') kept.push(step.file)
    return kept
  },
  wipe: async (listing: Listing) => {
    await depot.api.list(signal)
    await depot.api.remove(signal, listing)
  },
  /** Bytes of it that have come so far. */
  here: async (digest: string) => {
    const root = await navigator.storage.getDirectory()
    const folder = await root.getDirectoryHandle('weights')
    const part = await folder.getFileHandle(`${digest}.part`).catch(() => undefined)
    return (await part?.getFile())?.size ?? 0
  },
  hash: async (sha256: string) => {
    const root = await navigator.storage.getDirectory()
    const folder = await root.getDirectoryHandle('weights')
    const file = await (await folder.getFileHandle(sha256)).getFile()
    const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer())
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
  },
}

export type Bench = typeof bench

globalThis.storeBench = bench
