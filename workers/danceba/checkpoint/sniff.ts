/** @file What a file that is no checkpoint seems to be, told from its first bytes. */
import { refusal, shown } from './refusal'

/** How a file that may be a checkpoint begins. */
export type Container = 'zip' | 'pickle'

/** How many bytes `sniff` wants to see. */
export const SNIFFED = 512

const hex = (bytes: Uint8Array) => [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('')

/** Beginnings of archives, in hex; what is in them has to be unpacked first. */
const ARCHIVES: [start: string, kind: string][] = [
  ['377abcaf271c', '7z'],
  ['1f8b', 'gzip'],
  ['425a68', 'bzip2'],
  ['fd377a585a00', 'xz'],
  ['28b52ffd', 'zstd'],
]
/** Of other files that hold weights, and of those that are dropped by mistake. */
const FORMATS: [start: string, kind: string][] = [
  ['47475546', 'GGUF'],
  ['934e554d5059', 'NumPy'],
  ['894844460d0a1a0a', 'HDF5'],
  ['25504446', 'PDF'],
  ['89504e47', 'PNG'],
  ['ffd8ff', 'JPEG'],
  ['4f676753', 'Ogg'],
  ['664c6143', 'FLAC'],
  ['494433', 'MP3'],
  ['52494646', 'WAV'],
  ['676c5446', 'glTF'],
]

/** Which container it may be. `start`: the first `SNIFFED` bytes, or all. Throws what it is instead. */
export const sniff = (start: Uint8Array, size: number): Container => {
  if (size === 0) throw refusal('empty', 'the file is empty')
  const begins = hex(start.subarray(0, 16))
  const text = textIn(start)
  if (begins.startsWith('504b0304') || begins.startsWith('504b0506')) return 'zip'
  // Protocol 2 and later say so; earlier ones begin with a global, if they are to do any harm.
  if (start[0] === 0x80 && (start[1] ?? 255) < 16) return 'pickle'
  if (text && /^c[\w.]+\r?\n[\w.]+\r?\n/.test(text)) return 'pickle'
  throw other(start, begins, text, size)
}

const other = (start: Uint8Array, begins: string, text: string | undefined, size: number) => {
  if (begins.startsWith('526172211a07')) return refusal('rar', 'a RAR archive', { offset: 0 })
  const archive = ARCHIVES.find(([bytes]) => begins.startsWith(bytes))?.[1] ?? (isTar(start) && 'tar')
  if (archive) return refusal('archive', `an archive (${archive})`, { kind: archive, offset: 0 })
  if (isSafetensors(start, size)) return refusal('safetensors', 'a safetensors file', { offset: 0 })
  if (text !== undefined) return writing(text)
  const format = FORMATS.find(([bytes]) => begins.startsWith(bytes))?.[1] ?? (isOnnx(begins) && 'ONNX')
  if (format)
    return refusal('other-format', `a file of another kind (${format})`, { kind: format, offset: 0 })
  return unknown(start)
}

const unknown = (start: Uint8Array) => {
  const first = hex(start.subarray(0, 16))
  return refusal('unknown', `no known kind of file: ${first}`, { start: first, offset: 0 })
}

const writing = (text: string) => {
  const start = shown(text.trimStart())
  if (/^(\ufeff)?\s*(<!doctype html|<html|<head|<\?xml|<!--)/i.test(text))
    return refusal('html', 'a web page', { start, offset: 0 })
  if (text.startsWith('version https://git-lfs.github.com/spec/'))
    return refusal('lfs-pointer', 'a pointer of Git LFS, not the file', { start, offset: 0 })
  return refusal('text', `a text: ${start}`, { start, offset: 0 })
}

/** The beginning as text, if it is one: UTF-8 without control characters. */
const textIn = (start: Uint8Array): string | undefined => {
  // The last character may be cut.
  const text = new TextDecoder().decode(start).replace(/\ufffd{1,3}$/, '')
  return text && !/[^\P{Cc}\t\n\r\f]|\ufffd/u.test(text) ? text : undefined
}

/** Protobuf: the version of the format, then who wrote it. */
const isOnnx = (begins: string) => /^080[1-9a-f]12/.test(begins)

const isTar = (start: Uint8Array) => hex(start.subarray(257, 262)) === '7573746172'

/** Eight bytes of length, then JSON. */
const isSafetensors = (start: Uint8Array, size: number) => {
  if (start.length < 10) return false
  const length = new DataView(start.buffer, start.byteOffset).getBigUint64(0, true)
  return length < BigInt(size) && start[8] === 0x7b && (start[9] === 0x22 || start[9] === 0x7d)
}
