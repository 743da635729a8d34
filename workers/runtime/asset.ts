/** @file ONNX Runtime's WebAssembly, as the build ships it: 6.6 MB that only those need who run a model. */
import runtime from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?gzipped'
import { keepFile } from './files'

export { runtime }

/** A model that is here works without a network only if this is here, too. What fails is tried again when it is used. */
export const keepRuntime = (): Promise<void> => keepFile(runtime)
