/** @file A sound file → samples. */
import { Fault } from '../shared/fault'

/** Some ten minutes of WAV, hours of anything packed. */
const MAX_BYTES = 120e6
/** Decoded at the rate of most sound hardware; the file's own rate is converted by the browser. */
const RATE = 48_000

/** Mono, the channels averaged. Throws `bad-input` for what the browser cannot decode. */
export const decodeRecording = async (
  signal: AbortSignal,
  file: Blob,
): Promise<{ readonly samples: Float32Array; readonly sampleRate: number }> => {
  const refuse = (cause?: unknown) =>
    new Fault('bad-input', 'no sound that can be decoded', { detail: { reason: 'bad-recording' }, cause })
  if (file.size === 0 || file.size > MAX_BYTES) throw refuse()
  const bytes = await file.arrayBuffer()
  signal.throwIfAborted()
  const buffer = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(bytes).catch((cause: unknown) => {
    throw refuse(cause)
  })
  signal.throwIfAborted()
  const samples = new Float32Array(buffer.length)
  for (let channel = 0; channel < buffer.numberOfChannels; channel++) {
    const data = buffer.getChannelData(channel)
    for (let i = 0; i < samples.length; i++) samples[i]! += data[i]! / buffer.numberOfChannels
  }
  return { samples, sampleRate: RATE }
}
