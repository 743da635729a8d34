/** @file Music as the generator is given it. */
import type { DancebaHeard } from '../../../src/shared/contracts'
import { features, type FeatureOptions } from '../features/features'
import { conditioning } from '../network/phase'

/** Frames of music, and of codes, a second. */
export const FRAME_RATE = 7.5

export interface Heard {
  readonly heard: DancebaHeard
  /** Frames × features: of each code the music that it is danced to. */
  readonly music: Float32Array<ArrayBuffer>
}

/** Throws what `features` throws. */
export const hear = async (
  signal: AbortSignal,
  pieces: AsyncIterable<Float32Array>,
  sampleRate: number,
  options: FeatureOptions,
  tell: (done: number) => void,
): Promise<Heard> => {
  const { frames, rows, tempoBpm, beats } = await features(signal, pieces, sampleRate, options, tell)
  const heard = { frames, beats: beats.map((frame) => frame / FRAME_RATE) }
  return {
    heard: tempoBpm === undefined ? heard : { ...heard, tempoBpm },
    music: conditioning(rows),
  }
}
