/**
 * @file A motion on this avatar's bones: read between its frames, folded into the bones that there are, kept out of the
 * body's own width, and faded in, out and over cuts.
 */
import { Quaternion, Vector3 } from 'three'
import { mixTurns, newPose, sample, YAW, type Pose } from '../motion/clip'
import type { Motion } from '../shared/contracts'
import { towards } from './easing'
import type { BoneName, Rig } from './rig'

/** What is danced at this moment. */
export interface Performing {
  readonly motion: Motion
  /** What follows it without a gap, so that there is something between its last frame and the next one. */
  readonly next?: Motion | undefined
  /** Seconds from the start of `motion`. */
  readonly at: number
  /** The moment on the clock of the whole: a leap in it is a cut. */
  readonly time: number
}

/** From standing to dancing and back. */
const FADE_S = 0.45
/** From one place of the dance to another, when somebody scrubs. */
const CUT_S = 0.22
/** A clock that is this far from where it should be has been moved. */
const LEAP_S = 0.15

/** Metres from the middle of the stage: within the first a dance goes where it likes, beyond the second it never comes. */
const FREE_M = 1.3
const EDGE_M = 2.3

/** Bones that an avatar may lack, and the one that then turns as well: its parent, or its child where that is the only one. */
const FOLD_INTO_PARENT: Partial<Record<BoneName, BoneName>> = { upperChest: 'chest', chest: 'spine' }
const FOLD_INTO_CHILD: Partial<Record<BoneName, BoneName>> = {
  leftShoulder: 'leftUpperArm',
  rightShoulder: 'rightUpperArm',
  neck: 'head',
}

/**
 * Hips, and the feet below them, stay on the stage, however far a motion goes: what was captured knows of no edge.
 *
 * @param root - In units of the hips' height; written.
 * @param feet - Two feet of x, y, z and three more; written.
 */
export const keepOnStage = (
  root: { x: number; z: number },
  feet: Float32Array | undefined,
  hipsHeightM: number,
) => {
  const far = Math.hypot(root.x, root.z) * hipsHeightM
  if (far <= FREE_M) return
  const room = EDGE_M - FREE_M
  const back = (FREE_M + room * Math.tanh((far - FREE_M) / room)) / far - 1
  const [dx, dz] = [root.x * back, root.z * back]
  root.x += dx
  root.z += dz
  for (const foot of feet ? [0, 6] : []) {
    feet![foot]! += dx
    feet![foot + 2]! += dz
  }
}

export class Dancing {
  readonly #rig: Rig
  /** How far the upper arms must stand off, in radians. */
  readonly #clearance: number
  readonly #pose = new Map<BoneName, Quaternion>()
  /** Of each joint: how it was before the cut, and what is shown while that fades. */
  readonly #before = new Map<BoneName, { readonly was: Quaternion; readonly shown: Quaternion }>()
  readonly #root = new Vector3(0, 1, 0)
  readonly #rootBefore = new Vector3(0, 1, 0)
  #sampled: Pose = newPose({ joints: [] })
  readonly #feet = new Float32Array(12)
  readonly #feetBefore = new Float32Array(12)
  #motion: Motion | undefined
  #next: Motion | undefined
  #share = 0
  #cut = 1
  #time = 0

  constructor(rig: Rig, clearanceDeg: number) {
    this.#rig = rig
    this.#clearance = (clearanceDeg * Math.PI) / 180
  }

  /** After all other layers, before the rig is applied. */
  move(performing: Performing | undefined, dt: number) {
    this.#share = towards(this.#share, performing ? 1 : 0, dt / FADE_S)
    if (performing) this.#read(performing, dt)
    if (this.#share === 0) return
    this.#cut = towards(this.#cut, 1, dt / CUT_S)
    const rig = this.#rig
    const share = smooth(this.#share)
    const cut = smooth(this.#cut)
    rig.blendAll = share
    for (const [name, rotation] of this.#pose) {
      const before = this.#before.get(name)!
      rig.blend(name, cut < 1 ? before.shown.slerpQuaternions(before.was, rotation, cut) : rotation)
    }
    const height = rig.hipsHeight
    offset.lerpVectors(this.#rootBefore, this.#root, cut)
    offset.y -= 1
    rig.hipsOffset.lerp(offset.multiplyScalar(height), share)
    const foot = (side: 'left' | 'right', at: number) => {
      const of = (i: number) => {
        const [before, now] = [this.#feetBefore[at + i]!, this.#feet[at + i]!]
        return (i === YAW ? mixTurns(before, now, cut) : before + (now - before) * cut) * share
      }
      const step = rig.step(side)
      step.off.set(of(0), of(1), of(2)).multiplyScalar(height)
      step.yaw = of(3)
      step.pitch = of(4)
    }
    foot('left', 0)
    foot('right', 6)
  }

  #read({ motion, next, at, time }: Performing, dt: number) {
    const leapt = Math.abs(time - this.#time - dt) > LEAP_S
    // Composed anew while it is being danced.
    const replaced = motion !== this.#motion && motion !== this.#next
    this.#motion = motion
    this.#next = next
    if ((leapt || replaced) && this.#pose.size) {
      for (const [name, rotation] of this.#pose) this.#before.get(name)!.was.copy(rotation)
      this.#rootBefore.copy(this.#root)
      this.#feetBefore.set(this.#feet)
      this.#cut = 0
    }
    this.#time = time
    if (this.#sampled.rotations.length !== motion.joints.length * 4) this.#sampled = newPose(motion)
    const pose = this.#sampled
    sample(motion, at, pose, next)
    for (const [joint, name] of motion.joints.entries())
      this.#joint(name as BoneName).fromArray(pose.rotations, joint * 4)
    this.#root.fromArray(pose.root)
    if (motion.feet) this.#feet.set(pose.feet)
    keepOnStage(this.#root, motion.feet && this.#feet, this.#rig.hipsHeight)
    this.#fold()
    this.#clear('left', 1)
    this.#clear('right', -1)
  }

  #joint(name: BoneName): Quaternion {
    let rotation = this.#pose.get(name)
    if (!rotation) {
      this.#pose.set(name, (rotation = new Quaternion()))
      this.#before.set(name, { was: new Quaternion(), shown: new Quaternion() })
    }
    return rotation
  }

  #fold() {
    for (const [name, parent] of Object.entries(FOLD_INTO_PARENT) as [BoneName, BoneName][]) {
      const rotation = this.#pose.get(name)
      if (rotation && !this.#rig.has(name)) this.#joint(parent).multiply(rotation)
    }
    for (const [name, child] of Object.entries(FOLD_INTO_CHILD) as [BoneName, BoneName][]) {
      const rotation = this.#pose.get(name)
      if (rotation && !this.#rig.has(name)) this.#joint(child).premultiply(rotation)
    }
  }

  /** An arm that hangs stands off far enough for a coat or a skirt; one that is raised or reaches forwards is left alone. */
  #clear(side: 'left' | 'right', sign: 1 | -1) {
    const upper = this.#pose.get(`${side}UpperArm`)
    if (!upper) return
    arm.set(sign, 0, 0).applyQuaternion(upper)
    const hanging = smooth(Math.min(1, Math.max(0, (-arm.y - 0.2) / 0.5)))
    const beside = smooth(Math.max(0, 1 - Math.abs(arm.z) / 0.8))
    const out = Math.atan2(sign * arm.x, -arm.y)
    const missing = this.#clearance - out
    if (missing > 0 && hanging > 0)
      upper.premultiply(away.setFromAxisAngle(AHEAD, sign * missing * hanging * beside))
  }
}

const AHEAD = new Vector3(0, 0, 1)
const smooth = (x: number) => x * x * (3 - 2 * x)
const away = new Quaternion()
const arm = new Vector3()
const offset = new Vector3()
