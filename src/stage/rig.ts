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
  readonly hip: Vector3
  readonly shin: Vector3
  readonly ankle: Vector3
  /** Where the ankle stands at rest, in the avatar's space. */
  readonly ground: Vector3
}

export class Rig {
  readonly #vrm: VRM
  readonly #mirror: 1 | -1
  readonly #turns = new Map<BoneName, Turn>()
  /** Joints whose rotation was composed by the caller in this frame. */
  readonly #set = new Map<BoneName, Quaternion>()
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
    this.hipsOffset.set(0, 0, 0)
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

  /** End a frame: write the angles, and bend the legs so that the feet stay on the ground. */
  apply() {
    for (const [name, node] of this.#nodes) {
      const { x, y, z } = this.#turns.get(name)!
      this.#write(node, this.#set.get(name) ?? rotation.setFromEuler(euler.set(x, y, z, 'YXZ')))
    }
    const hips = this.#nodes.get('hips')!
    const { x, y, z } = this.#turns.get('hips')!
    hipsTurn.setFromEuler(euler.set(x, y, z, 'YXZ'))
    hipsAt.copy(this.rest('hips')!).add(this.hipsOffset)
    hips.position.set(hipsAt.x * this.#mirror, hipsAt.y, hipsAt.z * this.#mirror)
    for (const leg of this.#legs) this.#plant(leg)
  }

  /** Two-bone inverse kinematics: the knee bends forward, in the plane of the leg and the way the avatar faces. */
  #plant({ upper, lower, foot, hip, shin, ankle, ground }: Leg) {
    const thighLength = shin.length()
    const shinLength = ankle.length()
    from.copy(hip).applyQuaternion(hipsTurn).add(hipsAt)
    reach.copy(ground).sub(from)
    const distance = Math.min(reach.length(), (thighLength + shinLength) * 0.9995)
    reach.normalize()
    // The law of cosines gives the angle between thigh and line of reach.
    const cosine = (thighLength ** 2 + distance ** 2 - shinLength ** 2) / (2 * thighLength * distance)
    const bend = Math.acos(Math.min(1, Math.max(-1, cosine)))
    side.crossVectors(FORWARD, reach).normalize()
    thighWay.copy(reach).applyAxisAngle(side, -bend)
    shinWay.copy(reach).multiplyScalar(distance).addScaledVector(thighWay, -thighLength).normalize()
    aim(thighTurn, shin, thighWay, side)
    aim(shinTurn, ankle, shinWay, side)
    this.#write(this.#nodes.get(upper)!, rotation.copy(hipsTurn).invert().multiply(thighTurn))
    this.#write(this.#nodes.get(lower)!, rotation.copy(thighTurn).invert().multiply(shinTurn))
    this.#write(this.#nodes.get(foot)!, rotation.copy(shinTurn).invert())
  }

  #leg(side: 'left' | 'right'): Leg {
    const [upper, lower, foot] = [`${side}UpperLeg`, `${side}LowerLeg`, `${side}Foot`] as [
      BoneName,
      BoneName,
      BoneName,
    ]
    const at = (name: BoneName) => this.rest(name)!
    return {
      upper,
      lower,
      foot,
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
const restMatrix = new Matrix4()
const wayMatrix = new Matrix4()
const axisX = new Vector3()
const axisY = new Vector3()
const axisZ = new Vector3()
