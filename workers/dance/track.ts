/**
 * @file One value over time, from key to key. A movement ends on its key with speed zero: that is what makes a dance arrive
 * on the beat. Between keys runs a polynomial of the fifth degree, so that even acceleration has no steps. What happens at
 * a moment depends on the two keys before it and the two after it and on nothing else, which lets phrases be composed one by
 * one.
 */
export class Track {
  readonly #at: number[] = []
  /** How long the movement towards a key takes at most; before that the value before is held. */
  readonly #takes: number[] = []
  /** Passed through rather than arrived at. */
  readonly #flows: boolean[] = []
  readonly #values: number[] = []
  #speeds = new Float64Array(0)
  #cursor = 0

  /** Keys come in order; one that comes no later than the one before takes its place. */
  add(at: number, value: number, takes = Infinity, flows = false) {
    while (this.#at.length && at <= this.#at.at(-1)! + 0.01)
      for (const list of [this.#at, this.#takes, this.#flows, this.#values]) list.pop()
    this.#at.push(at)
    this.#values.push(value)
    this.#takes.push(takes)
    this.#flows.push(flows)
  }

  get last() {
    return { at: this.#at.at(-1) ?? -Infinity, value: this.#values.at(-1) ?? 0 }
  }

  /** After the last key, before the first reading. */
  seal() {
    this.#speeds = new Float64Array(this.#at.length)
    for (let k = 1; k + 1 < this.#at.length; k++) {
      const before = this.#at[k]! - this.#at[k - 1]!
      const after = this.#at[k + 1]! - this.#at[k]!
      // Where a movement starts late, the key before it is left from rest.
      if (!this.#flows[k] || this.#takes[k]! < before || this.#takes[k + 1]! < after) continue
      const a = (this.#values[k]! - this.#values[k - 1]!) / before
      const b = (this.#values[k + 1]! - this.#values[k]!) / after
      if (a * b > 0) this.#speeds[k] = (2 * a * b) / (a + b)
    }
  }

  read(time: number): number {
    const at = this.#at
    let k = this.#cursor
    while (k > 0 && at[k]! > time) k--
    while (k + 2 < at.length && at[k + 1]! <= time) k++
    this.#cursor = k
    const from = this.#values[k]!
    if (k + 1 >= at.length || time <= at[k]!) return from
    const to = this.#values[k + 1]!
    const takes = Math.min(this.#takes[k + 1]!, at[k + 1]! - at[k]!)
    const s = (time - at[k + 1]!) / takes + 1
    if (s <= 0) return from
    if (s >= 1) return to
    const s2 = s * s
    const s3 = s2 * s
    return (
      from +
      (to - from) * s3 * (10 - 15 * s + 6 * s2) +
      takes * this.#speeds[k]! * (s + s3 * (-6 + 8 * s - 3 * s2)) +
      takes * this.#speeds[k + 1]! * s3 * (-4 + 7 * s - 3 * s2)
    )
  }
}
