/** @file The sound of a part of the music, for the encoder of a film. */
import type { Reel } from '../audio/reel'
import { pace } from '../shared/breath'

/** What begins or ends in the middle of the music does so without a click. */
const FADE_S = 0.01

/** How long the page may be kept from drawing, milliseconds, and samples between two looks at the clock. */
const SLICE_MS = 6
const STEP = 1 << 16

/** Seconds of the music. */
export const soundOf = async (
  signal: AbortSignal,
  music: Reel,
  from: number,
  to: number,
): Promise<AudioBuffer> => {
  const { sampleRate, channels } = music
  const length = Math.max(1, Math.round((to - from) * sampleRate))
  const first = Math.round(from * sampleRate)
  const sound = new AudioBuffer({ numberOfChannels: channels, length, sampleRate })
  const rest = pace(signal, SLICE_MS)
  for (let at = 0; at < length; at += STEP) {
    for (let c = 0; c < channels; c++)
      music.read(c, first + at, sound.getChannelData(c).subarray(at, at + STEP))
    await rest()
  }
  const fade = Math.min(length, Math.round(FADE_S * sampleRate))
  for (let c = 0; c < channels; c++) {
    const data = sound.getChannelData(c)
    for (let i = 0; i < fade; i++) {
      if (from > 0) data[i]! *= i / fade
      if (to < music.filledS - FADE_S) data[length - 1 - i]! *= i / fade
    }
  }
  return sound
}
