/**
 * @file The parts of a piece: a boundary where the bars before and after differ most (the checkerboard novelty of Foote,
 * 2000), a label by what a part sounds like.
 */
import type { Section } from '../../src/shared/contracts'
import { chromaBetween } from './harmony'
import { CHROMA_EVERY, TIMBRES, type Heard } from './hearing'
import { cosine, mean } from './signal'

/** Seconds on each side of a boundary that are compared, and the least a section lasts. */
const COMPARED_S = 8
export const LEAST_S = 7.5
/** Of what follows a boundary so much decides on its section's label and energy: more would come too late to settle. */
export const LEAD_S = 8
/** How different two sides must be, and two sections that do not sound alike (0 to about 1). */
const NOVEL = 0.1
const UNLIKE = 0.09

/** What a stretch of music sounds like: harmony, colour of the sound and loudness, in one measure. */
interface Sound {
  readonly chroma: Float32Array
  /** Log levels, nepers. */
  readonly timbre: readonly number[]
}

const soundOf = (heard: Heard, from: number, to: number): Sound => ({
  chroma: chromaBetween(heard, from, to),
  timbre: Array.from({ length: TIMBRES }, (_, t) => {
    const [first, last] = [Math.ceil(from / CHROMA_EVERY), Math.min(heard.upTo, to) / CHROMA_EVERY]
    let [sum, count] = [0, 0]
    for (let row = first; row < last; row++, count++) sum += heard.timbre[row * TIMBRES + t]!
    return count ? sum / count : -11.5
  }),
})

const difference = (a: Sound, b: Sound): number => {
  const gaps = a.timbre.map((v, i) => Math.min(2.5, Math.abs(v - b.timbre[i]!)))
  return 0.25 * (1 - cosine(a.chroma, b.chroma)) + 0.4 * mean(gaps)
}

/**
 * Sections of what has been heard. `kept` are those that begin before `settledS` and stay; `barsS` the times at which a new
 * one may begin; `energyOf` the mean energy between two times.
 */
export const findSections = (
  heard: Heard,
  kept: readonly Section[],
  settledS: number,
  barsS: readonly number[],
  endS: number,
  energyOf: (from: number, to: number) => number,
): Section[] => {
  if (endS <= 0) return []
  const frame = (seconds: number) => Math.round(seconds * heard.rate)
  const novelty = barsS.map((at) =>
    at < COMPARED_S / 2 || endS - at < COMPARED_S / 2
      ? 0
      : difference(
          soundOf(heard, frame(Math.max(0, at - COMPARED_S)), frame(at)),
          soundOf(heard, frame(at), frame(Math.min(endS, at + COMPARED_S))),
        ),
  )
  const starts: number[] = kept.length ? kept.map((section) => section.from) : [0]
  const known = starts.length
  barsS.forEach((at, i) => {
    const own = novelty[i]!
    if (at < settledS || own < NOVEL || at - starts.at(-1)! < LEAST_S || endS - at < LEAST_S / 2) return
    const beaten = barsS.some(
      (other, k) => Math.abs(other - at) < LEAST_S && other >= settledS && novelty[k]! > own,
    )
    if (!beaten) starts.push(at)
  })
  const sections: Section[] = []
  starts.forEach((from, i) => {
    const to = starts[i + 1] ?? endS
    const lead = Math.min(to, from + LEAD_S)
    if (i < known && kept[i]) {
      sections.push({ ...kept[i], to })
      return
    }
    const own = soundOf(heard, frame(from), frame(to))
    const like = sections
      .map((other) => ({
        other,
        gap: difference(own, soundOf(heard, frame(other.from), frame(other.to))),
      }))
      .sort((a, b) => a.gap - b.gap)[0]
    const before = sections.at(-1)
    if (before && like && like.gap < UNLIKE) {
      if (like.other.label === before.label) sections[sections.length - 1] = { ...before, to }
      else sections.push({ from, to, label: like.other.label, energy: energyOf(from, lead) })
      return
    }
    const labels = new Set(sections.map((section) => section.label)).size
    sections.push({ from, to, label: labelOf(labels), energy: energyOf(from, lead) })
  })
  return sections
}

/** A … Z, then AA, AB … */
export const labelOf = (n: number): string =>
  (n < 26 ? '' : labelOf(Math.floor(n / 26) - 1)) + String.fromCharCode(65 + (n % 26))
