/** @file A checkpoint converted to the file that graphs read, as a stream: a few pieces of 4 MB in memory, or one large matrix. */
import type { Checkpoint } from './checkpoint'
import { aligned, type Layout, type Placed } from './layout'
import { tensorPieces } from './read'
import { refusal } from './refusal'
import { fromBfloat, fromHalf, toHalf } from './half'
import { quantise, scalesOf } from './quantise'
import { countOf, type Dtype } from './values'

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

const realNumbers = ({ name, tensor }: Placed, { buffer }: Uint8Array<ArrayBuffer>) => {
  const numbers = DECODE[tensor.dtype]!(buffer) // `demand` lets no other types through
  const bits = new Uint32Array(numbers.buffer)
  let most = 0
  for (const bit of bits) {
    const size = bit & 0x7fffffff
    if (size > most) most = size
  }
  if (most >= 0x7f800000)
    throw refusal('not-finite', `${name} has values that are no numbers`, { tensor: name })
  return numbers
}

/** A tensor on its way: takes its numbers in pieces of whole rows, and gives bytes. */
interface Making {
  readonly placed: Placed
  take(numbers: Float32Array<ArrayBuffer>): Iterable<Uint8Array<ArrayBuffer>>
  end(): Iterable<Uint8Array<ArrayBuffer>>
}

const makingOf = (placed: Placed): Making => {
  if (placed.transposed || placed.scales?.axis === 1) return new Whole(placed)
  return placed.scales ? new Rows(placed) : new Plain(placed)
}

const bytesOf = (array: Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Int8Array<ArrayBuffer>) =>
  new Uint8Array(array.buffer)

const encode = (dtype: 'float32' | 'float16', numbers: Float32Array<ArrayBuffer>) =>
  bytesOf(dtype === 'float16' ? toHalf(new Uint32Array(numbers.buffer)) : numbers)

/** Zeros up to where the next begins. */
function* padding(bytes: number) {
  if (aligned(bytes) > bytes) yield new Uint8Array(aligned(bytes) - bytes)
}

class Plain implements Making {
  readonly placed: Placed
  constructor(placed: Placed) {
    this.placed = placed
  }

  *take(numbers: Float32Array<ArrayBuffer>) {
    yield encode(this.placed.dtype as 'float32' | 'float16', numbers)
  }

  *end() {
    yield* padding(this.placed.bytes)
  }
}

/** int8 whose channels are rows. */
class Rows implements Making {
  readonly placed: Placed
  readonly #row: number
  readonly #scales: Float32Array<ArrayBuffer>
  #done = 0

  constructor(placed: Placed) {
    this.placed = placed
    this.#row = countOf(placed.shape.slice(1))
    this.#scales = new Float32Array(placed.shape[0]!)
  }

  *take(numbers: Float32Array<ArrayBuffer>) {
    const scales = scalesOf(numbers, numbers.length / this.#row, this.#row)
    this.#scales.set(scales, this.#done)
    this.#done += scales.length
    yield bytesOf(quantise(numbers, scales, this.#row))
  }

  *end() {
    yield* padding(this.placed.bytes)
    yield bytesOf(this.#scales)
    yield* padding(this.#scales.byteLength)
  }
}

/** What has to be seen whole: turned matrices, and channels that are columns. */
class Whole implements Making {
  readonly placed: Placed
  readonly #all: Float32Array<ArrayBuffer>
  #done = 0

  constructor(placed: Placed) {
    this.placed = placed
    this.#all = new Float32Array(countOf(placed.shape))
  }

  *take(numbers: Float32Array<ArrayBuffer>) {
    this.#all.set(numbers, this.#done)
    this.#done += numbers.length
    yield* []
  }

  *end() {
    const { placed } = this
    const numbers = placed.transposed ? turned(this.#all, placed.shape) : this.#all
    if (placed.dtype !== 'int8') {
      yield encode(placed.dtype, numbers)
      yield* padding(placed.bytes)
      return
    }
    const [, channels, ...inner] = placed.shape
    const scales = scalesOf(numbers, channels!, countOf(inner))
    yield bytesOf(quantise(numbers, scales, countOf(inner)))
    yield* padding(placed.bytes)
    yield bytesOf(scales)
    yield* padding(scales.byteLength)
  }
}

/** (columns, rows) of what was (rows, columns). `shape`: afterwards. */
const turned = (numbers: Float32Array, [rows, columns]: readonly number[]) => {
  const result = new Float32Array(numbers.length)
  for (let row = 0; row < rows!; row++)
    for (let column = 0; column < columns!; column++)
      result[row * columns! + column] = numbers[column * rows! + row]!
  return result
}
