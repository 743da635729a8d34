/** @file From Danceba's poses to the app's own motion: where the body goes, and that pieces join without a seam. */
import { expect, test } from 'vitest'
import { toPositions } from '../../src/motion/positions'
import { solve, floorOf } from '../../src/motion/solve'
import { SMPL_HIPS_M, SMPL_REST } from '../../src/motion/smpl'
import type { MotionPart } from '../../src/shared/contracts'
import { motionParts } from '../../workers/danceba/motion/dance'
import { channelsOf, Path, POSE, posesOf } from '../../workers/danceba/motion/pose'
import { LOWER, UPPER } from '../../workers/danceba/motion/vqvae'
import { swinging } from '../fixtures/motions'
import { worst } from '../fixtures/worst'

const positions = toPositions(swinging(6))
const FRAMES = positions.length / POSE

test('poses are halves of the body, and the pelvis its own', () => {
  const up = channelsOf(positions, UPPER)
  const down = channelsOf(positions, LOWER)
  expect(up.length + down.length).toBe(positions.length)
  expect(down[1]).toBe(positions[POSE]) // the pelvis' x, a frame later
  const root = Float32Array.from({ length: 3 * FRAMES }, (_, i) => i)
  const pose = posesOf(up, down, root)
  expect([...pose.slice(POSE, POSE + 3)]).toEqual([1, FRAMES + 1, 2 * FRAMES + 1])
  expect([...pose.slice(POSE + 3, 2 * POSE)]).toEqual([...positions.slice(POSE + 3, 2 * POSE)])
})

test('the body goes where its pelvis moves, from the origin on', () => {
  const pose = new Float32Array(3 * POSE)
  for (const [frame, step] of [0.5, 0.25, 9].entries()) {
    pose[frame * POSE] = step
    pose[frame * POSE + 5 * 3] = 1 // joint 5 stays a metre beside it
  }
  const path = new Path()
  const first = path.walk(pose.slice(0, 2 * POSE))
  const second = path.walk(pose.slice(2 * POSE))
  const places = [...first, ...second]
  expect([0, 1, 2].map((frame) => places[frame * POSE])).toEqual([0, 0.5, 0.75])
  expect([0, 1, 2].map((frame) => places[frame * POSE + 15])).toEqual([1, 1.5, 1.75])
})

async function* inPieces(frames: number) {
  for (let at = 0; at < FRAMES; at += frames) yield positions.slice(at * POSE, (at + frames) * POSE)
}

test.each([128, 64, 1000])('pieces of %i frames make the motion of the whole', async (frames) => {
  const parts: MotionPart[] = []
  for await (const part of motionParts(inPieces(frames))) parts.push(part)
  const floor = floorOf(positions.slice(0, frames * POSE), SMPL_REST, SMPL_HIPS_M)
  const whole = solve(positions, { rate: 60, smooth: true, floor })
  let next = 0
  for (const { from, motion } of parts) {
    expect(from * 60).toBeCloseTo(next, 9)
    const { joints } = whole
    expect(motion.joints).toEqual(joints)
    const size = joints.length * 4
    const wanted = whole.rotations.slice(next * size, (next + motion.frames) * size)
    expect(worst(motion.rotations, wanted)).toBeLessThan(2e-3) // elbows remember a little
    expect(worst(motion.root, whole.root.slice(next * 3, (next + motion.frames) * 3))).toBeLessThan(1e-5)
    next += motion.frames
  }
  expect(next).toBe(FRAMES)
})
