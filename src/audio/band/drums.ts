/** @file The drum kit: what every drum is made of, as data, and striking it. */
import { sing } from './instrument'
import type { Instrument } from './instrument'
import { whiteNoise } from './noise'

/** A tone that falls from one pitch to another and dies away. */
interface Thud {
  readonly fromHz: number
  readonly toHz: number
  readonly fallS: number
  readonly decayS: number
  readonly level: number
  readonly type?: OscillatorType
}

/** Noise in a band; several `claps` are hands that do not quite meet. A riser swells instead of dying away. */
interface Hiss {
  readonly type: BiquadFilterType
  readonly hz: number
  readonly q: number
  readonly decayS: number
  readonly level: number
  readonly claps?: number
  readonly swells?: { readonly toHz: number }
}

interface Drum {
  /** How long it rings after a stroke, or after a held note has ended. */
  readonly lengthS: number
  readonly thuds?: readonly Thud[]
  readonly hisses?: readonly Hiss[]
}

export const DRUMS = {
  kick: {
    lengthS: 0.4,
    thuds: [
      { fromHz: 190, toHz: 50, fallS: 0.045, decayS: 0.26, level: 1 },
      { fromHz: 1800, toHz: 200, fallS: 0.012, decayS: 0.016, level: 0.35 },
    ],
  },
  softKick: { lengthS: 0.35, thuds: [{ fromHz: 110, toHz: 58, fallS: 0.04, decayS: 0.2, level: 0.9 }] },
  snare: {
    lengthS: 0.28,
    thuds: [{ fromHz: 260, toHz: 185, fallS: 0.03, decayS: 0.1, level: 0.5, type: 'triangle' }],
    hisses: [
      { type: 'highpass', hz: 1600, q: 0.5, decayS: 0.15, level: 0.45 },
      { type: 'bandpass', hz: 900, q: 0.8, decayS: 0.09, level: 0.4 },
    ],
  },
  clap: {
    lengthS: 0.32,
    hisses: [{ type: 'bandpass', hz: 1500, q: 1.1, decayS: 0.15, level: 1.1, claps: 3 }],
  },
  rim: {
    lengthS: 0.08,
    thuds: [{ fromHz: 900, toHz: 780, fallS: 0.01, decayS: 0.035, level: 0.6, type: 'triangle' }],
    hisses: [{ type: 'bandpass', hz: 3200, q: 2, decayS: 0.02, level: 0.6 }],
  },
  hat: { lengthS: 0.09, hisses: [{ type: 'highpass', hz: 7800, q: 0.8, decayS: 0.045, level: 0.8 }] },
  openHat: { lengthS: 0.32, hisses: [{ type: 'highpass', hz: 7000, q: 0.8, decayS: 0.24, level: 0.75 }] },
  shaker: { lengthS: 0.1, hisses: [{ type: 'bandpass', hz: 6200, q: 1.2, decayS: 0.07, level: 0.8 }] },
  brush: { lengthS: 0.26, hisses: [{ type: 'bandpass', hz: 3600, q: 0.6, decayS: 0.2, level: 0.6 }] },
  tom: {
    lengthS: 0.4,
    thuds: [{ fromHz: 190, toHz: 105, fallS: 0.06, decayS: 0.26, level: 0.9 }],
    hisses: [{ type: 'lowpass', hz: 900, q: 0.5, decayS: 0.04, level: 0.4 }],
  },
  cowbell: {
    lengthS: 0.2,
    thuds: [
      { fromHz: 562, toHz: 560, fallS: 0.1, decayS: 0.13, level: 0.3, type: 'square' },
      { fromHz: 845, toHz: 842, fallS: 0.1, decayS: 0.1, level: 0.25, type: 'square' },
    ],
  },
  zap: { lengthS: 0.2, thuds: [{ fromHz: 3600, toHz: 160, fallS: 0.05, decayS: 0.14, level: 0.5 }] },
  crash: {
    lengthS: 1.9,
    hisses: [
      { type: 'highpass', hz: 5200, q: 0.5, decayS: 1.5, level: 0.5 },
      { type: 'bandpass', hz: 3400, q: 1.4, decayS: 0.7, level: 0.35 },
    ],
  },
  boom: { lengthS: 1.4, thuds: [{ fromHz: 95, toHz: 34, fallS: 0.35, decayS: 1.2, level: 0.9 }] },
  riser: {
    lengthS: 0,
    hisses: [{ type: 'bandpass', hz: 500, q: 1.6, decayS: 1, level: 0.9, swells: { toHz: 9000 } }],
  },
} as const satisfies Record<string, Drum>

export type DrumName = keyof typeof DRUMS

export const drum = (spec: Drum, seed: number): Instrument => ({
  channels: 1,
  ringS: spec.lengthS,
  strike(out, at, _hz, heldS) {
    const { context } = out
    const until = at + heldS + spec.lengthS
    for (const { fromHz, toHz, fallS, decayS, level, type } of spec.thuds ?? []) {
      const osc = new OscillatorNode(context, { type: type ?? 'sine', frequency: fromHz })
      osc.frequency.setValueAtTime(fromHz, at)
      osc.frequency.setTargetAtTime(toHz, at, fallS / 2)
      sing(osc, at, until).connect(dying(out, at, decayS, level))
    }
    const frames = Math.ceil((until - at) * context.sampleRate)
    const noise = new AudioBuffer({ length: frames, sampleRate: context.sampleRate })
    noise.copyToChannel(whiteNoise(frames, seed), 0)
    for (const { type, hz, q, decayS, level, claps, swells } of spec.hisses ?? []) {
      const source = sing(new AudioBufferSourceNode(context, { buffer: noise }), at, until)
      const band = new BiquadFilterNode(context, { type, frequency: hz, Q: q })
      source.connect(band)
      for (let clap = 1; clap < (claps ?? 1); clap++)
        band.connect(dying(out, at + (clap - 1) * 0.011, 0.012, level * 0.7))
      if (swells) {
        band.frequency.setValueAtTime(hz, at)
        band.frequency.exponentialRampToValueAtTime(swells.toHz, until)
        const swell = new GainNode(context, { gain: 0 })
        swell.gain.setValueAtTime(0.002, at)
        swell.gain.exponentialRampToValueAtTime(level, until - 0.04)
        swell.gain.linearRampToValueAtTime(0, until)
        band.connect(swell).connect(out)
      } else band.connect(dying(out, at + ((claps ?? 1) - 1) * 0.011, decayS, level))
    }
  },
})

const dying = (out: AudioNode, at: number, decayS: number, level: number) => {
  const gain = new GainNode(out.context, { gain: 0 })
  gain.gain.setValueAtTime(0, at)
  gain.gain.linearRampToValueAtTime(level, at + 0.001)
  gain.gain.setTargetAtTime(0, at + 0.001, decayS / 4)
  gain.connect(out)
  return gain
}
