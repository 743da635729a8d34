/**
 * @file A VRM and its fixed frame order: body → head → rig → eyes → face → springs. Whatever moves the avatar is decided
 * here and nowhere else.
 */
import { Box3, SkinnedMesh, Vector3, type Camera, type Mesh, type Object3D } from 'three'
import type { VRM } from '@pixiv/three-vrm'
import { VISEMES } from '../shared/visemes'
import { Body } from './body'
import { Dancing, type Performing } from './dancing'
import { Face, type FaceMood } from './face'
import { Gaze } from './gaze'
import { disposeVrm } from './load'
import { Rig } from './rig'
import type { Figure } from './view'

/** What the avatar is to express now; written by whoever knows, read in every frame. */
export interface Acting {
  speaking: boolean
  /** Of its own voice, 0 to 1. */
  loudness: number
  mood: FaceMood
  /** In the order of VISEMES. */
  readonly mouth: Float32Array
  /** What is danced, if anything is. */
  performing: Performing | undefined
}

const LONGEST_SPRING_STEP_S = 1 / 25

export class Avatar {
  readonly vrm: VRM
  readonly figure: Figure
  readonly acting: Acting = {
    speaking: false,
    loudness: 0,
    mood: 'neutral',
    mouth: new Float32Array(VISEMES.length),
    performing: undefined,
  }
  readonly #rig: Rig
  readonly #body: Body
  readonly #dancing: Dancing
  readonly #gaze: Gaze
  readonly #face: Face
  #time = 0
  #settled = false
  #startled = -10

  constructor(vrm: VRM) {
    this.vrm = vrm
    // VRM 0.x models face -Z.
    if (vrm.meta.metaVersion === '0') vrm.scene.rotation.y = Math.PI
    vrm.scene.updateWorldMatrix(false, true)
    this.#rig = new Rig(vrm)
    this.figure = measure(vrm, this.#rig)
    const clearance = armClearance(vrm, this.#rig)
    this.#body = new Body(this.#rig, clearance)
    this.#dancing = new Dancing(this.#rig, clearance)
    this.#gaze = new Gaze(vrm, this.#rig)
    this.#face = new Face(vrm)
  }

  /** Where the weight is, and how far the hips are above where they are at rest, in metres. */
  get weight() {
    const { x, y, z } = this.#rig.hipsOffset
    return { x, z, lift: Math.max(0, y) }
  }

  greet() {
    this.#body.wave(this.#time)
  }

  /** Somebody has touched it. */
  poke() {
    this.#body.startle(this.#time)
    this.#face.blinkSoon(this.#time)
    this.#startled = this.#time
  }

  /** The pointer is at these coordinates of the picture: -1 to 1, y up. */
  notice(x: number, y: number) {
    this.#gaze.notice(x, y, this.#time)
  }

  /** `dt` in seconds; `liveliness` 1, or less where less motion is asked for. */
  move(dt: number, camera: Camera, liveliness: number) {
    const time = (this.#time += dt)
    const { speaking, loudness, mouth } = this.acting
    const mood = this.#mood()
    this.#rig.clear()
    this.#body.move({ time, dt, speaking, loudness, spirits: SPIRITS[mood], liveliness })
    this.#gaze.turnHead(camera, time, dt, speaking)
    this.#dancing.move(this.acting.performing, dt)
    this.#rig.apply()
    this.vrm.humanoid.normalizedHumanBonesRoot.updateMatrixWorld(true)
    this.#gaze.turnEyes(camera, time, dt, speaking)
    if (this.#gaze.startles) this.#face.blinkSoon(time)
    this.#face.move(time, dt, mouth, mood, 0.35)
    // The first frame is a step out of the T-pose: springs must not take it for a blow.
    if (!this.#settled) {
      this.#settled = true
      this.vrm.humanoid.update()
      this.vrm.scene.updateMatrixWorld(true)
      this.vrm.springBoneManager?.reset()
    }
    // Hair and cloth are integrated step by step, and swing wild when a step is long: on a slow machine they are slow.
    this.vrm.update(Math.min(dt, LONGEST_SPRING_STEP_S))
  }

  dispose() {
    disposeVrm(this.vrm)
  }

  #mood(): FaceMood {
    const since = this.#time - this.#startled
    if (since < 0.45) return 'surprised'
    if (since < 2.2) return 'happy'
    return this.acting.mood
  }
}

const SPIRITS: Readonly<Record<FaceMood, number>> = {
  neutral: 0.15,
  happy: 1,
  relaxed: 0.4,
  surprised: 0.3,
  sad: -1,
  angry: -0.2,
}

/** Sizes for the camera: from the joints, and the top from the mesh (hair and ears count, up to a point). */
const measure = (vrm: VRM, rig: Rig): Figure => {
  const head = rig.rest('head')!.y
  const eyes = head + (vrm.lookAt?.offsetFromHeadBone.y ?? 0.06)
  const box = new Box3().setFromObject(vrm.scene, true)
  // Rabbit ears may leave the picture; a head may not.
  const top = Math.min(Math.max(box.max.y, eyes + 0.08), eyes + (eyes - rig.hipsHeight) * 0.75)
  const shoulder = Math.abs((rig.rest('leftUpperArm') ?? rig.rest('leftLowerArm')!).x)
  return { top, eyes, hips: rig.hipsHeight, halfWidth: Math.max(shoulder * 2.1, (top - head) * 0.75) }
}

/**
 * How far an arm must stand off from hanging straight down so that its hand clears hips, skirt or coat, in degrees: the
 * smallest angle at which the arm's axis keeps its own thickness away from every part of the trunk and legs.
 */
const armClearance = (vrm: VRM, rig: Rig): number => {
  const shoulder = rig.rest('leftUpperArm')!
  const hand = rig.rest('leftHand')!
  const length = hand.x - shoulder.x
  if (!(length > 0.05)) return 20
  const thickness = 0.11 * length
  let needed = 9
  forEachVertex(vrm, (vertex, bone) => {
    const drop = shoulder.y - vertex.y
    // Between elbow and fingertips, beside the body: not the belly or the back, which are in front of and behind the arm.
    if (
      !TRUNK.test(bone) ||
      drop < 0.25 * length ||
      drop > 1.35 * length ||
      Math.abs(vertex.z - shoulder.z) > 0.12
    )
      return
    const off = Math.abs(vertex.x) - shoulder.x + thickness
    needed = Math.max(needed, (Math.atan2(off, drop) * 180) / Math.PI)
  })
  return Math.min(38, needed)
}

const TRUNK = /^(hips|spine|chest|upperChest|(left|right)UpperLeg|other)$/

/** Every few vertices of the skinned meshes at rest, in the rig's axes, with the humanoid bone they hang on most. */
const forEachVertex = (vrm: VRM, each: (vertex: Vector3, bone: string) => void) => {
  const names = new Map<Object3D, string>()
  for (const [name, bone] of Object.entries(vrm.humanoid.rawHumanBones)) names.set(bone.node, name)
  const vertex = new Vector3()
  vrm.scene.traverse((object) => {
    if (!(object instanceof SkinnedMesh)) return
    const mesh = object as SkinnedMesh
    const joints = mesh.geometry.getAttribute('skinIndex')
    const weights = mesh.geometry.getAttribute('skinWeight')
    // Hair hangs on bones of its own below the head: found by walking up to the first humanoid bone.
    const owners = mesh.skeleton.bones.map((bone) => {
      for (let node: Object3D | null = bone; node; node = node.parent) {
        const name = names.get(node)
        if (name)
          return name === 'head' ||
            name === 'neck' ||
            /Arm|Hand|Shoulder|Thumb|Index|Middle|Ring|Little/.test(name)
            ? 'arm or head'
            : name
      }
      return 'other'
    })
    const stride = Math.max(1, Math.floor(joints.count / 4000))
    for (let i = 0; i < joints.count; i += stride) {
      let heaviest = 0
      for (let k = 1; k < 4; k++)
        if (weights.getComponent(i, k) > weights.getComponent(i, heaviest)) heaviest = k
      ;(mesh as Mesh).getVertexPosition(i, vertex)
      mesh.localToWorld(vertex)
      each(vertex, owners[joints.getComponent(i, heaviest)] ?? 'other')
    }
  })
}
