/**
 * @file ONNX models written from scratch, as protobuf (onnx.proto of ONNX 1.17; numbers below are its field ids). Only what ONNX
 * Runtime needs. Weights are not copied: they are said to lie in files beside the model (`external_data` of TensorProto).
 */

/** `TensorProto.DataType` of the element types that are used here. */
const ELEMENT_TYPES = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10 } as const
export type ElementType = keyof typeof ELEMENT_TYPES

/** A number is written as an integer, `{ float }` as a float; lists are lists of integers. */
export type Attribute = number | string | readonly number[] | { readonly float: number }

/** Where the bytes of a tensor lie: `file` is the name under which the data is given to ONNX Runtime. */
export interface Place {
  readonly file: string
  readonly offset: number
  readonly bytes: number
}

/** Symbolic sizes are words. */
export type Dims = readonly (number | string)[]

/** A graph that grows node by node; values are known by their names. */
export class GraphWriter {
  readonly #graph = new Message()
  readonly #nodes: { readonly early: Message[]; readonly rest: Message[] } = { early: [], rest: [] }
  readonly #names = new Set<string>()
  #count = 0

  constructor(name: string) {
    this.#graph.string(2, name)
  }

  input(name: string, type: ElementType, dims: Dims): string {
    this.#graph.message(11, valueInfo(name, type, dims))
    return name
  }

  /** The value of that name is a result of the graph. */
  output(name: string, type: ElementType, dims: Dims): string {
    this.#graph.message(12, valueInfo(name, type, dims))
    return name
  }

  /** One node with one result, which is called `as` or gets a name of its own. Inputs that are '' are left out. */
  op(type: string, inputs: readonly string[], attributes: Attributes = {}, as?: string): string {
    return this.ops(type, inputs, attributes, as === undefined ? 1 : [as])[0]!
  }

  /** One node with several results: their names, or how many. `com.microsoft.` before the type is its domain. */
  ops(
    type: string,
    inputs: readonly string[],
    attributes: Attributes,
    results: readonly string[] | number,
    place: 'early' | 'rest' = 'rest',
  ) {
    const [, domain = '', bare = type] = /^(?:(.*)\.)?([^.]+)$/.exec(type) ?? []
    const outputs =
      typeof results === 'number'
        ? Array.from({ length: results }, () => `${bare}_${++this.#count}`)
        : results
    const node = new Message()
    for (const name of inputs) node.string(1, name)
    for (const name of outputs) node.string(2, name)
    node.string(3, outputs[0]!).string(4, bare)
    for (const [name, value] of Object.entries(attributes)) node.message(5, attribute(name, value))
    if (domain) node.string(7, domain)
    this.#nodes[place].push(node)
    return outputs
  }

  /**
   * A node before all others, because it depends on nothing but stored tensors. ONNX Runtime walks from a node to what it needs,
   * the latest of it first; so it is run just before its result is wanted. Among the others it would be run, and its result
   * kept, before everything.
   */
  early(type: string, inputs: readonly string[], attributes: Attributes): string {
    return this.ops(type, inputs, attributes, 1, 'early')[0]!
  }

  /** A small tensor inside the model; without `dims` a scalar. */
  constant(type: 'float' | 'int64', values: readonly number[], dims: readonly number[] = []): string {
    const name = `${type}_${dims.join('x')}_${values.join('_')}`
    if (this.#names.has(name)) return name
    this.#names.add(name)
    const data = type === 'float' ? Float32Array.from(values) : BigInt64Array.from(values, BigInt)
    this.#graph.message(5, tensor(name, type, dims).bytes(9, new Uint8Array(data.buffer)))
    return name
  }

  /** A tensor that lies outside; asked for twice, it is written once. */
  stored(name: string, type: ElementType, dims: readonly number[], { file, offset, bytes }: Place): string {
    if (this.#names.has(name)) return name
    this.#names.add(name)
    const message = tensor(name, type, dims)
    for (const [key, value] of Object.entries({ location: file, offset, length: bytes }))
      message.message(13, new Message().string(1, key).string(2, String(value)))
    this.#graph.message(5, message.int(14, EXTERNAL))
    return name
  }

  /** The whole model. */
  encode(): Uint8Array<ArrayBuffer> {
    for (const nodes of [this.#nodes.early, this.#nodes.rest])
      for (const node of nodes.splice(0)) this.#graph.message(1, node)
    const model = new Message().int(1, IR_VERSION).string(2, 'proscenium').message(7, this.#graph)
    for (const [domain, version] of Object.entries(OPSETS))
      model.message(8, new Message().string(1, domain).int(2, version))
    return model.encode()
  }
}

export type Attributes = Readonly<Record<string, Attribute>>

const IR_VERSION = 10
const OPSETS = { '': 21, 'com.microsoft': 1 }
const EXTERNAL = 1

const tensor = (name: string, type: ElementType, dims: readonly number[]) => {
  const message = new Message()
  for (const size of dims) message.int(1, size)
  return message.int(2, ELEMENT_TYPES[type]).string(8, name)
}

const valueInfo = (name: string, type: ElementType, dims: Dims) => {
  const shape = new Message()
  for (const size of dims)
    shape.message(1, typeof size === 'string' ? new Message().string(2, size) : new Message().int(1, size))
  const tensorType = new Message().int(1, ELEMENT_TYPES[type]).message(2, shape)
  return new Message().string(1, name).message(2, new Message().message(1, tensorType))
}

/** `AttributeProto.AttributeType`: 1 float, 2 integer, 3 string, 7 integers. */
const attribute = (name: string, value: Attribute) => {
  const message = new Message().string(1, name)
  if (typeof value === 'string') return message.string(4, value).int(20, 3)
  if (typeof value === 'number') return message.int(3, value).int(20, 2)
  if ('float' in value) return message.float(2, value.float).int(20, 1)
  for (const item of value) message.int(8, item)
  return message.int(20, 7)
}

const VARINT = 0
const LENGTH_DELIMITED = 2
const FIXED32 = 5
const encoder = new TextEncoder()

/** One protobuf message under construction. */
class Message {
  readonly #parts: Uint8Array[] = []
  #length = 0

  int(field: number, value: number) {
    return this.#push(varint((field << 3) | VARINT), varint(value))
  }

  float(field: number, value: number) {
    return this.#push(varint((field << 3) | FIXED32), new Uint8Array(new Float32Array([value]).buffer))
  }

  bytes(field: number, bytes: Uint8Array) {
    return this.#push(varint((field << 3) | LENGTH_DELIMITED), varint(bytes.length), bytes)
  }

  string(field: number, text: string) {
    return this.bytes(field, encoder.encode(text))
  }

  message(field: number, message: Message) {
    return this.bytes(field, message.encode())
  }

  encode(): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(this.#length)
    let at = 0
    for (const part of this.#parts) {
      out.set(part, at)
      at += part.length
    }
    return out
  }

  #push(...parts: Uint8Array[]) {
    for (const part of parts) {
      this.#parts.push(part)
      this.#length += part.length
    }
    return this
  }
}

/** Seven bits a byte, the lowest first; negative ones as 64 bits in two's complement. */
const varint = (value: number): Uint8Array => {
  let rest = BigInt.asUintN(64, BigInt(value))
  const bytes: number[] = []
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return Uint8Array.of(...bytes, Number(rest))
}
