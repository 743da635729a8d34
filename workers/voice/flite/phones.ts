/** @file Flite's phones (US English, cmu_us) → mouth shapes. */
import type { VisemeCue } from '../../../src/shared/contracts'
import type { Viseme } from '../../../src/shared/visemes'

export interface Phone {
  readonly name: string
  /** Seconds from the start of the sound. */
  readonly at: number
  readonly until: number
}

/** What `flite -psdur` prints: `pau:0.164 hh:0.255 …`, each phone with its end. */
export const parsePhones = (printed: string): Phone[] => {
  let at = 0
  const phones: Phone[] = []
  for (const [, name, end] of printed.matchAll(/([a-z]+):(\d+\.\d+)/g)) {
    const until = Number(end)
    phones.push({ name: name!, at, until })
    at = until
  }
  return phones
}

/** A shape, how much of it, and for a diphthong the shape that it ends in. */
type Shape = readonly [Viseme, number, Viseme?]

const SHAPES: Readonly<Record<string, Shape>> = {
  aa: ['aa', 1],
  ae: ['aa', 0.9],
  ah: ['aa', 0.65],
  ao: ['O', 0.95],
  aw: ['aa', 1, 'U'],
  ax: ['E', 0.45],
  ay: ['aa', 1, 'I'],
  b: ['PP', 1],
  ch: ['CH', 1],
  d: ['DD', 0.9],
  dh: ['TH', 0.9],
  eh: ['E', 0.9],
  er: ['RR', 0.8],
  ey: ['E', 0.9, 'I'],
  f: ['FF', 1],
  g: ['kk', 0.8],
  hh: ['kk', 0.3],
  ih: ['I', 0.75],
  iy: ['I', 1],
  jh: ['CH', 1],
  k: ['kk', 0.8],
  l: ['nn', 0.9],
  m: ['PP', 1],
  n: ['nn', 0.8],
  ng: ['kk', 0.6],
  ow: ['O', 0.95, 'U'],
  oy: ['O', 0.95, 'I'],
  p: ['PP', 1],
  r: ['RR', 0.8],
  s: ['SS', 0.9],
  sh: ['CH', 1],
  t: ['DD', 0.9],
  th: ['TH', 1],
  uh: ['U', 0.8],
  uw: ['U', 1],
  v: ['FF', 1],
  w: ['U', 1],
  y: ['I', 0.7],
  z: ['SS', 0.9],
  zh: ['CH', 0.9],
  pau: ['sil', 1],
}

/** A diphthong reaches its second half after this share of its length. */
const GLIDE = 0.55

export const visemesOf = (phones: readonly Phone[]): VisemeCue[] =>
  phones.flatMap(({ name, at, until }) => {
    const [viseme, strength, glide] = SHAPES[name] ?? ['DD', 0.5]
    if (!glide) return [{ at, until, viseme, strength }]
    const middle = at + (until - at) * GLIDE
    return [
      { at, until: middle, viseme, strength },
      { at: middle, until, viseme: glide, strength: strength * 0.8 },
    ]
  })
