/** @file This worker's GPU device: made by us, so that its limits are the adapter's and its loss is noticed. */
import { Fault } from '../../src/shared/fault'

/** GPUBufferUsage, of whose constants TypeScript knows nothing. */
export const USAGE = {
  MAP_READ: 0x01,
  COPY_SRC: 0x04,
  COPY_DST: 0x08,
  UNIFORM: 0x40,
  STORAGE: 0x80,
} as const

/**
 * A device with all that the adapter has. On the software adapter without subgroups: there ONNX Runtime's attention over 32
 * tokens and more is wrong with them, by 5 to 78 where 0.001 is right. Throws `unsupported` where there is no adapter.
 */
export const makeDevice = async (): Promise<GPUDevice> => {
  const gpu = (navigator as { gpu?: GPU }).gpu
  const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' })
  if (!adapter) throw new Fault('unsupported', 'this browser offers no WebGPU adapter')
  const software = isSoftware(adapter.info)
  return adapter.requestDevice({
    requiredFeatures: [...adapter.features].filter(
      (feature) => !(software && feature.includes('subgroup')),
    ) as GPUFeatureName[],
    requiredLimits: limitsOf(adapter),
  })
}

/** Every one of them: with the default of 8 storage buffers a stage, models of 4 bits load and then fail. */
const limitsOf = ({ limits }: GPUAdapter): Record<string, number> => {
  const all: Record<string, number> = {}
  for (const name in limits) {
    // Getters of the prototype, which is why they are not simply spread.
    const value: unknown = limits[name as keyof GPUSupportedLimits]
    if (typeof value === 'number') all[name] = value
  }
  return all
}

const isSoftware = (info: GPUAdapterInfo) =>
  info.isFallbackAdapter ||
  /swiftshader|llvmpipe|lavapipe|warp/i.test(`${info.architecture} ${info.description}`)
