/** @file A sound file → samples: its beginning at once, the rest behind it. */
import { pace } from '../shared/breath'
import { Fault } from '../shared/fault'
import type { SoundFile } from './decoder'
import { Reel } from './reel'
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

const refuse = (cause?: unknown) =>
  new Fault('bad-input', 'no sound that can be decoded', { detail: { reason: 'bad-recording' }, cause })
const tooLong = () =>
  new Fault('bad-input', 'too long to be held decoded', { detail: { reason: 'too-long' } })

/**
 * The sound of a file or of a video, stereo or mono, as soon as there is something to hear. A file that breaks off is heard up
 * to there. Throws `bad-input` (`bad-recording`, `too-long`) for what the browser cannot decode or a tab cannot hold.
 */
export const decodeAtOnce = async (signal: AbortSignal, file: Blob): Promise<Reel> => {
  signal.throwIfAborted()
  if (file.size === 0) throw refuse()
  const { openSound } = await import('./decoder')
  const sound = await openSound(file)
  if (sound === 'none') throw refuse()
  if (!sound) return decodeWhole(signal, file)
  if (sound.lengthS > MAX_S) {
    sound.close()
    throw tooLong()
  }
  const winding = wind(signal, sound)
  const enough = sound.lengthS > 2 * BEGINNING_S ? BEGINNING_S : Infinity
  let step = await winding.next()
  while (!step.done && step.value.filledS < enough) step = await winding.next()
  if (!step.done) void finish(winding)
  return step.value
}

/** All of it. Throws as `decodeAtOnce`. */
export const decode = async (signal: AbortSignal, file: Blob): Promise<Reel> => {
  const reel = await decodeAtOnce(signal, file)
  await reel.whole
  return reel
}

/** The reel, each time that there is more on it. What breaks off ends there; what cannot be read at all is refused. */
async function* wind(signal: AbortSignal, sound: SoundFile): AsyncGenerator<Reel, Reel> {
  const blocks = resampled(paced(sound.blocks(), pace(signal, SLICE_MS)), RATE)
  let reel: Reel | undefined
  try {
    for await (const sides of blocks) {
      signal.throwIfAborted()
      reel ??= new Reel(sound.lengthS, RATE, sides.length)
      reel.wind(sides)
      yield reel
    }
  } catch (e) {
    if (signal.aborted || !reel) {
      reel?.end(signal.reason ?? e)
      signal.throwIfAborted()
      throw refuse(e)
    }
  } finally {
    sound.close()
  }
  if (!reel) throw refuse()
  reel.end()
  return reel
}

const finish = async (winding: AsyncGenerator<Reel, Reel>) => {
  try {
    while (!(await winding.next()).done);
  } catch {
    // The reel has been told.
  }
}

/** What a file holds uncompressed comes without a pause: the page would wait for seconds of it. */
async function* paced<T>(items: AsyncIterable<T>, rest: () => Promise<void>): AsyncGenerator<T, void> {
  for await (const item of items) {
    yield item
    await rest()
  }
}

/** Where a browser decodes no streams, or does not know this format as one. */
const decodeWhole = async (signal: AbortSignal, file: Blob): Promise<Reel> => {
  if (file.size > MAX_BYTES || (await toldS(signal, file)) > MAX_S) throw tooLong()
  const bytes = await file.arrayBuffer()
  signal.throwIfAborted()
  const buffer = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(bytes).catch((cause: unknown) => {
    throw refuse(cause)
  })
  signal.throwIfAborted()
  if (buffer.length === 0) throw refuse()
  const { mixDown } = await import('./decoder')
  const sides = mixDown(Array.from({ length: buffer.numberOfChannels }, (_, c) => buffer.getChannelData(c)))
  const reel = new Reel(buffer.duration, buffer.sampleRate, sides.length)
  await reel.windAll(signal, sides)
  return reel
}

/** The sides averaged, a few milliseconds at a time. */
export const mono = async (signal: AbortSignal, reel: Reel): Promise<Float32Array<ArrayBuffer>> => {
  const samples = new Float32Array(reel.filled)
  const side = new Float32Array(STEP)
  const rest = pace(signal, SLICE_MS)
  for (let from = 0; from < samples.length; from += STEP) {
    const part = samples.subarray(from, from + STEP)
    for (let channel = 0; channel < reel.channels; channel++) {
      reel.read(channel, from, side)
      for (let i = 0; i < part.length; i++) part[i]! += side[i]! / reel.channels
    }
    await rest()
  }
  return samples
}

/** Samples between two looks at the clock. */
const STEP = 1 << 16

/**
 * What an analyser of music needs of it, a quarter of the size, piece by piece as it comes: the sides averaged, at half the
 * rate, without what would fold back (half-band filter: all but one of its even taps are nothing).
 */
export async function* coarse(
  signal: AbortSignal,
  reel: Reel,
): AsyncGenerator<Float32Array<ArrayBuffer>, void> {
  const rest = pace(signal, SLICE_MS)
  const side = new Float32Array(2 * (STEP + 2 * REACH))
  for (let at = 0; ;) {
    const { more, ended } = reel
    const end = ended ? Math.ceil(reel.filled / 2) : Math.floor(reel.filled / 2) - REACH
    while (at < end && (ended || at === 0 || end - at >= STEP)) {
      const piece = new Float32Array(Math.min(STEP, end - at))
      for (let channel = 0; channel < reel.channels; channel++) {
        reel.read(channel, 2 * (at - REACH), side)
        addHalved(piece, side, 1 / reel.channels)
      }
      at += piece.length
      await rest()
      yield piece
    }
    if (ended) break
    await more
    signal.throwIfAborted()
  }
  await reel.whole
}

/** Of samples that begin `2 * REACH` before the first of the halved ones. */
const addHalved = (into: Float32Array, data: Float32Array, gain: number) => {
  for (let n = 0; n < into.length; n++) {
    const i = 2 * (n + REACH)
    let sum = 0.5 * data[i]!
    for (let k = 0; k < REACH; k++) sum += HALF_BAND[k]! * (data[i - 2 * k - 1]! + data[i + 2 * k + 1]!)
    into[n]! += gain * sum
  }
}

/** Odd taps on each side. */
const REACH = 8

/** Its odd taps on one side: a sinc under a Hann window, unit gain. */
const HALF_BAND = (() => {
  const taps = Array.from({ length: REACH }, (_, k) => {
    const odd = 2 * k + 1
    return ((k % 2 ? -1 : 1) / odd) * (0.5 + 0.5 * Math.cos((Math.PI * odd) / (2 * REACH)))
  })
  const sum = taps.reduce((all, tap) => all + tap)
  return Float64Array.from(taps, (tap) => tap / (4 * sum))
})()

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
