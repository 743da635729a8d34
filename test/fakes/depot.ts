/** @file The depot on a poorer device and with less patience, as its own name says (JSON of `Circumstances`). */
import { DepotThread } from '../../workers/depot/depot'
import { PATIENCE, type Patience } from '../../src/shared/retry'
import { serve } from '../../src/shared/wire'

export interface Circumstances {
  readonly blockBytes?: number
  readonly patience?: Partial<Patience>
  /** So many bytes can be written in all. */
  readonly room?: number
  /** What the browser says there is. */
  readonly quota?: number
  /** Files cannot be written in place: an old browser. */
  readonly noAccess?: boolean
}

interface Access {
  write(bytes: Uint8Array, options: { at: number }): number
}

const { blockBytes = 65_536, patience, room, quota, noAccess } = JSON.parse(self.name) as Circumstances

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

serve(
  new DepotThread({
    blockBytes,
    patience: { ...PATIENCE, tries: 3, firstMs: 10, longestMs: 50, stallMs: 400, ...patience },
  }),
)
