/** @file The sound of a part of the music, as encoders like it: two channels at most, at a rate that all of them know. */

const RATE = 48_000
/** What begins or ends in the middle of the music does so without a click. */
const FADE_S = 0.01

/** Seconds of the music. */
export const soundOf = async (
  signal: AbortSignal,
  music: AudioBuffer,
  from: number,
  to: number,
): Promise<AudioBuffer> => {
  const length = Math.max(1, Math.round((to - from) * RATE))
  const context = new OfflineAudioContext(Math.min(2, music.numberOfChannels), length, RATE)
  const source = new AudioBufferSourceNode(context, { buffer: music })
  const gain = new GainNode(context)
  const end = length / RATE
  if (from > 0) gain.gain.setValueAtTime(0, 0).linearRampToValueAtTime(1, FADE_S)
  if (to < music.duration - FADE_S)
    gain.gain.setValueAtTime(1, Math.max(FADE_S, end - FADE_S)).linearRampToValueAtTime(0, end)
  source.connect(gain).connect(context.destination)
  source.start(0, from)
  const sound = await context.startRendering()
  signal.throwIfAborted()
  return sound
}
