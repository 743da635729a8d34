/** @file The generator as ONNX graphs: in one piece, or cut around the scans so that a kernel of our own can do them. */
import { afterScan, attention, beforeScan, scanned, type Recall, type ScanInputs } from './blocks'
import type { Layout } from './layout'
import { Pieces, type Graph } from './pieces'
import { mambaBlocks, STREAMS, type Shape } from './shape'

/**
 * All graphs speak of a window of `t` frames and its `3t` rows. What each takes and gives:
 *
 * - the first: `music` t × features, `up` and `down` t codes (int32), `positional` 3t × width, `mask` 1 × 1 × 3t × 3t (added
 *   to scores of attention);
 * - the last: `mask`, and `read`, the rows that are wanted (int32), as many of `up` as of `down`, those first; it gives
 *   `logits_up` and `logits_down`, half as many rows × codes.
 *
 * Those that are cut may go on from p earlier frames; `mask` is 3t × 3(p + t) then, and what they need of these comes in and
 * goes out:
 *
 * - the first and the last: `past`, 3p rows of keys and values of all their blocks of attention (`cachedColumns`), in any order;
 *   they give `kept`, those of the 3t rows;
 * - all but the last: `past_taps`, for each stream what went last into the convolution of its Mamba (one row less than taps),
 *   zeros at first; they give `kept_taps`.
 */

/** What is handed over where the network is cut, besides the rows `x` (`x.out` of the part before): to the scans, and from them. */
export const CUT = ['u', 'delta', 'z', 'b', 'c'] as const satisfies readonly (keyof ScanInputs<string>)[]
export const SCANNED = Array.from({ length: STREAMS }, (_, stream) => `y${stream}`)

/** Whether rows after each stage are further outputs: `embed`, `base0` …, `mamba0` …; of the rows read `closing`, `final_norm`. */
export interface Watched {
  readonly watch?: unknown
}

/** One graph, scans included. */
export const wholeGraph = (shape: Shape, layout: Layout, { watch }: Watched = {}): Graph => {
  const p = new Pieces('danceba', layout)
  const see = watcher(p, shape, watch !== undefined)
  let x = opening(p, shape, see)
  mambaBlocks(shape).forEach((block, i) => {
    x = afterScan(p, block, shape, x, scanned(p, block, shape, beforeScan(p, block, shape, x)))
    see(`mamba${i}`, x)
  })
  closing(p, shape, x, 'mask', see)
  return p.build()
}

/** How wide keys and values of a row are in the first graph of those that are cut, and in the last. */
export const cachedColumns = ({ base, width }: Shape) => ({ first: 2 * base * width, last: 2 * width })

/** As many graphs as there are blocks of Mambas, and one more. */
export const cutGraphs = (shape: Shape, layout: Layout): Graph[] => {
  const blocks = mambaBlocks(shape)
  const parts = [...blocks, undefined].map((block, i) => {
    const p = new Pieces(`danceba.${i}`, layout)
    const before = blocks[i - 1]
    const { first, last } = cachedColumns(shape)
    const columns = before === undefined ? first : block === undefined ? last : 0
    const cache = columns > 0 ? new Cache(p, columns, shape) : undefined
    const x = before === undefined ? opening(p, shape, unseen, cache) : resumed(p, before, shape)
    if (block === undefined)
      closing(p, shape, x, p.g.input('mask', 'float', [1, 1, 'rows', 'columns']), unseen, cache)
    else handedOver(p, block, shape, x)
    cache?.close()
    return p.build()
  })
  return parts
}

type See = (stage: string, x: string) => void

const watcher =
  (p: Pieces, { width }: Shape, watch: boolean): See =>
  (stage, x) => {
    if (watch) p.g.output(p.g.op('Identity', [x], {}, stage), 'float', [`rows of ${stage}`, width])
  }

const unseen: See = () => undefined

/** Keys and values of earlier rows, block after block, and where those of these rows go. */
class Cache {
  readonly #p: Pieces
  readonly #columns: number
  readonly #past: string[]
  readonly #kept: string[] = []

  constructor(p: Pieces, columns: number, { width }: Shape) {
    this.#p = p
    this.#columns = columns
    const sizes = Array.from({ length: columns / width }, () => width)
    const past = p.g.input('past', 'float', ['past rows', columns])
    this.#past = [...p.columns(past, ...sizes)]
  }

  readonly recall: Recall = (made) => {
    this.#kept.push(made)
    return this.#p.stack([this.#past.shift()!, made])
  }

  close() {
    const { g } = this.#p
    g.output(g.op('Concat', this.#kept, { axis: 1 }, 'kept'), 'float', ['rows', this.#columns])
  }
}

/** From codes and music to what goes into the first block of Mambas. */
const opening = (p: Pieces, shape: Shape, see = unseen, cache?: Cache): string => {
  const { g } = p
  const { width, music, base } = shape
  const heard = p.affine(g.input('music', 'float', ['t', music]), 'gpt_base.cond_emb')
  const danced = ['up', 'down'].map((stream) =>
    g.op('Gather', [p.weight(`gpt_base.tok_emb_${stream}.weight`), g.input(stream, 'int32', ['t'])]),
  )
  const positional = g.input('positional', 'float', ['rows', width])
  const mask = g.input('mask', 'float', [1, 1, 'rows', 'columns'])
  let x = p.add(p.stack([heard, ...danced]), positional)
  see('embed', x)
  for (let i = 0; i < base; i++) {
    x = attention(p, `gpt_base.blocks.${i}`, shape, x, mask, { recall: cache?.recall })
    see(`base${i}`, x)
  }
  return x
}

const handedOver = (p: Pieces, block: string, shape: Shape, x: string) => {
  const { g } = p
  const { width, inner, state, taps } = shape
  const before = [...p.rows(g.input('past_taps', 'float', [STREAMS * (taps - 1), inner]), STREAMS)]
  const padded: string[] = []
  const streams = beforeScan(p, block, shape, x, (made) => {
    padded.push(p.stack([before.shift()!, made]))
    return padded.at(-1)!
  })
  const end = p.integers(Number.MAX_SAFE_INTEGER)
  const last = padded.map((rows) => g.op('Slice', [rows, p.integers(1 - taps), end, p.integers(0)]))
  g.output(p.stack(last, 'kept_taps'), 'float', [STREAMS * (taps - 1), inner])
  for (const name of CUT) {
    p.stack(
      streams.map((stream) => stream[name]),
      name,
    )
    g.output(name, 'float', ['rows', name === 'b' || name === 'c' ? state : inner])
  }
  g.output(g.op('Identity', [x], {}, 'x.out'), 'float', ['rows', width])
}

const resumed = (p: Pieces, block: string, shape: Shape): string => {
  const x = p.g.input('x', 'float', ['rows', shape.width])
  const results = SCANNED.map((name) => p.g.input(name, 'float', ['t', shape.inner]))
  return afterScan(p, block, shape, x, results)
}

/** The last attention, for the rows that are read only, and the two heads. */
const closing = (p: Pieces, shape: Shape, x: string, mask: string, see = unseen, cache?: Cache) => {
  const { g } = p
  const read = g.input('read', 'int32', ['read'])
  const rows = attention(p, 'gpt_head.block_base', shape, x, mask, { read, recall: cache?.recall })
  see('closing', rows)
  const normed = p.rmsNorm(rows, 'gpt_head.RMS_f.weight')
  see('final_norm', normed)
  const halves = p.rows(normed, 2)
  ;['up', 'down'].forEach((stream, i) => {
    const logits = p.linear(halves[i]!, `gpt_head.head_${stream}.weight`)
    g.output(g.op('Identity', [logits], {}, `logits_${stream}`), 'float', [`half`, shape.codes])
  })
}

/** Rhythm rows of any number of frames of phase (frames × bins): frames × 3 × width, of all heads. */
export const positionalGraph = (shape: Shape, layout: Layout): Graph => {
  const p = new Pieces('danceba.positional', layout)
  const { g } = p
  const phase = g.input('phase', 'float', ['frames', shape.bins])
  const heads = Array.from({ length: STREAMS }, (_, i) =>
    g.op('Relu', [p.affine(phase, `gpt_base.pos_emb.pos_emb_${i + 1}`)]),
  )
  const rows = g.op('Concat', heads, { axis: 1 })
  g.output(g.op('Mul', [rows, p.weight('gpt_base.position_scale')], {}, 'rows'), 'float', [
    'frames',
    STREAMS * shape.width,
  ])
  return p.build()
}
