/**
 * @file The skeleton as the rest of the stage sees it: the same axes for every avatar, angles summed over layers, feet
 * that stay where they are put.
 *
 * Axes: +Y up, the avatar faces +Z, its left is +X; a T-pose has no rotation anywhere. VRM 0.x models face -Z, and are
 * mirrored here on the way in and out.
 */
import { Euler, Matrix4, Quaternion, Vector3, type Object3D } from 'three'
import type { VRM, VRMHumanBoneName } from '@pixiv/three-vrm'

export type BoneName = VRMHumanBoneName

/** Angles in radians about the axes above, applied in the order Y, X, Z. */
interface Turn {
  x: number
  y: number
  z: number
}

interface Leg {
  readonly upper: BoneName
  readonly lower: BoneName
  readonly foot: BoneName
  readonly toes: BoneName
  readonly hip: Vector3
  readonly shin: Vector3
  readonly ankle: Vector3
  /** Where the ankle stands at rest, in the avatar's space. */
  readonly ground: Vector3
  /** From the ankle to the ball of the foot, about which the heel rises. */
  readonly ball: Vector3
  /** What a dance wants of the foot in this frame: off from `ground`, in metres, and its angles. */
  readonly step: Step
}

/** A foot off its place at rest, in metres; radians (yaw: toes to the left; pitch: toes down, about the ball). */
export interface Step {
  readonly off: Vector3
  yaw: number
  pitch: number
}

export class Rig {
  readonly #vrm: VRM
  readonly #mirror: 1 | -1
  readonly #turns = new Map<BoneName, Turn>()
  /** Joints whose rotation was composed by the caller in this frame. */
  readonly #set = new Map<BoneName, Quaternion>()
  readonly #blends = new Map<BoneName, Quaternion>()
  #blend = 0
  readonly #nodes = new Map<BoneName, Object3D>()
  readonly #rest = new Map<BoneName, Vector3>()
  readonly #legs: readonly Leg[]

  /** Height of the hips above the ground at rest, in metres: the unit of every sway and step. */
  readonly hipsHeight: number
  /** How far the hips have moved from where they are at rest, in metres. Set before `apply`. */
  readonly hipsOffset = new Vector3()

  /** The VRM stands in its rest pose, untransformed. */
  constructor(vrm: VRM) {
    this.#vrm = vrm
    this.#mirror = vrm.meta.metaVersion === '0' ? -1 : 1
    vrm.humanoid.resetNormalizedPose()
    vrm.humanoid.normalizedHumanBonesRoot.updateWorldMatrix(true, true)
    const origin = vrm.humanoid.normalizedHumanBonesRoot.getWorldPosition(new Vector3())
    for (const name of Object.keys(vrm.humanoid.humanBones) as BoneName[]) {
      const node = vrm.humanoid.getNormalizedBoneNode(name)
      if (!node) continue
      this.#nodes.set(name, node)
      this.#turns.set(name, { x: 0, y: 0, z: 0 })
      // The scene of a VRM 0.x may have been turned round already: measure along the bones, not in the world.
      this.#rest.set(name, this.#measure(node, origin))
    }
    this.hipsHeight = this.rest('hips')!.y
    this.#legs = (['left', 'right'] as const).map((side) => this.#leg(side))
  }

  /** Where a joint is at rest: metres from the point between the feet. Undefined where the avatar has no such bone. */
  rest(name: BoneName): Vector3 | undefined {
    return this.#rest.get(name)
  }

  has(name: BoneName): boolean {
    return this.#nodes.has(name)
  }

  /** Begin a frame: every joint straight, hips at rest. */
  clear() {
    for (const turn of this.#turns.values()) turn.x = turn.y = turn.z = 0
    this.#set.clear()
    this.#blends.clear()
    this.#blend = 0
    this.hipsOffset.set(0, 0, 0)
    for (const { step } of this.#legs) {
      step.off.set(0, 0, 0)
      step.yaw = step.pitch = 0
    }
  }

  /** Add to a joint's angles. A bone that the avatar lacks passes its turn to the next one towards the hips. */
  turn(name: BoneName, x: number, y: number, z: number) {
    const turn = this.#turns.get(name) ?? this.#turns.get(STAND_IN[name] ?? 'hips')
    if (!turn) return
    turn.x += x
    turn.y += y
    turn.z += z
  }

  /** Give a joint this rotation in this frame, whatever `turn` says of it; it is not copied. */
  set(name: BoneName, rotation: Quaternion) {
    this.#set.set(name, rotation)
  }

  /** Lead a joint away from all of that, towards this rotation, by the share that `blendAll` gives; it is not copied. */
  blend(name: BoneName, towards: Quaternion) {
    this.#blends.set(name, towards)
  }

  /** How much of `blend` counts in this frame, 0 to 1. */
  set blendAll(share: number) {
    this.#blend = share
  }

  /** Where a foot is to be in this frame, to be written to. Without it, it stands where it does at rest. */
  step(side: 'left' | 'right'): Step {
    return this.#legs[side === 'left' ? 0 : 1]!.step
  }

  /** End a frame: write the angles, and bend the legs so that the feet are where they are wanted. */
  apply() {
    for (const [name, node] of this.#nodes) {
      const { x, y, z } = this.#turns.get(name)!
      rotation.copy(this.#set.get(name) ?? turned.setFromEuler(euler.set(x, y, z, 'YXZ')))
      const towards = this.#blends.get(name)
      if (towards) rotation.slerp(towards, this.#blend)
      if (name === 'hips') hipsTurn.copy(rotation)
      this.#write(node, rotation)
    }
    const hips = this.#nodes.get('hips')!
    hipsAt.copy(this.rest('hips')!).add(this.hipsOffset)
    hips.position.set(hipsAt.x * this.#mirror, hipsAt.y, hipsAt.z * this.#mirror)
    for (const leg of this.#legs) this.#plant(leg)
  }

  /** Two-bone inverse kinematics: the knee bends forward, in the plane of the leg and the way the avatar faces. */
  #plant({ upper, lower, foot, toes, hip, shin, ankle, ground, ball, step }: Leg) {
    const thighLength = shin.length()
    const shinLength = ankle.length()
    from.copy(hip).applyQuaternion(hipsTurn).add(hipsAt)
    footTurn.setFromEuler(euler.set(step.pitch, step.yaw, 0, 'YXZ'))
    yawTurn.setFromAxisAngle(UP, step.yaw)
    // A heel that rises takes the ankle along: up and forwards around the ball, which stays on the floor.
    reach.copy(ball).applyQuaternion(yawTurn).sub(heel.copy(ball).applyQuaternion(footTurn))
    reach.add(ground).add(step.off).sub(from)
    const distance = Math.min(reach.length(), (thighLength + shinLength) * 0.9995)
    reach.normalize()
    // The law of cosines gives the angle between thigh and line of reach.
    const cosine = (thighLength ** 2 + distance ** 2 - shinLength ** 2) / (2 * thighLength * distance)
    const bend = Math.acos(Math.min(1, Math.max(-1, cosine)))
    // The knee looks where hips and foot look.
    kneeWay.copy(FORWARD).applyQuaternion(hipsTurn).setY(0).normalize()
    kneeWay.add(heel.copy(FORWARD).applyQuaternion(yawTurn)).normalize()
    side.crossVectors(kneeWay, reach).normalize()
    thighWay.copy(reach).applyAxisAngle(side, -bend)
    shinWay.copy(reach).multiplyScalar(distance).addScaledVector(thighWay, -thighLength).normalize()
    aim(thighTurn, shin, thighWay, side)
    aim(shinTurn, ankle, shinWay, side)
    this.#write(this.#nodes.get(upper)!, rotation.copy(hipsTurn).invert().multiply(thighTurn))
    this.#write(this.#nodes.get(lower)!, rotation.copy(thighTurn).invert().multiply(shinTurn))
    this.#write(this.#nodes.get(foot)!, rotation.copy(shinTurn).invert().multiply(footTurn))
    const toesNode = this.#nodes.get(toes)
    // What the heel rises, the toes stay behind.
    if (toesNode && step.pitch > 0)
      this.#write(toesNode, rotation.setFromAxisAngle(SIDEWAYS, -Math.min(1, step.pitch)))
  }

  #leg(side: 'left' | 'right'): Leg {
    const [upper, lower, foot, toes] = [
      `${side}UpperLeg`,
      `${side}LowerLeg`,
      `${side}Foot`,
      `${side}Toes`,
    ] as [BoneName, BoneName, BoneName, BoneName]
    const at = (name: BoneName) => this.rest(name)!
    const ankleHeight = at(foot).y
    return {
      upper,
      lower,
      foot,
      toes,
      // Feet without toes have their ball about as far before the ankle as the ankle is high, and half again.
      ball: new Vector3(
        0,
        -ankleHeight,
        this.rest(toes) ? this.rest(toes)!.z - at(foot).z : 1.5 * ankleHeight,
      ),
      step: { off: new Vector3(), yaw: 0, pitch: 0 },
      hip: at(upper).clone().sub(at('hips')),
      shin: at(lower).clone().sub(at(upper)),
      ankle: at(foot).clone().sub(at(lower)),
      ground: at(foot).clone(),
    }
  }

  #measure(node: Object3D, origin: Vector3): Vector3 {
    const at = node.getWorldPosition(new Vector3()).sub(origin)
    const root = this.#vrm.scene.getWorldQuaternion(rotation).invert()
    at.applyQuaternion(root)
    return at.set(at.x * this.#mirror, at.y, at.z * this.#mirror)
  }

  #write(node: Object3D, { x, y, z, w }: Quaternion) {
    node.quaternion.set(x * this.#mirror, y, z * this.#mirror, w)
  }
}

/** Who takes over the turn of an optional bone that is missing. */
const STAND_IN: Partial<Record<BoneName, BoneName>> = {
  upperChest: 'chest',
  chest: 'spine',
  neck: 'head',
}

const FORWARD = new Vector3(0, 0, 1)
const euler = new Euler()
const rotation = new Quaternion()
const turned = new Quaternion()
const footTurn = new Quaternion()
const yawTurn = new Quaternion()
const heel = new Vector3()
const kneeWay = new Vector3()
const hipsTurn = new Quaternion()
const hipsAt = new Vector3()
const from = new Vector3()
const reach = new Vector3()
const side = new Vector3()
const thighWay = new Vector3()
const shinWay = new Vector3()
const thighTurn = new Quaternion()
const shinTurn = new Quaternion()

/** The rotation that brings a bone from where it points at rest, its hinge along +X, to a direction and a hinge. */
const aim = (into: Quaternion, rest: Vector3, way: Vector3, hinge: Vector3) => {
  restFrame(restMatrix, rest, SIDEWAYS)
  restFrame(wayMatrix, way, hinge)
  return into.setFromRotationMatrix(wayMatrix.multiply(restMatrix.transpose()))
}

const restFrame = (into: Matrix4, along: Vector3, hinge: Vector3) => {
  axisY.copy(along).normalize()
  axisZ.crossVectors(hinge, axisY).normalize()
  axisX.crossVectors(axisY, axisZ)
  return into.makeBasis(axisX, axisY, axisZ)
}

const SIDEWAYS = new Vector3(1, 0, 0)
const UP = new Vector3(0, 1, 0)
const restMatrix = new Matrix4()
const wayMatrix = new Matrix4()
const axisX = new Vector3()
const axisY = new Vector3()
const axisZ = new Vector3()
