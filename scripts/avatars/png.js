/** A minimal PNG encoder for the generated textures: 8-bit RGBA (or RGB when nothing is transparent). */

import { deflateSync } from 'node:zlib'

const CRC = new Uint32Array(256).map((_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1
  return n
})

/** @param {Uint8Array} bytes */
function crc32(bytes) {
  let c = 0xffffffff
  for (const b of bytes) c = CRC[(c ^ b) & 255] ^ (c >>> 8)
  return (c ^ 0xffffffff) >>> 0
}

/** @param {string} type @param {Uint8Array} data */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length, 0)
  body.copy(out, 4)
  out.writeUInt32BE(crc32(body), out.length - 4)
  return out
}

/**
 * @param {number} width
 * @param {number} height
 * @param {Uint8Array | Uint8ClampedArray} rgba row by row from the top
 * @returns {Buffer}
 */
export function encodePng(width, height, rgba) {
  let opaque = true
  for (let i = 3; i < rgba.length; i += 4) if (rgba[i] !== 255) opaque = false
  const bpp = opaque ? 3 : 4
  const stride = width * bpp
  const rows = new Uint8Array(width * height * bpp)
  for (let i = 0; i < width * height; i++) for (let c = 0; c < bpp; c++) rows[i * bpp + c] = rgba[i * 4 + c]
  const filtered = Buffer.alloc((stride + 1) * height)
  const trial = new Uint8Array(stride)
  for (let y = 0; y < height; y++) {
    // The usual heuristic: the filter with the smallest sum of absolute differences compresses best.
    let bestScore = Infinity
    for (let type = 0; type < 5; type++) {
      let score = 0
      for (let x = 0; x < stride; x++) {
        const v = rows[y * stride + x]
        const left = x >= bpp ? rows[y * stride + x - bpp] : 0
        const up = y > 0 ? rows[(y - 1) * stride + x] : 0
        const upLeft = x >= bpp && y > 0 ? rows[(y - 1) * stride + x - bpp] : 0
        let predicted = 0
        if (type === 1) predicted = left
        else if (type === 2) predicted = up
        else if (type === 3) predicted = (left + up) >> 1
        else if (type === 4) {
          const pa = Math.abs(up - upLeft)
          const pb = Math.abs(left - upLeft)
          const pc = Math.abs(left + up - 2 * upLeft)
          predicted = pa <= pb && pa <= pc ? left : pb <= pc ? up : upLeft
        }
        trial[x] = v - predicted
        score += trial[x] < 128 ? trial[x] : 256 - trial[x]
      }
      if (score < bestScore) {
        bestScore = score
        filtered[y * (stride + 1)] = type
        filtered.set(trial, y * (stride + 1) + 1)
      }
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 8
  header[9] = opaque ? 2 : 6
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(filtered, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}
