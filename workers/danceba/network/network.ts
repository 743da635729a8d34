/** @file The generator, loaded: a window of music and codes in, logits of the next codes out. */
import { openSession, Tensor, type Session, type Tensors } from '../../runtime/sessions'
import type { ScanInputs } from './blocks'
import { CUT, SCANNED, cutGraphs, positionalGraph, wholeGraph } from './graphs'
import type { Layout, Segment } from './layout'
import type { Graph } from './pieces'
import { maskOf, positionalRows } from './positional'
import type { MakeScan, ScanConstants, ScanKernel } from './scan'
import { mambaBlocks, STREAMS, type Shape } from './shape'

export interface NetworkOptions {
  readonly shape: Shape
  readonly layout: Layout
  /** The weights, as `layout` says. */
  readonly file: Blob
  /** Who does the scans; ONNX Runtime itself without. */
  readonly scan?: MakeScan
  readonly threads?: number | undefined
  readonly device?: GPUDevice | undefined
  /** Is told the rows after each stage (as `wholeGraph` names them), where ONNX Runtime does the scans: for tests. */
  readonly watch?: (stage: string, rows: Float32Array) => void
  /** After each piece that is ready. */
  readonly tell?: (bytes: number, of: number) => void
}

/** A window of t frames. */
export interface Window {
  /** t × features: of each frame the music that goes with the code to come. */
  readonly music: Float32Array
  readonly up: Int32Array
  readonly down: Int32Array
  /** Phase spectrum of the music of the window: frames × bins. */
  readonly phase: Float32Array
}

/** Of each frame that is read, how likely each code is to be the next: frames × codes. */
export interface Logits {
  readonly up: Float32Array
  readonly down: Float32Array
}

export class Network {
  readonly shape: Shape
  readonly #positional: Session
  readonly #parts: readonly Session[]
  readonly #kernels: readonly ScanKernel[]
  readonly #watch: NetworkOptions['watch']

  private constructor(
    { shape, watch }: NetworkOptions,
    positional: Session,
    parts: readonly Session[],
    kernels: readonly ScanKernel[],
  ) {
    this.shape = shape
    this.#watch = watch
    this.#positional = positional
    this.#parts = parts
    this.#kernels = kernels
  }

  /** Piece by piece, so that no more than one of them is in memory twice. Throws what `openSession` throws. */
  static async open(signal: AbortSignal, options: NetworkOptions): Promise<Network> {
    const { shape, layout, file, scan, device } = options
    const graphs = scan ? cutGraphs(shape, layout) : [wholeGraph(shape, layout, options)]
    const opened: { release(): unknown }[] = []
    const keep = <T extends { release?(): unknown }>(made: T) => {
      opened.push({ release: () => made.release?.() })
      return made
    }
    let bytes = 0
    const load = async (graph: Graph, last: boolean, where: Pick<NetworkOptions, 'device' | 'threads'>) => {
      const segments = graph.segments.map((name) => layout.segment(name))
      const data = segments.map((segment) => ({ path: segment.name, data: rangeOf(file, segment) }))
      const onDevice = where.device && !last ? ['x.out', ...CUT] : []
      // In bytes, most of it has no casts, and the rest is worth its memory.
      const asWritten = layout.precision === 'fp16'
      const session = keep(await openSession(signal, graph.model, { ...where, data, onDevice, asWritten }))
      bytes += segments.reduce((sum, segment) => sum + segment.bytes, 0)
      options.tell?.(bytes, layout.bytes)
      return session
    }
    const { threads } = options
    try {
      // A product of one thousandth of a step, whose rows are put in order on the CPU.
      const positional = await load(positionalGraph(shape, layout), true, { threads })
      const parts: Session[] = []
      const kernels: ScanKernel[] = []
      for (const [i, graph] of graphs.entries()) {
        const last = i === graphs.length - 1
        parts.push(await load(graph, last, { threads, device }))
        if (scan && !last) kernels.push(keep(await scan(await constantsOf(shape, layout, file, i))))
      }
      return new Network(options, positional, parts, kernels)
    } catch (error) {
      for (const made of opened) await made.release()
      throw error
    }
  }

  /**
   * Of the last frame of the window, or, with `all`, of every one. `rest` is awaited before each part; when it throws, nothing
   * is left behind.
   */
  async logits(window: Window, all = false, rest?: () => Promise<void>): Promise<Logits> {
    const given = await this.#inputs(window, all)
    let out: Tensors = {}
    for (const [i, part] of this.#parts.entries()) {
      await rest?.().catch((reason: unknown) => {
        dispose(out)
        throw reason
      })
      const inputs = i === 0 ? given.first : await this.#between(i - 1, out)
      if (i === this.#parts.length - 1) Object.assign(inputs, given.last)
      const results = await part.run(inputs)
      if (i > 0) dispose(inputs)
      out = results
    }
    const { logits_up: up, logits_down: down, ...stages } = out
    for (const [stage, rows] of Object.entries(stages)) this.#watch?.(stage, floats(rows))
    return { up: floats(up!), down: floats(down!) }
  }

  async release(): Promise<void> {
    for (const kernel of this.#kernels) kernel.release?.()
    for (const session of [this.#positional, ...this.#parts]) await session.release()
  }

  async #inputs({ music, up, down, phase }: Window, all: boolean) {
    const { width, music: features, bins } = this.shape
    const t = up.length
    const rows = STREAMS * t
    const frames = phase.length / bins
    const projected = await this.#positional.run({ phase: tensor(phase, [frames, bins]) })
    const read = all
      ? Int32Array.from({ length: 2 * t }, (_, i) => t + i)
      : Int32Array.of(2 * t - 1, 3 * t - 1)
    const mask = tensor(maskOf(t), [1, 1, rows, rows])
    const first: Record<string, Tensor> = {
      music: tensor(music, [t, features]),
      up: new Tensor('int32', up, [t]),
      down: new Tensor('int32', down, [t]),
      positional: tensor(positionalRows(floats(projected['rows']!), frames, t), [rows, width]),
      mask,
    }
    return { first, last: { mask, read: new Tensor('int32', read, [read.length]) } }
  }

  /** The scans of a block, from what the part before them gave to what the part after them takes. */
  async #between(block: number, out: Tensors): Promise<Record<string, Tensor>> {
    const inputs = Object.fromEntries(CUT.map((name) => [name, out[name]!])) as unknown as ScanInputs<Tensor>
    const results = await this.#kernels[block]!.run(inputs)
    dispose(inputs)
    return { x: out['x.out']!, ...Object.fromEntries(SCANNED.map((name, i) => [name, results[i]!])) }
  }
}

const tensor = (values: Float32Array, dims: readonly number[]) => new Tensor('float32', values, dims)
const floats = (result: Tensor) => result.data as Float32Array

/** What lies on a GPU is freed by hand. */
const dispose = (tensors: object) => {
  for (const each of Object.values(tensors) as Tensor[]) if (each.location === 'gpu-buffer') each.dispose()
}

const rangeOf = (file: Blob, { offset, bytes }: Segment) => file.slice(offset, offset + bytes)

const constantsOf = async (
  shape: Shape,
  layout: Layout,
  file: Blob,
  index: number,
): Promise<ScanConstants> => {
  const segment = layout.segment(`mamba.${index}.scan`)
  const buffer = await rangeOf(file, segment).arrayBuffer()
  const block = mambaBlocks(shape)[index]!
  const { inner, state } = shape
  const gathered = (name: string, size: number) => {
    const values = new Float32Array(STREAMS * size)
    for (let i = 0; i < STREAMS; i++)
      values.set(
        new Float32Array(buffer, layout.tensor(`${block}.mamba_${i + 1}.${name}`).offset, size),
        i * size,
      )
    return values
  }
  return {
    ...{ streams: STREAMS, inner, state },
    decay: gathered('A_log', inner * state),
    deltaBias: gathered('dt_proj.bias', inner),
    skip: gathered('D', inner),
  }
}
