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

/**
 * @import { Dtype } from '../../src/shared/contracts'
 * @import { GraphBuilder } from './graph-builder.js'
 * @import { ChatType } from './models/chat-llm.js'
 * @import { SeeingModel } from './models/seeing.js'
 */

/**
 * @typedef {object} ModelOptions
 * @property {number} [seed]
 * @property {number} [endEvery]
 * @property {number} [externalDataChunks] weights in so many files beside the graph
 * @property {number} [layers] of `chat`
 * @property {number} [hidden] its width
 * @property {number} [mlpHidden] and that of a block after its attention, which it has only then
 */

/** @typedef {(repo: RepositoryFiles, options: ModelOptions) => void} Builder */

/** @type {(type: ChatType) => Builder} */
const chat = (type) => (repo, options) => buildChatLlm(repo, { ...options, type })
/** @type {(kind: SeeingModel) => Builder} */
const seeing = (kind) => (repo, options) => buildSeeing(repo, { ...options, kind })

/** `chat` is Qwen2's class, and the others are named after theirs or after the model. @satisfies {Record<string, Builder>} */
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

/** @typedef {keyof typeof MODELS} TinyModel */

/** Not all that a hub may have is known to transformers.js. @type {Partial<Record<Dtype, string>>} */
const SUFFIXES = DTYPE_SUFFIXES

/** The files of a repository as the builders write them, in memory. */
export class RepositoryFiles {
  /** @type {Map<string, Uint8Array<ArrayBuffer>>} */
  files = new Map()

  /** @param {Dtype} dtype */
  constructor(dtype) {
    this.dtype = dtype
  }

  /** @param {string} path @param {Uint8Array<ArrayBuffer>} data */
  bytes(path, data) {
    this.files.set(path, data)
  }

  /** @param {string} path @param {Float32Array<ArrayBuffer>} data */
  floats(path, data) {
    this.bytes(path, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }

  /** @param {string} path @param {unknown} value */
  json(path, value) {
    this.text(path, JSON.stringify(value))
  }

  /** @param {string} path @param {string} value */
  text(path, value) {
    this.bytes(path, new TextEncoder().encode(value))
  }

  /**
   * Whatever the precision, the graph is the same: only its name and its metadata differ.
   * @param {string} base
   * @param {GraphBuilder} graph
   * @param {{ externalDataChunks?: number }} [options]
   */
  onnx(base, graph, { externalDataChunks = 0 } = {}) {
    const suffix = SUFFIXES[this.dtype]
    if (suffix === undefined) throw new RangeError(`transformers.js knows no ${this.dtype}`)
    const file = `${base}${suffix}.onnx`
    const { model, dataFiles } = graph.encode({
      metadata: { tiny_hub_dtype: this.dtype },
      externalData: externalDataChunks ? { fileName: `${file}_data`, chunks: externalDataChunks } : undefined,
    })
    this.bytes(`onnx/${file}`, model)
    for (const [name, data] of Object.entries(dataFiles)) this.bytes(`onnx/${name}`, data)
  }
}

/**
 * The files of a tiny model by their paths. It says always the same: `chat` babbles letters and ends when prompt and answer
 * together are one less than a multiple of `endEvery` tokens (64); a token is a byte of UTF-8.
 * @param {TinyModel} name
 * @param {ModelOptions & { dtype?: Dtype }} [options]
 */
export const buildModel = (name, { dtype = 'fp32', ...options } = {}) => {
  const repository = new RepositoryFiles(dtype)
  MODELS[name](repository, options)
  return repository.files
}
