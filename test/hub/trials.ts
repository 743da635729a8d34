/**
 * @file How what the catalogue names is tried: which tiny model has the inputs and outputs of a class, and which way it is run
 * (test/fakes/classes). A test in Node holds it against the catalogue, the tests in the browser run all of it.
 */
import type { Model } from '../../src/models/model'
import type { TinyModel } from './build'

export interface Trial {
  readonly model: TinyModel
  readonly run: string
  readonly argument?: readonly string[]
  /** Also on a GPU, in software: one of each family, because it takes long. */
  readonly onGpu?: true
}

const NLLB = ['eng_Latn', 'fra_Latn']

/** By the library's class; by the model's id where our own code feeds the graphs. */
export const TRIALS: Readonly<Record<string, Trial>> = {
  Qwen2ForCausalLM: { model: 'chat', run: 'chat', onGpu: true },
  Qwen3ForCausalLM: { model: 'qwen3', run: 'chat' },
  LlamaForCausalLM: { model: 'llama', run: 'chat' },
  Gemma3ForCausalLM: { model: 'gemma3', run: 'chat' },
  HunYuanDenseV1ForCausalLM: { model: 'hunyuan', run: 'chat' },
  Lfm2ForCausalLM: { model: 'lfm2', run: 'chat', onGpu: true },

  Idefics3ForConditionalGeneration: { model: 'idefics3', run: 'see', argument: ['text'] },
  Lfm2VlForConditionalGeneration: { model: 'lfm2-vl', run: 'see', argument: ['picture'], onGpu: true },
  LlavaQwen2ForCausalLM: { model: 'fastvlm', run: 'see', argument: ['picture'] },
  Mistral3ForConditionalGeneration: { model: 'mistral3', run: 'see', argument: ['picture'] },
  Qwen3_5ForConditionalGeneration: { model: 'qwen3.5', run: 'see', argument: ['text'], onGpu: true },
  Gemma3nForConditionalGeneration: { model: 'gemma3n', run: 'omni' },
  Gemma4ForConditionalGeneration: { model: 'gemma4', run: 'omni' },

  MoonshineForConditionalGeneration: { model: 'moonshine', run: 'hear', onGpu: true },
  WhisperForConditionalGeneration: { model: 'whisper', run: 'whisper' },
  CohereAsrForConditionalGeneration: { model: 'cohere', run: 'hear' },
  GraniteSpeechForConditionalGeneration: { model: 'granite', run: 'listen' },
  VoxtralRealtimeForConditionalGeneration: { model: 'voxtral', run: 'follow' },

  StyleTextToSpeech2Model: { model: 'kokoro', run: 'kokoro', onGpu: true },
  SupertonicForConditionalGeneration: { model: 'supertonic', run: 'supertonic', onGpu: true },
  ChatterboxModel: { model: 'chatterbox', run: 'chatterbox' },
  'pocket-tts': { model: 'pocket', run: 'pocket' },

  M2M100ForConditionalGeneration: { model: 'nllb', run: 'translation', argument: NLLB, onGpu: true },
  MarianMTModel: { model: 'marian', run: 'translation', argument: ['en', 'fr'] },

  'silero-vad': { model: 'silero', run: 'silero', onGpu: true },
  'smart-turn': { model: 'smart-turn', run: 'smartTurn' },
}

/** Its graphs are in nobody's repository: they are made here, of the person's own files, and tried where they are made. */
export const NOT_TRIED: readonly string[] = ['danceba']

/** What a model of the catalogue is tried by; nothing for what is no graph (Flite, and what the browser brings). */
export const trialOf = ({ id, runner }: Model): string | undefined => {
  if (runner.library === 'transformers') return runner.class
  return runner.library === 'onnxruntime' ? id : undefined
}
