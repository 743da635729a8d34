/** @file Music that comes in pieces, of which only the part that is being heard is held. */
import { release } from '../../src/shared/memory'
import type { Sound } from './decimate'

/** What was heard stays for so long, seconds: the windows of the next frames reach back. */
const BEHIND_S = 1

export class Intake {
  /** What is at hand. */
  readonly sound: Sound
  /** Samples that came, or were left out as too many. */
  received = 0
  ended = false
  readonly #pieces: AsyncIterator<Float32Array<ArrayBuffer>> | Iterator<Float32Array<ArrayBuffer>>
  readonly #most: number
  readonly #behind: number
  #memory: Float32Array<ArrayBuffer>

  /** `ahead`: so many samples are asked for at once; `most`: that many in all. */
  constructor(
    pieces: AsyncIterable<Float32Array<ArrayBuffer>> | Iterable<Float32Array<ArrayBuffer>>,
    sampleRate: number,
    ahead: number,
    most: number,
  ) {
    this.#pieces = Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]()
    this.#most = most
    this.#behind = Math.ceil(BEHIND_S * sampleRate)
    this.#memory = new Float32Array(ahead + this.#behind)
    this.sound = { samples: this.#memory.subarray(0, 0), first: 0 }
  }

  /** Wait until so many samples of the music have come, or all there are. Some `heard` of them have been heard. */
  async upTo(count: number, heard: number): Promise<void> {
    this.#forget(Math.floor(heard) - this.#behind)
    while (!this.ended && this.received < count) {
      const step = await this.#pieces.next()
      if (step.done) this.ended = true
      else this.#take(step.value)
    }
  }

  /** The writer of the pieces need not go on. */
  async close(): Promise<void> {
    await this.#pieces.return?.()
  }

  #forget(before: number) {
    const gone = Math.min(before - this.sound.first, this.sound.samples.length)
    if (gone <= 0) return
    const left = this.sound.samples.length - gone
    this.#memory.copyWithin(0, gone, gone + left)
    this.sound.samples = this.#memory.subarray(0, left)
    this.sound.first += gone
  }

  #take(piece: Float32Array<ArrayBuffer>) {
    const { samples } = this.sound
    const fits = piece.subarray(0, this.#most - this.received)
    const length = samples.length + fits.length
    if (length > this.#memory.length) {
      const larger = new Float32Array(length)
      larger.set(samples)
      this.#memory = larger
    }
    this.#memory.set(fits, samples.length)
    this.sound.samples = this.#memory.subarray(0, length)
    this.received += fits.length
    release(piece)
  }
}
