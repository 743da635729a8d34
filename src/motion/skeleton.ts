/** @file The humanoid of VRM 1.0: which bone hangs on which, and what a T-pose of average proportions measures. */
import { add, type Vec } from './vector'

/** A T-pose: joints by VRM name, parents before children, and where each is from its parent. */
export interface Skeleton {
  readonly joints: readonly string[]
  /** Index into `joints`; -1 of the hips. */
  readonly parents: readonly number[]
  /** Metres, of the hips above the floor. The joints' list and this one go together. */
  readonly offsets: readonly Vec[]
}

const FINGERS = ['Index', 'Middle', 'Ring', 'Little'] as const

/** Every bone's parent in the specification (VRMC_vrm 1.0, humanoid), in an order with parents first. */
export const PARENT: ReadonlyMap<string, string> = new Map([
  ['hips', ''],
  ['spine', 'hips'],
  ['chest', 'spine'],
  ['upperChest', 'chest'],
  ['neck', 'upperChest'],
  ['head', 'neck'],
  ['jaw', 'head'],
  ['leftEye', 'head'],
  ['rightEye', 'head'],
  ...['left', 'right'].flatMap((side): [string, string][] => [
    [`${side}UpperLeg`, 'hips'],
    [`${side}LowerLeg`, `${side}UpperLeg`],
    [`${side}Foot`, `${side}LowerLeg`],
    [`${side}Toes`, `${side}Foot`],
    [`${side}Shoulder`, 'upperChest'],
    [`${side}UpperArm`, `${side}Shoulder`],
    [`${side}LowerArm`, `${side}UpperArm`],
    [`${side}Hand`, `${side}LowerArm`],
    [`${side}ThumbMetacarpal`, `${side}Hand`],
    [`${side}ThumbProximal`, `${side}ThumbMetacarpal`],
    [`${side}ThumbDistal`, `${side}ThumbProximal`],
    ...FINGERS.flatMap((finger): [string, string][] => [
      [`${side}${finger}Proximal`, `${side}Hand`],
      [`${side}${finger}Intermediate`, `${side}${finger}Proximal`],
      [`${side}${finger}Distal`, `${side}${finger}Intermediate`],
    ]),
  ]),
])

/** Names in the order of PARENT: parents before children. */
export const inOrder = (names: Iterable<string>): string[] => {
  const wanted = new Set(names)
  return [...PARENT.keys()].filter((name) => wanted.has(name))
}

/** The nearest ancestor of a bone that is there. */
export const parentAmong = (name: string, there: (name: string) => boolean): string | undefined => {
  let parent = PARENT.get(name)
  while (parent && !there(parent)) parent = PARENT.get(parent)
  return parent === '' ? undefined : parent
}

export const other = (name: string) =>
  name.startsWith('left') ? `right${name.slice(4)}` : name.startsWith('right') ? `left${name.slice(5)}` : name

/** A skeleton from where its joints are in a T-pose; names that are no bones of a humanoid are left out. */
export const skeletonOf = (places: ReadonlyMap<string, Vec>): Skeleton => {
  const joints = inOrder(places.keys())
  const parents = joints.map((name) =>
    joints.indexOf(parentAmong(name, (parent) => places.has(parent)) ?? ''),
  )
  const offsets = joints.map((name, i): Vec => {
    const [x, y, z] = places.get(name)!
    const [px, py, pz] = parents[i]! < 0 ? [0, 0, 0] : places.get(joints[parents[i]!]!)!
    return [x - px, y - py, z - pz]
  })
  return { joints, parents, offsets }
}

/** Where each joint is in the T-pose, in the order of the skeleton's joints. */
export const restPlaces = ({ parents, offsets }: Skeleton): Vec[] => {
  const places: Vec[] = []
  parents.forEach((parent, i) => places.push(parent < 0 ? offsets[i]! : add(places[parent]!, offsets[i]!)))
  return places
}

/** Fingers run along the arm, the thumb forwards; left hand, metres from the wrist. */
const HAND: readonly (readonly [string, Vec])[] = [
  ['ThumbMetacarpal', [0.025, -0.01, 0.025]],
  ['ThumbProximal', [0.05, -0.012, 0.05]],
  ['ThumbDistal', [0.073, -0.014, 0.073]],
  ...FINGERS.flatMap((finger, i): [string, Vec][] => {
    const z = 0.03 - 0.02 * i
    const reach = [0.09, 0.095, 0.088, 0.078][i]!
    return [
      [`${finger}Proximal`, [reach, 0, z]],
      [`${finger}Intermediate`, [reach + 0.04, 0, z]],
      [`${finger}Distal`, [reach + 0.064, 0, z]],
    ]
  }),
]

const sided = (name: string, [x, y, z]: Vec): [string, Vec][] => [
  [`left${name}`, [x, y, z]],
  [`right${name}`, [-x, y, z]],
]

const WRIST: Vec = [0.695, 1.42, -0.03]

/** A body of average proportions, 1.72 m tall, limbs exactly along the axes. */
export const CANONICAL: Skeleton = skeletonOf(
  new Map<string, Vec>([
    ['hips', [0, 0.95, 0]],
    ['spine', [0, 1.05, -0.01]],
    ['chest', [0, 1.17, -0.01]],
    ['upperChest', [0, 1.29, -0.02]],
    ['neck', [0, 1.47, -0.03]],
    ['head', [0, 1.56, -0.01]],
    ...sided('UpperLeg', [0.09, 0.89, 0]),
    ...sided('LowerLeg', [0.09, 0.49, 0]),
    ...sided('Foot', [0.09, 0.08, 0]),
    ...sided('Toes', [0.09, 0.02, 0.13]),
    ...sided('Shoulder', [0.03, 1.42, -0.03]),
    ...sided('UpperArm', [0.17, 1.42, -0.03]),
    ...sided('LowerArm', [0.435, 1.42, -0.03]),
    ...sided('Hand', WRIST),
    ...HAND.flatMap(([name, place]) => sided(name, add(WRIST, place))),
  ]),
)
