/**
 * @file A motion put into somebody's own avatar file: an animation of the bones as they are in it, for programs that know
 * glTF but not VRM.
 */
import type { Motion } from '../shared/contracts'
import { isData, writeGlb, type Data } from '../shared/glb'
import { GltfFile, Values, dataOf, inward, listOf } from './glb-file'
import { performs, worldRotations } from './kinematics'
import { onFeet } from './legs'
import { IDENTITY, inverse, multiply, normalize, type Quat } from './quaternion'
import { refuse } from './refuse'
import { PARENT, skeletonOf, type Skeleton } from './skeleton'
import { add, at, scale, type Vec } from './vector'

/** The same file with one more animation. */
export const addAnimation = (
  avatar: Uint8Array,
  motion: Motion,
  name = 'motion',
): Uint8Array<ArrayBuffer> => {
  const file = new GltfFile(avatar)
  const { bones, turnedRound } = humanoidOf(file)
  const { json, binary } = file
  const bufferOf = listOf(json['buffers'])[0]
  if (bufferOf?.['uri'] !== undefined) refuse('format', 'the avatar keeps its data elsewhere')
  const values = new Values(
    listOf(json['bufferViews']).length,
    listOf(json['accessors']).length,
    binary.length,
  )
  const times = values.add(
    Float32Array.from({ length: motion.frames }, (_, i) => i / motion.rate),
    'SCALAR',
    true,
  )
  const planted = onFeet(motion, skeletonOfAvatar(file, bones, turnedRound))
  const { rotations, translations } = rawTracks(file, bones, turnedRound, planted)
  const samplers: Data[] = []
  const channels: Data[] = []
  const channel = (node: number, path: string, output: number) => {
    channels.push({ sampler: samplers.length, target: { node, path } })
    samplers.push({ input: times, output, interpolation: 'LINEAR' })
  }
  channel(bones.get('hips')!, 'translation', values.add(translations, 'VEC3'))
  for (const [node, track] of rotations) channel(node, 'rotation', values.add(track, 'VEC4'))
  const whole = values.appendTo(binary)
  const animated = new Set([...rotations.keys(), bones.get('hips')!])
  return writeGlb(
    {
      ...json,
      nodes: file.nodes.map((node, i) => (animated.has(i) ? withoutMatrix(file, node, i) : node)),
      animations: [...listOf(json['animations']), { name, samplers, channels }],
      accessors: [...listOf(json['accessors']), ...values.accessors],
      bufferViews: [...listOf(json['bufferViews']), ...values.views],
      buffers: [{ ...bufferOf, byteLength: whole.length }, ...listOf(json['buffers']).slice(1)],
    },
    whole,
  )
}

/** Bones by their names in VRM 1.0. A VRM 0.x faces -Z. */
const humanoidOf = (file: GltfFile): { bones: ReadonlyMap<string, number>; turnedRound: boolean } => {
  const extensions = dataOf(file.json['extensions'])
  const one = extensions['VRMC_vrm']
  const bones = new Map<string, number>()
  const put = (bone: string, node: unknown) => {
    if (PARENT.has(bone) && file.isNode(node)) bones.set(bone, node)
  }
  if (isData(one))
    for (const [bone, entry] of Object.entries(dataOf(dataOf(one['humanoid'])['humanBones'])))
      put(bone, dataOf(entry)['node'])
  else
    for (const { bone, node } of listOf(dataOf(dataOf(extensions['VRM'])['humanoid'])['humanBones']))
      put(newName(String(bone)), node)
  if (!bones.has('hips')) refuse('no-humanoid', 'the avatar is no VRM, or has no hips')
  return { bones, turnedRound: !isData(one) }
}

/** VRM 1.0 calls the first joint of the thumb a metacarpal and moves the other names on. */
const newName = (bone: string) =>
  bone.replace('ThumbProximal', 'ThumbMetacarpal').replace('ThumbIntermediate', 'ThumbProximal')

/** Its own T-pose, facing +Z: whose legs are put onto the feet. */
const skeletonOfAvatar = (
  file: GltfFile,
  bones: ReadonlyMap<string, number>,
  turnedRound: boolean,
): Skeleton => {
  const facing = ([x, y, z]: Vec): Vec => (turnedRound ? [-x, y, -z] : [x, y, z])
  return skeletonOf(new Map([...bones].map(([name, node]) => [name, facing(file.rest(node).move)])))
}

interface RawTracks {
  readonly rotations: ReadonlyMap<number, Float32Array>
  readonly translations: Float32Array
}

/** A bone turned by N in the world stands at N · restWorld; its local rotation is that, seen from its parent. */
const rawTracks = (
  file: GltfFile,
  bones: ReadonlyMap<string, number>,
  turnedRound: boolean,
  motion: Motion,
): RawTracks => {
  const worldAt = worldRotations(motion)
  const order = [...PARENT.keys()].filter((name) => bones.has(name))
  const names = new Map([...bones].map(([name, node]) => [node, name]))
  const doers = new Map(order.map((name) => [name, performs(name, (bone) => bones.has(bone))]))
  const rotations = new Map(order.map((name) => [bones.get(name)!, new Float32Array(motion.frames * 4)]))
  const translations = new Float32Array(motion.frames * 3)
  const hips = bones.get('hips')!
  const hipsRest = file.rest(hips).move
  const above = file.rest(file.parents[hips]!)
  for (let frame = 0; frame < motion.frames; frame++) {
    const world = worldAt(frame)
    const turned = (node: number): Quat => {
      if (node < 0) return IDENTITY
      const name = names.get(node)
      if (!name) return multiply(turned(file.parents[node]!), file.local(node).turn)
      const q = world.get(doers.get(name)!)!
      return multiply(turnedRound ? aboutFace(q) : q, file.rest(node).turn)
    }
    for (const [node, track] of rotations)
      track.set(normalize(multiply(inverse(turned(file.parents[node]!)), turned(node))), frame * 4)
    const [x, y, z] = scale(at(motion.root, frame), hipsRest[1])
    const moved: Vec = turnedRound ? [-x, y, -z] : [x, y, z]
    translations.set(inward(above, add(moved, [hipsRest[0], 0, hipsRest[2]])), frame * 3)
  }
  return { rotations, translations }
}

/** The same turn for somebody who faces the other way: conjugated by half a turn about Y. */
const aboutFace = ([x, y, z, w]: Quat): Quat => [-x, y, -z, w]

/** What is animated must not have a matrix (glTF 2.0, 3.11). */
const withoutMatrix = (file: GltfFile, node: Data, index: number): Data => {
  if (node['matrix'] === undefined) return node
  const { matrix: _, ...rest } = node
  const { turn, move, size } = file.local(index)
  return { ...rest, translation: move, rotation: turn, scale: size }
}
