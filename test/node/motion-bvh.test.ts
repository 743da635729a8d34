/** @file Biovision hierarchies of all sorts become motions, and back. */
import { BVHLoader } from 'three/examples/jsm/loaders/BVHLoader.js'
import { Quaternion } from 'three'
import { describe, expect, test } from 'vitest'
import { readBvh } from '../../src/motion/bvh'
import { writeBvh, eulerZxy } from '../../src/motion/bvh-write'
import { parseBvh, poseOf } from '../../src/motion/bvh-file'
import { bonesOfJoints } from '../../src/motion/joint-names'
import { positionsOf, worldRotations } from '../../src/motion/kinematics'
import { angle, inverse, multiply, quatAt, rotate, turn } from '../../src/motion/quaternion'
import { CANONICAL, PARENT } from '../../src/motion/skeleton'
import { angleBetween, at, scale, sub, unit, X, Y, Z, type Vec } from '../../src/motion/vector'
import type { Motion } from '../../src/shared/contracts'
import type { Fault } from '../../src/shared/fault'
import { recorded, recording, swinging } from '../fixtures/motions'

const degrees = (radians: number) => (radians * 180) / Math.PI

const worst = (a: Motion, b: Motion) => {
  let most = 0
  for (const [j, name] of a.joints.entries()) {
    const k = b.joints.indexOf(name)
    for (let frame = 0; frame < a.frames; frame++)
      most = Math.max(
        most,
        angle(
          quatAt(a.rotations, frame * a.joints.length + j),
          quatAt(b.rotations, frame * b.joints.length + k),
        ),
      )
  }
  return degrees(most)
}

describe('what is written', () => {
  const motion = swinging(
    2,
    60,
    [...PARENT.keys()].filter((name) => !/Eye|jaw/.test(name)),
  )
  const text = writeBvh(motion)

  test('is read as it was', () => {
    const again = readBvh(text)
    expect([again.rate, again.frames]).toEqual([60, motion.frames])
    expect(again.joints).toEqual(motion.joints)
    expect(worst(motion, again)).toBeLessThan(0.1)
    again.root.forEach((value, i) => expect(value).toBeCloseTo(motion.root[i]!, 2))
  })

  test('is read by three.js, joint by joint', () => {
    const { skeleton, clip } = new BVHLoader().parse(text)
    expect(skeleton.bones.map(({ name }) => name)).toContain('LeftUpperArm')
    expect(clip.duration).toBeCloseTo(2)
    for (const [name, bone] of [
      ['LeftUpperArm', 'leftUpperArm'],
      ['Hips', 'hips'],
      ['RightLowerLeg', 'rightLowerLeg'],
    ] as const) {
      const track = clip.tracks.find((track) => track.name === `${name}.quaternion`)!
      for (let frame = 0; frame < motion.frames; frame += 7) {
        const theirs = new Quaternion().fromArray(track.values, frame * 4)
        const ours = quatAt(motion.rotations, frame * motion.joints.length + motion.joints.indexOf(bone))
        expect(degrees(theirs.angleTo(new Quaternion(...ours)))).toBeLessThan(0.1)
      }
    }
    const root = clip.tracks.find(({ name }) => name === 'Hips.position')!
    expect(root.values[1]).toBeCloseTo(95 * motion.root[1]!, 1)
  })

  test('has angles for every rotation, straight up too', () => {
    for (const q of [turn(X, Math.PI / 2), multiply(turn(Z, 2), turn(X, -Math.PI / 2)), turn(Y, 3)]) {
      const [z, x, y] = eulerZxy(q)
      expect(angle(q, multiply(multiply(turn(Z, z), turn(X, x)), turn(Y, y)))).toBeLessThan(1e-3)
    }
  })
})

/** The canonical body under other names, units and axes, its arms hanging or out. */
const foreign = (names: Readonly<Record<string, string>>, convert: (v: Vec) => Vec, armsDown: boolean) => {
  const { joints, parents, offsets } = CANONICAL
  const used = joints.map((name) => name in names)
  const line = (index: number): string[] => {
    const below = parents.flatMap((parent, i) => (parent === index && used[i] ? line(i) : []))
    const arm = /LowerArm|Hand/.test(joints[index]!)
    const [x, y, z] = offsets[index]!
    const offset = convert(armsDown && arm ? [0, -Math.abs(x), z] : [x, y, z])
    return [
      `${index ? 'JOINT' : 'ROOT'} ${names[joints[index]!]!}`,
      '{',
      `OFFSET ${offset.join(' ')}`,
      `CHANNELS ${index ? '3' : '6 Yposition Zposition Xposition'} Yrotation Xrotation Zrotation`,
      ...(below.length ? below : ['End Site', '{', `OFFSET ${convert([0, -0.02, 0.05]).join(' ')}`, '}']),
      '}',
    ]
  }
  const [x, y, z] = convert([0, 0.95, 0])
  const row = [y, z, x, ...Array.from({ length: used.filter(Boolean).length * 3 }, () => 0)].join(' ')
  return ['HIERARCHY', ...line(0), 'MOTION', 'Frames: 2', 'Frame Time: 0.0333333', row, row].join('\n')
}

const sidedNames = (
  names: Readonly<Record<string, string>>,
  rename: (side: 'left' | 'right', part: string) => string,
) =>
  Object.fromEntries(
    (['left', 'right'] as const).flatMap((side) =>
      Object.entries(names).map(([bone, part]) => [side + bone, rename(side, part)]),
    ),
  )

const LIMBS = {
  Shoulder: 'Shoulder',
  UpperArm: 'Arm',
  LowerArm: 'ForeArm',
  Hand: 'Hand',
  UpperLeg: 'UpLeg',
  LowerLeg: 'Leg',
  Foot: 'Foot',
  Toes: 'ToeBase',
}
const SMPL = {
  Shoulder: 'Collar',
  UpperArm: 'Shoulder',
  LowerArm: 'Elbow',
  Hand: 'Wrist',
  UpperLeg: 'Hip',
  LowerLeg: 'Knee',
  Foot: 'Ankle',
  Toes: 'Foot',
}
const MAX = {
  Shoulder: 'Clavicle',
  UpperArm: 'UpperArm',
  LowerArm: 'Forearm',
  Hand: 'Hand',
  UpperLeg: 'Thigh',
  LowerLeg: 'Calf',
  Foot: 'Foot',
  Toes: 'Toe0',
}
const back = (hips: string, spine: string[], neck: string, head: string) => ({
  hips,
  spine: spine[0]!,
  chest: spine[1]!,
  upperChest: spine[2]!,
  neck,
  head,
})
const capital = (side: string) => side.charAt(0).toUpperCase()
const RIGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Mixamo: {
    ...back(
      'mixamorig:Hips',
      ['mixamorig:Spine', 'mixamorig:Spine1', 'mixamorig:Spine2'],
      'mixamorig:Neck',
      'mixamorig:Head',
    ),
    ...sidedNames(LIMBS, (side, part) => `mixamorig:${capital(side)}${side.slice(1)}${part}`),
  },
  SMPL: {
    ...back('Pelvis', ['Spine1', 'Spine2', 'Spine3'], 'Neck', 'Head'),
    ...sidedNames(SMPL, (side, part) => `${capital(side)}_${part}`),
  },
  '3ds Max': {
    ...back('Bip01 Pelvis', ['Bip01 Spine', 'Bip01 Spine1', 'Bip01 Spine2'], 'Bip01 Neck', 'Bip01 Head'),
    ...sidedNames(MAX, (side, part) => `Bip01 ${capital(side)} ${part}`),
  },
  Reallusion: {
    ...back(
      'CC_Base_Hip',
      ['CC_Base_Waist', 'CC_Base_Spine01', 'CC_Base_Spine02'],
      'CC_Base_NeckTwist01',
      'CC_Base_Head',
    ),
    ...sidedNames(
      { ...MAX, Toes: 'ToeBase', UpperArm: 'Upperarm' },
      (side, part) => `CC_Base_${capital(side)}_${part}`,
    ),
  },
  nobody: Object.fromEntries(
    CANONICAL.joints
      .filter((name) => !/Thumb|Index|Middle|Ring|Little/.test(name))
      .map((name, i) => [name, `joint${i}`]),
  ),
}

describe.each(Object.entries(RIGS))('a skeleton of %s', (_, names) => {
  test('is recognised', () => {
    const { joints } = parseBvh(foreign(names, (v) => v, false))
    const bones = [...bonesOfJoints(joints)].map(([bone, i]) => [bone, joints[i]!.name])
    expect(Object.fromEntries(bones)).toEqual(names)
  })

  test.each([
    ['metres, +Y up', (v: Vec): Vec => v],
    ['inches, +Z up', ([x, y, z]: Vec): Vec => [x * 39, -z * 39, y * 39]],
  ])('stands in its T-pose, in %s', (_, convert) => {
    const motion = readBvh(foreign(names, convert, false))
    expect(motion.rate).toBe(30)
    for (let i = 0; i < motion.joints.length; i++)
      expect(angle(quatAt(motion.rotations, i), [0, 0, 0, 1])).toBeLessThan(1e-3)
    ;[0, 1, 0].forEach((value, i) => expect(motion.root[i]).toBeCloseTo(value, 2))
    expect(motion.feet![5]).toBe(1)
  })

  test('with its arms hanging at rest hangs them', () => {
    const motion = readBvh(foreign(names, (v) => v, true))
    const world = worldRotations(motion)(0)
    expect(rotate(world.get('leftUpperArm')!, X)[1]).toBeCloseTo(-1)
    expect(rotate(world.get('rightLowerArm')!, X)[1]).toBeCloseTo(1)
  })
})

describe('a file that is no good', () => {
  const good = foreign(RIGS['Mixamo']!, (v) => v, false)
  const reasonOf = (text: string) => {
    try {
      readBvh(text)
    } catch (error) {
      return (error as Fault).detail['reason']
    }
    return 'none'
  }

  test.each([
    ['format', 'solid cube'],
    ['no-motion', good.slice(0, good.indexOf('MOTION'))],
    ['format', 'HIERARCHY of nothing'],
    ['truncated', good.slice(0, 300)],
    ['no-motion', good.slice(0, good.indexOf('0.0333333') + 10)],
    ['broken', good.replace(/\n0\.95/, '\nnan')],
    ['truncated', good.replace(/\}\nMOTION/, 'MOTION')],
    ['format', good.replace('Zrotation', 'Wrotation')],
    [
      'no-humanoid',
      'HIERARCHY\nROOT tail { OFFSET 0 0 0 CHANNELS 1 Xrotation End Site { OFFSET 0 0 1 } }\nMOTION\nFrames: 1\nFrame Time: 0.1\n0\n',
    ],
  ])('is refused: %s', (reason, text) => {
    expect(reasonOf(text)).toBe(reason)
  })

  test('says which joints it has', () => {
    const odd = good.replace('mixamorig:LeftHand', 'paw').replace('mixamorig:LeftLeg', 'hoof')
    const broken = odd.replaceAll(/OFFSET \S+ \S+ \S+/g, 'OFFSET 0 1 0')
    expect(() => readBvh(broken)).toThrow(/paw/)
  })
})

describe.skipIf(!recorded)('recorded (../shared/data/mocap)', () => {
  const files = [
    ...['05_01', '05_02', '05_10'].map((take) => `mocap/cmu-05/${take}.bvh`),
    ...['131_01', '131_03'].map((take) => `mocap/cmu-131/${take}.bvh`),
    ...['dab', 'jesse_dance', 'jumping', 'jumping_jacks', 'wave_hello'].map(
      (name) => `mocap/animated-drawings/${name}.bvh`,
    ),
  ]

  test.each(files)('%s is a human who moves on a floor', { timeout: 60_000 }, (path) => {
    const text = recording(path).toString()
    const motion = readBvh(text)
    const report = bodyReport(motion, text)
    expect(report.bends).toBeLessThan(4)
    expect(report.knees).toBeGreaterThan(0.95)
    expect(report.elbows).toBeGreaterThan(0.95)
    expect(Math.abs(report.lowest)).toBeLessThan(0.03)
    expect(report.planted).toBeGreaterThan(0.05)
    expect(report.upright).toBeGreaterThan(0.6)
  })
})

/** What must be so of any human: limbs are bent as in the file, knees and elbows the right way; somebody stands on the floor. */
const bodyReport = (motion: Motion, text: string) => {
  const file = parseBvh(text)
  const bones = bonesOfJoints(file.joints)
  const worldAt = worldRotations(motion)
  const places = positionsOf(motion, CANONICAL)
  const knees = { right: 0, all: 0 }
  const elbows = { right: 0, all: 0 }
  const bends: number[] = []
  const heights: number[] = []
  let [upright, planted] = [0, 0]
  for (let frame = 0; frame < motion.frames; frame++) {
    const world = worldAt(frame)
    const pose = poseOf(file, frame)
    const place = (bone: string) => pose.places[bones.get(bone)!]!
    for (const side of ['left', 'right'])
      for (const { upper, lower, end, axis, forwards, count } of [
        { upper: 'UpperLeg', lower: 'LowerLeg', end: 'Foot', axis: [0, -1, 0], forwards: -1, count: knees },
        {
          upper: 'UpperArm',
          lower: 'LowerArm',
          end: 'Hand',
          axis: side === 'left' ? X : scale(X, -1),
          forwards: 1,
          count: elbows,
        },
      ] as const) {
        const local = multiply(inverse(world.get(side + upper)!), world.get(side + lower)!)
        const bend = angleBetween(rotate(local, axis), axis)
        const way = (from: string, to: string) => unit(sub(place(side + to), place(side + from)))
        bends.push(Math.abs(bend - angleBetween(way(upper, lower), way(lower, end))))
        if (bend < 0.5) continue
        count.all++
        if (rotate(local, axis)[2] * forwards > 0) count.right++
      }
    upright += rotate(world.get('hips')!, Y)[1] / motion.frames
    planted += (motion.feet![frame * 12 + 5]! + motion.feet![frame * 12 + 11]!) / (2 * motion.frames)
    const ankle = (name: string) =>
      at(places, frame * CANONICAL.joints.length + CANONICAL.joints.indexOf(name))[1]
    heights.push(Math.min(ankle('leftFoot'), ankle('rightFoot')) - 0.08)
  }
  heights.sort((a, b) => a - b)
  return {
    bends: degrees(bends.reduce((a, b) => a + b, 0) / bends.length),
    knees: knees.all ? knees.right / knees.all : 1,
    elbows: elbows.all ? elbows.right / elbows.all : 1,
    lowest: heights[Math.floor(heights.length * 0.02)]!,
    planted,
    upright,
  }
}
