// Minimal ONNX writer: encodes a model straight to protobuf bytes, without any dependency.
// Only the fields that ONNX Runtime needs are written. The numbers are the field ids of onnx.proto.

/**
 * @typedef {keyof typeof ELEMENT_TYPES} ElementType
 * @typedef {readonly (number | string)[]} Dims a string is symbolic
 */

/**
 * What comes into a graph or out of it.
 * @typedef {object} ValueInfo
 * @property {string} name
 * @property {ElementType} type
 * @property {Dims} dims
 */

/**
 * @typedef {object} Tensor
 * @property {string} name
 * @property {ElementType} type
 * @property {readonly number[]} dims
 * @property {ArrayBufferView} data
 * @property {{ location: string, offset: number }} [external] the place of its bytes in a data file
 */

/**
 * An integer, `float(x)`, a string, an array of integers or an encoded tensor.
 * @typedef {number | { float: number } | string | number[] | { tensor: Uint8Array }} Attribute
 * @typedef {Record<string, Attribute>} Attributes
 */

/**
 * @typedef {object} GraphNode
 * @property {string} type operator
 * @property {readonly string[]} inputs value names; '' leaves out an optional input
 * @property {readonly [string, ...string[]]} outputs
 * @property {Attributes} [attributes]
 * @property {string | undefined} [domain] of the operator, when it is not ONNX's own
 */

/**
 * @typedef {object} Model
 * @property {string} name
 * @property {readonly GraphNode[]} nodes
 * @property {readonly Tensor[]} tensors
 * @property {readonly ValueInfo[]} inputs
 * @property {readonly ValueInfo[]} outputs
 * @property {Record<string, string>} [metadata]
 */

const VARINT = 0
const LENGTH_DELIMITED = 2
const FIXED32 = 5

/** ONNX TensorProto.DataType ids of the element types used here. */
export const ELEMENT_TYPES = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10 }

const ATTRIBUTE_TYPES = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, ints: 7 }

const textEncoder = new TextEncoder()

/** @param {number | bigint} value */
function varint(value) {
  let rest = BigInt(value)
  if (rest < 0n) rest += 1n << 64n // negative int64 values are written in two's complement
  const bytes = []
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}

/** One protobuf message under construction. */
class Message {
  /** @type {Uint8Array[]} */
  #parts = []

  /** @param {number} field @param {number} wireType */
  #tag(field, wireType) {
    this.#parts.push(varint((field << 3) | wireType))
  }

  /** @param {number} field @param {number | bigint} value */
  int(field, value) {
    this.#tag(field, VARINT)
    this.#parts.push(varint(value))
    return this
  }

  /** @param {number} field @param {number} value */
  float(field, value) {
    this.#tag(field, FIXED32)
    this.#parts.push(new Uint8Array(new Float32Array([value]).buffer))
    return this
  }

  /** @param {number} field @param {Uint8Array} bytes */
  bytes(field, bytes) {
    this.#tag(field, LENGTH_DELIMITED)
    this.#parts.push(varint(bytes.length), bytes)
    return this
  }

  /** @param {number} field @param {string} text */
  string(field, text) {
    return this.bytes(field, textEncoder.encode(text))
  }

  encode() {
    const length = this.#parts.reduce((sum, part) => sum + part.length, 0)
    const out = new Uint8Array(length)
    let offset = 0
    for (const part of this.#parts) {
      out.set(part, offset)
      offset += part.length
    }
    return out
  }
}

/** @param {string} key @param {string | number} value */
const keyValue = (key, value) => new Message().string(1, key).string(2, String(value)).encode()

/**
 * TensorProto. With `external` the bytes are not embedded: the tensor points into a data file.
 * @param {Tensor} tensor
 */
export function encodeTensor({ name, type, dims, data, external }) {
  const message = new Message()
  for (const dim of dims) message.int(1, dim)
  message.int(2, ELEMENT_TYPES[type]).string(8, name)
  if (external) {
    message.bytes(13, keyValue('location', external.location))
    message.bytes(13, keyValue('offset', external.offset))
    message.bytes(13, keyValue('length', data.byteLength))
    message.int(14, 1) // data_location = EXTERNAL
  } else {
    message.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }
  return message.encode()
}

/**
 * Marks an attribute as float: a plain JS number is written as an integer.
 * @param {number} value
 */
export const float = (value) => ({ float: value })

/**
 * AttributeProto.
 * @param {string} name @param {Attribute} value
 */
function encodeAttribute(name, value) {
  const message = new Message().string(1, name)
  if (typeof value === 'string') return message.string(4, value).int(20, ATTRIBUTE_TYPES.string).encode()
  if (Array.isArray(value)) {
    for (const item of value) message.int(8, item)
    return message.int(20, ATTRIBUTE_TYPES.ints).encode()
  }
  if (typeof value === 'number') return message.int(3, value).int(20, ATTRIBUTE_TYPES.int).encode()
  if ('float' in value) return message.float(2, value.float).int(20, ATTRIBUTE_TYPES.float).encode()
  return message.bytes(5, value.tensor).int(20, ATTRIBUTE_TYPES.tensor).encode()
}

/**
 * NodeProto.
 * @param {GraphNode} node
 */
export function encodeNode({ type, inputs, outputs, attributes = {}, domain = '' }) {
  const message = new Message()
  for (const input of inputs) message.string(1, input)
  for (const output of outputs) message.string(2, output)
  message.string(3, outputs[0]).string(4, type) // the first output is unique, so it doubles as the node name
  for (const [name, value] of Object.entries(attributes)) message.bytes(5, encodeAttribute(name, value))
  if (domain) message.string(7, domain)
  return message.encode()
}

/**
 * ValueInfoProto.
 * @param {ValueInfo} value
 */
export function encodeValueInfo({ name, type, dims }) {
  const shape = new Message()
  for (const dim of dims) {
    const dimension = new Message()
    if (typeof dim === 'string') dimension.string(2, dim)
    else dimension.int(1, dim)
    shape.bytes(1, dimension.encode())
  }
  const tensorType = new Message().int(1, ELEMENT_TYPES[type]).bytes(2, shape.encode()).encode()
  const typeProto = new Message().bytes(1, tensorType).encode()
  return new Message().string(1, name).bytes(2, typeProto).encode()
}

/**
 * ModelProto.
 * @param {Model} model
 */
export function encodeModel({ name, nodes, tensors, inputs, outputs, metadata = {} }) {
  const graph = new Message()
  for (const node of nodes) graph.bytes(1, encodeNode(node))
  graph.string(2, name)
  for (const tensor of tensors) graph.bytes(5, encodeTensor(tensor))
  for (const input of inputs) graph.bytes(11, encodeValueInfo(input))
  for (const output of outputs) graph.bytes(12, encodeValueInfo(output))

  const model = new Message().int(1, 10).string(2, 'tiny-hub').bytes(7, graph.encode())
  for (const { domain, version } of [
    { domain: '', version: 21 },
    { domain: 'com.microsoft', version: 1 },
  ]) {
    const opset = new Message()
    if (domain) opset.string(1, domain)
    model.bytes(8, opset.int(2, version).encode())
  }
  for (const [key, value] of Object.entries(metadata)) model.bytes(14, keyValue(key, value))
  return model.encode()
}
