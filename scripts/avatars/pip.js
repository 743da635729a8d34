/** Pip: a small performer with a teal bob, a marigold raincoat, a coral scarf and rain boots. */

import { Atlas, flat, mixRgb, rgb, vinylMatcap } from './atlas.js'
import { OVERRIDES, performer } from './expressions.js'
import { buildFace, calmBrow, facePaint, hollow, openEye } from './face.js'
import { chunkyFingers, handSolid, roundel, wristOf } from './limbs.js'
import { assemble, occlusion, sceneOf } from './model.js'
import {
  add,
  blend,
  blendBy,
  clamp,
  curve,
  cushion,
  displaced,
  ellipsoid,
  frontOf,
  halfSpace,
  intersect,
  lathe,
  mirrored,
  mix,
  normalize,
  offset,
  pair,
  ring,
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
  spine: 0.66,
  chest: 0.725,
  upperChest: 0.79,
  neck: 0.885,
  head: 0.925,
  headDepth: 0,
  eye: [0.07, 1.05, 0.06],
  shoulderHeight: 0.84,
  shoulderWidth: 0.1,
  upperArm: 0.162,
  lowerArm: 0.158,
  legWidth: 0.066,
  legHeight: 0.575,
  knee: 0.325,
  ankle: 0.085,
  toes: [0, -0.055, 0.06],
  fingers: chunkyFingers(1.05),
}

// --- head ---------------------------------------------------------------------------------------------------------

const bareHead = blend(
  0.07,
  blend(
    0.09,
    ellipsoid([0, 1.115, -0.004], [0.168, 0.16, 0.16]),
    ellipsoid([0, 1.008, 0.034], [0.108, 0.072, 0.106]),
  ),
  pair(ellipsoid([0.07, 1.03, 0.05], [0.078, 0.06, 0.08]), 0.03),
  ellipsoid([0, 0.964, 0.076], [0.042, 0.034, 0.045]),
)

const nose = ellipsoid([0, 1.012, 0.158], [0.0105, 0.0085, 0.0095])

// --- hair ---------------------------------------------------------------------------------------------------------

const hairRadius = curve([
  [0.9, 0.15],
  [0.94, 0.176],
  [0.98, 0.191],
  [1.03, 0.198],
  [1.09, 0.197],
  [1.15, 0.187],
  [1.2, 0.165],
  [1.24, 0.132],
  [1.27, 0.086],
  [1.287, 0.042],
  [1.294, 0.01],
])

/** A place on the hair's envelope. @param {number} azimuth degrees, 0 is the front, 90 the left @param {number} y @param {number} out */
function onHair(azimuth, y, out) {
  const a = (azimuth * Math.PI) / 180
  const r = hairRadius(y) + out
  return /** @type {Vec3} */ ([Math.sin(a) * r, y, Math.cos(a) * r * 0.95 - 0.008])
}

/** Away from the middle of the head. @param {Vec3} p @returns {Vec3} */
const awayFromHead = (p) => normalize([p[0], (p[1] - 1.08) * 0.9, p[2]])

/**
 * A lock on the envelope.
 * @param {[number, number, number, number, number][]} knots azimuth, height, out, half width, half thickness
 * @returns {Solid}
 */
const lock = (knots) =>
  sweep(
    knots.map(([a, y, out, width, thick]) => ({ at: onHair(a, y, out), width, thick })),
    awayFromHead,
    5,
  )

/** The mass of the hair under the locks, open at the face and cut at the nape. */
const cap = subtract(
  intersect(
    lathe(
      [0, 0, -0.008],
      [0.93, 0.96, 1.0, 1.05, 1.1, 1.15, 1.2, 1.24, 1.27, 1.289].map((y) => ({
        y,
        r: hairRadius(y) - 0.008,
      })),
      0.95,
    ),
    union(halfSpace([0, 1.08, 0], [0, -1, 0]), halfSpace([0, 0, -0.01], [0, -0.25, 1])),
    0.03,
  ),
  ellipsoid([0, 0.985, 0.15], [0.215, 0.215, 0.175]),
  0.02,
)

const fringe = [
  // From the parting over the left eye, swept to the right.
  lock([
    [30, 1.278, -0.014, 0.022, 0.016],
    [20, 1.232, 0.002, 0.04, 0.021],
    [8, 1.175, 0.006, 0.039, 0.02],
    [-2, 1.125, 0.003, 0.022, 0.015],
    [-7, 1.093, -0.003, 0.002, 0.004],
  ]),
  lock([
    [16, 1.284, -0.014, 0.022, 0.016],
    [-8, 1.238, 0.005, 0.042, 0.022],
    [-21, 1.18, 0.009, 0.04, 0.021],
    [-30, 1.136, 0.005, 0.022, 0.015],
    [-37, 1.11, -0.001, 0.002, 0.004],
  ]),
  lock([
    [0, 1.286, -0.014, 0.02, 0.016],
    [-36, 1.238, 0.004, 0.042, 0.022],
    [-48, 1.175, 0.01, 0.04, 0.021],
    [-55, 1.115, 0.006, 0.024, 0.016],
    [-58, 1.068, 0.0, 0.002, 0.004],
  ]),
  lock([
    [42, 1.276, -0.014, 0.02, 0.016],
    [39, 1.232, 0.002, 0.036, 0.021],
    [32, 1.178, 0.007, 0.034, 0.02],
    [26, 1.136, 0.004, 0.018, 0.013],
    [23, 1.114, -0.001, 0.002, 0.004],
  ]),
  lock([
    [56, 1.272, -0.014, 0.02, 0.016],
    [58, 1.228, 0.003, 0.037, 0.021],
    [56, 1.165, 0.009, 0.036, 0.021],
    [52, 1.108, 0.005, 0.021, 0.015],
    [48, 1.073, 0.0, 0.002, 0.004],
  ]),
]

/** The locks that frame the face, left one. */
const sideLock = lock([
  [72, 1.268, -0.014, 0.022, 0.018],
  [78, 1.2, 0.002, 0.036, 0.024],
  [78, 1.11, 0.006, 0.04, 0.026],
  [73, 1.025, 0.004, 0.034, 0.024],
  [64, 0.962, -0.006, 0.02, 0.016],
  [55, 0.925, -0.018, 0.002, 0.004],
])

/** Azimuth at the tip, length beyond the nape, and how far the tip flips out. */
/** @type {[number, number, number][]} */
const backLayout = [
  [106, 0.004, 0.05],
  [137, -0.012, 0.036],
  [168, 0.014, 0.014],
  [-160, -0.008, 0.014],
  [-131, 0.012, 0.034],
  [-103, 0.0, 0.05],
]
const backLocks = backLayout.map(([a, long, flip]) => {
  const side = a > 0 ? 1 : -1
  // The locks leave the crown in a whorl and straighten on the way down.
  const turn = 30
  return lock([
    [a - turn * 1.3, 1.28, -0.02, 0.02, 0.016],
    [a - turn, 1.235, -0.012, 0.044, 0.022],
    [a - turn * 0.62, 1.16, -0.005, 0.058, 0.027],
    [a - turn * 0.25, 1.07, 0.001, 0.06, 0.031],
    [a, 1.0, 0.003, 0.054, 0.03],
    [a + side * 2, 0.95 - long, 0.0 + flip * 0.2, 0.042, 0.025],
    [a + side * 4, 0.922 - long + flip * 0.05, flip * 0.5, 0.028, 0.018],
    [a + side * 7, 0.902 - long + flip * 0.25, flip, 0.007, 0.007],
  ])
})
/** Grooves run out towards the crown: the locks melt into the mass at the top and part at the bottom. */
const parting = (/** @type {number} */ _x, /** @type {number} */ y, /** @type {number} */ z) =>
  mix(
    mix(0.006, 0.03, smoothstep(1.06, 1.2, y)),
    mix(0.004, 0.024, smoothstep(1.17, 1.27, y)),
    smoothstep(0, 0.05, z),
  )
const mop = blendBy(parting, 0.034, cap, sideLock, mirrored(sideLock), ...backLocks)
const frontHair = blendBy(parting, 0.034, ...fringe)
const hair = blendBy(parting, 0.034, cap, sideLock, mirrored(sideLock), ...backLocks, ...fringe)

const cowlick = union(
  sweep(
    [
      { at: [-0.004, 1.278, -0.02], width: 0.017, thick: 0.015 },
      { at: [-0.014, 1.318, -0.03], width: 0.016, thick: 0.013 },
      { at: [0.002, 1.358, -0.032], width: 0.02, thick: 0.0125 },
      { at: [0.044, 1.372, -0.024], width: 0.018, thick: 0.011 },
      { at: [0.076, 1.352, -0.014], width: 0.002, thick: 0.003 },
    ],
    () => [0, 0.2, 1],
    6,
  ),
  sweep(
    [
      { at: [-0.01, 1.278, -0.03], width: 0.015, thick: 0.013 },
      { at: [-0.034, 1.31, -0.036], width: 0.015, thick: 0.012 },
      { at: [-0.06, 1.324, -0.03], width: 0.011, thick: 0.009 },
      { at: [-0.08, 1.312, -0.024], width: 0.002, thick: 0.003 },
    ],
    () => [0, 0.2, 1],
    6,
  ),
)

/** A star-shaped clip on the side of the fringe. */
const starAt = onHair(47, 1.166, 0.028)
const starFacing = /** @type {Vec3} */ ([-0.1, (44 * Math.PI) / 180, -0.2])
const star = rotated(
  solid(
    (x, y, z) => {
      const px = x - starAt[0]
      const py = y - starAt[1]
      const pz = z - starAt[2]
      // Five lobes: the outline's radius swings with the angle, the faces are domed.
      const a = Math.atan2(px, py)
      const lobe = Math.abs((((((a * 5) / (2 * Math.PI)) % 1) + 1.5) % 1) - 0.5) * 2
      const edge = mix(0.0305, 0.0165, lobe ** 0.85)
      const flat = (Math.hypot(px, py) - edge) * 0.72
      const dome = Math.abs(pz) - 0.0095 + (px * px + py * py) * 5
      const k = 0.006
      const h = Math.max(k - Math.abs(flat - dome), 0)
      return Math.max(flat, dome) + (h * h) / (4 * k)
    },
    [starAt[0] - 0.034, starAt[1] - 0.034, starAt[2] - 0.012],
    [starAt[0] + 0.034, starAt[1] + 0.034, starAt[2] + 0.012],
  ),
  starAt,
  starFacing,
)

// --- clothes ------------------------------------------------------------------------------------------------------

const coatRadius = [
  { y: 0.468, r: 0.188 },
  { y: 0.5, r: 0.178 },
  { y: 0.58, r: 0.151 },
  { y: 0.66, r: 0.13 },
  { y: 0.74, r: 0.118 },
  { y: 0.8, r: 0.11 },
  { y: 0.845, r: 0.094 },
  { y: 0.88, r: 0.06 },
  { y: 0.9, r: 0.04 },
]
const shoulderAt = /** @type {Vec3} */ ([P.shoulderWidth, P.shoulderHeight, 0])
const elbowAt = add(shoulderAt, [P.upperArm, 0, 0])
const wristAt = wristOf(P)
const sleeveEnd = add(wristAt, [-0.012, 0, 0])

const sleeve = subtract(
  blend(
    0.03,
    roundCone([0.07, 0.836, 0], elbowAt, 0.054, 0.053),
    intersect(
      roundCone(elbowAt, add(sleeveEnd, [0.03, 0, 0]), 0.053, 0.062),
      halfSpace(sleeveEnd, [1, 0, 0]),
      0.008,
    ),
  ),
  roundCone(add(wristAt, [-0.05, 0, 0]), add(wristAt, [0.1, 0, 0]), 0.036, 0.056),
  0.008,
)
const cuff = subtract(
  intersect(
    intersect(
      roundCone(elbowAt, add(sleeveEnd, [0.03, 0, 0]), 0.058, 0.067),
      halfSpace(add(sleeveEnd, [0.002, 0, 0]), [1, 0, 0]),
      0.01,
    ),
    halfSpace(add(sleeveEnd, [-0.03, 0, 0]), [-1, 0, 0]),
    0.01,
  ),
  roundCone(add(wristAt, [-0.05, 0, 0]), add(wristAt, [0.1, 0, 0]), 0.038, 0.058),
  0.006,
)

/** Soft folds that gather towards the hem. @param {number} x @param {number} y @param {number} z */
const folds = (x, y, z) => {
  const a = Math.atan2(x, z)
  return Math.cos(a * 8 + 0.3) * 0.006 * smoothstep(0.66, 0.47, y)
}
const HEM_Y = 0.472
const coatCurve = curve(coatRadius.map((k) => [k.y, k.r]))

const coatBody = subtract(
  displaced(lathe([0, 0, 0], coatRadius, 0.86), folds, 0.008),
  lathe(
    [0, 0, 0],
    [
      { y: 0.4, r: 0.17 },
      { y: HEM_Y, r: 0.155 },
      { y: 0.52, r: 0.13 },
      { y: 0.58, r: 0.05 },
    ],
    0.86,
  ),
  0.012,
)
/** A padded roll around the hem, in step with the folds. */
const hemRoll = solid(
  (x, y, z) => {
    const rho = Math.hypot(x, z / 0.86)
    const out = (rho - coatCurve(HEM_Y) - folds(x, HEM_Y, z) + 0.004) * 0.93
    return Math.hypot(out, y - HEM_Y) - 0.0135
  },
  [-0.22, HEM_Y - 0.015, -0.2],
  [0.22, HEM_Y + 0.015, 0.2],
)
const coat = blend(0.05, coatBody, sleeve, mirrored(sleeve))

const buttons = [0.74, 0.67, 0.6].map((y) => {
  const z = frontOf(coat, 0, y)
  const lean = Math.atan2(frontOf(coat, 0, y + 0.01) - z, 0.01)
  return roundel([0, y, z + 0.0035], 0.02, 0.0085, [Math.PI / 2 + lean, 0, 0], 0.004)
})

const pocketBox = rotated(
  cushion([0.088, 0.57, 0.13], [0.037, 0.036, 0.06], 4),
  [0.088, 0.57, 0.13],
  [0, 0.6, 0],
)
const pocket = intersect(offset(coat, 0.0075), pocketBox, 0.006)
const flapBox = rotated(
  cushion([0.086, 0.604, 0.13], [0.043, 0.0135, 0.06], 4),
  [0.086, 0.6, 0.13],
  [0, 0.6, 0],
)
const pocketFlap = intersect(offset(coat, 0.013), flapBox, 0.006)

const hood = subtract(
  blend(
    0.03,
    ellipsoid([0, 0.835, -0.095], [0.098, 0.072, 0.05]),
    ellipsoid([0, 0.775, -0.112], [0.05, 0.06, 0.034]),
    rotated(ring([0, 0.868, -0.014], [0.094, 0.084], [0.028, 0.024]), [0, 0.868, 0], [-0.3, 0, 0]),
  ),
  ellipsoid([0, 0.93, -0.035], [0.07, 0.06, 0.062]),
  0.02,
)

const scarfRing = displaced(
  blend(
    0.012,
    rotated(ring([0, 0.893, 0.006], [0.09, 0.084], [0.034, 0.026]), [0, 0.893, 0], [0.12, 0, 0.1]),
    rotated(ring([0, 0.926, 0.006], [0.078, 0.074], [0.03, 0.022]), [0, 0.926, 0], [0.1, 0, -0.1]),
  ),
  (x, y, z) => Math.sin(Math.atan2(x, z) * 9 + y * 60) * 0.0014,
  0.002,
)
const scarfKnot = ellipsoid([0.05, 0.892, 0.108], [0.031, 0.029, 0.022])
const scarfEndA = sweep(
  [
    { at: [0.05, 0.89, 0.112], width: 0.016, thick: 0.013 },
    { at: [0.062, 0.845, 0.128], width: 0.028, thick: 0.012 },
    { at: [0.072, 0.79, 0.135], width: 0.034, thick: 0.012 },
    { at: [0.079, 0.74, 0.143], width: 0.036, thick: 0.012 },
    { at: [0.083, 0.705, 0.15], width: 0.035, thick: 0.011 },
  ],
  () => [0.25, 0.1, 1],
  5,
)
const scarfEndB = sweep(
  [
    { at: [0.045, 0.888, 0.112], width: 0.015, thick: 0.012 },
    { at: [0.032, 0.85, 0.13], width: 0.024, thick: 0.011 },
    { at: [0.023, 0.805, 0.135], width: 0.03, thick: 0.011 },
    { at: [0.016, 0.77, 0.138], width: 0.03, thick: 0.01 },
  ],
  () => [-0.15, 0.1, 1],
  5,
)

// --- legs ---------------------------------------------------------------------------------------------------------

const legging = blend(
  0.02,
  roundCone([P.legWidth, 0.57, 0], [P.legWidth, P.knee, 0.002], 0.062, 0.05),
  roundCone([P.legWidth, P.knee, 0.002], [P.legWidth, 0.16, -0.004], 0.05, 0.042),
)
const L = P.legWidth
const bootShaft = subtract(
  blend(
    0.02,
    lathe(
      [L, 0, -0.006],
      [
        { y: 0.05, r: 0.054 },
        { y: 0.12, r: 0.056 },
        { y: 0.19, r: 0.062 },
        { y: 0.222, r: 0.064 },
      ],
      1.04,
    ),
    ring([L, 0.2, -0.006], [0.062, 0.064], [0.006, 0.006]),
  ),
  ellipsoid([L, 0.25, -0.006], [0.058, 0.06, 0.06]),
  0.006,
)
const bootRoll = ring([L, 0.222, -0.006], [0.058, 0.06], [0.015, 0.0165])
const boot = blend(
  0.045,
  bootShaft,
  intersect(
    ellipsoid([L + 0.002, 0.052, 0.052], [0.064, 0.062, 0.088]),
    halfSpace([0, 0.016, 0], [0, -1, 0]),
    0.01,
  ),
  intersect(ellipsoid([L, 0.045, -0.02], [0.056, 0.06, 0.058]), halfSpace([0, 0.016, 0], [0, -1, 0]), 0.01),
)
const sole = intersect(
  intersect(
    blend(
      0.03,
      cushion([L + 0.002, 0.014, 0.05], [0.069, 0.03, 0.096], 2.8),
      cushion([L, 0.014, -0.02], [0.061, 0.03, 0.064], 2.8),
    ),
    halfSpace([0, 0.03, 0], [0, 1, 0]),
    0.008,
  ),
  halfSpace([0, 0, 0], [0, -1, 0]),
  0.008,
)

// --- paint --------------------------------------------------------------------------------------------------------

const SKIN = '#ffd3ae'
const SKIN_SHADE = '#f0997f'

const ramps = {
  skin: {
    stops: [
      { at: 0.3, lit: SKIN, shade: SKIN_SHADE },
      { at: 0.45, lit: SKIN, shade: SKIN_SHADE, alpha: 0 },
    ],
    gloss: 0.12,
    occlusion: 0.45,
  },
  hair: {
    stops: [
      { at: 0, lit: '#176e7f', shade: '#134468' },
      { at: 0.6, lit: '#2aa09f', shade: '#1c6485' },
      { at: 1, lit: '#5accb2', shade: '#2f8a9f' },
    ],
    gloss: 0.04,
    occlusion: 0.85,
  },
  // The same colours with the band of sheen across the fringe.
  fringe: {
    stops: [
      { at: 0, lit: '#176e7f', shade: '#134468' },
      { at: 0.27, lit: '#1c8690', shade: '#175677' },
      { at: 0.278, lit: '#5fcfc2', shade: '#2f8a9f' },
      { at: 0.315, lit: '#5fcfc2', shade: '#2f8a9f' },
      { at: 0.323, lit: '#1c8690', shade: '#175677' },
      { at: 0.6, lit: '#2aa09f', shade: '#1c6485' },
      { at: 1, lit: '#5accb2', shade: '#2f8a9f' },
    ],
    gloss: 0.05,
    occlusion: 0.85,
  },
  coat: flat('#ffb728', '#ec7f22', { gloss: 0.3, occlusion: 0.75 }),
  cuff: flat('#fff0d0', '#eec392', { gloss: 0.15, occlusion: 0.7 }),
  scarf: {
    hard: true,
    stops: [
      { at: 0, lit: '#ff6a5c', shade: '#cf3560' },
      { at: 0.78, lit: '#ff6a5c', shade: '#cf3560' },
      { at: 0.8, lit: '#fff0d0', shade: '#eec0a0' },
      { at: 0.88, lit: '#fff0d0', shade: '#eec0a0' },
      { at: 0.9, lit: '#ff6a5c', shade: '#cf3560' },
    ],
    gloss: 0.08,
    occlusion: 0.8,
  },
  legging: flat('#3a3a78', '#262158', { gloss: 0.1, occlusion: 0.7 }),
  boot: flat('#ff6a5c', '#cf3560', { gloss: 0.75, occlusion: 0.7 }),
  sole: flat('#fff0d0', '#e5b591', { gloss: 0.2, occlusion: 0.6 }),
  star: flat('#ffc93d', '#f0862b', { gloss: 0.6, occlusion: 0.6 }),
  button: flat('#3a3a78', '#262158', { gloss: 0.7, occlusion: 0.6 }),
  white: flat('#fffaf5', '#cdbfe0', { gloss: 0 }),
  lash: flat('#33203c', '#22122f', { gloss: 0 }),
  line: flat('#a5493f', '#7d2b3d', { gloss: 0 }),
  brow: flat('#15606f', '#113f60', { gloss: 0 }),
  mouth: flat('#7a1f35', '#521432', { gloss: 0 }),
  tongue: flat('#f5768a', '#c94f78', { gloss: 0 }),
  teeth: flat('#fffdf8', '#d8cbe4', { gloss: 0 }),
}

/** @param {number} a @param {number} b @param {number} x */
const ease = (a, b, x) => smoothstep(a, b, x)

const prints = {
  iris: {
    size: 160,
    paint: (/** @type {number} */ u, /** @type {number} */ v) => {
      const r = Math.hypot(u, v)
      let c = mixRgb(rgb('#2a1b5c'), rgb('#3b59c9'), ease(0.55, -0.1, v))
      c = mixRgb(c, rgb('#49d6d0'), ease(0.15, -0.85, v))
      // A crescent of light at the bottom, the pupil, and a dark rim.
      c = mixRgb(c, rgb('#b4fff0'), ease(0.75, 0.2, Math.hypot(u / 0.62, (v + 0.52) / 0.3)) * 0.75)
      c = mixRgb(c, rgb('#1a0f3a'), ease(0.46, 0.4, Math.hypot(u / 0.9, v - 0.04)))
      c = mixRgb(c, rgb('#1c1145'), ease(0.8, 0.92, r))
      const shade = mixRgb(c, rgb('#2a1650'), 0.22)
      return { lit: c, shade, alpha: 1 }
    },
  },
  glint: {
    size: 8,
    paint: () => ({
      lit: rgb('#ffffff'),
      shade: rgb('#f4ecff'),
      alpha: 1,
    }),
  },
  blush: {
    size: 64,
    paint: (/** @type {number} */ u, /** @type {number} */ v) => ({
      lit: rgb('#ff8a80'),
      shade: rgb('#e06a78'),
      alpha: 0.62 * ease(1, 0.05, Math.hypot(u, v)),
    }),
  },
  lidShade: {
    size: 32,
    paint: (/** @type {number} */ _u, /** @type {number} */ v) => ({
      lit: rgb('#6a4a9a'),
      shade: rgb('#4a3080'),
      alpha: 0.5 * ease(-1, 0.6, v),
    }),
  },
}

// --- expressions --------------------------------------------------------------------------------------------------

const expressions = performer({
  happy: {
    y: 0.987,
    width: 0.0355,
    smile: 0.014,
    up: -0.003,
    down: 0.0145,
    square: 2.2,
    teeth: 0.006,
    tongue: 0.008,
  },
  angry: { width: 0.023, smile: -0.011 },
  sad: { y: 0.981, width: 0.02, smile: -0.0115 },
  relaxed: { width: 0.028, smile: 0.013 },
  surprised: { y: 0.981, width: 0.0175, smile: 0.003, up: 0.0075, down: 0.009, square: 2, tongue: 0.003 },
  aa: { width: 0.026, smile: 0.003, up: 0.005, down: 0.025, square: 2.4, teeth: 0.006, tongue: 0.01 },
  ih: { width: 0.027, smile: 0.006, up: 0.002, down: 0.008, square: 2.6, teeth: 0.006 },
  ou: { y: 0.981, width: 0.0105, smile: 0.003, up: 0.0075, down: 0.0085, square: 2 },
  ee: { width: 0.032, smile: 0.01, up: 0.002, down: 0.0125, square: 2.8, teeth: 0.009, tongue: 0.003 },
  oh: { y: 0.977, width: 0.0165, smile: 0.003, up: 0.0135, down: 0.0155, square: 2, tongue: 0.007 },
})

/** @param {(line: string) => void} log @returns {import('./vrm.js').Character} */
export function pip(log) {
  const skeleton = humanoid(P)
  const head = 'head'
  const chains = {
    cowlick: skeleton.chain('Cowlick', head, [
      [-0.004, 1.284, -0.022],
      [-0.008, 1.33, -0.03],
      [0.03, 1.372, -0.028],
      [0.078, 1.35, -0.013],
    ]),
    hairLeft: skeleton.chain('HairLeft', head, [
      onHair(70, 1.06, 0),
      onHair(68, 0.99, 0),
      onHair(56, 0.925, -0.01),
    ]),
    hairRight: skeleton.chain('HairRight', head, [
      onHair(-70, 1.06, 0),
      onHair(-68, 0.99, 0),
      onHair(-56, 0.925, -0.01),
    ]),
    hairBackLeft: skeleton.chain('HairBackLeft', head, [
      onHair(125, 1.05, 0),
      onHair(125, 0.97, 0),
      onHair(128, 0.9, -0.01),
    ]),
    hairBackRight: skeleton.chain('HairBackRight', head, [
      onHair(-125, 1.05, 0),
      onHair(-125, 0.97, 0),
      onHair(-128, 0.9, -0.01),
    ]),
    hairBack: skeleton.chain('HairBack', head, [
      onHair(180, 1.05, 0),
      onHair(180, 0.97, 0),
      onHair(180, 0.9, -0.01),
    ]),
    scarfA: skeleton.chain('ScarfLong', 'upperChest', [
      [0.051, 0.885, 0.113],
      [0.064, 0.835, 0.13],
      [0.075, 0.77, 0.138],
      [0.084, 0.7, 0.151],
    ]),
    scarfB: skeleton.chain('ScarfShort', 'upperChest', [
      [0.043, 0.883, 0.114],
      [0.029, 0.835, 0.132],
      [0.015, 0.765, 0.139],
    ]),
  }
  // The skirt of the coat: a ring of chains, each hung on a pivot on the surface of the coat that takes over part of
  // the turn of the thigh. Turning about the hip joint itself would fold the front of the coat into the belly.
  const HEM = 8
  /** @type {import('./vrm.js').Follow[]} */
  const follows = []
  const hem = Array.from({ length: HEM }, (_, i) => {
    const a = ((i + 0.5) / HEM) * Math.PI * 2
    const at = (/** @type {number} */ y) => {
      const r = coatCurve(y) - 0.012
      return /** @type {Vec3} */ ([Math.sin(a) * r, y, Math.cos(a) * r * 0.86])
    }
    const side = Math.sin(a) > 0 ? 'left' : 'right'
    const pivot = skeleton.add(`Hem${i + 1}Pivot`, 'hips', at(0.615))
    follows.push({
      node: pivot,
      source: `${side}UpperLeg`,
      weight: mix(0.3, 0.8, smoothstep(-0.4, 0.9, Math.cos(a))),
    })
    return [pivot, ...skeleton.chain(`Hem${i + 1}`, pivot, [at(0.6), at(0.535), at(HEM_Y - 0.006)])]
  })

  const body = bodyWeights(P, { shoulderSoft: 0.05, elbowSoft: 0.045 })
  const sleeved = bodyWeights(P, { shoulderSoft: 0.05, elbowSoft: 0.045, sleeve: true })

  const coatWeights = (/** @type {Vec3} */ p) => {
    if (p[1] > 0.68 || Math.abs(p[0]) > 0.26) return sleeved(p)
    const skirt = smoothstep(0.63, 0.57, p[1])
    /** @type {import('./skin.js').Shares} */
    const shares = new Map()
    for (const [b, w] of trunkOnly(p[1])) shares.set(b, w * (1 - skirt))
    const a = ((Math.atan2(p[0], p[2] / 0.86) / (Math.PI * 2)) * HEM - 0.5 + HEM) % HEM
    const i = Math.floor(a)
    const t = smoothstep(0, 1, a - i)
    const low = smoothstep(0.565, 0.505, p[1])
    for (const [k, w] of [
      [i % HEM, 1 - t],
      [(i + 1) % HEM, t],
    ]) {
      shares.set(hem[k][1], skirt * (1 - low) * w)
      shares.set(hem[k][2], skirt * low * w)
    }
    return shares
  }
  const trunkOnly = (/** @type {number} */ y) => {
    const s = smoothstep(0.62, 0.7, y)
    return /** @type {[string, number][]} */ ([
      ['hips', 1 - s],
      ['spine', s],
    ])
  }

  /** Below the ears the hair swings on chains set around the head. */
  const swing = /** @type {[number, string[]][]} */ ([
    [-180, chains.hairBack],
    [-125, chains.hairBackRight],
    [-70, chains.hairRight],
    [70, chains.hairLeft],
    [125, chains.hairBackLeft],
    [180, chains.hairBack],
  ])
  const mopWeights = (/** @type {Vec3} */ p) => {
    const free = smoothstep(1.06, 0.97, p[1])
    /** @type {import('./skin.js').Shares} */
    const out = new Map([[head, 1 - free]])
    const a = (Math.atan2(p[0], p[2]) * 180) / Math.PI
    const low = smoothstep(1.0, 0.95, p[1])
    for (let i = 0; i + 1 < swing.length; i++) {
      const [from, left] = swing[i]
      const [to, right] = swing[i + 1]
      if (a < from || a > to) continue
      const t = smoothstep(0.2, 0.8, (a - from) / (to - from))
      for (const [chain, w] of /** @type {[string[], number][]} */ ([
        [left, 1 - t],
        [right, t],
      ])) {
        out.set(chain[0], (out.get(chain[0]) ?? 0) + free * w * (1 - low))
        out.set(chain[1], (out.get(chain[1]) ?? 0) + free * w * low)
      }
    }
    return out
  }
  // --- the face needs the head and the occlusion, the head needs the hollow of the face
  /** @type {import('./face.js').FaceDesign} */
  const faceDesign = {
    surface: bareHead,
    lift: 0.0012,
    eye: {
      x: 0.073,
      y: 1.05,
      width: 0.0355,
      up: 0.0385,
      down: 0.0375,
      tilt: 0.003,
      round: 2.3,
      iris: [0.0305, 0.039],
      irisAt: [0.0015, 0.003],
      travel: [0.0125, 0.0085, 0.0115],
      margin: 0.0178,
      glints: [
        { at: [-0.3, 0.36], size: [0.31, 0.3] },
        { at: [0.36, -0.42], size: [0.15, 0.14] },
      ],
      lash: [0.0018, 0.0056],
      wing: 0.006,
      shut: -0.014,
      sag: 0.011,
      crease: true,
    },
    brow: { x: 0.07, y: 1.113, width: 0.025, arch: 0.005, slope: 0.001, thick: [0.0042, 0.0052, 0.003] },
    mouth: { line: 0.002, field: { width: 0.051, up: 0.02, down: 0.0455 } },
    blush: { x: 0.101, y: 0.999, size: [0.03, 0.019] },
    rest: {
      eyes: { left: openEye(), right: openEye() },
      brows: { left: calmBrow(), right: calmBrow() },
      mouth: {
        x: 0,
        y: 0.984,
        width: 0.021,
        smile: 0.0075,
        cat: 0,
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
  const headSolid = displaced(
    blend(0.012, bareHead, nose),
    (x, y, z) => -hollow(faceDesign, 0.0022)(x, y, z),
    0,
  )
  const neck = roundCone([0, 0.86, 0], [0, 0.95, 0], 0.042, 0.042)

  const insideCoat =
    (/** @type {number} */ by) =>
    (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ z) =>
      coat.distance(x, y, z) < -by
  /** Root to tip. The sheen is a band of it; on the flanks of a lock it hangs lower, which gives it its arches. */
  const strandTone = (/** @type {Vec3} */ p, /** @type {Vec3} */ n) => {
    const out = awayFromHead(p)
    const flank = 1 - (n[0] * out[0] + n[1] * out[1] + n[2] * out[2])
    return clamp((1.3 - p[1] - Math.min(flank, 0.6) * 0.1) / 0.4)
  }

  /** @type {Part[]} */
  const parts = [
    {
      name: 'head',
      solid: headSolid,
      cell: 0.006,
      vertices: 820,
      ramp: 'skin',
      weights: rigid(head),
      hidden: (x, y, z) => hair.distance(x, y, z) < -0.016,
    },
    { name: 'neck', solid: neck, cell: 0.008, vertices: 60, ramp: 'skin', weights: body },
    {
      name: 'hair',
      solid: hair,
      cell: 0.005,
      vertices: 2950,
      ramp: (p) => (frontHair.distance(...p) < mop.distance(...p) ? 'fringe' : 'hair'),
      along: strandTone,
      weights: (p) => (frontHair.distance(...p) < mop.distance(...p) ? new Map([[head, 1]]) : mopWeights(p)),
      hidden: (x, y, z) => bareHead.distance(x, y, z) < -0.012,
    },
    {
      name: 'cowlick',
      solid: cowlick,
      cell: 0.0045,
      vertices: 330,
      ramp: 'hair',
      along: (p) => 0.5 + clamp((p[1] - 1.29) / 0.07) * 0.5,
      weights: strandWeights(skeleton, head, chains.cowlick, 0.012),
    },
    { name: 'star', solid: star, cell: 0.0028, vertices: 220, ramp: 'star', weights: rigid(head) },
    {
      name: 'coat',
      solid: coat,
      cell: 0.009,
      vertices: 1750,
      ramp: 'coat',
      weights: coatWeights,
    },
    { name: 'hem roll', solid: hemRoll, cell: 0.0065, vertices: 340, ramp: 'cuff', weights: coatWeights },
    { name: 'cuff', solid: cuff, cell: 0.006, vertices: 190, ramp: 'cuff', weights: sleeved, mirror: true },
    ...buttons.map((s, i) => ({
      name: `button ${i}`,
      solid: s,
      cell: 0.0026,
      vertices: 120,
      ramp: 'button',
      weights: coatWeights,
      hidden: insideCoat(0.003),
    })),
    {
      name: 'pocket',
      solid: pocket,
      cell: 0.006,
      vertices: 110,
      ramp: 'coat',
      weights: coatWeights,
      mirror: true,
      ambidextrous: true,
      hidden: insideCoat(0.004),
    },
    {
      name: 'flap',
      solid: pocketFlap,
      cell: 0.006,
      vertices: 100,
      ramp: 'coat',
      weights: coatWeights,
      mirror: true,
      ambidextrous: true,
      hidden: insideCoat(0.004),
    },
    {
      name: 'hood',
      solid: hood,
      cell: 0.008,
      vertices: 320,
      ramp: 'coat',
      weights: rigid('upperChest'),
      hidden: insideCoat(0.006),
    },
    {
      name: 'scarf',
      solid: union(scarfRing, scarfKnot),
      cell: 0.007,
      vertices: 400,
      ramp: 'scarf',
      weights: mixed(rigid('upperChest'), rigid('neck'), (p) => smoothstep(0.9, 0.93, p[1]) * 0.6),
    },
    {
      name: 'scarf long',
      solid: scarfEndA,
      cell: 0.0045,
      vertices: 240,
      ramp: 'scarf',
      along: (p) => clamp((0.89 - p[1]) / 0.19),
      weights: strandWeights(skeleton, 'upperChest', chains.scarfA, 0.012),
    },
    {
      name: 'scarf short',
      solid: scarfEndB,
      cell: 0.0045,
      vertices: 170,
      ramp: 'scarf',
      along: (p) => clamp((0.9 - p[1]) / 0.145),
      weights: strandWeights(skeleton, 'upperChest', chains.scarfB, 0.012),
    },
    {
      name: 'hand',
      solid: handSolid(P, 1.05, 0.05),
      cell: 0.0035,
      vertices: 470,
      ramp: 'skin',
      weights: handWeights(P),
      mirror: true,
    },
    {
      name: 'legging',
      solid: legging,
      cell: 0.008,
      vertices: 260,
      ramp: 'legging',
      weights: legWeights(P),
      mirror: true,
      hidden: (x, y, z) => bootShaft.distance(x, y, z) < -0.012 && y < 0.19,
    },
    {
      name: 'boot',
      solid: boot,
      cell: 0.007,
      vertices: 320,
      ramp: 'boot',
      weights: footWeights(P),
      mirror: true,
    },
    {
      name: 'boot roll',
      solid: bootRoll,
      cell: 0.006,
      vertices: 170,
      ramp: 'cuff',
      weights: footWeights(P),
      mirror: true,
    },
    {
      name: 'sole',
      solid: sole,
      cell: 0.007,
      vertices: 150,
      ramp: 'sole',
      weights: footWeights(P),
      mirror: true,
    },
  ]

  const atlas = new Atlas(ramps, prints)
  const open = occlusion(sceneOf(parts))
  const mesh = assemble(parts, atlas, open, log)

  const face = buildFace(
    faceDesign,
    facePaint(atlas, (q, n, { lit, fade }) => atlas.at('skin', mix(0.2, 0.6, fade), mix(open(q, n), 1, lit))),
  )
  log(`face: ${face.positions.length}`)

  const soft = { stiffness: 0.9, drag: 0.4, gravity: 0, hitRadius: 0.02 }
  return {
    id: 'pip',
    title: 'Pip',
    skeleton,
    body: mesh,
    face,
    textures: { ...atlas.encode(), matcap: vinylMatcap() },
    outline: { width: 0.0018, colour: [0.3, 0.16, 0.22] },
    overrides: OVERRIDES,
    eyesAt: [0, faceDesign.eye.y, 0.15],
    gaze: { horizontal: 28, up: 20, down: 22 },
    toon: { shift: -0.05, toony: 0.62, rim: [0.95, 0.9, 1], rimPower: 3.5 },
    springs: [
      { name: 'Cowlick', joints: chains.cowlick, ...soft, stiffness: 0.55, drag: 0.22, collides: [] },
      ...['hairLeft', 'hairRight', 'hairBackLeft', 'hairBackRight', 'hairBack'].map((k) => ({
        name: k[0].toUpperCase() + k.slice(1),
        joints: chains[/** @type {keyof typeof chains} */ (k)],
        ...soft,
        stiffness: 1.1,
        collides: ['Head', 'Shoulders'],
      })),
      {
        name: 'ScarfLong',
        joints: chains.scarfA,
        ...soft,
        stiffness: 0.5,
        gravity: 0.25,
        collides: ['Chest'],
      },
      {
        name: 'ScarfShort',
        joints: chains.scarfB,
        ...soft,
        stiffness: 0.55,
        gravity: 0.25,
        collides: ['Chest'],
      },
      ...hem.map((joints, i) => ({
        name: `Hem${i + 1}`,
        joints: joints.slice(1),
        ...soft,
        stiffness: 0.8,
        gravity: 0.12,
        hitRadius: 0.018,
        collides: ['Legs'],
      })),
    ],
    follows,
    colliders: {
      Head: [{ node: 'head', offset: [0, 0.15, 0], radius: 0.16 }],
      Shoulders: [
        { node: 'upperChest', offset: [0, 0.045, 0], radius: 0.09, tail: [0, 0.0, 0] },
        { node: 'leftUpperArm', offset: [0, 0, 0], radius: 0.05, tail: [0.1, 0, 0] },
        { node: 'rightUpperArm', offset: [0, 0, 0], radius: 0.05, tail: [-0.1, 0, 0] },
      ],
      Chest: [
        { node: 'chest', offset: [0, 0, 0], radius: 0.098, tail: [0, 0.11, 0] },
        { node: 'hips', offset: [0, 0.04, 0], radius: 0.115 },
      ],
      Legs: [
        { node: 'leftUpperLeg', offset: [0, 0, 0], radius: 0.066, tail: [0, -0.22, 0] },
        { node: 'rightUpperLeg', offset: [0, 0, 0], radius: 0.066, tail: [0, -0.22, 0] },
      ],
    },
    thumbnail: null,
  }
}
