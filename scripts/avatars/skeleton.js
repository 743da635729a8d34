/**
 * The skeleton: a VRM humanoid in T-pose (facing +Z, arms along X, metres, identity rotations) built from a handful of
 * proportions, plus whatever spring chains a character hangs on it. Node names of the humanoid are the VRM bone names.
 */

import { add, lerp3, normalize, scale } from './sdf.js'

/** @typedef {import('./sdf.js').Vec3} Vec3 */
/**
 * @typedef {object} Node
 * @property {string} name
 * @property {string | null} parent
 * @property {Vec3} at world position at rest
 * @property {boolean} human whether this is a VRM human bone
 */
/**
 * @typedef {object} Finger
 * @property {string} name VRM finger name without the side
 * @property {Vec3} base relative to the wrist, left hand
 * @property {Vec3} direction
 * @property {[number, number, number]} lengths of the three bones
 * @property {[number, number]} radius at the root and at the tip
 */
/**
 * @typedef {object} Proportions
 * @property {number} hips height of the hips bone
 * @property {number} spine
 * @property {number} chest
 * @property {number} upperChest
 * @property {number} neck
 * @property {number} head height of the head bone
 * @property {number} headDepth z of the head bone
 * @property {Vec3} eye left eye bone, world
 * @property {number} shoulderHeight
 * @property {number} shoulderWidth half distance between the upper-arm joints
 * @property {number} upperArm
 * @property {number} lowerArm
 * @property {number} legWidth half distance between the leg joints
 * @property {number} legHeight
 * @property {number} knee height
 * @property {number} ankle height
 * @property {Vec3} toes relative to the ankle
 * @property {Finger[]} fingers
 */

export class Skeleton {
  constructor() {
    /** @type {Node[]} */
    this.nodes = []
    /** @type {Map<string, number>} */
    this.index = new Map()
  }

  /** @param {string} name @param {string | null} parent @param {Vec3} at @param {boolean} [human] */
  add(name, parent, at, human = false) {
    if (this.index.has(name)) throw new Error(`two nodes are called ${name}`)
    if (parent !== null && !this.index.has(parent)) throw new Error(`${name} has no parent ${parent}`)
    this.index.set(name, this.nodes.length)
    this.nodes.push({ name, parent, at, human })
    return name
  }

  /** @param {string} name @returns {number} */
  of(name) {
    const i = this.index.get(name)
    if (i === undefined) throw new Error(`no node is called ${name}`)
    return i
  }

  /** @param {string} name @returns {Vec3} */
  at(name) {
    return this.nodes[this.of(name)].at
  }

  /**
   * A chain of spring joints through the given points; the last point is the tail. Returns the joint names.
   * @param {string} name
   * @param {string} parent
   * @param {Vec3[]} points
   * @returns {string[]}
   */
  chain(name, parent, points) {
    const names = []
    let above = parent
    for (const [i, p] of points.entries()) {
      const joint = i === points.length - 1 ? `${name}End` : `${name}${i + 1}`
      above = this.add(joint, above, p)
      names.push(joint)
    }
    return names
  }
}

/** @param {string} bone a left-side bone @param {'left' | 'right'} side */
export const sided = (bone, side) => (side === 'left' ? bone : bone.replace('left', 'right'))

/** @param {Vec3} p @returns {Vec3} */
export const flip = (p) => [-p[0], p[1], p[2]]

/** The bone positions of one finger, knuckle first, tip last (left hand). @param {Finger} f @param {Vec3} wrist */
export function fingerJoints(f, wrist) {
  const d = normalize(f.direction)
  /** @type {Vec3[]} */
  const joints = [add(wrist, f.base)]
  for (const l of f.lengths) joints.push(add(joints[joints.length - 1], scale(d, l)))
  return joints
}

/** @param {string} finger */
const phalanges = (finger) =>
  finger === 'Thumb' ? ['Metacarpal', 'Proximal', 'Distal'] : ['Proximal', 'Intermediate', 'Distal']

/** VRM bone names of a finger on the left. @param {string} finger */
export const fingerBones = (finger) => phalanges(finger).map((p) => `left${finger}${p}`)

/** @param {Proportions} p @returns {Skeleton} */
export function humanoid(p) {
  const s = new Skeleton()
  s.add('root', null, [0, 0, 0])
  s.add('hips', 'root', [0, p.hips, 0], true)
  s.add('spine', 'hips', [0, p.spine, 0], true)
  s.add('chest', 'spine', [0, p.chest, 0], true)
  s.add('upperChest', 'chest', [0, p.upperChest, 0], true)
  s.add('neck', 'upperChest', [0, p.neck, p.headDepth / 2], true)
  s.add('head', 'neck', [0, p.head, p.headDepth], true)
  s.add('leftEye', 'head', p.eye, true)
  s.add('rightEye', 'head', flip(p.eye), true)
  for (const side of /** @type {const} */ (['left', 'right'])) {
    const m = side === 'left' ? (/** @type {Vec3} */ v) => v : flip
    const name = (/** @type {string} */ bone) => sided(bone, side)
    const shoulder = /** @type {Vec3} */ ([p.shoulderWidth, p.shoulderHeight, 0])
    const elbow = add(shoulder, [p.upperArm, 0, 0])
    const wrist = add(elbow, [p.lowerArm, 0, 0])
    s.add(name('leftShoulder'), 'upperChest', m(lerp3([0, p.shoulderHeight, 0], shoulder, 0.28)), true)
    s.add(name('leftUpperArm'), name('leftShoulder'), m(shoulder), true)
    s.add(name('leftLowerArm'), name('leftUpperArm'), m(elbow), true)
    s.add(name('leftHand'), name('leftLowerArm'), m(wrist), true)
    for (const f of p.fingers) {
      const joints = fingerJoints(f, wrist)
      let above = name('leftHand')
      for (const [i, bone] of fingerBones(f.name).entries())
        above = s.add(name(bone), above, m(joints[i]), true)
    }
    const hip = /** @type {Vec3} */ ([p.legWidth, p.legHeight, 0])
    const ankle = /** @type {Vec3} */ ([p.legWidth, p.ankle, 0])
    s.add(name('leftUpperLeg'), 'hips', m(hip), true)
    s.add(name('leftLowerLeg'), name('leftUpperLeg'), m([p.legWidth, p.knee, 0]), true)
    s.add(name('leftFoot'), name('leftLowerLeg'), m(ankle), true)
    s.add(name('leftToes'), name('leftFoot'), m(add(ankle, p.toes)), true)
  }
  return s
}
