/** @file Elements of a tensor as 32-bit numbers, and that they are numbers. */
import { fromBfloat, fromHalf } from './half'
import { refusal } from './refusal'
import type { Dtype } from './values'

const DECODE: Partial<Record<Dtype, (buffer: ArrayBuffer) => Float32Array<ArrayBuffer>>> = {
  float32: (buffer) => new Float32Array(buffer),
  float64: (buffer) => Float32Array.from(new Float64Array(buffer)),
  float16: (buffer) => fromHalf(new Uint16Array(buffer)),
  bfloat16: (buffer) => fromBfloat(new Uint16Array(buffer)),
}

/** Of types that are real; `demand` lets no others through. */
export const numbersOf = (dtype: Dtype, { buffer }: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> => {
  const decode = DECODE[dtype]
  if (!decode) throw refusal('unsupported', `${dtype} holds no real numbers`)
  return decode(buffer)
}

/** Throws `not-finite` with the tensor's name where there is a NaN or an infinity among them. */
export const demandFinite = (numbers: Float32Array, tensor: string): void => {
  if (allReal(new Int32Array(numbers.buffer, numbers.byteOffset, numbers.length))) return
  throw refusal('not-finite', `${tensor} has values that are no numbers`, { tensor })
}

const EXPONENT = 0x7f800000

/** An exponent of ones (NaN and infinity) carries into the sign; no branch until the end. */
const allReal = (bits: Int32Array) => {
  let carried = 0
  let i = 0
  for (; i + 4 <= bits.length; i += 4)
    carried |=
      ((bits[i]! & EXPONENT) + 0x800000) |
      ((bits[i + 1]! & EXPONENT) + 0x800000) |
      ((bits[i + 2]! & EXPONENT) + 0x800000) |
      ((bits[i + 3]! & EXPONENT) + 0x800000)
  for (; i < bits.length; i++) carried |= (bits[i]! & EXPONENT) + 0x800000
  return carried >= 0
}
