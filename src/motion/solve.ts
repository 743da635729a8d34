/**
 * @file From where 24 joints are to how the bones are turned.
 *
 * A hybrid, measured against retargeting clips whose rotations are known. The trunk, the collar bones and the feet are
 * taken as the change from the source's own T-pose, because their bones slant differently in every body (17 to 50°).
 * Arms and legs are taken by direction, because there a slant would be seen. What positions cannot tell is the turn of a
 * limb about itself: where it is bent, the plane of elbow or knee gives it; where it is nearly straight, that plane is
 * noise, and the limb swings without turning.
 */
import type { Motion } from '../shared/contracts'
import { Fault } from '../shared/fault'
import { percentile, withFeet } from './ground'
import { fromWorlds } from './kinematics'
import {
  align,
  arc,
  frame as frameOf,
  inverse,
  multiply,
  normalize,
  rotate,
  turn,
  type Quat,
} from './quaternion'
import { limbWay, SMPL_BONES, SMPL_HIPS_M, SMPL_JOINTS, SMPL_REST } from './smpl'
import { smoothed } from './savitzky-golay'
import { across, add, angleBetween, at, cross, dot, mix, scale, sub, unit, X, type Vec } from './vector'

export interface SolveOptions {
  readonly rate?: number
  /** Noise of a few millimetres becomes several degrees on short bones; a model's output should be smoothed. */
  readonly smooth?: boolean
  /** Where the source's joints are in its T-pose, its hips as high above the floor as they are. */
  readonly rest?: readonly Vec[]
  /** How the arms' and legs' bones of the body to be moved point in its T-pose, by name; exactly along the axes without. */
  readonly limbs?: ReadonlyMap<string, Vec>
  /** The floor's height in the positions; without it, where the lowest joints are. */
  readonly floor?: number
  /** Of `rest`: the hips above the soles. */
  readonly hipsHeight?: number
}

/** `positions`: frames × 24 × 3, +Y up. */
export const solve = (positions: Float32Array, options: SolveOptions = {}): Motion => {
  const { rate = 60, rest = SMPL_REST, limbs, hipsHeight = SMPL_HIPS_M } = options
  const frames = positions.length / (SMPL_JOINTS * 3)
  if (!Number.isInteger(frames) || frames === 0)
    throw new Fault('bad-input', `${positions.length} numbers are no positions of ${SMPL_JOINTS} joints`, {
      detail: { what: 'motion', reason: 'shape' },
    })
  if (!positions.every(Number.isFinite))
    throw new Fault('bad-input', 'a position is no number', {
      detail: { what: 'motion', reason: 'not-finite' },
    })
  const places = options.smooth ? smoothed(positions, SMPL_JOINTS * 3) : positions
  const solver = new Solver(rest, limbs)
  const worlds = Array.from({ length: frames }, (_, frame) =>
    solver.solve((joint) => at(places, frame * SMPL_JOINTS + joint)),
  )
  return grounded(places, rate, worlds, rest, hipsHeight, options.floor)
}

const grounded = (
  places: Float32Array,
  rate: number,
  worlds: readonly ReadonlyMap<string, Quat>[],
  rest: readonly Vec[],
  hipsHeight: number,
  floor = floorOf(places, rest, hipsHeight),
): Motion => {
  const path = (joint: number) =>
    Float32Array.from({ length: worlds.length * 3 }, (_, i) => {
      const value = places[(Math.floor(i / 3) * SMPL_JOINTS + joint) * 3 + (i % 3)]!
      return (i % 3 === 1 ? value - floor : value) / hipsHeight
    })
  const foot = (side: 'left' | 'right', ankle: number, toes: number) => ({
    side,
    ankle: path(ankle),
    toes: path(toes),
    rest: scale(add(sub(rest[ankle]!, rest[0]!), [0, hipsHeight, 0]), 1 / hipsHeight),
  })
  return withFeet(fromWorlds(rate, worlds, path(0)), [foot('left', 7, 10), foot('right', 8, 11)])
}

/** The floor is where the lowest foot joint is in the lowest frames, less how high that joint is when it stands. */
export const floorOf = (places: Float32Array, rest: readonly Vec[], hipsHeight: number): number => {
  const soles = rest[0]![1] - hipsHeight
  const lowest = Float32Array.from({ length: places.length / (SMPL_JOINTS * 3) }, (_, frame) =>
    Math.min(
      ...FOOT_JOINTS.map((joint) => at(places, frame * SMPL_JOINTS + joint)[1] - (rest[joint]![1] - soles)),
    ),
  )
  return percentile(lowest, 0.05)
}

const FOOT_JOINTS = [7, 8, 10, 11]

/** A limb: shoulder or hip, elbow or knee, wrist or ankle, and what is beyond. */
interface Limb {
  readonly bones: readonly [upper: string, lower: string, end: string]
  readonly joints: readonly [number, number, number, number]
  /** The bone it hangs on. */
  readonly base: string
  /** The axis of its hinge in a T-pose: bending turns the lower part about it, thumb forwards, heel backwards. */
  readonly hinge: Vec
  /** Below the first angle the plane of the limb is noise, above the second one it is the truth. */
  readonly straight: number
  readonly bent: number
  /** How much of the plane is what it was a frame ago, while the limb is straight. */
  readonly memory: number
}

const degrees = (value: number) => (value * Math.PI) / 180

const arm = (side: string, joints: Limb['joints'], hinge: Vec): Limb => ({
  bones: [`${side}UpperArm`, `${side}LowerArm`, `${side}Hand`],
  joints,
  base: `${side}Shoulder`,
  hinge,
  straight: degrees(8),
  bent: degrees(25),
  memory: 0.9,
})
// Legs are nearly straight most of the time, and knees do not bend straight back: a wider range, and no memory.
const leg = (side: string, joints: Limb['joints']): Limb => ({
  bones: [`${side}UpperLeg`, `${side}LowerLeg`, `${side}Foot`],
  joints,
  base: 'hips',
  hinge: X,
  straight: degrees(15),
  bent: degrees(40),
  memory: 0,
})

const LIMBS: readonly Limb[] = [
  arm('left', [16, 18, 20, 22], [0, -1, 0]),
  arm('right', [17, 19, 21, 23], [0, 1, 0]),
  leg('left', [1, 4, 7, 10]),
  leg('right', [2, 5, 8, 11]),
]

class Solver {
  readonly #rest: readonly Vec[]
  readonly #limbs: ReadonlyMap<string, Vec> | undefined
  /** Of each limb: where its upper bone pointed and its hinge lay in the frame before. */
  readonly #before = new Map<Limb, { readonly way: Vec; readonly pole: Vec }>()

  constructor(rest: readonly Vec[], limbs: ReadonlyMap<string, Vec> | undefined) {
    this.#rest = rest
    this.#limbs = limbs
  }

  /** Rotations in the world by bone. */
  solve(place: (joint: number) => Vec): Map<string, Quat> {
    const world = new Map<string, Quat>()
    this.#trunk(place, world)
    for (const limb of LIMBS) this.#limb(limb, place, world)
    return world
  }

  #trunk(place: (joint: number) => Vec, world: Map<string, Quat>) {
    const rest = (joint: number) => this.#rest[joint]!
    const hipSide = unit(sub(place(1), place(2)), X)
    const chestSide = unit(sub(place(13), place(14)), X)
    const hipSideRest = unit(sub(rest(1), rest(2)), X)
    const chestSideRest = unit(sub(rest(13), rest(14)), X)
    const way = (from: number, to: number) => unit(sub(place(to), place(from)))
    const wayRest = (from: number, to: number) => unit(sub(rest(to), rest(from)))
    // The line of the hips is long and rigid, the one up to the spine short: side first.
    const hips = sideFirst(hipSideRest, wayRest(0, 3), hipSide, way(0, 3))
    const upperChest = sideFirst(chestSideRest, wayRest(9, 12), chestSide, way(9, 12))
    const between = (share: number, from: number, to: number) =>
      align(
        wayRest(from, to),
        unit(mix(hipSideRest, chestSideRest, share)),
        way(from, to),
        unit(mix(hipSide, chestSide, share), hipSide),
      )
    world.set('hips', hips)
    world.set('spine', between(1 / 3, 3, 6))
    world.set('chest', between(2 / 3, 6, 9))
    world.set('upperChest', upperChest)
    const swing = (base: Quat, from: number, to: number) =>
      normalize(multiply(arc(rotate(base, wayRest(from, to)), way(from, to)), base))
    const neck = swing(upperChest, 12, 15)
    world.set('neck', neck)
    // Nothing above the head's own joint is known: it takes the neck's turn.
    world.set('head', neck)
    world.set('leftShoulder', swing(upperChest, 13, 16))
    world.set('rightShoulder', swing(upperChest, 14, 17))
  }

  #limb(limb: Limb, place: (joint: number) => Vec, world: Map<string, Quat>) {
    const [root, middle, end, tip] = limb.joints
    const base = world.get(limb.base)!
    const [upperRest, lowerRest] = [this.#wayOf(limb.bones[0]), this.#wayOf(limb.bones[1])]
    const upperWay = unit(sub(place(middle), place(root)), rotate(base, upperRest))
    const lowerWay = unit(sub(place(end), place(middle)), upperWay)
    const pole = this.#pole(limb, base, upperRest, upperWay, lowerWay)
    const upper = align(upperRest, limb.hinge, upperWay, pole)
    const lower = align(lowerRest, limb.hinge, lowerWay, pole)
    world.set(limb.bones[0], upper)
    world.set(limb.bones[1], lower)
    const endRest = unit(sub(this.#rest[tip]!, this.#rest[end]!))
    const endWay = unit(sub(place(tip), place(end)), rotate(lower, endRest))
    if (limb.base === 'hips') {
      const foot = align(endRest, X, endWay, rotate(lower, X))
      world.set(limb.bones[2], foot)
      world.set(limb.bones[2].replace('Foot', 'Toes'), foot)
    } else world.set(limb.bones[2], normalize(multiply(arc(rotate(lower, endRest), endWay), lower)))
  }

  #wayOf(bone: string): Vec {
    return this.#limbs?.get(bone) ?? limbWay(bone)!
  }

  /** The axis of the hinge: across the plane of the limb as far as it is bent, and what it would be without a turn. */
  #pole(limb: Limb, base: Quat, upperRest: Vec, upperWay: Vec, lowerWay: Vec): Vec {
    const swing = multiply(arc(rotate(base, upperRest), upperWay), base)
    let calm = unit(across(rotate(swing, limb.hinge), upperWay), X)
    const before = this.#before.get(limb)
    if (before && limb.memory > 0) {
      const carried = rotate(arc(before.way, upperWay), before.pole)
      calm = unit(across(mix(calm, carried, limb.memory), upperWay), carried)
    }
    const bend = angleBetween(upperWay, lowerWay)
    const share = ease((bend - limb.straight) / (limb.bent - limb.straight))
    const hinge = unit(cross(upperWay, lowerWay), calm)
    // About the bone from one to the other: a straight mixture would pass through nothing where they are opposite.
    const radians = Math.atan2(dot(cross(calm, hinge), upperWay), dot(calm, hinge))
    const pole = share > 0 ? rotate(turn(upperWay, radians * share), calm) : calm
    this.#before.set(limb, { way: upperWay, pole })
    return pole
  }
}

const ease = (t: number) => {
  const x = Math.min(1, Math.max(0, t))
  return x * x * (3 - 2 * x)
}

/** As `align`, but it is the side that is met exactly. */
const sideFirst = (sideRest: Vec, alongRest: Vec, side: Vec, along: Vec): Quat =>
  normalize(multiply(frameOf(side, along), inverse(frameOf(sideRest, alongRest))))

/** The bones that a solution has; the tips of the hands are directions only. */
export const SOLVED: readonly string[] = SMPL_BONES.filter((bone) => bone !== undefined)
