/** @file CRC-32 as ZIP has it (polynomial 0xedb88320), sixteen bytes at a time ("slicing by 16", Kounavis and Berry 2008). */

/** Row k: what a byte does to the remainder when k more bytes follow it. */
const TABLE = new Int32Array(16 * 256)
for (let byte = 0; byte < 256; byte++) {
  let remainder = byte
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0)
  TABLE[byte] = remainder
}
for (let at = 256; at < TABLE.length; at++) {
  const before = TABLE[at - 256]!
  TABLE[at] = (before >>> 8) ^ TABLE[before & 255]!
}

/** The checksum of bytes that follow others whose checksum is `before`; unsigned 32 bits. */
export const crc32 = (bytes: Uint8Array, before = 0): number => {
  let crc = ~before
  let at = 0
  // Whole words need an aligned start, which every buffer that was read has.
  if (bytes.byteOffset % 4 === 0) {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, (bytes.length >> 4) << 2)
    for (let i = 0; i < words.length; i += 4) {
      const a = words[i]! ^ crc
      const b = words[i + 1]!
      const c = words[i + 2]!
      const d = words[i + 3]!
      crc =
        TABLE[3840 + (a & 255)]! ^
        TABLE[3584 + ((a >>> 8) & 255)]! ^
        TABLE[3328 + ((a >>> 16) & 255)]! ^
        TABLE[3072 + (a >>> 24)]! ^
        TABLE[2816 + (b & 255)]! ^
        TABLE[2560 + ((b >>> 8) & 255)]! ^
        TABLE[2304 + ((b >>> 16) & 255)]! ^
        TABLE[2048 + (b >>> 24)]! ^
        TABLE[1792 + (c & 255)]! ^
        TABLE[1536 + ((c >>> 8) & 255)]! ^
        TABLE[1280 + ((c >>> 16) & 255)]! ^
        TABLE[1024 + (c >>> 24)]! ^
        TABLE[768 + (d & 255)]! ^
        TABLE[512 + ((d >>> 8) & 255)]! ^
        TABLE[256 + ((d >>> 16) & 255)]! ^
        TABLE[d >>> 24]!
    }
    at = words.length << 2
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ TABLE[(crc ^ bytes[at]!) & 255]!
  return ~crc >>> 0
}
