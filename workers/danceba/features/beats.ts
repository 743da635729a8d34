/** @file Beats in a curve of onsets (Ellis, "Beat tracking by dynamic programming", 2007; librosa 0.8.1's `beat_track`). */
import { tempogram } from './tempogram'

/** Beats a minute that are taken for likely, and those that are not looked at. */
const LIKELY_BPM = 120
const MOST_BPM = 320
/** Seconds over which a tempo is measured. */
const TEMPO_WINDOW_S = 8
/** How much a beat out of time costs. */
const TIGHTNESS = 100
/** Before the first beat: what is weaker than that part of the strongest is not one. */
const FAINT = 0.01

export interface Beats {
  /** Of the whole curve; undefined where nothing begins anywhere. */
  readonly tempoBpm: number | undefined
  /** Numbers of frames, ascending. */
  readonly frames: readonly number[]
}

/** `frameRate`: values of the curve in a second. */
export const beatsOf = (onset: Float64Array, frameRate: number): Beats => {
  if (onset.every((value) => value === 0)) return { tempoBpm: undefined, frames: [] }
  const tempoBpm = tempoOf(onset, frameRate)
  const period = roundHalfEven((60 * frameRate) / tempoBpm)
  const local = localScore(onset, period)
  const { scores, before } = track(local, period)
  const frames: number[] = []
  for (let at = lastBeat(scores); at >= 0; at = before[at]!) frames.unshift(at)
  return { tempoBpm, frames: trimmed(frames, local) }
}

/** The lag after which the curve repeats itself most, on average over time, weighed by how likely its tempo is. */
const tempoOf = (onset: Float64Array, frameRate: number): number => {
  const lags = Math.floor(TEMPO_WINDOW_S * frameRate)
  const mean = new Float64Array(lags)
  tempogram(onset, lags, (row) => {
    for (let lag = 0; lag < lags; lag++) mean[lag]! += row[lag]! / onset.length
  })
  let [best, most] = [0, -Infinity]
  for (let lag = 1; lag < lags; lag++) {
    const bpm = (60 * frameRate) / lag
    const score = Math.log1p(1e6 * mean[lag]!) - Math.log2(bpm / LIKELY_BPM) ** 2 / 2
    if (bpm >= MOST_BPM || score <= most) continue
    ;[best, most] = [bpm, score]
  }
  return best
}

/** The curve by its standard deviation, smeared over a small part of a beat. */
const localScore = (onset: Float64Array, period: number): Float64Array => {
  const scale = 1 / (deviation(onset) || 1)
  return onset.map((_, t) => {
    let sum = 0
    for (let n = Math.max(-period, -t); n <= Math.min(period, onset.length - 1 - t); n++)
      sum += onset[t + n]! * Math.exp(-(((32 * n) / period) ** 2) / 2)
    return sum * scale
  })
}

/** For each frame the score of the best row of beats that ends there, and the beat before it (below 0: none). */
const track = (local: Float64Array, period: number) => {
  const offsets: { readonly by: number; readonly cost: number }[] = []
  for (let by = -2 * period; by <= -roundHalfEven(period / 2); by++)
    offsets.push({ by, cost: TIGHTNESS * Math.log(-by / period) ** 2 })
  const faint = FAINT * local.reduce((most, value) => Math.max(most, value), -Infinity)
  const scores = new Float64Array(local.length)
  const before = new Int32Array(local.length)
  let begun = false
  for (let t = 0; t < local.length; t++) {
    let [most, from] = [-Infinity, 0]
    for (const { by, cost } of offsets) {
      const score = (t + by >= 0 ? scores[t + by]! : 0) - cost
      if (score > most) [most, from] = [score, t + by]
    }
    scores[t] = local[t]! + most
    begun ||= local[t]! >= faint
    before[t] = begun ? from : -1
  }
  return { scores, before }
}

/** The last of the peaks that are at least half as high as most; -1 where there is none. */
const lastBeat = (scores: Float64Array): number => {
  const last = scores.length - 1
  const isPeak = (t: number) =>
    scores[t]! > scores[Math.max(0, t - 1)]! && scores[t]! >= scores[Math.min(last, t + 1)]!
  const middle = median(scores.filter((_, t) => isPeak(t)))
  return scores.findLastIndex((score, t) => (isPeak(t) ? 2 * score : 0) > middle)
}

/** Without weak beats at the ends; the last strong one goes as well, as in the reference. */
const trimmed = (beats: readonly number[], local: Float64Array): readonly number[] => {
  const strength = beats.map((at) => local[at]!)
  const smooth = strength.map((value, i) => value + ((strength[i - 1] ?? 0) + (strength[i + 1] ?? 0)) / 2)
  const enough = Math.sqrt(smooth.reduce((sum, value) => sum + value * value, 0) / beats.length) / 2
  const strong = (value: number) => value > enough
  return beats.slice(Math.max(0, smooth.findIndex(strong)), Math.max(0, smooth.findLastIndex(strong)))
}

const deviation = (x: Float64Array): number => {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length
  return Math.sqrt(x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (x.length - 1))
}

const median = (x: Float64Array): number => {
  const sorted = x.slice().sort()
  return (sorted[(x.length - 1) >> 1]! + sorted[x.length >> 1]!) / 2
}

const roundHalfEven = (x: number): number => (x % 1 === 0.5 ? 2 * Math.round(x / 2) : Math.round(x))
