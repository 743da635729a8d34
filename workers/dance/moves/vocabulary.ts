/**
 * @file What a move is. A dance is made of layers: what the feet do, the hips and the trunk, each arm, the head. A move
 * belongs to one layer and is written once, beginning to the left; the other side is its mirror.
 */
import type { DanceStyle } from '../../../src/shared/contracts'

export interface Move {
  readonly name: string
  readonly styles: readonly DanceStyle[]
  /** From how calm to how wild a moment it suits, 0 to 1. */
  readonly energy: readonly [number, number]
  /** Its length; it is repeated from there on. */
  readonly beats: number
  /** Every other time it is danced to the other side. */
  readonly alternates?: boolean
}

export type Foot = 'left' | 'right'

/**
 * Where a foot goes. `x` (to the left) and `z` (forwards) are from where it stands at rest in the middle of the dance, in
 * hips' heights: a dance cannot drift away. Yaw and `face`, the way the whole body faces from then on, are degrees to the left.
 */
export interface Step {
  /** The beat on which it arrives. */
  readonly at: number
  readonly foot: Foot
  readonly x: number
  readonly z: number
  /**
   * `step` takes the weight, `touch` (ball) and `heel` do not; `air` is a place on the way, as in a kick; `shift` moves the
   * weight over a foot where it stands; `pop` lifts the heel of a standing foot.
   */
  readonly kind: 'step' | 'touch' | 'heel' | 'air' | 'shift' | 'pop'
  readonly yaw?: number
  readonly face?: number
  /** How high the foot comes on its way, or is in the air. */
  readonly lift?: number
  /** Beats on the way. */
  readonly takes?: number
  /** How much of the weight a step or a shift takes, 0.5 to 1. */
  readonly share?: number
  /** Toes down, in degrees. */
  readonly pitch?: number
}

/**
 * Hips, trunk and head. Degrees, except `sway` (to the left), `push` (forwards) and `drop` (down), which are hundredths of
 * the hips' height. `hip…` are the pelvis, the trunk above it stays where it is.
 */
export interface Carriage {
  readonly sway?: number
  readonly push?: number
  readonly drop?: number
  /** The left side comes forwards … backwards: turned to the left. */
  readonly hipTurn?: number
  /** The left side is the higher one. */
  readonly hipTilt?: number
  readonly hipLean?: number
  readonly lean?: number
  readonly tilt?: number
  readonly turn?: number
  /** The chest forwards, out of the shoulders' line. */
  readonly pop?: number
  readonly shrugLeft?: number
  readonly shrugRight?: number
  readonly headLean?: number
  readonly headTilt?: number
  readonly headTurn?: number
}

export const CARRIAGE = [
  'sway',
  'push',
  'drop',
  'hipTurn',
  'hipTilt',
  'hipLean',
  'lean',
  'tilt',
  'turn',
  'pop',
  'shrugLeft',
  'shrugRight',
  'headLean',
  'headTilt',
  'headTurn',
] as const satisfies readonly (keyof Carriage)[]

/** One arm, as the left one. Degrees; zero is the arm hanging at the side. As in stage/gestures.ts. */
export interface Arm {
  readonly out?: number
  readonly front?: number
  readonly twist?: number
  readonly bend?: number
  readonly wrist?: number
  readonly hand?: number
  readonly curl?: number
  /** The forefinger stretched out of the fist, 0 to 1. */
  readonly point?: number
}

export const ARM = [
  'out',
  'front',
  'twist',
  'bend',
  'wrist',
  'hand',
  'curl',
  'point',
] as const satisfies readonly (keyof Arm)[]

interface Timed {
  readonly at: number
  /** Beats that the movement towards it takes; as long as there is time when absent. */
  readonly takes?: number
  /** Passed through rather than hit. */
  readonly flows?: boolean
}
export type CarriageKey = Timed & Carriage
export interface ArmKey extends Timed {
  readonly left: Arm
  readonly right: Arm
}

/** Footwork brings what the body must do for it. */
export interface Footwork extends Move {
  readonly steps: readonly Step[]
  readonly body?: readonly CarriageKey[]
  /** Degrees that it has turned the body by, whole turns. */
  readonly turns?: number
}
export interface Groove extends Move {
  readonly keys: readonly CarriageKey[]
}
export interface ArmMove extends Move {
  readonly keys: readonly ArmKey[]
}
/** How a dance ends. */
export interface Pose extends Move {
  readonly steps: readonly Step[]
  readonly body: Carriage
  readonly left: Arm
  readonly right: Arm
}
