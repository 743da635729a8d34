/**
 * @file Music as it is held: 16 bits a sample, half of what the browser's own buffers take, and from its beginning as far as
 * there is any. It is heard, analysed and filmed while it is still being wound.
 */
import { pace } from '../shared/breath'

/** Decoders make samples beyond full scale of music that was mastered loud; up to +2.7 dB is kept. */
const SCALE = 24_000
/** How long the page may be kept from drawing, milliseconds, and samples between two looks at the clock. */
const SLICE_MS = 6
const STEP = 1 << 16

export class Reel {
  readonly sampleRate: number
  /** One or two. */
  readonly channels: number
  /** Samples of each channel that are there. */
  filled = 0
  /** No more will come. */
  ended = false
  /** Resolves when all of it is there; rejects with what went wrong before. */
  readonly whole: Promise<void>
  readonly #sides: readonly Int16Array[]
  readonly #end = Promise.withResolvers<undefined>()
  #more = Promise.withResolvers<undefined>()

  /** For at most `lengthS` seconds. */
  constructor(lengthS: number, sampleRate: number, channels: number) {
    this.sampleRate = sampleRate
    this.channels = channels
    const frames = Math.ceil(lengthS * sampleRate)
    this.#sides = Array.from({ length: channels }, () => new Int16Array(frames))
    this.whole = this.#end.promise
    this.whole.catch(() => undefined) // whoever awaits it gets it
  }

  /** Seconds of all of it, as far as is known. */
  get lengthS(): number {
    return (this.ended ? this.filled : this.#sides[0]!.length) / this.sampleRate
  }

  /** Seconds of what there is. */
  get filledS(): number {
    return this.filled / this.sampleRate
  }

  /** Resolves when there is more of it, or no more will come. */
  get more(): Promise<unknown> {
    return this.#more.promise
  }

  /** The next samples; what is longer than was said is dropped. A single side is that of both. */
  wind(sides: readonly Float32Array[]) {
    const from = this.filled
    const count = Math.min(sides[0]!.length, this.#sides[0]!.length - from)
    this.#sides.forEach((side, c) => {
      const data = sides[c] ?? sides[0]!
      for (let i = 0; i < count; i++)
        side[from + i] = Math.max(-32_768, Math.min(32_767, Math.round(data[i]! * SCALE)))
    })
    this.filled += count
    this.#tell()
  }

  /** What there is of these sides beyond what is on the reel, a few milliseconds at a time; that is all of it. */
  async windAll(signal: AbortSignal, sides: readonly Float32Array[]): Promise<void> {
    const rest = pace(signal, SLICE_MS)
    while (this.filled < sides[0]!.length) {
      this.wind(sides.map((side) => side.subarray(this.filled, this.filled + STEP)))
      await rest()
    }
    this.end()
  }

  /** No more will come: that was all, or `cause` came in between. */
  end(cause?: unknown) {
    this.ended = true
    if (cause === undefined) this.#end.resolve(undefined)
    else this.#end.reject(cause)
    this.#tell()
  }

  /** Samples of one side; silence where there are none. */
  read(channel: number, from: number, into: Float32Array) {
    const side = this.#sides[Math.min(channel, this.channels - 1)]!
    const last = Math.min(into.length, this.filled - from)
    into.fill(0)
    for (let i = Math.max(0, -from); i < last; i++) into[i] = side[from + i]! / SCALE
  }

  /** The same of both, to be played. */
  part(from: number, frames: number): AudioBuffer {
    const buffer = new AudioBuffer({
      numberOfChannels: this.channels,
      length: frames,
      sampleRate: this.sampleRate,
    })
    for (let c = 0; c < this.channels; c++) this.read(c, from, buffer.getChannelData(c))
    return buffer
  }

  #tell() {
    this.#more.resolve(undefined)
    this.#more = Promise.withResolvers()
  }
}
