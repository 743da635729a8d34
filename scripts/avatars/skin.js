/**
 * Skin weights. A weighting is a function from a point of the rest pose to bone shares; it is made of smooth steps
 * across the joints, as wide as the limb is thick, so that elbows and knees bend like soft vinyl and two layers of
 * clothing at the same place move together.
 */

import { fingerBones, fingerJoints, sided } from './skeleton.js'
import { clamp, dot, normalize, smoothstep, sub } from './sdf.js'

/** @typedef {import('./sdf.js').Vec3} Vec3 */
/** @typedef {import('./skeleton.js').Proportions} Proportions */
/** @typedef {Map<string, number>} Shares bone name to share; the shares add up to 1 */
/** @typedef {(p: Vec3) => Shares} Weighting */

/** Everything follows one bone. @param {string} bone @returns {Weighting} */
export const rigid = (bone) => () => new Map([[bone, 1]])

/** @param {Shares} shares @param {string} bone @param {number} amount */
const give = (shares, bone, amount) => {
  if (amount > 0) shares.set(bone, (shares.get(bone) ?? 0) + amount)
}

/**
 * A mix of two weightings.
 * @param {Weighting} a
 * @param {Weighting} b
 * @param {(p: Vec3) => number} share of b
 * @returns {Weighting}
 */
export const mixed = (a, b, share) => (p) => {
  const t = clamp(share(p))
  if (t === 0) return a(p)
  if (t === 1) return b(p)
  /** @type {Shares} */
  const out = new Map()
  for (const [bone, w] of a(p)) give(out, bone, w * (1 - t))
  for (const [bone, w] of b(p)) give(out, bone, w * t)
  return out
}

/**
 * Shares along a chain of joints: each joint hands over to the next one across a plane through it.
 * @param {{ bone: string, at: Vec3, soft: number }[]} joints `soft` is half the width of the hand-over to this joint
 * @returns {Weighting}
 */
export function along(joints) {
  return (p) => {
    /** @type {Shares} */
    const out = new Map()
    let rest = 1
    for (let i = joints.length - 1; i > 0; i--) {
      const j = joints[i]
      const axis = normalize(sub(j.at, joints[i - 1].at))
      const s = smoothstep(-j.soft, j.soft, dot(sub(p, j.at), axis))
      give(out, j.bone, rest * s)
      rest *= 1 - s
    }
    give(out, joints[0].bone, rest)
    return out
  }
}

/** Exchanges left and right in a weighting made for the left side. @param {Weighting} w @returns {Weighting} */
export const otherSide = (w) => (p) => {
  /** @type {Shares} */
  const out = new Map()
  for (const [bone, share] of w([-p[0], p[1], p[2]]))
    out.set(
      bone.replace(/left|right|Left|Right/, (s) => SWAP[/** @type {keyof SWAP} */ (s)]),
      share,
    )
  return out
}

const SWAP = { left: 'right', right: 'left', Left: 'Right', Right: 'Left' }

/**
 * The whole body: trunk by height, arms by distance along x, legs by height.
 * @param {Proportions} p
 * @param {{ shoulderSoft?: number, elbowSoft?: number, hipSoft?: number, kneeSoft?: number, sleeve?: boolean }} [soft] a
 *   `sleeve` ends on the forearm and does not follow the hand
 * @returns {Weighting}
 */
export function bodyWeights(p, soft = {}) {
  const { shoulderSoft = 0.05, elbowSoft = 0.04, hipSoft = 0.055, kneeSoft = 0.05, sleeve = false } = soft
  const trunk = along([
    { bone: 'hips', at: [0, p.hips, 0], soft: 0 },
    { bone: 'spine', at: [0, p.spine, 0], soft: 0.04 },
    { bone: 'chest', at: [0, p.chest, 0], soft: 0.04 },
    { bone: 'upperChest', at: [0, p.upperChest, 0], soft: 0.04 },
    { bone: 'neck', at: [0, p.neck, 0], soft: 0.02 },
    { bone: 'head', at: [0, p.head, 0], soft: 0.015 },
  ])
  const x0 = p.shoulderWidth
  const y0 = p.shoulderHeight
  const arm = along([
    { bone: 'leftUpperArm', at: [x0, y0, 0], soft: 0 },
    { bone: 'leftLowerArm', at: [x0 + p.upperArm, y0, 0], soft: elbowSoft },
    ...(sleeve
      ? []
      : [{ bone: 'leftHand', at: /** @type {Vec3} */ ([x0 + p.upperArm + p.lowerArm, y0, 0]), soft: 0.018 }]),
  ])
  const leg = along([
    { bone: 'leftUpperLeg', at: [p.legWidth, p.legHeight, 0], soft: 0 },
    { bone: 'leftLowerLeg', at: [p.legWidth, p.knee, 0], soft: kneeSoft },
    { bone: 'leftFoot', at: [p.legWidth, p.ankle, 0], soft: 0.03 },
  ])
  return (q) => {
    const side = q[0] >= 0 ? 'left' : 'right'
    const x = Math.abs(q[0])
    /** @type {Vec3} */
    const m = [x, q[1], q[2]]
    /** @type {Shares} */
    const out = new Map()
    // The hip: the further down and out, the more the thigh leads. Both thighs share the crotch.
    const legShare = smoothstep(p.legHeight + hipSoft * 0.8, p.legHeight - hipSoft * 1.2, q[1])
    // The shoulder: only near the height of the arm, so that a flaring coat is not taken for an arm.
    const high = smoothstep(y0 - 0.16, y0 - 0.07, q[1])
    // The hand-over leans outwards below the arm, which keeps the armpit from folding when the arm comes down.
    const reach = x - clamp(y0 - q[1], -0.03, 0.07) * 0.6
    const armShare = high * smoothstep(x0 - shoulderSoft * 0.9, x0 + shoulderSoft * 1.1, reach)
    const collar = high * smoothstep(0.015, x0, x) * 0.65
    let rest = 1
    if (armShare > 0) for (const [b, w] of arm(m)) give(out, sided(b, side), w * armShare)
    rest -= armShare
    give(out, sided('leftShoulder', side), rest * collar)
    rest *= 1 - collar
    if (legShare > 0) {
      const across = smoothstep(-0.02, 0.02, x)
      for (const [b, w] of leg(m)) {
        give(out, sided(b, side), w * legShare * rest * across)
        give(out, sided(b, side === 'left' ? 'right' : 'left'), w * legShare * rest * (1 - across))
      }
    }
    rest *= 1 - legShare
    for (const [b, w] of trunk(q)) give(out, b, w * rest)
    return out
  }
}

/**
 * A strand on a chain of spring joints; what lies before the first joint follows the root.
 * @param {import('./skeleton.js').Skeleton} skeleton
 * @param {string} root
 * @param {string[]} chain
 * @param {number} soft half the width of the hand-over
 * @returns {Weighting}
 */
export function strandWeights(skeleton, root, chain, soft) {
  const at = chain.map((n) => skeleton.at(n))
  return (p) => {
    /** @type {Shares} */
    const out = new Map()
    let rest = 1
    for (let i = chain.length - 2; i >= 0; i--) {
      const w = smoothstep(-soft, soft, dot(sub(p, at[i]), normalize(sub(at[i + 1], at[i]))))
      give(out, chain[i], rest * w)
      rest *= 1 - w
    }
    give(out, root, rest)
    return out
  }
}

/**
 * A left trouser leg: hips, thigh, shin. Unlike the weights of the whole body it never follows the other leg, wherever
 * its vertices lie, so a wide leg does not tear in a wide stance.
 * @param {Proportions} p
 * @param {{ top?: number, full?: number, kneeSoft?: number }} [how] heights where the thigh begins to lead and leads alone
 * @returns {Weighting}
 */
export function legWeights(
  p,
  { top = p.legHeight + 0.025, full = p.legHeight - 0.075, kneeSoft = 0.05 } = {},
) {
  return (q) => {
    /** @type {Shares} */
    const out = new Map()
    // The crotch hangs back a little.
    const thigh = smoothstep(top, full, q[1] + Math.max(0.03 - q[0], 0) * 0.6)
    const knee = smoothstep(p.knee + kneeSoft, p.knee - kneeSoft, q[1])
    const foot = smoothstep(p.ankle + 0.03, p.ankle - 0.03, q[1])
    give(out, 'hips', 1 - thigh)
    give(out, 'leftUpperLeg', thigh * (1 - knee))
    give(out, 'leftLowerLeg', thigh * knee * (1 - foot))
    give(out, 'leftFoot', thigh * knee * foot)
    return out
  }
}

/**
 * A left foot in its boot: the shaft follows the shin, the cap follows the toes.
 * @param {Proportions} p
 * @returns {Weighting}
 */
export function footWeights(p) {
  const toeAt = p.toes[2]
  return (q) => {
    const shin = smoothstep(p.ankle - 0.015, p.ankle + 0.055, q[1])
    const toe = smoothstep(toeAt - 0.018, toeAt + 0.022, q[2]) * (1 - shin)
    /** @type {Shares} */
    const out = new Map()
    give(out, 'leftLowerLeg', shin)
    give(out, 'leftToes', toe)
    give(out, 'leftFoot', 1 - shin - toe)
    return out
  }
}

/**
 * The left hand: every finger by its own chain, merging into the palm at the knuckles.
 * @param {Proportions} p
 * @returns {Weighting}
 */
export function handWeights(p) {
  /** @type {Vec3} */
  const wrist = [p.shoulderWidth + p.upperArm + p.lowerArm, p.shoulderHeight, 0]
  const fingers = p.fingers.map((f) => {
    const joints = fingerJoints(f, wrist)
    const bones = fingerBones(f.name)
    const dir = normalize(f.direction)
    return { f, joints, bones, dir, length: f.lengths[0] + f.lengths[1] + f.lengths[2] }
  })
  return (q) => {
    /** @type {Shares} */
    const out = new Map()
    const lower = 1 - smoothstep(wrist[0] - 0.018, wrist[0] + 0.018, q[0])
    let total = 0
    const pulls = fingers.map(({ f, joints, dir, length }) => {
      const d = sub(q, joints[0])
      const s = dot(d, dir)
      const c = clamp(s, 0, length)
      const away = Math.hypot(d[0] - dir[0] * c, d[1] - dir[1] * c, d[2] - dir[2] * c)
      const pull = Math.exp(-((Math.max(away - f.radius[0] * 0.7, 0) / 0.006) ** 2))
      total += pull
      return { pull, s }
    })
    let palm = 1
    for (const [i, { f, bones }] of fingers.entries()) {
      const { pull, s } = pulls[i]
      const share = total > 1e-9 ? (pull / total) * Math.min(1, total) : 0
      const r = f.radius[0]
      const [l0, l1] = f.lengths
      const root = f.name === 'Thumb' ? smoothstep(-0.4 * r, 1.2 * r, s) : smoothstep(-0.7 * r, 0.8 * r, s)
      const mid = smoothstep(l0 - 0.7 * r, l0 + 0.7 * r, s)
      const end = smoothstep(l0 + l1 - 0.7 * r, l0 + l1 + 0.7 * r, s)
      const w = share * root
      give(out, bones[0], w * (1 - mid))
      give(out, bones[1], w * mid * (1 - end))
      give(out, bones[2], w * mid * end)
      palm -= w
    }
    palm = Math.max(palm, 0)
    give(out, 'leftLowerArm', palm * lower)
    give(out, 'leftHand', palm * (1 - lower))
    return out
  }
}

/**
 * The four largest shares as glTF joints and weights; the weights are bytes that add up to exactly 255.
 * @param {Shares} shares
 * @param {(bone: string) => number} jointOf
 * @returns {{ joints: number[], weights: number[] }}
 */
export function packShares(shares, jointOf) {
  const top = [...shares].filter(([, w]) => w > 0.002).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  top.length = Math.min(top.length, 4)
  const sum = top.reduce((s, [, w]) => s + w, 0)
  const weights = top.map(([, w]) => Math.round((w / sum) * 255))
  weights[0] += 255 - weights.reduce((s, w) => s + w, 0)
  const joints = top.map(([b], i) => (weights[i] > 0 ? jointOf(b) : 0))
  while (joints.length < 4) {
    joints.push(0)
    weights.push(0)
  }
  return { joints, weights }
}
