/** @file A tensor of a layout, made while the values of the checkpoint's come, in pieces of whole rows. */
import { toHalf } from '../checkpoint/half'
import { demandFinite } from '../checkpoint/numbers'
import { refusal } from '../checkpoint/refusal'
import { BLOCK, type Form, type Stored } from './layout'
import { quantise, scaleOf } from './quantise'

export type Values = Float32Array<ArrayBuffer>

/** Bytes of a tensor, from its beginning on. */
export interface Made {
  readonly stored: Stored
  readonly at: number
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** One tensor, or one and its scales. */
export interface Making {
  /** The tensors of the checkpoint that it is made of, in the order in which it takes them. */
  readonly sources: readonly string[]
  take(source: string, piece: Values): Iterable<Made>
  end(): Iterable<Made>
}

/** How to make the tensors of a segment, in the order of the file. Each begins when it is asked for. */
export function* makingsOf(tensors: readonly Stored[]): Generator<Making, void> {
  for (let i = 0; i < tensors.length; i++) {
    const stored = tensors[i]!
    const { form } = stored
    if (form === 'int8') yield new Turned(stored, tensors[++i]!)
    else if (form === 'blocks') yield new Blocks(stored, tensors[++i]!)
    else if (form in EACH) yield new Each(stored)
    else yield new Whole(stored)
  }
}

const bytesOf = ({
  buffer,
  byteOffset,
  byteLength,
}: Values | Uint16Array<ArrayBuffer> | Int8Array<ArrayBuffer>) =>
  new Uint8Array(buffer, byteOffset, byteLength)

const demandAll = ({ source }: Stored, found: number, wanted: number) => {
  if (found !== wanted) throw new RangeError(`${source} gave ${found} of ${wanted}`)
}

const EACH: Partial<Record<Form, (values: Values, source: string) => Values | Uint16Array<ArrayBuffer>>> = {
  'as-is': (values) => values,
  half: (values) => toHalf(new Uint32Array(values.buffer, values.byteOffset, values.length)),
  decay: (values, source) => {
    const decay = values.map((value) => -Math.exp(value))
    demandFinite(decay, source)
    return decay
  },
}

/** Value by value. */
class Each implements Making {
  readonly sources: readonly string[]
  readonly #stored: Stored
  #done = 0

  constructor(stored: Stored) {
    this.#stored = stored
    this.sources = [stored.source]
  }

  *take(source: string, piece: Values) {
    const bytes = bytesOf(EACH[this.#stored.form]!(piece, source))
    yield { stored: this.#stored, at: this.#done, bytes }
    this.#done += bytes.length
  }

  *end() {
    demandAll(this.#stored, this.#done, this.#stored.bytes)
    yield* []
  }
}

/** What is held whole while it is made. The largest matrix of the published network has 4.7 MB in bytes. */
const MOST_HELD = 64 * 2 ** 20

const demandHeld = ({ source, bytes }: Stored) => {
  if (bytes > MOST_HELD) throw refusal('too-complex', `${source} is too large`, { tensor: source })
}

const rowsIn = (piece: Values, row: number, { source }: Stored) => {
  if (piece.length % row)
    throw refusal('too-complex', `${source} has rows that are too long`, { tensor: source })
  return piece.length / row
}

/** Out × in → in × out in bytes, each column with its scale. */
class Turned implements Making {
  readonly sources: readonly string[]
  readonly #stored: Stored
  readonly #ofScales: Stored
  readonly #into: number
  readonly #all: Int8Array<ArrayBuffer>
  readonly #scales: Values
  #rows = 0

  constructor(stored: Stored, ofScales: Stored) {
    demandHeld(stored)
    const [into, out] = stored.dims as readonly [number, number]
    this.sources = [stored.source]
    this.#stored = stored
    this.#ofScales = ofScales
    this.#into = into
    this.#all = new Int8Array(into * out)
    this.#scales = new Float32Array(out)
  }

  *take(_: string, piece: Values) {
    const into = this.#into
    const rows = rowsIn(piece, into, this.#stored)
    const whole = new Int8Array(piece.length)
    for (let row = 0, from = 0; row < rows; row++, from += into) {
      const scale = scaleOf(piece, from, from + into)
      quantise(piece, from, from + into, scale, whole, from)
      this.#scales[this.#rows + row] = scale
    }
    turn(whole, into, this.#all, this.#rows, this.#scales.length)
    this.#rows += rows
    yield* []
  }

  *end() {
    demandAll(this.#stored, this.#rows, this.#scales.length)
    yield { stored: this.#stored, at: 0, bytes: bytesOf(this.#all) }
    yield { stored: this.#ofScales, at: 0, bytes: bytesOf(this.#scales) }
  }
}

/** What fits into the nearest cache, there and back. */
const TILE = 32

/** Rows of `into` values become columns of a matrix of `out` of them, from column `first` on. */
const turn = (from: Int8Array, into: number, to: Int8Array, first: number, out: number) => {
  const rows = from.length / into
  for (let top = 0; top < rows; top += TILE)
    for (let left = 0; left < into; left += TILE) {
      const bottom = Math.min(rows, top + TILE)
      const right = Math.min(into, left + TILE)
      for (let i = left; i < right; i++)
        for (let row = top; row < bottom; row++) to[i * out + first + row] = from[row * into + i]!
    }
}

/** Out × in → out × blocks in bytes, each block with its scale. */
class Blocks implements Making {
  readonly sources: readonly string[]
  readonly #stored: Stored
  readonly #ofScales: Stored
  readonly #scales: Values
  #rows = 0

  constructor(stored: Stored, ofScales: Stored) {
    const [out, blocks] = stored.dims as readonly [number, number]
    this.sources = [stored.source]
    this.#stored = stored
    this.#ofScales = ofScales
    this.#scales = new Float32Array(out * blocks)
  }

  *take(_: string, piece: Values) {
    const [, blocks] = this.#stored.dims as readonly [number, number]
    const into = this.#stored.into!
    const rows = rowsIn(piece, into, this.#stored)
    const whole = new Uint8Array(rows * blocks * BLOCK).fill(ZERO)
    for (let row = 0; row < rows; row++)
      for (let block = 0; block < blocks; block++) {
        const from = row * into + block * BLOCK
        const to = Math.min(from + BLOCK, (row + 1) * into)
        const scale = scaleOf(piece, from, to)
        quantise(piece, from, to, scale, whole, (row * blocks + block) * BLOCK, ZERO)
        this.#scales[(this.#rows + row) * blocks + block] = scale
      }
    yield { stored: this.#stored, at: this.#rows * blocks * BLOCK, bytes: whole }
    this.#rows += rows
  }

  *end() {
    demandAll(this.#stored, this.#rows, this.#stored.dims[0]!)
    yield { stored: this.#ofScales, at: 0, bytes: bytesOf(this.#scales) }
  }
}

const ZERO = 128

/** Of small ones, when all that they need is there. */
class Whole implements Making {
  readonly sources: readonly string[]
  readonly #stored: Stored
  readonly #taken = new Map<string, Values[]>()

  constructor(stored: Stored) {
    demandHeld(stored)
    this.#stored = stored
    this.sources = sourcesOf(stored)
  }

  *take(source: string, piece: Values) {
    const taken = this.#taken.get(source) ?? []
    taken.push(piece)
    this.#taken.set(source, taken)
    yield* []
  }

  *end() {
    const values = madeOf(this.#stored, (source) => joined(this.#taken.get(source) ?? []))
    demandFinite(values, this.sources[0]!)
    demandAll(this.#stored, values.byteLength, this.#stored.bytes)
    yield { stored: this.#stored, at: 0, bytes: bytesOf(values) }
  }
}

const joined = (pieces: readonly Values[]): Values => {
  const all = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

const sourcesOf = ({ form, source }: Stored): string[] => {
  if (form === 'taps') return [source]
  const own = form === 'folded-weight' ? ['linear2.weight'] : ['linear2.bias', 'bn2.running_mean', 'bn2.bias']
  return [...own, 'bn2.weight', 'bn2.running_var'].map((name) => `${source}.${name}`)
}

/** Batch normalisation in inference: x · gain + shift a channel (Ioffe and Szegedy 2015; PyTorch's epsilon). */
const madeOf = ({ form, source, dims }: Stored, read: (source: string) => Values): Values => {
  if (form === 'taps') return transposed(read(source), dims[1]!, dims[0]!)
  const of = (name: string) => read(`${source}.${name}`)
  const variance = of('bn2.running_var')
  const gain = Float64Array.from(of('bn2.weight'), (value, i) => value / Math.sqrt(variance[i]! + 1e-5))
  if (form === 'folded-weight')
    return of('linear2.weight').map((value, i) => value * gain[Math.floor(i / dims[1]!)]!)
  const mean = of('bn2.running_mean')
  const shift = of('bn2.bias')
  return of('linear2.bias').map((value, i) => (value - mean[i]!) * gain[i]! + shift[i]!)
}

const transposed = (values: Values, rows: number, columns: number) => {
  const out = new Float32Array(values.length)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      out[column * rows + row] = values[row * columns + column]!
  return out
}
