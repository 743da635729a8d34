/** @file What is played and when, as a beat is felt in it: onsets of the whole and of parts of the spectrum. */
import type { Heard } from './hearing'
import { mean, movingMean, peakNear, quantile } from './signal'

/** An onset envelope, made comparable over the music: what rises above its surroundings, by their usual height. */
export interface Pulse {
  /** Frames a second. */
  readonly rate: number
  /** All parts of the spectrum together, for the times of beats. */
  readonly onset: Float32Array
  /** Low, mid and high, each alone. */
  readonly parts: readonly [Float32Array, Float32Array, Float32Array]
}

/** Shares of low, mid and high in the whole: a cymbal says when, a drum says that it is a beat. */
const SHARES = [0.5, 0.38, 0.12] as const
const SURROUNDINGS_S = 0.5
const USUAL_S = 5

export const pulseOf = ({ onsets: whole, upTo, rate }: Heard): Pulse => {
  const onsets = whole.map((part) => part.subarray(0, upTo)) as unknown as Heard['onsets']
  const shape = (raw: Float32Array) => {
    const floor = movingMean(raw, Math.round(SURROUNDINGS_S * rate))
    return raw.map((v, i) => Math.max(0, v - floor[i]!))
  }
  const sum = new Float32Array(onsets[0].length)
  onsets.forEach((raw, part) => raw.forEach((v, i) => (sum[i]! += v * SHARES[part as 0 | 1 | 2])))
  const risen = shape(sum)
  const squares = risen.map((v) => v * v)
  const level = Math.sqrt(mean(squares))
  const usual = movingMean(squares, Math.round(USUAL_S * rate)).map((v) =>
    Math.max(1e-4, 0.3 * level, Math.sqrt(v)),
  )
  return {
    rate,
    onset: risen.map((v, i) => v / usual[i]!),
    // By the same measure: that a part is silent must stay visible.
    parts: onsets.map((raw) => shape(raw).map((v, i) => v / usual[i]!)) as unknown as Pulse['parts'],
  }
}

/** Weights of low, mid and high in an accent: drums and chords make beats, hi-hats fill them. */
const ACCENT = [1.3, 0.9, 0.25] as const

/** How heavily something is played around a frame. */
export const accentAt = ({ parts }: Pulse, frame: number, reach: number): number => {
  let sum = 0
  for (let part = 0; part < 3; part++) sum += ACCENT[part]! * peakNear(parts[part]!, frame, reach)
  return sum
}

/** The same between two frames. */
export const sliced = (pulse: Pulse, from: number, to: number): Pulse => ({
  rate: pulse.rate,
  onset: pulse.onset.subarray(from, to),
  parts: pulse.parts.map((part) => part.subarray(from, to)) as unknown as Pulse['parts'],
})

/** Seconds around a beat among whose beats it is strong or weak. */
const COMPARED_S = 5

/** How strongly each beat is played, 0 to 1; `beats` in frames. */
export const strengthsOf = (pulse: Pulse, beats: readonly number[]): number[] => {
  const accents = beats.map((beat) => accentAt(pulse, beat, 4))
  const reach = COMPARED_S * pulse.rate
  return beats.map((beat, i) => {
    const others = accents.filter((_, k) => Math.abs(beats[k]! - beat) < reach)
    return Math.min(1, accents[i]! / Math.max(0.3, quantile(others, 0.9)))
  })
}

/** Jitter of a player, in frames, that still counts as together. */
export const blurred = (x: Float32Array): Float32Array =>
  x.map((v, i) => v + 0.75 * ((x[i - 1] ?? 0) + (x[i + 1] ?? 0)) + 0.3 * ((x[i - 2] ?? 0) + (x[i + 2] ?? 0)))

export const centred = (x: Float32Array): Float32Array => {
  const middle = mean(x)
  return x.map((v) => v - middle)
}
