/** @file The selective scan on a GPU device that somebody else made: buffers in, buffers out, one dispatch a scan. */
import { Fault } from '../../../src/shared/fault'
import { USAGE } from '../../runtime/gpu'
import { checkSteps, checkWeights, type Rows, type ScanInput, type ScanShape, type ScanWeights } from './scan'
import { PLACES, shaderOf, spreadOf } from './wgsl'

/**
 * A scan whose matrices lie in storage buffers; offsets and strides count numbers, and those of B and C are multiples of 4.
 * Several may lie in the same buffer, but for `y` and `state`, which are written.
 */
export interface GpuScan extends ScanInput<GPUBuffer> {
  readonly weights: GPUBuffer
  /** Made by `addState`: where it goes on from, and what it leaves. From zeros and without a trace unless given. */
  readonly state?: GPUBuffer
  /** (steps × channels) from its beginning, written. */
  readonly y: GPUBuffer
}

export interface GpuScanner {
  /** A buffer of somewhat more than A, which belongs to the scanner. */
  hold(weights: ScanWeights): GPUBuffer
  /** Zeros, (states / 4 × channels × 4): as much as A, and the scanner's. */
  addState(): GPUBuffer
  /**
   * Adds scans to a pass, one dispatch each; they may depend on each other.
   *
   * @throws Fault `bad-input` where sizes do not agree.
   */
  encode(pass: GPUComputePassEncoder, scans: readonly GpuScan[]): void
  /** Frees what belongs to it. */
  close(): void
}

/** What one scan costs a device whose cache holds B and C: what it must move at least, and what it computes. */
export interface ScanCost {
  readonly bytes: number
  /** Additions and multiplications; a fused one counts twice. */
  readonly operations: number
  /** Exponentials, of which each counts as one instruction of a special unit. */
  readonly exponentials: number
}

/** Counted from the shader: inputs and A read once, y written once; 6 operations and an exponential a state and step. */
export const costOf = ({ channels, states }: ScanShape, steps: number): ScanCost => {
  const updates = channels * states * steps
  const others = channels * steps // 24 operations: softplus, gate and sums
  return {
    bytes: 4 * (4 * channels * steps + 2 * states * steps + channels * states + 4 * channels),
    operations: 6 * updates + 24 * others,
    exponentials: updates + 2 * others,
  }
}

/**
 * A pipeline for scans of one shape.
 *
 * @throws Fault `unsupported` where the states are no multiple of 4; the reason of the signal.
 */
export const openGpuScan = async (
  signal: AbortSignal,
  device: GPUDevice,
  shape: ScanShape,
): Promise<GpuScanner> => {
  signal.throwIfAborted()
  if (shape.states % 4 !== 0)
    throw new Fault(
      'unsupported',
      `the GPU cannot do scans of ${shape.states} states, only of multiples of 4`,
      {
        detail: { states: shape.states },
      },
    )
  const pipeline = await device.createComputePipelineAsync({
    label: 'selective scan',
    layout: 'auto',
    compute: { module: device.createShaderModule({ code: shaderOf(shape) }) },
  })
  signal.throwIfAborted()
  return new DeviceScanner(device, shape, pipeline)
}

class DeviceScanner implements GpuScanner {
  readonly #device: GPUDevice
  readonly #shape: ScanShape
  readonly #pipeline: GPUComputePipeline
  readonly #groups: number
  /** What is bound where a scan has no state: bindings cannot be empty. */
  readonly #none: GPUBuffer
  /** Uniforms by what they say: few, never changed, so that scans of one submission cannot get in each other's way. */
  readonly #uniforms = new Map<string, GPUBuffer>()
  readonly #owned: GPUBuffer[] = []

  constructor(device: GPUDevice, shape: ScanShape, pipeline: GPUComputePipeline) {
    this.#device = device
    this.#shape = shape
    this.#pipeline = pipeline
    this.#groups = spreadOf(shape).groups
    this.#none = this.#make(16, USAGE.STORAGE)
  }

  hold(weights: ScanWeights): GPUBuffer {
    checkWeights(this.#shape, weights)
    const { channels, states } = this.#shape
    const values = new Float32Array(channels * (states + 4))
    for (let i = 0; i < channels * states; i++) {
      const channel = Math.floor(i / states)
      const state = i % states
      const vector = (state >> 2) * channels + channel
      values[vector * 4 + (state & 3)] = weights.A[i]! * Math.LOG2E
    }
    for (let channel = 0; channel < channels; channel++)
      values.set([weights.D[channel]!, weights.bias[channel]!], channels * states + channel * 4)
    const buffer = this.#make(values.byteLength, USAGE.STORAGE | USAGE.COPY_DST)
    this.#device.queue.writeBuffer(buffer, 0, values)
    return buffer
  }

  addState(): GPUBuffer {
    const { channels, states } = this.#shape
    const { STORAGE, COPY_SRC, COPY_DST } = USAGE
    return this.#make(channels * states * 4, STORAGE | COPY_SRC | COPY_DST)
  }

  encode(pass: GPUComputePassEncoder, scans: readonly GpuScan[]) {
    pass.setPipeline(this.#pipeline)
    for (const scan of scans) {
      pass.setBindGroup(0, this.#bind(scan))
      pass.dispatchWorkgroups(this.#groups)
    }
  }

  close() {
    for (const buffer of this.#owned) buffer.destroy()
    for (const buffer of this.#uniforms.values()) buffer.destroy()
  }

  #bind(scan: GpuScan): GPUBindGroup {
    const { u, delta, z, B, C } = scan
    const { channels, states } = this.#shape
    checkSteps(this.#shape, scan.steps)
    place('y', { data: scan.y }, scan.steps, channels) // for its size
    const places: Partial<Record<string, number>> = {
      steps: scan.steps,
      gated: z ? 1 : 0,
      carried: scan.state ? 1 : 0,
      ...place('u', u, scan.steps, channels),
      ...place('delta', delta, scan.steps, channels),
      ...place('z', z ?? u, scan.steps, channels),
      ...place('B', B, scan.steps, states, 4),
      ...place('C', C, scan.steps, states, 4),
    }
    const numbers = PLACES.map((name) => places[name]!)
    const buffers = [
      this.#uniform(numbers),
      ...[scan.weights, u.data, delta.data, (z ?? u).data, B.data, C.data, scan.state ?? this.#none, scan.y],
    ]
    return this.#device.createBindGroup({
      layout: this.#pipeline.getBindGroupLayout(0),
      entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
    })
  }

  #uniform(numbers: readonly number[]): GPUBuffer {
    const key = numbers.join()
    const found = this.#uniforms.get(key)
    if (found) return found
    const buffer = this.#device.createBuffer({
      size: PLACES.length * 4,
      usage: USAGE.UNIFORM,
      mappedAtCreation: true,
    })
    new Uint32Array(buffer.getMappedRange()).set(numbers)
    buffer.unmap()
    this.#uniforms.set(key, buffer)
    return buffer
  }

  #make(size: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const buffer = this.#device.createBuffer({ size, usage })
    this.#owned.push(buffer)
    return buffer
  }
}

/** Where rows lie, in numbers or, as the shader reads B and C, in vectors of them. */
const place = (
  name: string,
  { data, offset = 0, stride }: Rows<GPUBuffer>,
  steps: number,
  width: number,
  unit = 1,
): Record<string, number> => {
  const apart = stride ?? width
  const end = offset + (steps - 1) * apart + width
  if (offset % unit !== 0 || apart % unit !== 0)
    throw new Fault('bad-input', `${name} of a scan does not lie on multiples of ${unit}`, {
      detail: { name, offset, stride: apart },
    })
  if (end * 4 > data.size)
    throw new Fault('bad-input', `${name} of a scan ends at ${end}, its buffer at ${data.size / 4}`, {
      detail: { name, length: data.size / 4, expected: end },
    })
  return { [`${name}Offset`]: offset / unit, [`${name}Stride`]: apart / unit }
}
