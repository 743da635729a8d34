/** @file Poses as the auto-encoder has them, and as joints in space: frames × 24 joints × 3, in metres, +Y up. */
import { LOWER, UPPER } from './vqvae'

/** Numbers a frame. */
export const POSE = 72
/** Frames a second. */
export const POSE_RATE = 60

/** One half of the body out of poses: channels × frames. */
export const channelsOf = (pose: Float32Array, joints: readonly number[]): Float32Array<ArrayBuffer> => {
  const frames = pose.length / POSE
  return Float32Array.from({ length: joints.length * 3 * frames }, (_, i) => {
    const channel = Math.floor(i / frames)
    return pose[(i % frames) * POSE + joints[Math.floor(channel / 3)]! * 3 + (channel % 3)]!
  })
}

/** Both halves, channels × frames, as poses; the pelvis has its movement a frame, and others are relative to it. */
export const posesOf = (
  up: Float32Array,
  down: Float32Array,
  root: Float32Array,
): Float32Array<ArrayBuffer> => {
  const frames = root.length / 3
  const pose = new Float32Array(frames * POSE)
  const put = (values: Float32Array, joints: readonly number[]) => {
    for (let channel = 0; channel < joints.length * 3; channel++)
      for (let frame = 0; frame < frames; frame++)
        pose[frame * POSE + joints[Math.floor(channel / 3)]! * 3 + (channel % 3)] =
          values[channel * frames + frame]!
  }
  put(up, UPPER)
  put(down, LOWER)
  put(root, [0])
  return pose
}

/** Where the body goes: adds up the pelvis' movements over as many pieces of a dance as come. */
export class Path {
  /** In double precision: rounding would add up as well. */
  readonly #place = new Float64Array(3)

  /** Poses, in place, as joints in space; of the pelvis, where the movements of all frames before have brought it. */
  walk(pose: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
    for (let at = 0; at < pose.length; at += POSE)
      for (let axis = 0; axis < 3; axis++) {
        const place = this.#place[axis]!
        this.#place[axis] = place + pose[at + axis]!
        pose[at + axis] = place
        for (let i = at + axis + 3; i < at + POSE; i += 3) pose[i]! += place
      }
    return pose
  }
}
