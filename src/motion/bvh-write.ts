/** @file A motion as a Biovision hierarchy: centimetres, +Y up, the T-pose where every rotation is zero. */
import type { Motion } from '../shared/contracts'
import { performs, worldRotations } from './kinematics'
import { IDENTITY, inverse, multiply, normalize, rotate, type Quat } from './quaternion'
import { CANONICAL, type Skeleton } from './skeleton'
import { at, scale, X, Y, Z, type Vec } from './vector'

const CM = 100

export const writeBvh = (motion: Motion, skeleton: Skeleton = CANONICAL): string => {
  const { joints, parents, offsets } = skeleton
  const has = (name: string) => joints.includes(name)
  const doers = joints.map((name) => performs(name, has))
  const worldAt = worldRotations(motion)
  const order = depthFirst(parents)
  const rows = Array.from({ length: motion.frames }, (_, frame) => {
    const world = worldAt(frame)
    const row = scale(at(motion.root, frame), offsets[0]![1] * CM).map((value) => value.toFixed(4))
    for (const i of order) {
      const above = parents[i]! < 0 ? IDENTITY : world.get(doers[parents[i]!]!)!
      const local = normalize(multiply(inverse(above), world.get(doers[i]!)!))
      row.push(...eulerZxy(local).map((radians) => ((radians * 180) / Math.PI).toFixed(5)))
    }
    return row.join(' ')
  })
  const head = ['MOTION', `Frames: ${motion.frames}`, `Frame Time: ${(1 / motion.rate).toFixed(8)}`]
  return `${['HIERARCHY', ...hierarchy(skeleton, 0, ''), ...head, ...rows].join('\n')}\n`
}

/** Channels lie in the order in which joints are named. */
const depthFirst = (parents: readonly number[], from = 0): number[] => [
  from,
  ...parents.flatMap((parent, child) => (parent === from ? depthFirst(parents, child) : [])),
]

const hierarchy = (skeleton: Skeleton, index: number, indent: string): string[] => {
  const { joints, parents, offsets } = skeleton
  const name = joints[index]!
  const children = parents.flatMap((parent, child) => (parent === index ? [child] : []))
  const inner = `${indent}\t`
  const root = parents[index]! < 0
  // Readers differ in whether the root's offset is added to its channels or replaced by them: zero is both.
  const offset = root ? ([0, 0, 0] as const) : offsets[index]!
  const below = children.flatMap((child) => hierarchy(skeleton, child, inner))
  return [
    `${indent}${root ? 'ROOT' : 'JOINT'} ${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    `${indent}{`,
    `${inner}OFFSET ${vector(offset)}`,
    `${inner}CHANNELS ${root ? '6 Xposition Yposition Zposition' : '3'} Zrotation Xrotation Yrotation`,
    ...(below.length ? below : end(skeleton, index, inner)),
    `${indent}}`,
  ]
}

/** Where a bone without a child ends: on the sole, above the crown, or a little further the way it points. */
const end = (skeleton: Skeleton, index: number, indent: string): string[] => {
  const name = skeleton.joints[index]!
  const offset = skeleton.offsets[index]!
  const foot = /(Foot|Toes)$/.test(name)
  const way: Vec = foot
    ? [0, -heightOf(skeleton, index), 0.05]
    : name === 'head'
      ? [0, 0.18, 0]
      : scale(offset, 0.5)
  return [`${indent}End Site`, `${indent}{`, `${indent}\tOFFSET ${vector(way)}`, `${indent}}`]
}

/** Of a joint above the floor at rest. */
const heightOf = ({ parents, offsets }: Skeleton, index: number): number => {
  let height = 0
  for (let above = index; above >= 0; above = parents[above]!) height += offsets[above]![1]
  return height
}

const vector = (v: Vec) => v.map((value) => (value * CM).toFixed(4)).join(' ')

/** Angles of R = Rz · Rx · Ry, from the matrix that this product is. */
export const eulerZxy = (q: Quat): [z: number, x: number, y: number] => {
  const [x, y, z] = [rotate(q, X), rotate(q, Y), rotate(q, Z)]
  const sine = Math.min(1, Math.max(-1, y[2]))
  // Straight up or down Z and Y turn about the same axis: all of it is given to Z.
  if (Math.abs(sine) > 0.9999999) return [Math.atan2(x[1], x[0]), Math.asin(sine), 0]
  return [Math.atan2(-y[0], y[1]), Math.asin(sine), Math.atan2(-x[2], z[2])]
}
