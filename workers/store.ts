/**
 * @file The only one that writes files: on OPFS, each under the SHA-256 of its bytes, with a small JSON beside it. The
 * index is the listing itself, so it cannot disagree with what is there.
 *
 * A worker, because a page cannot write to OPFS in every browser (Safari before 26), and because hashing takes time.
 */
import type { Kept, Shelf, Store } from '../src/shared/contracts'
import { Fault } from '../src/shared/fault'
import { serve } from '../src/shared/wire'

class StoreThread implements Store {
  async list(signal: AbortSignal, shelf: Shelf): Promise<readonly Kept[]> {
    const folder = await folderOf(shelf)
    const kept: Kept[] = []
    for await (const [name, handle] of folder.entries()) {
      signal.throwIfAborted()
      if (handle.kind !== 'file' || !name.endsWith('.json')) continue
      const item = await describe(folder, shelf, name.slice(0, -5))
      if (item) kept.push(item)
    }
    return kept.sort((a, b) => a.addedMs - b.addedMs)
  }

  async put(signal: AbortSignal, shelf: Shelf, name: string, file: Blob): Promise<Kept> {
    const folder = await folderOf(shelf)
    const bytes = await file.arrayBuffer()
    signal.throwIfAborted()
    const id = hex(await crypto.subtle.digest('SHA-256', bytes))
    signal.throwIfAborted()
    return exclusively(shelf, async () => {
      const known = await describe(folder, shelf, id)
      if (known) return known
      try {
        await write(folder, id, new Uint8Array(bytes))
        // The description comes last: a file without one was cut off while it was written, and is not listed.
        return await label(folder, { id, shelf, name, bytes: file.size, addedMs: Date.now() })
      } catch (e) {
        await forget(folder, id)
        throw e
      }
    })
  }

  async get(signal: AbortSignal, { shelf, id }: Kept): Promise<Blob> {
    signal.throwIfAborted()
    const folder = await folderOf(shelf)
    try {
      return await (await folder.getFileHandle(id)).getFile()
    } catch (cause) {
      throw new Fault('bad-input', `nothing is kept under ${id}`, { detail: { reason: 'gone' }, cause })
    }
  }

  async amend(signal: AbortSignal, kept: Kept, change: Parameters<Store['amend']>[2]): Promise<Kept> {
    signal.throwIfAborted()
    const folder = await folderOf(kept.shelf)
    return exclusively(kept.shelf, async () => {
      // Another tab may have changed the other half, or removed it.
      const now = await describe(folder, kept.shelf, kept.id)
      if (!now)
        throw new Fault('bad-input', `nothing is kept under ${kept.id}`, { detail: { reason: 'gone' } })
      return label(folder, { ...now, ...change })
    })
  }

  async remove(signal: AbortSignal, { shelf, id }: Kept): Promise<void> {
    signal.throwIfAborted()
    const folder = await folderOf(shelf)
    await exclusively(shelf, () => forget(folder, id))
  }
}

const folderOf = async (shelf: Shelf): Promise<FileSystemDirectoryHandle> => {
  try {
    const root = await navigator.storage.getDirectory()
    return await root.getDirectoryHandle(shelf, { create: true })
  } catch (cause) {
    throw new Fault('unsupported', 'this browser lets the page keep no files', {
      detail: { what: 'storage' },
      cause,
    })
  }
}

/** One writer a shelf over all tabs. */
const exclusively = <R>(shelf: Shelf, work: () => Promise<R>): Promise<R> =>
  navigator.locks.request(`store:${shelf}`, work)

const describe = async (
  folder: FileSystemDirectoryHandle,
  shelf: Shelf,
  id: string,
): Promise<Kept | undefined> => {
  try {
    const [label, file] = await Promise.all([
      folder.getFileHandle(`${id}.json`).then((handle) => handle.getFile()),
      folder.getFileHandle(id).then((handle) => handle.getFile()),
    ])
    const { name, addedMs, picture } = JSON.parse(await label.text()) as Partial<Record<string, unknown>>
    return {
      id,
      shelf,
      name: typeof name === 'string' ? name : id.slice(0, 8),
      bytes: file.size,
      addedMs: typeof addedMs === 'number' ? addedMs : 0,
      ...(typeof picture === 'string' && { picture }),
    }
  } catch {
    return undefined // one of the two is missing or cut off: it does not count as kept
  }
}

const label = async (folder: FileSystemDirectoryHandle, kept: Kept): Promise<Kept> => {
  const { name, addedMs, picture } = kept
  await write(folder, `${kept.id}.json`, new TextEncoder().encode(JSON.stringify({ name, addedMs, picture })))
  return kept
}

const write = async (folder: FileSystemDirectoryHandle, name: string, bytes: Uint8Array<ArrayBuffer>) => {
  const handle = await folder.getFileHandle(name, { create: true })
  const access = await handle.createSyncAccessHandle()
  try {
    access.truncate(0)
    const written = access.write(bytes, { at: 0 })
    // Chromium writes what fits and says how much that was; others throw QuotaExceededError (`no-room` on the wire).
    if (written < bytes.length) throw new Fault('no-room', `${written} of ${bytes.length} bytes fitted`)
    access.flush()
  } finally {
    access.close()
  }
}

const forget = async (folder: FileSystemDirectoryHandle, id: string) => {
  for (const name of [`${id}.json`, id])
    await folder.removeEntry(name).catch((e: unknown) => {
      if (!(e instanceof DOMException && e.name === 'NotFoundError')) throw e
    })
}

const hex = (digest: ArrayBuffer) =>
  Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')

serve(new StoreThread())
