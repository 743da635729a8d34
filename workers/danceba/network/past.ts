/**
 * @file What the graphs of a network that is cut around its scans need of earlier frames: keys and values of attention, the last
 * rows of convolutions, states of scans. 37 MB at full size.
 */
import { Tensor, type Tensors } from '../../runtime/sessions'
import { USAGE } from '../../runtime/gpu'
import { cachedColumns } from './graphs'
import type { CarriedScan } from './scan'
import { STREAMS, type Shape } from './shape'

/** Of the frames before those that are computed, part by part of the network. */
export interface Earlier {
  /** How many they are. */
  readonly frames: number
  inputs(part: number): Tensors
  /** Results of the part that are to be kept. */
  wants(part: number): readonly string[]
  /** Takes what it wants of the results; the others are returned. */
  keep(part: number, results: Tensors): Tensors
  /** Who does the scans of a block, where they go on. */
  scan(block: number): CarriedScan | undefined
  release(): void
}

/** No earlier frames. */
export class Nothing implements Earlier {
  readonly frames = 0
  readonly #taps: Values
  readonly #rows: ReadonlyMap<number, Values>
  readonly #mambas: number

  constructor(shape: Shape, device?: GPUDevice) {
    this.#mambas = shape.mambas
    this.#taps = noTaps(shape, device)
    this.#rows = rowsOf(shape, 0, device)
  }

  inputs(part: number): Tensors {
    const past = this.#rows.get(part)
    return {
      ...(past && { past: past.tensor }),
      ...(part < this.#mambas && { past_taps: this.#taps.tensor }),
    }
  }

  wants() {
    return []
  }

  keep(_: number, results: Tensors) {
    return results
  }

  scan() {
    return undefined
  }

  release() {
    for (const values of [this.#taps, ...this.#rows.values()]) values.release()
  }
}

/** Room for so many earlier frames, none at first. Who has computed further ones says how many there are now. */
export class Past implements Earlier {
  frames = 0
  readonly #noTaps: Values
  readonly #taps: (Tensor | undefined)[] = []
  readonly #rows: ReadonlyMap<number, Values>
  readonly #scans: readonly CarriedScan[]

  constructor(shape: Shape, most: number, scans: readonly CarriedScan[], device?: GPUDevice) {
    this.#scans = scans
    this.#noTaps = noTaps(shape, device)
    this.#rows = rowsOf(shape, most, device)
  }

  clear() {
    this.frames = 0
    for (const rows of this.#rows.values()) rows.clear()
    for (const scan of this.#scans) scan.clear()
    for (const taps of this.#taps.splice(0)) disposeOf(taps)
  }

  inputs(part: number): Tensors {
    const past = this.#rows.get(part)
    const taps = part < this.#scans.length ? (this.#taps[part] ?? this.#noTaps.tensor) : undefined
    return { ...(past && { past: past.tensor }), ...(taps && { past_taps: taps }) }
  }

  wants(part: number) {
    return [...(this.#rows.has(part) ? ['kept'] : []), ...(part < this.#scans.length ? ['kept_taps'] : [])]
  }

  keep(part: number, { kept, kept_taps: taps, ...others }: Tensors): Tensors {
    if (kept) this.#rows.get(part)!.append(kept)
    if (taps) {
      disposeOf(this.#taps[part])
      this.#taps[part] = taps
    }
    return others
  }

  scan(block: number) {
    return this.#scans[block]
  }

  release() {
    this.clear()
    for (const values of [this.#noTaps, ...this.#rows.values()]) values.release()
  }
}

const disposeOf = (tensor: Tensor | undefined) => {
  if (tensor?.location === 'gpu-buffer') tensor.dispose()
}

/** Zeros before the first frame. */
const noTaps = ({ taps, inner }: Shape, device?: GPUDevice): Values => {
  const rows = STREAMS * (taps - 1)
  const values = new Values(inner, rows, device)
  values.append(new Tensor('float32', new Float32Array(rows * inner), [rows, inner]))
  return values
}

/** Keys and values, of those parts of the network that have any. */
const rowsOf = (shape: Shape, frames: number, device?: GPUDevice): ReadonlyMap<number, Values> => {
  const { first, last } = cachedColumns(shape)
  const all: [number, number][] = [
    [0, first],
    [shape.mambas, last],
  ]
  return new Map(
    all
      .filter(([, columns]) => columns > 0)
      .map(([part, columns]) => [part, new Values(columns, STREAMS * frames, device)]),
  )
}

/** Rows that grow in their place, in memory or on a GPU device. */
class Values {
  readonly #columns: number
  readonly #held: Float32Array | undefined
  readonly #buffer: GPUBuffer | undefined
  readonly #device: GPUDevice | undefined
  #rows = 0

  constructor(columns: number, most: number, device?: GPUDevice) {
    this.#columns = columns
    this.#device = device
    if (!device || most === 0) this.#held = new Float32Array(most * columns)
    else
      this.#buffer = device.createBuffer({
        size: most * columns * 4,
        usage: USAGE.STORAGE | USAGE.COPY_SRC | USAGE.COPY_DST,
      })
  }

  get tensor(): Tensor {
    const dims = [this.#rows, this.#columns]
    if (this.#buffer && this.#rows > 0)
      return Tensor.fromGpuBuffer(this.#buffer, { dataType: 'float32', dims })
    const held = this.#held?.subarray(0, this.#rows * this.#columns)
    return new Tensor('float32', held ?? new Float32Array(), dims)
  }

  /** Takes over what lies on the GPU. */
  append(tensor: Tensor) {
    const at = this.#rows * this.#columns
    this.#rows += tensor.dims[0]!
    if (this.#held) this.#held.set(tensor.data as Float32Array, at)
    else if (tensor.location === 'gpu-buffer') {
      const encoder = this.#device!.createCommandEncoder()
      encoder.copyBufferToBuffer(tensor.gpuBuffer, 0, this.#buffer!, at * 4, tensor.size * 4)
      this.#device!.queue.submit([encoder.finish()])
      tensor.dispose()
    } else this.#device!.queue.writeBuffer(this.#buffer!, at * 4, tensor.data as Float32Array<ArrayBuffer>)
  }

  clear() {
    this.#rows = 0
  }

  release() {
    this.#buffer?.destroy()
  }
}
