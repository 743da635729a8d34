// @ts-nocheck: builders of graphs are typed where they are used, in build.d.ts
/** @file Tiny models of every class, made from code: the true inputs and outputs, weights that mean nothing. */
import { DTYPE_SUFFIXES } from './dtypes.js'
import { buildChatLlm } from './models/chat-llm.js'
import { buildChatterbox } from './models/chatterbox.js'
import { buildGemma3n } from './models/gemma3n.js'
import { buildGemma4 } from './models/gemma4.js'
import { buildGraniteSpeech } from './models/granite-speech.js'
import { buildCohereAsr, buildMoonshine } from './models/hearing.js'
import { buildKokoro } from './models/kokoro.js'
import { buildM2M100 } from './models/m2m100.js'
import { buildMarian } from './models/marian.js'
import { buildPocket } from './models/pocket.js'
import { buildSeeing } from './models/seeing.js'
import { buildSileroVad } from './models/silero-vad.js'
import { buildSmartTurn } from './models/smart-turn.js'
import { buildSmolVlm } from './models/smolvlm.js'
import { buildSupertonic } from './models/supertonic.js'
import { buildVoxtralRealtime } from './models/voxtral-realtime.js'
import { buildWhisper } from './models/whisper.js'

const chat = (type) => (repo, options) => buildChatLlm(repo, { ...options, type })
const seeing = (kind) => (repo, options) => buildSeeing(repo, { ...options, kind })

const MODELS = {
  chat: buildChatLlm,
  qwen3: chat('qwen3'),
  llama: chat('llama'),
  gemma3: chat('gemma3_text'),
  hunyuan: chat('hunyuan_v1_dense'),
  lfm2: chat('lfm2'),
  'qwen3.5': seeing('qwen3.5'),
  nllb: (repo, options) => buildM2M100(repo, { ...options, variant: 'nllb' }),
  m2m100: (repo, options) => buildM2M100(repo, { ...options, variant: 'm2m100' }),
  marian: buildMarian,
  whisper: buildWhisper,
  moonshine: buildMoonshine,
  cohere: buildCohereAsr,
  granite: buildGraniteSpeech,
  voxtral: buildVoxtralRealtime,
  chatterbox: buildChatterbox,
  kokoro: buildKokoro,
  supertonic: buildSupertonic,
  pocket: buildPocket,
  silero: buildSileroVad,
  'smart-turn': buildSmartTurn,
  smolvlm: buildSmolVlm,
  idefics3: (repo, options) => buildSmolVlm(repo, { ...options, type: 'idefics3' }),
  'lfm2-vl': seeing('lfm2-vl'),
  fastvlm: seeing('fastvlm'),
  mistral3: seeing('mistral3'),
  gemma3n: buildGemma3n,
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
