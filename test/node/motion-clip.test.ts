/** @file Clips in time, and where joints are. */
import { describe, expect, test } from 'vitest'
import {
  allocate,
  centred,
  durationOf,
  join,
  mirror,
  newPose,
  resample,
  sample,
  slice,
} from '../../src/motion/clip'
import { fromWorlds, fromWorldRotations, positionsOf, worldRotations } from '../../src/motion/kinematics'
import {
  angle,
  arc,
  fromAxes,
  multiply,
  quatAt,
  rotate,
  slerp,
  turn,
  type Quat,
} from '../../src/motion/quaternion'
import { CANONICAL, restPlaces, skeletonOf } from '../../src/motion/skeleton'
import { at, length, sub, unit, X, Y, Z, type Vec } from '../../src/motion/vector'
import { withFeet } from '../../src/motion/ground'
import { swinging } from '../fixtures/motions'

const joint = (name: string, motion = swinging()) => motion.joints.indexOf(name)

describe('rotations', () => {
  test('turn by the right hand', () => {
    expect(rotate(turn(Z, Math.PI / 2), X)[1]).toBeCloseTo(1)
    expect(rotate(multiply(turn(X, Math.PI / 2), turn(Z, Math.PI / 2)), X)[2]).toBeCloseTo(1)
  })

  test('the shortest way, even to the opposite', () => {
    for (const to of [X, Y, Z, [-1, 0, 0], unit([1, -2, 3])] as Vec[])
      expect(length(sub(rotate(arc(X, to), X), to))).toBeLessThan(1e-6)
  })

  test('come back from a matrix', () => {
    for (const q of [turn(X, 3), turn(Y, 3), turn(Z, 3), turn(unit([1, 1, 1]), 0.3)])
      expect(angle(q, fromAxes(rotate(q, X), rotate(q, Y), rotate(q, Z)))).toBeLessThan(1e-6)
  })

  test('half way between is half way', () => {
    expect(angle(slerp(turn(Y, 0), turn(Y, 1), 0.5), turn(Y, 0.5))).toBeLessThan(1e-6)
    const other = turn(Y, 1).map((value) => -value) as unknown as Quat
    expect(angle(slerp(turn(Y, 0), other, 0.5), turn(Y, 0.5))).toBeLessThan(1e-6)
  })
})

describe('a clip', () => {
  const motion = swinging()

  test('shows its frames at their times and something between them between', () => {
    const pose = newPose(motion)
    sample(motion, 30 / 60, pose)
    const arm = joint('leftUpperArm')
    expect(
      angle(quatAt(pose.rotations, arm), quatAt(motion.rotations, 30 * motion.joints.length + arm)),
    ).toBeLessThan(1e-3)
    sample(motion, 99, pose)
    expect(pose.root[0]).toBeCloseTo(motion.root.at(-3)!)
  })

  test('is cut where it is asked to be', () => {
    const part = slice(motion, 0.5, 1)
    expect(part.frames).toBe(31)
    expect(part.root[0]).toBeCloseTo(motion.root[90]!, 5)
  })

  test('has the same length at another rate', () => {
    const slow = resample(motion, 30)
    expect([slow.frames, durationOf(slow)]).toEqual([61, 2])
    expect(resample(slow, 60).frames).toBe(motion.frames)
  })

  test('follows another; a joint that one lacks rests there', () => {
    const whole = join([swinging(1, 60, ['hips', 'head']), swinging(1, 30, ['hips', 'leftHand'])])
    expect(whole.joints).toEqual(['hips', 'head', 'leftHand'])
    expect(whole.frames).toBe(122)
    expect(quatAt(whole.rotations, 2)).toEqual([0, 0, 0, 1])
    expect(() => join([])).toThrow('nothing')
  })

  test('in a mirror, left is where right was', () => {
    const twin = mirror(motion)
    const here = positionsOf(motion, CANONICAL)
    const there = positionsOf(twin, CANONICAL)
    for (const frame of [0, 40, 111]) {
      const hand = at(here, frame * CANONICAL.joints.length + CANONICAL.joints.indexOf('leftHand'))
      const other = at(there, frame * CANONICAL.joints.length + CANONICAL.joints.indexOf('rightHand'))
      expect(length(sub([-hand[0], hand[1], hand[2]], other))).toBeLessThan(1e-6)
    }
    expect(mirror(twin).rotations).toEqual(motion.rotations)
  })

  test('mirrors its feet', () => {
    const own = allocate(60, 1, ['hips'], true)
    own.feet!.set([0.1, 0.2, 0.3, 0.4, 0.5, 1], 0)
    expect([...mirror(own).feet!.slice(6)].map((value) => Number(value.toFixed(3)))).toEqual([
      -0.1, 0.2, 0.3, -0.4, 0.5, 1,
    ])
  })

  test('centred, begins at the origin and faces the audience', () => {
    const turned = allocate(60, 2, ['hips'], true)
    turned.rotations.set([...turn(Y, 2), ...turn(Y, 2.5)])
    turned.root.set([3, 1, 4, 3, 1, 5])
    const out = centred(turned)
    expect(angle(quatAt(out.rotations, 0), [0, 0, 0, 1])).toBeLessThan(1e-6)
    expect(angle(quatAt(out.rotations, 1), turn(Y, 0.5))).toBeLessThan(1e-6)
    expect([...out.root.slice(0, 3)]).toEqual([0, 1, 0])
    expect(length(at(out.root, 1))).toBeCloseTo(Math.SQRT2)
  })

  test('centred, feet stay under the hips', () => {
    // Standing at rest, but elsewhere and facing another way: the ankles are where the legs hang.
    const yaw = 2
    const ankle = restPlaces(CANONICAL)[CANONICAL.joints.indexOf('leftFoot')]!
    const rest = ankle[0] / CANONICAL.offsets[0]![1]
    const moved = allocate(60, 1, ['hips'], true)
    moved.rotations.set(turn(Y, yaw))
    moved.root.set([3, 1, 4])
    for (const [foot, side] of [1, -1].entries()) {
      const hung = rotate(turn(Y, yaw), [side * rest, 0, 0])
      moved.feet!.set([3 + hung[0] - side * rest, 0, 4 + hung[2], yaw, 0, 1], foot * 6)
    }
    const out = centred(moved).feet!
    const off = [0, 1, 2, 3, 6, 7, 8, 9].map((i) => Math.abs(out[i]!))
    expect(Math.max(...off)).toBeLessThan(1e-6)
  })
})

describe('two clips without a gap', () => {
  test('have something between the last frame of the one and the first of the other', () => {
    const [one, other] = [allocate(60, 2, ['hips'], true), allocate(60, 2, ['hips'], true)]
    one.root.set([0, 1, 0, 0, 1, 0])
    other.root.set([1, 1, 0, 2, 1, 0])
    // Just short of half a turn to the left, just beyond it: the shorter way is not through the front.
    one.feet!.set([0, 0, 0, 3], 12)
    other.feet!.set([0, 0, 0, -3], 0)
    const pose = newPose(one)
    sample(one, 1.5 / 60, pose, other)
    expect(pose.root[0]).toBeCloseTo(0.5)
    expect(Math.abs(pose.feet[3]!)).toBeCloseTo(Math.PI)
    sample(one, 1.5 / 60, pose)
    expect([pose.root[0], pose.feet[3]]).toEqual([0, 3])
  })
})

describe('joints', () => {
  test('of a motion in which nothing moves are where the skeleton rests', () => {
    const places = positionsOf(allocate(60, 1, ['hips'], false), CANONICAL)
    restPlaces(CANONICAL).forEach((place, i) => expect(length(sub(place, at(places, i)))).toBeLessThan(1e-6))
  })

  test('of a body without the upper back bend what it has of it', () => {
    const motion = allocate(60, 1, ['hips', 'upperChest'], false)
    motion.rotations.set(turn(Z, 1), 4)
    const places = new Map(CANONICAL.joints.map((name, i) => [name, restPlaces(CANONICAL)[i]!]))
    const plain = skeletonOf(new Map([...places].filter(([name]) => !name.includes('hest'))))
    const head = at(positionsOf(motion, plain), plain.joints.indexOf('head'))
    expect(head[0]).toBeLessThan(-0.2)
  })

  test('turn in the world as the chain of their parents does, and back', () => {
    const motion = swinging()
    const worldAt = worldRotations(motion)
    const worlds = Array.from(
      { length: motion.frames },
      (_, frame) => new Map([...worldAt(frame)].filter(([name]) => motion.joints.includes(name))),
    )
    const again = fromWorlds(60, worlds, motion.root)
    for (let i = 0; i < motion.frames * motion.joints.length; i += 17)
      expect(angle(quatAt(again.rotations, i), quatAt(motion.rotations, i))).toBeLessThan(1e-3)
  })

  test('of a rig with axes of its own lose them', () => {
    // Each bone's local rotation is the one that does to the world what the motion does.
    const [hipsRest, armRest] = [turn(X, 0.4), turn(unit([1, 2, 3]), 1.5)]
    const [hips, arm] = [turn(Y, 0.3), turn(Z, -0.7)]
    const armParent = turn(Z, 0.9)
    const inverse = ([x, y, z, w]: Quat): Quat => [-x, -y, -z, w]
    const local = (parent: Quat, q: Quat, rest: Quat) => multiply(multiply(inverse(parent), q), rest)
    const motion = fromWorldRotations({
      rate: 30,
      frames: 1,
      bones: [
        { name: 'leftUpperArm', restWorld: armRest, parentRestWorld: armParent },
        { name: 'tail', restWorld: armRest, parentRestWorld: armParent },
        { name: 'hips', restWorld: hipsRest, parentRestWorld: [0, 0, 0, 1] },
      ],
      rotations: [...local(armParent, arm, armRest), 0, 0, 0, 1, ...local([0, 0, 0, 1], hips, hipsRest)],
      hips: [0, 90, 9],
      hipsHeight: 90,
    })
    expect(motion.joints).toEqual(['hips', 'leftUpperArm'])
    expect(angle(quatAt(motion.rotations, 0), hips)).toBeLessThan(1e-6)
    expect(angle(quatAt(motion.rotations, 1), arm)).toBeLessThan(1e-6)
    expect(motion.root[2]).toBeCloseTo(0.1)
  })

  test('a foot that stands carries, one in the air does not', () => {
    const still = allocate(60, 60, ['hips'], false)
    const path = (moving: boolean) =>
      Float32Array.from({ length: 180 }, (_, i) =>
        i % 3 === 1 ? (moving ? 0.2 : 0.08) : moving && i % 3 === 2 ? i / 60 : 0,
      )
    const { feet } = withFeet(still, [
      { side: 'left', ankle: path(false), rest: [0, 0.08, 0] },
      { side: 'right', ankle: path(true), rest: [0, 0.08, 0] },
    ])
    expect([feet![5], feet![11]]).toEqual([1, 0])
    expect([feet![3], feet![4]]).toEqual([0, -0])
  })
})
