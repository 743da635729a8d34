/** Fenn: a fox of the stage in an indigo waistcoat, with a mint bow tie, dark socks and a tail worth a second look. */

import { Atlas, flat, mixRgb, rgb, vinylMatcap } from './atlas.js'
import { OVERRIDES, performer } from './expressions.js'
import { buildFace, calmBrow, facePaint, hollow, openEye } from './face.js'
import { chunkyFingers, handSolid, roundel, wristOf } from './limbs.js'
import { assemble, occlusion, sceneOf } from './model.js'
import {
  add,
  blend,
  clamp,
  cushion,
  displaced,
  ellipsoid,
  frontOf,
  halfSpace,
  intersect,
  lathe,
  mix,
  mirrored,
  offset,
  pair,
  rotated,
  roundCone,
  smoothstep,
  solid,
  subtract,
  sweep,
  union,
} from './sdf.js'
import { humanoid } from './skeleton.js'
import { bodyWeights, footWeights, handWeights, legWeights, mixed, rigid, strandWeights } from './skin.js'

/** @typedef {import('./sdf.js').Vec3} Vec3 */
/** @typedef {import('./sdf.js').Solid} Solid */
/** @typedef {import('./model.js').Part} Part */
/** @typedef {import('./skeleton.js').Proportions} Proportions */

/** @type {Proportions} */
const P = {
  hips: 0.6,
  spine: 0.655,
  chest: 0.72,
  upperChest: 0.785,
  neck: 0.88,
  head: 0.925,
  headDepth: 0,
  eye: [0.08, 1.06, 0.05],
  shoulderHeight: 0.835,
  shoulderWidth: 0.1,
  upperArm: 0.16,
  lowerArm: 0.155,
  legWidth: 0.074,
  legHeight: 0.58,
  knee: 0.325,
  ankle: 0.085,
  toes: [0, -0.055, 0.06],
  fingers: chunkyFingers(1.05),
}

// --- head ---------------------------------------------------------------------------------------------------------

const fluff = (
  /** @type {Vec3} */ root,
  /** @type {Vec3} */ middle,
  /** @type {Vec3} */ tip,
  /** @type {number} */ width,
) =>
  sweep(
    [
      { at: root, width: width * 0.9, thick: width * 0.8 },
      { at: middle, width, thick: width * 0.8 },
      { at: tip, width: 0.004, thick: 0.004 },
    ],
    () => [0, 0.2, 1],
    7,
  )

const cheekFluff = union(
  fluff([0.1, 1.035, 0.03], [0.165, 1.028, 0.022], [0.232, 1.036, 0.0], 0.035),
  fluff([0.095, 1.008, 0.03], [0.145, 0.994, 0.022], [0.2, 0.982, 0.004], 0.034),
)

const bareHead = blend(
  0.055,
  blend(
    0.09,
    ellipsoid([0, 1.108, -0.006], [0.172, 0.15, 0.152]),
    ellipsoid([0, 1.016, 0.026], [0.124, 0.076, 0.112]),
  ),
  blend(0.018, pair(ellipsoid([0.092, 1.022, 0.038], [0.074, 0.056, 0.076]), 0.03), pair(cheekFluff)),
  ellipsoid([0, 1.004, 0.128], [0.068, 0.048, 0.068]),
)

const nose = blend(
  0.012,
  ellipsoid([0, 1.0365, 0.181], [0.0215, 0.0125, 0.0145]),
  ellipsoid([0, 1.0275, 0.184], [0.0105, 0.01, 0.0125]),
)

/** Height of the border between the orange mask and the cream jowls, over the distance from the middle. */
const creamLine = (/** @type {number} */ x, /** @type {number} */ z) => {
  const side = Math.abs(x)
  const bridge = mix(1.038, 1.033, smoothstep(0.0, 0.02, side))
  const under = mix(bridge, 0.998, smoothstep(0.02, 0.068, side))
  const out = mix(under, 1.046, smoothstep(0.128, 0.2, side))
  return mix(0.955, out, smoothstep(-0.06, 0.03, z))
}

// --- ears ---------------------------------------------------------------------------------------------------------

const earPivot = /** @type {Vec3} */ ([0.1, 1.2, -0.012])
const earLean = /** @type {Vec3} */ ([-0.08, 0.34, -0.36])
const upright = (/** @type {[number, number, number, number, number][]} */ knots) =>
  sweep(
    knots.map(([x, y, z, width, thick]) => ({ at: add(earPivot, [x, y, z]), width, thick })),
    () => [0, 0, 1],
    5,
  )
const ear = rotated(
  subtract(
    upright([
      [0, -0.02, 0, 0.062, 0.034],
      [0.002, 0.045, 0.0, 0.066, 0.031],
      [0.004, 0.105, -0.002, 0.048, 0.024],
      [0.004, 0.155, -0.004, 0.02, 0.014],
      [0.003, 0.184, -0.006, 0.004, 0.004],
    ]),
    upright([
      [0, 0.0, 0.034, 0.04, 0.024],
      [0.002, 0.045, 0.031, 0.045, 0.021],
      [0.004, 0.095, 0.024, 0.031, 0.016],
      [0.004, 0.14, 0.014, 0.007, 0.006],
    ]),
    0.008,
  ),
  earPivot,
  earLean,
)
const earPad = rotated(
  upright([
    [0, 0.0, 0.012, 0.038, 0.012],
    [0.002, 0.045, 0.012, 0.042, 0.011],
    [0.004, 0.095, 0.01, 0.029, 0.009],
    [0.004, 0.135, 0.006, 0.006, 0.004],
  ]),
  earPivot,
  earLean,
)
/** Where a point of the upright ear ends up. @param {Vec3} p @returns {Vec3} */
const onEar = (p) => {
  const probe = rotated(ellipsoid(add(earPivot, p), [1e-4, 1e-4, 1e-4]), earPivot, earLean)
  return /** @type {Vec3} */ (probe.min.map((v, i) => (v + probe.max[i]) / 2))
}

/** A tuft that falls from between the ears onto the forehead. */
const tuft = (/** @type {[number, number, number, number][]} */ knots) =>
  sweep(
    knots.map(([x, y, z, w]) => ({ at: [x, y, z], width: w, thick: w * 0.72 })),
    (p) => [p[0] * 0.5, p[1] - 1.1, p[2]],
    6,
  )
const forelock = blend(
  0.005,
  tuft([
    [-0.03, 1.246, 0.0, 0.018],
    [-0.012, 1.27, 0.045, 0.026],
    [0.026, 1.26, 0.096, 0.02],
    [0.062, 1.228, 0.122, 0.004],
  ]),
  tuft([
    [-0.036, 1.244, 0.0, 0.018],
    [-0.046, 1.264, 0.045, 0.025],
    [-0.03, 1.25, 0.1, 0.02],
    [0.004, 1.218, 0.14, 0.004],
  ]),
  tuft([
    [-0.04, 1.24, 0.0, 0.017],
    [-0.072, 1.25, 0.036, 0.021],
    [-0.078, 1.234, 0.078, 0.016],
    [-0.056, 1.206, 0.118, 0.004],
  ]),
  tuft([
    [-0.014, 1.242, -0.012, 0.018],
    [0.006, 1.284, -0.008, 0.02],
    [0.036, 1.306, 0.006, 0.014],
    [0.066, 1.3, 0.02, 0.004],
  ]),
)

// --- body ---------------------------------------------------------------------------------------------------------

const L = P.legWidth
const shoulderAt = /** @type {Vec3} */ ([P.shoulderWidth, P.shoulderHeight, 0])
const elbowAt = add(shoulderAt, [P.upperArm, 0, 0])
const wristAt = wristOf(P)

const torso = lathe(
  [0, 0, 0],
  [
    { y: 0.53, r: 0.07 },
    { y: 0.56, r: 0.112 },
    { y: 0.61, r: 0.13 },
    { y: 0.67, r: 0.126 },
    { y: 0.74, r: 0.113 },
    { y: 0.8, r: 0.1 },
    { y: 0.845, r: 0.082 },
    { y: 0.88, r: 0.058 },
    { y: 0.93, r: 0.05 },
  ],
  0.87,
)
const arm = blend(
  0.02,
  roundCone([0.07, P.shoulderHeight, 0], elbowAt, 0.049, 0.041),
  roundCone(elbowAt, add(wristAt, [0.0, 0, 0]), 0.041, 0.033),
)
const leg = blend(
  0.025,
  roundCone([L, 0.5, 0.002], [L, P.knee, 0.004], 0.056, 0.05),
  roundCone([L, P.knee, 0.004], [L, 0.1, -0.006], 0.05, 0.042),
)
const paw = blend(
  0.007,
  intersect(
    blend(
      0.04,
      ellipsoid([L, 0.05, -0.012], [0.052, 0.055, 0.058]),
      ellipsoid([L + 0.002, 0.042, 0.05], [0.062, 0.046, 0.07]),
    ),
    halfSpace([0, 0.0, 0], [0, -1, 0]),
    0.014,
  ),
  ...[-1, 0, 1].map((i) =>
    intersect(
      ellipsoid([L + 0.002 + i * 0.0385, 0.03, 0.106 - Math.abs(i) * 0.016], [0.0225, 0.031, 0.034]),
      halfSpace([0, 0.0, 0], [0, -1, 0]),
      0.012,
    ),
  ),
)
const upperBody = blend(0.035, torso, arm, mirrored(arm))

/**
 * Puffed shorts: each leg is a solid of its own that reaches over the middle, so that the crotch never tears.
 */
const shortsLeg = blend(
  0.03,
  lathe(
    [L, 0, 0],
    [
      { y: 0.408, r: 0.058 },
      { y: 0.425, r: 0.074 },
      { y: 0.47, r: 0.084 },
      { y: 0.53, r: 0.082 },
      { y: 0.575, r: 0.066 },
      { y: 0.61, r: 0.03 },
    ],
    1.12,
  ),
  intersect(offset(torso, 0.0065), halfSpace([0, 0.645, 0], [0, 1, 0]), 0.01),
)
const leftShorts = intersect(shortsLeg, halfSpace([-0.012, 0, 0], [-1, 0, 0]), 0.012)
const shortsCuff = lathe(
  [L, 0, 0],
  [
    { y: 0.391, r: 0.058 },
    { y: 0.396, r: 0.0655 },
    { y: 0.411, r: 0.0665 },
    { y: 0.418, r: 0.058 },
  ],
  1.1,
)

/** Zigzag of a sock's edge. @param {number} angle @param {number} points */
const zigzag = (angle, points) =>
  Math.abs((((((angle / (2 * Math.PI)) * points) % 1) + 1) % 1) - 0.5) * 2 - 0.5

/** Cream front, orange coat, dark socks: one ramp, with the borders at 0.25 and 0.75. @param {Vec3} p */
function bodyTone(p) {
  const x = Math.abs(p[0])
  // A bib that narrows towards the belly.
  const bib =
    p[2] > 0 ? x - mix(0.03, 0.075, smoothstep(0.62, 0.86, p[1])) + smoothstep(0.62, 0.57, p[1]) * 0.1 : 0.1
  const onTrunk = smoothstep(0.15, 0.13, x)
  const cream = mix(0.1, bib, onTrunk)
  const legAngle = Math.atan2(x - L, p[2])
  const sock = x < 0.16 && p[1] < 0.5 ? p[1] - (0.235 + 0.022 * zigzag(legAngle, 7)) : 0.1
  const armAngle = Math.atan2(p[1] - P.shoulderHeight, p[2])
  const glove = x > 0.16 ? elbowAt[0] + 0.055 + 0.016 * zigzag(armAngle, 6) - x : 0.1
  const dark = Math.min(sock, glove)
  if (dark < 0.05) return clamp(0.75 - dark * 5, 0.5, 1)
  return clamp(0.25 + cream * 5, 0, 0.5)
}

// --- clothes ------------------------------------------------------------------------------------------------------

/** The waistcoat is cut from a shell around the trunk: a V in front, armholes, and two points at the hem. */
const vestShell = offset(
  blend(
    0.06,
    torso,
    pair(roundCone([0.04, P.shoulderHeight + 0.004, 0], [0.1, P.shoulderHeight, 0], 0.05, 0.05)),
  ),
  0.0135,
)
const vest = (() => {
  const keep = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ z) => {
    const side = Math.abs(x)
    const neckline = z > 0 ? Math.max((y - 0.722) * 0.4 - side, -z) * 0.92 : -1
    const hem = 0.588 - 0.034 * Math.exp(-(((side - 0.042) / 0.034) ** 2)) * smoothstep(0, 0.06, z) - y
    const neck = Math.min(0.066 - Math.hypot(x, z * 1.05), y - 0.8)
    // The armhole closes towards the waist in a curve.
    const seam = 0.094 + Math.max(0.8 - y, 0) ** 2 * 9 + Math.max(Math.abs(z) - 0.03, 0) * 0.55
    const armhole = side - seam
    return Math.max(neckline, hem, neck, armhole, y - 0.897)
  }
  const k = 0.01
  return solid(
    (x, y, z) => {
      // A groove where the fronts meet.
      const closing = z > 0 && y < 0.725 ? 0.0028 * Math.exp(-((x / 0.0032) ** 2)) : 0
      const a = vestShell.distance(x, y, z) + closing
      const b = keep(x, y, z)
      const h = Math.max(k - Math.abs(a - b), 0)
      return Math.max(a, b) + (h * h) / (4 * k)
    },
    vestShell.min,
    vestShell.max,
  )
})()
const buttons = [0.695, 0.652, 0.609].map((y) => {
  const z = frontOf(vestShell, 0, y)
  const lean = Math.atan2(frontOf(vestShell, 0, y + 0.01) - z, 0.01)
  return roundel([0, y, z + 0.0025], 0.0128, 0.0066, [Math.PI / 2 + lean, 0, 0])
})
const vestPocket = intersect(
  offset(vest, 0.006),
  rotated(cushion([0.07, 0.655, 0.1], [0.03, 0.0095, 0.06], 4), [0.07, 0.655, 0.1], [0, 0.5, 0.12]),
  0.005,
)

const bowAt = /** @type {Vec3} */ ([0, 0.886, 0.09])
const bowLobe = sweep(
  [
    { at: add(bowAt, [0.006, 0, 0]), width: 0.012, thick: 0.011 },
    { at: add(bowAt, [0.034, 0.003, 0.001]), width: 0.0275, thick: 0.0165 },
    { at: add(bowAt, [0.062, 0.004, -0.008]), width: 0.036, thick: 0.0145 },
    { at: add(bowAt, [0.074, 0.004, -0.013]), width: 0.034, thick: 0.009 },
  ],
  () => [0.1, 0, 1],
  5,
)
const bowKnot = cushion(add(bowAt, [0, 0, 0.005]), [0.0155, 0.0175, 0.0145], 2.6)
/** A ruff of fur around the neck. */
const ruff = blend(
  0.012,
  lathe(
    [0, 0, 0],
    [
      { y: 0.862, r: 0.05 },
      { y: 0.885, r: 0.066 },
      { y: 0.915, r: 0.068 },
      { y: 0.945, r: 0.06 },
    ],
    0.95,
  ),
  ...Array.from({ length: 11 }, (_, i) => {
    const a = ((i + 0.5) / 11) * Math.PI * 2
    const at = (/** @type {number} */ r, /** @type {number} */ y) =>
      /** @type {Vec3} */ ([Math.sin(a) * r, y, Math.cos(a) * r * 0.95])
    return sweep(
      [
        { at: at(0.05, 0.93), width: 0.017, thick: 0.014 },
        { at: at(0.072, 0.9), width: 0.023, thick: 0.017 },
        { at: at(0.1, 0.862 - (i % 2) * 0.008), width: 0.006, thick: 0.006 },
      ],
      (p) => [p[0], 0.4, p[2]],
      6,
    )
  }),
)

const bib = union(
  fluff([0, 0.85, 0.055], [0.0, 0.8, 0.098], [0.004, 0.738, 0.108], 0.026),
  fluff([0.02, 0.855, 0.05], [0.03, 0.815, 0.088], [0.042, 0.772, 0.098], 0.02),
  fluff([-0.02, 0.855, 0.05], [-0.03, 0.815, 0.088], [-0.042, 0.772, 0.098], 0.02),
)

// --- tail ---------------------------------------------------------------------------------------------------------

/** @type {[number, number, number, number][]} x, y, z, radius */
const tailLine = [
  [0, 0.612, -0.085, 0.028],
  [0.012, 0.575, -0.165, 0.042],
  [0.045, 0.57, -0.25, 0.07],
  [0.1, 0.625, -0.315, 0.095],
  [0.15, 0.72, -0.33, 0.104],
  [0.178, 0.82, -0.31, 0.088],
  [0.172, 0.9, -0.285, 0.05],
  [0.15, 0.95, -0.265, 0.006],
]
const tail = displaced(
  sweep(
    tailLine.map(([x, y, z, r]) => ({ at: /** @type {Vec3} */ ([x, y, z]), width: r, thick: r * 0.92 })),
    () => [1, 0, 0],
    5,
  ),
  (x, y, z) => Math.sin(Math.atan2(z + 0.3, x - 0.12) * 5 + y * 26) * 0.0032 * smoothstep(0.58, 0.66, y),
  0.004,
)

// --- paint --------------------------------------------------------------------------------------------------------

const ORANGE = { lit: '#ff9440', shade: '#dd5334' }
const CREAM = { lit: '#fff3df', shade: '#efbfa2' }
const COCOA = { lit: '#54333f', shade: '#33203a' }
const FUR_GLOSS = { gloss: 0.1, occlusion: 0.6 }

const ramps = {
  // The head, and the patches of the face printed on it: the far ends are see-through, for the rims of the patches.
  mask: {
    stops: [
      { at: 0.22, ...CREAM, alpha: 0 },
      { at: 0.28, ...CREAM },
      { at: 0.494, ...CREAM },
      { at: 0.506, ...ORANGE },
      { at: 0.72, ...ORANGE },
      { at: 0.78, ...ORANGE, alpha: 0 },
    ],
    ...FUR_GLOSS,
    occlusion: 0.5,
  },
  body: {
    stops: [
      { at: 0.244, ...CREAM },
      { at: 0.256, ...ORANGE },
      { at: 0.744, ...ORANGE },
      { at: 0.756, ...COCOA },
    ],
    ...FUR_GLOSS,
  },
  tail: {
    stops: [
      { at: 0.494, ...ORANGE },
      { at: 0.506, ...CREAM },
    ],
    ...FUR_GLOSS,
  },
  ear: {
    stops: [
      { at: 0.494, ...ORANGE },
      { at: 0.506, ...COCOA },
    ],
    ...FUR_GLOSS,
  },
  orange: flat(ORANGE.lit, ORANGE.shade, FUR_GLOSS),
  cream: flat(CREAM.lit, CREAM.shade, FUR_GLOSS),
  earPad: flat('#ffd9c2', '#f09a8c', { gloss: 0.05, occlusion: 0.4 }),
  cocoa: flat(COCOA.lit, COCOA.shade, { gloss: 0.2, occlusion: 0.6 }),
  nose: flat('#3a2230', '#24142a', { gloss: 0.9, occlusion: 0.4 }),
  vest: flat('#1f9389', '#145c78', { gloss: 0.16, occlusion: 0.75 }),
  pocket: flat('#41b8a4', '#1f7a8c', { gloss: 0.16, occlusion: 0.75 }),
  shorts: flat('#45429a', '#2b2370', { gloss: 0.12, occlusion: 0.75 }),
  shortsCuff: flat('#5d5abc', '#38308a', { gloss: 0.12, occlusion: 0.75 }),
  gold: flat('#ffcb4a', '#e07f2c', { gloss: 0.8, occlusion: 0.5 }),
  bow: flat('#ffc83d', '#ea8430', { gloss: 0.3, occlusion: 0.75 }),
  white: flat('#fffaf2', '#d8c6dc', { gloss: 0 }),
  lash: flat('#3a202c', '#261226', { gloss: 0 }),
  line: flat('#5a2c34', '#3c1a30', { gloss: 0 }),
  brow: flat(COCOA.lit, COCOA.shade, { gloss: 0 }),
  mouth: flat('#7a2036', '#521432', { gloss: 0 }),
  tongue: flat('#f87f8c', '#cc567c', { gloss: 0 }),
  teeth: flat('#fffdf8', '#d8cbe4', { gloss: 0 }),
}

const ease = smoothstep
const prints = {
  iris: {
    size: 160,
    paint: (/** @type {number} */ u, /** @type {number} */ v) => {
      const r = Math.hypot(u, v)
      let c = mixRgb(rgb('#1e4a3a'), rgb('#3f9a4d'), ease(0.6, -0.15, v))
      c = mixRgb(c, rgb('#b6d85a'), ease(0.15, -0.9, v))
      c = mixRgb(c, rgb('#f4f7a8'), ease(0.75, 0.2, Math.hypot(u / 0.62, (v + 0.54) / 0.3)) * 0.8)
      c = mixRgb(c, rgb('#1c1a26'), ease(0.5, 0.43, Math.hypot(u / 0.86, v - 0.03)))
      c = mixRgb(c, rgb('#2a2430'), ease(0.8, 0.94, r))
      return { lit: c, shade: mixRgb(c, rgb('#2a1640'), 0.22), alpha: 1 }
    },
  },
  glint: { size: 8, paint: () => ({ lit: rgb('#ffffff'), shade: rgb('#f6eeff'), alpha: 1 }) },
  blush: {
    size: 64,
    paint: (/** @type {number} */ u, /** @type {number} */ v) => ({
      lit: rgb('#ff8d7c'),
      shade: rgb('#e3697a'),
      alpha: 0.55 * ease(1, 0.05, Math.hypot(u, v)),
    }),
  },
  lidShade: {
    size: 32,
    paint: (/** @type {number} */ _u, /** @type {number} */ v) => ({
      lit: rgb('#5a3a5a'),
      shade: rgb('#402850'),
      alpha: 0.5 * ease(-1, 0.6, v),
    }),
  },
}

// --- expressions --------------------------------------------------------------------------------------------------

const expressions = performer({
  happy: {
    y: 0.9945,
    width: 0.034,
    smile: 0.011,
    cat: 0.004,
    up: 0,
    down: 0.0125,
    square: 2.2,
    teeth: 0.004,
    tongue: 0.008,
  },
  angry: { width: 0.023, smile: -0.006, cat: 0.003 },
  sad: { y: 0.9885, width: 0.021, smile: -0.008, cat: 0.002 },
  relaxed: { width: 0.03, smile: 0.0085, cat: 0.006 },
  surprised: {
    y: 0.991,
    width: 0.019,
    smile: 0.002,
    cat: 0.0025,
    up: 0.0065,
    down: 0.009,
    square: 2,
    tongue: 0.003,
  },
  aa: {
    width: 0.0255,
    smile: 0.004,
    cat: 0.004,
    up: 0.003,
    down: 0.0202,
    square: 2.3,
    teeth: 0.004,
    tongue: 0.01,
  },
  ih: { width: 0.027, smile: 0.005, cat: 0.004, up: 0.001, down: 0.009, square: 2.6, teeth: 0.005 },
  ou: { y: 0.9915, width: 0.0115, smile: 0.002, cat: 0.0025, up: 0.0075, down: 0.009, square: 2 },
  ee: {
    width: 0.033,
    smile: 0.007,
    cat: 0.004,
    up: 0.001,
    down: 0.012,
    square: 2.8,
    teeth: 0.007,
    tongue: 0.003,
  },
  oh: {
    y: 0.9875,
    width: 0.017,
    smile: 0.002,
    cat: 0.0025,
    up: 0.012,
    down: 0.0135,
    square: 2,
    tongue: 0.006,
  },
})

/** @param {(line: string) => void} log @returns {import('./vrm.js').Character} */
export function fenn(log) {
  const skeleton = humanoid(P)
  const head = 'head'
  const earPoints = [onEar([0, 0.02, 0]), onEar([0.003, 0.1, 0]), onEar([0.003, 0.184, -0.005])]
  const chains = {
    earLeft: skeleton.chain('EarLeft', head, earPoints),
    earRight: skeleton.chain(
      'EarRight',
      head,
      earPoints.map(([x, y, z]) => [-x, y, z]),
    ),
    tail: skeleton.chain(
      'Tail',
      'hips',
      tailLine.filter((_, i) => i !== 6).map(([x, y, z]) => [x, y, z]),
    ),
    forelock: skeleton.chain('Forelock', head, [
      [-0.024, 1.25, 0.0],
      [-0.024, 1.264, 0.055],
      [0.016, 1.236, 0.125],
    ]),
    bowLeft: skeleton.chain('BowLeft', 'upperChest', [
      add(bowAt, [0.008, 0, 0]),
      add(bowAt, [0.07, 0, -0.01]),
    ]),
    bowRight: skeleton.chain('BowRight', 'upperChest', [
      add(bowAt, [-0.008, 0, 0]),
      add(bowAt, [-0.07, 0, -0.01]),
    ]),
  }
  const body = bodyWeights(P, { shoulderSoft: 0.05, elbowSoft: 0.038, hipSoft: 0.06 })

  /** @type {import('./face.js').FaceDesign} */
  const faceDesign = {
    surface: bareHead,
    lift: 0.0018,
    eye: {
      x: 0.083,
      y: 1.058,
      width: 0.0375,
      up: 0.0415,
      down: 0.039,
      tilt: 0.003,
      round: 2.25,
      iris: [0.0335, 0.0415],
      irisAt: [0.0015, 0.003],
      travel: [0.0125, 0.008, 0.0125],
      margin: 0.0175,
      glints: [
        { at: [-0.3, 0.36], size: [0.32, 0.29] },
        { at: [0.36, -0.44], size: [0.16, 0.14] },
      ],
      lash: [0.002, 0.0056],
      wing: 0.007,
      shut: -0.013,
      sag: 0.011,
      crease: false,
    },
    brow: { x: 0.07, y: 1.128, width: 0.0155, arch: 0.0045, slope: -0.0005, thick: [0.0048, 0.0058, 0.0042] },
    mouth: { line: 0.0019, philtrum: 1.0215, fangs: 1.1, field: { width: 0.0445, up: 0.018, down: 0.0415 } },
    blush: { x: 0.115, y: 0.989, size: [0.026, 0.015] },
    rest: {
      eyes: { left: openEye(), right: openEye() },
      brows: { left: calmBrow(), right: calmBrow() },
      mouth: {
        x: 0,
        y: 0.995,
        width: 0.0265,
        smile: 0.0055,
        cat: 0.0055,
        up: 0,
        down: 0,
        square: 2,
        teeth: 0,
        tongue: 0,
      },
      blush: { size: 1, up: 0 },
    },
    expressions,
  }
  const headSolid = displaced(bareHead, (x, y, z) => -hollow(faceDesign, 0.0022)(x, y, z), 0)
  /** Position on the mask ramp: below 0.5 is cream. */
  const maskTone = (/** @type {Vec3} */ p) => 0.5 + clamp((p[1] - creamLine(p[0], p[2])) / 0.035, -1, 1) * 0.2

  const inside =
    (/** @type {Solid} */ s, /** @type {number} */ by) =>
    (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ z) =>
      s.distance(x, y, z) < -by
  const bowWeights = mixed(rigid('upperChest'), rigid('neck'), (p) => smoothstep(0.86, 0.9, p[1]) * 0.4)
  const legs = legWeights(P)
  const tailWeights = strandWeights(skeleton, 'hips', chains.tail, 0.035)
  const tailTone = (/** @type {Vec3} */ p) => {
    const angle = Math.atan2(p[2] + 0.3, p[0] - 0.165)
    return 0.5 + clamp((p[1] - (0.815 + 0.034 * zigzag(angle, 5))) / 0.12, -1, 1) * 0.5
  }

  /** @type {Part[]} */
  const parts = [
    {
      name: 'head',
      solid: headSolid,
      cell: 0.006,
      vertices: 1280,
      ramp: 'mask',
      along: maskTone,
      weights: rigid(head),
    },
    {
      name: 'nose',
      solid: nose,
      cell: 0.003,
      vertices: 170,
      ramp: 'nose',
      weights: rigid(head),
      shadeless: true,
    },
    {
      name: 'ear',
      solid: ear,
      cell: 0.0055,
      vertices: 420,
      ramp: 'ear',
      along: (p) => {
        const t = (p[1] - onEar([0, 0.105, 0])[1]) / 0.08 + 0.16 * zigzag(p[0] * 90, 1)
        return 0.5 + clamp(t, -1, 1) * 0.4
      },
      weights: strandWeights(skeleton, head, chains.earLeft, 0.025),
      mirror: true,
      hidden: inside(bareHead, 0.008),
    },
    {
      name: 'ear pad',
      solid: earPad,
      cell: 0.005,
      vertices: 110,
      ramp: 'earPad',
      weights: strandWeights(skeleton, head, chains.earLeft, 0.025),
      mirror: true,
      hidden: (x, y, z) => ear.distance(x, y, z) < -0.003 || bareHead.distance(x, y, z) < -0.004,
    },
    {
      name: 'forelock',
      solid: forelock,
      cell: 0.0045,
      vertices: 380,
      ramp: 'orange',
      weights: strandWeights(skeleton, head, chains.forelock, 0.03),
      hidden: inside(bareHead, 0.006),
    },
    {
      name: 'body',
      solid: upperBody,
      cell: 0.0065,
      vertices: 1150,
      ramp: 'body',
      along: bodyTone,
      weights: body,
      hidden: (x, y, z) => vest.distance(x, y, z) < -0.006 || bareHead.distance(x, y, z) < -0.012 || y < 0.58,
    },
    {
      name: 'leg',
      solid: leg,
      cell: 0.0065,
      vertices: 300,
      ramp: 'body',
      along: bodyTone,
      weights: legs,
      mirror: true,
      hidden: (x, y, z) => y > 0.425 || paw.distance(x, y, z) < -0.01,
    },
    {
      name: 'shorts',
      solid: leftShorts,
      cell: 0.0075,
      vertices: 480,
      ramp: 'shorts',
      weights: legs,
      mirror: true,
      hidden: (x, y, z) => vest.distance(x, y, z) < -0.014,
    },
    {
      name: 'cuff',
      solid: shortsCuff,
      cell: 0.005,
      vertices: 200,
      ramp: 'shortsCuff',
      weights: legs,
      mirror: true,
    },
    {
      name: 'hand',
      solid: handSolid(P, 1.05, 0.03, 0.03),
      cell: 0.0035,
      vertices: 510,
      ramp: 'cocoa',
      weights: handWeights(P),
      mirror: true,
      hidden: inside(arm, 0.005),
    },
    {
      name: 'paw',
      solid: paw,
      cell: 0.006,
      vertices: 440,
      ramp: 'cocoa',
      weights: footWeights(P),
      mirror: true,
    },
    {
      name: 'vest',
      solid: vest,
      cell: 0.0045,
      vertices: 1400,
      ramp: 'vest',
      weights: body,
      hidden: inside(upperBody, 0.004),
    },
    ...buttons.map((s, i) => ({
      name: `button ${i}`,
      solid: s,
      cell: 0.0026,
      vertices: 90,
      ramp: 'gold',
      weights: body,
      hidden: inside(vest, 0.002),
    })),
    {
      name: 'pocket',
      solid: vestPocket,
      cell: 0.004,
      vertices: 90,
      ramp: 'pocket',
      weights: body,
      mirror: true,
      hidden: inside(vest, 0.003),
    },
    {
      name: 'ruff',
      solid: ruff,
      cell: 0.0055,
      vertices: 480,
      ramp: 'cream',
      weights: mixed(rigid('upperChest'), rigid('neck'), (p) => smoothstep(0.87, 0.93, p[1]) * 0.7),
      hidden: inside(bareHead, 0.01),
    },
    {
      name: 'bow',
      solid: bowLobe,
      cell: 0.0045,
      vertices: 200,
      ramp: 'bow',
      weights: strandWeights(skeleton, 'upperChest', chains.bowLeft, 0.01),
      mirror: true,
    },
    { name: 'knot', solid: bowKnot, cell: 0.004, vertices: 90, ramp: 'bow', weights: bowWeights },
    {
      name: 'bib',
      solid: bib,
      cell: 0.0055,
      vertices: 300,
      ramp: 'cream',
      weights: body,
      hidden: (x, y, z) => vest.distance(x, y, z) < -0.006 || torso.distance(x, y, z) < -0.008,
    },
    {
      name: 'tail',
      solid: tail,
      cell: 0.009,
      vertices: 720,
      ramp: 'tail',
      along: tailTone,
      weights: tailWeights,
    },
  ]

  const atlas = new Atlas(ramps, prints)
  const open = occlusion(sceneOf(parts))
  const mesh = assemble(parts, atlas, open, log)

  const face = buildFace(
    faceDesign,
    facePaint(atlas, (p, n, { lit, fade }) => {
      const tone = maskTone(p)
      const at = fade ? (tone < 0.5 ? 0.14 : 0.86) : tone
      return atlas.at('mask', at, mix(open(p, n), 1, lit))
    }),
  )
  log(`face: ${face.positions.length}`)

  return {
    id: 'fenn',
    title: 'Fenn',
    skeleton,
    body: mesh,
    face,
    textures: { ...atlas.encode(), matcap: vinylMatcap() },
    outline: { width: 0.0018, colour: [0.34, 0.17, 0.2] },
    overrides: OVERRIDES,
    eyesAt: [0, faceDesign.eye.y, 0.14],
    gaze: { horizontal: 28, up: 20, down: 22 },
    toon: { shift: -0.05, toony: 0.6, rim: [0.95, 0.9, 1], rimPower: 3.5 },
    springs: [
      ...['earLeft', 'earRight'].map((k) => ({
        name: k[0].toUpperCase() + k.slice(1),
        joints: chains[/** @type {keyof typeof chains} */ (k)],
        stiffness: 2.2,
        drag: 0.35,
        gravity: 0,
        hitRadius: 0.02,
        collides: [],
      })),
      {
        name: 'Tail',
        joints: chains.tail,
        stiffness: 1.5,
        drag: 0.32,
        gravity: 0.05,
        hitRadius: 0.06,
        collides: ['Body'],
      },
      {
        name: 'Forelock',
        joints: chains.forelock,
        stiffness: 1.8,
        drag: 0.35,
        gravity: 0,
        hitRadius: 0.01,
        collides: [],
      },
      {
        name: 'BowLeft',
        joints: chains.bowLeft,
        stiffness: 1.4,
        drag: 0.4,
        gravity: 0,
        hitRadius: 0.01,
        collides: [],
      },
      {
        name: 'BowRight',
        joints: chains.bowRight,
        stiffness: 1.4,
        drag: 0.4,
        gravity: 0,
        hitRadius: 0.01,
        collides: [],
      },
    ],
    follows: [],
    colliders: {
      Body: [
        { node: 'hips', offset: [0, 0.02, 0], radius: 0.12 },
        { node: 'chest', offset: [0, 0, 0], radius: 0.11, tail: [0, 0.1, 0] },
        { node: 'leftUpperLeg', offset: [0, 0, 0], radius: 0.07, tail: [0, -0.2, 0] },
        { node: 'rightUpperLeg', offset: [0, 0, 0], radius: 0.07, tail: [0, -0.2, 0] },
      ],
    },
    thumbnail: null,
  }
}
