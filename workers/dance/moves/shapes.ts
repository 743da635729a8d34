/** @file Named shapes of one arm, and how they are put on beats. */
import type { Arm, ArmKey } from './vocabulary'

const fist = 78
/** The body adds what it needs to stay clear of itself: 12 out, 4 forwards, 13 at the elbow. */
export const SHAPES = {
  hang: { curl: 16 },
  loose: { out: 7, front: 4, bend: 24, curl: 24 },
  groove: { out: 16, front: 6, twist: -6, bend: 62, curl: 42 },
  fore: { out: 12, front: 34, twist: -12, bend: 72, curl: 48 },
  back: { out: 20, front: -26, twist: -6, bend: 66, curl: 48 },
  guard: { out: 18, front: 30, twist: -4, bend: 112, curl: fist },
  punch: { out: 6, front: 82, twist: -10, bend: 2, hand: -50, curl: fist },
  punchUp: { out: 132, front: 6, twist: 20, bend: 4, curl: fist },
  punchSide: { out: 80, front: 6, bend: 2, hand: -30, curl: fist },
  tee: { out: 78, front: 8, bend: 2, curl: 6 },
  teeSoft: { out: 62, front: 16, twist: 8, bend: 26, wrist: -14, curl: 12 },
  vee: { out: 124, front: -8, twist: 30, bend: 4, curl: 4 },
  top: { out: 144, front: -12, twist: 36, bend: 4, curl: 8 },
  low: { out: 34, front: 10, twist: 12, bend: 12, wrist: -18, curl: 6 },
  goal: { out: 76, front: 2, twist: 88, bend: 78, curl: 12 },
  goalDown: { out: 76, front: 2, twist: -84, bend: 78, curl: 12 },
  hip: { out: 40, front: -14, twist: -84, bend: 88, wrist: 26, curl: 40 },
  heart: { out: 30, front: 34, twist: -62, bend: 112, curl: 12 },
  ear: { out: 74, front: 14, twist: 64, bend: 132, curl: 20 },
  nape: { out: 104, front: -6, twist: 78, bend: 126, curl: 14 },
  serve: { out: 22, front: 14, twist: 52, bend: 76, hand: 40, curl: 4 },
  stop: { out: 10, front: 62, twist: 10, bend: 40, wrist: -62, curl: 2 },
  clap: { out: 8, front: 46, twist: -50, bend: 76, curl: 4 },
  clapOpen: { out: 34, front: 40, twist: -6, bend: 72, curl: 6 },
  clapTop: { out: 152, front: -10, twist: 84, bend: 38, curl: 4 },
  clapTopOpen: { out: 122, front: -10, twist: 76, bend: 14, curl: 6 },
  pointUp: { out: 118, front: -16, twist: 20, bend: 4, curl: fist, point: 1 },
  pointDown: { out: -22, front: 44, twist: -22, bend: 16, curl: fist, point: 1 },
  pointAhead: { out: 10, front: 80, bend: 4, curl: fist, point: 1 },
  pointOut: { out: 74, front: 14, bend: 4, curl: fist, point: 1 },
  cross: { out: -10, front: 46, twist: -54, bend: 62, curl: 20 },
  across: { out: -14, front: 62, twist: -40, bend: 58, curl: 14 },
  rollHigh: { out: 26, front: 52, twist: -52, bend: 96, curl: fist },
  rollLow: { out: 26, front: 34, twist: -62, bend: 72, curl: fist },
  rollFar: { out: 20, front: 56, twist: -54, bend: 66, curl: fist },
  rollNear: { out: 32, front: 26, twist: -58, bend: 104, curl: fist },
  fret: { out: 44, front: 26, twist: 26, bend: 74, hand: 60, curl: 58 },
  strumHigh: { out: 24, front: 14, twist: -48, bend: 96, curl: 46 },
  strumLow: { out: 18, front: 20, twist: -34, bend: 62, curl: 46 },
  square: { out: 4, front: 0, bend: 77, curl: 2 },
  squareUp: { out: 4, front: 84, twist: 0, bend: 77, curl: 2 },
  level: { out: 4, front: 84, bend: 0, curl: 2 },
  lasso: { out: 92, front: 8, twist: 80, bend: 58, curl: 60 },
  lassoIn: { out: 110, front: 40, twist: 62, bend: 84, curl: 60 },
  roof: { out: 82, front: 14, twist: 80, bend: 84, wrist: -58, curl: 2 },
  roofUp: { out: 122, front: 2, twist: 80, bend: 26, wrist: -58, curl: 2 },
  hold: { out: 66, front: 18, twist: 22, bend: 46, curl: 16 },
  embrace: { out: 46, front: 40, twist: -12, bend: 66, curl: 14 },
  swan: { out: 58, front: 4, twist: -14, bend: 14, wrist: 22, curl: 8 },
  swanHigh: { out: 92, front: 4, twist: 24, bend: 22, wrist: -16, curl: 8 },
  crown: { out: 142, front: -14, twist: 56, bend: 18, curl: 8 },
  high: { out: 34, front: 92, twist: 4, bend: 12, curl: 12 },
  behind: { out: 24, front: -44, twist: -4, bend: 10, curl: 20 },
  overLeft: { out: -24, front: 82, twist: -14, bend: 22, curl: 6 },
  underLeft: { out: -24, front: 38, twist: -24, bend: 14, curl: 6 },
  upright: { out: 150, front: -10, twist: 30, bend: 0, curl: 6 },
  drawn: { out: 74, front: 26, twist: 10, bend: 136, curl: fist },
  strong: { out: 78, front: 6, twist: 84, bend: 96, curl: fist },
  dice: { out: 14, front: 26, twist: 10, bend: 108, curl: fist },
  thrown: { out: 44, front: 46, twist: 20, bend: 6, curl: 2 },
  bowl: { out: 24, front: 26, twist: -22, bend: 34, curl: 10 },
} as const satisfies Record<string, Arm>

type Shape = keyof typeof SHAPES
type More = Partial<Pick<ArmKey, 'takes' | 'flows'>>

export const key = (at: number, left: Shape, right: Shape, more: More = {}): ArmKey => ({
  at,
  left: SHAPES[left],
  right: SHAPES[right],
  ...more,
})
export const through = (at: number, left: Shape, right: Shape) => key(at, left, right, { flows: true })
export const snap = (at: number, left: Shape, right: Shape) => key(at, left, right, { takes: 0.5 })
export const hit = (at: number, left: Shape, right: Shape) => key(at, left, right, { takes: 0.6 })
