/**
 * @file A recorded skeleton as a motion, whatever file it comes from. Files say nothing that can be trusted of units, of
 * which way is up, or of what a body looks like at rest; all three are found from the skeleton and how it moves.
 */
import type { Motion } from '../shared/contracts'
import { calibrated } from './calibrate'
import { Figure } from './figure'
import { bonesOfJoints, type NamedJoint } from './joint-names'
import type { Quat } from './quaternion'
import type { Vec } from './vector'

/** What was recorded: joints in any unit and along any axes, parents before children. */
export interface Recording {
  readonly joints: readonly RecordedJoint[]
  /** Frames a second. */
  readonly rate: number
  readonly frames: readonly RecordedPose[]
  /** Where rotations are none. */
  readonly rest: RecordedPose
}

export interface RecordedJoint extends NamedJoint {
  /** Where bones without a child end, from this joint, as it stands at rest. */
  readonly ends: readonly Vec[]
}

/** Where joints are in the world and how they are turned there, relative to the rest. */
export interface RecordedPose {
  readonly places: readonly Vec[]
  readonly turns: readonly Quat[]
}

/** Throws `bad-input` where no human is to be seen in the joints. */
export const motionOf = (recording: Recording): Motion => {
  const figure = new Figure(recording, bonesOfJoints(recording.joints))
  const rest = figure.restTurns()
  const worlds = rest ? figure.turned(figure.withElbows(rest)) : calibrated(figure)
  return figure.grounded(worlds, rest !== undefined)
}
