/** @file A series of numbers that grows for hours: some bytes a number, and no copy for each one that comes. */

export class Growing {
  #room = new Float32Array(256)
  length = 0

  /** All of them; not to be kept, for it may be left behind. */
  get values(): Float32Array {
    return this.#room.subarray(0, this.length)
  }

  /** As it is kept, which is rounded to 32 bits; 0 where there is none. */
  get last(): number {
    return this.values.at(-1) ?? 0
  }

  push(value: number) {
    this.fill(value, this.length + 1)
  }

  /** The same value until there are so many. */
  fill(value: number, length: number) {
    if (length <= this.length) return
    if (length > this.#room.length) {
      const wider = new Float32Array(2 * length)
      wider.set(this.values)
      this.#room = wider
    }
    this.#room.fill(value, this.length, length)
    this.length = length
  }

  copy(): Float32Array {
    return this.values.slice()
  }
}
