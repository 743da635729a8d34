/**
 * @file What a selective scan is (Gu and Dao, "Mamba", 2023, algorithm 2, as in state-spaces/mamba): for every channel d
 *
 *     size[t]   = softplus(delta[t, d] + bias[d])
 *     h[t, n]   = exp(size[t] · A[d, n]) · h[t−1, n] + size[t] · u[t, d] · B[t, n]
 *     y[t, d]   = (Σ_n h[t, n] · C[t, n] + D[d] · u[t, d]) · silu(z[t, d])
 *
 * Three programs do it: `reference` in double precision, `simd` on the processor, `gpu` on a GPU device.
 */
import { Fault } from '../../../src/shared/fault'

/** How large the scans are that one program does. */
export interface ScanShape {
  readonly channels: number
  readonly states: number
  /** The most steps of one scan. */
  readonly steps: number
}

/** What a scan does not get anew each time. */
export interface ScanWeights {
  /** (channels × states), −exp(A_log): none above 0. */
  readonly A: Float32Array
  /** (channels). */
  readonly D: Float32Array
  /** (channels), added to delta before the softplus. */
  readonly bias: Float32Array
}

/** A matrix by rows, perhaps some columns of a wider one: row t begins at `offset + t · stride`. */
export interface Rows<Data = Float32Array> {
  readonly data: Data
  /** 0 unless given. */
  readonly offset?: number
  /** The width unless given. */
  readonly stride?: number
}

/** What a scan reads: steps × channels, or steps × states. */
export interface ScanInput<Data = Float32Array> {
  readonly steps: number
  readonly u: Rows<Data>
  readonly delta: Rows<Data>
  readonly B: Rows<Data>
  readonly C: Rows<Data>
  /** Without it the output has no gate. */
  readonly z?: Rows<Data>
}

/** Throws `bad-input` where the weights are not of this shape. */
export const checkWeights = ({ channels, states }: ScanShape, { A, D, bias }: ScanWeights) => {
  expectLength('A', A, channels * states)
  expectLength('D', D, channels)
  expectLength('bias', bias, channels)
}

/** Throws `bad-input` where a scan would read beyond what it is given. */
export const checkInput = (shape: ScanShape, input: ScanInput) => {
  const { steps, u, delta, B, C, z } = input
  checkSteps(shape, steps)
  for (const [name, rows] of Object.entries({ u, delta, ...(z && { z }) }))
    expectRows(name, rows, steps, shape.channels)
  for (const [name, rows] of Object.entries({ B, C })) expectRows(name, rows, steps, shape.states)
}

/** Throws `bad-input` for a number of steps that this shape does not hold. */
export const checkSteps = (shape: ScanShape, steps: number) => {
  if (Number.isInteger(steps) && steps >= 1 && steps <= shape.steps) return
  throw new Fault('bad-input', `a scan of ${steps} steps, where 1 to ${shape.steps} fit`, {
    detail: { steps, most: shape.steps },
  })
}

const expectLength = (name: string, { length }: Float32Array, expected: number) => {
  if (length === expected) return
  throw new Fault('bad-input', `${name} of a scan has ${length} numbers, not ${expected}`, {
    detail: { name, length, expected },
  })
}

const expectRows = (name: string, { data, offset = 0, stride }: Rows, steps: number, width: number) => {
  const end = offset + (steps - 1) * (stride ?? width) + width
  if (offset >= 0 && (stride ?? width) >= 0 && end <= data.length) return
  throw new Fault('bad-input', `${name} of a scan ends at ${end}, its array at ${data.length}`, {
    detail: { name, length: data.length, expected: end },
  })
}
