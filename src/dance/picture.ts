/** @file What a recorded piece looks like. */

const PEAKS = 720

/** The loudness of a piece, as far as it is known. */
export class Picture {
  #lengthS: number
  readonly #peaks = new Float32Array(PEAKS)
  #seen = 0

  constructor(lengthS: number) {
    this.#lengthS = lengthS
  }

  /** The loudest sample in each of equal parts, 0 to 1. */
  now() {
    return { lengthS: this.#lengthS, peaks: this.#peaks.slice() }
  }

  /** The next samples. */
  add(piece: Float32Array, sampleRate: number) {
    const perPeak = (this.#lengthS * sampleRate) / PEAKS
    for (let i = 0; i < piece.length; i++) {
      const peak = Math.min(PEAKS - 1, Math.floor((this.#seen + i) / perPeak))
      const level = Math.abs(piece[i]!)
      if (level > this.#peaks[peak]!) this.#peaks[peak] = level
    }
    this.#seen += piece.length
  }

  /** It is shorter than it seemed to be. */
  cut(lengthS: number) {
    const before = this.#peaks.slice()
    for (let i = 0; i < PEAKS; i++)
      this.#peaks[i] = before[Math.min(PEAKS - 1, Math.floor((i * lengthS) / this.#lengthS))]!
    this.#lengthS = lengthS
  }
}
