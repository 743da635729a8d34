/** @file How a dance ends, and how it waits to begin. */
import type { Foot, Pose, Step } from './vocabulary'
import { SHAPES } from './shapes'

const put = (foot: Foot, x: number, z: number, more: Partial<Step> = {}): Step => ({
  at: 0,
  foot,
  x,
  z,
  kind: 'step',
  takes: 0.7,
  share: 0.5,
  ...more,
})
const high = { energy: [0.45, 1], beats: 4 } as const
const calm = { energy: [0, 0.6], beats: 4 } as const

export const POSES: readonly Pose[] = [
  {
    name: 'disco finish',
    styles: ['disco'],
    energy: [0, 1],
    beats: 4,
    steps: [
      put('left', 0.14, 0, { yaw: 30, share: 0.8 }),
      { at: 0, foot: 'right', x: 0, z: 0, kind: 'pop', pitch: 16 },
    ],
    body: { sway: 3, hipTilt: 9, tilt: -5, turn: -8, drop: 4, headTurn: -22, headLean: -8 },
    left: SHAPES.hip,
    right: SHAPES.pointUp,
  },
  {
    name: 'both arms high',
    styles: ['pop', 'house', 'disco'],
    ...high,
    steps: [put('left', 0.14, 0, { yaw: 16 })],
    body: { drop: 4, lean: -5, pop: 8, headLean: -12 },
    left: SHAPES.vee,
    right: SHAPES.vee,
  },
  {
    name: 'low lunge',
    styles: ['pop', 'house', 'groove'],
    ...high,
    steps: [
      put('left', 0.24, 0.05, { yaw: 26, share: 0.75 }),
      { at: 0, foot: 'right', x: 0, z: 0, kind: 'pop', pitch: 20 },
    ],
    body: { drop: 10, tilt: -6, turn: 12, lean: 8, headTurn: -16, headLean: -6 },
    left: SHAPES.punchSide,
    right: SHAPES.guard,
  },
  {
    name: 'star',
    styles: ['pop', 'disco', 'house'],
    ...high,
    steps: [
      put('left', 0.2, 0, { yaw: 22, share: 0.55 }),
      put('right', -0.08, 0, { yaw: -22, share: 0.5, takes: 0.6 }),
    ],
    body: { drop: 8, pop: 8, lean: -3, tilt: 5, headLean: -9, headTilt: -6 },
    left: SHAPES.vee,
    right: SHAPES.low,
  },
  {
    name: 'fist to the sky',
    styles: ['pop', 'groove', 'house'],
    ...high,
    steps: [
      put('left', 0.26, 0.06, { yaw: 30, share: 0.78 }),
      { at: 0, foot: 'right', x: 0, z: 0, kind: 'pop', pitch: 26 },
    ],
    body: { drop: 14, lean: 12, turn: 16, tilt: -5, headLean: -4, headTurn: -10 },
    left: SHAPES.hip,
    right: SHAPES.punchUp,
  },
  {
    name: 'arms crossed',
    styles: ['groove', 'pop'],
    energy: [0, 0.7],
    beats: 4,
    steps: [put('left', 0.1, 0.04, { yaw: 18 })],
    body: { drop: 3, lean: -7, hipLean: 4, tilt: 4, turn: 10, headTilt: 8, headLean: -6 },
    left: { out: -6, front: 40, twist: -66, bend: 92, curl: 40 },
    right: { out: -4, front: 30, twist: -66, bend: 92, curl: 40 },
  },
  {
    name: 'hand on hip',
    styles: ['pop', 'disco', 'groove', 'house'],
    ...calm,
    steps: [
      put('left', 0.05, 0.02, { yaw: 20, share: 0.8 }),
      { at: 0, foot: 'right', x: 0, z: 0, kind: 'pop', pitch: 18 },
    ],
    body: { sway: 3, hipTilt: 8, tilt: -4, turn: -6, headTilt: 9, headTurn: 6 },
    left: SHAPES.hip,
    right: SHAPES.low,
  },
  {
    name: 'powered down',
    styles: ['robot'],
    energy: [0, 1],
    beats: 4,
    steps: [put('left', 0.04, 0), put('right', -0.04, 0, { at: 0.5 })],
    body: { lean: 26, drop: 5, headLean: 26, tilt: 5 },
    left: { out: 18, front: 18, twist: -40, bend: 40, curl: 20 },
    right: { out: 34, front: 4, twist: -80, bend: 66, curl: 20 },
  },
  {
    name: 'robot freeze',
    styles: ['robot'],
    ...high,
    steps: [put('left', 0.04, 0.1, { takes: 0.35 })],
    body: { turn: 20, tilt: 6, drop: 3, headTurn: 20 },
    left: SHAPES.goal,
    right: SHAPES.goalDown,
  },
  {
    name: 'curtsey',
    styles: ['waltz'],
    energy: [0, 1],
    beats: 6,
    steps: [
      put('left', 0.06, 0.04, { share: 0.75 }),
      { at: 0, foot: 'right', x: 0.06, z: -0.18, kind: 'touch', takes: 0.8 },
    ],
    body: { drop: 12, lean: 14, headLean: 12, headTilt: 5, turn: 6 },
    left: SHAPES.swan,
    right: SHAPES.swan,
  },
  {
    name: 'waltz close',
    styles: ['waltz'],
    energy: [0.3, 1],
    beats: 6,
    steps: [
      put('left', 0.08, 0.02, { share: 0.8, yaw: 14 }),
      { at: 0, foot: 'right', x: 0, z: -0.04, kind: 'pop', pitch: 20 },
    ],
    body: { tilt: 8, turn: 8, headTurn: 16, headLean: -8, drop: 1 },
    left: SHAPES.crown,
    right: SHAPES.teeSoft,
  },
]
