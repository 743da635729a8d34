/** @file A motion as dance models want it: where 24 joints are, 60 times a second, in metres of the mean body; JSON and NPZ. */
import type { Motion } from '../shared/contracts'
import { resample } from './clip'
import { worldRotations } from './kinematics'
import { onFeet } from './legs'
import { rotate } from './quaternion'
import { skeletonOf, type Skeleton } from './skeleton'
import { limbWay, SMPL_BONES, SMPL_HIPS_M, SMPL_JOINTS, SMPL_PARENTS, SMPL_REST } from './smpl'
import { add, at, length, scale, sub, type Vec } from './vector'
import { zip } from './zip'

export const POSITIONS_RATE = 60

/**
 * `frames × 24 × 3`. Of every joint where it is; or, as Danceba's network has them, of the pelvis where it is and of all
 * others where they are from it. Limbs are as long as the mean body's and, at rest, exactly along the axes, as the
 * rotations of a motion mean them.
 */
export const toPositions = (motion: Motion, from: 'floor' | 'pelvis' = 'floor'): Float32Array => {
  const clip = onFeet(resample(motion, POSITIONS_RATE), STRAIGHT)
  const worldAt = worldRotations(clip)
  const positions = new Float32Array(clip.frames * SMPL_JOINTS * 3)
  const places: Vec[] = []
  for (let frame = 0; frame < clip.frames; frame++) {
    const world = worldAt(frame)
    SMPL_PARENTS.forEach((parent, joint) => {
      places[joint] =
        parent < 0
          ? scale(at(clip.root, frame), SMPL_HIPS_M)
          : add(places[parent]!, rotate(world.get(SMPL_BONES[parent]!)!, OFFSETS[joint]!))
      const origin = from === 'pelvis' && parent >= 0 ? places[0]! : NOWHERE
      positions.set(sub(places[joint], origin), (frame * SMPL_JOINTS + joint) * 3)
    })
  }
  return positions
}

const NOWHERE: Vec = [0, 0, 0]

/** Offsets from the parents, the lower parts of arms and legs along the axes. */
const OFFSETS: readonly Vec[] = SMPL_PARENTS.map((parent, joint) => {
  if (parent < 0) return SMPL_REST[joint]!
  const offset = sub(SMPL_REST[joint]!, SMPL_REST[parent]!)
  const way = limbWay(SMPL_BONES[parent]!)
  return way ? scale(way, length(offset)) : offset
})

/** The mean body with such limbs: whose legs are put onto the feet. */
const STRAIGHT: Skeleton = (() => {
  const places: Vec[] = []
  SMPL_PARENTS.forEach((parent, joint) =>
    places.push(parent < 0 ? OFFSETS[joint]! : add(places[parent]!, OFFSETS[joint]!)),
  )
  return skeletonOf(
    new Map(SMPL_BONES.flatMap((bone, joint): [string, Vec][] => (bone ? [[bone, places[joint]!]] : []))),
  )
})()

export const positionsJson = (motion: Motion): string => {
  const positions = toPositions(motion)
  const rows = Array.from({ length: positions.length / (SMPL_JOINTS * 3) }, (_, frame) =>
    // A tenth of a millimetre is finer than any of these numbers is true.
    Array.from(positions.subarray(frame * SMPL_JOINTS * 3, (frame + 1) * SMPL_JOINTS * 3), (value) =>
      Number(value.toFixed(4)),
    ),
  )
  return JSON.stringify({
    fps: POSITIONS_RATE,
    unit: 'metre',
    up: 'y',
    joints: JOINT_NAMES,
    pred_position: rows,
  })
}

const JOINT_NAMES = SMPL_BONES.map((bone, i) => bone ?? (i === 22 ? 'leftHandTip' : 'rightHandTip'))

/** `numpy.load` gives `pred_position` (frames × 72, as the paper's own results have it) and `fps`. */
export const positionsNpz = (motion: Motion): Uint8Array<ArrayBuffer> => {
  const positions = toPositions(motion)
  return zip([
    {
      name: 'pred_position.npy',
      data: npy(positions, [positions.length / (SMPL_JOINTS * 3), SMPL_JOINTS * 3]),
    },
    { name: 'fps.npy', data: npy(new Float32Array([POSITIONS_RATE]), []) },
  ])
}

/** Version 1.0 of NumPy's format (NEP 1): magic, length, a Python dictionary padded to 64 bytes, the values. */
export const npy = (values: Float32Array, shape: readonly number[]): Uint8Array => {
  const sizes = shape.length === 1 ? `${shape[0]!},` : shape.join(', ')
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sizes}), }`
  const header = `${dictionary.padEnd(Math.ceil((dictionary.length + 11) / 64) * 64 - 11)}\n`
  const bytes = new Uint8Array(10 + header.length + values.length * 4)
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0])
  const view = new DataView(bytes.buffer)
  view.setUint16(8, header.length, true)
  bytes.set(new TextEncoder().encode(header), 10)
  values.forEach((value, i) => view.setFloat32(10 + header.length + i * 4, value, true))
  return bytes
}
