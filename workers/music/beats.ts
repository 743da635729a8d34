/**
 * @file Where the beats are: the sequence of frames that lies on strong onsets and keeps the period best (Ellis, "Beat
 * tracking by dynamic programming", 2007), with a period that may change from frame to frame.
 */
import { vertex } from './signal'

/** Ellis' alpha: how much a beat that is off its time costs, against one standard deviation of onset strength. */
const TIGHTNESS = 100
/** Where the next beat may be, in periods. */
const SOONEST = 0.55
const LATEST = 1.8

/**
 * Beats as frames, whole numbers. `periods` are frames a beat; where it is 0, nothing is looked for. With `after`, the
 * beat that is already known, the first one found is its successor.
 */
export const trackBeats = (onset: Float32Array, periods: Float32Array, after?: number): number[] => {
  const end = Math.min(onset.length, periods.length)
  const total = new Float64Array(end)
  const via = new Int32Array(end).fill(-1)
  const first = after === undefined ? 0 : Math.round(after)
  const smooth = (i: number) => 0.6 * onset[i]! + 0.2 * ((onset[i - 1] ?? 0) + (onset[i + 1] ?? 0))
  for (let i = first; i < end; i++) {
    if (i === first && after !== undefined) continue
    const period = periods[i]!
    if (period <= 0) continue
    let [best, from] = after === undefined ? [0, -1] : [-Infinity, -1]
    for (let k = Math.max(first, Math.ceil(i - LATEST * period)); k <= i - SOONEST * period; k++) {
      if (after !== undefined && k !== first && via[k]! < 0) continue
      const value = total[k]! - TIGHTNESS * Math.log((i - k) / period) ** 2
      if (value > best) [best, from] = [value, k]
    }
    via[i] = from
    total[i] = smooth(i) + best
  }
  // The last beat is the best of the last period; what is not reachable from the known beat does not count.
  const tail = Math.max(first + 1, Math.floor(end - 1.2 * (periods[end - 1] ?? 0)))
  let last = -1
  for (let i = tail; i < end; i++)
    if ((after === undefined || via[i]! >= 0) && (last < 0 || total[i]! > total[last]!)) last = i
  const beats: number[] = []
  for (let i = last; i >= 0 && !(after !== undefined && i === first); i = via[i]!) beats.push(i)
  return beats.reverse()
}

/** What lies at a share of the way from each beat to the next. */
export const midway = (beats: readonly number[], share: number): number[] =>
  beats.slice(1).map((beat, i) => beats[i]! + share * (beat - beats[i]!))

/** On the strongest onsets, and halfway between them: a bass or a hi-hat off the beat may be the loudest. */
export const waysToTap = (onset: Float32Array, periods: Float32Array): readonly [number[], number[]] => {
  const onStrong = trackBeats(onset, periods)
  return [onStrong, midway(onStrong, 0.5).map((at) => topNear(onset, Math.round(at), 3))]
}

/** Frames within which two beats are the same. */
const NEAR_FRAMES = 6
/** How many of the known beats are tapped. */
export const countMet = (way: readonly number[], known: readonly number[]): number =>
  known.filter((beat) => way.some((tap) => Math.abs(tap - beat) < NEAR_FRAMES)).length

/** Of ways to tap the one that meets most of the known beats: what is loud between the beats must not pull them over. */
export const inStep = (ways: readonly (readonly number[])[], known: readonly number[]): readonly number[] => {
  return ways.reduce((best, way) => (countMet(way, known) > countMet(best, known) ? way : best))
}

/** How much more an onset counts where a foot taps, in standard deviations of onset strength. */
const GUIDANCE = 4

/** An onset envelope that is stronger at the given frames, and a little around them. */
export const guided = (onset: Float32Array, beats: readonly number[]): Float32Array => {
  const out = onset.slice()
  for (const beat of beats)
    for (let i = Math.max(0, beat - 3); i <= Math.min(out.length - 1, beat + 3); i++)
      out[i]! += GUIDANCE * (1 - Math.abs(i - beat) / 4)
  return out
}

/** The frame of the greatest value within `reach`; the one asked for where none is greater. */
export const topNear = (onset: Float32Array, at: number, reach: number): number => {
  let top = at
  for (let i = at - reach; i <= at + reach; i++) if ((onset[i] ?? 0) > (onset[top] ?? 0)) top = i
  return top
}

/** The top of the onset near a beat, between frames; the beat itself where nothing is played. */
export const refine = (onset: Float32Array, beat: number): number => {
  const top = topNear(onset, beat, 2)
  if (onset[top]! <= 0.2) return beat
  return top + vertex(onset[top - 1] ?? 0, onset[top]!, onset[top + 1] ?? 0)
}
