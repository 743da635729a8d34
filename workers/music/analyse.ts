/**
 * @file Music as a dancer hears it: beats, bars, parts, loudness. From samples to scores that grow.
 *
 * A score comes every twelve seconds of music. Up to `settled` it is kept as it is, so that a dance may be composed on it;
 * what lies behind is found anew, as its continuation, when more has been heard.
 */
import type { Score, Section } from '../../src/shared/contracts'
import { breath } from '../../src/shared/breath'
import { cuesOf, findDownbeats, findMetre, findSwing } from './bars'
import { refine, trackBeats } from './beats'
import { feel } from './energy'
import { listen, type Heard } from './hearing'
import { findSections } from './sections'
import { mean, quantile } from './signal'
import { accentAt, findTempo, followPeriod, pulseOf, type Pulse } from './tempo'

/** Seconds of music: the first score, the distance of the following, and how far behind the end of a score it is settled. */
const FIRST_S = 10
const EVERY_S = 12
const UNSETTLED_S = 11
/** The first score may settle more than that, as no part of a piece ends so early. */
const FIRST_SETTLED_S = 5.5
/** Where tempo or metre are in doubt nothing is settled, up to here. Seconds. */
const DOUBT_S = 30
/** Below this clarity there is no beat (noise reaches 0.1, speech 0.2). */
const CLEAR = 0.2
const SURE_MARGIN = 0.7
const SURE_METRE = 0.5
/** Tempo is looked for in this much of what was last heard, seconds. */
const TEMPO_S = 24
/** Seconds of silence through which beats go on. */
const BREAK_S = 8
/** Mean square of silence, and of a sound that is at full energy even if nothing louder comes (-23 dB); bands have less. */
const SILENT = 1e-6
const LOUD = 5e-3
const LOUD_BANDS = [2.5e-3, 2.5e-3, 2.5e-4] as const
/** Milliseconds of work after which other tasks of the thread have their turn. */
const TURN_MS = 25
/** Frames heard at once: some ten milliseconds of work. */
const GULP = 50

/** What is settled, and what has been decided for the whole. */
interface Settled {
  readonly upTo: number
  /** Seconds. */
  readonly beats: readonly number[]
  readonly strengths: readonly number[]
  readonly downbeats: readonly number[]
  readonly sections: readonly Section[]
  /** Beats a minute at its end; undefined while no beat has been found. */
  readonly bpm?: number
  /** Decided with the first settled beats: one dance has one metre and one way to divide a beat. */
  readonly beatsPerBar?: 3 | 4
  readonly swing?: number
}

export async function* analyse(
  signal: AbortSignal,
  samples: Float32Array,
  sampleRate: number,
): AsyncGenerator<Score, void> {
  signal.throwIfAborted()
  const usable = sampleRate > 0 && Number.isFinite(sampleRate)
  const { heard, hear } = listen(usable ? samples : new Float32Array(0), usable ? sampleRate : 1)
  const duration = usable ? samples.length / sampleRate : 0
  let settled: Settled = { upTo: 0, beats: [], strengths: [], downbeats: [], sections: [] }
  let turn = performance.now()
  const breathe = async () => {
    if (performance.now() - turn > TURN_MS) {
      await breath()
      turn = performance.now()
    }
    signal.throwIfAborted()
  }
  for (let next = FIRST_S; ; next += EVERY_S) {
    // A last piece that is short is heard with the one before.
    const complete = duration - next < EVERY_S / 4
    const upToFrames = complete ? heard.frames : Math.round(next * heard.rate)
    while (heard.upTo < upToFrames) {
      hear(Math.min(GULP, upToFrames - heard.upTo))
      await breathe()
    }
    const found = read(heard, settled, complete, complete ? duration : heard.upTo / heard.rate)
    settled = found.settled
    await breathe()
    yield found.score
    signal.throwIfAborted()
    if (complete) return
  }
}

/** A score of all that has been heard, and what of it is settled from now on. */
const read = (heard: Heard, settled: Settled, complete: boolean, endS: number) => {
  const { rate, upTo } = heard
  const bounds = soundingPart(heard)
  // Onsets are comparable within half a minute; what is settled long ago is not looked at again.
  const base = Math.max(0, Math.floor((settled.upTo - DOUBT_S) * rate))
  const pulse = pulseOf(
    heard.onsets.map((part) => part.subarray(base, upTo)) as unknown as Heard['onsets'],
    rate,
  )
  const tracked = beatsOf(heard, pulse, base, settled, bounds, complete)
  const beatFrames = tracked.beats.map((beat) => beat * rate)
  const metre = barsOf(heard, pulse, base, settled, tracked.beats)
  const beats = [...settled.beats, ...tracked.beats.slice(tracked.known)]
  const strengths = [
    ...settled.strengths,
    ...strengthsOf(
      pulse,
      beatFrames.map((beat) => beat - base),
    ).slice(tracked.known),
  ]
  const downbeats = [...settled.downbeats, ...metre.downbeats.filter((at) => at >= settled.upTo)]
  const energy = feel(heard.loudness, upTo, rate, LOUD)
  const [low, mid, high] = heard.bands.map((band, i) => feel(band, upTo, rate, LOUD_BANDS[i]!)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ]
  const sections = findSections(
    heard,
    settled.sections,
    settled.upTo,
    downbeats.length > 1 ? downbeats : Array.from({ length: Math.floor(endS / 2) }, (_, i) => 2 * i),
    endS,
    (from, to) => mean(energy.subarray(Math.floor(from * 10), Math.max(1, Math.floor(to * 10)))),
  )
  const sure = tracked.tempo
    ? tracked.tempo.margin > SURE_MARGIN && metre.margin > SURE_METRE
    : tracked.bpm !== undefined
  const until = complete
    ? endS
    : endS < DOUBT_S && settled.upTo === 0 && !sure
      ? 0
      : Math.max(settled.upTo, endS - UNSETTLED_S, endS < FIRST_S + 1 ? FIRST_SETTLED_S : 0)
  const swing =
    settled.swing ??
    findSwing(
      pulse,
      beatFrames.map((beat) => beat - base),
    )
  const score: Score = {
    tempoBpm: beats.length > 1 ? tempoOf(beats) : 0,
    beatsPerBar: metre.beatsPerBar,
    beats: Float32Array.from(beats),
    strengths: Float32Array.from(strengths),
    downbeats: Float32Array.from(downbeats),
    swing,
    sections,
    energy,
    bands: { low, mid, high },
    upTo: endS,
    settled: until,
    complete,
  }
  const before = <T>(list: readonly T[], at: (item: T) => number) => list.filter((item) => at(item) < until)
  const beatsBefore = before(beats, (at) => at)
  const next: Settled =
    until === settled.upTo
      ? settled
      : {
          upTo: until,
          beats: beatsBefore,
          strengths: strengths.slice(0, beatsBefore.length),
          downbeats: before(downbeats, (at) => at),
          sections: before(sections, (section) => section.from),
          ...(beatsBefore.length > 1 &&
            tracked.bpm !== undefined && {
              bpm: tracked.bpm,
              beatsPerBar: metre.beatsPerBar,
              swing,
            }),
        }
  return { score, settled: next }
}

/** First and last frame at which something sounds, and whether a frame lies in a silence too long for beats. */
const soundingPart = ({ loudness, upTo, rate }: Heard) => {
  let loudest = SILENT * 30
  const sounds = (frame: number) => {
    loudest = Math.max(loudest, loudness[frame]!)
    return loudness[frame]! > Math.max(SILENT, loudest * 3e-5)
  }
  const silences: { from: number; to: number }[] = []
  let first = -1
  let last = -1
  for (let frame = 0; frame < upTo; frame++) {
    if (!sounds(frame)) continue
    if (first < 0) first = frame
    else if (frame - last > BREAK_S * rate) silences.push({ from: last, to: frame })
    last = frame
  }
  return { first, last, silences }
}

/** Beats from the last eight settled ones on, in seconds; the first `known` of them are settled. */
const beatsOf = (
  { rate, upTo }: Heard,
  pulse: Pulse,
  base: number,
  settled: Settled,
  { first, last, silences }: ReturnType<typeof soundingPart>,
  complete: boolean,
) => {
  const window = [Math.max(0, Math.max(upTo - TEMPO_S * rate, first) - base), upTo - base].map(Math.floor)
  const tempo = settled.bpm === undefined ? findTempo(pulse, window[0]!, window[1]!) : undefined
  const bpm = settled.bpm ?? (tempo && tempo.clarity > CLEAR ? tempo.bpm : undefined)
  const known = settled.beats.slice(-8)
  if (bpm === undefined || first < 0) return { beats: known, known: known.length, bpm, tempo }
  const anchor = known.at(-1)
  const after = anchor === undefined ? undefined : Math.round(anchor * rate) - base
  const from = Math.max(0, after ?? Math.floor(Math.max(settled.upTo * rate, first - 5)) - base)
  const started = settled.bpm === undefined ? undefined : (60 * rate) / settled.bpm
  const periods = followPeriod(pulse, bpm, from, upTo - base, started)
  let found = trackBeats(pulse.onset, periods, after)
    .map((beat) => ({ at: refine(pulse.onset, beat) + base, accent: accentAt(pulse, beat, 3) }))
    .filter(({ at }) => at / rate >= settled.upTo && at >= first - 5)
  if (after === undefined) {
    // A beat begins with one that is played.
    const least =
      0.3 *
      quantile(
        found.map(({ accent }) => accent),
        0.7,
      )
    found = found.slice(
      Math.max(
        0,
        found.findIndex(({ accent }) => accent > least),
      ),
    )
  }
  const end = complete ? last + rate / 2 : last + BREAK_S * rate
  found = found.filter(
    ({ at }) => at <= end && !silences.some(({ from, to }) => at > from + rate && at < to - 5),
  )
  const local = periods[Math.max(0, Math.floor((upTo / rate - UNSETTLED_S) * rate) - base)] ?? 0
  return {
    beats: [...known, ...found.map(({ at }) => at / rate)],
    known: known.length,
    bpm: local > 0 ? (60 * rate) / local : bpm,
    tempo,
  }
}

const barsOf = (heard: Heard, pulse: Pulse, base: number, settled: Settled, beats: readonly number[]) => {
  const cues = cuesOf(
    heard,
    shifted(pulse, base),
    beats.map((beat) => beat * heard.rate),
  )
  const metre = settled.beatsPerBar ? { beatsPerBar: settled.beatsPerBar, margin: 0 } : findMetre(cues)
  // The place in the bar of the first of these beats, counted from the last settled downbeat.
  const last = settled.downbeats.at(-1)
  const place =
    last === undefined || !settled.beatsPerBar
      ? undefined
      : (((beats.findIndex((at) => at >= last - 1e-6) * -1) % metre.beatsPerBar) + metre.beatsPerBar) %
        metre.beatsPerBar
  return { ...metre, downbeats: findDownbeats(cues, metre.beatsPerBar, place).map((i) => beats[i]!) }
}

/** A pulse that begins at frame `base` of the music, as if it began at its start. */
const shifted = (pulse: Pulse, base: number): Pulse => {
  const moved = (x: Float32Array) => {
    const out = new Float32Array(base + x.length)
    out.set(x, base)
    return out
  }
  return { rate: pulse.rate, onset: pulse.onset, parts: pulse.parts.map(moved) as unknown as Pulse['parts'] }
}

/** Seconds around a beat among whose beats it is strong or weak. */
const COMPARED_S = 5

const strengthsOf = (pulse: Pulse, frames: readonly number[]): number[] => {
  const accents = frames.map((frame) => accentAt(pulse, frame, 4))
  const reach = COMPARED_S * pulse.rate
  return frames.map((frame, i) => {
    const others = accents.filter((_, k) => Math.abs(frames[k]! - frame) < reach)
    return Math.min(1, accents[i]! / Math.max(0.3, quantile(others, 0.9)))
  })
}

/** Of the intervals between beats the median. Beats a minute. */
const tempoOf = (beats: readonly number[]): number =>
  60 /
  quantile(
    beats.slice(1).map((beat, i) => beat - beats[i]!),
    0.5,
  )
