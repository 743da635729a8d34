/** @file Files in OPFS as workers write them: in place, to the last byte or not at all, and without the traps of browsers. */
import { Fault } from '../../src/shared/fault'

/** In the libraries of types for workers only, and not in every browser. */
export interface Access {
  getSize(): number
  read(into: Uint8Array, options: { at: number }): number
  write(bytes: Uint8Array<ArrayBuffer>, options: { at: number }): number
  truncate(bytes: number): void
  flush(): void
  close(): void
}
export interface FileHandle extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<Access>
  move(folder: FileSystemDirectoryHandle, name: string): Promise<void>
}

/** Whether files can be written in place here. */
export const hasAccess = () => 'createSyncAccessHandle' in FileSystemFileHandle.prototype

/** Of whatever a browser throws or leaves undone when there is no room. */
export const noRoom = (cause?: unknown, detail: { needed?: number; free?: number } = {}) =>
  new Fault('no-room', 'the device or the browser has no room for this file', {
    cause,
    detail: { what: 'model', ...detail },
  })

/** Throws `no-room` where the browser says that there is less than so many bytes. */
export const demandRoom = async (needed: number): Promise<void> => {
  const { quota, usage } = await navigator.storage.estimate().catch((): StorageEstimate => ({}))
  if (quota === undefined || usage === undefined) return
  if (needed > quota - usage) throw noRoom(undefined, { needed, free: Math.max(0, quota - usage) })
}

export const isGone = (e: unknown) => e instanceof DOMException && e.name === 'NotFoundError'

/** Chromium writes what fits and says how much that was; others throw. */
export const writeAll = (access: Access, bytes: Uint8Array<ArrayBuffer>, at: number) => {
  if (within(() => access.write(bytes, { at })) !== bytes.length) throw noRoom()
}

/** So long from now on, with zeros where nothing is written. */
export const resize = (access: Access, bytes: number) => within(() => access.truncate(bytes))

const within = <R>(work: () => R): R => {
  try {
    return work()
  } catch (e) {
    throw e instanceof DOMException && e.name === 'QuotaExceededError' ? noRoom(e) : e
  }
}

/** The whole file anew. */
export const writeText = async (file: FileHandle, text: string) => {
  const access = await accessTo(file)
  try {
    access.truncate(0)
    writeAll(access, new TextEncoder().encode(text), 0)
    access.flush()
  } finally {
    access.close()
  }
}

export const handleIn = async (folder: FileSystemDirectoryHandle, name: string) =>
  (await folder.getFileHandle(name, { create: true })) as FileHandle

export const fileIn = async (folder: FileSystemDirectoryHandle, name: string) => {
  try {
    return await (await folder.getFileHandle(name)).getFile()
  } catch (e) {
    if (isGone(e)) return undefined
    throw e
  }
}

/** Replaced or removed by another one while it is read, it is read once more. */
export const textIn = async (folder: FileSystemDirectoryHandle, name: string) => {
  for (let tries = 0; ; tries++) {
    const file = await fileIn(folder, name)
    try {
      return await file?.text()
    } catch (e) {
      if (tries === 20 || !(e instanceof DOMException)) throw e
    }
  }
}

export const removeFrom = async (folder: FileSystemDirectoryHandle, name: string) => {
  await folder.removeEntry(name).catch((e: unknown) => {
    if (!isGone(e)) throw e
  })
}

/** A worker that was killed lets go of its files a moment later than of its locks. */
export const whenFree = async <R>(name: string, work: () => Promise<R>): Promise<R> => {
  for (let tries = 0; ; tries++) {
    try {
      return await work()
    } catch (cause) {
      if (!(cause instanceof DOMException && cause.name === 'NoModificationAllowedError')) throw cause
      if (tries === 20)
        throw new Fault('busy', `${name} is held open elsewhere`, { cause, detail: { what: 'model' } })
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

export const accessTo = (file: FileHandle): Promise<Access> =>
  whenFree(file.name, () => file.createSyncAccessHandle())
