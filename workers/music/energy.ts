/**
 * @file Loudness as it is felt. What was once said of a moment stays: a moment is measured against the loudest of all
 * before it and of the few seconds after it, never against what comes later.
 */
import type { Score } from '../../src/shared/contracts'
import type { Heard } from './hearing'
import { mean, quantile } from './signal'

export const ENERGIES_PER_SECOND = 10
/** Stevens: twice as loud is ten decibels more, which is the 0.3rd power of the mean square. */
const STEVENS = 0.3
/** Seconds ahead, and the first ones that are always taken together. */
const AHEAD_S = 4
const OPENING_S = 10
/** Seconds over which one value looks, half on each side. */
const BLUR_S = 0.1

/** Mean square of silence. */
export const SILENT = 1e-6
/** Mean squares of a sound that is at full energy even if nothing louder comes (-23 dB); its bands have less. */
const LOUD = 5e-3
const LOUD_BANDS = [2.5e-3, 2.5e-3, 2.5e-4] as const

/** Of all that has been heard. */
export const loudnessOf = ({ loudness, bands, upTo, rate }: Heard): Pick<Score, 'energy' | 'bands'> => {
  const [low, mid, high] = bands.map((band, i) => feel(band, upTo, rate, LOUD_BANDS[i]!)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ]
  return { energy: feel(loudness, upTo, rate, LOUD), bands: { low, mid, high } }
}

/** Mean squares a frame as loudness that is felt, a value each tenth of a second, in no unit. */
const sonesOf = (squares: Float32Array, upTo: number, rate: number): Float32Array =>
  Float32Array.from({ length: Math.floor((upTo / rate) * ENERGIES_PER_SECOND) }, (_, i) => {
    const from = Math.max(0, Math.round((i / ENERGIES_PER_SECOND - BLUR_S / 2) * rate))
    const to = Math.min(upTo, Math.round(((i + 1) / ENERGIES_PER_SECOND + BLUR_S / 2) * rate))
    return mean(squares.subarray(from, to)) ** STEVENS
  })

/**
 * From mean squares a frame to values a tenth of a second, 0 to 1; `floor` is the mean square that is 1 even if nothing
 * louder comes: a soft beginning must not look like a climax.
 */
const feel = (squares: Float32Array, upTo: number, rate: number, floor: number): Float32Array => {
  const sones = sonesOf(squares, upTo, rate)
  const least = floor ** STEVENS
  let most = Math.max(least, quantile(sones.subarray(0, OPENING_S * ENERGIES_PER_SECOND), 0.98))
  let next = 0
  return sones.map((value, i) => {
    for (; next < Math.min(sones.length, i + AHEAD_S * ENERGIES_PER_SECOND); next++)
      if (next >= OPENING_S * ENERGIES_PER_SECOND) most = Math.max(most, sones[next]!)
    return Math.min(1, value / most)
  })
}

/** How loud it is now, of the whole and of low, mid and high, each 0 to 1. */
export type Levels = readonly [number, number, number, number]

/** Seconds over which loudness is "now", and after which the loudest moment counts half: somebody turned the music down. */
const NOW_S = 2
const FADE_S = 120

/** The level of music that goes on, by the loudest of the last minutes. Asked once in `everyS` seconds. */
export const levelMeter = (everyS: number) => {
  const most = [LOUD, ...LOUD_BANDS].map((floor) => floor ** STEVENS)
  const least = [...most]
  const fade = 0.5 ** (everyS / FADE_S)
  return ({ loudness, bands, upTo, rate }: Heard): Levels => {
    const from = Math.max(0, Math.round(upTo - NOW_S * rate))
    return [loudness, ...bands].map((squares, i) => {
      const sones = sonesOf(squares.subarray(from, upTo), upTo - from, rate)
      most[i] = Math.max(least[i]!, most[i]! * fade, quantile(sones, 0.98))
      return Math.min(1, mean(sones) / most[i])
    }) as unknown as Levels
  }
}
