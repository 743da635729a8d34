/**
 * @file Where the tensors of a model lie in the file it is converted to, and how they are stored there; known before anything is
 * read, so that room can be asked for, and graphs can name their external data.
 *
 * int8 is symmetric, per output channel: w = scale * q with q in -127...127 and scale = max|w| / 127 of that channel (1 where all
 * are zero), no zero point. That is `DequantizeLinear(q, scale, axis)`, and for `MatMulInteger` (whose B is (in, out), so store
 * matrices `transposed`) the product of its result with the scales of B along the columns.
 */
import { demand, type Found } from './recognise'
import { MOST_HELD } from './read'
import { refusal } from './refusal'
import { countOf, ITEM_BYTES, type Tensor } from './values'
import type { Role } from './expected'

export type Precision = 'fp32' | 'fp16' | 'int8'

export interface Choice {
  readonly precision: Precision
  /** The pose auto-encoder's encoders too. */
  readonly encoder?: boolean
  /** Matrices of linear layers as (in, out) rather than (out, in), as they were saved. */
  readonly transposed?: boolean
}

export interface Placed {
  /** Without `module.`. */
  readonly name: string
  /** As it is stored: with `transposed`, matrices have theirs turned. */
  readonly shape: readonly number[]
  readonly dtype: 'float32' | 'float16' | 'int8'
  /** In bytes. Offsets are multiples of 64. */
  readonly offset: number
  readonly bytes: number
  /** Of int8: one float32 for every index of `axis`. */
  readonly scales: { readonly offset: number; readonly bytes: number; readonly axis: number } | undefined
  readonly transposed: boolean
  readonly tensor: Tensor
}

export interface Layout {
  readonly precision: Precision
  readonly tensors: readonly Placed[]
  /** Of the whole file. */
  readonly bytes: number
}

const ALIGNED = 64
export const aligned = (at: number) => Math.ceil(at / ALIGNED) * ALIGNED

const WIDTH = { float32: 4, float16: 2, int8: 1 } as const

const storedAs = (role: Role, precision: Precision): Placed['dtype'] => {
  if (role === 'exact' || precision === 'fp32') return 'float32'
  if (precision === 'fp16') return 'float16'
  return role === 'fine' ? 'float32' : 'int8'
}

/** In the order of the model, whatever the order of the checkpoint. Throws what `demand` throws. */
export const layOut = (found: Found, { precision, encoder = false, transposed = false }: Choice): Layout => {
  demand(found, { encoder })
  const tensors: Placed[] = []
  let at = 0
  for (const { name, shape, role, part } of found.expected) {
    if (part === 'encoder' && !encoder) continue
    const tensor = found.tensors.get(name)!
    const turned = transposed && role === 'linear'
    const dtype = storedAs(role, precision)
    const axis = role === 'deconv' || turned ? 1 : 0
    if (axis === 1 && countOf(shape) * ITEM_BYTES.float32 > MOST_HELD)
      throw refusal('too-complex', `${name} is too large`, { tensor: name })
    const bytes = countOf(shape) * WIDTH[dtype]
    const offset = at
    at = aligned(offset + bytes)
    const stored = turned ? [...shape].reverse() : shape
    const scales = dtype === 'int8' ? { offset: at, bytes: 4 * stored[axis]!, axis } : undefined
    if (scales) at = aligned(at + scales.bytes)
    tensors.push({ name, shape: stored, dtype, offset, bytes, scales, transposed: turned, tensor })
  }
  return { precision, tensors, bytes: at }
}
