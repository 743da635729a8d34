/** @file Where a network runs, with the app's own kernels for its scans. */
import { gpuScans, scanShapeOf, simdScans } from '../../workers/danceba/compose/scans'
import { Network, type NetworkOptions } from '../../workers/danceba/network/network'
import type { MakeScan } from '../../workers/danceba/network/scan'
import { openGpuScan } from '../../workers/danceba/scan/gpu'
import { openScan } from '../../workers/danceba/scan/simd'
import { makeDevice } from '../../workers/runtime/gpu'

export interface Place {
  readonly device: GPUDevice | undefined
  readonly threads: number
}

export type Backend = 'wasm' | 'webgpu'

let device: Promise<GPUDevice> | undefined

/** On the processor two threads: what the figures are asked for. */
export const placeOf = async (backend: Backend): Promise<Place> => ({
  device: backend === 'webgpu' ? await (device ??= makeDevice()) : undefined,
  threads: 2,
})

const never = new AbortController().signal

/** `wrap` sees each scan. */
export const openNetwork = async (
  from: Pick<NetworkOptions, 'shape' | 'layout' | 'file'>,
  place: Place,
  wrap: (make: MakeScan) => MakeScan = (make) => make,
): Promise<Network> => {
  const shape = scanShapeOf(from.shape)
  if (place.device) {
    const scanner = await openGpuScan(never, place.device, shape)
    return closing(
      await Network.open(never, { ...from, ...place, scan: wrap(gpuScans(place.device, scanner)) }),
      scanner,
    )
  }
  const scanner = await openScan(never, shape, place.threads)
  return closing(await Network.open(never, { ...from, ...place, scan: wrap(simdScans(scanner)) }), scanner)
}

/** With the network its scanner goes. */
const closing = (network: Network, scanner: { close(): void }): Network => {
  const release = network.release.bind(network)
  network.release = async () => {
    await release()
    scanner.close()
  }
  return network
}
