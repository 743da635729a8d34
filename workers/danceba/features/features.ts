/**
 * @file What Danceba hears in music: 438 numbers a frame, 7.5 frames a second, as librosa 0.8.1 makes them from sound at
 * 3840 Hz. Columns: 0 MFCC, 20 their slopes, 40 chroma, 52 onset, 53 beat, 54 tempogram of 384 lags.
 */
import { pace } from '../../../src/shared/breath'
import { Fault } from '../../../src/shared/fault'
import { CHROMA, chroma } from './chroma'
import { BINS_PER_OCTAVE, SHORTEST, constantQ } from './constant-q'
import { GRID, RATE, framesIn, type Pace } from './frames'
import { MELS, decibels, melBank } from './mel'
import { CEPSTRA, mfcc } from './mfcc'
import { resampler } from './resample'
import { correctedRhythm, referenceRhythm, type RhythmKind } from './rhythm'
import { separate } from './separate'
import { tempogram } from './tempogram'
import { tuningOf } from './tuning'

export const FEATURES = 438
/** Where the parts of a row begin, and how many lags its tempogram has. */
const AT = { mfcc: 0, slopes: CEPSTRA, chroma: 2 * CEPSTRA, onset: 52, beat: 53, tempogram: 54 } as const
const LAGS = 384
/** Parts of the time that the steps take, for sound at 44.1 kHz. */
const SHARES: Record<RhythmKind, Record<'resample' | 'separate' | 'tuning' | 'chroma' | 'rhythm', number>> = {
  reference: { resample: 0.52, separate: 0.24, tuning: 0.06, chroma: 0.14, rhythm: 0.04 },
  corrected: { resample: 0.33, separate: 0.15, tuning: 0.04, chroma: 0.09, rhythm: 0.39 },
}
/** Milliseconds between two looks at the signal. */
const SLICE_MS = 40

export interface FeatureOptions {
  /** `corrected` wakes the columns of rhythm on dense music, where the reference's are 0: a deviation (see rhythm.ts). */
  readonly onset: RhythmKind
  /** How long sound in pieces is going to be, in seconds: for its progress only. */
  readonly lengthS?: number
}

export interface Features {
  /** Frame j is centred at j / 7.5 seconds; 1 + floor(7.5 x length). */
  readonly frames: number
  /** frames x 438. */
  readonly rows: Float32Array<ArrayBuffer>
  /** Thirty-sixths of an octave, -0.5 to 0.49, from A = 440 Hz. */
  readonly tuning: number
  /** Undefined where no beat was heard. */
  readonly tempoBpm: number | undefined
  /** The frames with a beat. */
  readonly beats: readonly number[]
}

/** Sound as a whole or in pieces, mono. */
export type Sound = Float32Array | AsyncIterable<Float32Array>

/**
 * The features of music at `rateHz`. `progress` is told the part that is done, 0 to 1. Throws the signal's reason, and
 * `bad-input` for music shorter than 1.1 seconds.
 */
export const features = async (
  signal: AbortSignal,
  sound: Sound,
  rateHz: number,
  options: FeatureOptions,
  progress: (done: number) => void = () => undefined,
): Promise<Features> => {
  const stage = stages(signal, progress)
  const share = SHARES[options.onset]
  const samples = await atRate(sound, rateHz, RATE, stage(share.resample), options.lengthS)
  if (samples.length < SHORTEST)
    throw new Fault('bad-input', 'This music is too short to dance to: it needs 1.1 seconds at least.', {
      detail: { what: 'music', reason: 'too-short', lengthS: samples.length / RATE, leastS: SHORTEST / RATE },
    })
  const frames = framesIn(samples.length)
  const rows = new Float32Array(frames * FEATURES)
  const put = (part: Float64Array, width: number, column: number) => {
    for (let t = 0; t < frames; t++)
      rows.set(part.subarray(t * width, (t + 1) * width), t * FEATURES + column)
  }
  const { melDb, harmonic, percussive } = await heard(samples, stage(share.separate))
  const { cepstra, slopes } = mfcc(melDb)
  put(cepstra, CEPSTRA, AT.mfcc)
  put(slopes, CEPSTRA, AT.slopes)

  const tuning = await tuningOf(harmonic, RATE, BINS_PER_OCTAVE, stage(share.tuning))
  put(chroma(await constantQ(harmonic, RATE, tuning, stage(share.chroma))), CHROMA, AT.chroma)

  const last = stage(share.rhythm)
  const {
    onset,
    tempoBpm,
    frames: beats,
  } = await (options.onset === 'corrected'
    ? correctedRhythm(samples, last)
    : referenceRhythm(percussive, RATE, last))
  put(onset, 1, AT.onset)
  for (const t of beats) rows[t * FEATURES + AT.beat] = 1
  tempogram(onset, LAGS, (row, t) => rows.set(row, t * FEATURES + AT.tempogram))
  progress(1)
  return { frames, rows, tuning, tempoBpm, beats }
}

/** Frames a second of the beats that the beat alignment score is measured against. */
export const FINE_FRAME_RATE = 60
const FINE_RATE = FINE_FRAME_RATE * GRID.hop

/** The beats of music in frames of 1/60 s, as the reference's second pass of its extractor hears them at 30 720 Hz. */
export const fineBeats = async (
  signal: AbortSignal,
  sound: Sound,
  rateHz: number,
  progress: (done: number) => void = () => undefined,
): Promise<readonly number[]> => {
  const stage = stages(signal, progress)
  const samples = await atRate(sound, rateHz, FINE_RATE, stage(0.35))
  if (samples.length <= GRID.window) return []
  const { percussive } = await separate(samples, stage(0.45))
  return (await referenceRhythm(percussive, FINE_RATE, stage(0.2))).frames
}

/** Each of the steps of a work, in order, gets its share of the whole: it lets the thread breathe, and stops by the signal. */
const stages = (signal: AbortSignal, progress: (done: number) => void) => {
  const breathe = pace(signal, SLICE_MS)
  let before = 0
  return (share: number): Pace => {
    signal.throwIfAborted()
    const from = before
    before += share
    let told = from
    return async (done) => {
      const now = from + share * done
      if (now - told >= 0.01) progress((told = now))
      await breathe()
    }
  }
}

/** Both parts of a sound, and its bands in dB below the loudest. */
const heard = async (samples: Float32Array, pace: Pace) => {
  const bank = melBank(RATE, RATE / 2)
  const melDb = new Float64Array(framesIn(samples.length) * MELS)
  const separated = await separate(samples, pace, { hear: (power, t) => bank.apply(power, melDb, t * MELS) })
  return { melDb: decibels(melDb, 'greatest'), ...separated }
}

/** Samples that are brought to another rate at once. */
const PIECE = 1 << 15

/** The sound at another rate. How far a sound in pieces has come is not known without `lengthS`: its share is told at its end. */
const atRate = async (
  sound: Sound,
  fromHz: number,
  toHz: number,
  pace: Pace,
  lengthS = Infinity,
): Promise<Float32Array> => {
  const { push, end } = resampler(fromHz, toHz)
  const made: Float32Array[] = []
  if (sound instanceof Float32Array)
    for (let at = 0; at < sound.length; at += PIECE) {
      made.push(push(sound.subarray(at, at + PIECE)))
      await pace(at / sound.length)
    }
  else {
    let received = 0
    for await (const piece of sound) {
      made.push(push(piece))
      received += piece.length
      await pace(Math.min(1, received / (lengthS * fromHz)))
    }
  }
  made.push(end())
  const samples = new Float32Array(made.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of made) {
    samples.set(piece, at)
    at += piece.length
  }
  await pace(1)
  return samples
}
