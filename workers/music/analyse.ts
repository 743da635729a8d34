/**
 * @file Music as a dancer hears it: beats, bars, parts, loudness. From samples to scores that grow.
 *
 * A score comes every twelve seconds of music. Up to `settled` it is kept as it is, so that a dance may be composed on it;
 * what lies behind is found anew, as its continuation, when more has been heard.
 */
import type { Score, Section } from '../../src/shared/contracts'
import { breath } from '../../src/shared/breath'
import { cuesOf, findDownbeats, findMetre, findSwing } from './bars'
import { guided, inStep, refine, trackBeats, waysToTap } from './beats'
import { loudnessOf, SILENT } from './energy'
import { ear, excerpt, excerptStart, type Heard } from './hearing'
import { Intake } from './intake'
import { followPeriod } from './period'
import { accentAt, pulseOf, sliced, strengthsOf, type Pulse } from './pulse'
import { findSections } from './sections'
import { mean, quantile } from './signal'
import { CLEAR, findTempo, SURE_MARGIN, type Tempo } from './tempo'

/** Seconds of music: the first score, the distance of the following, and how far behind the end of a score it is settled. */
const FIRST_S = 10
const EVERY_S = 12
const UNSETTLED_S = 11
/** The first score may settle more than that, as no part of a piece ends so early. */
const FIRST_SETTLED_S = 5.5
/** Where tempo or metre are in doubt nothing is settled, up to here. Seconds. */
const DOUBT_S = 30
const SURE_METRE = 0.5
/** Tempo is looked for in this much of what was last heard, seconds. */
const TEMPO_S = 24
/** Seconds of silence through which beats go on. */
const BREAK_S = 8
/** A beat may lie so much before its sound, seconds. */
const EARLY_S = 0.05
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
  pieces: AsyncIterable<Float32Array<ArrayBuffer>> | Iterable<Float32Array<ArrayBuffer>>,
  sampleRate: number,
  lengthS: number,
): AsyncGenerator<Score, void> {
  signal.throwIfAborted()
  const usable = sampleRate > 0 && Number.isFinite(sampleRate) && Number.isFinite(lengthS)
  const rate = usable ? sampleRate : 1
  const intake = new Intake(
    usable ? pieces : [],
    rate,
    Math.ceil((FIRST_S + 2 * EVERY_S) * rate),
    usable ? Math.round(lengthS * rate) : 0,
  )
  const { heard, hear, framesIn } = ear(intake.sound, rate, usable ? lengthS : 0)
  let settled: Settled = { upTo: 0, beats: [], strengths: [], downbeats: [], sections: [] }
  let turn = performance.now()
  const breathe = async () => {
    if (performance.now() - turn > TURN_MS) {
      await breath()
      turn = performance.now()
    }
    signal.throwIfAborted()
  }
  try {
    for (let next = FIRST_S; ; next += EVERY_S) {
      // A last piece that is short is heard with the one before.
      const least = EVERY_S / 4
      await intake.upTo((next + least) * rate, (heard.upTo / heard.rate) * rate)
      signal.throwIfAborted()
      const durationS = intake.received / rate
      const complete = intake.ended && durationS - next < least
      const upToFrames = complete ? framesIn(intake.received) : Math.round(next * heard.rate)
      while (heard.upTo < upToFrames) {
        hear(Math.min(GULP, upToFrames - heard.upTo))
        await breathe()
      }
      const found = read(heard, settled, complete, complete ? durationS : heard.upTo / heard.rate)
      settled = found.settled
      await breathe()
      yield found.score
      signal.throwIfAborted()
      if (complete) return
    }
  } finally {
    await intake.close()
  }
}

/** A score of all that has been heard, and what of it is settled from now on. */
const read = (heard: Heard, settled: Settled, complete: boolean, endS: number) => {
  // Onsets are comparable within half a minute; what is settled long ago is not looked at again.
  const view = viewOf(heard, settled.upTo - DOUBT_S)
  const tracked = beatsOf(view, settled, soundingPart(heard), complete)
  const metre = barsOf(view, settled, tracked.beats)
  const beatFrames = tracked.beats.map((beat) => view.frame(beat))
  const beats = [...settled.beats, ...tracked.beats.slice(tracked.known)]
  const strengths = [...settled.strengths, ...strengthsOf(view.pulse, beatFrames).slice(tracked.known)]
  const downbeats = [...settled.downbeats, ...metre.downbeats.filter((at) => at >= settled.upTo)]
  const swing = settled.swing ?? findSwing(view.pulse, beatFrames)
  const loudness = loudnessOf(heard)
  const sections = findSections(
    heard,
    settled.sections,
    settled.upTo,
    downbeats.length > 1 ? downbeats : Array.from({ length: Math.floor(endS / 2) }, (_, i) => 2 * i),
    endS,
    (from, to) => mean(loudness.energy.subarray(Math.floor(from * 10), Math.max(1, Math.floor(to * 10)))),
  )
  const sure = tracked.tempo
    ? tracked.tempo.margin > SURE_MARGIN && metre.margin > SURE_METRE
    : tracked.bpm !== undefined
  const until = complete
    ? endS
    : endS < DOUBT_S && settled.upTo === 0 && !sure
      ? 0
      : Math.max(settled.upTo, endS - UNSETTLED_S, endS < FIRST_S + 1 ? FIRST_SETTLED_S : 0)
  const score: Score = {
    tempoBpm: beats.length > 1 ? tempoOf(beats) : 0,
    beatsPerBar: metre.beatsPerBar,
    beats: Float32Array.from(beats),
    strengths: Float32Array.from(strengths),
    downbeats: Float32Array.from(downbeats),
    swing,
    sections,
    ...loudness,
    upTo: endS,
    settled: until,
    complete,
  }
  if (until === settled.upTo) return { score, settled }
  const before = beats.filter((at) => at < until)
  const next: Settled = {
    upTo: until,
    beats: before,
    strengths: strengths.slice(0, before.length),
    downbeats: downbeats.filter((at) => at < until),
    sections: sections.filter((section) => section.from < until),
    ...(before.length > 1 &&
      tracked.bpm !== undefined && { bpm: tracked.bpm, beatsPerBar: metre.beatsPerBar, swing }),
  }
  return { score, settled: next }
}

/** What was last heard, in frames of its own. */
interface View {
  readonly heard: Heard
  readonly pulse: Pulse
  /** From seconds of the music to frames of the view, not whole ones, and back. */
  readonly frame: (seconds: number) => number
  readonly time: (frame: number) => number
}

const viewOf = (heard: Heard, fromS: number): View => {
  const start = excerptStart(heard, fromS)
  const part = excerpt(heard, start, heard.upTo)
  return {
    heard: part,
    pulse: pulseOf(part),
    frame: (seconds) => seconds * heard.rate - start,
    time: (frame) => (frame + start) / heard.rate,
  }
}

/** When something sounds first and last (seconds; Infinity and 0 where nothing does), and the silences too long for beats. */
const soundingPart = ({ loudness, upTo, rate }: Heard) => {
  let loudest = SILENT * 30
  const silences: { from: number; to: number }[] = []
  let firstS = Infinity
  let lastS = 0
  for (let frame = 0; frame < upTo; frame++) {
    loudest = Math.max(loudest, loudness[frame]!)
    if (loudness[frame]! <= Math.max(SILENT, loudest * 3e-5)) continue
    const at = frame / rate
    if (firstS === Infinity) firstS = at
    else if (at - lastS > BREAK_S) silences.push({ from: lastS, to: at })
    lastS = at
  }
  return { firstS, lastS, silences }
}

/** The tempo of what was last heard, with its beats as frames of the view. */
const tempoNow = ({ heard, pulse }: View, firstFrame: number): Tempo | undefined => {
  const from = excerptStart(heard, Math.max(heard.upTo / heard.rate - TEMPO_S, firstFrame / heard.rate))
  const tempo = findTempo(excerpt(heard, from, heard.upTo), sliced(pulse, from, heard.upTo))
  return tempo && { ...tempo, beats: tempo.beats.map((beat) => beat + from) }
}

/** Beats from the last eight settled ones on, in seconds; the first `known` of them are settled. */
const beatsOf = (
  view: View,
  settled: Settled,
  { firstS, lastS, silences }: ReturnType<typeof soundingPart>,
  complete: boolean,
) => {
  const { pulse } = view
  const { rate, upTo } = view.heard
  const tempo = settled.bpm === undefined ? tempoNow(view, view.frame(firstS)) : undefined
  const bpm = settled.bpm ?? (tempo && tempo.clarity > CLEAR ? tempo.bpm : undefined)
  const known = settled.beats.slice(-8)
  if (bpm === undefined || firstS === Infinity) return { beats: known, known: known.length, bpm, tempo }
  const anchor = known.at(-1)
  const after = anchor === undefined ? undefined : Math.round(view.frame(anchor))
  const from = Math.max(0, Math.floor(view.frame(known[0] ?? Math.max(settled.upTo, firstS - EARLY_S))))
  const started = settled.bpm === undefined ? undefined : (60 * rate) / settled.bpm
  const periods = followPeriod(pulse, bpm, from, upTo, started)
  const tapped = tempo?.beats ?? inStep(waysToTap(pulse.onset, periods), known.map(view.frame))
  const found = trackBeats(guided(pulse.onset, tapped), periods, after)
    .map((beat) => ({ at: view.time(refine(pulse.onset, beat)), accent: accentAt(pulse, beat, 3) }))
    .filter(({ at }) => at >= settled.upTo && at >= firstS - EARLY_S)
  const end = lastS + (complete ? 0.5 : BREAK_S)
  const beats = (after === undefined ? fromFirstPlayed(found) : found)
    .map(({ at }) => at)
    .filter((at) => at <= end && !silences.some(({ from, to }) => at > from + 1 && at < to - EARLY_S))
  const local = periods[Math.max(0, upTo - Math.round(UNSETTLED_S * rate))] ?? 0
  return {
    beats: [...known, ...beats],
    known: known.length,
    bpm: local > 0 ? (60 * rate) / local : bpm,
    tempo,
  }
}

/** A beat begins with one that is played. */
const fromFirstPlayed = <T extends { readonly accent: number }>(found: readonly T[]): readonly T[] => {
  const usual = quantile(
    found.map(({ accent }) => accent),
    0.7,
  )
  return found.slice(
    Math.max(
      0,
      found.findIndex(({ accent }) => accent > 0.3 * usual),
    ),
  )
}

const barsOf = ({ heard, pulse, frame }: View, settled: Settled, beats: readonly number[]) => {
  const cues = cuesOf(heard, pulse, beats.map(frame))
  const metre = settled.beatsPerBar ? { beatsPerBar: settled.beatsPerBar, margin: 0 } : findMetre(cues)
  const last = settled.downbeats.at(-1)
  const sinceBar = beats.findIndex((at) => at >= (last ?? Infinity) - 1e-6)
  // The place in the bar of the first of these beats, counted back from the last settled downbeat.
  const place =
    last === undefined || !settled.beatsPerBar
      ? undefined
      : (metre.beatsPerBar - (sinceBar % metre.beatsPerBar)) % metre.beatsPerBar
  return { ...metre, downbeats: findDownbeats(cues, metre.beatsPerBar, place).map((i) => beats[i]!) }
}

/** Of the intervals between beats the median. Beats a minute. */
const tempoOf = (beats: readonly number[]): number =>
  60 /
  quantile(
    beats.slice(1).map((beat, i) => beat - beats[i]!),
    0.5,
  )
