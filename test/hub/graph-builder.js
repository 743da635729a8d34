// Builds an ONNX graph node by node and turns it into a model file (and data files, if wanted).
import { encodeModel } from './onnx-writer.js'
import { randomFloats } from './seeded-random.js'

/** @import { Attributes, Dims, ElementType, GraphNode, Tensor, ValueInfo } from './onnx-writer.js' */

/**
 * @typedef {number | bigint} Scalar
 * @typedef {string | readonly [string, ...string[]]} Names of the outputs of a node
 */

/**
 * Moves every tensor of at least `minBytes` into `fileName`, `fileName_1`, ... (round robin over `chunks`).
 * @typedef {{ fileName: string, chunks?: number, minBytes?: number }} ExternalData
 */

/** @typedef {Record<string, Uint8Array<ArrayBuffer>>} DataFiles */

/** @satisfies {Partial<Record<ElementType, (values: Scalar[]) => ArrayBufferView>>} */
const TYPED_ARRAYS = {
  float: (values) => Float32Array.from(values, Number),
  int32: (values) => Int32Array.from(values, Number),
  int64: (values) => BigInt64Array.from(values, BigInt),
  bool: (values) => Uint8Array.from(values, Number),
}

/** @param {readonly number[]} dims */
const elementCount = (dims) => dims.reduce((product, dim) => product * dim, 1)

/** @param {Uint8Array[]} parts @param {number} length */
const joined = (parts, length) => {
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export class GraphBuilder {
  /** @type {GraphNode[]} */
  #nodes = []
  /** @type {Tensor[]} */
  #tensors = []
  /** @type {ValueInfo[]} */
  #inputs = []
  /** @type {ValueInfo[]} */
  #outputs = []
  #counter = 0

  /** @param {{ name: string, seed?: number }} options */
  constructor({ name, seed = 1 }) {
    this.name = name
    this.seed = seed
  }

  /**
   * Declares a graph input.
   * @param {string} name @param {ElementType} type @param {Dims} dims
   */
  input(name, type, dims) {
    this.#inputs.push({ name, type, dims })
    return name
  }

  /**
   * Declares that the value `name` is a graph output.
   * @param {string} name @param {ElementType} type @param {Dims} dims
   */
  output(name, type, dims) {
    this.#outputs.push({ name, type, dims })
    return name
  }

  /**
   * Adds a node and returns its output name (or a tuple of names when `as` is one).
   * @template {Names} [As=string]
   * @param {string} type operator
   * @param {readonly string[]} inputs value names; '' leaves out an optional input
   * @param {Attributes} [attributes]
   * @param {{ as?: As | undefined, domain?: string }} [options] `as` chooses the output names
   */
  op(type, inputs, attributes = {}, { as, domain } = {}) {
    /** @type {Names} */
    const result = as ?? `${type}_${++this.#counter}`
    const outputs = typeof result === 'string' ? /** @type {const} */ ([result]) : result
    this.#nodes.push({ type, inputs, outputs, attributes, domain })
    return /** @type {As} */ (result)
  }

  /**
   * Adds a stored tensor from raw data (any typed array that matches `type`).
   * @param {string} name @param {ElementType} type @param {readonly number[]} dims @param {ArrayBufferView} data
   */
  tensor(name, type, dims, data) {
    this.#tensors.push({ name, type, dims, data })
    return name
  }

  /**
   * Adds a small constant, e.g. `constant('int64', [0, -1])`; a bare number makes a scalar.
   * @param {keyof typeof TYPED_ARRAYS} type @param {Scalar | readonly Scalar[]} values
   */
  constant(type, values) {
    const list = [values].flat()
    const dims = Array.isArray(values) ? [list.length] : []
    return this.tensor(`const_${++this.#counter}`, type, dims, TYPED_ARRAYS[type](list))
  }

  /**
   * Adds a seeded random float weight, uniform in [-scale, scale).
   * @param {string} name @param {readonly number[]} dims @param {number} scale
   */
  weight(name, dims, scale) {
    return this.tensor(
      name,
      'float',
      dims,
      randomFloats(this.seed, `${this.name}/${name}`, elementCount(dims), scale),
    )
  }

  /**
   * Encodes the graph.
   * @param {{ metadata?: Record<string, string>, externalData?: ExternalData | undefined }} [options] externalData moves the
   *   large tensors into files of their own
   */
  encode({ metadata = {}, externalData } = {}) {
    /** @type {DataFiles} */
    const dataFiles = {}
    const tensors = externalData ? this.#moveToDataFiles(externalData, dataFiles) : this.#tensors
    const model = encodeModel({
      name: this.name,
      nodes: this.#nodes,
      tensors,
      inputs: this.#inputs,
      outputs: this.#outputs,
      metadata,
    })
    return { model, dataFiles }
  }

  /** @param {ExternalData} externalData @param {DataFiles} dataFiles */
  #moveToDataFiles({ fileName, chunks = 1, minBytes = 1024 }, dataFiles) {
    const files = Array.from({ length: chunks }, (_, i) => ({
      name: i ? `${fileName}_${i}` : fileName,
      parts: /** @type {Uint8Array[]} */ ([]),
      length: 0,
    }))
    let moved = 0
    const tensors = this.#tensors.map((tensor) => {
      const file = files[moved % chunks]
      if (!file || tensor.data.byteLength < minBytes) return tensor
      moved++
      const external = { location: file.name, offset: file.length }
      file.parts.push(new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength))
      file.length += tensor.data.byteLength
      return { ...tensor, external }
    })
    for (const file of files) dataFiles[file.name] = joined(file.parts, file.length)
    return tensors
  }
}
