/** @file The generator, loaded: a window of music and codes in, logits of the next codes out. */
import { free, openSession, Tensor, type Session, type Tensors } from '../../runtime/sessions'
import type { ScanInputs } from './blocks'
import { CUT, SCANNED, cutGraphs, positionalGraph, wholeGraph } from './graphs'
import type { Layout, Segment } from './layout'
import type { Graph } from './pieces'
import { Nothing, Past, type Earlier } from './past'
import { alignedRows, lastRows, maskOf, positionalRows, type RhythmRows } from './positional'
import type { CarriedScan, MakeScan, ScanConstants, ScanKernel } from './scan'
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

/** t frames. */
export interface Frames {
  /** t × features: of each frame the music that goes with the code to come. */
  readonly music: Float32Array
  readonly up: Int32Array
  readonly down: Int32Array
}

/** A window of t frames. */
export interface Window extends Frames {
  /** Phase spectrum of the music of the window: frames × bins. */
  readonly phase: Float32Array
}

/** The same where its rhythm rows have been computed before. */
export interface Prepared extends Frames {
  readonly rhythm: RhythmRows
}

/** Of each frame that is read, how likely each code is to be the next: frames × codes. */
export interface Logits {
  readonly up: Float32Array
  readonly down: Float32Array
}

/** Awaited between the parts of a step: what it throws stops the step. */
export type Rest = () => Promise<void>

/** Further frames of a chunk. */
export interface Further extends Frames {
  /** A window of `t` frames that ends with these: they get the rhythm rows that they have there, not those of the chunk. */
  readonly rhythm?: { readonly rows: RhythmRows; readonly t: number }
}

/** Frames of a chunk at most, and of a window of training. */
export const TRAINED = 29

/** Frames one after the other, of which what was computed is kept. Calls must not overlap. */
export interface Chunk {
  /** Logits of the last of further frames, or, with `all`, of every one of these. */
  next(frames: Further, all?: boolean): Promise<Logits>
}

const HANDED = ['x.out', ...CUT]
const LOGITS = ['logits_up', 'logits_down']

export class Network {
  readonly shape: Shape
  readonly #positional: Session
  readonly #parts: readonly Session[]
  readonly #kernels: readonly ScanKernel[]
  readonly #watch: NetworkOptions['watch']
  readonly #device: GPUDevice | undefined
  #nothing: Nothing | undefined
  #past: Past | undefined
  #carried: readonly CarriedScan[] | undefined

  private constructor(
    { shape, watch, scan, device }: NetworkOptions,
    positional: Session,
    parts: readonly Session[],
    kernels: readonly ScanKernel[],
  ) {
    this.shape = shape
    this.#watch = watch
    this.#positional = positional
    this.#parts = parts
    this.#kernels = kernels
    this.#device = device
    if (scan) this.#nothing = new Nothing(shape, device)
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
      const onDevice = where.device ? (last ? ['kept'] : ['x.out', 'kept', 'kept_taps', ...CUT]) : []
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
  async logits(window: Window | Prepared, all = false, rest?: Rest): Promise<Logits> {
    const rows = 'rhythm' in window ? window.rhythm : await this.#rhythm(window.phase)
    return this.#run(window, positionalRows(rows, window.up.length), {
      all,
      earlier: this.#nothing,
      rest,
    })
  }

  /**
   * Begins a chunk of at most `TRAINED` frames: those to come go on from those before. It ends the chunk before. Only where
   * scans are done by kernels that keep states.
   *
   * @param phase - Of all music of the chunk, as many frames × bins as it is going to have: rhythm rows are those of this window,
   * each stream with its own as in training. Without, further frames say where theirs are from.
   * @param rest - As in `logits`. When it throws, or anything fails, the chunk has ended.
   */
  async chunk(phase?: Float32Array, rest?: Rest): Promise<Chunk> {
    const own = phase && (await this.#rhythm(phase))
    const past = this.#emptied()
    const aligned = (from: number, t: number) => {
      if (!own) throw new RangeError('nothing says which rhythm rows these frames get')
      return alignedRows(own, from, t)
    }
    return {
      next: async (window, all = false) => {
        const t = window.up.length
        const positional = window.rhythm ? lastOf(window.rhythm, t) : aligned(past.frames, t)
        const logits = await this.#run(window, positional, { all, earlier: past, rest })
        past.frames += t
        return logits
      },
    }
  }

  /** Rhythm rows of several windows at once, from the phases of each. */
  async rhythm(phases: readonly Float32Array[]): Promise<RhythmRows[]> {
    const { bins, width } = this.shape
    const together = new Float32Array(phases.reduce((sum, { length }) => sum + length, 0))
    let end = 0
    const ends = phases.map((phase) => {
      together.set(phase, end)
      return (end += phase.length)
    })
    const { projected } = await this.#rhythm(together)
    return ends.map((last, i) => {
      const [from, to] = [(ends[i - 1] ?? 0) / bins, last / bins]
      const row = STREAMS * width
      return { projected: projected.subarray(from * row, to * row), frames: to - from }
    })
  }

  async release(): Promise<void> {
    this.#past?.release()
    this.#nothing?.release()
    for (const kernel of this.#kernels) kernel.release?.()
    for (const session of [this.#positional, ...this.#parts]) await session.release()
  }

  #emptied(): Past {
    this.#carried ??= this.#kernels.map((kernel) => {
      if (!kernel.carried) throw new RangeError('the scans of this network keep no states')
      return kernel.carried()
    })
    this.#past ??= new Past(this.shape, TRAINED, this.#carried, this.#device)
    this.#past.clear()
    return this.#past
  }

  async #rhythm(phase: Float32Array): Promise<RhythmRows> {
    const { bins } = this.shape
    const frames = phase.length / bins
    const { rows } = await this.#positional.run({ phase: tensor(phase, [frames, bins]) })
    return { projected: floats(rows!), frames }
  }

  async #run(
    window: Frames,
    positional: Float32Array,
    { all, earlier, rest }: { all: boolean; earlier: Earlier | undefined; rest: Rest | undefined },
  ): Promise<Logits> {
    const given = this.#inputs(window, positional, all, earlier?.frames)
    let out: Tensors = {}
    for (const [i, part] of this.#parts.entries()) {
      await rest?.().catch((reason: unknown) => {
        dispose(out)
        throw reason
      })
      const last = i === this.#parts.length - 1
      const inputs = i === 0 ? given.first : await this.#between(i - 1, out, earlier)
      if (last) Object.assign(inputs, given.last)
      const results = await (earlier
        ? part.run({ ...inputs, ...earlier.inputs(i) }, [...(last ? LOGITS : HANDED), ...earlier.wants(i)])
        : part.run(inputs))
      if (i > 0) dispose(inputs)
      out = earlier ? earlier.keep(i, results) : results
    }
    const { logits_up: up, logits_down: down, ...stages } = out
    for (const [stage, rows] of Object.entries(stages)) this.#watch?.(stage, floats(rows))
    return { up: floats(up!), down: floats(down!) }
  }

  #inputs({ music, up, down }: Frames, positional: Float32Array, all: boolean, past = 0) {
    const { width, music: features } = this.shape
    const t = up.length
    const rows = STREAMS * t
    const read = all
      ? Int32Array.from({ length: 2 * t }, (_, i) => t + i)
      : Int32Array.of(2 * t - 1, 3 * t - 1)
    const mask = tensor(maskOf(t, past), [1, 1, rows, STREAMS * past + rows])
    const first: Record<string, Tensor> = {
      music: tensor(music, [t, features]),
      up: new Tensor('int32', up, [t]),
      down: new Tensor('int32', down, [t]),
      positional: tensor(positional, [rows, width]),
      mask,
    }
    return { first, last: { mask, read: new Tensor('int32', read, [read.length]) } }
  }

  /** The scans of a block, from what the part before them gave to what the part after them takes. */
  async #between(block: number, out: Tensors, earlier?: Earlier): Promise<Record<string, Tensor>> {
    const inputs = Object.fromEntries(CUT.map((name) => [name, out[name]!])) as unknown as ScanInputs<Tensor>
    const results = await (earlier?.scan(block) ?? this.#kernels[block]!).run(inputs)
    dispose(inputs)
    return { x: out['x.out']!, ...Object.fromEntries(SCANNED.map((name, i) => [name, results[i]!])) }
  }
}

/** Of the last `count` frames of a window. */
const lastOf = ({ rows, t }: NonNullable<Further['rhythm']>, count: number) =>
  lastRows(positionalRows(rows, t), t, count)

const tensor = (values: Float32Array, dims: readonly number[]) => new Tensor('float32', values, dims)
const floats = (result: Tensor) => result.data as Float32Array

/** What lies on a GPU is freed by hand; so are some 40 megabytes a step, for which no collector comes in time. */
const dispose = (tensors: object) => {
  for (const each of Object.values(tensors) as Tensor[])
    if (each.location === 'gpu-buffer') each.dispose()
    else free(each.data as Float32Array)
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
