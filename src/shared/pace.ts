/** @file How fast something comes, over its last seconds. Pure; times are given, in milliseconds. */

/** Over so long it is measured, and not before so long. */
const SPAN_MS = 4000
const SETTLED_MS = 500

export class Pace {
  #times: { readonly at: number; readonly amount: number }[] = []

  /** So much has come by now. Gives how much a second came lately; 0 until that can be said, and where it went back. */
  at(nowMs: number, amount: number): number {
    this.#times.push({ at: nowMs, amount })
    const old = this.#times.findLastIndex(({ at }) => at < nowMs - SPAN_MS)
    this.#times = this.#times.slice(Math.max(0, old))
    const [first] = this.#times
    const ms = nowMs - first!.at
    return ms > SETTLED_MS ? (1000 * Math.max(0, amount - first!.amount)) / ms : 0
  }
}
