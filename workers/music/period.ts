/** @file How the period of the beat changes from moment to moment, once the level at which a foot taps is known. */
import { blurred, centred, type Pulse } from './pulse'
import { around, autocorrelation } from './signal'
import { FASTEST_BPM, SLOWEST_BPM } from './tempo'

/** Seconds around a moment in which its period is looked for, and how often. */
const LOCAL_S = 4
const LOCAL_STEP_S = 0.5
const STATE_RATIO = 1.015
/** Octaves: the level stays that of the whole, while an accelerando may go far in time. */
const LOYALTY_OCTAVES = 0.35

/**
 * The beat's period in frames for each frame of `from` to `to` (0 before and after): the path through the local
 * autocorrelations that is likely and smooth (Viterbi). It starts near `start` where that is given.
 */
export const followPeriod = (
  pulse: Pulse,
  bpm: number,
  from: number,
  to: number,
  start?: number,
): Float32Array => {
  const { rate, onset } = pulse
  const usual = (60 * rate) / bpm
  const shortest = (60 * rate) / (FASTEST_BPM * 1.05)
  const longest = (60 * rate) / (SLOWEST_BPM / 1.05)
  const states = Array.from(
    { length: Math.floor(Math.log(longest / shortest) / Math.log(STATE_RATIO)) + 1 },
    (_, i) => shortest * STATE_RATIO ** i,
  )
  const step = Math.round(LOCAL_STEP_S * rate)
  const reach = Math.round(LOCAL_S * rate)
  const count = Math.max(1, Math.ceil((to - from) / step))
  const back: Int16Array[] = []
  let score = Float64Array.from(states, (period) => (start ? -40 * Math.abs(Math.log2(period / start)) : 0))
  for (let n = 0; n < count; n++) {
    const centre = from + n * step
    const first = Math.max(0, centre - reach)
    const last = Math.min(to, centre + reach)
    const view = centred(onset.subarray(first, last)).map(
      (v, i) => v * Math.cos((0.5 * Math.PI * (first + i - centre)) / (reach + 1)),
    )
    const local = autocorrelation(blurred(view), Math.min(view.length - 1, Math.ceil(2 * longest) + 1))
    const next = new Float64Array(states.length)
    const trace = new Int16Array(states.length)
    states.forEach((period, s) => {
      let [best, via] = [-Infinity, s]
      for (let move = -3; move <= 3; move++) {
        const value = (score[s + move] ?? -Infinity) - 0.12 * move * move
        if (value > best) [best, via] = [value, s + move]
      }
      const octaves = Math.log2(period / usual) / LOYALTY_OCTAVES
      next[s] = best + around(local, period, 0) + 0.7 * around(local, 2 * period) - 0.5 * octaves * octaves
      trace[s] = via
    })
    back.push(trace)
    score = next
  }
  let state = score.indexOf(Math.max(...score))
  const path = new Float32Array(count)
  for (let n = count - 1; n >= 0; n--) {
    path[n] = states[state]!
    state = back[n]![state]!
  }
  return Float32Array.from({ length: to }, (_, frame) => {
    if (frame < from) return 0
    const at = (frame - from) / step
    const n = Math.min(count - 1, Math.floor(at))
    const next = Math.min(count - 1, n + 1)
    return path[n]! + (at - n) * (path[next]! - path[n]!) * (next > n ? 1 : 0)
  })
}
