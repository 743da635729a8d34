/** @file Energy in bands of the mel scale, as librosa 0.8.1 has it (Slaney's scale, each triangle of the same area). */
import { GRID } from './frames'

export const MELS = 128
/** dB below the greatest value that are still told apart (librosa's `top_db`). */
const RANGE_DB = 80
/** Power below which all is the same (librosa's `amin`). */
const FAINT = 1e-10

const toMel = (hz: number): number =>
  hz < 1000 ? (3 * hz) / 200 : 15 + (27 * Math.log(hz / 1000)) / Math.log(6.4)
const toHz = (mel: number): number =>
  mel < 15 ? (200 * mel) / 3 : 1000 * Math.exp(((mel - 15) * Math.log(6.4)) / 27)

export interface MelBank {
  /** How many. */
  readonly bands: number
  /** From the powers of the bins to those of the bands, written into `into` from `at` on. */
  readonly apply: (power: Float64Array, into: Float64Array, at: number) => void
}

/**
 * 128 bands from 0 to `topHz` on the spectrum of `window` samples. It may lie above half of the rate: the bands up there are
 * empty, and with `keep` = 'live' those without a bin are left out.
 */
export const melBank = (
  rateHz: number,
  topHz: number,
  window = GRID.window,
  keep: 'all' | 'live' = 'all',
): MelBank => {
  const edges = Array.from({ length: MELS + 2 }, (_, i) => toHz((toMel(topHz) * i) / (MELS + 1)))
  const all = Array.from({ length: MELS }, (_, m) => {
    const [low, middle, high] = [edges[m]!, edges[m + 1]!, edges[m + 2]!]
    const first = Math.ceil((low * window) / rateHz)
    const last = Math.min(window / 2, Math.floor((high * window) / rateHz))
    const weights = Float64Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => {
      const hz = ((first + k) * rateHz) / window
      return (
        (Math.max(0, Math.min((hz - low) / (middle - low), (high - hz) / (high - middle))) * 2) / (high - low)
      )
    })
    return { first, weights }
  })
  const bands = all.filter(({ weights }) => keep === 'all' || weights.some((weight) => weight > 0))
  return {
    bands: bands.length,
    apply: (power, into, at) => {
      for (let m = 0; m < bands.length; m++) {
        const { first, weights } = bands[m]!
        let sum = 0
        for (let k = 0; k < weights.length; k++) sum += power[first + k]! * weights[k]!
        into[at + m] = sum
      }
    },
  }
}

const greatest = (x: Float64Array): number => {
  let most = -Infinity
  for (const value of x) if (value > most) most = value
  return most
}

/**
 * Powers in decibels, in their place: relative to 1, or to the greatest of them, and not lower than 80 dB below the greatest
 * (librosa's `power_to_db`).
 */
export const decibels = (power: Float64Array, relativeTo: 'one' | 'greatest'): Float64Array => {
  const level = (value: number) => 10 * Math.log10(Math.max(FAINT, value))
  const reference = relativeTo === 'one' ? 0 : level(greatest(power))
  for (let i = 0; i < power.length; i++) power[i] = level(power[i]!) - reference
  const floor = greatest(power) - RANGE_DB
  for (let i = 0; i < power.length; i++) if (power[i]! < floor) power[i] = floor
  return power
}
