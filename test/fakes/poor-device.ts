/** @file A poorer device than the one a test runs on: this thread's. */

export interface PoorDevice {
  /** So many bytes of a file can be written. */
  readonly room?: number
  /** What the browser says there is. */
  readonly quota?: number
  /** Files cannot be written in place: an old browser. */
  readonly noAccess?: boolean
}

interface Access {
  write(bytes: Uint8Array, options: { at: number }): number
}

export const impoverish = ({ room, quota, noAccess }: PoorDevice) => {
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
}
