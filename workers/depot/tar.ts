/** @file TAR, as far as carrying files from one machine to another needs it: plain files with short names (POSIX ustar). */
import { Fault } from '../../src/shared/fault'

export interface Packed {
  readonly name: string
  readonly file: Blob
}

const BLOCK = 512
/** Some megabytes at a time: a call to another thread each. */
const CHUNK = 4 * 2 ** 20
/** Eleven octal digits; beyond that the size is written in binary, as GNU tar and all others since do. */
const LARGEST_OCTAL = 8 ** 11

/** The archive, piece by piece. Files are opened as they are due. */
export async function* writeTar(
  entries: readonly { readonly name: string; readonly open: () => Promise<Blob> }[],
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  for (const { name, open } of entries) {
    const file = await open()
    yield header(name, file.size)
    for (let at = 0; at < file.size; at += CHUNK)
      yield new Uint8Array(await file.slice(at, at + CHUNK).arrayBuffer())
    const over = file.size % BLOCK
    if (over) yield new Uint8Array(BLOCK - over)
  }
  yield new Uint8Array(2 * BLOCK)
}

/** Where its files lie in an archive; nothing but the headers is read. Throws `bad-input` for what is none, or is cut off. */
export const readTar = async (archive: Blob): Promise<readonly Packed[]> => {
  const packed: Packed[] = []
  for (let at = 0; at < archive.size;) {
    const head = new Uint8Array(await archive.slice(at, at + BLOCK).arrayBuffer())
    if (head.every((byte) => byte === 0)) break
    if (head.length < BLOCK || octal(head.subarray(148, 156)) !== checksum(head)) throw notTar()
    const size = sizeIn(head.subarray(124, 136))
    at += BLOCK
    if (at + size > archive.size) throw notTar()
    const kind = head[156]
    // Others that have packed it again put it into a folder.
    const name = textIn(head.subarray(0, 100)).split('/').at(-1)!
    if (kind === 0 || kind === 48) packed.push({ name, file: archive.slice(at, at + size) })
    at += Math.ceil(size / BLOCK) * BLOCK
  }
  return packed
}

const notTar = () =>
  new Fault('bad-input', 'this is no archive of models, or not all of it', {
    detail: { what: 'pack', reason: 'not-a-pack' },
  })

const header = (name: string, size: number) => {
  const head = new Uint8Array(BLOCK)
  const put = (text: string, at: number) => head.set(new TextEncoder().encode(text), at)
  put(name, 0)
  put('0000644\0', 100)
  put('0000000\0', 108)
  put('0000000\0', 116)
  if (size < LARGEST_OCTAL) put(`${size.toString(8).padStart(11, '0')}\0`, 124)
  else {
    head[124] = 0x80
    new DataView(head.buffer).setBigUint64(128, BigInt(size))
  }
  put('00000000000\0', 136)
  put('0', 156)
  put('ustar\x0000', 257)
  put(`${checksum(head).toString(8).padStart(6, '0')}\0 `, 148)
  return head
}

/** Of all bytes, with the checksum itself as spaces. */
const checksum = (head: Uint8Array) =>
  head.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0)

const textIn = (field: Uint8Array) => new TextDecoder().decode(field).replace(/\0.*$/s, '')

const octal = (field: Uint8Array) => parseInt(textIn(field).trim() || '0', 8)

const sizeIn = (field: Uint8Array) => {
  if (!((field[0] ?? 0) & 0x80)) return octal(field)
  return Number(new DataView(field.buffer, field.byteOffset + 4, 8).getBigUint64(0))
}
