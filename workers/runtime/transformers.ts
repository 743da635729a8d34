/**
 * @file The one place where the library (transformers.js) and its runtime (ONNX Runtime) are set up: no network of its own,
 * files from what is kept here, WebAssembly from our own origin, a GPU device of ours.
 *
 * [Note: Poison] The library chains all loads, and all runs, of a worker on one promise: after one has failed, every later one
 * fails with the old error. So a worker in which anything failed is of no use any more. Each such Fault has `poisoned: true`
 * in its detail, and so does every call after it; whoever holds the worker ends it, and the next call starts another.
 *
 * [Note: Hangs] A file of weights that cannot be read rejects a promise that nobody waits for, and the load never ends. So all
 * files are opened before the library is asked, and an unhandled rejection during a load is its failure.
 */
import * as library from '@huggingface/transformers'
import type { LoadStep, ModelFile, Variant } from '../../src/shared/contracts'
import { Fault, type FaultCode } from '../../src/shared/fault'
import { readFile } from './files'
import { makeDevice } from './gpu'
import { graphsOf, pathOf, type Graphs } from './repository'
import { isMemory, setUpWasm, threadsOf } from './wasm'
import { openWeights } from './weights'

export { library }

export type LocalVariant = Variant & { readonly kind: 'local' }

/** A model that is about to be loaded, as the library's `from_pretrained` wants it. */
export interface Source {
  /** Its name for the library; each load has its own, because the library remembers by name. */
  readonly name: string
  readonly options: Graphs & {
    readonly device: 'webgpu' | 'wasm'
    readonly session_options: Record<string, unknown>
  }
  /** The device of ours on which it runs, where it runs on one. */
  readonly gpu?: GPUDevice
  /** A file of it that the library does not ask for itself, by its place in the repository. */
  readonly file: (path: string) => Promise<Blob>
}

/**
 * Open the variant's files and have `build` load the model with the library. Throws `bad-input` (reason `gone`) for a file that
 * is not here and `unsupported` without a GPU, which leave the worker as it was; and `load-failed`, `out-of-memory`,
 * `device-lost` or `aborted`, which do not (see [Note: Poison]).
 */
export const load = async <T>(
  signal: AbortSignal,
  variant: LocalVariant,
  build: (source: Source) => Promise<T>,
  tell: (step: LoadStep) => void = () => undefined,
): Promise<T> => {
  ensureSound()
  signal.throwIfAborted()
  const files = await opened(signal, variant.files)
  await setUp(signal)
  const gpu = variant.backend === 'webgpu' ? await ownDevice() : undefined
  const session_options = gpu ? { executionProviders: [{ name: 'webgpu', device: gpu }] } : {}
  const name = `kept/${++loads}`
  repositories.set(name, { files, read: reading(variant, tell) })
  try {
    const fault = { code: 'load-failed', what: `${variant.model} did not load`, on: variant.backend } as const
    return await guarded(fault, signal, () =>
      build({
        name,
        options: { ...graphsOf([...files.keys()]), device: variant.backend, session_options },
        ...(gpu && { gpu }),
        file: async (path) => {
          const blob = files.get(path)
          if (!blob) throw new Fault('bad-input', `${variant.model} has no ${path}`)
          return blob
        },
      }),
    )
  } finally {
    repositories.delete(name) // what has been loaded is in memory; a blob would hold on to its file
  }
}

/**
 * Anything that runs a loaded model. Throws `out-of-memory`, `device-lost` or `unknown`, after which the worker is of no use
 * (see [Note: Poison]).
 */
export const run = <T>(what: string, work: () => Promise<T>): Promise<T> => {
  ensureSound()
  return guarded({ code: 'unknown', what }, undefined, work)
}

/** Output that cannot be right, such as logits that are no numbers: the worker is of no use any more, and this is why. */
export const condemn = (fault: Fault): Fault => {
  broken ??= fault
  return broken
}

// ---- set-up --------------------------------------------------------------------------------------------------------

/** Nobody answers there, if anything should ever get past `answer`: the name is reserved (RFC 2606). */
const HOST = 'https://kept.invalid/'

interface Repository {
  readonly files: ReadonlyMap<string, Blob>
  /** So many bytes more of it have been read. */
  readonly read: (bytes: number) => void
}

const repositories = new Map<string, Repository>()
let loads = 0
let ready: Promise<void> | undefined

const setUp = (signal: AbortSignal): Promise<void> => {
  ready ??= begin(signal)
  ready.catch(() => (ready = undefined)) // without a network, say: the next load tries again
  return ready
}

const begin = async (signal: AbortSignal) => {
  const { env, LogLevel } = library
  env.logLevel = LogLevel.ERROR
  env.fetch = answer
  env.remoteHost = HOST
  env.remotePathTemplate = '{model}/'
  env.allowLocalModels = false // a host that answers everything with its page would be taken for files
  env.useBrowserCache = false
  env.useWasmCache = false // as blobs, which our policy forbids as scripts
  const { wasm } = env.backends.onnx
  if (!wasm) throw new Fault('load-failed', 'the library came without its runtime')
  await setUpWasm(signal, wasm, threadsOf(Math.min(4, Math.ceil(navigator.hardwareConcurrency / 2))))
}

/** What the library sees of the world: the files of the models that are being loaded, and nothing else. */
const answer = async (input: string | URL): Promise<Response> => {
  const url = String(input)
  const [owner, id, ...path] = url.slice(HOST.length).split('/').filter(Boolean).map(decodeURIComponent)
  const repository = url.startsWith(HOST) ? repositories.get(`${owner}/${id}`) : undefined
  const blob = repository?.files.get(path.join('/'))
  if (!repository || !blob) return new Response(null, { status: 404 }) // many files are asked for on the off-chance
  const counting = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      repository.read(chunk.length)
      controller.enqueue(chunk)
    },
  })
  return new Response(blob.stream().pipeThrough(counting), {
    headers: { 'content-length': String(blob.size), 'content-type': 'application/octet-stream' },
  })
}

/** Tells how much has been read, a hundred times at most. */
const reading = ({ files }: LocalVariant, tell: (step: LoadStep) => void) => {
  const of = files.reduce((sum, { bytes }) => sum + bytes, 0)
  let [bytes, told] = [0, 0]
  return (more: number) => {
    bytes = Math.min(of, bytes + more)
    if (bytes - told < of / 100 && bytes < of) return
    told = bytes
    tell({ kind: 'reading', bytes, of })
  }
}

const opened = async (signal: AbortSignal, files: readonly ModelFile[]): Promise<Map<string, Blob>> =>
  new Map(await Promise.all(files.map(async (file) => [pathOf(file), await blobOf(signal, file)] as const)))

const blobOf = async (signal: AbortSignal, file: ModelFile): Promise<Blob> => {
  if (file.sha256) return openWeights(file.sha256)
  if (new URL(file.url, self.location.href).origin === self.location.origin)
    return new Response(await readFile(signal, file.url)).blob()
  throw new Fault('bad-input', `${file.url} is not kept here`, {
    detail: { what: 'model', reason: 'gone' },
  })
}

// ---- what goes wrong -----------------------------------------------------------------------------------------------

let broken: Fault | undefined
let device: Promise<GPUDevice> | undefined
/** Rejects when the device is lost; never resolves. */
let lost = new Promise<never>(() => undefined)

const ensureSound = () => {
  if (broken) throw broken
}

const ownDevice = () => {
  device ??= makeDevice().then((made) => {
    lost = made.lost.then(({ message }) => {
      throw condemn(new Fault('device-lost', message || 'the GPU was lost', { detail: { poisoned: true } }))
    })
    lost.catch(() => undefined) // whoever runs then learns it, and if nobody does, the next one
    return made
  })
  device.catch(() => (device = undefined))
  return device
}

/** What it is called when it fails, and where it ran. */
interface Failing {
  readonly code: FaultCode
  readonly what: string
  readonly on?: 'webgpu' | 'wasm'
}

const guarded = async <T>(
  failing: Failing,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> => {
  const { promise: failed, reject } = Promise.withResolvers<never>()
  const unhandled = (event: PromiseRejectionEvent) => {
    event.preventDefault()
    event.stopImmediatePropagation() // else wire.ts would end the worker, and nobody would learn why
    reject(event.reason)
  }
  const give = () => reject(new Fault('aborted', 'no longer waited for'))
  // Listeners that capture run before those that do not.
  self.addEventListener('unhandledrejection', unhandled, { capture: true })
  signal?.addEventListener('abort', give, { once: true })
  try {
    const result = await Promise.race([work(), failed, lost])
    self.removeEventListener('unhandledrejection', unhandled, { capture: true })
    return result
  } catch (cause) {
    // The listener stays: what else falls over in this worker is a consequence, and this is to be heard first.
    throw condemn(faultOf(failing, cause))
  } finally {
    signal?.removeEventListener('abort', give)
  }
}

const faultOf = ({ code, what, on }: Failing, cause: unknown): Fault => {
  const known = cause instanceof Fault ? cause : undefined
  const text = cause instanceof Error ? cause.message : String(cause)
  return new Fault(known?.code ?? (isMemory(text) ? 'out-of-memory' : code), `${what}: ${text}`, {
    cause,
    detail: { on, ...known?.detail, poisoned: true },
  })
}
