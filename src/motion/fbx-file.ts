/**
 * @file The tree of an FBX file, binary or ASCII, version 6.1 to 7.7: named nodes with values and children. The format is
 * Autodesk's own and not published; this follows what Blender's developers have written down of it ("FBX binary file
 * format specification", 2013). Arrays stay packed until they are asked for: a character's mesh is never unpacked.
 */
import { refuse } from './refuse'

export type FbxValue = string | number | boolean | FbxArray

export interface FbxArray {
  readonly type: string
  readonly length: number
  readonly packed: boolean
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface FbxNode {
  readonly name: string
  readonly values: readonly FbxValue[]
  readonly children: readonly FbxNode[]
}

/** More nodes, levels or numbers than any clip has. */
const MOST = { nodes: 3e6, depth: 64, numbers: 20e6 }

/** The nodes at the top. Throws `bad-input`. */
export const parseFbx = (bytes: Uint8Array<ArrayBuffer>): readonly FbxNode[] =>
  new TextDecoder('latin1').decode(bytes.subarray(0, 18)) === 'Kaydara FBX Binary'
    ? new Binary(bytes).read()
    : new Text(new TextDecoder().decode(bytes)).read()

// ---- binary --------------------------------------------------------------------------------------------------------

const HEADER = 27
const VERSION_AT = 23
/** From here on the places in the file are numbers of 64 bits. */
const LONG = 7500

class Binary {
  readonly #bytes: Uint8Array<ArrayBuffer>
  readonly #view: DataView
  readonly #long: boolean
  #at = HEADER
  #nodes = 0

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    if (bytes.length < HEADER) refuse('truncated', 'the header does not end')
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const version = this.#view.getUint32(VERSION_AT, true)
    if (version < 6100 || version >= 9000) refuse('format', `FBX of version ${version}`)
    this.#long = version >= LONG
  }

  read(): FbxNode[] {
    return this.#list(this.#bytes.length, 0)
  }

  /** Nodes until one without anything in it. */
  #list(end: number, depth: number): FbxNode[] {
    if (depth > MOST.depth) refuse('broken', 'nodes within nodes without end')
    const nodes: FbxNode[] = []
    while (this.#at < end) {
      const node = this.#node(end, depth)
      if (!node) return nodes
      nodes.push(node)
    }
    return depth === 0 ? refuse('truncated', 'the list of nodes does not end') : nodes
  }

  #node(within: number, depth: number): FbxNode | undefined {
    const [end, count, size] = [this.#place(), this.#place(), this.#place()]
    const name = this.#text(this.#u8())
    if (end === 0) return undefined
    if (end > this.#bytes.length) return refuse('truncated', `${name} runs past the end`)
    if (end > within || end < this.#at + size) return refuse('broken', `${name} ends where it cannot`)
    if (++this.#nodes > MOST.nodes) return refuse('broken', 'too many nodes')
    const after = this.#at + size
    const values: FbxValue[] = []
    while (values.length < count && this.#at < after) values.push(this.#value())
    this.#at = after
    const children = this.#at < end ? this.#list(end, depth + 1) : []
    this.#at = end
    return { name, values, children }
  }

  #value(): FbxValue {
    const type = String.fromCharCode(this.#u8())
    const at = this.#at
    switch (type) {
      case 'B':
      case 'C':
        return this.#u8() !== 0
      case 'Y':
        this.#take(2)
        return this.#view.getInt16(at, true)
      case 'I':
        this.#take(4)
        return this.#view.getInt32(at, true)
      case 'L':
        this.#take(8)
        return Number(this.#view.getBigInt64(at, true))
      case 'F':
        this.#take(4)
        return this.#view.getFloat32(at, true)
      case 'D':
        this.#take(8)
        return this.#view.getFloat64(at, true)
      case 'S':
      case 'R':
        return this.#text(this.#u32())
      default:
        return /^[fdlibc]$/.test(type) ? this.#array(type) : refuse('broken', `a value of type ${type}`)
    }
  }

  #array(type: string): FbxArray {
    const [length, packing, size] = [this.#u32(), this.#u32(), this.#u32()]
    const packed = packing === 1
    const bytes = this.#take(packed ? size : length * (SIZES[type] ?? 1))
    return { type, length, packed, bytes }
  }

  #place(): number {
    if (!this.#long) return this.#u32()
    const at = this.#at
    this.#take(8)
    return Number(this.#view.getBigUint64(at, true))
  }

  #u8(): number {
    return this.#take(1)[0]!
  }

  #u32(): number {
    const at = this.#at
    this.#take(4)
    return this.#view.getUint32(at, true)
  }

  #text(size: number): string {
    return new TextDecoder().decode(this.#take(size))
  }

  #take(size: number): Uint8Array<ArrayBuffer> {
    const from = this.#at
    this.#at += size
    if (this.#at > this.#bytes.length) refuse('truncated', 'the file ends in the middle of a value')
    return this.#bytes.subarray(from, this.#at)
  }
}

const SIZES: Readonly<Record<string, number>> = { f: 4, d: 8, l: 8, i: 4, b: 1, c: 1 }

/** The numbers of a node: a packed array, or in ASCII the values of its child `a`. */
export const numbersOf = async (node: FbxNode | undefined): Promise<Float64Array> => {
  const [array] = node?.values ?? []
  if (typeof array !== 'object') {
    const values = node?.children.find(({ name }) => name === 'a')?.values ?? node?.values ?? []
    return Float64Array.from(values, Number)
  }
  const { type, length } = array
  const size = SIZES[type] ?? 1
  if (length > MOST.numbers) return refuse('broken', `${length} numbers in one array`)
  const bytes = array.packed ? await unpacked(array.bytes, length * size) : array.bytes
  if (bytes.length < length * size) return refuse('truncated', 'an array is shorter than it says')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const read = (at: number) => {
    if (type === 'f') return view.getFloat32(at, true)
    if (type === 'd') return view.getFloat64(at, true)
    if (type === 'l') return Number(view.getBigInt64(at, true))
    return type === 'i' ? view.getInt32(at, true) : view.getUint8(at)
  }
  return Float64Array.from({ length }, (_, i) => read(i * size))
}

/** zlib, and no more of it than the array is said to hold: a few bytes may unpack to gigabytes. */
const unpacked = async (bytes: Uint8Array<ArrayBuffer>, size: number): Promise<Uint8Array> => {
  const whole = new Uint8Array(size)
  let at = 0
  try {
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'))
    const reader = stream.getReader()
    for (let step = await reader.read(); !step.done && at < size; step = await reader.read()) {
      whole.set(step.value.subarray(0, size - at), at)
      at += step.value.length
    }
    await reader.cancel()
  } catch (cause) {
    return refuse('broken', 'an array that cannot be unpacked', cause)
  }
  return whole.subarray(0, Math.min(at, size))
}

// ---- ASCII ---------------------------------------------------------------------------------------------------------

/** `Name: value, value { children }`, in lines as a rule; `;` begins a comment. */
class Text {
  readonly #text: string
  readonly #token = /\s*(?:;[^\n]*\s*)*(?:"([^"]*)"|([{},])|([^\s{},";:]+):(?!:)|([^\s{},";]+))/gy
  #word: RegExpExecArray | null = null
  #nodes = 0

  constructor(text: string) {
    this.#text = text
  }

  read(): FbxNode[] {
    this.#next()
    const nodes = this.#list(0)
    if (this.#word) refuse('broken', 'one brace too many')
    return nodes.length ? nodes : refuse('format', 'nothing in it')
  }

  #next() {
    const from = this.#token.lastIndex
    this.#word = this.#token.exec(this.#text)
    if (!this.#word && /\S/.test(this.#text.slice(from).replace(/;[^\n]*/g, '')))
      refuse('format', 'text that is no FBX')
  }

  #list(depth: number): FbxNode[] {
    if (depth > MOST.depth) refuse('broken', 'nodes within nodes without end')
    const nodes: FbxNode[] = []
    while (this.#word && this.#word[2] !== '}') {
      const name = this.#word[3] ?? refuse('format', `${this.#word[0].trim().slice(0, 40)} is no node`)
      if (++this.#nodes > MOST.nodes) refuse('broken', 'too many nodes')
      this.#next()
      const values = this.#values()
      let children: readonly FbxNode[] = []
      if (this.#is('{')) {
        this.#next()
        children = this.#list(depth + 1)
        this.#close(name)
      }
      nodes.push({ name, values, children })
    }
    return nodes
  }

  #values(): FbxValue[] {
    const values: FbxValue[] = []
    for (;;) {
      if (this.#is(',')) {
        this.#next()
        continue
      }
      const word = this.#word
      if (!word || word[2] !== undefined || word[3] !== undefined) return values
      values.push(word[1] ?? valueOf(word[4]!))
      this.#next()
      if (!this.#is(',')) return values
    }
  }

  #is(sign: string) {
    return this.#word?.[2] === sign
  }

  #close(name: string) {
    if (!this.#is('}')) refuse('truncated', `${name} does not end`)
    this.#next()
  }
}

const valueOf = (word: string): string | number => {
  const value = Number(word)
  return Number.isNaN(value) ? word : value
}
