/** @file How steps are written down: who goes where on which beat, and how. */
import type { Foot, Step } from './vocabulary'

type More = Partial<Omit<Step, 'at' | 'foot' | 'x' | 'z' | 'kind'>>

const of =
  (kind: Step['kind']) =>
  (at: number, foot: Foot, x: number, z: number, more: More = {}): Step => ({
    at,
    foot,
    x,
    z,
    kind,
    ...more,
  })
export const step = of('step')
export const touch = of('touch')
export const heel = of('heel')
export const air = of('air')
export const shift = (at: number, foot: Foot, share = 0.72): Step => ({
  at,
  foot,
  x: 0,
  z: 0,
  kind: 'shift',
  share,
})
export const pop = (at: number, foot: Foot, pitch: number): Step => ({
  at,
  foot,
  x: 0,
  z: 0,
  kind: 'pop',
  pitch,
})
/** Both feet where they are wanted; nothing is to be seen when they are there. */
export const stand = (width: number, z = 0): Step[] => [
  step(0, 'left', width, z, { share: 0.5, yaw: 8 }),
  step(0.5, 'right', -width, z, { share: 0.5, yaw: -8 }),
]
