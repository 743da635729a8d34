/** @file One channel of a glTF animation at a moment (glTF 2.0, appendix C). */
import { refuse } from './refuse'
import { slerpInto } from './quaternion'

export type Channel = 'rotation' | 'translation'

export class Track {
  readonly #times: Float32Array
  readonly #values: Float32Array
  readonly #channel: Channel
  readonly #interpolation: 'LINEAR' | 'STEP' | 'CUBICSPLINE'
  readonly #size: number
  /** The key that was needed last: time goes forwards as a rule. */
  #near = 0

  constructor(
    times: Float32Array,
    values: Float32Array,
    channel: Channel,
    interpolation: 'LINEAR' | 'STEP' | 'CUBICSPLINE',
  ) {
    this.#times = times
    this.#values = values
    this.#channel = channel
    this.#interpolation = interpolation
    this.#size = channel === 'rotation' ? 4 : 3
    const perKey = this.#size * (interpolation === 'CUBICSPLINE' ? 3 : 1)
    if (times.length === 0 || values.length < times.length * perKey)
      refuse('broken', `${values.length} values for ${times.length} keys`)
    if (!times.every(Number.isFinite) || !values.every(Number.isFinite))
      refuse('broken', 'a key is no number')
  }

  get end() {
    return this.#times.at(-1)!
  }

  /** Before the first key and after the last one, what they say. A rotation may come out not quite of length 1. */
  at(seconds: number): readonly number[] {
    const times = this.#times
    if (this.#near > 0 && times[this.#near]! > seconds) this.#near = 0
    while (this.#near + 1 < times.length && times[this.#near + 1]! <= seconds) this.#near++
    const i = this.#near
    const span = i + 1 < times.length ? times[i + 1]! - times[i]! : 0
    const t = span > 0 ? Math.min(1, Math.max(0, (seconds - times[i]!) / span)) : 0
    if (t === 0 || this.#interpolation === 'STEP') return this.#key(i)
    if (this.#interpolation === 'CUBICSPLINE') return this.#hermite(i, t, span)
    if (this.#channel === 'translation')
      return this.#key(i).map((from, axis) => from + (this.#key(i + 1)[axis]! - from) * t)
    slerpInto(scratch, 0, this.#values, i * 4, this.#values, i * 4 + 4, t)
    return [...scratch]
  }

  #key(i: number, part = 1): number[] {
    const start = this.#interpolation === 'CUBICSPLINE' ? (i * 3 + part) * this.#size : i * this.#size
    return [...this.#values.subarray(start, start + this.#size)]
  }

  /** A key of a spline is the tangent it is reached with, its value, and the tangent it is left with. */
  #hermite(i: number, t: number, span: number): number[] {
    const [from, leave, reach, to] = [this.#key(i), this.#key(i, 2), this.#key(i + 1, 0), this.#key(i + 1)]
    const [t2, t3] = [t * t, t * t * t]
    return from.map(
      (value, axis) =>
        (2 * t3 - 3 * t2 + 1) * value +
        (t3 - 2 * t2 + t) * span * leave[axis]! +
        (3 * t2 - 2 * t3) * to[axis]! +
        (t3 - t2) * span * reach[axis]!,
    )
  }
}

const scratch = new Float64Array(4)
