/** @file Numbers to a GPU and back. */
import { USAGE } from '../../workers/runtime/gpu'

const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = USAGE

export const onDevice = (device: GPUDevice) => {
  const submit = (encode: (pass: GPUComputePassEncoder) => void) => {
    const encoder = device.createCommandEncoder()
    const pass = encoder.beginComputePass()
    encode(pass)
    pass.end()
    device.queue.submit([encoder.finish()])
  }
  const upload = (values: Float32Array<ArrayBuffer>): GPUBuffer => {
    const buffer = device.createBuffer({ size: values.byteLength, usage: STORAGE | COPY_DST })
    device.queue.writeBuffer(buffer, 0, values)
    return buffer
  }
  const output = (count: number) => device.createBuffer({ size: count * 4, usage: STORAGE | COPY_SRC })
  const read = async (buffer: GPUBuffer): Promise<Float32Array> => {
    const copy = device.createBuffer({ size: buffer.size, usage: COPY_DST | MAP_READ })
    const encoder = device.createCommandEncoder()
    encoder.copyBufferToBuffer(buffer, 0, copy, 0, buffer.size)
    device.queue.submit([encoder.finish()])
    await copy.mapAsync(MAP_READ)
    const values = new Float32Array(copy.getMappedRange()).slice()
    copy.destroy()
    return values
  }
  return { submit, upload, output, read }
}
