/** @file A stream of sound at another rate, by the browser's own resampler: as good as it gets, and off the page's thread. */
import type { Block } from './decoder'

/** Converted at a time; whole seconds are whole samples at any rate. */
const CORE_S = 6
/** Heard on both sides of that and thrown away, so that there is no seam. */
const GUARD_S = 1

/** Blocks of any rate in, sides at `toRate` out: as many samples as the whole stream has, rounded up. */
export async function* resampled(
  blocks: AsyncIterable<Block>,
  toRate: number,
): AsyncGenerator<readonly Float32Array[], void> {
  let stage: Stage | undefined
  for await (const block of blocks) {
    if (block.sampleRate === toRate) {
      yield block.sides
      continue
    }
    stage ??= new Stage(block, toRate)
    for (let from = 0; from < block.sides[0]!.length;) {
      from += stage.take(block.sides, from)
      if (stage.full) yield await stage.convert()
    }
  }
  while (stage?.left) yield await stage.convert()
}

/** What waits to be converted: guard, core, guard. Silence before the start and after the end. */
class Stage {
  readonly #rate: number
  readonly #toRate: number
  readonly #sides: readonly Float32Array<ArrayBuffer>[]
  #filled: number

  constructor({ sampleRate, sides }: Block, toRate: number) {
    this.#rate = sampleRate
    this.#toRate = toRate
    this.#sides = sides.map(() => new Float32Array((CORE_S + 2 * GUARD_S) * sampleRate))
    this.#filled = GUARD_S * sampleRate
  }

  get full() {
    return this.#filled === this.#sides[0]!.length
  }

  /** Sound that has not come out yet. */
  get left() {
    return this.#filled > GUARD_S * this.#rate
  }

  /** How many samples found room. */
  take(sides: readonly Float32Array[], from: number): number {
    const count = Math.min(this.#sides[0]!.length - this.#filled, sides[0]!.length - from)
    this.#sides.forEach((side, c) =>
      side.set((sides[c] ?? sides[0]!).subarray(from, from + count), this.#filled),
    )
    this.#filled += count
    return count
  }

  async convert(): Promise<readonly Float32Array[]> {
    const context = new OfflineAudioContext(1, 1, this.#toRate)
    const sound = await context.decodeAudioData(floatWav(this.#sides, this.#rate))
    const [core, guard] = [CORE_S * this.#rate, GUARD_S * this.#rate]
    const seconds = Math.min(CORE_S, (this.#filled - guard) / this.#rate)
    const from = GUARD_S * this.#toRate
    const converted = this.#sides.map((_, c) =>
      sound.getChannelData(c).subarray(from, from + Math.ceil(seconds * this.#toRate)),
    )
    for (const side of this.#sides) {
      side.copyWithin(0, core)
      side.fill(0, 2 * guard)
    }
    this.#filled = Math.max(guard, this.#filled - core)
    return converted
  }
}

/** A WAV file of 32-bit floats. */
const floatWav = (sides: readonly Float32Array[], sampleRate: number): ArrayBuffer => {
  const frame = 4 * sides.length
  const bytes = sides[0]!.length * frame
  const file = new ArrayBuffer(HEADER + bytes)
  const view = new DataView(file)
  const words: readonly (readonly [at: number, word: string])[] = [
    [0, 'RIFF'],
    [8, 'WAVE'],
    [12, 'fmt '],
    [36, 'data'],
  ]
  for (const [at, word] of words) for (let i = 0; i < 4; i++) view.setUint8(at + i, word.charCodeAt(i))
  view.setUint32(4, HEADER - 8 + bytes, true)
  view.setUint32(16, 16, true)
  view.setUint16(20, 3, true) // IEEE float
  view.setUint16(22, sides.length, true)
  view.setUint32(24, sampleRate, true)
  view.setUint32(28, sampleRate * frame, true)
  view.setUint16(32, frame, true)
  view.setUint16(34, 32, true)
  view.setUint32(40, bytes, true)
  const samples = new Float32Array(file, HEADER)
  sides.forEach((side, c) => {
    for (let i = 0, at = c; i < side.length; i++, at += sides.length) samples[at] = side[i]!
  })
  return file
}

const HEADER = 44
