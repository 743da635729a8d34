/** @file A synthesiser: its patches as data, and the one voice that plays them. */
import { sing } from './instrument'
import type { Instrument } from './instrument'

interface Patch {
  /** Seconds; the level falls to `sustain` in about `decayS`. */
  readonly attackS: number
  readonly decayS: number
  readonly sustain: number
  readonly releaseS: number
  readonly waves: readonly {
    readonly type: OscillatorType
    readonly level: number
    /** Multiple of the note's frequency. */
    readonly ratio?: number
    readonly cents?: number
    /** -1 left to 1 right. */
    readonly side?: number
    /** A partial of its own that dies away. */
    readonly decayS?: number
  }[]
  /** A sine that bends the first wave: the bright start of tines and bells. Depth in multiples of the frequency. */
  readonly fm?: { readonly ratio: number; readonly depth: number; readonly decayS: number }
  /** Cut-offs are multiples of the note's frequency plus Hz. */
  readonly filter?: {
    readonly type: 'lowpass' | 'bandpass'
    readonly open: readonly [ratio: number, hz: number]
    readonly rest: readonly [ratio: number, hz: number]
    readonly decayS: number
    readonly q: number
  }
  /** Two vowels, as pairs of formants in Hz: the note speaks from one to the other. */
  readonly vowels?: readonly [readonly [number, number], readonly [number, number]]
  readonly vibrato?: { readonly hz: number; readonly cents: number }
}

/** A wave, several times slightly apart and spread over the sides. */
const choir = (type: OscillatorType, cents: readonly number[], level: number, width = 1, ratio = 1) =>
  cents.map((c, i) => ({
    type,
    cents: c,
    ratio,
    level: level / Math.sqrt(cents.length),
    side: cents.length > 1 ? width * ((2 * i) / (cents.length - 1) - 1) : 0,
  }))

export const PATCHES = {
  clavinet: {
    waves: [
      { type: 'square', level: 0.45 },
      { type: 'sawtooth', level: 0.4, cents: 4 },
      { type: 'sine', level: 0.6 },
    ],
    filter: { type: 'lowpass', open: [14, 900], rest: [2.5, 200], decayS: 0.14, q: 5 },
    ...{ attackS: 0.003, decayS: 0.35, sustain: 0.35, releaseS: 0.06 },
  },
  scratch: {
    waves: [
      { type: 'square', level: 0.5 },
      { type: 'sawtooth', level: 0.5, cents: 7 },
    ],
    filter: { type: 'bandpass', open: [3, 1800], rest: [2, 700], decayS: 0.09, q: 1.6 },
    ...{ attackS: 0.003, decayS: 0.16, sustain: 0.1, releaseS: 0.05 },
  },
  tines: {
    waves: [
      { type: 'sine', level: 0.8, side: -0.3 },
      { type: 'sine', level: 0.35, cents: 5, side: 0.5 },
      { type: 'sine', level: 0.08, ratio: 4, side: 0.2, decayS: 0.3 },
    ],
    fm: { ratio: 1, depth: 1.6, decayS: 0.5 },
    ...{ attackS: 0.003, decayS: 1.4, sustain: 0.15, releaseS: 0.18 },
  },
  brass: {
    waves: choir('sawtooth', [-9, 0, 8], 0.8, 0.6),
    filter: { type: 'lowpass', open: [6, 1200], rest: [3, 600], decayS: 0.25, q: 1 },
    ...{ attackS: 0.02, decayS: 0.3, sustain: 0.6, releaseS: 0.12 },
  },
  lead: {
    waves: [
      { type: 'square', level: 0.35, side: -0.2 },
      { type: 'sawtooth', level: 0.35, cents: 6, side: 0.2 },
    ],
    filter: { type: 'lowpass', open: [7, 800], rest: [3, 500], decayS: 0.3, q: 2 },
    vibrato: { hz: 5.2, cents: 9 },
    ...{ attackS: 0.008, decayS: 0.4, sustain: 0.6, releaseS: 0.14 },
  },
  pluck: {
    waves: choir('sawtooth', [-6, 6], 0.7, 0.5),
    filter: { type: 'lowpass', open: [9, 1500], rest: [1.5, 150], decayS: 0.16, q: 1.5 },
    ...{ attackS: 0.003, decayS: 0.4, sustain: 0.05, releaseS: 0.25 },
  },
  pad: {
    waves: choir('sawtooth', [-11, -4, 5, 10], 0.7),
    filter: { type: 'lowpass', open: [2, 500], rest: [3, 900], decayS: 1, q: 0.7 },
    ...{ attackS: 0.25, decayS: 1, sustain: 0.85, releaseS: 0.5 },
  },
  organ: {
    waves: [
      { type: 'sine', level: 0.5, side: -0.4 },
      { type: 'sine', level: 0.4, ratio: 2, side: 0.4 },
      { type: 'sine', level: 0.25, ratio: 3, side: -0.2 },
      { type: 'triangle', level: 0.25, ratio: 4, cents: 3, side: 0.5, decayS: 0.2 },
    ],
    ...{ attackS: 0.004, decayS: 0.25, sustain: 0.4, releaseS: 0.08 },
  },
  strings: {
    waves: choir('sawtooth', [-12, -3, 4, 13], 0.7),
    filter: { type: 'lowpass', open: [4, 1400], rest: [3, 1100], decayS: 0.4, q: 0.6 },
    vibrato: { hz: 5.6, cents: 7 },
    ...{ attackS: 0.07, decayS: 0.5, sustain: 0.8, releaseS: 0.25 },
  },
  musicBox: {
    waves: [
      { type: 'sine', level: 0.6, side: -0.2 },
      { type: 'sine', level: 0.22, ratio: 2, side: 0.3, decayS: 0.7 },
      { type: 'sine', level: 0.14, ratio: 3.01, side: -0.4, decayS: 0.35 },
      { type: 'sine', level: 0.09, ratio: 6.27, side: 0.5, decayS: 0.12 },
    ],
    ...{ attackS: 0.002, decayS: 1.1, sustain: 0, releaseS: 0.9 },
  },
  warmBass: {
    waves: [
      { type: 'sine', level: 0.8 },
      { type: 'sawtooth', level: 0.4 },
      { type: 'square', level: 0.15, cents: 5 },
    ],
    filter: { type: 'lowpass', open: [8, 300], rest: [2.5, 150], decayS: 0.18, q: 1.5 },
    ...{ attackS: 0.004, decayS: 0.4, sustain: 0.65, releaseS: 0.06 },
  },
  doubleBass: {
    waves: [
      { type: 'triangle', level: 0.9 },
      { type: 'sine', level: 0.3 },
      { type: 'sine', level: 0.15, ratio: 3, decayS: 0.15 },
    ],
    ...{ attackS: 0.006, decayS: 0.9, sustain: 0.15, releaseS: 0.2 },
  },
  acid: {
    waves: [
      { type: 'sawtooth', level: 0.6 },
      { type: 'square', level: 0.25 },
      { type: 'sine', level: 0.45 },
    ],
    filter: { type: 'lowpass', open: [13, 600], rest: [2.2, 120], decayS: 0.11, q: 9 },
    ...{ attackS: 0.003, decayS: 0.2, sustain: 0.5, releaseS: 0.04 },
  },
  chip: {
    waves: [
      { type: 'square', level: 0.4, side: -0.3 },
      { type: 'square', level: 0.25, cents: 7, side: 0.5 },
    ],
    filter: { type: 'lowpass', open: [9, 1500], rest: [4, 600], decayS: 0.1, q: 1 },
    ...{ attackS: 0.002, decayS: 0.12, sustain: 0.35, releaseS: 0.05 },
  },
  robot: {
    waves: [
      { type: 'sawtooth', level: 0.9, side: -0.25 },
      { type: 'sawtooth', level: 0.7, cents: 8, side: 0.25 },
    ],
    vowels: [
      [320, 2100],
      [780, 1250],
    ],
    ...{ attackS: 0.012, decayS: 0.3, sustain: 0.8, releaseS: 0.07 },
  },
} as const satisfies Record<string, Patch>

export type PatchName = keyof typeof PATCHES

/** Plays a patch: waves → filter → level. */
export const voice = (patch: Patch): Instrument => ({
  channels: patch.waves.some(({ side }) => side) ? 2 : 1,
  ringS: patch.releaseS,
  strike(out, at, hz, lengthS) {
    const { context } = out
    const end = at + Math.max(lengthS, patch.attackS + 0.01)
    const until = end + patch.releaseS
    const level = new GainNode(context, { gain: 0 })
    level.gain.setValueAtTime(0, at)
    level.gain.linearRampToValueAtTime(1, at + patch.attackS)
    level.gain.setTargetAtTime(patch.sustain, at + patch.attackS, patch.decayS / 3)
    level.gain.setTargetAtTime(0, end, patch.releaseS / 6)
    level.connect(out)
    const body = colour(patch, level, at, hz, end)
    patch.waves.forEach((wave, i) => {
      const pitch = hz * (wave.ratio ?? 1)
      if (pitch > 15_000) return
      const osc = new OscillatorNode(context, { type: wave.type, frequency: pitch, detune: wave.cents ?? 0 })
      const gain = new GainNode(context, { gain: wave.level })
      if (wave.decayS) gain.gain.setTargetAtTime(0, at, wave.decayS / 3)
      osc.connect(gain)
      if (wave.side) gain.connect(new StereoPannerNode(context, { pan: wave.side })).connect(body)
      else gain.connect(body)
      if (patch.fm && i === 0) {
        const { ratio, depth, decayS } = patch.fm
        const bend = new GainNode(context, { gain: depth * hz })
        bend.gain.setTargetAtTime(0.15 * depth * hz, at, decayS / 3)
        sing(new OscillatorNode(context, { frequency: hz * ratio }), at, until)
          .connect(bend)
          .connect(osc.frequency)
      }
      if (patch.vibrato && lengthS > 0.3 && i % 2 === 0) {
        const bend = new GainNode(context, { gain: 0 })
        bend.gain.setTargetAtTime(patch.vibrato.cents, at + 0.15, 0.15) // a player finds the pitch first
        const speed = patch.vibrato.hz * (1 + 0.05 * i) // half of the players, each at a speed of their own
        sing(new OscillatorNode(context, { frequency: speed }), at, until)
          .connect(bend)
          .connect(osc.detune)
      }
      sing(osc, at, until)
    })
  },
})

/** What stands between the waves and their level. */
const colour = (
  { filter, vowels }: Patch,
  level: AudioNode,
  at: number,
  hz: number,
  end: number,
): AudioNode => {
  const { context } = level
  if (vowels) {
    const [from, to] = vowels
    const mouth = new GainNode(context)
    from.forEach((formant, i) => {
      const band = new BiquadFilterNode(context, { type: 'bandpass', frequency: formant, Q: 5 })
      band.frequency.setValueAtTime(formant, at)
      band.frequency.exponentialRampToValueAtTime(to[i]!, Math.min(end, at + 0.28))
      mouth.connect(band).connect(level)
    })
    mouth.connect(new BiquadFilterNode(context, { type: 'lowpass', frequency: 2 * hz })).connect(level)
    return mouth
  }
  if (!filter) return level
  const cut = ([ratio, constant]: readonly [number, number]) => Math.min(16_000, ratio * hz + constant)
  const node = new BiquadFilterNode(context, {
    type: filter.type,
    Q: filter.q,
    frequency: cut(filter.open),
  })
  node.frequency.setTargetAtTime(cut(filter.rest), at, filter.decayS / 2)
  node.connect(level)
  return node
}
