// @ts-nocheck: builders of graphs are typed where they are used, in build.d.ts
// Builds an ONNX graph node by node and turns it into a model file (and data files, if wanted).
import { encodeModel } from './onnx-writer.js'
import { randomFloats } from './seeded-random.js'

const TYPED_ARRAYS = {
  float: (values) => Float32Array.from(values),
  int32: (values) => Int32Array.from(values),
  int64: (values) => BigInt64Array.from(values, BigInt),
  bool: (values) => Uint8Array.from(values, Number),
}

const elementCount = (dims) => dims.reduce((product, dim) => product * dim, 1)

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
  #nodes = []
  #tensors = []
  #inputs = []
  #outputs = []
  #counter = 0

  constructor({ name, seed = 1 }) {
    this.name = name
    this.seed = seed
  }

  /** Declares a graph input; string dims are symbolic. */
  input(name, type, dims) {
    this.#inputs.push({ name, type, dims })
    return name
  }

  /** Declares that the value `name` is a graph output. */
  output(name, type, dims) {
    this.#outputs.push({ name, type, dims })
    return name
  }

  /**
   * Adds a node and returns its output name (or an array of names when `as` is an array).
   * @param {string} type operator
   * @param {string[]} inputs value names; '' leaves out an optional input
   * @param {object} [attributes]
   * @param {{as?: string|string[], domain?: string}} [options] `as` chooses the output names
   */
  op(type, inputs, attributes = {}, { as, domain } = {}) {
    const result = as ?? `${type}_${++this.#counter}`
    this.#nodes.push({ type, inputs, outputs: [result].flat(), attributes, domain })
    return result
  }

  /** Adds a stored tensor from raw data (any typed array that matches `type`). */
  tensor(name, type, dims, data) {
    this.#tensors.push({ name, type, dims, data })
    return name
  }

  /** Adds a small constant, e.g. `constant('int64', [0, -1])`; a bare number makes a scalar. */
  constant(type, values) {
    const list = [values].flat()
    const dims = Array.isArray(values) ? [list.length] : []
    return this.tensor(`const_${++this.#counter}`, type, dims, TYPED_ARRAYS[type](list))
  }

  /** Adds a seeded random float weight, uniform in [-scale, scale). */
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
   * @param {{metadata?: Record<string,string>, externalData?: {fileName: string, chunks?: number, minBytes?: number}}} [options]
   *   externalData moves every tensor of at least `minBytes` into `fileName`, `fileName_1`, ... (round robin over `chunks`).
   * @returns {{model: Uint8Array, dataFiles: Record<string, Uint8Array>}}
   */
  encode({ metadata = {}, externalData } = {}) {
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

  #moveToDataFiles({ fileName, chunks = 1, minBytes = 1024 }, dataFiles) {
    const files = Array.from({ length: chunks }, (_, i) => ({
      name: i ? `${fileName}_${i}` : fileName,
      parts: [],
      length: 0,
    }))
    let moved = 0
    const tensors = this.#tensors.map((tensor) => {
      if (tensor.data.byteLength < minBytes) return tensor
      const file = files[moved++ % chunks]
      const external = { location: file.name, offset: file.length }
      file.parts.push(new Uint8Array(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength))
      file.length += tensor.data.byteLength
      return { ...tensor, external }
    })
    for (const file of files) dataFiles[file.name] = joined(file.parts, file.length)
    return tensors
  }
}
