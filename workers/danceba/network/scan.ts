/** @file What a kernel for the selective scans is given, and what it gives: the seam between the graphs and what is not ONNX. */
import type { Tensor } from '../../runtime/sessions'
import type { ScanInputs } from './blocks'

/** What of a block's scans is the same in each step; one stream after the other. */
export interface ScanConstants {
  readonly streams: number
  readonly inner: number
  readonly state: number
  /** A = -exp(A_log): streams × channels × states. */
  readonly decay: Float32Array
  /** Added to `delta` before its softplus: streams × channels. */
  readonly deltaBias: Float32Array
  /** D: streams × channels. */
  readonly skip: Float32Array
}

/** The scans of one block, all streams at once. */
export interface ScanKernel {
  /**
   * From inputs of streams·t rows, the gated result of each stream, t × channels; every stream begins with a state of zeros.
   * Where the network runs on a GPU, the tensors are on it, and the results are to be. Inputs are disposed of by the caller,
   * and so are results that are on the GPU.
   */
  run(inputs: ScanInputs<Tensor>): Promise<readonly Tensor[]> | readonly Tensor[]
  /**
   * The same scans, but going on: from states of zeros at first, then from those that its last run left behind. They are the
   * kernel's, who calls has one. A kernel without it can only begin anew in each step.
   */
  carried?(): CarriedScan
  release?(): void
}

export interface CarriedScan extends Pick<ScanKernel, 'run'> {
  /** States become zeros again. */
  clear(): void
}

export type MakeScan = (constants: ScanConstants) => Promise<ScanKernel> | ScanKernel
