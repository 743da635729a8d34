/**
 * @file A reel that sounds as it was recorded: some seconds of it at a time, each handed to the hardware well before it is
 * due. They overlap by a few milliseconds in which one fades as the other rises, so that no seam is heard at any rate of the
 * hardware, nor where a part that is repeated begins again.
 */
import type { Reel } from './reel'

/** What is handed over at once, and how long before it is heard; seconds. */
const PIECE_S = 4
const AHEAD_S = 5
const SEAM_S = 0.005
/** The hardware takes several blocks at once: what is ordered so short before it is due may miss its moment. */
const SHORT_S = 0.01

/** Samples of the reel. */
export interface Repeat {
  readonly from: number
  readonly to: number
}

export class Spool {
  readonly #context: BaseAudioContext
  readonly #reel: Reel
  readonly #repeat: Repeat | undefined
  readonly #into: AudioNode
  readonly #sounding = new Set<AudioBufferSourceNode>()
  readonly #seam: number
  /** The sample that comes next, and when. */
  #next: number
  #when: number
  #first = true

  /** From sample `from` on, at a moment of the context; call `feed` now and every second. */
  constructor(reel: Reel, from: number, repeat: Repeat | undefined, when: number, into: AudioNode) {
    this.#context = into.context
    this.#reel = reel
    this.#repeat = repeat
    this.#into = into
    this.#seam = Math.round(SEAM_S * reel.sampleRate)
    this.#next = from
    this.#when = when
  }

  /**
   * Hand over what is due soon, as far as it is there. Where it comes too late to be heard in its place, because it was made
   * too slowly or the page was held up, nothing is handed over: returns the second of the reel to go on from.
   */
  feed(): number | undefined {
    const { sampleRate, ended } = this.#reel
    while (this.#when < this.#context.currentTime + AHEAD_S) {
      if (this.#repeat && this.#next >= this.#repeat.to) this.#next = this.#repeat.from
      const last = this.#repeat?.to ?? Infinity
      const there = ended ? this.#reel.filled : this.#reel.filled - this.#seam
      const end = Math.min(this.#next + PIECE_S * sampleRate, last, there)
      if (end <= this.#next) return undefined
      if (!this.#hand(this.#next, end)) return this.#next / sampleRate
      this.#when += (end - this.#next) / sampleRate
      this.#next = end
    }
    return undefined
  }

  stop(when: number) {
    for (const node of this.#sounding) node.stop(when)
  }

  /** False where it would be too late. */
  #hand(from: number, to: number): boolean {
    const seam = this.#seam
    const buffer = this.#reel.part(from, to - from + seam)
    for (let c = 0; c < buffer.numberOfChannels; c++) {
      const data = buffer.getChannelData(c)
      const end = data.length - seam
      for (let i = 0; i < seam; i++) {
        const share = (i + 0.5) / seam
        if (!this.#first && i < end) data[i]! *= share
        data[end + i]! *= 1 - share
      }
    }
    if (this.#context.currentTime > this.#when - SHORT_S) return false
    this.#first = false
    const node = new AudioBufferSourceNode(this.#context, { buffer })
    node.connect(this.#into)
    node.onended = () => {
      this.#sounding.delete(node)
      node.disconnect()
    }
    this.#sounding.add(node)
    node.start(this.#when)
    return true
  }
}
