/** @file What somebody has tried and found wrong, by the class of a model: for the catalogue, and for repositories it does not know. */
import type { KnownBad } from './model'

/** LayerNorm overflows 16 bits: finite, wrong, and the decoder loops. large-v3-turbo is not affected. */
export const WHISPER_HALF: KnownBad = {
  backend: 'webgpu',
  dtypes: ['fp16', 'q4f16'],
  why: 'garbage',
  source: 'microsoft/onnxruntime#31626',
}

/** Gemma 3 and what was made from it; Gemma 4 is reported to run in 16 bits. */
export const GEMMA3_HALF: KnownBad = {
  backend: 'webgpu',
  dtypes: ['fp16', 'q4f16'],
  why: 'garbage',
  source: 'microsoft/onnxruntime#26732',
}

const NANOCHAT_HALF: KnownBad = {
  backend: 'webgpu',
  dtypes: ['fp16', 'q4f16'],
  why: 'garbage',
  source: 'microsoft/onnxruntime#26367',
}

/** Its linear attention had no kernel for the GPU; exports since then may. Not the first choice until it is measured here. */
export const QWEN35_SLOW: KnownBad = {
  backend: 'webgpu',
  dtypes: ['fp32', 'fp16', 'q4', 'q4f16'],
  why: 'slow',
  source: 'huggingface/transformers.js#1599',
}

export const KOKORO: KnownBad = {
  backend: 'webgpu',
  dtypes: ['fp16', 'q4', 'q4f16', 'q8', 'int8', 'uint8', 'q8f16', 'uint8f16'],
  why: 'distorted',
  source: 'hexgrad/kokoro#68',
}

export const KITTEN: KnownBad = {
  backend: 'webgpu',
  dtypes: ['fp32', 'fp16', 'q4', 'q4f16', 'q8', 'int8', 'uint8'],
  why: 'distorted',
  source: 'clowerweb/kitten-tts-web-demo#7',
}

/** 16 bits in the language model make noise of the same kind. */
export const CHATTERBOX_HALF: KnownBad = { ...GEMMA3_HALF, why: 'distorted' }

/** Babble with 8-bit decoders is the rule for all models (placement); here is where it was seen. */
export const NLLB_INT8: KnownBad = {
  backend: 'webgpu',
  dtypes: ['q8', 'int8', 'uint8'],
  why: 'garbage',
  source: 'huggingface/transformers.js#1317',
}

/** What to expect of a model of this class. `parameters`: millions. */
export const knownBad = (of: {
  readonly class: string
  readonly repo: string
  readonly parameters: number
}): readonly KnownBad[] => {
  if (of.class === 'WhisperForConditionalGeneration') return of.parameters < 800 ? [WHISPER_HALF] : []
  if (of.class === 'StyleTextToSpeech2Model') return [/kitten/i.test(of.repo) ? KITTEN : KOKORO]
  if (/^Gemma3(n?)For/.test(of.class)) return [GEMMA3_HALF]
  if (of.class.startsWith('NanoChat')) return [NANOCHAT_HALF]
  if (of.class.startsWith('Qwen3_5')) return [QWEN35_SLOW]
  if (of.class === 'ChatterboxModel') return [CHATTERBOX_HALF]
  if (of.class === 'M2M100ForConditionalGeneration') return [NLLB_INT8]
  return []
}
