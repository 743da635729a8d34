/** @file From positions to rotations: on clips whose rotations are known, and as noise would have them. */
import { describe, expect, test } from 'vitest'
import { readBvh } from '../../src/motion/bvh'
import { positionsOf, worldRotations } from '../../src/motion/kinematics'
import { toPositions } from '../../src/motion/positions'
import { angle, quatAt, rotate, type Quat } from '../../src/motion/quaternion'
import { smoothed } from '../../src/motion/savitzky-golay'
import { CANONICAL, restPlaces, type Skeleton } from '../../src/motion/skeleton'
import { SMPL_BONES, SMPL_REST } from '../../src/motion/smpl'
import { solve, SOLVED } from '../../src/motion/solve'
import { add, at, length, scale, sub, unit, X, type Vec } from '../../src/motion/vector'
import { readVrma, skeletonOfVrma } from '../../src/motion/vrma'
import type { Motion } from '../../src/shared/contracts'
import { allocate } from '../../src/motion/clip'
import { recorded, recording, swinging } from '../fixtures/motions'

const degrees = (radians: number) => (radians * 180) / Math.PI

/** 24 joints of a body that moves; the hands' tips are a hand's length further on. */
const jointsOn = (motion: Motion, skeleton: Skeleton): Float32Array => {
  const places = positionsOf(motion, skeleton)
  const worldAt = worldRotations(motion)
  const into = new Float32Array(motion.frames * 72)
  for (let frame = 0; frame < motion.frames; frame++) {
    const world = worldAt(frame)
    const place = (bone: string) => at(places, frame * skeleton.joints.length + skeleton.joints.indexOf(bone))
    SMPL_BONES.forEach((bone, joint) => {
      const side = joint === 22 ? 'left' : 'right'
      const tip = () => add(place(`${side}Hand`), rotate(world.get(`${side}Hand`)!, tipOf(side)))
      into.set(bone ? place(bone) : tip(), (frame * 24 + joint) * 3)
    })
  }
  return into
}
const tipOf = (side: string): Vec => scale(X, side === 'left' ? 0.09 : -0.09)

const restOn = (skeleton: Skeleton): Vec[] => {
  const places = restPlaces(skeleton)
  const place = (bone: string) => places[skeleton.joints.indexOf(bone)]!
  return SMPL_BONES.map((bone, joint) => {
    const side = joint === 22 ? 'left' : 'right'
    return bone ? place(bone) : add(place(`${side}Hand`), tipOf(side))
  })
}

const limbsOf = (skeleton: Skeleton) =>
  new Map(
    ['left', 'right'].flatMap((side) =>
      [
        ['UpperArm', 'LowerArm', 'Hand'],
        ['UpperLeg', 'LowerLeg', 'Foot'],
      ].flatMap(([upper, lower, end]): [string, Vec][] => {
        const offset = (bone: string) => unit(skeleton.offsets[skeleton.joints.indexOf(side + bone)]!)
        return [
          [side + upper!, offset(lower!)],
          [side + lower!, offset(end!)],
        ]
      }),
    ),
  )

const PARTS = ['hips', 'spine', 'Shoulder', 'UpperArm', 'LowerArm', 'Hand', 'UpperLeg', 'LowerLeg', 'Foot']

/** Mean degrees between the turns of two motions in the world, by part of the body; and how often one turns over at once. */
const compare = (truth: Motion, solved: Motion) => {
  const [trueAt, solvedAt] = [worldRotations(truth), worldRotations(solved)]
  const errors = new Map<string, number[]>(PARTS.map((part) => [part, []]))
  let flips = 0
  let before: { truth: ReadonlyMap<string, Quat>; solved: ReadonlyMap<string, Quat> } | undefined
  for (let frame = 0; frame < truth.frames; frame++) {
    const now = { truth: trueAt(frame), solved: solvedAt(frame) }
    for (const bone of SOLVED) {
      errors
        .get(PARTS.find((part) => bone.endsWith(part)) ?? '')
        ?.push(angle(now.truth.get(bone)!, now.solved.get(bone)!))
      if (!before) continue
      const step = angle(before.solved.get(bone)!, now.solved.get(bone)!)
      if (degrees(step) > 90 && degrees(angle(before.truth.get(bone)!, now.truth.get(bone)!)) < 45) flips++
    }
    before = now
  }
  const mean = (part: string) => {
    const all = errors.get(part)!
    return degrees(all.reduce((a, b) => a + b, 0) / all.length)
  }
  return {
    ...Object.fromEntries(PARTS.map((part) => [part, Math.round(mean(part) * 10) / 10])),
    flips,
  } as Record<string, number>
}

/** Mean millimetres by which an elbow, wrist, knee or ankle is elsewhere. */
const limbError = (truth: Motion, solved: Motion, skeleton: Skeleton) => {
  const [a, b] = [positionsOf(truth, skeleton), positionsOf(solved, skeleton)]
  let [sum, count] = [0, 0]
  skeleton.joints.forEach((name, joint) => {
    if (!/LowerArm$|Hand$|LowerLeg$|Foot$/.test(name)) return
    for (let frame = 0; frame < truth.frames; frame++) {
      const index = frame * skeleton.joints.length + joint
      const hips = (all: Float32Array) => at(all, frame * skeleton.joints.length)
      sum += length(sub(sub(at(a, index), hips(a)), sub(at(b, index), hips(b))))
      count++
    }
  })
  return (sum / count) * 1000
}

/** Who stands with knees bent by one degree turns the thighs as they like: no position tells (measured 14°). */
const STRAIGHT_LEGS = 15

/**
 * The last three became motions with the help of the solver itself: of them it is the noise that is tested,
 * not the mean; so are the arms of CMU's, whose turn is taken from the elbows.
 */
const CLIPS: readonly (readonly [string, () => { motion: Motion; skeleton: Skeleton }])[] = [
  [
    'idle_loop.vrma',
    () => {
      const bytes = recording('avatars/vrma/idle_loop.vrma')
      const skeleton = skeletonOfVrma(bytes)
      // Its own unit is the centimetre.
      const metres = { ...skeleton, offsets: skeleton.offsets.map((offset) => scale(offset, 0.01)) }
      return { motion: readVrma(bytes), skeleton: metres }
    },
  ],
  ...[
    'mocap/animated-drawings/dab.bvh',
    'mocap/animated-drawings/jumping.bvh',
    'mocap/cmu-131/131_01.bvh',
    'mocap/cmu-05/05_02.bvh',
    'mocap/cmu-05/05_10.bvh',
    'mocap/animated-drawings/jesse_dance.bvh',
  ].map(
    (path) => [path, () => ({ motion: readBvh(recording(path).toString()), skeleton: CANONICAL })] as const,
  ),
]

describe.skipIf(!recorded)('known rotations (../shared/data) are found again', () => {
  test.each(CLIPS)('%s on its own skeleton', { timeout: 60_000 }, (name, get) => {
    const { motion, skeleton } = get()
    const rest = restOn(skeleton)
    const solved = solve(jointsOn(motion, skeleton), {
      rate: motion.rate,
      rest,
      limbs: limbsOf(skeleton),
      hipsHeight: rest[0]![1],
    })
    const errors = compare(motion, solved)
    expect(errors['flips']).toBe(0)
    expect(errors['hips']).toBeLessThan(3)
    expect(errors['UpperLeg']).toBeLessThanOrEqual(name === 'idle_loop.vrma' ? STRAIGHT_LEGS : 8)
    expect(errors['UpperArm']).toBeLessThanOrEqual(16)
    expect(limbError(motion, solved, skeleton)).toBeLessThan(2)
  })

  test.each(CLIPS)('%s on the mean body of SMPL', { timeout: 60_000 }, (name, get) => {
    // Without feet, onto which legs of another length would be put: here the rotations are the truth.
    const { feet: _, ...motion } = get().motion
    const solved = solve(toPositions({ ...motion, rate: 60 }))
    const errors = compare(motion, solved)
    expect(errors['flips']).toBe(0)
    expect(errors['hips']).toBeLessThan(3)
    // A collar bone's turn about itself is seen in no position; on the clip's own skeleton it is as much.
    expect(errors['Shoulder']).toBeLessThan(11)
    expect(errors['UpperLeg']).toBeLessThanOrEqual(name === 'idle_loop.vrma' ? STRAIGHT_LEGS : 8)
    expect(errors['UpperArm']).toBeLessThanOrEqual(16)
  })
})

describe('positions', () => {
  const motion = swinging()

  test('of a motion give it back: every bone points where it did', () => {
    const [there, again] = [toPositions(motion), toPositions(solve(toPositions(motion)))]
    const elbow = 18
    for (let frame = 0; frame < motion.frames; frame += 10) {
      const arm = (all: Float32Array) => sub(at(all, frame * 24 + elbow), at(all, frame * 24 + 16))
      expect(length(sub(arm(there), arm(again)))).toBeLessThan(1e-3)
    }
  })

  test('of the mean body at rest are a T-pose on its feet, nearly', () => {
    const solved = solve(new Float32Array(SMPL_REST.flat()))
    expect(solved.root[1]).toBeCloseTo(1)
    expect([solved.feet![5], solved.feet![11]]).toEqual([1, 1])
    for (const bone of ['hips', 'spine', 'upperChest', 'leftShoulder', 'head'])
      expect(angle(quatAt(solved.rotations, solved.joints.indexOf(bone)), [0, 0, 0, 1])).toBeLessThan(1e-3)
    // Its limbs slant a few degrees, and that is where they point.
    for (const bone of ['leftUpperArm', 'rightUpperLeg'])
      expect(degrees(angle(worldRotations(solved)(0).get(bone)!, [0, 0, 0, 1]))).toBeLessThan(15)
  })

  test('with noise turn far less when they are smoothed', () => {
    const clean = toPositions(allocate(60, 200, ['hips'], false))
    let seed = 1
    const noise = () => ((seed = (seed * 48271) % 2147483647) / 2147483647 - 0.5) * 0.02
    const rough = clean.map((value) => value + noise())
    const jitter = (solved: Motion) => {
      let sum = 0
      for (let frame = 1; frame < solved.frames; frame++)
        sum += angle(
          quatAt(solved.rotations, frame * solved.joints.length),
          quatAt(solved.rotations, (frame - 1) * solved.joints.length),
        )
      return sum
    }
    expect(jitter(solve(rough, { smooth: true }))).toBeLessThan(jitter(solve(rough)) / 2)
  })

  test('smoothed, a parabola stays one', () => {
    const values = Float32Array.from({ length: 40 }, (_, i) => 0.5 * i * i - 3 * i)
    smoothed(values, 1).forEach((value, i) => {
      if (i > 4 && i < 35) expect(value).toBeCloseTo(values[i]!, 2)
    })
  })

  test('that are none are refused', () => {
    expect(() => solve(new Float32Array(71))).toThrow('24')
    expect(() => solve(new Float32Array(0))).toThrow('24')
    expect(() => solve(new Float32Array(72).fill(NaN))).toThrow('number')
  })
})
