/** @file Chords: their names, and how one leads to the next. */

import type { Part } from './writing'

export interface Chord {
  /** Pitch classes: 0 is C. */
  readonly root: number
  readonly bass: number
  readonly intervals: readonly number[]
}

const QUALITIES: Readonly<Record<string, readonly number[]>> = {
  '': [0, 4, 7],
  m: [0, 3, 7],
  '5': [0, 7],
  '6': [0, 4, 7, 9],
  m6: [0, 3, 7, 9],
  '7': [0, 4, 7, 10],
  m7: [0, 3, 7, 10],
  maj7: [0, 4, 7, 11],
  '9': [0, 4, 7, 10, 14],
  m9: [0, 3, 7, 10, 14],
  maj9: [0, 4, 7, 11, 14],
  add9: [0, 4, 7, 14],
  sus4: [0, 5, 7],
  '7sus4': [0, 5, 7, 10],
  m7b5: [0, 3, 6, 10],
  dim: [0, 3, 6],
}

const LETTERS: Readonly<Record<string, number>> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 }

const pitchClass = (name: string) =>
  mod(LETTERS[name[0]!.toUpperCase()]! + (name[1] === '#' ? 1 : name[1] === 'b' ? -1 : 0), 12)

/** The MIDI number of a name such as `c#5`. */
export const noteNumber = (name: string) => 12 * (Number(name.at(-1)) + 1) + pitchClass(name.slice(0, -1))

const parseChord = (name: string): Chord => {
  const [, root = 'C', quality = '', bass] = /^([A-G][#b]?)([^/]*)(?:\/(.+))?$/.exec(name) ?? []
  return { root: pitchClass(root), bass: pitchClass(bass ?? root), intervals: QUALITIES[quality]! }
}

/** The chord at every step of a part; neighbours are the same object where it does not change. */
export const chordsOf = (part: Part, steps: number): readonly Chord[] => {
  const bars = part.chords.split(' ').map((bar) => bar.split(',').map(parseChord))
  return Array.from({ length: part.bars * steps }, (_, step) => {
    const bar = bars[Math.floor(step / steps) % bars.length]!
    return bar[Math.floor(((step % steps) / steps) * bar.length)]!
  })
}

/** Of all inversions in reach, the one whose voices move least; the root is the bass's business where there are five. */
export const lead = (
  { root, intervals }: Chord,
  before: readonly number[],
  around: number,
): readonly number[] => {
  const classes = intervals.slice(intervals.length > 4 ? 1 : 0).map((interval) => mod(root + interval, 12))
  let best: readonly number[] = []
  let least = Infinity
  for (let lowest = around - 11; lowest <= around + 4; lowest++) {
    if (!classes.includes(mod(lowest, 12))) continue
    const voices = classes.map((pc) => lowest + mod(pc - lowest, 12)).sort((a, b) => a - b)
    const centre = voices.reduce((sum, voice) => sum + voice, 0) / voices.length
    const moved = before.reduce(
      (sum, voice) => sum + Math.min(...voices.map((other) => Math.abs(other - voice))),
      0,
    )
    const cost = moved + 0.5 * Math.abs(centre - around)
    if (cost < least) [best, least] = [voices, cost]
  }
  return best
}

/** The remainder that is never negative. */
export const mod = (a: number, n: number) => ((a % n) + n) % n
