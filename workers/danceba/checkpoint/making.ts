/** @file A tensor as it will be stored, made piece by piece of its numbers. */
import { toHalf } from './half'
import { aligned, type Placed } from './layout'
import { quantise, scalesOf } from './quantise'
import { countOf } from './values'

/** A tensor on its way: takes its numbers in pieces of whole rows, and gives bytes. */
export interface Making {
  readonly placed: Placed
  take(numbers: Float32Array<ArrayBuffer>): Iterable<Uint8Array<ArrayBuffer>>
  end(): Iterable<Uint8Array<ArrayBuffer>>
}

export const makingOf = (placed: Placed): Making => {
  if (placed.transposed) return new Turned(placed)
  if (placed.scales?.axis === 1) return new Columns(placed)
  return placed.scales ? new Rows(placed) : new Plain(placed)
}

type Stored = Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Int8Array<ArrayBuffer>

const bytesOf = (array: Stored) => new Uint8Array(array.buffer)

const encode = (dtype: Placed['dtype'], numbers: Float32Array<ArrayBuffer>) =>
  dtype === 'float16' ? toHalf(new Uint32Array(numbers.buffer)) : numbers

/** With zeros up to where the next begins. */
function* padded(array: Stored) {
  yield bytesOf(array)
  yield* padding(array.byteLength)
}

function* padding(bytes: number) {
  if (aligned(bytes) > bytes) yield new Uint8Array(aligned(bytes) - bytes)
}

/** As it was, but for its type. */
class Plain implements Making {
  readonly placed: Placed
  constructor(placed: Placed) {
    this.placed = placed
  }

  *take(numbers: Float32Array<ArrayBuffer>) {
    yield bytesOf(encode(this.placed.dtype, numbers))
  }

  *end() {
    yield* padding(this.placed.bytes)
  }
}

/** Channels are rows, each with its scale. */
class RowScales {
  readonly row: number
  readonly scales: Float32Array<ArrayBuffer>
  done = 0

  constructor(rows: number, row: number) {
    this.row = row
    this.scales = new Float32Array(rows)
  }

  quantise(numbers: Float32Array<ArrayBuffer>) {
    const scales = scalesOf(numbers, numbers.length / this.row, this.row)
    this.scales.set(scales, this.done)
    this.done += scales.length
    return quantise(numbers, scales, this.row)
  }
}

/** int8 whose channels are rows. */
class Rows implements Making {
  readonly placed: Placed
  readonly #channels: RowScales

  constructor(placed: Placed) {
    this.placed = placed
    this.#channels = new RowScales(placed.shape[0]!, countOf(placed.shape.slice(1)))
  }

  *take(numbers: Float32Array<ArrayBuffer>) {
    yield bytesOf(this.#channels.quantise(numbers))
  }

  *end() {
    yield* padding(this.placed.bytes)
    yield* padded(this.#channels.scales)
  }
}

/** int8 whose channels are columns: scales are known when all of it was seen. */
class Columns implements Making {
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
    const [, channels, ...inner] = this.placed.shape
    const scales = scalesOf(this.#all, channels!, countOf(inner))
    yield* padded(quantise(this.#all, scales, countOf(inner)))
    yield* padded(scales)
  }
}

const ARRAYS = { float32: Float32Array, float16: Uint16Array, int8: Int8Array } as const

/** A matrix (out, in) that becomes (in, out). */
class Turned implements Making {
  readonly placed: Placed
  readonly #all: Stored
  readonly #channels: RowScales
  #rows = 0

  constructor(placed: Placed) {
    this.placed = placed
    const [into, out] = placed.shape as [number, number]
    this.#all = new ARRAYS[placed.dtype](into * out)
    this.#channels = new RowScales(out, into)
  }

  *take(numbers: Float32Array<ArrayBuffer>) {
    const { dtype } = this.placed
    const piece = dtype === 'int8' ? this.#channels.quantise(numbers) : encode(dtype, numbers)
    this.#rows += turn(piece, this.#channels.row, this.#all, this.#rows, this.#channels.scales.length)
    yield* []
  }

  *end() {
    yield* padded(this.#all)
    if (this.placed.scales) yield* padded(this.#channels.scales)
  }
}

/** What fits into the nearest cache, there and back. */
const TILE = 32

/** Rows of `into` numbers become columns of a matrix of `out` of them, from column `first` on; how many they were. */
const turn = (from: Stored, into: number, to: Stored, first: number, out: number): number => {
  const rows = from.length / into
  for (let top = 0; top < rows; top += TILE)
    for (let left = 0; left < into; left += TILE) {
      const bottom = Math.min(rows, top + TILE)
      const right = Math.min(into, left + TILE)
      for (let i = left; i < right; i++)
        for (let row = top; row < bottom; row++) to[i * out + first + row] = from[row * into + i]!
    }
  return rows
}
