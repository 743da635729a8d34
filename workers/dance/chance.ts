/** @file Chance that can be repeated: the same words give the same numbers, wherever one begins. */

export const hash = (...parts: readonly (string | number)[]): number => {
  let h = 0x811c9dc5
  for (const char of parts.join('\u0001')) {
    h ^= char.codePointAt(0)!
    h = Math.imul(h, 0x01000193)
  }
  // FNV alone changes its high bits little with the last characters.
  h ^= h >>> 16
  h = Math.imul(h, 0x7feb352d)
  h ^= h >>> 15
  h = Math.imul(h, 0x846ca68b)
  return (h ^ (h >>> 16)) >>> 0
}

/** Numbers from 0 up to, not including, 1. */
export type Chance = () => number

export const chance = (...parts: readonly (string | number)[]): Chance => {
  let state = hash(...parts)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

export const pick = <T>(from: readonly T[], at: Chance): T => from[Math.floor(at() * from.length)]!
