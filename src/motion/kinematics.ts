/** @file Forward kinematics: from the local rotations of a motion to where a skeleton's joints are, and back. */
import type { Motion } from '../shared/contracts'
import { allocate } from './clip'
import { IDENTITY, inverse, multiply, normalize, quatAt, rotate, type Quat } from './quaternion'
import { inOrder, parentAmong, PARENT, type Skeleton } from './skeleton'
import { add, at, scale, type Vec } from './vector'

/** The rotation of every bone of a humanoid in the world at a frame; a bone without one of its own takes its parent's. */
export const worldRotations = (motion: Motion): ((frame: number) => ReadonlyMap<string, Quat>) => {
  const chain = [...PARENT].map(([name, parent]) => ({ name, parent, index: motion.joints.indexOf(name) }))
  return (frame) => {
    const world = new Map<string, Quat>()
    for (const { name, parent, index } of chain) {
      const above = world.get(parent) ?? IDENTITY
      const local = index < 0 ? undefined : quatAt(motion.rotations, frame * motion.joints.length + index)
      world.set(name, local ? multiply(above, local) : above)
    }
    return world
  }
}

/**
 * Whose rotation a bone of a body performs. A body without the upper part of a back bends what it has of it, so that its
 * shoulders come to where they should be; every other missing bone leaves its turn to its children.
 */
export const performs = (name: string, has: (name: string) => boolean): string => {
  if (name === 'chest' && !has('upperChest')) return 'upperChest'
  if (name === 'spine' && !has('chest')) return has('upperChest') ? 'chest' : 'upperChest'
  return name
}

/** `frames × joints × 3`: where the joints are, in the unit of the skeleton; the hips are as high as its own. */
export const positionsOf = (motion: Motion, skeleton: Skeleton): Float32Array => {
  const { joints, parents, offsets } = skeleton
  const has = (name: string) => joints.includes(name)
  const doers = joints.map((name) => performs(name, has))
  const worldAt = worldRotations(motion)
  const positions = new Float32Array(motion.frames * joints.length * 3)
  const places: Vec[] = []
  for (let frame = 0; frame < motion.frames; frame++) {
    const world = worldAt(frame)
    joints.forEach((_, i) => {
      const parent = parents[i]!
      places[i] =
        parent < 0
          ? scale(at(motion.root, frame), offsets[i]![1])
          : add(places[parent]!, rotate(world.get(doers[parent]!)!, offsets[i]!))
      positions.set(places[i], (frame * joints.length + i) * 3)
    })
  }
  return positions
}

/** A motion from rotations in the world (relative to a T-pose) by bone; `root` is as in a motion. */
export const fromWorlds = (
  rate: number,
  worlds: readonly ReadonlyMap<string, Quat>[],
  root: Float32Array,
): Motion => {
  const joints = inOrder(worlds[0]?.keys() ?? [])
  const parents = joints.map((name) => parentAmong(name, (parent) => joints.includes(parent)))
  const motion = allocate(rate, worlds.length, joints, false)
  motion.root.set(root)
  worlds.forEach((world, frame) => {
    joints.forEach((name, j) => {
      const above = world.get(parents[j] ?? '') ?? IDENTITY
      const local = normalize(multiply(inverse(above), world.get(name)!))
      motion.rotations.set(local, (frame * joints.length + j) * 4)
    })
  })
  return motion
}

/** A bone of a file: its rest and its parent's in the world, whatever lies between them included. */
export interface RestBone {
  readonly name: string
  readonly restWorld: Quat
  readonly parentRestWorld: Quat
}

export interface LocalRotations {
  readonly rate: number
  readonly frames: number
  readonly bones: readonly RestBone[]
  /** `frames × bones × 4`: as the file has them, rest included. */
  readonly rotations: ArrayLike<number>
  /** `frames × 3` in the world, and how high above the floor they are at rest, in the same unit. */
  readonly hips: ArrayLike<number>
  readonly hipsHeight: number
}

/**
 * A motion from the local rotations of a skeleton that rests in a T-pose, whatever its bones' own axes are (Mixamo and
 * others): q' = parentRestWorld · q · restWorld⁻¹, which is the identity at rest. Axes must be ours: +Y up, facing +Z.
 */
export const fromWorldRotations = (clip: LocalRotations): Motion => {
  const bones = clip.bones.map((bone, index) => ({ ...bone, index })).filter(({ name }) => PARENT.has(name))
  const joints = inOrder(bones.map(({ name }) => name))
  const motion = allocate(clip.rate, clip.frames, joints, false)
  for (const { name, index, restWorld, parentRestWorld } of bones) {
    const j = joints.indexOf(name)
    const back = inverse(restWorld)
    for (let frame = 0; frame < clip.frames; frame++) {
      const local = quatAt(clip.rotations, frame * clip.bones.length + index)
      const turned = normalize(multiply(multiply(parentRestWorld, local), back))
      motion.rotations.set(turned, (frame * joints.length + j) * 4)
    }
  }
  for (let i = 0; i < motion.root.length; i++) motion.root[i] = clip.hips[i]! / clip.hipsHeight
  return motion
}
