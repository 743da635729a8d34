/**
 * @file Which moves make up a phrase. A section states a motif, repeats it to the other side, states it again and answers it
 * (A A' A B); when a section of the same label returns, so does its motif. All chance is drawn from the seed, the label and
 * the place, never from what was danced before, so that any phrase can be planned alone.
 */
import type { DanceOrder, DanceStyle, Phrase } from '../../src/shared/contracts'
import { chance, pick, type Chance } from './chance'
import {
  armsLiveliness,
  characterOf,
  feetLiveliness,
  prefer,
  trunkLiveliness,
  type Character,
} from './character'
import { ARMS } from './moves/arms'
import { FEET } from './moves/feet'
import { GROOVES, HEADS } from './moves/grooves'
import { POSES } from './moves/poses'
import type { Passage } from './timeline'
import type { ArmMove, Footwork, Groove, Move, Pose } from './moves/vocabulary'

/** A move in a phrase; beats of the phrase, as the dancer counts them. */
export interface Part<M extends Move> {
  readonly move: M
  readonly from: number
  readonly to: number
  readonly mirrored: boolean
  /** Beats of the dancer in one of the move: 2 in half time, 0.5 in double time. */
  readonly pace: number
}

export interface Plan {
  readonly passage: Passage
  readonly style: DanceStyle
  readonly mood: Phrase['mood']
  readonly character: Character
  /** Music beats in one beat of the dancer: half time where the music is fast. */
  readonly stretch: number
  /** How large everything is, about 1. */
  readonly vigour: number
  readonly feet: readonly Part<Footwork>[]
  readonly grooves: readonly Part<Groove>[]
  readonly heads: readonly Part<Groove>[]
  readonly arms: readonly Part<ArmMove>[]
  readonly pose?: { readonly move: Pose; readonly mirrored: boolean }
  /** The music leaps up with this phrase: arms and all go up on its first beat, and down before it. */
  readonly bursts: boolean
  readonly burstsNext: boolean
}

export const plan = (passages: readonly Passage[], order: DanceOrder): Plan[] => {
  const first = passages.find(({ kind }) => kind === 'dance')
  const main = order.style === 'auto' ? styleOf(first, order.seed) : order.style
  const stretch = first ? stretchOf(first) : 1
  const character = characterOf(order.seed)
  return passages.map((passage, i) => {
    const next = passages[i + 1]
    const style = order.style === 'auto' ? localStyle(main, passage, order.seed) : order.style
    const level = levelOf(passage, order, character)
    const common = {
      passage,
      style,
      character,
      vigour: Math.min(
        1.5,
        Math.max(0.3, (0.55 + 0.62 * passage.energy) * order.energy * temper(passage, order)),
      ),
      bursts: burst(passage),
      burstsNext: next !== undefined && burst(next),
    }
    if (passage.kind !== 'dance')
      return { ...common, ...still(passage, style, level, order, character), stretch: 1 }
    return { ...common, ...phrase(passage, style, level, order, stretch, character), stretch }
  })
}

/** One dancer throws more into a part than another. */
const temper = ({ label }: Passage, { seed }: DanceOrder) => 0.85 + 0.4 * chance(seed, 'temper', label)()

const burst = ({ kind, rise, energy }: Passage) => kind === 'dance' && rise > 0.22 && energy > 0.5

/** 0 to 1: how much is asked of the dancer. */
const levelOf = ({ energy }: Passage, order: DanceOrder, { feet }: Character) =>
  energy < 0.07
    ? 0
    : Math.min(1, Math.max(0.16, 0.12 + 0.85 * energy + 0.46 * (feet - 0.5)) * order.energy ** 0.8)

const stretchOf = ({ beats }: Passage) => {
  const bpm = (60 * (beats.length - 1)) / (beats.at(-1)! - beats[0]!)
  return bpm > 158 ? 2 : 1
}

// ---- style ---------------------------------------------------------------------------------------------------------

/** From the first phrase alone, because it must be known before the rest of the music is. */
const styleOf = (first: Passage | undefined, seed: number): DanceStyle => {
  if (!first) return 'groove'
  if (first.beatsPerBar === 3) return 'waltz'
  const bpm = (60 * (first.beats.length - 1)) / (first.beats.at(-1)! - first.beats[0]!)
  const at = chance(seed, 'style')
  if (first.swing > 0.57 || bpm < 92) return pick(['groove', 'groove', 'pop'] as const, at)
  if (bpm > 136) return pick(['pop', 'pop', 'groove'] as const, at)
  if (bpm >= 116 && first.bands.low > 0.35)
    return first.bands.high > first.bands.mid
      ? pick(['disco', 'house', 'disco'] as const, at)
      : pick(['house', 'house', 'disco', 'robot'] as const, at)
  return pick(['pop', 'pop', 'groove', 'disco'] as const, at)
}

/** Quiet parts loosen up, and now and then another style is quoted for a section. */
const localStyle = (main: DanceStyle, { label, energy }: Passage, seed: number): DanceStyle => {
  if (main === 'waltz' || main === 'robot') return main
  if (energy < 0.2) return 'groove'
  const at = chance(seed, 'quote', label)
  return label !== 'A' && at() < 0.22 ? pick(['pop', 'groove', 'disco', 'robot'] as const, at) : main
}

// ---- phrases -------------------------------------------------------------------------------------------------------

type Layers = Omit<Plan, 'passage' | 'style' | 'character' | 'vigour' | 'bursts' | 'burstsNext' | 'stretch'>

const phrase = (
  passage: Passage,
  style: DanceStyle,
  level: number,
  order: DanceOrder,
  stretch: number,
  character: Character,
): Layers => {
  const { label, place, visit, index, endsSection } = passage
  const beats = (passage.beats.length - 1) / stretch
  const beatS = (passage.to - passage.from) / beats
  const again = order.rerolls[index] ?? 0
  // The answer comes last in every four, and at the end of a section.
  const answer = place % 4 === 3 || (endsSection && place > 0)
  const tier = level < 0.3 ? 'calm' : level < 0.62 ? 'moving' : 'wild'
  const theme = ['theme', order.seed, label, style, tier, ...(again ? [index, again] : [])]
  const at = chance(...theme, answer ? 'B' : 'A')
  const detail = chance(order.seed, 'detail', index, again)
  // To the other side in each repetition, and to begin with when the section comes back.
  const side = (place + visit) % 2 === 1
  const half = beats >= 6 ? (style === 'waltz' ? 3 : 4) : beats
  const taste: Taste = { style, level, character, label, room: beats }
  const legs = pair(FEET, feetLiveliness, character.feet, taste, at)
  const hands = pair(ARMS, armsLiveliness, character.arms, taste, at)
  const groove = choose(GROOVES, trunkLiveliness, character.trunk, taste, at)
  const varied = place % 2 === 1
  const turn = answer || (varied && at() < character.turns ** 2) ? turnFor(taste, at) : undefined
  const free = style !== 'robot' && style !== 'waltz'
  const [one, other] = [at(), at()]
  const pace = {
    feet: free ? paceOf(character, beatS, one) : 1,
    arms: free ? paceOf(character, beatS, other) : 1,
  }
  const part = <M extends Move>(move: M, from: number, to: number, mirrored: boolean, wanted = 1) => ({
    move,
    from,
    to,
    mirrored,
    pace: fitting(move, wanted, to - from, beatS),
  })
  const feet = turn
    ? [part(legs[0], 0, beats - turn.beats, side, pace.feet), part(turn, beats - turn.beats, beats, side)]
    : legs[0].beats * pace.feet > half || level < 0.3
      ? [part(legs[0], 0, beats, side, pace.feet)]
      : [
          part(legs[0], 0, half, side, pace.feet),
          part(varied ? legs[0] : legs[1], half, beats, !side, pace.feet),
        ]
  const second = detail() < 0.5 ? groove : choose(GROOVES, trunkLiveliness, character.trunk, taste, detail)
  return {
    mood: moodOf(passage, style, level),
    feet: feet.filter(real),
    grooves: [part(groove, 0, half, side, pace.feet), part(second, half, beats, side, pace.feet)].filter(
      real,
    ),
    heads: [part(choose(HEADS, trunkLiveliness, character.trunk, taste, detail), 0, beats, side)],
    arms: [
      part(hands[0], 0, half, side, pace.arms),
      part(hands[varied ? 0 : 1], half, beats, !side, pace.arms),
    ].filter(real),
  }
}

/** Half or double time, or as it is written; fast music is not doubled, slow music not halved. */
const paceOf = ({ half, double }: Character, beatS: number, at: number) =>
  at < 0.7 * half && beatS < 0.62 ? 2 : at > 1 - 0.7 * double && beatS > 0.42 ? 0.5 : 1

/** The shortest time in which an arm or a leg gets to its next place and looks as if it was meant to. */
const QUICKEST_S = 0.23

/** What is asked for, if the move then fits into its part and its quickest movement is no quicker than people are. */
const fitting = (move: Move & Partial<Footwork & ArmMove>, wanted: number, room: number, beatS: number) => {
  if (wanted > 1) return move.beats * wanted <= room + 0.01 ? wanted : 1
  const moments = [...(move.keys ?? move.steps ?? [])].map(({ at }) => at)
  const gaps = [...new Set(moments), move.beats].sort((a, b) => a - b)
  const least = Math.min(
    ...gaps
      .slice(1)
      .map((at, i) => at - gaps[i]!)
      .filter((gap) => gap > 0.01),
  )
  return least * wanted * beatS >= QUICKEST_S ? wanted : 1
}

const part = <M extends Move>(move: M, from: number, to: number, mirrored: boolean): Part<M> => ({
  move,
  from,
  to,
  mirrored,
  pace: 1,
})
const real = ({ from, to }: Part<Move>) => to - from > 0.01

interface Taste {
  readonly style: DanceStyle
  readonly level: number
  readonly character: Character
  readonly label: string
  /** Beats of the dancer that there are. */
  readonly room: number
}

/** Two different ones, if there are. */
const pair = <M extends Move & { turns?: number }>(
  of: readonly M[],
  liveliness: (move: M) => number,
  wanted: number,
  taste: Taste,
  at: Chance,
) => {
  const first = choose(of, liveliness, wanted, taste, at)
  const others = of.filter((one) => one !== first)
  return [first, choose(others, liveliness, wanted, taste, at)] as const
}

/** One that suits; where none does, the one that is nearest. Whole turns are asked for by name. */
const choose = <M extends Move & { turns?: number }>(
  of: readonly M[],
  liveliness: (move: M) => number,
  wanted: number,
  { style, level, character, label, room }: Taste,
  at: Chance,
): M => {
  const all = of.filter((one) => one.styles.includes(style) && !one.turns)
  const short = all.filter(({ beats }) => beats <= room)
  const ofStyle = short.length ? short : all
  const far = ({ energy: [low, high] }: Move) => Math.max(0, low - level, level - high)
  const nearest = Math.min(...ofStyle.map(far))
  const suiting = ofStyle.filter((one) => far(one) <= nearest + 0.001)
  // When the music is wild, so are the shy.
  const roused = wanted + (1 - wanted) * 0.6 * Math.max(0, 2 * level - 1)
  return prefer(suiting, liveliness, roused, character.likes(label), at())
}

const turnFor = ({ style, level, character, room }: Taste, at: Chance): Footwork | undefined => {
  const turns = FEET.filter(
    (one) => one.turns && one.styles.includes(style) && one.energy[0] <= level && one.beats <= room,
  )
  return turns.length && at() < 0.45 + 0.5 * character.turns ? pick(turns, at) : undefined
}

const moodOf = (passage: Passage, style: DanceStyle, level: number): Phrase['mood'] => {
  if (burst(passage)) return 'happy'
  if (style === 'robot') return 'neutral'
  return level > 0.42 ? 'happy' : 'relaxed'
}

// ---- before and after ----------------------------------------------------------------------------------------------

const still = (
  passage: Passage,
  style: DanceStyle,
  level: number,
  order: DanceOrder,
  character: Character,
): Layers => {
  const beats = passage.beats.length - 1
  const at = chance(order.seed, passage.kind, order.rerolls[passage.index] ?? 0, passage.index)
  const mirrored = at() < 0.5
  if (passage.kind === 'pose') {
    const move = choose(
      POSES,
      () => 0,
      0.5,
      { style, level: Math.max(0.25, level), character, label: passage.label, room: Infinity },
      at,
    )
    return {
      mood: style === 'robot' ? 'neutral' : 'happy',
      feet: [],
      grooves: [],
      heads: [],
      arms: [],
      pose: { move, mirrored },
    }
  }
  return {
    mood: 'relaxed',
    feet: [part(byName(FEET, 'rest stance'), 0, beats, passage.index % 2 === 1)],
    grooves: [part(byName(GROOVES, level > 0.35 ? 'sway' : 'breathe'), 0, beats, mirrored)],
    heads: [part(byName(HEADS, 'look about'), 0, beats, mirrored)],
    arms: [part(byName(ARMS, 'hang loose'), 0, beats, mirrored)],
  }
}

const byName = <M extends Move>(of: readonly M[], name: string): M => of.find((one) => one.name === name)!
