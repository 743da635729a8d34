/**
 * @file The turns of a skeleton whose zero rotations are no human pose (Reallusion, Rokoko): where its joints are tells
 * the turns roughly in every frame, up to noise about the limbs' own axes; its rotations tell every change exactly, up to
 * how each bone lies in its joint. The mean of the one against the other finds that, once for the whole clip.
 */
import type { Figure, Moment } from './figure'
import { percentile } from './ground'
import {
  angle,
  arc,
  frame as frameOf,
  inverse,
  mean,
  multiply,
  normalize,
  rotate,
  type Quat,
} from './quaternion'
import { PARENT, CANONICAL } from './skeleton'
import { SMPL_BONES, SMPL_JOINTS, limbWay } from './smpl'
import { solve } from './solve'
import { worldRotations } from './kinematics'
import { add, length, mix, scale, sub, unit, X, Y, type Vec } from './vector'

export const calibrated = (figure: Figure): Map<string, Quat>[] => {
  const positions = new Float32Array(figure.frames * SMPL_JOINTS * 3)
  for (let frame = 0; frame < figure.frames; frame++)
    jointsOf(figure, figure.at(frame)).forEach((place, joint) =>
      positions.set(place, (frame * SMPL_JOINTS + joint) * 3),
    )
  const rest = restOf(positions, figure.frames)
  const rough = worldRotations(solve(positions, { rate: figure.rate, rest, hipsHeight: rest[0]![1] }))
  const guesses = Array.from({ length: figure.frames }, (_, frame) => rough(frame))
  const bones = [...figure.bones]
  const result: Map<string, Quat>[] = guesses.map(() => new Map<string, Quat>())
  // A bone comes after its parent: fingers are judged by what has become of the hand.
  for (const bone of [...PARENT.keys()].filter((name) => bones.includes(name))) {
    const like = guide(bone)
    const lies = settle(figure, bone, (frame) => result[frame]!.get(like) ?? guesses[frame]!.get(like)!)
    for (let frame = 0; frame < figure.frames; frame++)
      result[frame]!.set(bone, normalize(multiply(figure.at(frame).turn(bone), lies)))
  }
  return result
}

/** Whose turn a bone's is near on the whole. Positions tell nothing of a head: it looks where the chest does. */
const guide = (bone: string): string =>
  /(Thumb|Index|Middle|Ring|Little)/.test(bone)
    ? `${bone.startsWith('left') ? 'left' : 'right'}Hand`
    : bone === 'head' || bone === 'neck'
      ? 'upperChest'
      : bone

/** How a bone lies in its joint: the mean over the clip, twice, the second time without what is far from the first. */
const settle = (figure: Figure, bone: string, guess: (frame: number) => Quat): Quat => {
  const each = Array.from({ length: figure.frames }, (_, frame) =>
    multiply(inverse(figure.at(frame).turn(bone)), guess(frame)),
  )
  const first = mean(each.map((q) => [q, 1]))
  const lies = mean(each.map((q) => [q, 1 / (0.1 + angle(q, first) ** 2)]))
  const child = childOf(figure, bone)
  const way = wayOf(bone)
  if (!child || !way) return lies
  // Which way it points in its joint is known; only the turn about that was a guess.
  const { place, turn } = figure.at(0)
  const own = rotate(inverse(turn(bone)), unit(sub(place(child), place(bone))))
  return normalize(multiply(arc(rotate(lies, way), own), lies))
}

const childOf = (figure: Figure, bone: string) =>
  [...PARENT].find(([name, parent]) => parent === bone && figure.has(name))?.[0]

/** In a T-pose: limbs along the axes, fingers as the average body has them. */
const wayOf = (bone: string): Vec | undefined => {
  const limb = limbWay(bone)
  if (limb || !/(Thumb|Index|Middle|Ring|Little)/.test(bone)) return limb
  const child = CANONICAL.parents.findIndex((parent) => parent >= 0 && CANONICAL.joints[parent] === bone)
  return child < 0 ? undefined : unit(CANONICAL.offsets[child]!)
}

/** The 24 joints of a frame; what a skeleton lacks is put where it would be. */
const jointsOf = (figure: Figure, { place }: Moment): Vec[] => {
  const get = (bone: string) => (figure.has(bone) ? place(bone) : undefined)
  const [hips, head] = [place('hips'), place('head')]
  const top = get('upperChest') ?? get('chest') ?? place('spine')
  const spine = place('spine')
  const found = new Map<string, Vec>([
    ['spine', spine],
    ['chest', figure.has('upperChest') ? (get('chest') ?? mix(spine, top, 0.5)) : mix(spine, top, 0.5)],
    ['upperChest', top],
    ['neck', get('neck') ?? mix(top, head, 0.7)],
  ])
  for (const side of ['left', 'right'] as const) {
    const [arm, ankle] = [place(`${side}UpperArm`), place(`${side}Foot`)]
    const collar = get(`${side}Shoulder`)
    const near = collar && length(sub(collar, arm)) > 1e-6 && length(sub(collar, top)) > 1e-6
    // Collar bones that begin where the back ends have no line from left to right: take a point on the way.
    found.set(`${side}Shoulder`, near ? collar : mix(top, arm, 0.3))
    const shin = sub(ankle, place(`${side}LowerLeg`))
    found.set(`${side}Toes`, get(`${side}Toes`) ?? add(ankle, scale(shin, 0.1)))
  }
  const tip = (side: string) => {
    const hand = place(`${side}Hand`)
    const finger = get(`${side}MiddleProximal`)
    return finger ?? add(hand, scale(sub(hand, place(`${side}LowerArm`)), 0.3))
  }
  return SMPL_BONES.map((bone, joint) =>
    bone ? (found.get(bone) ?? (bone === 'hips' ? hips : place(bone))) : tip(joint === 22 ? 'left' : 'right'),
  )
}

/**
 * The source's own T-pose: limbs straight along the axes; the back, the collar bones and the feet as they are on average,
 * seen from the pelvis below and from the shoulders above, both sides alike.
 */
const restOf = (positions: Float32Array, frames: number): Vec[] => {
  const sums = Array.from({ length: SMPL_JOINTS }, (): Vec => [0, 0, 0])
  const slopes: number[] = []
  let footReach = 0
  for (let frame = 0; frame < frames; frame++) {
    const p = (joint: number): Vec => {
      const i = (frame * SMPL_JOINTS + joint) * 3
      return [positions[i]!, positions[i + 1]!, positions[i + 2]!]
    }
    const up = sub(p(12), p(0))
    const low = inverse(sideFrame(sub(p(1), p(2)), up))
    const high = inverse(sideFrame(sub(p(16), p(17)), up))
    for (const [joint, parent, base] of TRUNK)
      sums[joint] = add(sums[joint]!, rotate(base === 'low' ? low : high, sub(p(joint), p(parent))))
    for (const [ankle, ball] of [
      [7, 10],
      [8, 11],
    ] as const) {
      const way = sub(p(ball), p(ankle))
      footReach += length(way) / (2 * frames)
      slopes.push(unit(way)[1])
    }
  }
  const size = (a: number, b: number) => {
    const i = (joint: number): Vec => [
      positions[joint * 3]!,
      positions[joint * 3 + 1]!,
      positions[joint * 3 + 2]!,
    ]
    return length(sub(i(a), i(b)))
  }
  const average = sums.map((sum) => scale(sum, 1 / frames))
  const slope = percentile(slopes, 0.5)
  const foot: Vec = [0, footReach * slope, footReach * Math.sqrt(1 - slope * slope)]
  const rest: Vec[] = []
  const hang = (joint: number, parent: number, offset: Vec) => (rest[joint] = add(rest[parent]!, offset))
  rest[0] = [0, 1.1 * (size(1, 4) + size(4, 7)), 0]
  for (const [joint, parent] of TRUNK) hang(joint, parent, evened(average, joint))
  for (const [side, way] of [
    [0, X],
    [1, scale(X, -1)],
  ] as const) {
    const [hip, knee, ankle, ball] = [1 + side, 4 + side, 7 + side, 10 + side]
    hang(knee, hip, scale(Y, -size(hip, knee)))
    hang(ankle, knee, scale(Y, -size(knee, ankle)))
    hang(ball, ankle, foot)
    for (const [from, to] of [
      [16 + side, 18 + side],
      [18 + side, 20 + side],
      [20 + side, 22 + side],
    ] as const)
      hang(to, from, scale(way, size(from, to)))
  }
  return rest
}

const sideFrame = (side: Vec, up: Vec): Quat => normalize(multiply(frameOf(side, up), inverse(frameOf(X, Y))))

/** Joint, parent, and whether it goes with the pelvis or with the shoulders. */
const TRUNK: readonly (readonly [number, number, 'low' | 'high'])[] = [
  [1, 0, 'low'],
  [2, 0, 'low'],
  [3, 0, 'low'],
  [6, 3, 'low'],
  [9, 6, 'high'],
  [12, 9, 'high'],
  [15, 12, 'high'],
  [13, 9, 'high'],
  [14, 9, 'high'],
  [16, 13, 'high'],
  [17, 14, 'high'],
]

const TWIN: Readonly<Record<number, number>> = { 1: 2, 2: 1, 13: 14, 14: 13, 16: 17, 17: 16 }

/** Nobody is built crooked: left and right are averaged, and what lies between them stands in the middle. */
const evened = (average: readonly Vec[], joint: number): Vec => {
  const [x, y, z] = average[joint]!
  const twin = TWIN[joint]
  if (twin === undefined) return [0, y, z]
  const [ox, oy, oz] = average[twin]!
  return [(x - ox) / 2, (y + oy) / 2, (z + oz) / 2]
}
