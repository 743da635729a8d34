/** @file Music: one piece, played from anywhere in it at any tempo, on a clock that says what is being heard. */
import { heardTime, type AudioDevice } from './device'
import type { Reel } from './reel'
import { Spool } from './spool'
import type { Stretcher } from './stretcher'

/** A pause or a leap fades this long, so that nothing clicks. */
const FADE_S = 0.015
/** From an order to the sound: hardware asks for up to 40 ms at once, and the stretcher has to be filled first. */
const LEAD_S = { plain: 0.06, stretched: 0.12 }
/** Where the end of what there is was reached, it goes on when there is so much more. */
const ENOUGH_S = 0.5

/** What sounds now: since when on the context's clock, and from where in the piece. */
interface Sounding {
  readonly gain: GainNode
  readonly since: number
  readonly from: number
  readonly rate: number
  /** A part that is repeated, from the moment its end is reached. */
  readonly loop: Loop | undefined
  /** The second of the piece to go on from, where what comes next comes too late. */
  readonly feed: () => number | undefined
  readonly stop: (when: number) => void
}

/** Seconds of the piece. */
export interface Loop {
  readonly from: number
  readonly to: number
}

export class Player {
  readonly #device: AudioDevice
  #reel: Reel | undefined
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

  /** Another piece, at its beginning, silent. It may still be growing. */
  load(reel: Reel | undefined) {
    this.pause()
    this.#reel = reel
    this.#loop = undefined
    this.#rest = 0
  }

  get lengthS(): number {
    return this.#reel?.lengthS ?? 0
  }

  get reel(): Reel | undefined {
    return this.#reel
  }

  /** Wanted to sound; it may be waiting for more of the piece. */
  get playing(): boolean {
    return this.#wanted
  }

  /** Seconds of the piece that have been heard: of what leaves the loudspeaker, not of what was handed to it. */
  get time(): number {
    if (!this.#sounding || !this.#context) return this.#rest
    return Math.min(this.#reel!.filledS, placeAt(this.#sounding, heardTime(this.#context)))
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
    if (this.#wanted || !this.#reel) return
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

  async #start(context: AudioContext, leadS = LEAD_S.plain): Promise<void> {
    if (!this.#wanted) return // somebody has thought better of it while the sound hardware was starting
    const turn = this.#turn
    const reel = this.#reel!
    const [from, rate, loop] = [this.#rest, this.#rate, this.#loop]
    if (from >= reel.filledS && !reel.ended) {
      void this.#wait(context, turn, reel)
      return
    }
    const gain = new GainNode(context, { gain: 0 })
    if (rate === 1) {
      const { sampleRate } = reel
      const [frame, repeat] = [Math.round(from * sampleRate), loop && inSamples(loop, sampleRate)]
      const since = context.currentTime + leadS
      gain.connect(context.destination)
      fadeIn(gain, since)
      const spool = new Spool(reel, frame, repeat, since, gain)
      // What is ordered too late begins late, and the clock would be wrong by that: where the page was held up, once more.
      if (spool.feed() !== undefined) {
        gain.disconnect()
        await this.#start(context, 2 * leadS)
        return
      }
      const feed = () => spool.feed()
      this.#sounds({ gain, since, from, rate, loop, feed, stop: (when) => spool.stop(when) })
      return
    }
    this.#stretcher ??= import('./stretcher').then(({ Stretcher }) => Stretcher.open(context))
    const stretcher = await this.#stretcher
    // While it was opened, it may have been stopped, or sent elsewhere.
    if (turn !== this.#turn) return
    const since = context.currentTime + LEAD_S.stretched
    stretcher.node.disconnect()
    stretcher.node.connect(gain).connect(context.destination)
    fadeIn(gain, since)
    stretcher.start(reel, from, rate, since)
    const feed = () => {
      stretcher.feed()
      return undefined
    }
    this.#sounds({ gain, since, from, rate, loop, feed, stop: () => stretcher.stop() })
  }

  #sounds(sounding: Sounding) {
    this.#sounding = sounding
    clearInterval(this.#watch)
    this.#watch = setInterval(() => this.#look(sounding), 50)
  }

  /** It rests at the end of what there is, until there is more. */
  async #wait(context: AudioContext, turn: number, reel: Reel): Promise<void> {
    while (!reel.ended && reel.filledS < this.#rest + ENOUGH_S) await reel.more
    if (turn === this.#turn) await this.#start(context)
  }

  /** At the end of the piece it rests there; a part that is repeated at another tempo begins again. */
  #look(sounding: Sounding) {
    const { loop, rate, feed } = sounding
    const lateFrom = feed()
    if (lateFrom !== undefined) {
      this.seek(lateFrom)
      return
    }
    if (loop && rate !== 1 && placeAt({ ...sounding, loop: undefined }, heardTime(this.#context!)) >= loop.to)
      this.seek(loop.from)
    const { filledS, ended } = this.#reel!
    if (loop || this.time < filledS) return
    this.#silence()
    this.#rest = filledS
    if (!ended) {
      void this.#start(this.#context!)
      return
    }
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

const inSamples = ({ from, to }: Loop, sampleRate: number) => ({
  from: Math.round(from * sampleRate),
  to: Math.round(to * sampleRate),
})
