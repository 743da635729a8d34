/** @file What this device is, in plain text: to be copied into a report of a bug. English, whatever the page speaks. */
import type { Device, Gpu } from './device'

/** One thing a line. `more` are lines of the caller's: the app's version, what was being done. */
export const report = (device: Device, more: Readonly<Record<string, string>> = {}): string =>
  Object.entries({
    ...more,
    Browser: device.browser,
    System: `${device.system}, ${device.form}`,
    Processors: `${device.cores}`,
    Memory: sayMemory(device),
    ...sayGpu(device.gpu),
    'Cross-origin isolated': device.isolated ? 'yes' : 'no, so WebAssembly has one thread',
    Storage: sayStorage(device),
    ...Object.fromEntries(Object.entries(device.builtIn).map(([api, state]) => [`Built-in ${api}`, state])),
  })
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')

const WHY_NO_GPU = {
  'no-api': 'the browser has no WebGPU here',
  'no-adapter': 'the browser found no adapter',
  failed: 'the browser did not answer',
}

const sayGpu = (gpu: Gpu): Record<string, string> => {
  if (gpu.kind === 'none') return { WebGPU: `no: ${WHY_NO_GPU[gpu.why]}` }
  const name = [gpu.vendor, gpu.architecture, gpu.description].filter(Boolean).join(' ')
  const has = (feature: string) => (gpu.features.includes(feature) ? 'yes' : 'no')
  return {
    WebGPU: `${name || 'unnamed adapter'}${gpu.software ? ' (software)' : ''}`,
    '16-bit shaders': has('shader-f16'),
    Subgroups: has('subgroups'),
    Features: gpu.features.join(' ') || 'none',
    ...Object.fromEntries(Object.entries(gpu.limits).map(([limit, value]) => [limit, `${value}`])),
  }
}

const sayMemory = ({ memory }: Device): string => {
  if (memory.kind === 'unknown') return 'the browser does not say'
  return `${memory.gb} GB, says the ${memory.by}`
}

const sayStorage = ({ storage: { opfs, quota, usage, persisted } }: Device): string => {
  if (!opfs) return 'the browser lets the page keep no files'
  const room = quota === undefined ? 'room unknown' : `${gb(usage ?? 0)} of ${gb(quota)} used`
  return `${room}, ${persisted ? 'kept for good' : 'the browser may clear it'}`
}

const gb = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`
