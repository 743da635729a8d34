/** @file The elements of a tensor, row by row as if it were dense, out of a file that is never held. */
import { readBytes } from './bytes'
import { bytesOf, type Checkpoint } from './checkpoint'
import type { Stored } from './containers'
import { crc32 } from './crc32'
import { numbersOf } from './numbers'
import { refusal } from './refusal'
import { ITEM_BYTES, countOf, type Tensor } from './values'
import { wrongSum } from './zip'

/** How much is read at once. */
export const CHUNK = 4 * 2 ** 20
/** Views with steps, and whatever else is put together in memory. The largest matrix has 19 MB. */
export const MOST_HELD = 64 * 2 ** 20

/**
 * Its bytes (little-endian, last index fastest), in pieces of about `CHUNK`; whole rows of the first dimension where these are
 * smaller. Each piece is a buffer of its own. Checks the storage's CRC-32; throws `damaged` at its end, after the pieces.
 */
export async function* tensorPieces(
  signal: AbortSignal,
  checkpoint: Checkpoint,
  tensor: Tensor,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const length = bytesOf(tensor)
  if (length === 0) return
  const stored = checkpoint.stored.get(tensor.storage.key)!
  if (!isDense(tensor)) {
    yield await gather(signal, checkpoint, stored, tensor, length)
    return
  }
  const from = tensor.offset * ITEM_BYTES[tensor.dtype]
  const whole = length === stored.bytes
  // The checksum is that of the whole storage: for a part of it, that is read first.
  if (!whole) await check(signal, checkpoint, stored)
  const row = length / (tensor.shape[0] ?? 1)
  const step = row <= CHUNK ? Math.floor(CHUNK / row) * row : CHUNK
  yield* pieces(signal, checkpoint.file, stored, from, from + length, step, whole)
}

/** The same as 32-bit numbers. */
export async function* numberPieces(
  signal: AbortSignal,
  checkpoint: Checkpoint,
  tensor: Tensor,
): AsyncGenerator<Float32Array<ArrayBuffer>, void> {
  for await (const piece of tensorPieces(signal, checkpoint, tensor)) yield numbersOf(tensor.dtype, piece)
}

/** All of a tensor at once: for small ones. Throws `too-complex` beyond `MOST_HELD`. */
export const readTensor = async (
  signal: AbortSignal,
  checkpoint: Checkpoint,
  tensor: Tensor,
): Promise<Uint8Array<ArrayBuffer>> => {
  const all = new Uint8Array(held(bytesOf(tensor)))
  let at = 0
  for await (const piece of tensorPieces(signal, checkpoint, tensor)) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

async function* pieces(
  signal: AbortSignal,
  file: Blob,
  stored: Stored,
  from: number,
  to: number,
  step: number,
  whole: boolean,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const base = await stored.locate()
  const read = (at: number) => {
    const reading = readBytes(file, base + at, base + Math.min(to, at + step))
    reading.catch(() => undefined) // it is thrown when it is waited for
    return reading
  }
  let crc = 0
  let coming = read(from)
  for (let at = from; at < to; at += step) {
    signal.throwIfAborted()
    const bytes = await coming
    if (at + step < to) coming = read(at + step) // while these are worked on
    if (whole && stored.crc !== undefined) crc = crc32(bytes, crc)
    yield bytes
  }
  if (whole && stored.crc !== undefined && crc !== stored.crc) throw wrongSum(stored.name, base)
}

/** Storages whose checksum was right, so that each is read for it once. */
const checked = new WeakSet<Stored>()

const check = async (signal: AbortSignal, { file }: Checkpoint, stored: Stored) => {
  if (stored.crc === undefined || checked.has(stored)) return
  const all = pieces(signal, file, stored, 0, stored.bytes, CHUNK, true)
  while (!(await all.next()).done);
  checked.add(stored)
}

/** Row-major, without gaps; dimensions of size 1 may have any step. */
const isDense = ({ shape, stride }: Tensor) => {
  let step = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && stride[i] !== step) return false
    step *= shape[i]!
  }
  return true
}

const held = (bytes: number) => {
  if (bytes <= MOST_HELD) return bytes
  throw refusal('too-complex', `${bytes} bytes are more than is held at once`)
}

const ARRAYS = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array, 8: BigUint64Array } as const

/** A view with steps: the storage is read whole. */
const gather = async (
  signal: AbortSignal,
  checkpoint: Checkpoint,
  stored: Stored,
  tensor: Tensor,
  length: number,
) => {
  const source = new Uint8Array(held(stored.bytes))
  let at = 0
  for await (const piece of pieces(signal, checkpoint.file, stored, 0, stored.bytes, CHUNK, true)) {
    source.set(piece, at)
    at += piece.length
  }
  const target = new Uint8Array(held(length))
  const Elements = ARRAYS[ITEM_BYTES[tensor.dtype] as 1 | 2 | 4 | 8]
  const from = new Elements(source.buffer)
  const to = new Elements(target.buffer)
  const { shape, stride } = tensor
  const inner = shape.at(-1) ?? 1
  const step = stride.at(-1) ?? 0
  for (let first = 0, n = countOf(shape); first < n; first += inner) {
    const start = placeOf(first / inner, tensor)
    for (let i = 0; i < inner; i++) to[first + i] = from[start + i * step]!
  }
  return target
}

/** Where the row of the last dimension with this number begins. */
const placeOf = (row: number, { offset, shape, stride }: Tensor) => {
  let place = offset
  for (let i = shape.length - 2, rest = row; i >= 0; i--) {
    place += (rest % shape[i]!) * stride[i]!
    rest = Math.floor(rest / shape[i]!)
  }
  return place
}
