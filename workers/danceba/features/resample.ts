/**
 * @file Sound at another rate, piece by piece: a sinc in a Kaiser window that reproduces libsamplerate's medium converter to
 * 2e-6. Its roll-off decides whether the beat features exist: the highest mel bands lie in it, and with a wider or a steeper
 * one they wake up (see onset.ts).
 */
import { Fault } from '../../../src/shared/fault'
import { kaiser, sinc } from './kaiser'

/** Cut-off as a part of the lower Nyquist frequency; half width in periods of the lower rate; shape of the window. */
const CUTOFF = 0.919062
const HALF_WIDTH = 45.6918
const BETA = 12.2531
/** Filters kept, for places between two samples. Rates that need more get theirs between two of so many: an error of 1e-6. */
const MOST_PHASES = 1024

export interface Resampler {
  /** What comes out of the samples so far. What is not a number is heard as silence. */
  readonly push: (samples: Float32Array) => Float32Array<ArrayBuffer>
  /** The rest: floor(samples x to / from) in all. */
  readonly end: () => Float32Array<ArrayBuffer>
}

/** Rates in Hz; no delay: sample j is at j / to seconds. Throws `bad-input` for rates that are no rates. */
export const resampler = (fromHz: number, toHz: number): Resampler => {
  if (!(fromHz > 0 && toHz > 0 && fromHz < Infinity && toHz < Infinity))
    throw new Fault('bad-input', `Sound cannot be brought from ${fromHz} to ${toHz} Hz.`, {
      detail: { fromHz, toHz },
    })
  if (fromHz === toHz) return { push: (samples) => finite(samples.slice()), end: () => new Float32Array(0) }
  const { filterAt, reach } = filters(fromHz, toHz)
  /** Samples from number `first` on; `reach` zeros come before the sound. */
  let held: Float32Array = new Float32Array(reach)
  let first = -reach
  let [received, made] = [0, 0]

  const make = (upTo: number): Float32Array<ArrayBuffer> => {
    const out = new Float32Array(Math.max(0, upTo - made))
    for (let i = 0; i < out.length; i++, made++) {
      const place = (made * fromHz) / toHz
      const at = Math.floor(place)
      out[i] = filterAt(place - at, held, at - reach + 1 - first)
    }
    return out
  }
  const hold = (samples: Float32Array): void => {
    const keep = Math.max(0, Math.min(held.length, Math.floor((made * fromHz) / toHz) - reach - first))
    const next = new Float32Array(held.length - keep + samples.length)
    next.set(held.subarray(keep))
    next.set(samples, held.length - keep)
    finite(next.subarray(held.length - keep))
    held = next
    first += keep
  }
  return {
    push: (samples) => {
      hold(samples)
      received += samples.length
      return make(Math.floor(((received - reach) * toHz) / fromHz))
    },
    end: () => {
      hold(new Float32Array(reach + 1))
      return make(Math.floor((received * toHz) / fromHz))
    },
  }
}

const finite = (samples: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> => {
  for (let i = 0; i < samples.length; i++) if (!Number.isFinite(samples[i]!)) samples[i] = 0
  return samples
}

/** Filters of 2 x reach taps: tap i weighs the sample that lies i - reach + 1 after the one at or before the place. */
const filters = (fromHz: number, toHz: number) => {
  const lower = Math.min(fromHz, toHz)
  const reach = Math.ceil((HALF_WIDTH * fromHz) / lower)
  const cutoff = (CUTOFF * lower) / fromHz // cycles in two samples
  const made = new Map<number, Float64Array>()
  const phases = phasesOf(fromHz, toHz)
  const filter = (phase: number): Float64Array => {
    const known = made.get(phase)
    if (known) return known
    const taps = Float64Array.from({ length: 2 * reach }, (_, i) => {
      const distance = i - reach + 1 - phase / phases
      return cutoff * sinc(cutoff * distance) * kaiser((distance * lower) / (HALF_WIDTH * fromHz), BETA)
    })
    made.set(phase, taps)
    return taps
  }
  return {
    reach,
    /** The sound at `part` (0 to 1) after a sample; the taps begin at `x[from]`. */
    filterAt: (part: number, x: Float32Array, from: number): number => {
      const phase = Math.floor(part * phases + 1e-6)
      const beyond = part * phases - phase
      const here = product(filter(phase), x, from)
      return beyond < 1e-6 ? here : here + beyond * (product(filter(phase + 1), x, from) - here)
    },
  }
}

/** How many places between two samples there are to look at. */
const phasesOf = (fromHz: number, toHz: number): number => {
  for (let phases = 1; phases < MOST_PHASES; phases++)
    if (Number.isInteger((phases * fromHz) / toHz)) return phases
  return MOST_PHASES
}

/** The number of taps is even. */
const product = (taps: Float64Array, x: Float32Array, from: number): number => {
  let [even, odd] = [0, 0]
  for (let i = 0; i < taps.length; i += 2) {
    even += taps[i]! * x[from + i]!
    odd += taps[i + 1]! * x[from + i + 1]!
  }
  return even + odd
}
