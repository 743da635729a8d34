/** @file The smallest archive that everything opens: stored, not compressed (APPNOTE.TXT 6.3, sections 4.3 and 4.4). */

export interface Entry {
  /** ASCII. */
  readonly name: string
  readonly data: Uint8Array
}

export const zip = (entries: readonly Entry[]): Uint8Array<ArrayBuffer> => {
  const files = entries.map(({ name, data }) => ({
    name: new TextEncoder().encode(name),
    data,
    crc: crc32(data),
  }))
  const size = files.reduce(
    (sum, { name, data }) => sum + LOCAL + CENTRAL + 2 * name.length + data.length,
    END,
  )
  const writer = new Writer(size)
  const starts = files.map(({ name, data, crc }) => {
    const start = writer.at
    writer.u32(0x04034b50).u16(20)
    describe(writer, name, data, crc)
    writer.bytes(name).bytes(data)
    return start
  })
  const directory = writer.at
  files.forEach(({ name, data, crc }, i) => {
    writer.u32(0x02014b50).u16(20).u16(20)
    describe(writer, name, data, crc)
    // No comment, first disk, no attributes.
    writer.u16(0).u16(0).u16(0).u32(0).u32(starts[i]!).bytes(name)
  })
  const length = writer.at - directory
  writer.u32(0x06054b50).u16(0).u16(0).u16(files.length).u16(files.length).u32(length).u32(directory).u16(0)
  return writer.whole
}

const LOCAL = 30
const CENTRAL = 46
const END = 22

/** 1 January 1980, the first day of ZIP: the same motion gives the same file. */
const DATE = (1 << 5) | 1

/** What both headers of a file have in common. */
const describe = (writer: Writer, name: Uint8Array, data: Uint8Array, crc: number) =>
  writer.u16(0).u16(0).u16(0).u16(DATE).u32(crc).u32(data.length).u32(data.length).u16(name.length).u16(0)

class Writer {
  readonly whole: Uint8Array<ArrayBuffer>
  readonly #view: DataView
  at = 0

  constructor(size: number) {
    this.whole = new Uint8Array(size)
    this.#view = new DataView(this.whole.buffer)
  }

  u16(value: number) {
    this.#view.setUint16(this.at, value, true)
    this.at += 2
    return this
  }

  u32(value: number) {
    this.#view.setUint32(this.at, value, true)
    this.at += 4
    return this
  }

  bytes(data: Uint8Array) {
    this.whole.set(data, this.at)
    this.at += data.length
    return this
  }
}

/** CRC-32 as in ZIP and PNG: polynomial 0xedb88320, reflected. */
export const crc32 = (data: Uint8Array): number => {
  let crc = 0xffffffff
  for (const byte of data) crc = (crc >>> 8) ^ TABLE[(crc ^ byte) & 0xff]!
  return (crc ^ 0xffffffff) >>> 0
}

const TABLE = Uint32Array.from({ length: 256 }, (_, i) => {
  let value = i
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})
