/** @file Motion that has no corners: springs, smooth noise, and a way from one value to another. Time is in seconds. */

/** A critically damped spring: goes where it is told, never overshoots, never jumps. */
export class Spring {
  value: number
  #velocity = 0

  constructor(value = 0) {
    this.value = value
  }

  /** `speed` in 1/s: after 4 / speed it is nearly there. Exact for any step (a solution of x'' = -2ωx' - ω²x). */
  toward(target: number, speed: number, dt: number): number {
    const offset = this.value - target
    const decay = Math.exp(-speed * dt)
    const drift = (this.#velocity + speed * offset) * dt
    this.value = target + (offset + drift) * decay
    this.#velocity = (this.#velocity - speed * drift) * decay
    return this.value
  }

  /** Be there, at rest. */
  jump(value: number) {
    this.value = value
    this.#velocity = 0
  }

  /** A push: a change of velocity in units a second. */
  push(velocity: number) {
    this.#velocity += velocity
  }
}

/** Smooth wandering between -1 and 1 with a period of about a second; different seeds wander apart. */
export const wander = (time: number, seed: number): number =>
  // Three sines whose periods share no multiple: no visible repetition within hours, and cheaper than gradient noise.
  (Math.sin(time * 6.01 + seed * 17.3) +
    0.7 * Math.sin(time * 3.37 + seed * 5.7) +
    0.5 * Math.sin(time * 9.61 + seed * 11.1)) /
  2.2

/** Nearer to a target by a step, and no further. */
export const towards = (value: number, target: number, step: number): number =>
  value < target ? Math.min(target, value + step) : Math.max(target, value - step)

/** From 0 at `from` to 1 at `to` with no velocity or acceleration at either end (Flash and Hogan's minimum jerk). */
export const ease = (time: number, from: number, to: number): number => {
  const x = Math.min(1, Math.max(0, (time - from) / (to - from)))
  return x * x * x * (10 - 15 * x + 6 * x * x)
}

/** A number between two others. */
export const between = (low: number, high: number): number => low + Math.random() * (high - low)
