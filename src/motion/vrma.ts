/**
 * @file VRM Animation (.vrma): a GLB whose nodes are the bones of a humanoid and whose one animation moves them
 * (VRMC_vrm_animation 1.0). Faces and eyes are not part of a motion and are left out.
 */
import type { Motion } from '../shared/contracts'
import { writeGlb, type Data } from '../shared/glb'
import { GltfFile, Values, dataOf, listOf, within } from './glb-file'
import { fromWorlds } from './kinematics'
import { Track, type Channel } from './gltf-track'
import { inverse, multiply, normalize, type Quat } from './quaternion'
import { refuse } from './refuse'
import { CANONICAL, PARENT, skeletonOf, restPlaces, type Skeleton } from './skeleton'
import { add, scale, sub, type Vec } from './vector'

/** Frames a second at which a file's keys are read; they may lie anywhere. */
const RATE = 60

/** Ten minutes: longer than any dance, and what a tab can hold. */
const MOST_S = 600

export const readVrma = (bytes: Uint8Array): Motion => {
  const file = new GltfFile(bytes)
  const bones = bonesOf(file)
  const tracks = tracksOf(file)
  const duration = Math.max(0, ...[...tracks.values()].map((track) => track.end))
  if (!tracks.size) refuse('no-motion', 'no animation')
  if (duration > MOST_S) refuse('format', `an animation of ${duration} s`)
  const frames = Math.max(1, Math.round(duration * RATE) + 1)
  const hips = bones.get('hips')!
  const reader = new Reader(file, bones, tracks)
  const root = new Float32Array(frames * 3)
  const worlds = Array.from({ length: frames }, (_, frame) => {
    root.set(reader.hips(hips, frame / RATE), frame * 3)
    return reader.world(frame / RATE)
  })
  return fromWorlds(RATE, worlds, root)
}

/** The rest pose of a file: where its bones are, for who wants to move them on their own skeleton. */
export const skeletonOfVrma = (bytes: Uint8Array): Skeleton => {
  const file = new GltfFile(bytes)
  const bones = bonesOf(file)
  const floor = floorOf(file, bones)
  return skeletonOf(
    new Map([...bones].map(([name, node]) => [name, sub(file.rest(node).move, [0, floor, 0])])),
  )
}

const bonesOf = (file: GltfFile): ReadonlyMap<string, number> => {
  const extension = dataOf(dataOf(file.json['extensions'])['VRMC_vrm_animation'])
  const bones = new Map<string, number>()
  for (const [name, bone] of Object.entries(dataOf(dataOf(extension['humanoid'])['humanBones']))) {
    const node = dataOf(bone)['node']
    if (PARENT.has(name) && file.isNode(node)) bones.set(name, node)
  }
  if (!bones.has('hips')) refuse('no-humanoid', 'no VRM animation, or one without hips')
  return bones
}

const tracksOf = (file: GltfFile): ReadonlyMap<string, Track> => {
  const [animation] = listOf(file.json['animations'])
  const samplers = listOf(animation?.['samplers'])
  const tracks = new Map<string, Track>()
  for (const channel of listOf(animation?.['channels'])) {
    const { node, path } = dataOf(channel['target'])
    const sampler = samplers[Number(channel['sampler'])]
    if (!file.isNode(node) || (path !== 'rotation' && path !== 'translation')) continue
    if (!sampler) return refuse('broken', 'a channel without a sampler')
    const interpolation = sampler['interpolation'] ?? 'LINEAR'
    tracks.set(
      `${node}/${path}`,
      new Track(
        file.values(sampler['input']).values,
        file.values(sampler['output']).values,
        path satisfies Channel,
        interpolation === 'STEP' || interpolation === 'CUBICSPLINE' ? interpolation : 'LINEAR',
      ),
    )
  }
  return tracks
}

/** A file made from a skeleton whose hips are its origin says nothing of a floor: then it is below the feet. */
const floorOf = (file: GltfFile, bones: ReadonlyMap<string, number>): number => {
  const hips = file.rest(bones.get('hips')!).move[1]
  return hips > 1e-3 ? 0 : Math.min(hips - 1, ...[...bones.values()].map((node) => file.rest(node).move[1]))
}

class Reader {
  readonly #file: GltfFile
  readonly #bones: ReadonlyMap<string, number>
  readonly #tracks: ReadonlyMap<string, Track>
  readonly #floor: number

  constructor(file: GltfFile, bones: ReadonlyMap<string, number>, tracks: ReadonlyMap<string, Track>) {
    this.#file = file
    this.#bones = bones
    this.#tracks = tracks
    this.#floor = floorOf(file, bones)
  }

  /**
   * The rotation of each bone in the world, its rest taken off: world · restWorld⁻¹. Between parent and child this is
   * parentRestWorld · q · restWorld⁻¹ of the specification, and stays right where a file moves nodes between two bones.
   */
  world(seconds: number): Map<string, Quat> {
    const turns = new Map<number, Quat>()
    const turnOf = (node: number): Quat => {
      if (node < 0) return [0, 0, 0, 1]
      const known = turns.get(node)
      if (known) return known
      const turned = multiply(turnOf(this.#file.parents[node]!), this.#rotation(node, seconds))
      turns.set(node, turned)
      return turned
    }
    const entries = [...this.#bones].map(([name, node]): [string, Quat] => [
      name,
      normalize(multiply(turnOf(node), inverse(this.#file.rest(node).turn))),
    ])
    return new Map(entries)
  }

  /** Where the hips are, in their own height at rest. */
  hips(node: number, seconds: number): Vec {
    const { parents } = this.#file
    const chain: number[] = []
    for (let above = node; above >= 0; above = parents[above]!) chain.push(above)
    const place = chain.reduceRight((outer, index) => {
      const { move, size } = this.#file.local(index)
      const moved = (this.#tracks.get(`${index}/translation`)?.at(seconds) as Vec | undefined) ?? move
      return within(outer, { turn: this.#rotation(index, seconds), move: moved, size })
    }, this.#file.rest(-1))
    const height = this.#file.rest(node).move[1] - this.#floor
    return scale(sub(place.move, [0, this.#floor, 0]), 1 / height)
  }

  #rotation(node: number, seconds: number): Quat {
    const track = this.#tracks.get(`${node}/rotation`)
    return track ? normalize(track.at(seconds) as Quat) : this.#file.local(node).turn
  }
}

/** The bones at rest along the axes of the world, so that rotations are stored as they are; feet on the floor. */
export const writeVrma = (motion: Motion, skeleton: Skeleton = CANONICAL): Uint8Array<ArrayBuffer> => {
  const names = skeleton.joints.filter((name) => motion.joints.includes(name) || REQUIRED.has(name))
  const places = restPlaces(skeleton)
  const body = skeletonOf(
    new Map(names.map((name): [string, Vec] => [name, places[skeleton.joints.indexOf(name)]!])),
  )
  const values = new Values()
  const times = values.add(
    Float32Array.from({ length: motion.frames }, (_, i) => i / motion.rate),
    'SCALAR',
    true,
  )
  const samplers: Data[] = []
  const channels: Data[] = []
  const channel = (node: number, path: Channel, output: number) => {
    channels.push({ sampler: samplers.length, target: { node, path } })
    samplers.push({ input: times, output, interpolation: 'LINEAR' })
  }
  const hipsHeight = body.offsets[0]![1]
  channel(
    0,
    'translation',
    values.add(
      motion.root.map((value) => value * hipsHeight),
      'VEC3',
    ),
  )
  motion.joints.forEach((name, j) => {
    const node = body.joints.indexOf(name)
    if (node < 0) return
    const rotations = new Float32Array(motion.frames * 4)
    for (let frame = 0; frame < motion.frames; frame++) {
      const start = (frame * motion.joints.length + j) * 4
      rotations.set(motion.rotations.subarray(start, start + 4), frame * 4)
    }
    channel(node, 'rotation', values.add(rotations, 'VEC4'))
  })
  const binary = values.appendTo(new Uint8Array(0))
  return writeGlb(
    {
      asset: { version: '2.0', generator: 'Proscenium' },
      scene: 0,
      scenes: [{ nodes: [0] }],
      nodes: body.joints.map((name, i) => nodeOf(name, i, body)),
      animations: [{ name: 'motion', samplers, channels }],
      accessors: values.accessors,
      bufferViews: values.views,
      buffers: [{ byteLength: binary.length }],
      extensionsUsed: ['VRMC_vrm_animation'],
      extensions: {
        VRMC_vrm_animation: {
          specVersion: '1.0',
          humanoid: { humanBones: Object.fromEntries(body.joints.map((name, node) => [name, { node }])) },
        },
      },
    },
    binary,
  )
}

const nodeOf = (name: string, index: number, { parents, offsets }: Skeleton): Data => {
  const children = parents.flatMap((parent, child) => (parent === index ? [child] : []))
  return { name, translation: add(offsets[index]!, [0, 0, 0]), ...(children.length && { children }) }
}

/** What a reader may demand of a humanoid (VRMC_vrm 1.0), whether it moves or not. */
const REQUIRED: ReadonlySet<string> = new Set([
  ...['hips', 'spine', 'head'],
  ...['left', 'right'].flatMap((side) =>
    ['UpperArm', 'LowerArm', 'Hand', 'UpperLeg', 'LowerLeg', 'Foot'].map((part) => side + part),
  ),
])
