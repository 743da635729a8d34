/** @file Types of build.js. The builders themselves are plain JavaScript: graphs are lists of names. */
import type { Dtype } from '../../src/shared/contracts'

/** `chat` is Qwen2's class, and the others are named after theirs or after the model. */
export type TinyModel =
  | ('chat' | 'qwen3' | 'llama' | 'gemma3' | 'hunyuan' | 'lfm2' | 'qwen3.5')
  | ('smolvlm' | 'idefics3' | 'lfm2-vl' | 'fastvlm' | 'mistral3' | 'gemma3n' | 'gemma4')
  | ('whisper' | 'moonshine' | 'cohere' | 'granite' | 'voxtral')
  | ('chatterbox' | 'kokoro' | 'supertonic' | 'pocket')
  | ('nllb' | 'm2m100' | 'marian')
  | ('silero' | 'smart-turn')

/**
 * The files of a tiny model by their paths. It says always the same: `chat` babbles letters and ends when prompt and answer
 * together are one less than a multiple of `endEvery` tokens (64); a token is a byte of UTF-8. `externalDataChunks`: weights
 * in so many files beside the graph.
 */
export function buildModel(
  name: TinyModel,
  options?: {
    readonly seed?: number
    readonly dtype?: Dtype
    readonly endEvery?: number
    readonly externalDataChunks?: number
    /** Layers of `chat`, its width, and of a block after its attention, which it has only then. */
    readonly layers?: number
    readonly hidden?: number
    readonly mlpHidden?: number
  },
): Map<string, Uint8Array<ArrayBuffer>>
