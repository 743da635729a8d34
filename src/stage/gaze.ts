/**
 * @file Where the avatar looks: at you, at the pointer, and away now and then, as people do who listen and think. Eyes
 * jump and rest (saccades and fixations); the head follows more slowly and goes only part of the way.
 */
import { Object3D, Quaternion, Vector3, type Camera } from 'three'
import type { VRM } from '@pixiv/three-vrm'
import { between, Spring } from './easing'
import type { Rig } from './rig'

const RAD = Math.PI / 180

/** After this much rest the pointer is no longer interesting. */
const POINTER_S = 2.5
/** The head takes this share of a look aside; the eyes do the rest. */
const HEAD_SHARE = 0.55
const HEAD_LIMIT = { yaw: 42 * RAD, pitch: 22 * RAD }
/** Eyes go no further than is comfortable, in degrees. */
const EYE_LIMIT = { yaw: 26, pitch: 16 }

export class Gaze {
  readonly #vrm: VRM
  readonly #rig: Rig
  readonly #head: Object3D
  /** The line of sight at rest starts here, in the avatar's space. */
  readonly #eyes: Vector3
  readonly #headYaw = new Spring()
  readonly #headPitch = new Spring()
  readonly #eyeYaw = new Spring()
  readonly #eyePitch = new Spring()
  #fixation = { yaw: 0, pitch: 0 }
  #nextSaccade = 0
  #pointer: { readonly x: number; readonly y: number; readonly at: number } | undefined
  #glance = { yaw: 0, pitch: 0, until: -1, next: between(3, 6) }

  constructor(vrm: VRM, rig: Rig) {
    this.#vrm = vrm
    this.#rig = rig
    this.#head = vrm.humanoid.getNormalizedBoneNode('head')!
    this.#eyes = new Vector3(0, rig.rest('head')!.y + (vrm.lookAt?.offsetFromHeadBone.y ?? 0.06), 0)
    if (vrm.lookAt) vrm.lookAt.target = null // angles are given, not a thing to look at
  }

  /** The pointer has moved: coordinates of the picture, -1 to 1, y up. */
  notice(x: number, y: number, time: number) {
    this.#pointer = { x, y, at: time }
  }

  /** An angle of sight that is about to change by much: people blink then. */
  get startles(): boolean {
    return this.#jumped
  }
  #jumped = false

  /** Turn head and eyes. Called before the rig is applied; `eyes` is called after it. */
  turnHead(camera: Camera, time: number, dt: number, speaking: boolean) {
    const look = this.#target(camera, time, speaking)
    const yaw = clamp(look.yaw * HEAD_SHARE, HEAD_LIMIT.yaw)
    const pitch = clamp(look.pitch * HEAD_SHARE, HEAD_LIMIT.pitch)
    this.#headYaw.toward(yaw, 4.5, dt)
    this.#headPitch.toward(pitch, 4.5, dt)
    // A third in the neck, and a hint of it in the chest for a wide turn.
    this.#rig.turn('upperChest', 0, this.#headYaw.value * 0.12, 0)
    this.#rig.turn('neck', this.#headPitch.value * 0.35, this.#headYaw.value * 0.33, 0)
    this.#rig.turn('head', this.#headPitch.value * 0.65, this.#headYaw.value * 0.55, 0)
  }

  /** Point the eyes at what the head has not reached. The bones' world matrices are those of this frame. */
  turnEyes(camera: Camera, time: number, dt: number, speaking: boolean) {
    const { lookAt } = this.#vrm
    if (!lookAt) return
    this.#place(camera, time, speaking, point)
    // The direction in the head's own axes; a VRM 0.x head faces the other way.
    const back = this.#vrm.meta.metaVersion === '0' ? -1 : 1
    this.#head.getWorldPosition(headAt)
    way.copy(point).sub(headAt).applyQuaternion(this.#head.getWorldQuaternion(turned).invert())
    way.set(way.x * back, way.y - lookAt.offsetFromHeadBone.y, way.z * back)
    const yaw = clamp(Math.atan2(way.x, way.z) / RAD, EYE_LIMIT.yaw)
    const pitch = clamp(Math.atan2(-way.y, Math.hypot(way.x, way.z)) / RAD, EYE_LIMIT.pitch)
    const miss = Math.hypot(yaw - this.#fixation.yaw, pitch - this.#fixation.pitch)
    this.#jumped = false
    if (time > this.#nextSaccade && (miss > 1.5 || time > this.#nextSaccade + 0.9)) {
      this.#jumped = miss > 14
      // Eyes never rest on exactly one point.
      this.#fixation = { yaw: yaw + between(-0.7, 0.7), pitch: pitch + between(-0.5, 0.5) }
      this.#nextSaccade = time + between(0.07, 0.16)
    }
    // 60 rad/s: there in 70 ms, the length of a saccade of ten degrees.
    lookAt.yaw = this.#eyeYaw.toward(this.#fixation.yaw, 60, dt)
    lookAt.pitch = this.#eyePitch.toward(this.#fixation.pitch, 60, dt)
  }

  /** Angles from the eyes at rest to what is looked at: to the avatar's left and downwards positive. */
  #target(camera: Camera, time: number, speaking: boolean) {
    this.#place(camera, time, speaking, point)
    way.copy(point).sub(this.#vrm.scene.localToWorld(headAt.copy(this.#eyes)))
    return { yaw: Math.atan2(way.x, way.z), pitch: Math.atan2(-way.y, Math.hypot(way.x, way.z)) }
  }

  #place(camera: Camera, time: number, speaking: boolean, into: Vector3) {
    camera.getWorldPosition(into)
    this.#vrm.scene.localToWorld(headAt.copy(this.#eyes))
    if (this.#pointer && time - this.#pointer.at < POINTER_S) {
      // On a plane between the two, nearer to the avatar: so the eyes go where the pointer is on the picture.
      const distance = into.distanceTo(headAt)
      ray.set(this.#pointer.x, this.#pointer.y, 0.5).unproject(camera).sub(into).normalize()
      into.addScaledVector(ray, distance * 0.72)
      return
    }
    const glance = this.#glance
    if (time > glance.next) {
      // Aside or up, seldom down; longer and rarer while speaking (Kendon, 1967: speakers look away to plan).
      glance.yaw = between(10, 28) * (Math.random() < 0.5 ? 1 : -1) * RAD
      glance.pitch = between(-14, 8) * RAD
      glance.until = time + between(0.5, speaking ? 1 : 1.5)
      glance.next = glance.until + between(2.2, speaking ? 5 : 6.5)
    }
    if (time < glance.until) {
      into.sub(headAt)
      into
        .applyAxisAngle(UP, glance.yaw)
        .applyAxisAngle(side.crossVectors(UP, into).normalize(), glance.pitch)
      into.add(headAt)
    }
  }
}

const clamp = (value: number, limit: number) => Math.max(-limit, Math.min(limit, value))

const UP = new Vector3(0, 1, 0)
const point = new Vector3()
const way = new Vector3()
const ray = new Vector3()
const side = new Vector3()
const headAt = new Vector3()
const turned = new Quaternion()
