/**
 * @file The music cut into passages, one a phrase of the dance. Only what lies before `settled` is looked at, so that a longer
 * score of the same music is cut in the same way.
 */
import type { Score, Section } from '../../src/shared/contracts'

export interface Passage {
  readonly index: number
  /** Before the first beat, with it, and from the last one on. */
  readonly kind: 'idle' | 'dance' | 'pose'
  readonly from: number
  readonly to: number
  /** The moments of its beats, and the end. */
  readonly beats: readonly number[]
  /** Where between two of them an offbeat falls. */
  readonly swing: number
  readonly beatsPerBar: number
  readonly label: string
  /** Its place within the section, and how many sections of this label came before. */
  readonly place: number
  readonly visit: number
  readonly endsSection: boolean
  /** Mean loudness, 0 to 1, and how much more that is than in the passage before. */
  readonly energy: number
  readonly rise: number
  readonly bands: { readonly low: number; readonly mid: number; readonly high: number }
}

/** An idle passage; without a beat nobody knows where else to cut. */
const IDLE_S = 4
/** The last pose is held for as long as the music goes on, and a little longer. */
const HOLD_S = 2.5

export const cut = (score: Score): Passage[] => {
  const passages: Passage[] = []
  const add = (kind: Passage['kind'], beats: number[], swing: number) =>
    passages.push(describe(score, passages, kind, beats, swing))
  const end = score.complete ? score.upTo : score.settled
  const first = score.downbeats.find((at) => at < end)
  const start = first === undefined ? -1 : score.beats.findIndex((at) => Math.abs(at - first) < 0.02)
  idle(0, start < 0 ? (score.complete ? end : undefined) : score.beats[start]!, end, add)
  if (start < 0) return passages
  const last = dance(score, start, add)
  if (score.complete) add('pose', evenly(last, Math.max(score.upTo, last + HOLD_S)), 0.5)
  return passages
}

type Add = (kind: Passage['kind'], beats: number[], swing: number) => void

/** `until` is where the beat begins, or the end where none comes, or not known yet. */
const idle = (from: number, until: number | undefined, end: number, add: Add) => {
  const goal = until ?? end
  let at = from
  while (goal - at > IDLE_S * 1.5) {
    add('idle', evenly(at, at + IDLE_S), 0.5)
    at += IDLE_S
  }
  if (until !== undefined && until - at > 0.02) add('idle', evenly(at, until), 0.5)
}

/** Returns the moment of the last beat. */
const dance = (score: Score, start: number, add: Add): number => {
  const { beats, beatsPerBar, complete, settled } = score
  const length = beatsPerBar === 3 ? 6 : 8
  let begin = start
  while (begin + 1 < beats.length) {
    const end = Math.min(sectionCut(score, begin, length), beats.length - 1)
    const beatS = (beats[end]! - beats[begin]!) / (end - begin)
    // What comes right after its end decides how it ends.
    if (!complete && (beats[end]! + 0.7 * beatS > settled || end === beats.length - 1)) break
    add('dance', [...beats.subarray(begin, end + 1)], Math.min(0.72, Math.max(0.5, score.swing)))
    begin = end
  }
  return beats[begin]!
}

/** A new section begins a new phrase, where a bar begins near it. */
const sectionCut = ({ beats, downbeats, sections, beatsPerBar }: Score, begin: number, length: number) => {
  for (let i = begin + beatsPerBar; i < Math.min(begin + length, beats.length - 1); i++) {
    const at = beats[i]!
    if (!downbeats.some((bar) => Math.abs(bar - at) < 0.02)) continue
    const beatS = beats[i + 1]! - at
    if (sections.some(({ from }) => Math.abs(from - at) < 0.4 * beatS)) return i
  }
  return begin + length
}

const evenly = (from: number, to: number) => {
  const count = Math.max(1, Math.round((to - from) / 0.9))
  return Array.from({ length: count + 1 }, (_, i) => from + ((to - from) * i) / count)
}

const describe = (
  score: Score,
  before: readonly Passage[],
  kind: Passage['kind'],
  beats: readonly number[],
  swing: number,
): Passage => {
  const [from, to] = [beats[0]!, beats.at(-1)!]
  const beatS = (to - from) / (beats.length - 1)
  const section = sectionAt(score, from + 0.4 * beatS)
  const previous = before.at(-1)
  const same = previous?.kind === kind && section !== undefined && section.from < previous.from + 0.4 * beatS
  const label = section?.label ?? 'A'
  const energy = mean(score.energy, from, to)
  return {
    index: before.length,
    kind,
    from,
    to,
    beats,
    swing,
    beatsPerBar: score.beatsPerBar,
    label,
    place: same ? previous.place + 1 : 0,
    visit: same
      ? previous.visit
      : before.filter((one) => one.kind === kind && one.label === label && one.place === 0).length,
    endsSection: score.sections.some(
      (one) => one.from > from + beatS && Math.abs(one.from - to) < 0.5 * beatS,
    ),
    energy,
    rise: previous ? energy - previous.energy : 0,
    bands: {
      low: mean(score.bands.low, from, to),
      mid: mean(score.bands.mid, from, to),
      high: mean(score.bands.high, from, to),
    },
  }
}

const sectionAt = ({ sections }: Score, at: number): Section | undefined =>
  sections.findLast(({ from }) => from <= at) ?? sections[0]

/** Of a curve with ten values a second. */
const mean = (curve: Float32Array, from: number, to: number) => {
  const first = Math.min(Math.max(0, Math.floor(from * 10)), curve.length - 1)
  const last = Math.min(Math.max(first + 1, Math.floor(to * 10)), curve.length)
  let sum = 0
  for (let i = first; i < last; i++) sum += curve[i]!
  return last > first && first >= 0 ? sum / (last - first) : 0
}
