/** @file A checkpoint converted to the file that graphs read, as a stream: a few pieces of 4 MB in memory, or one large matrix. */
import type { Checkpoint } from './checkpoint'
import type { Layout, Placed } from './layout'
import { makingOf, type Making } from './making'
import { tensorPieces } from './read'
import { refusal } from './refusal'
import { fromBfloat, fromHalf } from './half'
import type { Dtype } from './values'

export interface Chunk {
  /** Where it belongs; each begins where the one before ended. */
  readonly at: number
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Bytes of the new file up to its end, and all of them. */
  readonly done: number
  readonly of: number
}

/**
 * All bytes of the new file, in order. It is complete only when the stream has ended: a wrong checksum is found at the end of
 * the tensor it is in. Throws `damaged`, `unreadable`, `not-finite` (with the tensor's name), and the signal's reason.
 */
export async function* convert(
  signal: AbortSignal,
  checkpoint: Checkpoint,
  layout: Layout,
): AsyncGenerator<Chunk, void> {
  let at = 0
  for await (const bytes of ahead(outputs(signal, checkpoint, layout))) {
    signal.throwIfAborted()
    const from = at
    at += bytes.length
    yield { at: from, bytes, done: at, of: layout.bytes }
  }
}

async function* outputs(signal: AbortSignal, checkpoint: Checkpoint, layout: Layout) {
  let making: Making | undefined
  for await (const { placed, piece } of ahead(inputs(signal, checkpoint, layout))) {
    if (making?.placed !== placed) {
      if (making) yield* making.end()
      making = makingOf(placed)
    }
    yield* making.take(realNumbers(placed, piece))
  }
  if (making) yield* making.end()
}

async function* inputs(signal: AbortSignal, checkpoint: Checkpoint, { tensors }: Layout) {
  for (const placed of tensors)
    for await (const piece of tensorPieces(signal, checkpoint, placed.tensor)) yield { placed, piece }
}

/** What comes next is asked for while this is being worked on. */
async function* ahead<T>(source: AsyncGenerator<T, void>): AsyncGenerator<T, void> {
  const ask = () => {
    const next = source.next()
    next.catch(() => undefined) // it is thrown when it is waited for
    return next
  }
  try {
    for (let next = ask(); ;) {
      const { done, value } = await next
      if (done) return
      next = ask()
      yield value
    }
  } finally {
    await source.return()
  }
}

const DECODE: Partial<Record<Dtype, (buffer: ArrayBuffer) => Float32Array<ArrayBuffer>>> = {
  float32: (buffer) => new Float32Array(buffer),
  float64: (buffer) => Float32Array.from(new Float64Array(buffer)),
  float16: (buffer) => fromHalf(new Uint16Array(buffer)),
  bfloat16: (buffer) => fromBfloat(new Uint16Array(buffer)),
}

const EXPONENT = 0x7f800000

const realNumbers = ({ name, tensor }: Placed, { buffer }: Uint8Array<ArrayBuffer>) => {
  const numbers = DECODE[tensor.dtype]!(buffer) // `demand` lets no other types through
  if (!allReal(new Int32Array(numbers.buffer)))
    throw refusal('not-finite', `${name} has values that are no numbers`, { tensor: name })
  return numbers
}

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
