/** @file Both networks of Danceba where they run, with all that they need there. */
import { Fault } from '../../../src/shared/fault'
import { makeDevice } from '../../runtime/gpu'
import { PoseDecoder, type PoseOptions } from '../motion/decoder'
import { Network, type NetworkOptions } from '../network/network'
import type { MakeScan } from '../network/scan'
import { openGpuScan } from '../scan/gpu'
import { openScan } from '../scan/simd'
import { gpuScans, scanShapeOf, simdScans } from './scans'

export type Backend = 'webgpu' | 'wasm'

/** What is kept of Danceba on this device; what is not there is missing. */
export interface Weights {
  readonly generator?: Pick<NetworkOptions, 'shape' | 'layout' | 'file'>
  readonly poses?: Pick<PoseOptions, 'shape' | 'layout' | 'file'>
}

export interface MachineOptions {
  readonly backend: Backend
  readonly weights: Required<Weights>
  readonly tell: (step: { readonly bytes: number; readonly of: number }) => void
  /** Where the device comes from: for tests. */
  readonly device?: () => Promise<GPUDevice>
}

/** More threads than these do not pay for matrices of 84 rows. */
const MOST_THREADS = 4

/** Releases in the opposite order of acquiring. */
type Release = () => unknown

export class Machine {
  readonly network: Network
  readonly poses: PoseDecoder
  /** Rejects with `device-lost` when the GPU is lost; otherwise never settles. */
  readonly lost: Promise<never>
  readonly #releases: readonly Release[]

  private constructor(
    network: Network,
    poses: PoseDecoder,
    lost: Promise<never>,
    releases: readonly Release[],
  ) {
    this.network = network
    this.poses = poses
    this.lost = lost
    this.#releases = releases
  }

  /** Throws `unsupported`, `out-of-memory`, `device-lost`, `load-failed`, or what the signal says; then nothing is left. */
  static async open(signal: AbortSignal, options: MachineOptions): Promise<Machine> {
    const { backend, weights, tell } = options
    const { generator, poses } = weights
    const releases: Release[] = []
    const kept = <T extends { release(): unknown }>(made: T): T => {
      releases.push(() => made.release())
      return made
    }
    const build = async () => {
      const device = backend === 'webgpu' ? await (options.device ?? makeDevice)() : undefined
      if (device) kept({ release: () => device.destroy() })
      const lost = lossOf(device)
      const where = { device, threads: Math.min(navigator.hardwareConcurrency, MOST_THREADS) }
      const of = generator.layout.bytes + decoderBytes(poses)
      tell({ bytes: 0, of })
      const { scan } = kept(await openScans(signal, generator, where))
      // Poses first: they come in one piece, and what that takes while it is opened is free again for the others.
      const decoder = kept(await orLost(lost, PoseDecoder.open(signal, { ...poses, ...where })))
      signal.throwIfAborted()
      const told = (bytes: number) => tell({ bytes: of - generator.layout.bytes + bytes, of })
      told(0)
      const network = kept(
        await orLost(lost, Network.open(signal, { ...generator, ...where, scan, tell: told })),
      )
      signal.throwIfAborted()
      tell({ bytes: of, of })
      return new Machine(network, decoder, lost, releases)
    }
    try {
      return await build()
    } catch (error) {
      await releaseAll(releases)
      throw error
    }
  }

  /** It must not be running. */
  release(): Promise<void> {
    return releaseAll(this.#releases)
  }
}

const releaseAll = async (releases: readonly Release[]) => {
  // What has failed may fail again when it is let go.
  for (const release of releases.toReversed())
    await Promise.resolve()
      .then(release)
      .catch(() => undefined)
}

const orLost = <T>(lost: Promise<never>, work: Promise<T>): Promise<T> => Promise.race([work, lost])

const lossOf = (device: GPUDevice | undefined): Promise<never> => {
  if (!device) return new Promise(() => undefined)
  const lost = device.lost.then(({ message }) => {
    throw new Fault('device-lost', message || 'the GPU was lost', { detail: { poisoned: true } })
  })
  lost.catch(() => undefined) // whoever runs learns it
  return lost
}

/** Motion is not encoded here: that part is not opened. */
const decoderBytes = ({ layout }: Required<Weights>['poses']) =>
  layout.segments.reduce((sum, { name, bytes }) => sum + (name === 'encoder' ? 0 : bytes), 0)

interface Where {
  readonly device: GPUDevice | undefined
  readonly threads: number
}

const openScans = async (
  signal: AbortSignal,
  { shape }: Required<Weights>['generator'],
  { device, threads }: Where,
): Promise<{ scan: MakeScan; release: Release }> => {
  if (device) {
    const scanner = await openGpuScan(signal, device, scanShapeOf(shape))
    return { scan: gpuScans(device, scanner), release: () => scanner.close() }
  }
  const scanner = await openScan(signal, scanShapeOf(shape), threads)
  return { scan: simdScans(scanner), release: () => scanner.close() }
}
