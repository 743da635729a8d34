/** @file ONNX Runtime's WebAssembly: from our own origin, compiled once a page, lent by the page where it can be. */
import glue from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url'
import { Fault } from '../../src/shared/fault'
import { takeRuntime } from '../../src/shared/runtime'
import { keepRuntime, runtime } from './asset'
import { readFile } from './files'

/** What is set of `env.wasm` of ONNX Runtime. */
interface WasmFlags {
  wasmPaths?: unknown
  wasmBinary?: unknown
  numThreads?: number
  proxy?: boolean
}

/** Threads without shared memory cannot be; more than these do not pay. */
export const threadsOf = (wanted: number): number => (self.crossOriginIsolated ? Math.max(1, wanted) : 1)

/** Before the first session. Throws `offline` or `load-failed` where the file cannot be had. */
export const setUpWasm = async (signal: AbortSignal, wasm: WasmFlags, threads: number): Promise<void> => {
  wasm.wasmPaths = { mjs: new URL(glue, self.location.href).href }
  wasm.wasmBinary = standingFor(await takeRuntime(() => compiled(signal)))
  wasm.numThreads = threads
  wasm.proxy = false
  void keepRuntime()
}

const compiled = async (signal: AbortSignal) => {
  const bytes = await readFile(signal, runtime).catch((cause: unknown) => {
    if (!(cause instanceof Fault) || cause.code !== 'offline') throw cause
    throw new Fault('offline', 'the runtime could not be fetched', { cause, detail: { what: 'runtime' } })
  })
  return WebAssembly.compileStreaming(
    new Response(bytes, { headers: { 'content-type': 'application/wasm' } }),
  )
}

/** ONNX Runtime takes bytes only, and compiles them. These stand for a module that is compiled already. */
const standingFor = (module: WebAssembly.Module): ArrayBuffer => {
  const token = new ArrayBuffer(0)
  const { instantiate } = WebAssembly
  WebAssembly.instantiate = (async (source: BufferSource | WebAssembly.Module, imports) =>
    source === token || (ArrayBuffer.isView(source) && source.buffer === token)
      ? { module, instance: await instantiate(module, imports) }
      : instantiate(source, imports)) as typeof instantiate
  return token
}

/** What is said when memory runs out: as the runtime, Emscripten, V8 and Dawn word it. */
export const isMemory = (text: string) =>
  /bad_alloc|out of memory|allocation failed|failed to allocate|unable to grow|\(OOM\)/i.test(text)
