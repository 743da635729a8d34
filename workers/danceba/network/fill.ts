/** @file A checkpoint's tensors as the file of a layout has them: rounded, quantised, folded. */
import { BLOCK, type Layout, type Stored } from './layout'

/** Values of a tensor of the checkpoint by its name, without `module.`, in row-major order. */
export type Read = (name: string) => Promise<Float32Array> | Float32Array

/** `offset` is from the start of the file. */
export type Write = (offset: number, bytes: Uint8Array<ArrayBuffer>) => Promise<void> | void

/** Write the whole file, tensor after tensor from its start to its end; no more than one of them is in memory. */
export const fill = async (signal: AbortSignal, layout: Layout, read: Read, write: Write): Promise<void> => {
  let last: { name: string; values: Float32Array } | undefined
  const once = async (name: string) => {
    if (last?.name !== name) last = { name, values: await read(name) } // scales are asked for after their matrix
    return last.values
  }
  for (const segment of layout.segments)
    for (const tensor of segment.tensors) {
      signal.throwIfAborted()
      const values = await made(tensor, once)
      await write(
        segment.offset + tensor.offset,
        new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
      )
    }
}

type Values =
  Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Int8Array<ArrayBuffer> | Uint8Array<ArrayBuffer>

const made = async ({ source, form, dims }: Stored, read: Read): Promise<Values> => {
  switch (form) {
    case 'as-is':
      return new Float32Array(await read(source))
    case 'half':
      return halves(await read(source))
    case 'int8':
      return quantised(await read(source), dims[1]!, dims[0]!)
    case 'scales':
      return scalesOf(await read(source), dims[0]!)
    case 'blocks':
      return inBlocks(await read(source), dims[0]!)
    case 'block-scales':
      return blockScales(await read(source), dims[0]!)
    case 'taps':
      return transposed(await read(source), dims[1]!, dims[0]!)
    case 'decay':
      return Float32Array.from(await read(source), (value) => -Math.exp(value))
    case 'folded-weight':
      return foldedWeight(await read(`${source}.linear2.weight`), dims[1]!, await gains(source, read))
    case 'folded-bias':
      return foldedBias(source, await gains(source, read), read)
  }
}

const transposed = (values: Float32Array, rows: number, columns: number) => {
  const out = new Float32Array(values.length)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      out[column * rows + row] = values[row * columns + column]!
  return out
}

/** Largest magnitude of each row over 127; 1 for a row of zeros. */
const scalesOf = (values: Float32Array, rows: number): Float32Array<ArrayBuffer> => {
  const columns = values.length / rows
  return Float32Array.from({ length: rows }, (_, row) => {
    let most = 0
    for (let i = row * columns; i < (row + 1) * columns; i++) most = Math.max(most, Math.abs(values[i]!))
    return most / 127 || 1
  })
}

const quantised = (values: Float32Array, rows: number, columns: number): Int8Array<ArrayBuffer> => {
  const scales = scalesOf(values, rows)
  const out = new Int8Array(values.length)
  for (let row = 0; row < rows; row++) {
    const scale = scales[row]!
    for (let column = 0; column < columns; column++)
      out[column * rows + row] = Math.round(values[row * columns + column]! / scale)
  }
  return out
}

/** Largest magnitude of each block of each row over 127; 1 for a block of zeros. */
const blockScales = (values: Float32Array, rows: number): Float32Array<ArrayBuffer> => {
  const columns = values.length / rows
  const blocks = Math.ceil(columns / BLOCK)
  return Float32Array.from({ length: rows * blocks }, (_, i) => {
    const start = Math.floor(i / blocks) * columns
    const from = start + (i % blocks) * BLOCK
    let most = 0
    for (let j = from; j < Math.min(from + BLOCK, start + columns); j++)
      most = Math.max(most, Math.abs(values[j]!))
    return most / 127 || 1
  })
}

const inBlocks = (values: Float32Array, rows: number): Uint8Array<ArrayBuffer> => {
  const columns = values.length / rows
  const blocks = Math.ceil(columns / BLOCK)
  const scales = blockScales(values, rows)
  const out = new Uint8Array(rows * blocks * BLOCK).fill(128)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      out[row * blocks * BLOCK + column] =
        128 + Math.round(values[row * columns + column]! / scales[row * blocks + Math.floor(column / BLOCK)]!)
  return out
}

/** Batch normalisation in inference: x · gain + shift a channel (Ioffe and Szegedy 2015; PyTorch's epsilon). */
const gains = async (source: string, read: Read): Promise<Float64Array> => {
  const weight = await read(`${source}.bn2.weight`)
  const variance = await read(`${source}.bn2.running_var`)
  return Float64Array.from(weight, (value, i) => value / Math.sqrt(variance[i]! + 1e-5))
}

const foldedWeight = (weight: Float32Array, columns: number, gain: Float64Array) =>
  Float32Array.from(weight, (value, i) => value * gain[Math.floor(i / columns)]!)

const foldedBias = async (source: string, gain: Float64Array, read: Read) => {
  const linear = await read(`${source}.linear2.bias`)
  const mean = await read(`${source}.bn2.running_mean`)
  const shift = await read(`${source}.bn2.bias`)
  return Float32Array.from(linear, (value, i) => (value - mean[i]!) * gain[i]! + shift[i]!)
}

/** IEEE 754 half precision, to the nearest, ties to even; what is too large becomes infinite. */
const halves = (values: Float32Array): Uint16Array<ArrayBuffer> => {
  const out = new Uint16Array(values.length)
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  for (let i = 0; i < out.length; i++) out[i] = half(bits[i]!)
  return out
}

const half = (bits: number): number => {
  const sign = (bits >>> 16) & 0x8000
  const rest = bits & 0x7fffffff
  if (rest > 0x7f800000) return sign | 0x7e00
  if (rest >= 0x477ff000) return sign | 0x7c00
  if (rest >= 0x38800000) return sign | ((rest - 0x38000000 + 0xfff + ((rest >>> 13) & 1)) >>> 13)
  // Below the smallest normal number: a multiple of 2^-24.
  const exponent = rest >>> 23
  if (exponent < 102) return sign
  const mantissa = (rest & 0x7fffff) | 0x800000
  const shift = 126 - exponent
  const floor = mantissa >>> shift
  const over = mantissa - floor * 2 ** shift
  const middle = 2 ** (shift - 1)
  return sign | (floor + (over > middle || (over === middle && floor & 1) ? 1 : 0))
}
