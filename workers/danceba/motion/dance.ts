/** @file Joints in space as the app's own motion, piece by piece while a dance is composed. */
import { slice } from '../../../src/motion/clip'
import { floorOf, solve } from '../../../src/motion/solve'
import { SMPL_HIPS_M, SMPL_REST } from '../../../src/motion/smpl'
import type { MotionPart } from '../../../src/shared/contracts'
import { POSE, POSE_RATE } from './pose'

/** Frames before a piece from which its bones are solved again: elbows remember their plane for about as long. */
const BEFORE = 60
/** Frames after it that smoothing looks at. */
const AFTER = 8

/**
 * Parts of a motion, the first at second 0. Frames that smoothing still needs the next ones for wait for these. The floor is that
 * of the first piece: it does not move under the dancer.
 */
export async function* motionParts(pieces: AsyncIterable<Float32Array>): AsyncGenerator<MotionPart> {
  let floor: number | undefined
  let kept: Float32Array<ArrayBuffer> = new Float32Array(0)
  let [start, done] = [0, 0] // frames since the beginning: the first that is kept, the first that is still owed
  const part = (to: number): MotionPart => {
    floor ??= floorOf(kept, SMPL_REST, SMPL_HIPS_M)
    const whole = solve(kept, { rate: POSE_RATE, smooth: true, floor })
    const motion = slice(whole, (done - start) / POSE_RATE, (to - 1 - start) / POSE_RATE)
    const from = done / POSE_RATE
    done = to
    const first = Math.max(0, done - BEFORE)
    kept = kept.slice((first - start) * POSE)
    start = first
    return { from, motion }
  }
  for await (const piece of pieces) {
    const joined = new Float32Array(kept.length + piece.length)
    joined.set(kept)
    joined.set(piece, kept.length)
    kept = joined
    const ready = start + kept.length / POSE - AFTER
    if (ready > done) yield part(ready)
  }
  const end = start + kept.length / POSE
  if (end > done) yield part(end)
}
