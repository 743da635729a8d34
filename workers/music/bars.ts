/**
 * @file Which beats begin a bar, how many beats a bar has, and how the beat is divided.
 *
 * A bar begins where the chord changes, where the bass is, and not where the snare drum is.
 */
import { chromaBetween } from './harmony'
import type { Heard } from './hearing'
import { accentAt, type Pulse } from './pulse'
import { cosine, mean, peakNear, standardised, vertex } from './signal'

/** What is known of a beat, each standardised over the beats at hand. */
interface BeatCues {
  /** How much speaks for a bar that begins here. */
  readonly first: readonly number[]
  /** All of what is heard on a beat, to compare beats with one another. */
  readonly likeness: readonly (readonly number[])[]
}

/** `beats` in frames. */
export const cuesOf = (heard: Heard, pulse: Pulse, beats: readonly number[]): BeatCues => {
  const chords = beats.map((beat, i) => {
    const next = beats[i + 1] ?? Math.min(heard.upTo, 2 * beat - (beats[i - 1] ?? beat - 50))
    return chromaBetween(heard, beat + 2, next)
  })
  const change = standardised(
    beats.map((_, i) => {
      const [before, now] = [chords[i - 1], chords[i]!]
      if (!before) return 0
      const wide = 1 - cosine(added(before, chords[i - 2]), added(now, chords[i + 1]))
      return wide + 0.7 * (1 - cosine(before, now))
    }),
  )
  const at = (part: 0 | 1 | 2) => beats.map((beat) => peakNear(pulse.parts[part], beat, 4))
  const [low, mid, high] = [standardised(at(0)), standardised(at(1)), standardised(at(2))]
  return {
    first: beats.map((_, i) => change[i]! + 0.6 * low[i]! - 0.25 * mid[i]! - 0.15 * high[i]!),
    likeness: beats.map((_, i) => [low[i]!, mid[i]!, high[i]!, 0.8 * change[i]!]),
  }
}

const added = (a: Float32Array, b: Float32Array | undefined): Float32Array =>
  b ? a.map((v, i) => v + b[i]!) : a

export interface Metre {
  readonly beatsPerBar: 3 | 4
  /** By how much the choice and its phase are ahead of the next. */
  readonly margin: number
}

export const findMetre = (cues: BeatCues): Metre => {
  const count = cues.first.length
  if (count < 8) return { beatsPerBar: 4, margin: 0 }
  const phaseScores = (bar: number) =>
    Array.from({ length: bar }, (_, phase) => {
      const on = cues.first.filter((_, i) => i % bar === phase)
      const off = cues.first.filter((_, i) => i % bar !== phase)
      return (mean(on) - mean(off)) / Math.sqrt(1 / on.length + 1 / off.length)
    }).sort((a, b) => b - a)
  const alike = (lag: number) => {
    if (lag > count - 4) return 0
    const pairs = cues.likeness.slice(lag).map((now, i) => {
      const then = cues.likeness[i]!
      return mean(now.map((v, k) => v * then[k]!))
    })
    return mean(pairs)
  }
  // Two bars of three as against one and two of four: a lag that both have says nothing.
  const three = 1.2 * (alike(3) + 0.5 * alike(6) + 0.5 * alike(9))
  const four = alike(4) + 0.5 * alike(8) + 0.5 * alike(2)
  const [three1, three2] = phaseScores(3) as [number, number]
  const [four1, four2] = phaseScores(4) as [number, number]
  const lead = 3 * (three - four) + 0.5 * (three1 - four1) - 0.6
  return {
    beatsPerBar: lead > 0 ? 3 : 4,
    margin: Math.min(Math.abs(lead), lead > 0 ? three1 - three2 : four1 - four2),
  }
}

/** What it takes to begin a bar early or late: several bars that say so. */
const OUT_OF_STEP = 9

/**
 * The indices of the beats that begin a bar (Viterbi over the place in the bar). `first` is the place in the bar of the
 * beat at index 0 where it is known.
 */
export const findDownbeats = (cues: BeatCues, beatsPerBar: number, first?: number): number[] => {
  const places = Array.from({ length: beatsPerBar }, (_, place) => place)
  let score = places.map((place) => (first === undefined || place === first ? 0 : -OUT_OF_STEP))
  const back: number[][] = []
  cues.first.forEach((cue, i) => {
    const chosen: number[] = []
    score = places.map((place) => {
      const before = (place + beatsPerBar - 1) % beatsPerBar
      const restart = score.indexOf(Math.max(...score))
      const jump = i > 0 && score[restart]! - OUT_OF_STEP > score[before]!
      chosen.push(i === 0 ? place : jump ? restart : before)
      const arrived = i === 0 ? score[place]! : jump ? score[restart]! - OUT_OF_STEP : score[before]!
      return arrived + (place === 0 ? cue : -cue / (beatsPerBar - 1))
    })
    back.push(chosen)
  })
  const downbeats: number[] = []
  let place = score.indexOf(Math.max(...score))
  for (let i = back.length - 1; i >= 0; i--) {
    if (place === 0) downbeats.push(i)
    place = back[i]![place]!
  }
  return downbeats.reverse()
}

/** Where offbeats may fall, and in how many steps that is looked at. */
const OFFBEATS = [0.4, 0.8] as const
const OFFBEAT_STEPS = 33

/** Where an offbeat falls between two beats: 0.5 where it is straight or where there are none. */
export const findSwing = (pulse: Pulse, beats: readonly number[]): number => {
  if (beats.length < 8) return 0.5
  const place = (step: number) => OFFBEATS[0] + ((OFFBEATS[1] - OFFBEATS[0]) * step) / (OFFBEAT_STEPS - 1)
  const profile = Float32Array.from({ length: OFFBEAT_STEPS }, (_, step) =>
    mean(
      beats.slice(1).map((beat, i) => {
        const at = beats[i]! + place(step) * (beat - beats[i]!)
        const [k, rest] = [Math.floor(at), at % 1]
        const read = (n: number) => (pulse.parts[1][n] ?? 0) + (pulse.parts[2][n] ?? 0)
        return read(k) * (1 - rest) + read(k + 1) * rest
      }),
    ),
  )
  const onBeat = mean(beats.map((beat) => accentAt(pulse, beat, 1)))
  const straight = Math.max(...profile.slice(0, 13)) // up to 0.55
  let top = profile.indexOf(Math.max(...profile))
  // Straight sixteenths have a peak at 0.75 too, and a smaller one at the middle.
  if (straight > 0.6 * profile[top]!) top = profile.indexOf(straight)
  if (profile[top]! < 0.08 * onBeat || top === 0 || top === OFFBEAT_STEPS - 1) return 0.5
  const swing = place(top + vertex(profile[top - 1]!, profile[top]!, profile[top + 1]!))
  return swing < 0.54 || swing > 0.74 ? 0.5 : swing
}
