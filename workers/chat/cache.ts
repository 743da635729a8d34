/** @file The keys and values of the tokens that a model has read: what makes the next turn cost only what is new in it. */
import { USAGE } from '../runtime/gpu'
import { library } from '../runtime/transformers'
import { commonPrefix, type Known } from './context'

type Tensors = InstanceType<typeof library.DynamicCache>
type Tensor = InstanceType<typeof library.Tensor>

/** A tensor of ONNX Runtime, as far as it is dealt with here; the library wraps one in each of its own. */
interface RuntimeTensor {
  readonly gpuBuffer: GPUBuffer
  readonly constructor: {
    fromGpuBuffer(
      buffer: GPUBuffer,
      options: { dataType: string; dims: readonly number[]; dispose: () => void },
    ): RuntimeTensor
  }
}

const NOTHING: Known = { text: '', tokens: [] }

/** WebGPU binds storage in vectors of four floats. */
const ALIGNMENT = 16

export class KeyValueCache {
  readonly #gpu: GPUDevice | undefined
  #known = NOTHING
  #tensors: Tensors = new library.DynamicCache()

  /** `gpu`: the device on which the model keeps its keys and values, if it does. */
  constructor(gpu?: GPUDevice) {
    this.#gpu = gpu
  }

  get known(): Known {
    return this.#known
  }

  /** For the library, which appends to them as the model reads. `note` says afterwards what it has read. */
  get tensors(): Tensors {
    return this.#tensors
  }

  /** The tensors now hold these tokens. Where they do not, they are given up: better slow than wrong. */
  async note(known: Known): Promise<void> {
    if (lengthOf(this.#tensors) === known.tokens.length) this.#known = known
    else await this.clear()
  }

  /**
   * Keep what this prompt begins with, drop the rest; gives how many tokens are known. At least the last one is left to be
   * read: the model says what comes next only for tokens it reads.
   */
  async keep(prompt: readonly number[]): Promise<number> {
    const length = Math.min(commonPrefix(this.#known.tokens, prompt), prompt.length - 1)
    if (length === this.#known.tokens.length) return length
    if (length === 0 || !this.#croppable()) {
      await this.clear()
      return 0
    }
    const whole = this.#tensors
    this.#tensors = new library.DynamicCache(cropped(whole, length, this.#gpu))
    this.#known = { text: '', tokens: prompt.slice(0, length) } // its text is not known any more
    await whole.dispose()
    return length
  }

  async clear(): Promise<void> {
    const tensors = this.#tensors
    this.#tensors = new library.DynamicCache()
    this.#known = NOTHING
    await tensors.dispose()
  }

  /** Attention keeps a row a token. Convolutions and recurrences keep a state, out of which no token can be taken. */
  #croppable(): boolean {
    const length = this.#known.tokens.length
    return entriesOf(this.#tensors).every(
      ([name, { dims, location }]) =>
        /^past_key_values\..*\.(key|value)$/.test(name) &&
        dims.length === 4 &&
        dims[0] === 1 &&
        dims[2] === length &&
        (location !== 'gpu-buffer' || this.#gpu !== undefined),
    )
  }
}

const entriesOf = (tensors: Tensors): [string, Tensor][] => Object.entries(tensors)

const lengthOf = (tensors: Tensors): number => {
  try {
    return tensors.get_seq_length()
  } catch {
    return -1 // a model without attention: nobody can tell
  }
}

/** The first `length` tokens of each tensor, copied. */
const cropped = (tensors: Tensors, length: number, gpu: GPUDevice | undefined): Record<string, Tensor> => {
  const encoder = gpu?.createCommandEncoder()
  const result: Record<string, Tensor> = {}
  for (const [name, tensor] of entriesOf(tensors))
    result[name] =
      tensor.location === 'gpu-buffer'
        ? croppedOnGpu(tensor, length, gpu!, encoder!)
        : croppedInMemory(tensor, length)
  if (encoder) gpu!.queue.submit([encoder.finish()])
  return result
}

const croppedInMemory = (tensor: Tensor, length: number): Tensor => {
  const [, heads, rows, size] = tensor.dims as [number, number, number, number]
  const from = tensor.data as Float32Array
  const to = new (from.constructor as Float32ArrayConstructor)(heads * length * size)
  for (let head = 0; head < heads; head++)
    to.set(from.subarray(head * rows * size, (head * rows + length) * size), head * length * size)
  return new library.Tensor(tensor.type, to, [1, heads, length, size])
}

const croppedOnGpu = (tensor: Tensor, length: number, gpu: GPUDevice, encoder: GPUCommandEncoder): Tensor => {
  const [, heads, rows, size] = tensor.dims as [number, number, number, number]
  const runtime = (tensor as unknown as { ort_tensor: RuntimeTensor }).ort_tensor
  const row = size * (tensor.type === 'float16' ? 2 : 4)
  const buffer = gpu.createBuffer({
    size: Math.ceil((heads * length * row) / ALIGNMENT) * ALIGNMENT,
    usage: USAGE.STORAGE | USAGE.COPY_SRC | USAGE.COPY_DST,
  })
  for (let head = 0; head < heads; head++)
    encoder.copyBufferToBuffer(
      runtime.gpuBuffer,
      head * rows * row,
      buffer,
      head * length * row,
      length * row,
    )
  const made = runtime.constructor.fromGpuBuffer(buffer, {
    dataType: tensor.type,
    dims: [1, heads, length, size],
    dispose: () => buffer.destroy(),
  })
  return new (library.Tensor as unknown as new (tensor: RuntimeTensor) => Tensor)(made)
}
