/** @file What can be done with a motion in time: looking at a moment, cutting, joining, mirroring, another rate. */
import type { Motion } from '../shared/contracts'
import { Fault } from '../shared/fault'
import { multiply, quatAt, rotate, slerpInto, turn } from './quaternion'
import { CANONICAL, inOrder, other, restPlaces } from './skeleton'
import { add, at, scale, sub, Y, Z, type Vec } from './vector'

/** Numbers a frame in `feet`: two feet of x, y, z, yaw, pitch and load. */
export const FEET = 12

/** The body at a moment; the arrays are laid out as a frame of a motion. */
export interface Pose {
  readonly rotations: Float32Array
  readonly root: Float32Array
  readonly feet: Float32Array
}

export const newPose = ({ joints }: Pick<Motion, 'joints'>): Pose => ({
  rotations: new Float32Array(joints.length * 4),
  root: new Float32Array(3),
  feet: new Float32Array(FEET),
})

/** From the first frame to the last one. */
export const durationOf = ({ frames, rate }: Motion) => Math.max(0, frames - 1) / rate

/**
 * Write the body at a moment into `into`; before the first frame and after the last one it stands still. Where `next` goes on
 * without a gap, on the same joints, its first frame is the one after the last. No allocation: this runs in every frame of
 * the picture.
 */
export const sample = (motion: Motion, seconds: number, into: Pose, next?: Motion): void => {
  const { frames, joints, rotations, root, feet } = motion
  const place = Math.min(frames - (next ? 0.001 : 1), Math.max(0, seconds * motion.rate))
  const before = Math.floor(place)
  const over = next !== undefined && before + 1 === frames
  const then = over ? next : motion
  const after = over ? 0 : Math.min(frames - 1, before + 1)
  const t = place - before
  const size = joints.length * 4
  for (let i = 0; i < size; i += 4)
    slerpInto(into.rotations, i, rotations, before * size + i, then.rotations, after * size + i, t)
  for (let i = 0; i < 3; i++) into.root[i] = root[before * 3 + i]! * (1 - t) + then.root[after * 3 + i]! * t
  if (!feet || !then.feet) return
  for (let i = 0; i < FEET; i++)
    into.feet[i] = (i % 6 === YAW ? mixTurns : mix)(feet[before * FEET + i]!, then.feet[after * FEET + i]!, t)
}

/** Where the yaw of a foot stands among its six numbers. */
export const YAW = 3

const mix = (from: number, to: number, t: number) => from + (to - from) * t
/** Between two angles the shorter way round: after a whole turn a phrase begins at 0 again. */
export const mixTurns = (from: number, to: number, t: number) => from + shortWay(to - from) * t

/** The same turn, less than half a circle. */
const shortWay = (radians: number) => radians - 2 * Math.PI * Math.round(radians / (2 * Math.PI))

/** The frames from `fromS` on that lie before or at `toS`. The first one shows the body at `fromS` exactly. */
export const slice = (motion: Motion, fromS: number, toS: number): Motion => {
  const start = Math.max(0, fromS)
  const end = Math.min(durationOf(motion), toS)
  // A hair of tolerance: 0.1 s at 60 fps are six frames, whatever the floating point says.
  const frames = Math.max(1, Math.floor((end - start) * motion.rate + 1e-6) + 1)
  return sampled(motion, motion.rate, frames, start)
}

/** The same at another number of frames a second. */
export const resample = (motion: Motion, rate: number): Motion =>
  rate === motion.rate
    ? motion
    : sampled(motion, rate, Math.max(1, Math.floor(durationOf(motion) * rate + 1e-6) + 1), 0)

const sampled = (motion: Motion, rate: number, frames: number, fromS: number): Motion => {
  const into = allocate(rate, frames, motion.joints, motion.feet !== undefined)
  const pose = newPose(motion)
  for (let frame = 0; frame < frames; frame++) {
    sample(motion, fromS + frame / rate, pose)
    into.rotations.set(pose.rotations, frame * motion.joints.length * 4)
    into.root.set(pose.root, frame * 3)
    into.feet?.set(pose.feet, frame * FEET)
  }
  return into
}

/**
 * One after the other, a frame apart, at the rate of the first; nothing is blended or moved. A joint that one part does
 * not know keeps its T-pose there, and feet are kept only where all parts have them.
 */
export const join = (parts: readonly Motion[]): Motion => {
  const [first] = parts
  if (!first) throw new Fault('bad-input', 'nothing to join', { detail: { reason: 'empty' } })
  const all = parts.map((part) => resample(part, first.rate))
  const joints = inOrder(all.flatMap((part) => part.joints))
  const frames = all.reduce((sum, part) => sum + part.frames, 0)
  const into = allocate(
    first.rate,
    frames,
    joints,
    all.every((part) => part.feet),
  )
  let start = 0
  for (const part of all) {
    copyRotations(part, into, start, (name) => name)
    into.root.set(part.root, start * 3)
    if (part.feet) into.feet?.set(part.feet, start * FEET)
    start += part.frames
  }
  return into
}

const copyRotations = (from: Motion, into: Motion, start: number, rename: (name: string) => string) => {
  from.joints.forEach((name, j) => {
    const k = into.joints.indexOf(rename(name))
    for (let frame = 0; frame < from.frames; frame++)
      into.rotations.set(
        quatAt(from.rotations, frame * from.joints.length + j),
        ((start + frame) * into.joints.length + k) * 4,
      )
  })
}

/** Left and right exchanged: the picture in a mirror that stands in the plane between them (x = 0). */
export const mirror = (motion: Motion): Motion => {
  const into = allocate(
    motion.rate,
    motion.frames,
    inOrder(motion.joints.map(other)),
    motion.feet !== undefined,
  )
  copyRotations(motion, into, 0, other)
  for (let i = 0; i < into.rotations.length; i += 4) {
    into.rotations[i + 1]! *= -1
    into.rotations[i + 2]! *= -1
  }
  into.root.set(motion.root.map((value, i) => (i % 3 === 0 ? -value : value)))
  if (motion.feet)
    for (let i = 0; i < motion.feet.length; i++) {
      const channel = i % 6
      const swapped = i % FEET < 6 ? i + 6 : i - 6
      into.feet![swapped] = (channel === 0 || channel === YAW ? -1 : 1) * motion.feet[i]!
    }
  return into
}

/** Turned and moved so that the hips begin above the origin and face +Z, as who faces an audience does. */
export const centred = (motion: Motion): Motion => {
  const hips = motion.joints.indexOf('hips')
  const facing = hips < 0 ? Z : rotate(quatAt(motion.rotations, hips), Z)
  const yaw = Math.atan2(facing[0], facing[2])
  const back = turn(Y, -yaw)
  const start = [motion.root[0]!, 0, motion.root[2]!] as const
  const into = {
    ...motion,
    rotations: motion.rotations.slice(),
    root: motion.root.slice(),
    ...(motion.feet && { feet: motion.feet.slice() }),
  }
  for (let frame = 0; frame < motion.frames; frame++) {
    into.root.set(rotate(back, sub(at(motion.root, frame), start)), frame * 3)
    const index = frame * motion.joints.length + hips
    if (hips >= 0) into.rotations.set(multiply(back, quatAt(motion.rotations, index)), index * 4)
    if (!into.feet || !motion.feet) continue
    for (let foot = 0; foot < 2; foot++) {
      const offset = frame * FEET + foot * 6
      // What is given is how far the ankle is from where it rests, and that place does not turn with the dancer.
      const rest = ANKLES[foot]!
      const off: Vec = [motion.feet[offset]!, motion.feet[offset + 1]!, motion.feet[offset + 2]!]
      into.feet.set(sub(rotate(back, sub(add(rest, off), start)), rest), offset)
      into.feet[offset + YAW] = shortWay(motion.feet[offset + YAW]! - yaw)
    }
  }
  return into
}

/** Where the ankles rest, left and right, in hips' heights. */
const ANKLES = (['leftFoot', 'rightFoot'] as const).map((name) =>
  scale(restPlaces(CANONICAL)[CANONICAL.joints.indexOf(name)]!, 1 / CANONICAL.offsets[0]![1]),
)

/** A motion in which nothing moves: standing in a T-pose, feet on the ground. */
export const allocate = (rate: number, frames: number, joints: readonly string[], feet: boolean): Motion => {
  const rotations = new Float32Array(frames * joints.length * 4)
  for (let i = 3; i < rotations.length; i += 4) rotations[i] = 1
  const root = new Float32Array(frames * 3)
  for (let i = 1; i < root.length; i += 3) root[i] = 1
  return { rate, frames, joints, rotations, root, ...(feet && { feet: new Float32Array(frames * FEET) }) }
}
