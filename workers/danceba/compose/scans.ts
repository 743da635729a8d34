/** @file The scans between the network's graphs: what the graphs hand over, as the kernels on the processor and on a GPU take it. */
import { USAGE } from '../../runtime/gpu'
import { Tensor } from '../../runtime/sessions'
import { WINDOW } from '../network/decode'
import type { MakeScan, ScanConstants, ScanKernel } from '../network/scan'
import type { Shape } from '../network/shape'
import type { GpuScanner } from '../scan/gpu'
import type { ScanInput, ScanShape, ScanWeights } from '../scan/scan'
import type { Scanner, ScanState } from '../scan/simd'

/** Of the scans of a generator. */
export const scanShapeOf = ({ inner, state }: Shape): ScanShape => ({
  channels: inner,
  states: state,
  steps: WINDOW,
})

/** On the processor. All blocks share the scanner, which is closed by whoever opened it. */
export const simdScans =
  (scanner: Scanner): MakeScan =>
  (constants) => {
    const { streams, inner } = constants
    const held = weightsOf(constants).map((weights) => scanner.hold(weights))
    const from = (states?: readonly ScanState[]): Runs => ({
      run: (inputs) => {
        const steps = inputs.u.dims[0]! / streams
        const data = (tensor: Tensor) => tensor.data as Float32Array
        const scans = held.map((weights, stream) => ({
          ...inputOf(constants, inputs, data, steps, stream),
          weights,
          ...(states && { state: states[stream]! }),
          y: new Float32Array(steps * inner),
        }))
        scanner.run(scans)
        return scans.map(({ y }) => new Tensor('float32', y, [steps, inner]))
      },
    })
    return {
      ...from(),
      carried: () => {
        const states = held.map(() => scanner.addState())
        const clear = () => {
          for (const state of states) state.clear()
        }
        return { ...from(states), clear }
      },
    }
  }

/** On a device, in one pass a block: what is read and what is written stays there. */
export const gpuScans = (device: GPUDevice, scanner: GpuScanner): MakeScan => {
  const room = new Room(device)
  const submit = (write: (encoder: GPUCommandEncoder) => void) => {
    const encoder = device.createCommandEncoder()
    write(encoder)
    device.queue.submit([encoder.finish()])
  }
  return (constants) => {
    const { streams, inner } = constants
    const held = weightsOf(constants).map((weights) => scanner.hold(weights))
    const from = (states?: readonly GPUBuffer[]): Runs => ({
      run: (inputs) => {
        const steps = inputs.u.dims[0]! / streams
        const outputs = room.take(streams, steps * inner * 4)
        const scans = held.map((weights, stream) => ({
          ...inputOf(constants, inputs, (tensor) => tensor.gpuBuffer, steps, stream),
          weights,
          ...(states && { state: states[stream]! }),
          y: outputs[stream]!,
        }))
        submit((encoder) => {
          const pass = encoder.beginComputePass()
          scanner.encode(pass, scans)
          pass.end()
        })
        return outputs.map((y) => Tensor.fromGpuBuffer(y, { dataType: 'float32', dims: [steps, inner] }))
      },
    })
    return {
      ...from(),
      carried: () => {
        const states = held.map(() => scanner.addState())
        const clear = () =>
          submit((encoder) => {
            for (const state of states) encoder.clearBuffer(state)
          })
        return { ...from(states), clear }
      },
      release: () => room.clear(),
    }
  }
}

type Runs = Pick<ScanKernel, 'run'>

/**
 * Buffers for results, the same ones for every block and every step of the same length: a device does in order what it is given,
 * so what reads them has done so before they are written again.
 */
class Room {
  readonly #device: GPUDevice
  #buffers: readonly GPUBuffer[] = []

  constructor(device: GPUDevice) {
    this.#device = device
  }

  take(count: number, size: number): readonly GPUBuffer[] {
    if (this.#buffers.length === count && this.#buffers.every((buffer) => buffer.size === size))
      return this.#buffers
    this.clear()
    const usage = USAGE.STORAGE | USAGE.COPY_SRC | USAGE.COPY_DST
    this.#buffers = Array.from({ length: count }, () => this.#device.createBuffer({ size, usage }))
    return this.#buffers
  }

  clear() {
    for (const buffer of this.#buffers) buffer.destroy()
    this.#buffers = []
  }
}

/** One stream's rows of what a block hands over: they lie one stream after the other. */
const inputOf = <Data>(
  { inner, state }: ScanConstants,
  { u, delta, z, b, c }: Parameters<Awaited<ReturnType<MakeScan>>['run']>[0],
  data: (tensor: Tensor) => Data,
  steps: number,
  stream: number,
): ScanInput<Data> => {
  const rows = (tensor: Tensor, width: number) => ({ data: data(tensor), offset: stream * steps * width })
  return {
    steps,
    ...{ u: rows(u, inner), delta: rows(delta, inner), z: rows(z, inner) },
    ...{ B: rows(b, state), C: rows(c, state) },
  }
}

/** Of each stream. */
const weightsOf = ({ streams, inner, state, decay, deltaBias, skip }: ScanConstants): ScanWeights[] =>
  Array.from({ length: streams }, (_, i) => ({
    A: decay.subarray(i * inner * state, (i + 1) * inner * state),
    bias: deltaBias.subarray(i * inner, (i + 1) * inner),
    D: skip.subarray(i * inner, (i + 1) * inner),
  }))
