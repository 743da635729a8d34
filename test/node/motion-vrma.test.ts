/** @file VRM animations come in and go out; avatars get a motion into their file. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { validateBytes } from 'gltf-validator'
import { AnimationMixer, Quaternion, Vector3, type Object3D } from 'three'
import { GLTFLoader } from 'three/examples/jsm/loaders/GLTFLoader.js'
import { describe, expect, test } from 'vitest'
import { addAnimation } from '../../src/motion/glb'
import { dataOf, listOf, readGlb, Values } from '../../src/motion/glb-file'
import { positionsOf, worldRotations } from '../../src/motion/kinematics'
import { angle, inverse, multiply, quatAt, turn, type Quat } from '../../src/motion/quaternion'
import { PARENT } from '../../src/motion/skeleton'
import { readVrma, skeletonOfVrma, writeVrma } from '../../src/motion/vrma'
import { X, Y, Z } from '../../src/motion/vector'
import type { Fault } from '../../src/shared/fault'
import { writeGlb } from '../../src/shared/glb'
import { recorded, recording, swinging } from '../fixtures/motions'
import { glb, vrmDescription } from '../fixtures/vrm'

const load = async (bytes: Uint8Array<ArrayBuffer>) => {
  // Without its meshes: textures need a browser, and only the nodes are looked at.
  const { json, binary } = readGlb(bytes)
  const { meshes: _, materials: __, textures: ___, images: ____, skins: _____, ...bare } = json
  const nodes = listOf(json['nodes']).map(({ mesh: _, skin: __, ...node }) => node)
  const kept = { ...bare, nodes, extensionsUsed: [], extensions: {}, extensionsRequired: [] }
  return new GLTFLoader().parseAsync(writeGlb(kept, binary).buffer, '')
}

const problems = async (bytes: Uint8Array) =>
  (await validateBytes(bytes)).issues.messages.filter(({ severity }) => severity < 2)

describe('an animation of one’s own', () => {
  const motion = swinging(
    1,
    60,
    [...PARENT.keys()].filter((name) => !/Eye|jaw/.test(name)),
  )
  const file = writeVrma(motion)

  test('is valid', async () => {
    expect(await problems(file)).toEqual([])
  })

  test('is read as it was', () => {
    const again = readVrma(file)
    expect([again.rate, again.frames, again.joints]).toEqual([60, motion.frames, motion.joints])
    for (let i = 0; i < motion.frames * motion.joints.length; i++)
      expect(angle(quatAt(again.rotations, i), quatAt(motion.rotations, i))).toBeLessThan(2e-3)
    again.root.forEach((value, i) => expect(value).toBeCloseTo(motion.root[i]!, 4))
  })

  test('is read by three.js', async () => {
    const { animations } = await load(file)
    expect(animations[0]!.tracks).toHaveLength(motion.joints.length + 1)
    expect(animations[0]!.duration).toBeCloseTo(1)
  })
})

/** Hips and a left arm that rest turned about; one key each second. */
const twisted = (interpolation: 'LINEAR' | 'STEP' | 'CUBICSPLINE') => {
  const values = new Values()
  const times = values.add(new Float32Array([0, 1]), 'SCALAR', true)
  const [from, to] = [multiply(ARM_REST, turn(Z, 0)), multiply(turn(Z, 1), ARM_REST)]
  const flat: Quat = [0, 0, 0, 0]
  const keys = interpolation === 'CUBICSPLINE' ? [flat, from, flat, flat, to, flat] : [from, to]
  const output = values.add(new Float32Array(keys.flat()), 'VEC4')
  const moves = values.add(new Float32Array([0, 1, 0, 0, 3, 0]), 'VEC3')
  return writeGlb(
    {
      asset: { version: '2.0' },
      nodes: [
        { children: [1], translation: [0, 1, 0], rotation: HIPS_REST },
        { children: [2], rotation: BETWEEN },
        { rotation: ARM_REST },
      ],
      animations: [
        {
          samplers: [
            { input: times, output, interpolation },
            { input: times, output: moves },
          ],
          channels: [
            { sampler: 0, target: { node: 2, path: 'rotation' } },
            { sampler: 1, target: { node: 0, path: 'translation' } },
          ],
        },
      ],
      accessors: values.accessors,
      bufferViews: values.views,
      buffers: [{ byteLength: values.appendTo(new Uint8Array(0)).length }],
      extensionsUsed: ['VRMC_vrm_animation'],
      extensions: {
        VRMC_vrm_animation: {
          specVersion: '1.0',
          humanoid: { humanBones: { hips: { node: 0 }, leftUpperArm: { node: 2 } } },
        },
      },
    },
    values.appendTo(new Uint8Array(0)),
  )
}
const HIPS_REST = turn(X, 0.5)
const BETWEEN = turn(Y, 1)
const ARM_REST = turn(Z, -0.8)

describe('an animation from elsewhere', () => {
  test.each([
    ['LINEAR', 0.5],
    ['STEP', 0],
    ['CUBICSPLINE', 0.5],
  ] as const)('%s: its rest is taken off', (interpolation, half) => {
    const motion = readVrma(twisted(interpolation))
    const arm = (frame: number) => quatAt(motion.rotations, frame * 2 + 1)
    const parent = multiply(HIPS_REST, BETWEEN)
    const turned = (radians: number) => multiply(multiply(parent, turn(Z, radians)), inverse(parent))
    expect(angle(arm(0), [0, 0, 0, 1])).toBeLessThan(1e-3)
    expect(angle(arm(60), turned(1))).toBeLessThan(1e-3)
    expect(angle(arm(30), turned(half))).toBeLessThan(1e-3)
    expect(motion.root[60 * 3 + 1]).toBeCloseTo(3)
    expect(angle(quatAt(motion.rotations, 0), [0, 0, 0, 1])).toBeLessThan(1e-3)
  })

  const reasonOf = (bytes: Uint8Array) => {
    try {
      readVrma(bytes)
    } catch (error) {
      return (error as Fault).detail['reason']
    }
    return 'none'
  }

  test('that is broken is refused', () => {
    const good = twisted('LINEAR')
    expect(reasonOf(good)).toBe('none')
    expect(reasonOf(new Uint8Array(30))).toBe('format')
    expect(reasonOf(good.subarray(0, 400))).toBe('truncated')
    const { json, binary } = readGlb(good)
    expect(reasonOf(writeGlb({ ...json, extensions: {} }, binary))).toBe('no-humanoid')
    expect(reasonOf(writeGlb({ ...json, animations: [] }, binary))).toBe('no-motion')
    expect(reasonOf(writeGlb(json, binary.subarray(0, 8)))).toBe('truncated')
    const loop = [{ children: [1] }, { children: [2] }, { children: [1] }]
    expect(reasonOf(writeGlb({ ...json, nodes: loop }, binary))).toBe('broken')
  })

  test.skipIf(!recorded).each([
    ['idle_loop', 20],
    ['test', 3],
    ['hips_spine_twisting', 17],
  ])('%s (../shared/data/avatars/vrma)', (name, joints) => {
    const bytes = recording(`avatars/vrma/${name}.vrma`)
    const motion = readVrma(bytes)
    expect(motion.joints.length).toBeGreaterThanOrEqual(joints)
    expect(motion.rotations.every(Number.isFinite) && motion.root.every(Number.isFinite)).toBe(true)
    const skeleton = skeletonOfVrma(bytes)
    const places = positionsOf(motion, skeleton)
    const height = (bone: string) => places[skeleton.joints.indexOf(bone) * 3 + 1]!
    // Whoever it is, the head is above the hips and those above the feet, and the left is on the left.
    expect(height('hips')).toBeGreaterThan(
      skeleton.joints.includes('leftFoot') ? height('leftFoot') - 1e-3 : 0,
    )
    expect(height('head')).toBeGreaterThan(height('hips'))
  })
})

describe('an avatar with a motion in it', () => {
  const motion = swinging(0.5, 30)
  const builtIn = new Uint8Array(readFileSync(join(import.meta.dirname, '../../public/avatars/fenn.vrm')))
  const [one, zero] = (['1', '0'] as const).map((version) => new Uint8Array(glb(vrmDescription(version))))

  test.each([
    ['built in', builtIn],
    ['VRM 1.0', one!],
    ['VRM 0.x', zero!],
    ...(recorded ? [['Godette', new Uint8Array(recording('avatars/godette-vrm0.vrm'))] as const] : []),
  ] as const)('%s is as valid as before', async (_, avatar) => {
    const before = await problems(avatar)
    expect(await problems(addAnimation(avatar, motion))).toEqual(before)
  })

  test.each([
    ['built in', builtIn],
    ['VRM 1.0', one!],
    ['VRM 0.x', zero!],
    ...(recorded
      ? ([
          ['Godette', new Uint8Array(recording('avatars/godette-vrm0.vrm'))],
          ['example', new Uint8Array(recording('avatars/vrm-fixtures/example.vrm'))],
        ] as const)
      : []),
  ] as const)('%s moves as the motion says', async (_, avatar) => {
    const { scene, animations, parser } = await load(addAnimation(avatar, motion, 'dance'))
    const { json } = readGlb(avatar)
    const extensions = dataOf(json['extensions'])
    const flip = extensions['VRMC_vrm'] ? 1 : -1
    const nodes = new Map<string, Object3D>()
    const put = async (bone: string, node: unknown) =>
      nodes.set(bone, (await parser.getDependency('node', Number(node))) as Object3D)
    const vrm = dataOf(extensions['VRMC_vrm'] ?? extensions['VRM'])
    const bones = dataOf(vrm['humanoid'])['humanBones']
    if (Array.isArray(bones)) for (const { bone, node } of listOf(bones)) await put(String(bone), node)
    else for (const [bone, entry] of Object.entries(dataOf(bones))) await put(bone, dataOf(entry)['node'])
    scene.updateMatrixWorld(true)
    const turnOf = (bone: string) => nodes.get(bone)!.getWorldQuaternion(new Quaternion())
    const placeOf = (bone: string) => nodes.get(bone)!.getWorldPosition(new Vector3())
    const checked = ['hips', 'leftUpperArm', 'rightHand', 'leftLowerLeg', 'rightFoot', 'head']
    const rests = checked.map(turnOf)
    const hipsRest = placeOf('hips')
    const mixer = new AnimationMixer(scene)
    mixer.clipAction(animations.find(({ name }) => name === 'dance')!).play()
    const frame = 9
    mixer.setTime(frame / motion.rate)
    scene.updateMatrixWorld(true)
    const world = worldRotations(motion)(frame)
    checked.forEach((bone, i) => {
      const { x, y, z, w } = turnOf(bone).multiply(rests[i]!.clone().invert())
      expect(angle([x * flip, y, z * flip, w], world.get(bone)!)).toBeLessThan(5e-3)
    })
    const hips = placeOf('hips')
    expect(hips.y / hipsRest.y).toBeCloseTo(motion.root[frame * 3 + 1]!, 3)
    expect(((hips.x - hipsRest.x) * flip) / hipsRest.y).toBeCloseTo(motion.root[frame * 3]!, 3)
  })

  test('who is none is refused', () => {
    expect(() => addAnimation(writeGlb({ asset: { version: '2.0' } }, new Uint8Array(0)), motion)).toThrow(
      'VRM',
    )
  })
})
