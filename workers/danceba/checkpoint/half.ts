/** @file 16-bit numbers, IEEE 754 binary16 and bfloat16, from and to 32 bits. */

const LARGEST = 0x7bff // 65504

/** Nearest, ties to even; what is too large becomes the largest. `bits`: of finite 32-bit numbers. */
export const toHalf = (bits: Uint32Array): Uint16Array<ArrayBuffer> => {
  const half = new Uint16Array(bits.length)
  for (let i = 0; i < bits.length; i++) {
    const x = bits[i]!
    const size = x & 0x7fffffff
    const sign = (x >>> 16) & 0x8000
    if (size >= 0x477ff000) half[i] = sign | LARGEST
    else if (size >= 0x38800000) half[i] = sign | ((size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13)
    else half[i] = sign | small(size)
  }
  return half
}

/** Below 2^-14: a multiple of 2^-24. */
const small = (size: number) => {
  const exponent = size >>> 23
  if (exponent < 102) return 0
  const shift = 126 - exponent
  const mantissa = (size & 0x7fffff) | 0x800000
  const rest = mantissa & ((1 << shift) - 1)
  const tie = 1 << (shift - 1)
  const whole = mantissa >>> shift
  return rest > tie || (rest === tie && whole & 1) ? whole + 1 : whole
}

export const fromHalf = (half: Uint16Array): Float32Array<ArrayBuffer> =>
  Float32Array.from(half, (h) => {
    const exponent = (h >>> 10) & 31
    const mantissa = h & 1023
    const sign = h & 0x8000 ? -1 : 1
    if (exponent === 0) return sign * mantissa * 2 ** -24
    if (exponent === 31) return mantissa ? NaN : sign * Infinity
    return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15)
  })

export const fromBfloat = (brain: Uint16Array): Float32Array<ArrayBuffer> =>
  new Float32Array(Uint32Array.from(brain, (b) => b << 16).buffer)
