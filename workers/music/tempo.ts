/**
 * @file How fast music is: first the level at which a foot taps, then its period from moment to moment.
 *
 * The level is chosen among those of one family (half, double, triple …) by what is played on the beats and between them:
 * on a right level all beats are accented, every second as much as the others, and what lies between is weaker.
 */
import { trackBeats } from './beats'
import { around, autocorrelation, mean, movingMean, peakNear, quantile } from './signal'

/** What is looked for, and a little around it, so that its ends are peaks and no edges. Beats per minute. */
export const SLOWEST_BPM = 55
export const FASTEST_BPM = 208

/**
 * Preferred tempo and the width of the preference in octaves (fitted with
 * the weights below, of which the repetitions prefer slow levels by themselves).
 */
const PREFERRED_BPM = 140
const PREFERENCE_OCTAVES = 0.46
/** Hardly anything is felt slower or faster than this. */
const USUAL_BPM = [59, 194] as const

/** An onset envelope, made comparable over the music: what rises above its surroundings, by their usual height. */
export interface Pulse {
  /** Frames a second. */
  readonly rate: number
  /** All parts of the spectrum together, for the times of beats. */
  readonly onset: Float32Array
  /** Low, mid and high, each alone. */
  readonly parts: readonly [Float32Array, Float32Array, Float32Array]
}

/** Shares of low, mid and high in the whole: a cymbal says when, a drum says that it is a beat. */
const SHARES = [0.5, 0.38, 0.12] as const
const SURROUNDINGS_S = 0.5
const USUAL_S = 5

export const pulseOf = (onsets: readonly [Float32Array, Float32Array, Float32Array], rate: number): Pulse => {
  const shape = (raw: Float32Array) => {
    const floor = movingMean(raw, Math.round(SURROUNDINGS_S * rate))
    const risen = raw.map((v, i) => Math.max(0, v - floor[i]!))
    return risen
  }
  const sum = new Float32Array(onsets[0].length)
  onsets.forEach((raw, part) => raw.forEach((v, i) => (sum[i]! += v * SHARES[part as 0 | 1 | 2])))
  const risen = shape(sum)
  const squares = risen.map((v) => v * v)
  const whole = Math.sqrt(mean(squares))
  const usual = movingMean(squares, Math.round(USUAL_S * rate)).map((v) =>
    Math.max(1e-4, 0.3 * whole, Math.sqrt(v)),
  )
  return {
    rate,
    onset: risen.map((v, i) => v / usual[i]!),
    // By the same measure: that a part is silent must stay visible.
    parts: onsets.map((raw) => shape(raw).map((v, i) => v / usual[i]!)) as unknown as Pulse['parts'],
  }
}

const slice = (pulse: Pulse, from: number, to: number): Pulse => ({
  rate: pulse.rate,
  onset: pulse.onset.subarray(from, to),
  parts: pulse.parts.map((part) => part.subarray(from, to)) as unknown as Pulse['parts'],
})

/** Jitter of a player, in frames, that still counts as together. */
const blurred = (x: Float32Array): Float32Array =>
  x.map((v, i) => v + 0.75 * ((x[i - 1] ?? 0) + (x[i + 1] ?? 0)) + 0.3 * ((x[i - 2] ?? 0) + (x[i + 2] ?? 0)))

const centred = (x: Float32Array): Float32Array => {
  const middle = mean(x)
  return x.map((v) => v - middle)
}

/**
 * Autocorrelation of what is heard together and of each part alone: a bass drum that is answered by a cymbal must not pass
 * for a repetition.
 */
const repetition = ({ onset, parts }: Pulse, lags: number): Float32Array => {
  const sum = autocorrelation(centred(blurred(onset)), lags).map((v) => 0.4 * v)
  const powers = parts.map((part) => mean(centred(blurred(part)).map((v) => v * v)))
  const total = powers.reduce((a, b) => a + b, 1e-9)
  parts.forEach((part, i) => {
    const own = autocorrelation(centred(blurred(part)), lags)
    for (let lag = 0; lag <= lags; lag++) sum[lag]! += 0.6 * (powers[i]! / total) * own[lag]!
  })
  return sum
}

export interface Tempo {
  readonly bpm: number
  /** How regular the music is at this tempo, about 0 (noise) to 1 (a metronome). */
  readonly clarity: number
  /** By how much this level beats the next one; small means that another octave is as likely. */
  readonly margin: number
}

/** The tempo between two frames, ten seconds or more apart. */
export const findTempo = (pulse: Pulse, from: number, to: number): Tempo | undefined => {
  const part = slice(pulse, from, to)
  const { rate } = part
  if (part.onset.length < 3 * rate || !part.onset.some((v) => v > 0)) return undefined
  const longest = Math.min(Math.ceil((4 * 60 * rate) / SLOWEST_BPM), Math.floor(part.onset.length * 0.6))
  const whole = repetition(part, longest)
  const comb = (bpm: number): number => {
    const lag = (60 * rate) / bpm
    let [sum, weight] = [0, 0]
    for (const [times, share] of [
      [1, 1],
      [2, 1],
      [3, 0.5],
      [4, 1],
    ] as const)
      if (lag * times < longest) {
        sum += share * around(whole, lag * times, times > 2 ? 2 : 1)
        weight += share
      }
    return weight ? sum / weight : 0
  }
  const grid = Array.from(
    { length: Math.ceil(Math.log(FASTEST_BPM / SLOWEST_BPM) / Math.log(1.01)) },
    (_, i) => SLOWEST_BPM * 1.01 ** i,
  )
  const rated = grid.map((bpm) => comb(bpm))
  const tops = grid
    .map((bpm, i) => ({ bpm, score: rated[i]! }))
    .filter(({ score }, i) => score > 0.02 && score >= (rated[i - 1] ?? -1) && score > (rated[i + 1] ?? -1))
    .sort((a, b) => b.score - a.score)
    .slice(0, 7)
  const family = tops
    .slice(0, 3)
    .flatMap(({ bpm }) => [0.5, 2 / 3, 1.5, 2, 3, 1 / 3].map((times) => bpm * times))
  const tried: { bpm: number; clarity: number; score: number }[] = []
  for (const bpm of [...tops.map((top) => top.bpm), ...family]) {
    if (bpm < SLOWEST_BPM || bpm > FASTEST_BPM) continue
    if (tried.some((other) => Math.abs(other.bpm / bpm - 1) < 0.03)) continue
    tried.push({ bpm, clarity: comb(bpm), score: levelScore(part, bpm, whole, comb(bpm)) })
  }
  tried.sort((a, b) => b.score - a.score)
  const [best, second] = tried
  if (!best) return undefined
  // Clarity is a matter of the family, not of the level: a slow level sees less of what repeats.
  return {
    bpm: best.bpm,
    clarity: Math.max(best.clarity, 0.8 * (tops[0]?.score ?? 0)),
    margin: best.score - (second?.score ?? -1),
  }
}

/** Weights of low, mid and high in an accent: drums and chords make beats, hi-hats fill them. */
const ACCENT = [1.3, 0.9, 0.25] as const

/** How heavily something is played around a frame. */
export const accentAt = ({ parts }: Pulse, frame: number, reach: number): number => {
  let sum = 0
  for (let part = 0; part < 3; part++) sum += ACCENT[part]! * peakNear(parts[part]!, frame, reach)
  return sum
}

/**
 * How likely it is that a foot taps at this tempo: a log-linear model of what is played on the beats, between them and
 * again after one to four of them. Fitted by maximum likelihood to 119 synthetic tracks of many genres and two recordings,
 * then rounded; the weight of the drums that take turns was doubled by hand, for the fast tracks of test/fixtures/tracks.ts.
 */
const WEIGHTS = {
  /** The weaker of the odd and the even beats, and the weakest of every third, by the strong ones. */
  weakestOfTwo: 2.2,
  weakestOfThree: 1.6,
  /** What lies at both thirds between beats (then three levels are mixed up), and at the quarters. */
  thirds: -1.3,
  quarters: -1.6,
  /** Bass drum and snare drum take turns. */
  turns: 4,
  /** What is heard again after one, two, three, four beats. */
  again: [2, 2.4, 1.7, 3.1],
} as const

const levelScore = (pulse: Pulse, bpm: number, repeats: Float32Array, clarity: number): number => {
  const period = (60 * pulse.rate) / bpm
  const beats = trackBeats(pulse.onset, new Float32Array(pulse.onset.length).fill(period))
  if (beats.length < 4) return -10
  const reach = Math.min(4, period / 8)
  const accents = beats.map((beat) => accentAt(pulse, beat, reach))
  const usual = Math.max(1e-6, quantile(accents, 0.8))
  const weakest = (of: number) =>
    Math.min(...Array.from({ length: of }, (_, k) => mean(accents.filter((_, i) => i % of === k)))) / usual
  const between = (share: number) =>
    mean(beats.slice(1).map((beat, i) => accentAt(pulse, beats[i]! + share * (beat - beats[i]!), reach))) /
    usual
  const every = (part: 0 | 1, odd: 0 | 1) =>
    mean(beats.filter((_, i) => i % 2 === odd).map((beat) => peakNear(pulse.parts[part], beat, reach)))
  const [low, lowOdd, mid, midOdd] = [every(0, 0), every(0, 1), every(1, 0), every(1, 1)]
  const turns = ((low - lowOdd) * (midOdd - mid)) / ((low + lowOdd + 0.1) * (mid + midOdd + 0.1))
  const again = WEIGHTS.again.map((weight, i) => {
    const lag = (i + 1) * period
    return weight * (lag < repeats.length - 3 ? around(repeats, lag, i > 1 ? 2 : 1) : clarity)
  })
  const beyond = Math.max(0, 1 - bpm / USUAL_BPM[0], bpm / USUAL_BPM[1] - 1)
  return (
    -0.5 * (Math.log2(bpm / PREFERRED_BPM) / PREFERENCE_OCTAVES) ** 2 -
    400 * beyond ** 2 +
    WEIGHTS.weakestOfTwo * weakest(2) +
    WEIGHTS.weakestOfThree * weakest(3) +
    WEIGHTS.thirds * Math.min(between(1 / 3), between(2 / 3)) +
    (WEIGHTS.quarters * (between(0.25) + between(0.75))) / 2 +
    WEIGHTS.turns * Math.sqrt(Math.max(0, turns)) +
    again.reduce((sum, v) => sum + v, 0)
  )
}

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
