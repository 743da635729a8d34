/**
 * @file From mouth shapes in time to the mouth at a moment, with co-articulation: each phoneme pulls on its neighbours.
 *
 * The model of Cohen and Massaro, "Modeling coarticulation in synthetic visual speech" (1993): each segment has a
 * dominance that falls off exponentially before and after it; the mouth is the dominance-weighted mean of the targets.
 */
import type { VisemeCue } from '../shared/contracts'
import { OPENNESS, VISEMES, type Viseme } from '../shared/visemes'

/** What a mouth needs to know of a sound. Times are seconds from its start. */
export interface LipTrack {
  readonly visemes: readonly VisemeCue[]
  /** Loudness, `LEVELS_PER_SECOND` RMS values a second; without it every vowel opens as its cue says. */
  readonly levels?: Float32Array
}

export const LEVELS_PER_SECOND = 100

/** Weights in the order of VISEMES, each 0 to 1, their sum at most 1. */
export const newWeights = () => new Float32Array(VISEMES.length)

/**
 * Write the mouth at the moment `at` into `into`. No allocation: this runs in every frame.
 */
export const shapeMouth = (track: LipTrack, at: number, into: Float32Array): void => {
  into.fill(0)
  const { visemes } = track
  let total = REST
  for (let i = firstNear(visemes, at - REACH_S); i < visemes.length; i++) {
    const cue = visemes[i]!
    if (cue.at > at + REACH_S) break
    const { pull, leadS, lagS } = DOMINANCE[cue.viseme]
    const before = Math.max(0, cue.at - at)
    const after = Math.max(0, at - cue.until)
    const dominance = pull * Math.exp(-before / leadS - after / lagS)
    total += dominance
    into[INDEX[cue.viseme]]! += dominance * cue.strength
  }
  const loudness = track.levels ? loudnessAt(track.levels, at) : 1
  for (let i = 0; i < into.length; i++)
    into[i]! *= (OPEN[i] ? 1 - LOUDNESS_SHARE + LOUDNESS_SHARE * loudness : 1) / total
}

/** How far the mouth is open, 0 to 1. */
export const opennessOf = (weights: Float32Array): number => {
  let open = 0
  for (let i = 0; i < weights.length; i++) open += weights[i]! * OPENNESS[VISEMES[i]!]
  return Math.min(1, open)
}

/** Beyond this distance no segment pulls: exp(-0.3 / 0.07) is about 1 %. */
const REACH_S = 0.3

/** The pull of the mouth at rest, so that it closes when no segment is near. */
const REST = 0.05

/** How much of a vowel's opening follows the loudness of the voice; the rest is the shape alone. */
const LOUDNESS_SHARE = 0.9

interface Dominance {
  readonly pull: number
  /** Time constants of the anticipation before and the carry-over after the segment. */
  readonly leadS: number
  readonly lagS: number
}

// Lips that must meet (p b m, f v) win over any vowel but only just around themselves; rounding (U O CH) is prepared
// early; sounds made behind the teeth (k n t h) leave the lips to their neighbours.
const lips = { pull: 5, leadS: 0.025, lagS: 0.025 }
const tongue = { pull: 0.6, leadS: 0.03, lagS: 0.03 }
const vowel = { pull: 1, leadS: 0.055, lagS: 0.05 }
const round = { pull: 1.2, leadS: 0.08, lagS: 0.055 }
const DOMINANCE: Readonly<Record<Viseme, Dominance>> = {
  sil: { pull: 1.2, leadS: 0.04, lagS: 0.06 },
  PP: lips,
  FF: { ...lips, pull: 3.5 },
  TH: { ...tongue, pull: 1.2 },
  DD: tongue,
  kk: { ...tongue, pull: 0.4 },
  CH: { ...round, pull: 1.4 },
  SS: { ...tongue, pull: 1.3 },
  nn: tongue,
  RR: { ...tongue, pull: 0.8 },
  aa: vowel,
  E: vowel,
  I: vowel,
  O: round,
  U: round,
}

const INDEX = Object.fromEntries(VISEMES.map((viseme, i) => [viseme, i])) as Record<Viseme, number>
const OPEN = VISEMES.map((viseme) => OPENNESS[viseme] > 0.2)

/** Index of the first cue that ends after `time`; cues are in order. */
const firstNear = (visemes: readonly VisemeCue[], time: number) => {
  let low = 0
  let high = visemes.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (visemes[middle]!.until < time) low = middle + 1
    else high = middle
  }
  return low
}

/** Loudness, 1 at full voice; a little more than the level itself for quiet syllables, which still move the lips. */
const loudnessAt = (levels: Float32Array, at: number) => {
  const i = Math.max(0, at * LEVELS_PER_SECOND)
  const low = Math.floor(i)
  const a = levels[low] ?? 0
  const level = a + (i - low) * ((levels[low + 1] ?? 0) - a)
  return Math.min(1, (level / FULL_VOICE_RMS) ** 0.8)
}

/** The loudest vowels of the levelled voices (workers/voice) reach about this. */
const FULL_VOICE_RMS = 0.25
