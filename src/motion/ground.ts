/**
 * @file What joins a dancer to the floor: how high it is, when a foot carries, and the feet's channel of a motion.
 *
 * Contact is a matter of speed and height, as everywhere (Kovar et al., "Footskate Cleanup", 2002); the threshold of
 * 0.15 m/s is for a body with hips at 0.95 m and grows with the body.
 */
import type { Motion } from '../shared/contracts'
import { FEET } from './clip'
import { positionsOf, worldRotations } from './kinematics'
import { multiply, rotate, turn } from './quaternion'
import { restPlaces, type Skeleton } from './skeleton'
import { at, length, scale, sub, X, Y, Z, type Vec } from './vector'

/** Where one foot's joints are, frame by frame, in hips' heights above the floor. */
export interface FootPath {
  readonly side: 'left' | 'right'
  readonly ankle: Float32Array
  /** The ball of the foot; undefined where the file has none. */
  readonly toes?: Float32Array
  /** Where the ankle stands in a T-pose. */
  readonly rest: Vec
}

/** The value below which a share of all values lies. */
export const percentile = (values: ArrayLike<number>, share: number): number => {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
}

/** Speeds in hips' heights a second, heights in hips' heights. Faster or higher, a foot carries nothing. */
const SLOW = 0.16
const FAST = 0.45
const LOW = 0.03
const HIGH = 0.09
/** A load comes and goes within this time, so that a leg is not pulled to its place in one frame. */
const EASE_S = 0.05

/** The feet of a motion of which only rotations are known, as they would be on this skeleton. */
export const grounded = (motion: Motion, skeleton: Skeleton): Motion => {
  const { joints } = skeleton
  const places = positionsOf(motion, skeleton)
  const rest = restPlaces(skeleton)
  const height = rest[0]![1]
  const path = (side: 'left' | 'right'): FootPath => {
    const ankle = joints.indexOf(`${side}Foot`)
    return {
      side,
      ankle: Float32Array.from({ length: motion.frames * 3 }, (_, i) => {
        const [frame, axis] = [Math.floor(i / 3), i % 3]
        return places[(frame * joints.length + ankle) * 3 + axis]! / height
      }),
      rest: scale(rest[ankle]!, 1 / height),
    }
  }
  return withFeet(motion, [path('left'), path('right')])
}

/** The feet of a motion whose rotations are there already. */
export const withFeet = (motion: Motion, paths: readonly [FootPath, FootPath]): Motion => {
  const feet = new Float32Array(motion.frames * FEET)
  paths.forEach((path, foot) => {
    const load = loads(path, motion)
    for (let frame = 0; frame < motion.frames; frame++) {
      const offset = frame * FEET + foot * 6
      feet.set(sub(at(path.ankle, frame), path.rest), offset)
      feet[offset + 5] = load[frame]!
    }
  })
  const worldAt = worldRotations(motion)
  for (let frame = 0; frame < motion.frames; frame++) {
    const world = worldAt(frame)
    paths.forEach(({ side, rest }, foot) => {
      const way = rotate(world.get(`${side}Foot`)!, Z)
      const offset = frame * FEET + foot * 6
      const yaw = Math.atan2(way[0], way[2])
      const pitch = -Math.asin(Math.min(1, Math.max(-1, way[1])))
      feet[offset + 3] = yaw
      feet[offset + 4] = pitch
      // The channel has the ankle without what the pitch lifts it: about the ball, as far before it as it is high and half.
      const ball: Vec = [0, -rest[1], 1.5 * rest[1]]
      const yawed = turn(Y, yaw)
      const lift = sub(rotate(yawed, ball), rotate(multiply(yawed, turn(X, pitch)), ball))
      lift.forEach((by, axis) => (feet[offset + axis]! -= by))
    })
  }
  return { ...motion, feet }
}

const loads = ({ ankle, toes, rest }: FootPath, { rate, frames }: Motion): Float32Array => {
  // The ball stays where it is while the heel rises: the slower of the two says whether the foot stands.
  const parts = [{ path: ankle, rest: rest[1] }, ...(toes ? [{ path: toes, rest: percentileY(toes) }] : [])]
  const raw = new Float32Array(frames)
  for (let frame = 0; frame < frames; frame++)
    for (const { path, rest } of parts) {
      const before = at(path, Math.max(0, frame - 1))
      const after = at(path, Math.min(frames - 1, frame + 1))
      const span = (Math.min(frames - 1, frame + 1) - Math.max(0, frame - 1)) / rate
      const speed = span > 0 ? length(sub(after, before)) / span : 0
      const height = Math.max(0, path[frame * 3 + 1]! - rest)
      raw[frame] = Math.max(raw[frame]!, fade(speed, SLOW, FAST) * fade(height, LOW, HIGH))
    }
  return smooth(raw, Math.max(1, Math.round(EASE_S * rate)))
}

const percentileY = (path: Float32Array) =>
  percentile(
    path.filter((_, i) => i % 3 === 1),
    0.1,
  )

/** 1 up to `from`, 0 beyond `to`. */
const fade = (value: number, from: number, to: number) => Math.min(1, Math.max(0, (to - value) / (to - from)))

const smooth = (values: Float32Array, reach: number): Float32Array =>
  values.map((_, i) => {
    let sum = 0
    let count = 0
    for (let j = Math.max(0, i - reach); j <= Math.min(values.length - 1, i + reach); j++, count++)
      sum += values[j]!
    return sum / count
  })
