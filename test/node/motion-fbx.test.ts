/** @file FBX clips become motions: Mixamo's names, axes of bones that lie anyhow, ASCII and binary. */
import { AnimationMixer, Quaternion, type Object3D } from 'three'
import { FBXLoader } from 'three/examples/jsm/loaders/FBXLoader.js'
import { describe, expect, test } from 'vitest'
import { allocate } from '../../src/motion/clip'
import { readFbx } from '../../src/motion/fbx'
import { positionsOf, worldRotations } from '../../src/motion/kinematics'
import { angle, quatAt, type Quat } from '../../src/motion/quaternion'
import { CANONICAL, PARENT } from '../../src/motion/skeleton'
import type { Fault } from '../../src/shared/fault'
import { asciiFbx, binaryFbx, clipOf, mixamoName } from '../fixtures/fbx'
import { swinging } from '../fixtures/motions'

const motion = swinging(
  1,
  30,
  [...PARENT.keys()].filter((name) => !/Eye|jaw/.test(name)),
)
const clip = clipOf(motion)
const FORMS = [
  ['ASCII', asciiFbx(clip)],
  ['binary 7.4', binaryFbx(clip)],
  ['binary 7.5', binaryFbx(clip, 7500)],
] as const

describe.each(FORMS)('%s', (_, bytes) => {
  test('is read as it is known to be', async () => {
    const read = await readFbx(bytes)
    expect([read.rate, read.frames, read.joints]).toEqual([60, 61, motion.joints])
    for (let frame = 0; frame < motion.frames; frame++)
      motion.joints.forEach((_, j) => {
        const known = quatAt(motion.rotations, frame * motion.joints.length + j)
        const found = quatAt(read.rotations, frame * 2 * motion.joints.length + j)
        expect(angle(known, found)).toBeLessThan(2e-3)
      })
    for (let frame = 0; frame < motion.frames; frame++)
      for (let axis = 0; axis < 3; axis++)
        expect(read.root[frame * 6 + axis]).toBeCloseTo(motion.root[frame * 3 + axis]!, 2)
  })

  test('is read as three.js reads it', async () => {
    const read = await readFbx(bytes)
    const scene = new FBXLoader().parse(bytes.buffer, '')
    const [theirs] = scene.animations
    const nodes = new Map<string, Object3D>()
    scene.traverse((object) => nodes.set(object.name, object))
    const of = (bone: string) => nodes.get(mixamoName(bone).replace(':', ''))!
    const turnOf = (bone: string) => of(bone).getWorldQuaternion(new Quaternion())
    const checked = ['hips', 'head', 'leftHand', 'rightLowerArm', 'leftFoot', 'rightUpperLeg']
    const rests = checked.map(turnOf)
    const mixer = new AnimationMixer(scene)
    mixer.clipAction(theirs!).play()
    for (const frame of [0, 20, 50]) {
      mixer.setTime(frame / 60)
      scene.updateMatrixWorld(true)
      const world = worldRotations(read)(frame)
      checked.forEach((bone, i) => {
        const { x, y, z, w } = turnOf(bone).multiply(rests[i]!.clone().invert())
        expect(angle([x, y, z, w] as Quat, world.get(bone)!)).toBeLessThan(5e-3)
      })
    }
  })
})

test('who stands, stands on the floor', async () => {
  const still = await readFbx(binaryFbx(clipOf(allocate(30, 20, motion.joints, false))))
  const places = positionsOf(still, CANONICAL)
  expect(places[CANONICAL.joints.indexOf('leftFoot') * 3 + 1]).toBeCloseTo(0.08)
  expect([still.feet![5], still.feet![11]]).toEqual([1, 1])
})

describe('one that is no good', () => {
  const reasonOf = async (bytes: Uint8Array<ArrayBuffer>) => {
    try {
      await readFbx(bytes)
    } catch (error) {
      return (error as Fault).detail['reason']
    }
    return 'none'
  }
  const [[, ascii], [, binary]] = FORMS
  const text = (change: (text: string) => string) =>
    new TextEncoder().encode(change(new TextDecoder().decode(ascii)))
  const changed = (change: (bytes: Uint8Array<ArrayBuffer>) => void) => {
    const bytes = binary.slice()
    change(bytes)
    return bytes
  }
  const packed = binary.findIndex(
    (byte, i) => byte === 0x66 && binary[i + 5] === 1 && binary[i + 13] === 0x78,
  )

  test.each([
    ['without an animation', 'no-motion', asciiFbx(clipOf(motion, { animated: false }))],
    ['without a skeleton', 'format', text((all) => all.replace(/^Objects:[^]*?^\}/m, ''))],
    [
      'nobody’s names, nobody’s shape',
      'no-humanoid',
      asciiFbx(clipOf(swinging(0.2, 30, ['hips', 'head']), { rename: (bone) => `x_${bone}` })),
    ],
    ['ASCII cut off', 'truncated', text((all) => all.slice(0, all.length / 2))],
    ['binary cut off', 'truncated', binary.slice(0, binary.length / 2)],
    ['an old version', 'format', changed((bytes) => bytes.set([0xd0, 0x07], 23))],
    ['a packed array damaged', 'broken', changed((bytes) => bytes.fill(0xff, packed + 13, packed + 40))],
    ['values that are none', 'broken', text((all) => all.replace(/a: [\d,.e-]+(?=\n[^]*$)/, 'a: x,y'))],
    ['a node that ends before it begins', 'broken', changed((bytes) => bytes.set([28, 0, 0, 0], 27))],
  ] as const)('%s', async (_, reason, bytes) => {
    expect(await reasonOf(bytes)).toBe(reason)
  })
})
