/** @file How a worker reads a file of a model that is kept on this device. The depot writes them; nobody else does. */
import { Fault } from '../../src/shared/fault'

/** The folder in OPFS, the cache where OPFS cannot be written, and the first part of its keys. */
const PLACE = 'weights'

/**
 * The file whose bytes have this SHA-256 (lower-case hexadecimal); read from disk as it is read. It was verified as it was
 * written. Throws `bad-input`, reason `gone`, where it is not here (any more).
 */
export const openWeights = async (sha256: string): Promise<Blob> => {
  const found = (await inFolder(sha256)) ?? (await inCache(sha256))
  if (!found)
    throw new Fault('bad-input', `${sha256} is not kept here`, { detail: { reason: 'gone', sha256 } })
  return found
}

const inFolder = async (sha256: string): Promise<Blob | undefined> => {
  try {
    const root = await navigator.storage.getDirectory()
    const folder = await root.getDirectoryHandle(PLACE)
    return await (await folder.getFileHandle(sha256)).getFile()
  } catch (e) {
    if (e instanceof DOMException) return undefined // no such file or folder; or no OPFS at all in some private windows
    throw e
  }
}

const inCache = async (sha256: string): Promise<Blob | undefined> => {
  if (!('caches' in self)) return undefined // plain http other than localhost
  const cache = await caches.open(PLACE)
  return (await cache.match(`/${PLACE}/${sha256}`))?.blob()
}
