/**
 * @file The directory of a ZIP file, as far as `torch.save` uses one: entries as they are, uncompressed. Read from the file's
 * end; contents are checked against their CRC-32 as they are read. ZIP64 is understood. Source: APPNOTE.TXT of PKWARE.
 */
import { readBytes, uint64, viewOf } from './bytes'
import { crc32 } from './crc32'
import { refusal, shown } from './refusal'

export interface ZipEntry {
  readonly name: string
  readonly bytes: number
  readonly crc: number
  /** How many it takes in the file. */
  readonly packed: number
  /** False for what is compressed or encrypted. */
  readonly plain: boolean
  /** Where its local header begins; what follows ends before `limit`. */
  readonly header: number
  readonly limit: number
}

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
const END64 = 0x06064b50
const LOCATOR64 = 0x07064b50
const MOST_ENTRIES = 10_000
const MOST_DIRECTORY = 4 * 2 ** 20

const damaged = (message: string, detail: Record<string, unknown>) => refusal('damaged', message, detail)

interface Directory {
  readonly from: number
  readonly to: number
  readonly count: number
}

/** All entries, by name. Throws `incomplete`, `damaged` (double names, overlaps), `too-complex`. */
export const readZip = async (file: Blob): Promise<Map<string, ZipEntry>> => {
  const { from, to, count } = await findDirectory(file)
  if (count > MOST_ENTRIES || to - from > MOST_DIRECTORY)
    throw refusal('too-complex', `a zip file of ${count} entries`)
  const entries = parseDirectory(await readBytes(file, from, to), from, count)
  const named = new Map<string, ZipEntry>()
  const inOrder = [...entries].sort((a, b) => a.header - b.header)
  inOrder.forEach((entry, i) => {
    const limit = inOrder[i + 1]?.header ?? from
    if (named.has(entry.name)) throw damaged('two entries have one name', { entry: shown(entry.name) })
    // The header's own extra field is not counted yet: it is when the entry is read.
    if (entry.header + 30 + entry.packed > limit)
      throw damaged('entries lie over each other', { entry: shown(entry.name), offset: entry.header })
    named.set(entry.name, { ...entry, limit })
  })
  return new Map(entries.map(({ name }) => [name, named.get(name)!]))
}

const findDirectory = async (file: Blob): Promise<Directory> => {
  const from = Math.max(0, file.size - 22 - 65535 - 76)
  const tail = await readBytes(file, from, file.size)
  const view = viewOf(tail)
  for (let at = tail.length - 22; at >= 0; at--) {
    if (view.getUint32(at, true) !== END || at + 22 + view.getUint16(at + 20, true) !== tail.length) continue
    const directory = await directoryAt(file, view, at, from)
    if (directory.from > directory.to || directory.to > from + at)
      throw damaged('its directory is not where it is said to be', { offset: from + at })
    return directory
  }
  throw refusal('incomplete', 'the end of the zip file is missing: the directory of what is in it', {
    offset: file.size,
  })
}

const directoryAt = async (file: Blob, view: DataView, at: number, base: number): Promise<Directory> => {
  const count = view.getUint16(at + 10, true)
  const bytes = view.getUint32(at + 12, true)
  const from = view.getUint32(at + 16, true)
  if (at < 20 || view.getUint32(at - 20, true) !== LOCATOR64) {
    if (from + bytes !== base + at) throw damaged('bytes are missing or too many', { offset: base + at })
    return { from, to: from + bytes, count }
  }
  const where = uint64(view, at - 12)
  if (where + 56 > base + at - 20) throw damaged('its end record is missing', { offset: base + at })
  const end = viewOf(await readBytes(file, where, where + 56))
  if (end.getUint32(0, true) !== END64) throw damaged('its end record is missing', { offset: where })
  const from64 = uint64(end, 48)
  const to = from64 + uint64(end, 40)
  if (to !== where) throw damaged('bytes are missing or too many', { offset: where })
  return { from: from64, to, count: uint64(end, 32) }
}

type Parsed = Omit<ZipEntry, 'limit'>

const parseDirectory = (bytes: Uint8Array, base: number, count: number): Parsed[] => {
  const view = viewOf(bytes)
  const entries: Parsed[] = []
  let at = 0
  for (; entries.length < count;) {
    const name = at + 46
    const fits = name <= bytes.length && view.getUint32(at, true) === CENTRAL
    const extra = fits ? name + view.getUint16(at + 28, true) : 0
    const comment = fits ? extra + view.getUint16(at + 30, true) : 0
    const next = fits ? comment + view.getUint16(at + 32, true) : Infinity
    if (next > bytes.length) throw damaged('its directory is damaged', { offset: base + at })
    entries.push(entryAt(view, at, nameIn(bytes.subarray(name, extra), base + at), extra, comment, base))
    at = next
  }
  if (at !== bytes.length) throw damaged('its directory is damaged', { offset: base + at })
  return entries
}

const nameIn = (bytes: Uint8Array, offset: number) => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw damaged('a name in it is no text', { offset })
  }
}

const entryAt = (
  view: DataView,
  at: number,
  name: string,
  extra: number,
  comment: number,
  base: number,
): Parsed => {
  // What does not fit into 32 bits is in the extra field 1, in this order, as far as it does not fit.
  const wide = wideAt(view, extra, comment)
  const size = (field: number) => {
    const value = view.getUint32(at + field, true)
    return value === 0xffffffff && wide.length ? wide.shift()! : value
  }
  const bytes = size(24)
  const packed = size(20)
  const header = size(42)
  const flags = view.getUint16(at + 8, true)
  const plain = view.getUint16(at + 10, true) === 0 && (flags & 1) === 0
  if (plain && packed !== bytes)
    throw damaged('two sizes of one entry', { entry: shown(name), offset: base + at })
  return { name, bytes, packed, crc: view.getUint32(at + 16, true), plain, header }
}

const wideAt = (view: DataView, from: number, to: number): number[] => {
  for (let at = from; at + 4 <= to;) {
    const end = at + 4 + view.getUint16(at + 2, true)
    if (end > to) break
    if (view.getUint16(at, true) === 1)
      return Array.from({ length: Math.floor((end - at - 4) / 8) }, (_, i) => uint64(view, at + 4 + 8 * i))
    at = end
  }
  return []
}

/** Where an entry's contents begin in the file. Throws `damaged` when its own header contradicts the directory. */
export const locate = async (file: Blob, entry: ZipEntry): Promise<number> => {
  const name = new TextEncoder().encode(entry.name)
  const head = await readBytes(file, entry.header, Math.min(entry.header + 30 + name.length, entry.limit))
  const view = viewOf(head)
  const own = head.subarray(30)
  const same = own.length === name.length && own.every((byte, i) => byte === name[i])
  const detail = { entry: shown(entry.name), offset: entry.header }
  if (!same || view.getUint32(0, true) !== LOCAL || view.getUint16(26, true) !== name.length)
    throw damaged('an entry is not where it is said to be', detail)
  const from = entry.header + head.length + view.getUint16(28, true)
  if (from + entry.bytes > entry.limit) throw damaged('an entry is not where it is said to be', detail)
  return from
}

/** The contents of a small entry, checked. */
export const readEntry = async (
  file: Blob,
  entry: ZipEntry,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> => {
  if (entry.bytes > most)
    throw refusal('too-complex', `${entry.bytes} bytes are more than is read at once`, {
      entry: shown(entry.name),
    })
  const from = await locate(file, entry)
  const bytes = await readBytes(file, from, from + entry.bytes)
  if (crc32(bytes) !== entry.crc) throw wrongSum(entry.name, from)
  return bytes
}

export const wrongSum = (name: string, offset: number) =>
  damaged('its contents are not what was written: the checksum is another', { entry: shown(name), offset })
