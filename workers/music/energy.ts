/**
 * @file Loudness as it is felt. What was once said of a moment stays: a moment is measured against the loudest of all
 * before it and of the few seconds after it, never against what comes later.
 */
import type { Score } from '../../src/shared/contracts'
import type { Heard } from './hearing'
import { quantile } from './signal'

export const ENERGIES_PER_SECOND = 10
/** Stevens: twice as loud is ten decibels more, which is the 0.3rd power of the mean square. */
const STEVENS = 0.3
/** Seconds ahead, and the first ones that are always taken together. */
const AHEAD_S = 4
const OPENING_S = 10
/** Seconds over which one value looks, half on each side. */
const BLUR_S = 0.1

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

/**
 * From mean squares a frame to values a tenth of a second, 0 to 1; `floor` is the mean square that is 1 even if nothing
 * louder comes: a soft beginning must not look like a climax.
 */
const feel = (squares: Float32Array, upTo: number, rate: number, floor: number): Float32Array => {
  const count = Math.floor((upTo / rate) * ENERGIES_PER_SECOND)
  const sones = Float32Array.from({ length: count }, (_, i) => {
    const from = Math.max(0, Math.round((i / ENERGIES_PER_SECOND - BLUR_S / 2) * rate))
    const to = Math.min(upTo, Math.round(((i + 1) / ENERGIES_PER_SECOND + BLUR_S / 2) * rate))
    let sum = 0
    for (let frame = from; frame < to; frame++) sum += squares[frame]!
    return (sum / Math.max(1, to - from)) ** STEVENS
  })
  const least = floor ** STEVENS
  const opening = Math.max(least, quantile(sones.subarray(0, OPENING_S * ENERGIES_PER_SECOND), 0.98))
  let most = opening
  let next = 0
  return sones.map((value, i) => {
    for (; next < Math.min(count, i + AHEAD_S * ENERGIES_PER_SECOND); next++)
      if (next >= OPENING_S * ENERGIES_PER_SECOND) most = Math.max(most, sones[next]!)
    return Math.min(1, value / most)
  })
}
