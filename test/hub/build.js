// @ts-nocheck: builders of graphs are typed where they are used, in build.d.ts
/** @file Tiny models of every class, made from code: the true inputs and outputs, weights that mean nothing. */
import { DTYPE_SUFFIXES } from './dtypes.js'
import { buildChatLlm } from './models/chat-llm.js'
import { buildChatterbox } from './models/chatterbox.js'
import { buildGemma4 } from './models/gemma4.js'
import { buildKokoro } from './models/kokoro.js'
import { buildM2M100 } from './models/m2m100.js'
import { buildSileroVad } from './models/silero-vad.js'
import { buildSmolVlm } from './models/smolvlm.js'
import { buildSupertonic } from './models/supertonic.js'
import { buildWhisper } from './models/whisper.js'

const MODELS = {
  chat: buildChatLlm,
  nllb: (repo, options) => buildM2M100(repo, { ...options, variant: 'nllb' }),
  m2m100: (repo, options) => buildM2M100(repo, { ...options, variant: 'm2m100' }),
  whisper: buildWhisper,
  chatterbox: buildChatterbox,
  kokoro: buildKokoro,
  supertonic: buildSupertonic,
  silero: buildSileroVad,
  smolvlm: buildSmolVlm,
  gemma4: buildGemma4,
}

/** The files of a repository as the builders write them, in memory. */
class RepositoryFiles {
  files = new Map()

  constructor(dtype) {
    this.dtype = dtype
  }

  bytes(path, data) {
    this.files.set(path, data)
  }

  floats(path, data) {
    this.bytes(path, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }

  json(path, value) {
    this.text(path, JSON.stringify(value))
  }

  text(path, value) {
    this.bytes(path, new TextEncoder().encode(value))
  }

  /** Whatever the precision, the graph is the same: only its name and its metadata differ. */
  onnx(base, graph, { externalDataChunks = 0 } = {}) {
    const file = `${base}${DTYPE_SUFFIXES[this.dtype]}.onnx`
    const { model, dataFiles } = graph.encode({
      metadata: { tiny_hub_dtype: this.dtype },
      externalData: externalDataChunks ? { fileName: `${file}_data`, chunks: externalDataChunks } : undefined,
    })
    this.bytes(`onnx/${file}`, model)
    for (const [name, data] of Object.entries(dataFiles)) this.bytes(`onnx/${name}`, data)
  }
}

export const buildModel = (name, { dtype = 'fp32', ...options } = {}) => {
  const repository = new RepositoryFiles(dtype)
  MODELS[name](repository, options)
  return repository.files
}
