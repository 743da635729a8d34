/**
 * @file A motion on this avatar's bones: read between its frames, folded into the bones that there are, kept out of the
 * body's own width, and faded in, out and over cuts.
 */
import { Quaternion, Vector3 } from 'three'
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

/** Bones that an avatar may lack, and the one that then turns as well: its parent, or its child where that is the only one. */
const FOLD_INTO_PARENT: Partial<Record<BoneName, BoneName>> = { upperChest: 'chest', chest: 'spine' }
const FOLD_INTO_CHILD: Partial<Record<BoneName, BoneName>> = {
  leftShoulder: 'leftUpperArm',
  rightShoulder: 'rightUpperArm',
  neck: 'head',
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
  readonly #feet = new Float32Array(12)
  readonly #feetBefore = new Float32Array(12)
  #share = 0
  #cut = 1
  #time = 0

  constructor(rig: Rig, clearanceDeg: number) {
    this.#rig = rig
    this.#clearance = (clearanceDeg * Math.PI) / 180
  }

  /** How much of what is seen is dance, 0 to 1. */
  get share() {
    return this.#share
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
        return (i === YAW ? turned(before, now, cut) : before + (now - before) * cut) * share
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
    if (Math.abs(time - this.#time - dt) > LEAP_S && this.#pose.size) {
      for (const [name, rotation] of this.#pose) this.#before.get(name)!.was.copy(rotation)
      this.#rootBefore.copy(this.#root)
      this.#feetBefore.set(this.#feet)
      this.#cut = 0
    }
    this.#time = time
    const frame = Math.min(Math.max(0, at * motion.rate), motion.frames - 1 + (next ? 0.999 : 0))
    const first = Math.min(Math.floor(frame), motion.frames - 1)
    const part = frame - first
    // The frame after the last one is the first of what follows.
    const over = first + 1 >= motion.frames
    const after = over ? (next ?? motion) : motion
    const second = over ? (next ? 0 : first) : first + 1
    const mix = (a: Float32Array, b: Float32Array, width: number, i: number) => {
      const from = a[first * width + i]!
      return from + (b[second * width + i]! - from) * part
    }
    for (const [joint, name] of motion.joints.entries()) {
      const width = motion.joints.length * 4
      from.fromArray(motion.rotations, first * width + joint * 4)
      to.fromArray(after.rotations, second * width + joint * 4)
      this.#joint(name as BoneName).slerpQuaternions(from, to, part)
    }
    this.#root.set(
      mix(motion.root, after.root, 3, 0),
      mix(motion.root, after.root, 3, 1),
      mix(motion.root, after.root, 3, 2),
    )
    if (motion.feet && after.feet)
      for (let i = 0; i < 12; i++)
        this.#feet[i] =
          i % 6 === YAW
            ? turned(motion.feet[first * 12 + i]!, after.feet[second * 12 + i]!, part)
            : mix(motion.feet, after.feet, 12, i)
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

/** Where the yaw of a foot stands among its six numbers. */
const YAW = 3
/** Between two angles, the shorter way round: after a whole turn a phrase begins at 0 again. */
const turned = (from: number, to: number, part: number) =>
  from + Math.atan2(Math.sin(to - from), Math.cos(to - from)) * part

const AHEAD = new Vector3(0, 0, 1)
const smooth = (x: number) => x * x * (3 - 2 * x)
const from = new Quaternion()
const to = new Quaternion()
const away = new Quaternion()
const arm = new Vector3()
const offset = new Vector3()
