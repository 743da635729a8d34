/**
 * @file Music that sounds now: what was last heard is looked at once a second, and beats are foretold from it, far enough for
 * two phrases of a dance.
 *
 * Nothing that was foretold changes. When what is heard disagrees, the beats behind it bend: each is at most a quarter of a
 * beat longer or shorter, until they are in step again.
 *
 * Half a minute is remembered, so hours cost no more than minutes; only the score itself grows, by some 170 bytes a second
 * (three hours: 1.8 MB), because its reader may ask for a dance from the start.
 */
import type { Score } from '../../src/shared/contracts'
import { cuesOf, findDownbeats, findMetre, findSwing } from './bars'
import { countMet, guided, inStep, refine, trackBeats, waysToTap } from './beats'
import { ENERGIES_PER_SECOND, levelMeter, SILENT } from './energy'
import { foresee, type Foresight } from './foresight'
import { ear, excerpt, excerptStart, type Heard } from './hearing'
import { Growing } from './growing'
import { followPeriod } from './period'
import { accentAt, pulseOf, sliced, strengthsOf, type Pulse } from './pulse'
import { Scenes } from './scenes'
import { mean } from './signal'
import { CLEAR, findTempo, SURE_MARGIN, type Tempo } from './tempo'

/** Seconds between two looks, and how much of what was last heard is looked at and remembered. */
const EVERY_S = 1
const LOOK_S = 18
const MEMORY_S = 30
/** Samples at hand, in seconds: what was not heard yet and the surroundings of the next frame. */
const BUFFER_S = 2
/** A tempo is looked for in so much music, and believed from the second on even if another level is as likely. */
const SOONEST_S = 7
const LATEST_S = 12
/** What is heard is compared with the tempo of so much of it. */
const RECENT_S = 10
/**
 * Beats that are foretold: a phrase that begins now, the one after it, which decides on how it ends, and the time until the
 * next look.
 */
const AHEAD_BEATS = 17.5
const AHEAD_S = EVERY_S + 0.6
/** By how much a beat may be longer or shorter than the one before, to come in step. */
const BEND = 0.25
/** Looks that must agree before another tempo or another first beat of the bar is believed. */
const LOOKS = 3
/** Seconds of silence after which a sound is the start of something new, and without a beat after which one rests. */
const PAUSE_S = 1.5
const REST_S = 6
/** Where something sounds that has no beat, such as speech, so much of its loudness is danced. */
const CALM = 0.35
/** Two tempi are the same music if one is so many times the other. */
const SAME_TEMPO = 0.06
const RELATIVES = [1, 0.5, 2, 2 / 3, 1.5, 1 / 3, 3, 0.75, 4 / 3] as const

/** The beats of what was last heard, and what follows from them. */
interface Tracked {
  /** Seconds, and how strongly each was played, 0 to 1. */
  readonly beats: readonly number[]
  readonly strengths: readonly number[]
  readonly foresight: Foresight
  /** Indices of the beats that begin a bar. */
  readonly downbeats: readonly number[]
  readonly beatsPerBar: 3 | 4
  readonly swing: number
}

/** What was last heard, from frame `start` of what is remembered. */
interface View {
  readonly heard: Heard
  readonly pulse: Pulse
  readonly time: (frame: number) => number
  readonly frame: (seconds: number) => number
}

/** Pure: samples in, scores out. `hear` whatever comes, and `look` when it is `due`. */
export class Follower {
  readonly #sound: { samples: Float32Array; first: number }
  readonly #buffer: Float32Array
  #filled = 0
  readonly #ear: ReturnType<typeof ear>
  /** Frames that are not remembered any more, and those at which the next look is due. */
  #forgotten = 0
  #due: number
  /** Frames of all: up to which silence was looked for, the last that sounded, and where what sounds now began. */
  #listened = 0
  #sounded = -Infinity
  #began = 0
  #loudest = SILENT * 30
  readonly #meter = levelMeter(EVERY_S)

  #bpm: number | undefined
  /** Nothing is known of what sounds now: it has just begun. */
  #searching = true
  /** When a beat was last clear, seconds; how many looks in a row said that the tempo, or the bar, is another one. */
  #clearS = 0
  #otherTempo = 0
  #otherBar = 0
  /** The beats that were last heard, seconds: a foot stays on its side of the beat. */
  #tapped: readonly number[] = []
  #metre: { readonly beatsPerBar: 3 | 4; readonly swing: number } | undefined
  readonly #beats = new Growing()
  readonly #strengths = new Growing()
  readonly #downbeats = new Growing()
  readonly #curves = [new Growing(), new Growing(), new Growing(), new Growing()] as const
  readonly #scenes = new Scenes()
  /** Of the next foretold beat: its place in the bar. */
  #place = 0

  constructor(sampleRate: number) {
    this.#buffer = new Float32Array(Math.ceil(BUFFER_S * sampleRate))
    this.#sound = { samples: this.#buffer.subarray(0, 0), first: 0 }
    this.#ear = ear(this.#sound, sampleRate, MEMORY_S)
    this.#due = SOONEST_S * this.#ear.heard.rate
  }

  /** The next samples, as many as there are. */
  hear(samples: Float32Array) {
    const most = Math.floor(this.#buffer.length / 4)
    for (let from = 0; from < samples.length; from += most) this.#take(samples.subarray(from, from + most))
  }

  get due(): boolean {
    return this.#forgotten + this.#ear.heard.upTo >= this.#due
  }

  /** What is to be danced to from now on; nothing as long as no beat has been found. */
  look(): Score | undefined {
    const { heard } = this.#ear
    this.#due = this.#forgotten + heard.upTo + EVERY_S * heard.rate
    const nowS = (this.#forgotten + heard.upTo) / heard.rate
    const levels = this.#meter(heard)
    this.#noticeSilence()
    const before = this.#view(nowS)
    const view = before && this.#newTempo(before, nowS) ? this.#view(nowS) : before
    const bpm = this.#bpm
    if (bpm === undefined) return undefined
    const tracked = view && !this.#searching ? this.#track(view, bpm) : undefined
    if (this.#beats.length === 0 && !tracked) return undefined
    const silent = nowS - this.#sounded / heard.rate > PAUSE_S
    const clear = !silent && nowS - this.#clearS < REST_S
    if (tracked && this.#beats.length === 0) this.#begin(tracked)
    if (tracked && clear) this.#bpm = 60 / (tracked.foresight(0) - tracked.foresight(-1))
    const felt = levels.map((level) => level * (clear ? 1 : silent ? 0 : CALM))
    this.#scenes.hear(this.#beats.last, felt[0]!)
    this.#foretell(nowS, clear ? tracked : undefined)
    const settled = this.#beats.last
    this.#curves.forEach((curve, i) => curve.fill(felt[i]!, Math.floor(settled * ENERGIES_PER_SECOND)))
    return this.#score(nowS, settled)
  }

  #take(samples: Float32Array) {
    const { heard, hear, ready, forget } = this.#ear
    if (this.#filled + samples.length > this.#buffer.length) {
      const gone = this.#filled - Math.floor(this.#buffer.length / 2)
      this.#buffer.copyWithin(0, gone, this.#filled)
      this.#filled -= gone
      this.#sound.first += gone
    }
    this.#buffer.set(samples, this.#filled)
    this.#filled += samples.length
    this.#sound.samples = this.#buffer.subarray(0, this.#filled)
    if (heard.upTo > 0.9 * heard.frames) {
      const gone = excerptStart(heard, (0.9 * MEMORY_S - LOOK_S) / 2)
      forget(gone)
      this.#forgotten += gone
    }
    hear(ready(this.#sound.first + this.#filled) - this.#forgotten - heard.upTo)
  }

  #noticeSilence() {
    const { heard } = this.#ear
    const first = Math.max(0, this.#listened - this.#forgotten)
    for (let frame = first; frame < heard.upTo; frame++) {
      this.#loudest = Math.max(this.#loudest, heard.loudness[frame]!)
      if (heard.loudness[frame]! <= Math.max(SILENT, this.#loudest * 3e-5)) continue
      const at = this.#forgotten + frame
      if (at - this.#sounded > PAUSE_S * heard.rate) {
        this.#began = at
        this.#searching = true
      }
      this.#sounded = at
    }
    this.#listened = this.#forgotten + heard.upTo
  }

  /** What has sounded since the last pause, if it is long enough. */
  #view(nowS: number): View | undefined {
    const { heard } = this.#ear
    const { rate } = heard
    const fromS = Math.max(nowS - LOOK_S, this.#began / rate) - this.#forgotten / rate
    const start = excerptStart(heard, fromS)
    if (heard.upTo - start < SOONEST_S * 0.95 * rate) return undefined
    const part = excerpt(heard, start, heard.upTo)
    const before = this.#forgotten + start
    return {
      heard: part,
      pulse: pulseOf(part),
      time: (frame) => (frame + before) / rate,
      frame: (seconds) => seconds * rate - before,
    }
  }

  /** A tempo to be believed from now on: with the first beat, after a pause, and when the music is another. */
  #newTempo({ heard, pulse, time, frame }: View, nowS: number): Tempo | undefined {
    const from = this.#searching ? 0 : excerptStart(heard, heard.upTo / heard.rate - RECENT_S)
    const tempo = findTempo(excerpt(heard, from, heard.upTo), sliced(pulse, from, heard.upTo))
    if (!tempo || tempo.clarity < CLEAR) return undefined
    this.#clearS = nowS
    if (this.#searching) {
      if (tempo.margin < SURE_MARGIN && heard.upTo < LATEST_S * heard.rate) return undefined
    } else {
      this.#otherTempo = this.#agrees(tempo, frame, from) ? 0 : this.#otherTempo + 1
      if (this.#otherTempo < LOOKS) return undefined
      // What was before is not looked at again.
      this.#began = Math.round(time(from) * heard.rate)
    }
    this.#searching = false
    this.#otherTempo = 0
    this.#otherBar = LOOKS
    this.#bpm = tempo.bpm
    this.#tapped = tempo.beats.map((beat) => time(beat + from))
    return tempo
  }

  /** Whether it is the same music as before: a related tempo, and the foot on the same side of the beat. */
  #agrees({ bpm, beats, margin }: Tempo, frame: View['frame'], from: number): boolean {
    const is = (times: number) => Math.abs(bpm / (this.#bpm! * times) - 1) < SAME_TEMPO
    if (!is(1) || margin < SURE_MARGIN) return RELATIVES.some(is)
    const before = this.#tapped.map((at) => frame(at) - from).filter((at) => at >= beats[0]!)
    return countMet(beats, before) >= before.length / 2
  }

  #track({ heard, pulse, time, frame }: View, bpm: number): Tracked | undefined {
    const periods = followPeriod(pulse, bpm, 0, heard.upTo)
    const tapped = inStep(waysToTap(pulse.onset, periods), this.#tapped.map(frame))
    const frames = trackBeats(guided(pulse.onset, tapped), periods).map((beat) => refine(pulse.onset, beat))
    if (frames.length < 6) return undefined
    const cues = cuesOf(heard, pulse, frames)
    const { beatsPerBar } = this.#metre ?? findMetre(cues)
    const beats = frames.map(time)
    this.#tapped = beats
    return {
      beats,
      strengths: strengthsOf(pulse, frames),
      foresight: foresee(
        beats,
        frames.map((at) => 0.1 + Math.min(3, accentAt(pulse, at, 3))),
      ),
      downbeats: findDownbeats(cues, beatsPerBar),
      beatsPerBar,
      swing: this.#metre?.swing ?? findSwing(pulse, frames),
    }
  }

  /** The first beats are those that have been heard. */
  #begin({ beats, strengths, downbeats, beatsPerBar, swing }: Tracked) {
    this.#metre = { beatsPerBar, swing }
    const first = downbeats[0] ?? 0
    beats.forEach((at, i) => {
      if (at <= 0) return
      this.#add(at, strengths[i]!, (((i - first) % beatsPerBar) + beatsPerBar) % beatsPerBar)
    })
  }

  #add(at: number, strength: number, place: number) {
    if (place === 0) {
      this.#downbeats.push(at)
      this.#scenes.bar(at)
    }
    this.#beats.push(at)
    this.#strengths.push(strength)
    this.#place = (place + 1) % this.#metre!.beatsPerBar
  }

  /** Beats as they were heard, drawn on; without `tracked` they go on as they were. */
  #foretell(nowS: number, tracked: Tracked | undefined) {
    const at = tracked?.foresight ?? ((n: number) => this.#beats.last + (n * 60) / this.#bpm!)
    // The number of the next beat on that curve.
    let number = 1
    for (let looking = true; ; looking = false) {
      const period = at(number + 1) - at(number)
      if (this.#beats.last >= nowS + AHEAD_BEATS * period + AHEAD_S) return
      const aim = this.#beats.last + period
      while (tracked && at(number) < aim - period / 2) number++
      if (tracked && looking) this.#correctBar(tracked, number)
      const goal = tracked ? at(number) : aim
      const next = Math.max(aim - BEND * period, Math.min(aim + BEND * period, goal))
      this.#add(next, tracked ? usualStrength(tracked, this.#place) : 0, this.#place)
    }
  }

  /** If the bar begins elsewhere than it was thought to, there is another count from here on, and a new phrase with it. */
  #correctBar({ beats, downbeats, beatsPerBar }: Tracked, number: number) {
    const last = downbeats.at(-1)
    if (last === undefined) return
    const place = (number + beats.length - 1 - last) % beatsPerBar
    this.#otherBar = place === this.#place ? 0 : this.#otherBar + 1
    if (this.#otherBar < LOOKS) return
    this.#otherBar = -2 * LOOKS
    this.#place = place
    this.#scenes.cut()
  }

  #score(upTo: number, settled: number): Score {
    const [energy, low, mid, high] = this.#curves
    const { beatsPerBar, swing } = this.#metre!
    return {
      tempoBpm: this.#bpm!,
      beatsPerBar,
      swing,
      beats: this.#beats.copy(),
      strengths: this.#strengths.copy(),
      downbeats: this.#downbeats.copy(),
      sections: this.#scenes.sections(settled),
      energy: energy.copy(),
      bands: { low: low.copy(), mid: mid.copy(), high: high.copy() },
      upTo,
      settled,
      complete: false,
    }
  }
}

/** The mean of what is played at this place in the bar. */
const usualStrength = ({ strengths, downbeats, beatsPerBar }: Tracked, place: number): number => {
  const first = downbeats[0] ?? 0
  return mean(strengths.filter((_, i) => (((i - first) % beatsPerBar) + beatsPerBar) % beatsPerBar === place))
}
