/** @file Models that speak. */
import { cpu, gpu, type KnownBad, type Licence, type Model } from '../model'
import { FLITE } from './flite'
import { APACHE, MIT } from './licences'

const KOKORO: readonly KnownBad[] = [
  {
    backend: 'webgpu',
    dtypes: ['fp16', 'q4', 'q4f16', 'q8', 'uint8', 'q8f16', 'uint8f16'],
    why: 'distorted',
    source: 'hexgrad/kokoro#98',
  },
]
const KITTEN: readonly KnownBad[] = [
  {
    backend: 'webgpu',
    dtypes: ['fp32', 'fp16', 'q8', 'int8', 'uint8', 'q4', 'q4f16'],
    why: 'distorted',
    source: 'clowerweb/kitten-tts-web-demo#7',
  },
]
/** 16 bits in the language model make noise of the same kind as in Whisper. */
const CHATTERBOX: readonly KnownBad[] = [
  { backend: 'webgpu', dtypes: ['fp16', 'q4f16'], why: 'distorted', source: 'microsoft/onnxruntime#26732' },
]
const SUPERTONIC: Licence = {
  name: 'OpenRAIL-M',
  note: 'Uses that do harm are forbidden; the text was not to be had when this was written.',
}
/** A 4-bit decoder sounds brighter than it should. */
const chatterbox = {
  embed_tokens: 'fp32',
  speech_encoder: 'fp32',
  language_model: 'q4',
  conditional_decoder: 'fp32',
} as const

export const SPEAK: readonly Model[] = [
  {
    id: FLITE.id,
    name: 'Flite',
    tasks: { speak: 'voice' },
    source: { kind: 'app', files: FLITE.variant.files },
    runner: { library: 'flite' },
    parameters: 0,
    languages: ['en'],
    licence: { name: 'MIT-CMU', commercial: true },
    tier: 'phone',
    variants: [cpu('fp32', 32)],
  },
  {
    id: 'browser-voice',
    name: 'SpeechSynthesis',
    tasks: { speak: 'browser-voice' },
    source: { kind: 'built-in', api: 'speech-synthesis' },
    runner: { library: 'browser' },
    parameters: 0,
    languages: [],
    licence: { name: 'of the browser' },
    tier: 'phone',
    variants: [],
  },
  {
    id: 'kitten-nano',
    name: 'Kitten TTS Nano',
    tasks: { speak: 'later' },
    source: { kind: 'hub', repo: 'onnx-community/kitten-tts-nano-0.1-ONNX' },
    runner: { library: 'transformers', class: 'StyleTextToSpeech2Model' },
    parameters: 15,
    languages: ['en'],
    licence: APACHE,
    choiceFor: ['speak'],
    tier: 'phone',
    variants: [cpu('q8', 12.8)],
    bad: KITTEN,
  },
  {
    id: 'supertonic',
    name: 'Supertonic',
    tasks: { speak: 'later' },
    source: { kind: 'hub', repo: 'onnx-community/Supertonic-TTS-ONNX' },
    runner: { library: 'transformers', class: 'SupertonicForConditionalGeneration' },
    parameters: 66,
    languages: ['en'],
    licence: SUPERTONIC,
    tier: 'phone',
    variants: [gpu('fp32', 31.9), cpu('fp32', 31.9)],
  },
  {
    id: 'supertonic-2',
    name: 'Supertonic 2',
    tasks: { speak: 'later' },
    source: { kind: 'hub', repo: 'onnx-community/Supertonic-TTS-2-ONNX' },
    runner: { library: 'transformers', class: 'SupertonicForConditionalGeneration' },
    parameters: 76,
    languages: ['en', 'ko', 'es', 'pt', 'fr'],
    licence: SUPERTONIC,
    tier: 'phone',
    variants: [gpu('fp32', 32), cpu('fp32', 32)],
  },
  {
    id: 'pocket-tts',
    name: 'Pocket TTS',
    tasks: { speak: 'later' },
    source: { kind: 'hub', repo: 'KevinAHM/pocket-tts-onnx', folder: '' },
    runner: { library: 'onnxruntime', graphs: ['*{dtype}.onnx', 'onnx/*{dtype}.onnx'] },
    parameters: 100,
    languages: ['en', 'fr', 'de', 'it', 'pt', 'es'],
    licence: { name: 'CC-BY-4.0', commercial: true, note: 'Say that the voice is artificial.' },
    tier: 'phone',
    variants: [cpu('int8', 10.4)],
  },
  {
    id: 'kokoro',
    name: 'Kokoro 82M v1.0',
    tasks: { speak: 'later' },
    source: { kind: 'hub', repo: 'onnx-community/Kokoro-82M-v1.0-ONNX' },
    runner: { library: 'transformers', class: 'StyleTextToSpeech2Model' },
    parameters: 82,
    languages: ['en', 'es', 'fr', 'hi', 'it', 'ja', 'pt', 'zh'],
    licence: APACHE,
    choiceFor: ['speak'],
    tier: 'laptop',
    variants: [gpu('fp32', 31.8), cpu('q8', 9)],
    bad: KOKORO,
  },
  {
    id: 'chatterbox-turbo',
    name: 'Chatterbox Turbo',
    tasks: { speak: 'later' },
    source: { kind: 'hub', repo: 'ResembleAI/chatterbox-turbo-ONNX' },
    runner: { library: 'transformers', class: 'ChatterboxModel' },
    parameters: 350,
    languages: ['en'],
    licence: MIT,
    tier: 'laptop',
    variants: [gpu('q4', 16), gpu(chatterbox, 38), cpu('q4', 16)],
    bad: CHATTERBOX,
  },
  {
    id: 'chatterbox',
    name: 'Chatterbox',
    tasks: { speak: 'later' },
    source: { kind: 'hub', repo: 'onnx-community/chatterbox-ONNX' },
    runner: { library: 'transformers', class: 'ChatterboxModel' },
    parameters: 500,
    languages: ['en'],
    licence: MIT,
    tier: 'desktop',
    variants: [gpu(chatterbox, 24.7), cpu(chatterbox, 24.7)],
    bad: CHATTERBOX,
  },
  {
    id: 'chatterbox-multilingual',
    name: 'Chatterbox Multilingual',
    tasks: { speak: 'later' },
    source: { kind: 'hub', repo: 'onnx-community/chatterbox-multilingual-ONNX' },
    runner: { library: 'transformers', class: 'ChatterboxModel' },
    parameters: 500,
    // prettier-ignore
    languages: [
      'ar', 'da', 'de', 'el', 'en', 'es', 'fi', 'fr', 'he', 'hi', 'it', 'ja', 'ko', 'ms', 'nl', 'no', 'pl', 'pt',
      'ru', 'sv', 'sw', 'tr', 'zh',
    ],
    licence: MIT,
    tier: 'desktop',
    variants: [gpu(chatterbox, 24.7), cpu(chatterbox, 24.7)],
    bad: CHATTERBOX,
  },
]
