/**
 * @file What a graph costs a device, counted from the graph itself: every node reads its inputs once and writes its outputs once,
 * as ONNX Runtime's kernels on WebGPU do, which are one dispatch (or a few) a node. Nothing is measured here.
 */
import { costOf as scanCostOf } from '../scan/gpu'
import { cutGraphs } from './graphs'
import type { Layout } from './layout'
import { readModel, type Model, type Node, type Stored } from './nodes'
import { mambaBlocks, STREAMS, type Shape } from './shape'

/** Of one node, or of one dispatch of our own. */
export interface Cost {
  readonly type: string
  /** Multiplications, each with its addition, of matrix products, convolutions and attention. */
  readonly products: number
  /** All arithmetic: two for each of these, and what activations, norms and sums take. Exponentials count as one. */
  readonly operations: number
  /** Read and written. */
  readonly bytes: number
}

/** Of a device, both a second. */
export interface Speed {
  readonly operations: number
  readonly bytes: number
}

/** What the words in the sizes of a graph's inputs stand for. */
export type Sizes = Readonly<Record<string, number>>

export interface Step {
  /** Frames that are computed: 28 in an exact step with a full window. */
  readonly t: number
  /** Frames before them of which everything is kept; 0 in an exact step. */
  readonly past?: number
  /** Rows of the closing block that are computed: the last one of either stream that dances. */
  readonly read?: number
}

/**
 * A step on WebGPU: all graphs between which the scans lie, and the scans, three a block. Not counted is what is done on the
 * processor meanwhile (phases and rhythm rows: 0.03 GMAC) and the first upload of weights.
 */
export const stepCosts = (shape: Shape, layout: Layout, { t, past = 0, read = 2 }: Step): Cost[] => {
  const columns = STREAMS * (past + t)
  const sizes = { t, rows: STREAMS * t, columns, 'past rows': STREAMS * past, read }
  const { inner: channels, state: states } = shape
  const scan = { type: 'scan', products: 0, ...scanCost(channels, states, t) }
  return [
    ...cutGraphs(shape, layout).flatMap(({ model }) => graphCosts(model, sizes)),
    ...mambaBlocks(shape).flatMap(() => Array.from({ length: STREAMS }, () => scan)),
  ]
}

const scanCost = (channels: number, states: number, t: number) => {
  const { bytes, operations, exponentials } = scanCostOf({ channels, states, steps: t }, t)
  return { bytes, operations: operations + exponentials }
}

export const totalOf = (costs: readonly Cost[]): Omit<Cost, 'type'> => {
  const sum = (of: 'products' | 'operations' | 'bytes') => costs.reduce((all, cost) => all + cost[of], 0)
  return { products: sum('products'), operations: sum('operations'), bytes: sum('bytes') }
}

/** Seconds at least: one node after the other, each as long as the slower of its arithmetic and its memory traffic. */
export const timeOf = (costs: readonly Cost[], speed: Speed): number =>
  costs.reduce(
    (sum, { operations, bytes }) => sum + Math.max(operations / speed.operations, bytes / speed.bytes),
    0,
  )

/** The nodes of a graph that cost anything. Throws RangeError for a kind of node that the app's graphs do not have. */
export const graphCosts = (model: Uint8Array, sizes: Sizes): Cost[] => {
  const read = readModel(model)
  const known = new Map<string, Tensor>(read.stored)
  for (const [name, dims] of read.inputs)
    known.set(name, { dims: dims.map((size) => sizeOf(size, sizes)), bytes: 4 })
  return read.nodes.map((node) => visit(node, read, known)).filter(({ bytes }) => bytes > 0)
}

type Tensor = Stored
type Dims = readonly number[]

const sizeOf = (size: number | string, sizes: Sizes): number => {
  const found = typeof size === 'number' ? size : sizes[size]
  if (found === undefined) throw new RangeError(`nobody says how large ${size} is`)
  return found
}

const countOf = (dims: Dims) => dims.reduce((product, size) => product * size, 1)
const bytesOf = ({ dims, bytes }: Tensor) => countOf(dims) * bytes

const visit = (node: Node, { stored }: Model, known: Map<string, Tensor>): Cost => {
  const kind = KINDS[node.type]
  if (!kind) throw new RangeError(`it is not known what ${node.type} costs`)
  const inputs = node.inputs.map((name) => known.get(name))
  const dims = kind.dims(inputs as readonly Tensor[], node)
  const outputs = dims.map((each): Tensor => ({ dims: each, bytes: 4 }))
  node.outputs.forEach((name, i) => known.set(name, outputs[i]!))
  // What is computed from weights alone ONNX Runtime computes once, when it loads the graph: halves are widened so.
  const folded = node.inputs.every((name) => stored.has(name))
  const products = folded ? 0 : (kind.products?.(inputs as readonly Tensor[], outputs[0]!.dims, node) ?? 0)
  const all = outputs.reduce((sum, output) => sum + countOf(output.dims), 0)
  const moved = kind.moves?.(inputs as readonly Tensor[], outputs) ?? everything(inputs, outputs)
  return {
    type: node.type,
    products,
    operations: folded ? 0 : 2 * products + (kind.each ?? 0) * all,
    bytes: folded ? 0 : moved,
  }
}

const everything = (inputs: readonly (Tensor | undefined)[], outputs: readonly Tensor[]) =>
  [...inputs, ...outputs].reduce((sum, tensor) => sum + (tensor ? bytesOf(tensor) : 0), 0)

/** Only what comes out is read. */
const picked = (_: readonly Tensor[], outputs: readonly Tensor[]) => 2 * everything([], outputs)
const nothing = () => 0

interface Kind {
  /** Sizes of the outputs. */
  readonly dims: (inputs: readonly Tensor[], node: Node) => readonly Dims[]
  readonly products?: (inputs: readonly Tensor[], out: Dims, node: Node) => number
  /** Operations on each number that comes out, besides products. */
  readonly each?: number
  /** Bytes, where they are not all of the inputs and outputs. */
  readonly moves?: (inputs: readonly Tensor[], outputs: readonly Tensor[]) => number
}

const dim = (tensor: Tensor | undefined, axis: number) => tensor!.dims.at(axis)!
const same = ([x]: readonly Tensor[]) => [x!.dims]
const positive = (axis: number, { dims }: Tensor) => (axis < 0 ? axis + dims.length : axis)
const replaced = (dims: Dims, axis: number, size: number) => dims.map((each, i) => (i === axis ? size : each))

/** As NumPy does it: sizes are compared from the last on, and those of 1 are repeated. */
const broadcast = (inputs: readonly Tensor[]): readonly Dims[] => {
  const rank = Math.max(...inputs.map(({ dims }) => dims.length))
  const at = ({ dims }: Tensor, axis: number) => dims[axis - rank + dims.length] ?? 1
  return [Array.from({ length: rank }, (_, axis) => Math.max(...inputs.map((each) => at(each, axis))))]
}

const product = (out: (inputs: readonly Tensor[], node: Node) => number): Kind => ({
  dims: (inputs, node) => [[dim(inputs[0], 0), out(inputs, node)]],
  products: ([x], dims) => countOf(dims) * dim(x, 1),
  each: 1,
})

/** Channels first, a batch of one; as many frames as there are steps of the kernel. */
const conv: Kind = {
  dims: ([x, w], { attributes: { strides, dilations, pads } }) => {
    const reach = (dim(w, 2) - 1) * dilations![0]! + 1
    return [[1, dim(w, 0), Math.floor((dim(x, 2) + pads![0]! + pads![1]! - reach) / strides![0]!) + 1]]
  },
  products: ([, w], out) => countOf(w!.dims) * out[2]!,
  each: 1,
}

const elementwise = (each: number): Kind => ({ dims: broadcast, each })
const view = (dims: Kind['dims']): Kind => ({ dims, moves: nothing })

const KINDS: Partial<Record<string, Kind>> = {
  Gemm: product(([, w]) => dim(w, 0)),
  MatMulNBits: product((_, { attributes }) => attributes['N']![0]!),
  DynamicQuantizeMatMul: product(([, w]) => dim(w, 1)),
  Conv: conv,
  ConvTranspose: {
    dims: ([x, w], { attributes: { strides } }) => [[1, dim(w, 1), dim(x, 2) * strides![0]!]],
    products: ([x, w]) => countOf(w!.dims) * dim(x, 2),
    each: 1,
  },
  MultiHeadAttention: {
    dims: same,
    products: ([q, k], out) => 2 * countOf(out) * (dim(k, 1) / dim(q, 0)),
    each: 8, // scale, mask, and the exponentials of the scores; a head has as many scores a row as it has numbers, about
    // Scores are written by the first product, read and written by the softmax, read by the second.
    moves: (inputs, outputs) => {
      const [q, k] = inputs
      const heads = Math.max(1, Math.round(dim(q, 2) / HEAD_WIDTH))
      return everything(inputs, outputs) + 4 * 4 * heads * dim(q, 1) * dim(k, 1)
    },
  },
  Add: elementwise(1),
  Mul: elementwise(1),
  Relu: elementwise(1),
  Gelu: elementwise(12),
  QuickGelu: elementwise(5),
  SimplifiedLayerNormalization: { dims: same, each: 4 },
  Cast: elementwise(1),
  Identity: { dims: same },
  Gather: {
    dims: ([data, indices], { attributes: { axis } }) => [
      replaced(data!.dims, axis?.[0] ?? 0, dim(indices, 0)),
    ],
    moves: picked,
  },
  Concat: {
    dims: (inputs, { attributes: { axis } }) => {
      const at = axis![0]!
      return [
        replaced(
          inputs[0]!.dims,
          at,
          inputs.reduce((sum, each) => sum + each.dims[at]!, 0),
        ),
      ]
    },
  },
  Split: {
    dims: ([x, sizes], { attributes: { axis, num_outputs: count } }) => {
      const parts =
        sizes?.integers ?? Array.from({ length: count![0]! }, () => x!.dims[axis![0]!]! / count![0]!)
      return parts.map((size) => replaced(x!.dims, axis![0]!, size))
    },
    moves: picked,
  },
  Slice: {
    dims: ([x, starts, ends, axes]) => {
      const at = positive(axes!.integers![0]!, x!)
      const size = x!.dims[at]!
      const bound = (value: number) => Math.min(size, value < 0 ? size + value : value)
      return [replaced(x!.dims, at, bound(ends!.integers![0]!) - bound(starts!.integers![0]!))]
    },
    moves: picked,
  },
  Pad: {
    dims: ([x, pads]) => [
      x!.dims.map((size, i) => size + pads!.integers![i]! + pads!.integers![i + x!.dims.length]!),
    ],
  },
  Transpose: { dims: ([x], { attributes: { perm } }) => [perm!.map((axis) => x!.dims[axis]!)] },
  Unsqueeze: view(([x, axes]) => [x!.dims.toSpliced(axes!.integers![0]!, 0, 1)]),
  Squeeze: view(([x, axes]) => [x!.dims.toSpliced(axes!.integers![0]!, 1)]),
}

/** Numbers of a head of attention in all of the app's generators. */
const HEAD_WIDTH = 64
