/**
 * @file Who dances. A seed is a dancer: shy or wild, on the spot or everywhere, deep in the knees or light on the toes, with
 * favourites. Drawn once for a whole dance, so that what differs between two seeds is a manner and not noise.
 */
import { chance } from './chance'
import type { ArmMove, Footwork, Groove, Move } from './moves/vocabulary'

export interface Character {
  /** Factors, 1 as it is written: how far hips, trunk and head go, how deep the knees, how long the steps, how wide the arms. */
  readonly size: number
  readonly depth: number
  readonly stride: number
  readonly reach: number
  /** How long a movement takes of the time it has: a short one is hit and held, a long one flows. */
  readonly ease: number
  /** 0 would rather take what is quiet, 1 what is lively, of feet, of arms and of the trunk. */
  readonly feet: number
  readonly arms: number
  readonly trunk: number
  /** How readily it turns, and how readily it takes half and double time; 0 to 1. */
  readonly turns: number
  readonly half: number
  readonly double: number
  /** How much it likes a move, in music of this label. */
  readonly likes: (label: string) => (name: string) => number
}

export const characterOf = (seed: number): Character => {
  // Seeds in a row are as different as can be: multiples of an irrational number fall evenly, whatever their number.
  const trait = (step: number, salt: number) => {
    const place = Math.abs(seed) * step + salt
    return place - Math.floor(place)
  }
  const drive = trait(0.618034, 0.16)
  /** Who is wild is so in most things, but not in all. */
  const with_ = (own: number, share = 0.6) => share * drive + (1 - share) * own
  const between = (low: number, high: number, at: number) => low + (high - low) * at
  return {
    size: between(0.68, 1.45, with_(trait(0.414214, 0.3))),
    depth: between(0.55, 1.8, with_(trait(0.732051, 0.1), 0.45)),
    stride: between(0.62, 1.45, with_(trait(0.236068, 0.5), 0.65)),
    reach: between(0.82, 1.08, with_(trait(0.645751, 0.7))),
    ease: between(1.25, 0.62, trait(0.316625, 0.2)),
    feet: with_(trait(0.605551, 0.4), 0.7),
    arms: with_(trait(0.123106, 0.9), 0.55),
    trunk: with_(trait(0.358899, 0.8), 0.5),
    turns: trait(0.795832, 0.6),
    half: Math.max(0, 1 - 1.6 * with_(trait(0.385165, 0.15), 0.7)),
    double: Math.max(0, 1.8 * with_(trait(0.567764, 0.35), 0.7) - 0.8),
    likes: (label) => (name) =>
      (0.25 + chance(seed, 'likes', name)()) * (0.03 + chance(seed, 'likes', label, name)() ** 3),
  }
}

// ---- how lively a move is ------------------------------------------------------------------------------------------

/** Hips' heights that both feet travel in a beat, turns included. */
export const feetLiveliness = ({ steps, beats, turns = 0 }: Footwork): number => {
  const at = { left: [0, 0, 0], right: [0, 0, 0] }
  let way = Math.abs(turns) / 360
  for (const { foot, kind, x, z, lift = 0.05 } of [...steps].sort((a, b) => a.at - b.at)) {
    if (kind === 'shift' || kind === 'pop') {
      way += 0.04
      continue
    }
    const [px, py, pz] = at[foot] as [number, number, number]
    const y = kind === 'air' ? lift : 0
    way += Math.hypot(x - px, z - pz) + Math.max(Math.abs(y - py), kind === 'air' ? 0 : 2 * lift - py)
    at[foot] = [x, y, z]
  }
  return way / beats
}

/** Degrees that elbows and shoulders turn in a beat. */
export const armsLiveliness = ({ keys, beats }: ArmMove): number => {
  let way = 0
  keys.forEach(({ left, right }, i) => {
    const next = keys[(i + 1) % keys.length]!
    for (const [a, b] of [
      [left, next.left],
      [right, next.right],
    ] as const)
      for (const channel of ['out', 'front', 'bend'] as const)
        way += Math.abs((a[channel] ?? 0) - (b[channel] ?? 0)) * (channel === 'bend' ? 0.5 : 1)
  })
  return way / beats
}

/** The same of the trunk, with the way of the hips counted as much. */
export const trunkLiveliness = ({ keys, beats }: Groove): number => {
  let way = 0
  keys.forEach((key, i) => {
    const next = keys[(i + 1) % keys.length]!
    for (const channel of ['sway', 'drop', 'push', 'lean', 'tilt', 'turn', 'hipTilt', 'hipTurn'] as const)
      way += Math.abs((key[channel] ?? 0) - (next[channel] ?? 0))
  })
  return way / beats
}

/**
 * One of several moves that all suit: more likely the nearer its liveliness comes to what is wanted (0 the quietest of them,
 * 1 the liveliest), and the better it is liked, by this dancer and in this part of the music.
 */
export const prefer = <M extends Move>(
  of: readonly M[],
  liveliness: (move: M) => number,
  wanted: number,
  likes: (name: string) => number,
  at: number,
): M => {
  const ranked = of.map((move) => ({ move, lively: liveliness(move) })).sort((a, b) => a.lively - b.lively)
  const weights = ranked.map(({ move }, i) => {
    const off = (ranked.length > 1 ? i / (ranked.length - 1) : wanted) - wanted
    return Math.exp(-((off / 0.3) ** 2)) * likes(move.name)
  })
  let left = at * weights.reduce((sum, weight) => sum + weight, 0)
  const chosen = weights.findIndex((weight) => (left -= weight) < 0)
  return ranked[chosen < 0 ? ranked.length - 1 : chosen]!.move
}
