/** @file A sound file → samples. */
import { breath } from '../shared/breath'
import { Fault } from '../shared/fault'

/** Some ten minutes of WAV, hours of anything packed. */
const MAX_BYTES = 250e6
/** Decoded it takes 23 MB a minute: a tab that holds more than this is one that the system may close. */
const MAX_S = 20 * 60
/** Decoded at the rate of most sound hardware; the file's own rate is converted by the browser. */
const RATE = 48_000

/**
 * All channels of a sound file, or of the sound of a video. Throws `bad-input` (`bad-recording`, `too-long`) for what the
 * browser cannot decode or a tab cannot hold.
 */
export const decode = async (signal: AbortSignal, file: Blob): Promise<AudioBuffer> => {
  const refuse = (cause?: unknown) =>
    new Fault('bad-input', 'no sound that can be decoded', { detail: { reason: 'bad-recording' }, cause })
  const tooLong = () =>
    new Fault('bad-input', 'too long to be held decoded', { detail: { reason: 'too-long' } })
  if (file.size === 0) throw refuse()
  if (file.size > MAX_BYTES || (await lengthS(signal, file)) > MAX_S) throw tooLong()
  const bytes = await file.arrayBuffer()
  signal.throwIfAborted()
  const buffer = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(bytes).catch((cause: unknown) => {
    throw refuse(cause)
  })
  signal.throwIfAborted()
  if (buffer.length === 0) throw refuse()
  return buffer
}

/** The channels averaged, a few milliseconds at a time: ten minutes of music are 30 million samples. */
export const mono = async (signal: AbortSignal, buffer: AudioBuffer): Promise<Float32Array<ArrayBuffer>> => {
  const samples = new Float32Array(buffer.length)
  const share = 1 / buffer.numberOfChannels
  for (let from = 0; from < samples.length; from += SLICE) {
    const to = Math.min(samples.length, from + SLICE)
    for (let channel = 0; channel < buffer.numberOfChannels; channel++) {
      const data = buffer.getChannelData(channel)
      for (let i = from; i < to; i++) samples[i]! += data[i]! * share
    }
    await breath()
    signal.throwIfAborted()
  }
  return samples
}

/** Some 3 ms of adding on a slow core. */
const SLICE = 1 << 20

/** What the file says of its length, before it is decoded; 0 where it says nothing. */
const lengthS = async (signal: AbortSignal, file: Blob): Promise<number> => {
  const url = URL.createObjectURL(file)
  const audio = new Audio()
  audio.preload = 'metadata'
  try {
    const told = new Promise<number>((resolve) => {
      audio.onloadedmetadata = () => resolve(Number.isFinite(audio.duration) ? audio.duration : 0)
      audio.onerror = () => resolve(0) // decoding says more about it
      signal.addEventListener('abort', () => resolve(0), { once: true })
      setTimeout(() => resolve(0), TOLD_MS)
      audio.src = url
    })
    const length = await told
    signal.throwIfAborted()
    return length
  } finally {
    audio.removeAttribute('src')
    audio.load()
    URL.revokeObjectURL(url)
  }
}

/** A file's header is read at once; one without a length may be searched to its end. */
const TOLD_MS = 400
