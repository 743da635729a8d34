/** @file A sound file → samples: its beginning at once, the rest behind it. */
import { pace } from '../shared/breath'
import { Fault } from '../shared/fault'
import type { SoundFile } from './decoder'
import type { Opened } from './player'
import { resampled } from './resampler'

/** Where a file has to be read at once: some ten minutes of WAV, hours of anything packed. */
const MAX_BYTES = 250e6
/** Decoded it takes 23 MB a minute: a tab that holds more than this is one that the system may close. */
const MAX_S = 20 * 60
/** That of most sound hardware, so that nothing is resampled while it plays. */
const RATE = 48_000
/** Enough for an analyser to find the beat in, and long before it is over there is more. */
const BEGINNING_S = 14
/** How long the page may be kept from drawing, milliseconds. */
const SLICE_MS = 6
/** A file that ends this much earlier than it says is not cut for it. */
const NEARLY_S = 0.1

const refuse = (cause?: unknown) =>
  new Fault('bad-input', 'no sound that can be decoded', { detail: { reason: 'bad-recording' }, cause })
const tooLong = () =>
  new Fault('bad-input', 'too long to be held decoded', { detail: { reason: 'too-long' } })

/**
 * The sound of a file or of a video, stereo or mono, as soon as there is something to hear. A file that breaks off is heard up
 * to there. Throws `bad-input` (`bad-recording`, `too-long`) for what the browser cannot decode or a tab cannot hold.
 */
export const decodeAtOnce = async (signal: AbortSignal, file: Blob): Promise<Opened> => {
  signal.throwIfAborted()
  if (file.size === 0) throw refuse()
  const { openSound } = await import('./decoder')
  const sound = await openSound(file)
  if (sound === 'none') throw refuse()
  if (!sound) {
    const buffer = await decodeWhole(signal, file)
    return { buffer, lengthS: buffer.duration }
  }
  const reel = new Reel(signal, sound)
  await reel.wind(sound.lengthS > 2 * BEGINNING_S ? BEGINNING_S : Infinity)
  if (reel.ended) return { buffer: reel.whole(), lengthS: reel.whole().duration }
  const whole = reel.wind(Infinity).then(() => reel.whole())
  whole.catch(() => undefined) // whoever awaits it gets it
  return { buffer: reel.beginning(BEGINNING_S), lengthS: sound.lengthS, whole }
}

/** All of it. Throws as `decodeAtOnce`. */
export const decode = async (signal: AbortSignal, file: Blob): Promise<AudioBuffer> => {
  const { buffer, whole } = await decodeAtOnce(signal, file)
  return whole ?? buffer
}

/** What a file's sound is wound onto: one buffer for all of it from the start, as a second copy is more than a tab should hold. */
class Reel {
  readonly #signal: AbortSignal
  readonly #sound: SoundFile
  readonly #sides: AsyncGenerator<readonly Float32Array[], void>
  #buffer: AudioBuffer | undefined
  /** Samples. */
  #filled = 0
  ended = false

  constructor(signal: AbortSignal, sound: SoundFile) {
    this.#signal = signal
    this.#sound = sound
    this.#sides = resampled(paced(sound.blocks(), pace(signal, SLICE_MS)), RATE)
  }

  /** Until there are that many seconds, or no more. */
  async wind(untilS: number): Promise<void> {
    try {
      if (this.#sound.lengthS > MAX_S) throw tooLong()
      while (!this.ended && this.#filled < untilS * RATE) {
        const sides = await this.#next()
        if (sides) this.#append(sides)
        else this.ended = true
        this.#signal.throwIfAborted()
      }
      if (this.#filled === 0) throw refuse()
    } catch (e) {
      this.ended = true
      throw e
    } finally {
      if (this.ended) await this.#sides.return().finally(() => this.#sound.close())
    }
  }

  beginning(lengthS: number): AudioBuffer {
    return cut(this.#buffer!, lengthS * RATE)
  }

  whole(): AudioBuffer {
    const buffer = this.#buffer!
    return buffer.length - this.#filled < NEARLY_S * RATE ? buffer : cut(buffer, this.#filled)
  }

  /** What breaks off ends there; what cannot be read at all is refused. */
  async #next(): Promise<readonly Float32Array[] | undefined> {
    try {
      const step = await this.#sides.next()
      return step.done ? undefined : step.value
    } catch (e) {
      this.#signal.throwIfAborted()
      if (this.#filled === 0) throw refuse(e)
      return undefined
    }
  }

  #append(sides: readonly Float32Array[]) {
    this.#buffer ??= new AudioBuffer({
      numberOfChannels: sides.length,
      length: Math.ceil(this.#sound.lengthS * RATE),
      sampleRate: RATE,
    })
    // What comes after the end fills up the last packet.
    const length = Math.min(sides[0]!.length, this.#buffer.length - this.#filled)
    for (let c = 0; c < this.#buffer.numberOfChannels; c++)
      this.#buffer.getChannelData(c).set((sides[c] ?? sides[0]!).subarray(0, length), this.#filled)
    this.#filled += length
  }
}

/** What a file holds uncompressed comes without a pause: the page would wait for seconds of it. */
async function* paced<T>(items: AsyncIterable<T>, rest: () => Promise<void>): AsyncGenerator<T, void> {
  for await (const item of items) {
    yield item
    await rest()
  }
}

/** The first `length` samples. */
const cut = (buffer: AudioBuffer, length: number): AudioBuffer => {
  const { numberOfChannels, sampleRate } = buffer
  const to = new AudioBuffer({ numberOfChannels, length, sampleRate })
  for (let c = 0; c < numberOfChannels; c++) to.copyToChannel(buffer.getChannelData(c).subarray(0, length), c)
  return to
}

/** Where a browser decodes no streams, or does not know this format as one. */
const decodeWhole = async (signal: AbortSignal, file: Blob): Promise<AudioBuffer> => {
  if (file.size > MAX_BYTES || (await toldS(signal, file)) > MAX_S) throw tooLong()
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
  const rest = pace(signal, SLICE_MS)
  for (let from = 0; from < samples.length; from += STEP) {
    const to = Math.min(samples.length, from + STEP)
    for (let channel = 0; channel < buffer.numberOfChannels; channel++) {
      const data = buffer.getChannelData(channel)
      for (let i = from; i < to; i++) samples[i]! += data[i]! * share
    }
    await rest()
  }
  return samples
}

/** Samples between two looks at the clock. */
const STEP = 1 << 16

/**
 * What an analyser of music needs, a quarter of the size: the channels averaged, at half the rate, without what would fold
 * back (half-band filter: all but one of its even taps are nothing).
 */
export const coarse = async (
  signal: AbortSignal,
  buffer: AudioBuffer,
): Promise<{ readonly samples: Float32Array<ArrayBuffer>; readonly sampleRate: number }> => {
  const samples = new Float32Array(Math.ceil(buffer.length / 2))
  const share = 1 / buffer.numberOfChannels
  const rest = pace(signal, SLICE_MS)
  for (let from = 0; from < samples.length; from += STEP) {
    const to = Math.min(samples.length, from + STEP)
    for (let channel = 0; channel < buffer.numberOfChannels; channel++)
      addHalved(samples, buffer.getChannelData(channel), from, to, share)
    await rest()
  }
  return { samples, sampleRate: buffer.sampleRate / 2 }
}

const addHalved = (into: Float32Array, data: Float32Array, from: number, to: number, gain: number) => {
  const reach = 2 * HALF_BAND.length
  for (let n = from; n < to; n++) {
    const i = 2 * n
    const inside = i >= reach && i + reach <= data.length
    let sum = 0.5 * data[i]!
    for (let k = 0, d = 1; d < reach; k++, d += 2)
      sum += HALF_BAND[k]! * (inside ? data[i - d]! + data[i + d]! : (data[i - d] ?? 0) + (data[i + d] ?? 0))
    into[n]! += gain * sum
  }
}

/** Its odd taps on one side: a sinc under a Hann window, unit gain. */
const HALF_BAND = ((reach: number) => {
  const taps = Array.from({ length: reach }, (_, k) => {
    const odd = 2 * k + 1
    return ((k % 2 ? -1 : 1) / odd) * (0.5 + 0.5 * Math.cos((Math.PI * odd) / (2 * reach)))
  })
  const sum = taps.reduce((all, tap) => all + tap)
  return Float64Array.from(taps, (tap) => tap / (4 * sum))
})(8)

/** What the file says of its length, before it is decoded; 0 where it says nothing. */
const toldS = async (signal: AbortSignal, file: Blob): Promise<number> => {
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
