/** @file Reading slices of a file. */
import { refusal } from './refusal'

/** Bytes `from` to `to` of a file. Throws `incomplete` where it ends before, `unreadable` when it was changed or moved. */
export const readBytes = async (file: Blob, from: number, to: number): Promise<Uint8Array<ArrayBuffer>> => {
  if (to > file.size)
    throw refusal('incomplete', `the file ends at ${file.size}, before ${to}`, { offset: file.size })
  try {
    return new Uint8Array(await file.slice(from, to).arrayBuffer())
  } catch (cause) {
    throw refusal('unreadable', `the file can no longer be read: ${String(cause)}`)
  }
}

export const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Unsigned 64 bits, little-endian; sizes beyond 2^53 are none. */
export const uint64 = (view: DataView, at: number): number => {
  const value = view.getBigUint64(at, true)
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : Infinity
}
