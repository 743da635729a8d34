/** @file Music: one piece, played from anywhere in it at any tempo, on a clock that says what is being heard. */
import { heardTime, type AudioDevice } from './device'
import type { Stretcher } from './stretcher'

/** A pause or a leap fades this long, so that nothing clicks. */
const FADE_S = 0.015
/**
 * From an order to the sound. What is ordered too late begins late, and the clock would be wrong by that: the stretcher has to
 * be filled first, and where one buffer takes over from another nobody waits for it.
 */
const LEAD_S = { plain: 0.02, stretched: 0.12, relay: 0.1 }

/** What sounds now: since when on the context's clock, and from where in the piece. */
interface Sounding {
  readonly gain: GainNode
  readonly since: number
  readonly from: number
  readonly rate: number
  /** A part that is repeated, from the moment its end is reached. */
  readonly loop: Loop | undefined
  readonly stop: (when: number) => void
}

/** Seconds of the piece. */
export interface Loop {
  readonly from: number
  readonly to: number
}

/** Music that can be heard. */
export interface Opened {
  /** All of it, or its beginning. */
  readonly buffer: AudioBuffer
  /** Of all of it, as far as is known. */
  readonly lengthS: number
  /** If it is still being made: begins with the samples of `buffer`. */
  readonly whole?: Promise<AudioBuffer>
}

export class Player {
  readonly #device: AudioDevice
  #buffer: AudioBuffer | undefined
  #lengthS = 0
  #sounding: Sounding | undefined
  #stretcher: Promise<Stretcher> | undefined
  /** Where it rests while nothing sounds. */
  #rest = 0
  #rate = 1
  #loop: Loop | undefined
  #context: AudioContext | undefined
  #wanted = false
  /** Counts what has been begun: whoever had to wait can tell whether it is still wanted. */
  #turn = 0
  #watch: ReturnType<typeof setInterval> | undefined

  /** The piece has come to its end by itself. */
  onended: () => void = () => undefined

  constructor(device: AudioDevice) {
    this.#device = device
  }

  /** Another piece, at its beginning, silent. `lengthS` is that of the whole, if this is only how it begins. */
  load(buffer: AudioBuffer | undefined, lengthS = buffer?.duration ?? 0) {
    this.pause()
    this.#buffer = buffer
    this.#lengthS = lengthS
    this.#loop = undefined
    this.#rest = 0
  }

  /**
   * More of the same piece: a buffer that begins with the same samples. What sounds goes on without a seam; what had come to
   * the end of what there was goes on there.
   */
  grow(buffer: AudioBuffer, lengthS = buffer.duration) {
    this.#buffer = buffer
    this.#lengthS = lengthS
    if (!this.#wanted || !this.#context) return
    if (this.#sounding?.rate === 1) this.#relay(this.#sounding, this.#context)
    else this.seek(this.time)
  }

  get lengthS(): number {
    return this.#lengthS
  }

  /** As far as there is one. */
  get buffer(): AudioBuffer | undefined {
    return this.#buffer
  }

  /** Wanted to sound; it may be waiting for `grow`. */
  get playing(): boolean {
    return this.#wanted
  }

  /** Seconds of the piece that have been heard: of what leaves the loudspeaker, not of what was handed to it. */
  get time(): number {
    if (!this.#sounding || !this.#context) return this.#rest
    return Math.min(this.#buffer!.duration, placeAt(this.#sounding, heardTime(this.#context)))
  }

  get rate(): number {
    return this.#rate
  }
  /** 1 as it was recorded, 0.5 half as fast; the pitch is kept. */
  set rate(rate: number) {
    if (rate === this.#rate) return
    const { time } = this
    this.#rate = rate
    this.seek(time)
  }

  get loop(): Loop | undefined {
    return this.#loop
  }
  /** Repeat this part. The playhead goes there if it is elsewhere. */
  set loop(loop: Loop | undefined) {
    const { time } = this
    this.#loop = loop
    this.seek(loop && (time < loop.from || time >= loop.to) ? loop.from : time)
  }

  /** Throws `not-allowed` while the browser lets no sound start. */
  async play(signal: AbortSignal): Promise<void> {
    if (this.#wanted || !this.#buffer) return
    this.#wanted = true
    this.#device.hold(this)
    try {
      this.#context = await this.#device.running(signal)
      await this.#start(this.#context)
    } catch (e) {
      this.#wanted = false
      this.#device.release(this)
      throw e
    }
  }

  pause() {
    if (!this.#wanted) return
    this.#rest = this.time
    this.#wanted = false
    this.#silence()
    this.#device.release(this)
  }

  seek(timeS: number) {
    this.#rest = Math.min(this.lengthS, Math.max(0, timeS))
    if (!this.#wanted || !this.#context) return
    this.#silence()
    void this.#start(this.#context)
  }

  async #start(context: AudioContext): Promise<void> {
    if (!this.#wanted) return // somebody has thought better of it while the sound hardware was starting
    const turn = this.#turn
    const buffer = this.#buffer!
    const [from, rate, loop] = [this.#rest, this.#rate, this.#loop]
    if (from >= buffer.duration && buffer.duration < this.lengthS) return // `grow` goes on
    if (rate === 1) {
      const { start, ...source } = sourceOf(context, buffer, loop)
      const since = context.currentTime + LEAD_S.plain
      start(since, from)
      this.#sounds({ ...source, since, from, rate, loop })
      return
    }
    this.#stretcher ??= import('./stretcher').then(({ Stretcher }) => Stretcher.open(context))
    const stretcher = await this.#stretcher
    // While it was opened, it may have been stopped, or sent elsewhere.
    if (turn !== this.#turn) return
    const since = context.currentTime + LEAD_S.stretched
    const gain = new GainNode(context, { gain: 0 })
    stretcher.node.disconnect()
    stretcher.node.connect(gain).connect(context.destination)
    fadeIn(gain, since)
    stretcher.start(buffer, from, rate, since)
    this.#sounds({ gain, since, from, rate, loop, stop: () => stretcher.stop() })
  }

  #sounds(sounding: Sounding) {
    this.#sounding = sounding
    clearInterval(this.#watch)
    this.#watch = setInterval(() => this.#look(sounding), 50)
  }

  /** The same moment of the piece from the longer buffer, on the same clock: the fades add up to what it was. */
  #relay(before: Sounding, context: AudioContext) {
    const { since, from, rate, loop, gain, stop } = before
    const { start, ...source } = sourceOf(context, this.#buffer!, loop)
    const when = Math.max(context.currentTime + LEAD_S.relay, since + FADE_S)
    start(when, placeAt(before, when))
    gain.gain.setValueAtTime(1, when)
    gain.gain.linearRampToValueAtTime(0, when + FADE_S)
    stop(when + FADE_S)
    this.#sounds({ ...source, since, from, rate, loop })
  }

  /** At the end of the piece it rests there; a part that is repeated at another tempo begins again. */
  #look(sounding: Sounding) {
    const { loop, rate } = sounding
    if (loop && rate !== 1 && placeAt({ ...sounding, loop: undefined }, heardTime(this.#context!)) >= loop.to)
      this.seek(loop.from)
    const { duration } = this.#buffer!
    if (loop || this.time < duration) return
    this.#silence()
    this.#rest = duration
    if (duration < this.lengthS) return // `grow` goes on
    this.#wanted = false
    this.#device.release(this)
    this.onended()
  }

  #silence() {
    this.#turn++
    clearInterval(this.#watch)
    if (!this.#sounding || !this.#context) return
    const { gain, stop } = this.#sounding
    this.#sounding = undefined
    const { currentTime } = this.#context
    gain.gain.cancelScheduledValues(currentTime)
    gain.gain.setTargetAtTime(0, currentTime, FADE_S / 4)
    stop(currentTime + 2 * FADE_S)
    setTimeout(() => gain.disconnect(), 1000 * 4 * FADE_S)
  }
}

/** Where in the piece something that sounds is at a moment of the context. */
const placeAt = ({ since, from, rate, loop }: Sounding, when: number): number => {
  const at = from + Math.max(0, when - since) * rate
  if (loop && at > loop.to) return loop.from + ((at - loop.from) % (loop.to - loop.from))
  return at
}

const fadeIn = ({ gain }: GainNode, when: number) => {
  gain.setValueAtTime(0, when)
  gain.linearRampToValueAtTime(1, when + FADE_S)
}

/** The piece as it was recorded, ready to start at a moment of the context from second `from` of it on. */
const sourceOf = (context: AudioContext, buffer: AudioBuffer, loop: Loop | undefined) => {
  const node = new AudioBufferSourceNode(context, { buffer, loop: loop !== undefined })
  if (loop) [node.loopStart, node.loopEnd] = [loop.from, loop.to]
  const gain = new GainNode(context, { gain: 0 })
  node.connect(gain).connect(context.destination)
  node.onended = () => gain.disconnect()
  return {
    gain,
    start: (when: number, from: number) => {
      node.start(when, from)
      fadeIn(gain, when)
    },
    stop: (when: number) => node.stop(when),
  }
}
