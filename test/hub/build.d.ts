/** @file Types of build.js. The builders themselves are plain JavaScript: graphs are lists of names. */
import type { Dtype } from '../../src/shared/contracts'

export type TinyModel =
  | 'chat'
  | 'nllb'
  | 'm2m100'
  | 'whisper'
  | 'chatterbox'
  | 'kokoro'
  | 'supertonic'
  | 'silero'
  | 'smolvlm'
  | 'gemma4'

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
