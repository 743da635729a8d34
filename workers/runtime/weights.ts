/**
 * @file Where the depot keeps files of models, and how any worker reads one: OPFS, in the folder `weights`, under the SHA-256
 * of its bytes; in Cache Storage where the browser cannot write there.
 */
import { Fault } from '../../src/shared/fault'

/** The folder in OPFS, and the name of the cache. */
export const WEIGHTS = 'weights'

/** The address in Cache Storage: a SHA-256, or a record's name. */
export const cachedAs = (name: string) => new URL(`/${WEIGHTS}/${name}`, self.location.origin).href

/**
 * A kept file, read from disk as it is read. Throws `bad-input` with reason `gone` when it is not here: removed by the person
 * or by the browser, and to be fetched again.
 */
export const openWeights = async (sha256: string): Promise<Blob> => {
  const file = (await inFolder(sha256)) ?? (await inCache(sha256))
  if (!file)
    throw new Fault('bad-input', `nothing is kept under ${sha256}`, {
      detail: { what: 'model', reason: 'gone' },
    })
  return file
}

const inFolder = async (sha256: string) => {
  try {
    const root = await navigator.storage.getDirectory()
    const folder = await root.getDirectoryHandle(WEIGHTS)
    return await (await folder.getFileHandle(sha256)).getFile()
  } catch {
    return undefined // no such file, or no OPFS at all
  }
}

const inCache = async (sha256: string) => {
  if (!('caches' in self)) return undefined
  const response = await caches.match(cachedAs(sha256), { cacheName: WEIGHTS }).catch(() => undefined)
  return response?.blob()
}
