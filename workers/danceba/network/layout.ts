/**
 * @file Where weights lie once they are imported: one file, cut into segments, each what one piece of the network needs. A graph
 * names its segments, and gets these ranges of the file as its external data.
 */
import type { DancebaPrecision } from '../../../src/shared/contracts'
import type { ElementType, Place } from './onnx'
import { attentionBlocks, mambaBlocks, STREAMS, type Shape } from './shape'

/**
 * In which numbers matrices are kept; what would suffer (norms, step sizes, decays) is fp32 in all of them. `int8` multiplies
 * bytes with bytes, which WebAssembly does nearly twice as fast as fp32; `q8` keeps bytes and multiplies fp32, which is for
 * WebGPU: a quarter of the memory, and of what is read in a step. WebAssembly multiplies it at two thirds of fp32's speed.
 */
export type Precision = DancebaPrecision

/** What is made of the checkpoint's tensor when it is stored. */
export type Form =
  | 'as-is'
  /** Rounded to half precision. */
  | 'half'
  /** In × out, each column by its own scale to -127 … 127; those scales. */
  | 'int8'
  | 'scales'
  /** Out × blocks × 32 of what goes in, each block by its own scale to 1 … 255, 128 being zero; those scales. */
  | 'blocks'
  | 'block-scales'
  /** The other way round: of channels × 1 × taps, taps × channels. */
  | 'taps'
  /** -exp(x): what a Mamba's A_log stands for. */
  | 'decay'
  /** A head of the rhythm rows: its linear layer with the normalisation that follows folded in. */
  | 'folded-weight'
  | 'folded-bias'

/** A tensor of the file. */
export interface Stored {
  readonly name: string
  /** The checkpoint's tensor; for folded ones the beginning of several names. */
  readonly source: string
  readonly form: Form
  readonly type: ElementType
  readonly dims: readonly number[]
  /** Of blocks: how many values there are in a row; the last block may not be full. */
  readonly into?: number
  /** From the start of its segment. */
  readonly offset: number
  readonly bytes: number
}

/** A range of the file. */
export interface Segment {
  readonly name: string
  readonly offset: number
  readonly bytes: number
  readonly tensors: readonly Stored[]
}

export class Layout {
  readonly precision: Precision
  readonly segments: readonly Segment[]
  readonly bytes: number
  readonly #places = new Map<string, Stored & Place>()

  constructor(precision: Precision, segments: readonly Segment[]) {
    this.precision = precision
    this.segments = segments
    this.bytes = segments.reduce((sum, { bytes }) => sum + bytes, 0)
    for (const { name: file, tensors } of segments)
      for (const tensor of tensors) this.#places.set(tensor.name, { ...tensor, file })
  }

  tensor(name: string): Stored & Place {
    const found = this.#places.get(name)
    if (!found) throw new RangeError(`${name} has no place in the layout`)
    return found
  }

  segment(name: string): Segment {
    const found = this.segments.find((segment) => segment.name === name)
    if (!found) throw new RangeError(`${name} is no segment of the layout`)
    return found
  }
}

/** Values that share a scale in `q8`. */
export const BLOCK = 32

/** Offsets of tensors: what SIMD and GPU buffers like. */
const ALIGNMENT = 64

/** A layout that grows segment by segment. */
export class LayoutBuilder {
  readonly #precision: Precision
  readonly #segments: Segment[] = []
  #tensors: Stored[] = []
  #end = 0
  #start = 0

  constructor(precision: Precision) {
    this.#precision = precision
  }

  /** What was put since the last one becomes a segment. */
  segment(name: string): this {
    this.#segments.push({ name, offset: this.#start, bytes: this.#end, tensors: this.#tensors })
    this.#start += this.#end
    this.#end = 0
    this.#tensors = []
    return this
  }

  build(): Layout {
    return new Layout(this.#precision, this.#segments)
  }

  exact(name: string, dims: readonly number[], form: Form = 'as-is', source = name): this {
    return this.#put(name, source, form, 'float', dims)
  }

  /** Kept in half precision where matrices are not kept in full. */
  half(name: string, dims: readonly number[]): this {
    return this.#precision === 'fp32'
      ? this.exact(name, dims)
      : this.#put(name, name, 'half', 'float16', dims)
  }

  /**
   * Out × in, as PyTorch has it; one of those that bear bytes. What a matrix is multiplied with becomes bytes too, with one
   * scale for all of it, and products of two layers (behind a gate) and scores suffer from that: of the logits' error with
   * all matrices as bytes, two fifths came from a twentieth of the arithmetic. Those are kept as halves.
   */
  matrix(name: string, out: number, into: number): this {
    if (this.#precision !== 'int8') return this.delicate(name, out, into)
    this.#put(name, name, 'int8', 'int8', [into, out])
    return this.exact(`${name}.scales`, [out], 'scales', name)
  }

  /** One of those. */
  delicate(name: string, out: number, into: number): this {
    if (this.#precision !== 'q8') return this.half(name, [out, into])
    const blocks = Math.ceil(into / BLOCK)
    this.#put(name, name, 'blocks', 'uint8', [out, blocks, BLOCK], { into })
    return this.exact(`${name}.scales`, [out, blocks], 'block-scales', name)
  }

  #put(
    name: string,
    source: string,
    form: Form,
    type: ElementType,
    dims: readonly number[],
    more: Pick<Stored, 'into'> = {},
  ): this {
    const size = type === 'float' ? 4 : type === 'float16' ? 2 : 1
    const bytes = dims.reduce((product, dim) => product * dim, size)
    this.#tensors.push({ name, source, form, type, dims, offset: this.#end, bytes, ...more })
    this.#end = Math.ceil((this.#end + bytes) / ALIGNMENT) * ALIGNMENT
    return this
  }
}

/** Segments of the generator: `positional`, `embed`, `base.i`, `mamba.i.in`, `mamba.i.scan`, `mamba.i.out`, `closing`. */
export const layoutOf = (shape: Shape, precision: Precision): Layout => {
  const { width, music, codes, bins } = shape
  const to = new LayoutBuilder(precision)
  for (const part of ['weight', 'bias'] as const)
    for (let head = 1; head <= STREAMS; head++) {
      const source = `gpt_base.pos_emb.pos_emb_${head}`
      to.exact(`${source}.${part}`, part === 'weight' ? [width, bins] : [width], `folded-${part}`, source)
    }
  to.exact('gpt_base.position_scale', []).segment('positional')
  to.half('gpt_base.cond_emb.weight', [width, music]).exact('gpt_base.cond_emb.bias', [width])
  for (const stream of ['up', 'down']) to.half(`gpt_base.tok_emb_${stream}.weight`, [codes, width])
  to.segment('embed')
  const attention = attentionBlocks(shape)
  attention.slice(0, -1).forEach((block, i) => putAttention(to, block, shape).segment(`base.${i}`))
  mambaBlocks(shape).forEach((block, i) => putMambas(to, block, `mamba.${i}`, shape))
  putAttention(to, attention.at(-1)!, shape).exact('gpt_head.RMS_f.weight', [width])
  for (const stream of ['up', 'down']) to.half(`gpt_head.head_${stream}.weight`, [codes, width])
  return to.segment('closing').build()
}

const putAttention = (to: LayoutBuilder, block: string, { width, hidden }: Shape) => {
  to.exact(`${block}.norm1.weight`, [width])
  for (const name of ['act_proj', 'in_proj', 'attn.query', 'attn.key', 'attn.value', 'attn.proj', 'out_proj'])
    to.delicate(`${block}.${name}.weight`, width, width).exact(`${block}.${name}.bias`, [width])
  to.exact(`${block}.norm2.weight`, [width])
  to.matrix(`${block}.mlp.0.weight`, hidden, width).exact(`${block}.mlp.0.bias`, [hidden])
  return to.matrix(`${block}.mlp.2.weight`, width, hidden).exact(`${block}.mlp.2.bias`, [width])
}

const putMambas = (to: LayoutBuilder, block: string, name: string, shape: Shape) => {
  const { width, inner, state, rank, taps, gated } = shape
  const streams = Array.from({ length: STREAMS }, (_, i) => i + 1)
  for (const stream of streams) {
    const mamba = `${block}.mamba_${stream}`
    to.exact(`${block}.ln${2 * stream - 1}.weight`, [width])
    to.matrix(`${mamba}.in_proj.weight`, 2 * inner, width)
    to.exact(`${mamba}.conv1d.weight`, [taps, inner], 'taps').exact(`${mamba}.conv1d.bias`, [inner])
    // Step sizes and what is written into the state: errors here are summed up over time.
    to.half(`${mamba}.x_proj.weight`, [rank + 2 * state, inner])
    to.half(`${mamba}.dt_proj.weight`, [inner, rank])
  }
  to.segment(`${name}.in`)
  for (const stream of streams) to.exact(`${block}.mamba_${stream}.A_log`, [inner, state], 'decay')
  for (const stream of streams) to.exact(`${block}.mamba_${stream}.dt_proj.bias`, [inner])
  for (const stream of streams) to.exact(`${block}.mamba_${stream}.D`, [inner])
  to.segment(`${name}.scan`)
  for (const stream of streams) {
    to.matrix(`${block}.mamba_${stream}.out_proj.weight`, width, inner)
    to.exact(`${block}.ln${2 * stream}.weight`, [width])
    to.matrix(`${block}.gate_mlp_${stream}.fc1.weight`, 2 * gated, width)
    to.delicate(`${block}.gate_mlp_${stream}.fc2.weight`, width, gated)
  }
  to.segment(`${name}.out`)
}
