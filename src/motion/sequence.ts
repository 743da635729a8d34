/**
 * @file Parts of a dance, each with its own beginning, on one clock. Put end to end they would come later and later than
 * the music: a part's length is no whole number of frames.
 */
import type { Motion, MotionPart } from '../shared/contracts'
import { Fault } from '../shared/fault'
import { FEET, allocate, newPose, sample, type Pose } from './clip'
import { slerpInto } from './quaternion'

/**
 * One motion from `fromS` to `toS` at the rate of the first part; all have the same joints. Between the last frame of a part
 * and the first of the next it is on its way from one to the other.
 */
export const sequence = (parts: readonly MotionPart[], fromS: number, toS: number): Motion => {
  const [first] = parts
  if (!first) throw new Fault('bad-input', 'no part of a dance', { detail: { reason: 'empty' } })
  const { rate, joints } = first.motion
  // A hair of tolerance: 0.1 s at 60 fps are six frames, whatever the floating point says.
  const frames = Math.max(1, Math.floor((toS - fromS) * rate + 1e-6) + 1)
  const feet = parts.every(({ motion }) => motion.feet)
  const into = allocate(rate, frames, joints, feet)
  const [pose, next] = [newPose(first.motion), newPose(first.motion)]
  let index = 0
  for (let frame = 0; frame < frames; frame++) {
    const time = fromS + frame / rate
    while (parts[index + 1] && parts[index + 1]!.from <= time) index++
    const { from, motion } = parts[index]!
    const after = parts[index + 1]
    sample(motion, time - from, pose)
    const last = from + (motion.frames - 1) / motion.rate
    if (after && time > last && after.from > last) {
      sample(after.motion, 0, next)
      mix(pose, next, (time - last) / (after.from - last))
    }
    into.rotations.set(pose.rotations, frame * joints.length * 4)
    into.root.set(pose.root, frame * 3)
    into.feet?.set(pose.feet, frame * FEET)
  }
  return into
}

const mix = (pose: Pose, next: Pose, share: number) => {
  for (let i = 0; i < pose.rotations.length; i += 4)
    slerpInto(pose.rotations, i, pose.rotations, i, next.rotations, i, share)
  for (let i = 0; i < 3; i++) pose.root[i]! += (next.root[i]! - pose.root[i]!) * share
  for (let i = 0; i < FEET; i++) {
    const by = next.feet[i]! - pose.feet[i]!
    // The yaw goes the shorter way round.
    const turn = 2 * Math.PI
    pose.feet[i]! += (i % 6 === 3 ? by - turn * Math.round(by / turn) : by) * share
  }
}
