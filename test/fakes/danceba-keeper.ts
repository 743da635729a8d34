/** @file The keeper of Danceba's files on a poorer device, as its own name says (JSON of `Circumstances`). */
import { PATIENCE } from '../../src/shared/retry'
import { serve } from '../../src/shared/wire'
import { DancebaKeeper } from '../../workers/danceba/keep/keeper'

export interface Circumstances {
  /** So many bytes of a file can be written. */
  readonly room?: number
  /** What the browser says there is. */
  readonly quota?: number
  /** Files cannot be written in place: an old browser. */
  readonly noAccess?: boolean
  /** No OPFS, as in some private windows. */
  readonly noFolder?: boolean
  /** After so many readings the disk does not answer any more. */
  readonly stallAfter?: number
  /** Each reading takes so long. */
  readonly readMs?: number
}

interface Access {
  write(bytes: Uint8Array, options: { at: number }): number
}

const { room, quota, noAccess, noFolder, stallAfter, readMs } = JSON.parse(self.name) as Circumstances

const global = globalThis as unknown as { FileSystemSyncAccessHandle: { prototype: Access } }
if (room !== undefined) {
  const { prototype } = global.FileSystemSyncAccessHandle
  const write = Reflect.get(prototype, 'write')
  prototype.write = function (this: Access, bytes, { at }) {
    const fits = Math.max(0, Math.min(bytes.length, room - at))
    return write.call(this, bytes.subarray(0, fits), { at })
  }
}
if (quota !== undefined) navigator.storage.estimate = async () => ({ quota, usage: 0 })
if (noAccess) Reflect.deleteProperty(FileSystemFileHandle.prototype, 'createSyncAccessHandle')
if (noFolder)
  navigator.storage.getDirectory = () =>
    Promise.reject(new DOMException('not for this page', 'SecurityError'))
if (stallAfter !== undefined || readMs !== undefined) {
  const read = Reflect.get(Blob.prototype, 'arrayBuffer')
  let reads = 0
  Blob.prototype.arrayBuffer = async function (this: Blob) {
    if (reads++ >= (stallAfter ?? Infinity)) await new Promise(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, readMs ?? 0))
    return read.call(this)
  }
}

serve(new DancebaKeeper({ patience: { ...PATIENCE, tries: 3, firstMs: 10, longestMs: 50, stallMs: 400 } }))
