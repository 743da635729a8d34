/** @file Music: one piece, played from anywhere in it at any tempo, on a clock that says what is being heard. */
import { heardTime, type AudioDevice } from './device'
import type { Stretcher } from './stretcher'

/** A pause or a leap fades this long, so that nothing clicks. */
const FADE_S = 0.015
/** From an order to the sound: time for the stretcher, which has to be filled first, to be on time. */
const LEAD_S = { plain: 0.01, stretched: 0.12 }

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

export class Player {
  readonly #device: AudioDevice
  #buffer: AudioBuffer | undefined
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

  /** Another piece, at its beginning, silent. */
  load(buffer: AudioBuffer | undefined) {
    this.pause()
    this.#buffer = buffer
    this.#loop = undefined
    this.#rest = 0
  }

  get lengthS(): number {
    return this.#buffer?.duration ?? 0
  }

  get playing(): boolean {
    return this.#wanted
  }

  /** Seconds of the piece that have been heard: of what leaves the loudspeaker, not of what was handed to it. */
  get time(): number {
    if (!this.#sounding || !this.#context) return this.#rest
    const { since, from, rate, loop } = this.#sounding
    const at = from + Math.max(0, heardTime(this.#context) - since) * rate
    if (loop && at > loop.to) return loop.from + ((at - loop.from) % (loop.to - loop.from))
    return Math.min(this.lengthS, at)
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
    const gain = new GainNode(context, { gain: 0 })
    gain.connect(context.destination)
    if (rate === 1) {
      const source = new AudioBufferSourceNode(context, { buffer, loop: loop !== undefined })
      if (loop) [source.loopStart, source.loopEnd] = [loop.from, loop.to]
      source.connect(gain)
      // A little ahead, so that it begins on the sample that is known.
      const since = context.currentTime + LEAD_S.plain
      source.start(since, from)
      this.#sounds({ gain, since, from, rate, loop, stop: (when) => source.stop(when) })
      return
    }
    this.#stretcher ??= import('./stretcher').then(({ Stretcher }) => Stretcher.open(context))
    const stretcher = await this.#stretcher
    // While it was opened, it may have been stopped, or sent elsewhere.
    if (turn !== this.#turn) return
    const since = context.currentTime + LEAD_S.stretched
    stretcher.node.disconnect()
    stretcher.node.connect(gain)
    stretcher.start(buffer, from, rate, since)
    this.#sounds({ gain, since, from, rate, loop, stop: () => stretcher.stop() })
  }

  #sounds(sounding: Sounding) {
    this.#sounding = sounding
    const { gain, since } = sounding
    gain.gain.setValueAtTime(0, since)
    gain.gain.linearRampToValueAtTime(1, since + FADE_S)
    clearInterval(this.#watch)
    this.#watch = setInterval(() => this.#look(sounding), 50)
  }

  /** At the end of the piece it rests there; a part that is repeated at another tempo begins again. */
  #look({ loop, rate }: Sounding) {
    const { time } = this
    if (loop && rate !== 1 && this.#sounding!.from + this.#passed() >= loop.to) this.seek(loop.from)
    if (loop || time < this.lengthS) return
    this.#silence()
    this.#wanted = false
    this.#rest = this.lengthS
    this.#device.release(this)
    this.onended()
  }

  #passed(): number {
    const { since, rate } = this.#sounding!
    return Math.max(0, heardTime(this.#context!) - since) * rate
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
