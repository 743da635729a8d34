/** @file The thread of motion files: there and back, given up, refused; and the avatar with a dance in it comes on stage. */
import { expect, test } from 'vitest'
import { Engines } from '../../src/engine/engines'
import { Library } from '../../src/models/library.svelte'
import { allocate } from '../../src/motion/clip'
import { turn } from '../../src/motion/quaternion'
import { Z } from '../../src/motion/vector'
import type { Motion, MotionPart } from '../../src/shared/contracts'
import { Stage } from '../../src/stage/stage'

const never = new AbortController().signal
const { motionFiles: files } = new Engines(new Library())

/** One who stands, a hand going up. */
const waving = (seconds: number): Motion => {
  const joints = ['hips', 'spine', 'head'].concat(
    ...['left', 'right'].map((side) =>
      ['UpperLeg', 'LowerLeg', 'Foot', 'UpperArm', 'LowerArm', 'Hand'].map((part) => side + part),
    ),
  )
  const motion = allocate(60, seconds * 60 + 1, joints, true)
  const arm = joints.indexOf('leftUpperArm')
  for (let frame = 0; frame < motion.frames; frame++)
    motion.rotations.set(turn(Z, frame / 90), (frame * joints.length + arm) * 4)
  return motion
}
async function* parts(): AsyncGenerator<MotionPart> {
  for (const from of [0, 1.01]) yield { from, motion: waving(1) }
}

test.each(['vrma', 'bvh'] as const)('%s: written, and read again', async (format) => {
  const file = await files.write(never, format, parts(), 2)
  const motion = await files.read(never, file)
  expect([motion.rate, motion.frames]).toEqual([60, 121])
  const arm = motion.joints.indexOf('leftUpperArm')
  const at = (30 * motion.joints.length + arm) * 4
  turn(Z, 30 / 90).forEach((value, i) => expect(motion.rotations[at + i]).toBeCloseTo(value, 2))
})

test('positions: a row a frame', async () => {
  const { pred_position: rows } = JSON.parse(await (await files.write(never, 'json', parts(), 2)).text()) as {
    pred_position: number[][]
  }
  expect(rows).toHaveLength(121)
  const npz = await files.write(never, 'npz', parts(), 2)
  expect(npz.size).toBeGreaterThan(121 * 72 * 4)
})

test('the avatar with the dance in it comes on stage, as whoever loads it has it', async () => {
  const avatar = await (await fetch('/avatars/fenn.vrm')).arrayBuffer()
  const file = await files.write(never, 'glb', parts(), 2, avatar)
  const canvas = document.createElement('canvas')
  canvas.style.cssText = 'width: 320px; height: 240px'
  document.body.append(canvas)
  const stage = new Stage(canvas)
  await stage.enter(never, await file.arrayBuffer())
  expect(Object.keys(stage.expressions())).toContain('happy')
  stage.dispose()
  canvas.remove()
})

test('given up, it is not written', async () => {
  const controller = new AbortController()
  const writing = files.write(controller.signal, 'bvh', parts(), 2)
  controller.abort()
  await expect(writing).rejects.toMatchObject({ code: 'aborted' })
  expect((await files.write(never, 'bvh', parts(), 2)).size).toBeGreaterThan(0)
})

test('what is no motion is a fault with a reason', async () => {
  await expect(files.read(never, new Blob(['Dear Sir or Madam']))).rejects.toMatchObject({
    code: 'bad-input',
    detail: { what: 'motion', reason: 'format' },
  })
})
