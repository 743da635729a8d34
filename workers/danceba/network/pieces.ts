/** @file What all graphs are made of: layers on rows × width, with weights where the layout has them. */
import { BLOCK, type Layout } from './layout'
import { GraphWriter } from './onnx'

const FLOAT = 1

/** A graph under construction whose weights are those of a layout. */
export class Pieces {
  readonly g: GraphWriter
  readonly #layout: Layout
  readonly #segments = new Set<string>()

  constructor(name: string, layout: Layout) {
    this.g = new GraphWriter(name)
    this.#layout = layout
  }

  /** The model and the segments whose data it wants. */
  build(): Graph {
    return { model: this.g.encode(), segments: [...this.#segments] }
  }

  /** A tensor of the layout, in full precision. */
  weight(name: string): string {
    const { type, dims, ...place } = this.#layout.tensor(name)
    this.#segments.add(place.file)
    const stored = this.g.stored(name, type, dims, place)
    return type === 'float16' ? this.g.early('Cast', [stored], { to: FLOAT }) : stored
  }

  /** x · Wᵀ, with a bias where one is named; how, is a matter of what form W is kept in. */
  linear(x: string, weight: string, bias?: string): string {
    const { type, dims, into } = this.#layout.tensor(weight)
    const b = bias === undefined ? '' : this.weight(bias)
    if (into !== undefined) {
      const [N = 0] = dims
      const inputs = [x, this.weight(weight), this.weight(`${weight}.scales`)]
      const y = this.g.op('com.microsoft.MatMulNBits', inputs, { K: into, N, bits: 8, block_size: BLOCK })
      return b ? this.add(y, b) : y
    }
    if (type !== 'int8') return this.g.op('Gemm', [x, this.weight(weight), ...(b ? [b] : [])], { transB: 1 })
    const inputs = [x, this.weight(weight), this.weight(`${weight}.scales`), '', b]
    return this.g.op('com.microsoft.DynamicQuantizeMatMul', b ? inputs : inputs.slice(0, 3))
  }

  /** A linear layer with a bias, by the name that its weight and its bias share. */
  affine(x: string, name: string): string {
    return this.linear(x, `${name}.weight`, `${name}.bias`)
  }

  /** x / √(mean x² + 1e-6) · w (Zhang and Sennrich 2019). */
  rmsNorm(x: string, weight: string): string {
    return this.g.op('SimplifiedLayerNormalization', [x, this.weight(weight)], {
      axis: -1,
      epsilon: { float: 1e-6 },
    })
  }

  /** x · sigmoid(x). */
  silu(x: string): string {
    return this.g.op('com.microsoft.QuickGelu', [x], { alpha: { float: 1 } })
  }

  add(x: string, y: string): string {
    return this.g.op('Add', [x, y])
  }

  mul(x: string, y: string): string {
    return this.g.op('Mul', [x, y])
  }

  integers(...values: number[]): string {
    return this.g.constant('int64', values, [values.length])
  }

  /** Rows in equal parts: one for each stream. */
  rows(x: string, parts: number): readonly string[] {
    return this.g.ops('Split', [x], { axis: 0, num_outputs: parts }, parts)
  }

  /** Columns in parts of these sizes. */
  columns(x: string, ...sizes: number[]): readonly string[] {
    return this.g.ops('Split', [x, this.integers(...sizes)], { axis: 1 }, sizes.length)
  }

  /** Parts one below the other. */
  stack(parts: readonly string[], as?: string): string {
    return this.g.op('Concat', parts, { axis: 0 }, as)
  }

  /** As a batch of one, and out of it. */
  batched(x: string): string {
    return this.g.op('Unsqueeze', [x, this.integers(0)])
  }

  unbatched(x: string): string {
    return this.g.op('Squeeze', [x, this.integers(0)])
  }
}

/** A model, and which segments of the layout's file its weights are in. */
export interface Graph {
  readonly model: Uint8Array<ArrayBuffer>
  readonly segments: readonly string[]
}
