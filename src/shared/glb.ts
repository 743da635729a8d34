/**
 * @file The container of binary glTF (glTF 2.0, section 4): a header of 12 bytes, then chunks of length, type and data.
 * Avatars and motions come in it; what is wrong with one is said in the words of whoever reads it.
 */

/** An object of JSON of which nothing is known. */
export type Data = Readonly<Record<string, unknown>>

export const isData = (value: unknown): value is Data =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `format`: no GLB, or its JSON cannot be read. `truncated`: it ends before it says that it does. Throws. */
export type RefuseGlb = (why: 'format' | 'truncated', message: string, cause?: unknown) => never

export interface Glb {
  readonly json: Data
  /** Empty where the file has none. */
  readonly binary: Uint8Array
}

const GLTF = 0x46546c67
const JSON_CHUNK = 0x4e4f534a
const BINARY_CHUNK = 0x004e4942

export const readGlb = (bytes: Uint8Array, refuse: RefuseGlb): Glb => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 20 || view.getUint32(0, true) !== GLTF) return refuse('format', 'no GLB header')
  if (view.getUint32(4, true) !== 2) return refuse('format', 'not glTF version 2')
  const whole = view.getUint32(8, true)
  if (whole > bytes.length) return refuse('truncated', `${bytes.length} of ${whole} bytes`)
  let json: Uint8Array | undefined
  let binary: Uint8Array | undefined
  for (let at = 12; at + 8 <= whole;) {
    const size = view.getUint32(at, true)
    const type = view.getUint32(at + 4, true)
    if (at + 8 + size > whole) return refuse('truncated', 'a chunk runs past the end')
    const data = bytes.subarray(at + 8, at + 8 + size)
    if (type === JSON_CHUNK) json ??= data
    else if (type === BINARY_CHUNK) binary ??= data
    at += 8 + size
  }
  if (!json) return refuse('format', 'no JSON chunk')
  return { json: parse(json, refuse), binary: binary ?? new Uint8Array(0) }
}

const parse = (json: Uint8Array, refuse: RefuseGlb): Data => {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json))
  } catch (cause) {
    return refuse('format', 'the JSON chunk cannot be read', cause)
  }
  return isData(value) ? value : refuse('format', 'the JSON chunk is no object')
}

export const writeGlb = (json: Data, binary: Uint8Array): Uint8Array<ArrayBuffer> => {
  const text = new TextEncoder().encode(JSON.stringify(json))
  const [textSize, binarySize] = [padded(text.length), padded(binary.length)]
  const bytes = new Uint8Array(12 + 8 + textSize + (binarySize ? 8 + binarySize : 0))
  const view = new DataView(bytes.buffer)
  const words = [GLTF, 2, bytes.length, textSize, JSON_CHUNK]
  words.forEach((word, i) => view.setUint32(i * 4, word, true))
  bytes.fill(0x20, 20, 20 + textSize) // JSON is padded with spaces, the binary part with zeros
  bytes.set(text, 20)
  if (binarySize) {
    view.setUint32(20 + textSize, binarySize, true)
    view.setUint32(24 + textSize, BINARY_CHUNK, true)
    bytes.set(binary, 28 + textSize)
  }
  return bytes
}

/** Chunks and what lies in them begin at multiples of four bytes. */
export const padded = (size: number) => Math.ceil(size / 4) * 4
