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

/** The top of the onset near a beat, between frames; the beat itself where nothing is played. */
export const refine = (onset: Float32Array, beat: number): number => {
  let top = beat
  for (const i of [beat - 2, beat - 1, beat + 1, beat + 2]) if ((onset[i] ?? 0) > onset[top]!) top = i
  if (onset[top]! <= 0.2) return beat
  return top + vertex(onset[top - 1] ?? 0, onset[top]!, onset[top + 1] ?? 0)
}
