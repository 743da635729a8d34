/** @file A dance goes into files and comes back as it was danced: in time, on its feet. What is no motion is refused in words. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { VRMAnimationLoaderPlugin, type VRMAnimation } from '@pixiv/three-vrm-animation'
import { AnimationMixer, Quaternion, Vector3, type Object3D } from 'three'
import { GLTFLoader } from 'three/examples/jsm/loaders/GLTFLoader.js'
import { describe, expect, test } from 'vitest'
import { readMotion, writeMotion } from '../../src/motion/files'
import { dataOf, listOf, readGlb } from '../../src/motion/glb-file'
import { positionsOf } from '../../src/motion/kinematics'
import { angle, quatAt, slerp } from '../../src/motion/quaternion'
import { sequence } from '../../src/motion/sequence'
import { CANONICAL } from '../../src/motion/skeleton'
import { at, length, scale, sub, type Vec } from '../../src/motion/vector'
import type { DanceStyle, Motion, MotionFormat, Phrase } from '../../src/shared/contracts'
import { Fault } from '../../src/shared/fault'
import { writeGlb } from '../../src/shared/glb'
import { sayFault } from '../../src/ui/say'
import { en } from '../../src/ui/words/en'
import { choreograph } from '../../workers/dance/choreographer'
import { asciiFbx, binaryFbx, clipOf } from '../fixtures/fbx'
import { swinging } from '../fixtures/motions'
import { makeScore } from '../fixtures/scores'

const dance = (style: DanceStyle): readonly Phrase[] => [
  ...choreograph(
    style === 'waltz' ? makeScore({ beatsPerBar: 3, bpm: 150, bars: 24 }) : makeScore({ bars: 16, bpm: 113 }),
    { style, seed: 3, energy: 1.2, mirror: false, rerolls: {} },
    0,
  ),
]
const whole = (phrases: readonly Phrase[]) => sequence(phrases, 0, phrases.at(-1)!.to)
const bytesOf = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer())
const avatar = new Uint8Array(readFileSync(join(import.meta.dirname, '../../public/avatars/fenn.vrm')))

describe('phrases on one clock', () => {
  const phrases = dance('pop')
  const motion = whole(phrases)

  test('every frame shows what the stage shows at that moment', () => {
    expect(motion.frames).toBe(Math.floor(phrases.at(-1)!.to * 60 + 1e-6) + 1)
    for (let frame = 0; frame < motion.frames; frame += 7) {
      const time = frame / 60
      const index = phrases.findLastIndex(({ from }) => from <= time + 1e-9)
      const { motion: own, from } = phrases[index]!
      const place = Math.min((time - from) * own.rate, own.frames - 1)
      const before = Math.floor(place)
      if (before + 1 >= own.frames) continue
      const arm = own.joints.indexOf('leftUpperArm')
      const key = (i: number) => quatAt(own.rotations, i * own.joints.length + arm)
      const shown = slerp(key(before), key(before + 1), place - before)
      expect(angle(shown, quatAt(motion.rotations, frame * own.joints.length + arm))).toBeLessThan(2e-3)
    }
  })

  test('nothing leaps where one follows another', () => {
    const steps = Array.from({ length: motion.frames - 1 }, (_, frame) =>
      length(sub(at(motion.root, frame + 1), at(motion.root, frame))),
    )
    const joints = new Set(
      phrases.slice(1).flatMap(({ from }) => [-1, 0].map((by) => Math.floor(from * 60) + by)),
    )
    const largest = (there: boolean) => Math.max(...steps.filter((_, frame) => joints.has(frame) === there))
    expect(largest(true)).toBeLessThan(largest(false))
  })

  test('nothing is no dance', () => {
    expect(() => sequence([], 0, 1)).toThrow(Fault)
  })
})

/** Of each time that a foot stands: how far its ball gets from where it came down, in cm with hips at 0.9 m. */
const slides = ({ feet, frames }: Motion, ball: (frame: number, side: 'left' | 'right') => Vec) =>
  (['left', 'right'] as const).flatMap((side, foot) => {
    const most: number[] = []
    let down: Vec | undefined
    for (let frame = 0; frame < frames; frame++) {
      if (feet![frame * 12 + foot * 6 + 5]! < 1) down = undefined
      else if (!down) {
        down = ball(frame, side)
        most.push(0)
      } else {
        const [x, , z] = sub(ball(frame, side), down)
        most[most.length - 1] = Math.max(most.at(-1)!, 90 * Math.hypot(x, z))
      }
    }
    return most
  })
const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length

const onCanonical = (motion: Motion) => {
  const places = positionsOf(motion, CANONICAL)
  return (frame: number, side: 'left' | 'right') => {
    const joint = CANONICAL.joints.indexOf(`${side}Toes`)
    return scale(at(places, frame * CANONICAL.joints.length + joint), 1 / CANONICAL.offsets[0]![1])
  }
}

describe.each(['house', 'waltz'] as const)('a dance (%s) with its feet on the floor', (style) => {
  const motion = whole(dance(style))

  test('slides where its legs are those of another body', () => {
    expect(meanOf(slides(motion, onCanonical(motion)))).toBeGreaterThan(0.6)
  })

  test.each(['bvh', 'vrma'] as const)('%s: stands when it comes back', async (format) => {
    const again = await readMotion(await bytesOf(writeMotion(format, motion)))
    expect(again.frames).toBe(motion.frames)
    const found = slides(motion, onCanonical(again))
    expect(found.length).toBeGreaterThan(20)
    expect(meanOf(found)).toBeLessThan(0.5)
    expect(Math.max(...found)).toBeLessThan(1)
  })

  test('json: stands', async () => {
    const { pred_position: rows } = JSON.parse(await writeMotion('json', motion).text()) as {
      pred_position: number[][]
    }
    const ball = (frame: number, side: 'left' | 'right') => {
      const joint = side === 'left' ? 10 : 11
      return scale(rows[frame]!.slice(joint * 3, joint * 3 + 3) as unknown as Vec, 1 / 0.973)
    }
    expect(meanOf(slides(motion, ball))).toBeLessThan(0.5)
  })

  test('glb: the avatar in it stands', async () => {
    const { places, hips } = await avatarPlaces(await bytesOf(writeMotion('glb', motion, avatar)), motion)
    const ball = (frame: number, side: 'left' | 'right') => scale(places[side][frame]!, 1 / hips)
    expect(meanOf(slides(motion, ball))).toBeLessThan(0.5)
  })
})

const bare = async (file: Uint8Array) => {
  // Without its meshes: textures need a browser, and only the nodes are looked at.
  const { json, binary } = readGlb(file)
  const { meshes: _, materials: __, textures: ___, images: ____, skins: _____, ...rest } = json
  const nodes = listOf(json['nodes']).map(({ mesh: _, skin: __, ...node }) => node)
  const kept = { ...rest, nodes, extensionsUsed: [], extensions: {}, extensionsRequired: [] }
  return { json, gltf: await new GLTFLoader().parseAsync(writeGlb(kept, binary).buffer, '') }
}

/** Where the balls of the feet of a VRM 1.0 are, frame by frame, as three.js plays the animation in it. */
const avatarPlaces = async (file: Uint8Array, motion: Motion) => {
  const { json, gltf } = await bare(file)
  const { scene, animations, parser } = gltf
  const bones = dataOf(dataOf(dataOf(dataOf(json['extensions'])['VRMC_vrm'])['humanoid'])['humanBones'])
  const node = async (bone: string) =>
    (await parser.getDependency('node', Number(dataOf(bones[bone])['node']))) as Object3D
  const [hips, left, right] = await Promise.all(['hips', 'leftToes', 'rightToes'].map(node))
  scene.updateMatrixWorld(true)
  const hipsHeight = hips!.getWorldPosition(new Vector3()).y
  const mixer = new AnimationMixer(scene)
  mixer.clipAction(animations.at(-1)!).play()
  const places = { left: [] as Vec[], right: [] as Vec[] }
  for (let frame = 0; frame < motion.frames; frame++) {
    mixer.setTime(frame / motion.rate)
    scene.updateMatrixWorld(true)
    places.left.push(left!.getWorldPosition(new Vector3()).toArray())
    places.right.push(right!.getWorldPosition(new Vector3()).toArray())
  }
  return { places, hips: hipsHeight }
}

test('VRMA is read by three-vrm-animation', async () => {
  const motion = swinging(1, 60)
  const loader = new GLTFLoader().register((parser) => new VRMAnimationLoaderPlugin(parser))
  const file = await writeMotion('vrma', motion).arrayBuffer()
  const { userData } = await loader.parseAsync(file, '')
  const [theirs] = userData['vrmAnimations'] as VRMAnimation[]
  expect(theirs!.duration).toBeCloseTo(1)
  expect(theirs!.restHipsPosition.y).toBeCloseTo(CANONICAL.offsets[0]![1])
  for (const bone of ['hips', 'leftUpperArm', 'rightLowerLeg', 'head'] as const) {
    const track = theirs!.humanoidTracks.rotation.get(bone)!
    for (let frame = 0; frame < motion.frames; frame += 9) {
      const q = new Quaternion().fromArray(track.values, frame * 4)
      const own = quatAt(motion.rotations, frame * motion.joints.length + motion.joints.indexOf(bone))
      expect(q.angleTo(new Quaternion(...own))).toBeLessThan(2e-3)
    }
  }
  const hips = theirs!.humanoidTracks.translation.get('hips')!
  expect(hips.values[31]! / CANONICAL.offsets[0]![1]).toBeCloseTo(motion.root[31]!, 3)
})

test('what is written is the same each time', async () => {
  const motion = whole(dance('waltz'))
  for (const format of ['vrma', 'bvh', 'glb', 'json', 'npz'] satisfies MotionFormat[]) {
    const [a, b] = [writeMotion(format, motion, avatar), writeMotion(format, motion, avatar)]
    expect(Buffer.compare(await bytesOf(a), await bytesOf(b))).toBe(0)
  }
  expect(() => writeMotion('glb', motion)).toThrow(Fault)
})

describe('files that are no good', () => {
  const text = (content: string) => new TextEncoder().encode(content)
  const clip = swinging(0.3, 30)
  const bvh = (async () => writeMotion('bvh', clip).text())()
  const vrma = (async () => bytesOf(writeMotion('vrma', clip)))()
  const vrmaWith = async (change: (json: Record<string, unknown>) => void) => {
    const { json, binary } = readGlb(await vrma)
    const copy = structuredClone(json) as Record<string, unknown>
    change(copy)
    return writeGlb(copy, binary)
  }
  const renamed = async (rename: (name: string) => string) =>
    text(
      (await bvh).replace(
        /(ROOT|JOINT) (\w+)/g,
        (_, word: string, name: string) => `${word} ${rename(name)}`,
      ),
    )
  let joint = 0

  test('one whose joints nobody knows is understood by its shape', async () => {
    const read = await readMotion(await renamed(() => `n${joint++}`))
    expect(read.joints).toEqual(expect.arrayContaining(['hips', 'head', 'leftHand', 'rightFoot']))
  })

  test.each([
    ['nothing', 'format', async () => new Uint8Array(0)],
    ['a letter', 'format', async () => text('Dear Sir or Madam')],
    ['a picture', 'format', async () => Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10)],
    ['BVH without a motion', 'no-motion', async () => text((await bvh).split('MOTION')[0]!)],
    ['BVH cut off in its joints', 'truncated', async () => text(`${(await bvh).slice(0, 900)}\nMOTION\n`)],
    ['BVH with words for numbers', 'broken', async () => text((await bvh).replace(/\n[\d.-]+ /, '\nx '))],
    [
      'BVH without numbers',
      'no-motion',
      async () => text((await bvh).replace(/(Frame Time: \S+)[^]*/, '$1\n')),
    ],
    [
      'BVH of a thing',
      'no-humanoid',
      async () =>
        text(
          (await bvh)
            .replaceAll(/OFFSET \S+ \S+ \S+/g, 'OFFSET 0 1 0')
            .replaceAll(/(ROOT|JOINT) \w+/g, '$1 crane'),
        ),
    ],
    ['VRMA cut off', 'truncated', async () => (await vrma).slice(0, 2000)],
    ['VRMA of another version', 'format', async () => (await vrma).slice().fill(1, 4, 5)],
    ['VRMA without bones', 'no-humanoid', () => vrmaWith((json) => delete json['extensions'])],
    ['VRMA without an animation', 'no-motion', () => vrmaWith((json) => delete json['animations'])],
    [
      'VRMA whose nodes go in circles',
      'broken',
      () => vrmaWith((json) => (json['nodes'] = [{ children: [1] }, { children: [0] }])),
    ],
    ['VRMA that points nowhere', 'broken', () => vrmaWith((json) => (json['accessors'] = []))],
    ['an avatar', 'no-humanoid', async () => avatar],
    ['FBX without an animation', 'no-motion', async () => asciiFbx(clipOf(clip, { animated: false }))],
    ['FBX cut off', 'truncated', async () => binaryFbx(clipOf(clip)).slice(0, 3000)],
  ] as const)('%s', async (_, reason, make) => {
    const thrown: unknown = await readMotion(await make()).catch((e: unknown) => e)
    expect(thrown).toBeInstanceOf(Fault)
    expect((thrown as Fault).detail).toMatchObject({ what: 'motion', reason })
    const sentence = sayFault(en, thrown)!
    expect(sentence).toMatch(/\.$/)
    expect(sentence).not.toBe(en.faults.unknown)
  })

  test('the joints of a body that is none are told', async () => {
    const crane = (await bvh)
      .replaceAll(/OFFSET \S+ \S+ \S+/g, 'OFFSET 0 1 0')
      .replaceAll(/(ROOT|JOINT) \w+/g, '$1 crane')
    expect(sayFault(en, await readMotion(text(crane)).catch((e: unknown) => e))).toContain('crane, crane')
  })
})
