/**
 * @file Legs put onto where the feet are meant to be, on a body of given proportions: what the stage does in every frame
 * (stage/rig.ts), for files, which hold rotations only. Without it feet would slide on legs of another length.
 */
import type { Motion } from '../shared/contracts'
import { FEET } from './clip'
import { worldRotations } from './kinematics'
import { align, inverse, multiply, normalize, rotate, turn, type Quat } from './quaternion'
import { parentAmong, restPlaces, type Skeleton } from './skeleton'
import { add, at, cross, length, scale, sub, unit, X, Y, Z, type Vec } from './vector'

/** Knees are never quite straight, or a millimetre more would turn them round. */
const STRAIGHT = 0.9995

interface Leg {
  readonly bones: readonly [upper: string, lower: string, foot: string, toes: string]
  /** Where its numbers begin in a frame of the feet's channel. */
  readonly channel: number
  /** Joint to joint at rest: hips to leg, thigh, shin, ankle to ball. */
  readonly hip: Vec
  readonly thigh: Vec
  readonly shin: Vec
  readonly ball: Vec
  /** Where the ankle stands at rest. */
  readonly ground: Vec
}

/**
 * The same motion with the rotations of the legs that this skeleton needs to stand where `feet` says. A motion without that
 * channel, or a body without legs, is given back as it is.
 */
export const onFeet = (motion: Motion, skeleton: Skeleton): Motion => {
  const { feet, joints } = motion
  const legs = (['left', 'right'] as const).map((side) => legOf(skeleton, side))
  if (!feet || !legs.every((leg) => leg?.bones.slice(0, 3).every((bone) => joints.includes(bone))))
    return motion
  const rotations = motion.rotations.slice()
  const rest = restPlaces(skeleton)[skeleton.joints.indexOf('hips')]!
  const worldAt = worldRotations(motion)
  for (let frame = 0; frame < motion.frames; frame++) {
    const world = new Map(worldAt(frame))
    const hips = add(rest, scale(sub(at(motion.root, frame), Y), rest[1]))
    for (const leg of legs) {
      const first = frame * FEET + leg!.channel
      for (const [bone, q] of plant(leg!, world, hips, feet.subarray(first, first + 6), rest[1]))
        world.set(bone, q)
      for (const bone of leg!.bones) {
        const joint = joints.indexOf(bone)
        if (joint < 0) continue
        const above = world.get(parentAmong(bone, (name) => joints.includes(name)) ?? '') ?? NONE
        const local = normalize(multiply(inverse(above), world.get(bone)!))
        rotations.set(local, (frame * joints.length + joint) * 4)
      }
    }
  }
  return { ...motion, rotations }
}

const NONE: Quat = [0, 0, 0, 1]

const legOf = (skeleton: Skeleton, side: 'left' | 'right'): Leg | undefined => {
  const places = restPlaces(skeleton)
  const place = (bone: string) => places[skeleton.joints.indexOf(bone)]
  const bones = [`${side}UpperLeg`, `${side}LowerLeg`, `${side}Foot`, `${side}Toes`] as const
  const [hips, upper, lower, foot] = ['hips', ...bones].map(place)
  if (!hips || !upper || !lower || !foot) return undefined
  const toes = place(bones[3])
  return {
    bones,
    channel: side === 'left' ? 0 : 6,
    hip: sub(upper, hips),
    thigh: sub(lower, upper),
    shin: sub(foot, lower),
    // Feet without toes have their ball about as far before the ankle as the ankle is high, and half again.
    ball: [0, -foot[1], toes ? toes[2] - foot[2] : 1.5 * foot[1]],
    ground: foot,
  }
}

/** Turns in the world. The knee bends in the plane of the leg and of the way hips and foot look; the law of cosines. */
const plant = (
  leg: Leg,
  world: ReadonlyMap<string, Quat>,
  hips: Vec,
  [x = 0, y = 0, z = 0, yaw = 0, pitch = 0]: Float32Array,
  hipsHeight: number,
): [string, Quat][] => {
  const pelvis = world.get('hips')!
  const yawed = turn(Y, yaw)
  const foot = multiply(yawed, turn(X, pitch))
  // A heel that rises takes the ankle along, about the ball, which stays where it is.
  const lift = sub(rotate(yawed, leg.ball), rotate(foot, leg.ball))
  const ankle = add(add(leg.ground, scale([x, y, z], hipsHeight)), lift)
  const away = sub(ankle, add(hips, rotate(pelvis, leg.hip)))
  const [thighLength, shinLength] = [length(leg.thigh), length(leg.shin)]
  const distance = Math.min(length(away), (thighLength + shinLength) * STRAIGHT)
  const reach = unit(away, scale(Y, -1))
  const cosine = (thighLength ** 2 + distance ** 2 - shinLength ** 2) / (2 * thighLength * distance)
  const bend = Math.acos(Math.min(1, Math.max(-1, cosine)))
  const look = rotate(pelvis, Z)
  const knee = unit(add(unit([look[0], 0, look[2]], Z), rotate(yawed, Z)), Z)
  const hinge = unit(cross(knee, reach), X)
  const thigh = rotate(turn(hinge, -bend), reach)
  const shin = unit(sub(scale(reach, distance), scale(thigh, thighLength)))
  const [upper, lower, ankleBone, toes] = leg.bones
  const bent = multiply(inverse(world.get(ankleBone)!), world.get(toes)!)
  return [
    [upper, align(leg.thigh, X, thigh, hinge)],
    [lower, align(leg.shin, X, shin, hinge)],
    [ankleBone, foot],
    // What the heel rises, the toes stay behind.
    [toes, multiply(foot, pitch > 0 ? turn(X, -Math.min(1, pitch)) : bent)],
  ]
}
