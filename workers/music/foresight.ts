/**
 * @file Beats that have not been heard yet: a curve through those that have been, drawn on. The tempo of people drifts, so the
 * curve may bend, by as much as what was heard proves.
 */
import { quantile } from './signal'

/** The moment of beat n in seconds; 0 is the last that was heard, the next is 1. */
export type Foresight = (n: number) => number

/** Seconds after which a beat counts less by e: older ones tell of an older tempo. */
const MEMORY_S = 10
/** By which share a tempo usually changes in a second, more or less: what seems to bend more must be proved. */
const USUAL_DRIFT = 0.0006
/** A tempo changes by no more than this share in a second. */
const STEEPEST = 0.006
/** A beat farther from the curve than so many usual distances hardly counts (Huber). */
const OUTLIER = 2.5

/** From four beats or more, in seconds and in order, and how much each is worth. A weighted fit of second order. */
export const foresee = (beats: readonly number[], worth: readonly number[]): Foresight => {
  const last = beats.length - 1
  const period = (beats[last]! - beats[0]!) / last
  const numbers = beats.map((_, i) => i - last)
  let weights = numbers.map((n, i) => worth[i]! * Math.exp((n * period) / MEMORY_S))
  let curve = fit(numbers, beats, weights)
  for (let pass = 0; pass < 2; pass++) {
    const errors = beats.map((at, i) => Math.abs(at - curve(numbers[i]!)))
    const usual = Math.max(0.002, quantile(errors, 0.5))
    weights = weights.map((weight, i) => weight * Math.min(1, (OUTLIER * usual) / Math.max(1e-9, errors[i]!)))
    curve = fit(numbers, beats, weights)
  }
  return curve
}

const fit = (x: readonly number[], y: readonly number[], weights: readonly number[]): Foresight => {
  const sum = (of: (i: number) => number) => x.reduce((total, _, i) => total + weights[i]! * of(i), 0)
  const all = sum(() => 1)
  // Polynomials that are orthogonal on these weights: each coefficient stands alone.
  const mean = sum((i) => x[i]!) / all
  const line = (n: number) => n - mean
  const spread = sum((i) => line(x[i]!) ** 2)
  const skew = sum((i) => line(x[i]!) ** 3) / spread
  const bow = (n: number) => line(n) ** 2 - skew * line(n) - spread / all
  const power = Math.max(
    1e-9,
    sum((i) => bow(x[i]!) ** 2),
  )
  const middle = sum((i) => y[i]!) / all
  const slope = sum((i) => y[i]! * line(x[i]!)) / spread
  let bend = sum((i) => y[i]! * bow(x[i]!)) / power
  const squares = sum((i) => (y[i]! - middle - slope * line(x[i]!) - bend * bow(x[i]!)) ** 2)
  const error = Math.sqrt((squares / all) * (sum((i) => weights[i]! * bow(x[i]!) ** 2) / power ** 2))
  const usual = 0.5 * USUAL_DRIFT * slope ** 2
  bend *= usual ** 2 / (usual ** 2 + error ** 2 + 1e-18)
  const most = 0.5 * STEEPEST * slope ** 2
  bend = Math.max(-most, Math.min(most, bend))
  return (n) => middle + slope * line(n) + bend * bow(n)
}
