/** @file ONNX graphs of our own on ONNX Runtime, without the library: for models whose graphs the app itself writes. */
import { env, InferenceSession, Tensor } from 'onnxruntime-web/webgpu'
import { Fault } from '../../src/shared/fault'
import { isMemory, setUpWasm, threadsOf } from './wasm'

export { Tensor }

export interface SessionOptions {
  /** The data files that the graph speaks of. They are read while the session opens, and not kept. */
  readonly data: readonly { readonly path: string; readonly data: Blob | Uint8Array }[]
  /** On WebAssembly how many threads; the first session decides it for all. */
  readonly threads?: number | undefined
  /** To run on this device; on WebAssembly without. */
  readonly device?: GPUDevice | undefined
  /** Results that stay on the device. */
  readonly onDevice?: readonly string[]
  /**
   * On WebAssembly: leave the graph as it is. Otherwise casts of weights are done once and for all, and what is kept in half
   * precision takes the memory of full precision.
   */
  readonly asWritten?: boolean
}

export type Tensors = Readonly<Record<string, Tensor>>

/** One graph, ready to run. Calls must not overlap. */
export class Session {
  readonly #session: InferenceSession

  constructor(session: InferenceSession) {
    this.#session = session
  }

  /** Throws `out-of-memory`, `device-lost` or `unknown`. @param results - What is wanted; all of them without. */
  async run(inputs: Tensors, results?: readonly string[]): Promise<Tensors> {
    try {
      return await (results ? this.#session.run(inputs, results) : this.#session.run(inputs))
    } catch (cause) {
      throw faultOf('unknown', 'a graph failed', cause)
    }
  }

  release(): Promise<void> {
    return this.#session.release()
  }
}

/** Throws `load-failed`, `out-of-memory`, `offline` or what the signal says. */
export const openSession = async (
  signal: AbortSignal,
  model: Uint8Array,
  { data, threads = 1, device, onDevice = [], asWritten = false }: SessionOptions,
): Promise<Session> => {
  signal.throwIfAborted()
  await setUp(signal, threads)
  signal.throwIfAborted()
  const read = await Promise.all(data.map(readHere))
  try {
    const session = await InferenceSession.create(model, {
      executionProviders: device ? [{ name: 'webgpu', device }] : ['wasm'],
      externalData: read.map(({ path, bytes }) => ({ path, data: bytes })),
      ...(asWritten && !device && { graphOptimizationLevel: 'disabled' }),
      logSeverityLevel: 3, // errors: that some nodes stay on the CPU is no news
      ...(onDevice.length > 0 && {
        preferredOutputLocation: Object.fromEntries(onDevice.map((name) => [name, 'gpu-buffer' as const])),
      }),
    })
    return new Session(session)
  } catch (cause) {
    throw faultOf('load-failed', 'a graph did not load', cause)
  } finally {
    for (const { bytes, ours } of read) if (ours) free(bytes)
  }
}

const readHere = async ({ path, data }: SessionOptions['data'][number]) =>
  data instanceof Blob
    ? { path, bytes: new Uint8Array(await data.arrayBuffer()), ours: true }
    : { path, bytes: data, ours: false }

/** Now: a collector that does not see how large they are would leave hundreds of megabytes lying about. */
const free = ({ buffer }: Uint8Array) => {
  if (buffer instanceof ArrayBuffer && 'transfer' in buffer) buffer.transfer(0)
}

let ready: Promise<void> | undefined

const setUp = (signal: AbortSignal, threads: number): Promise<void> => {
  ready ??= setUpWasm(signal, env.wasm, threadsOf(threads))
  ready.catch(() => (ready = undefined)) // without a network, say: the next one tries again
  return ready
}

const faultOf = (code: 'load-failed' | 'unknown', what: string, cause: unknown): Fault => {
  if (cause instanceof Fault) return cause
  const text = cause instanceof Error ? cause.message : String(cause)
  const lost = /device.*lost|lost.*device/i.test(text)
  return new Fault(lost ? 'device-lost' : isMemory(text) ? 'out-of-memory' : code, `${what}: ${text}`, {
    cause,
  })
}
