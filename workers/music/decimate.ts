/**
 * @file Sound at the rate an analyser of music needs, made in pieces so that no second copy of a song is held.
 *
 * Nothing above 10 kHz tells a beat, and no exact rate is needed: all times come from the real one. So the rate is only
 * divided by a whole number, by one symmetric filter, at a tenth of the cost of a free ratio.
 */

/** Hz. The analysis rate lies within a factor of 1.5 of it, or is the sound's own where that is lower. */
const AIM_RATE = 22_050
/** Taps on each side, a unit of the factor: with a Hann window an alias is 44 dB down, and that is no onset. */
export const REACH = 8
/** Of the new Nyquist frequency. */
const CUTOFF = 0.9
/** A sample beyond this (or not a number) is a fault of a decoder: it is heard as silence. */
const ABSURD = 1e3

/** Sound, or the part of it that is at hand. The samples of a stream are replaced as it goes on. */
export interface Sound {
  samples: Float32Array
  /** The number of the first of them, counted from the start of the sound. */
  first: number
}

export interface Decimated {
  /** Hz. */
  readonly rate: number
  /** So many samples become one. */
  readonly factor: number
  /** Write the samples `from` to `from + into.length` into `into`; silence outside of the sound. */
  readonly read: (from: number, into: Float32Array) => void
}

export const decimate = (sound: Sound, sampleRate: number): Decimated => {
  const factor = Math.max(1, Math.round(sampleRate / AIM_RATE))
  const taps = lowPass(factor)
  const reach = taps.length
  const filtered = (number: number): number => {
    const { samples, first } = sound
    const at = number - first
    const middle = samples[at] ?? 0
    let sum = middle * taps[0]!
    if (at >= reach && at + reach <= samples.length)
      for (let k = 1; k < reach; k++) sum += taps[k]! * (samples[at - k]! + samples[at + k]!)
    else for (let k = 1; k < reach; k++) sum += taps[k]! * ((samples[at - k] ?? 0) + (samples[at + k] ?? 0))
    return Math.abs(sum) < ABSURD ? sum : 0
  }
  return {
    rate: sampleRate / factor,
    factor,
    read: (from, into) => {
      for (let n = 0; n < into.length; n++) into[n] = filtered((from + n) * factor)
    },
  }
}

/** One half of the symmetric impulse response, the middle first; unit gain. */
const lowPass = (factor: number): Float32Array => {
  if (factor === 1) return Float32Array.of(1)
  const taps = Float32Array.from({ length: REACH * factor }, (_, k) => {
    const phase = (Math.PI * CUTOFF * k) / factor
    return (k === 0 ? 1 : Math.sin(phase) / phase) * (0.5 + 0.5 * Math.cos((Math.PI * k) / (REACH * factor)))
  })
  const gain = taps.reduce((sum, tap) => sum + 2 * tap, -taps[0]!)
  return taps.map((tap) => tap / gain)
}
