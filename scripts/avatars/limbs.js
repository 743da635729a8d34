/** What the characters share: hands with real fingers, buttons and other turned pieces. */

import { add, blend, cushion, lathe, lerp3, rotated, roundCone } from './sdf.js'
import { fingerJoints } from './skeleton.js'

/** @typedef {import('./sdf.js').Vec3} Vec3 */
/** @typedef {import('./sdf.js').Solid} Solid */
/** @typedef {import('./skeleton.js').Finger} Finger */
/** @typedef {import('./skeleton.js').Proportions} Proportions */

/**
 * Chunky fingers for a left hand of the given size; they fan out a little so that they stay separate solids.
 * @param {number} size 1 is a hand of 10 cm
 * @returns {Finger[]}
 */
export function chunkyFingers(size) {
  /** @type {[string, number, number, number, number][]} name, z, fan, length, radius */
  const rows = [
    ['Index', 0.0285, 0.13, 0.045, 0.0102],
    ['Middle', 0.0085, 0.035, 0.049, 0.0105],
    ['Ring', -0.0118, -0.06, 0.045, 0.0102],
    ['Little', -0.0305, -0.17, 0.037, 0.0094],
  ]
  /** @type {Finger[]} */
  const fingers = rows.map(([name, z, fan, length, r]) => ({
    name,
    base: /** @type {Vec3} */ ([0.052 * size, 0, z * size]),
    direction: /** @type {Vec3} */ ([1, 0, fan]),
    lengths: /** @type {[number, number, number]} */ ([0.4, 0.33, 0.27].map((s) => s * length * size)),
    radius: /** @type {[number, number]} */ ([r * size, r * 0.9 * size]),
  }))
  fingers.push({
    name: 'Thumb',
    base: [0.013 * size, -0.006 * size, 0.026 * size],
    direction: [0.66, -0.12, 0.74],
    lengths: [0.022 * size, 0.0185 * size, 0.0165 * size],
    radius: [0.0128 * size, 0.0106 * size],
  })
  return fingers
}

/** @param {Proportions} p @returns {Vec3} */
export const wristOf = (p) => [p.shoulderWidth + p.upperArm + p.lowerArm, p.shoulderHeight, 0]

/**
 * The left hand: a soft palm, four fingers and a thumb, with a stub of forearm to disappear into the sleeve.
 * @param {Proportions} p
 * @param {number} size
 * @param {number} stub length of the forearm stub
 * @param {number} [stubRadius]
 * @returns {Solid}
 */
export function handSolid(p, size, stub, stubRadius = 0.021) {
  const wrist = wristOf(p)
  const at = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ z) =>
    add(wrist, [x * size, y * size, z * size])
  const fingers = p.fingers.map((f) => {
    const j = fingerJoints(f, wrist)
    const tip = lerp3(j[2], j[3], 0.55)
    return roundCone(j[0], tip, f.radius[0], f.radius[1])
  })
  const thumb = fingers.pop()
  const palm = blend(
    0.02 * size,
    cushion(at(0.032, 0.001, 0), [0.034 * size, 0.0165 * size, 0.041 * size], 2.6),
    roundCone(at(-stub / size, 0, 0), at(0.012, 0, 0), stubRadius, 0.022 * size),
  )
  const hand = blend(0.0055 * size, palm, ...fingers)
  return blend(0.013 * size, hand, /** @type {Solid} */ (thumb))
}

/**
 * A round button or dial: a disc with a soft edge whose axis starts along y and is then turned.
 * @param {Vec3} at
 * @param {number} radius
 * @param {number} half half thickness
 * @param {Vec3} turn angles
 * @param {number} [dish] depth of the hollow on the front
 * @returns {Solid}
 */
export function roundel(at, radius, half, turn, dish = 0) {
  const disc = lathe(at, [
    { y: -half, r: radius * 0.8 },
    { y: -half * 0.5, r: radius * 0.98 },
    { y: 0, r: radius },
    { y: half * 0.5, r: radius * 0.97 },
    { y: half, r: radius * 0.76 },
  ])
  const { distance, min, max } = disc
  const dished = {
    min,
    max,
    distance: (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ z) => {
      const rho = Math.hypot(x - at[0], z - at[2]) / (radius * 0.62)
      const floor = at[1] + half - dish * Math.max(0, 1 - rho ** 4)
      return Math.max(distance(x, y, z), dish ? y - floor : -1)
    },
  }
  return rotated(dished, at, turn)
}
