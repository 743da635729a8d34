/** Dot: a little wind-up robot with a face on a screen, a heart on its chest and a light on its aerial. */

import { Atlas, flat, mixRgb, rgb, vinylMatcap } from './atlas.js'
import { OVERRIDES, performer } from './expressions.js'
import { buildFace, calmBrow, facePaint, openEye } from './face.js'
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
  offset,
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
  spine: 0.655,
  chest: 0.72,
  upperChest: 0.785,
  neck: 0.885,
  head: 0.93,
  headDepth: 0,
  eye: [0.064, 1.1, 0.06],
  shoulderHeight: 0.832,
  shoulderWidth: 0.122,
  upperArm: 0.15,
  lowerArm: 0.15,
  legWidth: 0.068,
  legHeight: 0.58,
  knee: 0.33,
  ankle: 0.085,
  toes: [0, -0.055, 0.06],
  fingers: chunkyFingers(1.08),
}

// --- head ---------------------------------------------------------------------------------------------------------

const HEAD = /** @type {Vec3} */ ([0, 1.1, 0])
const shell = cushion(HEAD, [0.202, 0.16, 0.162], 2.7)
/** Signed distance to the outline of the screen, seen from the front. @param {number} x @param {number} y @param {number} grow */
const screenOutline = (x, y, grow) => {
  const p = 3.4
  const u = Math.abs(x) / (0.151 + grow)
  const v = Math.abs(y - 1.096) / (0.108 + grow)
  return ((u ** p + v ** p) ** (1 / p) - 1) * (0.108 + grow)
}
const plate = (/** @type {number} */ by, /** @type {number} */ grow, /** @type {number} */ k) => {
  const skin = offset(shell, by)
  return solid(
    (x, y, z) => {
      const a = skin.distance(x, y, z)
      const b = Math.max(screenOutline(x, y, grow), 0.03 - z)
      const h = Math.max(k - Math.abs(a - b), 0)
      return Math.max(a, b) + (h * h) / (4 * k)
    },
    [skin.min[0], skin.min[1], 0],
    skin.max,
  )
}
const glass = plate(0.004, 0, 0.002)
/** A roll around the glass. */
const bezel = solid(
  (x, y, z) => {
    const u = (screenOutline(x, y, 0) - 0.009) / 0.0125
    const v = (shell.distance(x, y, z) + 0.001) / 0.0135
    const round = (Math.hypot(u, v) - 1) * 0.0125
    return Math.max(round, 0.03 - z)
  },
  [-0.19, 0.95, 0.03],
  [0.19, 1.25, 0.19],
)
/** What the face is drawn on. */
const screen = offset(shell, 0.004)

const sideways = /** @type {Vec3} */ ([0, 0, -Math.PI / 2])
const earCup = offset(roundel([0.202, 1.09, -0.004], 0.06, 0.022, sideways), 0.004)
const earLight = offset(roundel([0.22, 1.09, -0.004], 0.036, 0.012, sideways), 0.003)
const aerialFoot = lathe(
  [0, 0, -0.004],
  [
    { y: 1.24, r: 0.044 },
    { y: 1.256, r: 0.038 },
    { y: 1.27, r: 0.018 },
  ],
  1,
)
const aerialRod = sweep(
  [
    { at: [0, 1.26, -0.004], width: 0.0085, thick: 0.0085 },
    { at: [0.004, 1.295, -0.006], width: 0.0075, thick: 0.0075 },
    { at: [0.012, 1.33, -0.006], width: 0.007, thick: 0.007 },
    { at: [0.022, 1.352, -0.004], width: 0.007, thick: 0.007 },
  ],
  () => [0, 0, 1],
  3,
)
const aerialLamp = ellipsoid([0.026, 1.368, -0.003], [0.029, 0.029, 0.029])

// --- body ---------------------------------------------------------------------------------------------------------

const torso = lathe(
  [0, 0, 0],
  [
    { y: 0.6, r: 0.112 },
    { y: 0.635, r: 0.132 },
    { y: 0.69, r: 0.136 },
    { y: 0.75, r: 0.128 },
    { y: 0.81, r: 0.108 },
    { y: 0.85, r: 0.076 },
    { y: 0.868, r: 0.046 },
  ],
  0.88,
)
const belt = ring([0, 0.608, 0], [0.112, 0.0985], [0.0155, 0.0165])
const pelvis = blend(
  0.03,
  cushion([0, 0.582, 0], [0.1, 0.045, 0.085], 2.4),
  ellipsoid([0, 0.555, 0], [0.07, 0.04, 0.06]),
)
const neckRing = ring([0, 0.876, 0], [0.046, 0.046], [0.015, 0.0125])
/** Ribs of a bellows. @param {Solid} s @param {0 | 1} axis @param {number} pitch */
const ribbed = (s, axis, pitch) =>
  displaced(
    s,
    (x, y) => 0.0032 * (Math.abs(Math.sin((Math.PI * (axis === 0 ? x : y)) / pitch)) ** 0.7 - 0.6),
    0.0025,
  )
const neck = ribbed(roundCone([0, 0.85, 0], [0, 0.96, 0], 0.04), 1, 0.018)

const heart = (() => {
  const z = frontOf(torso, 0, 0.742)
  const lobe = roundCone([0.0125, 0.749, z], [0, 0.7245, z], 0.0165, 0.004)
  const flat = blend(0.002, lobe, roundCone([-0.0125, 0.749, z], [0, 0.7245, z], 0.0165, 0.004))
  return intersect(offset(torso, 0.0105), offset(flat, 0.002), 0.008)
})()
const heartPlate = intersect(
  offset(torso, 0.005),
  solid(
    (x, y, z) =>
      Math.max(
        (((Math.abs(x) / 0.056) ** 3 + (Math.abs(y - 0.738) / 0.047) ** 3) ** (1 / 3) - 1) * 0.047,
        -z,
      ),
    [-0.06, 0.68, 0],
    [0.06, 0.79, 0.2],
  ),
  0.004,
)
const windUpKey = union(
  roundCone([0, 0.735, -0.1], [0, 0.735, -0.172], 0.0135),
  ...[1, -1].map((s) =>
    subtract(
      cushion([s * 0.042, 0.735, -0.178], [0.042, 0.034, 0.0125], 2.3),
      cushion([s * 0.046, 0.735, -0.178], [0.018, 0.014, 0.03], 2.3),
      0.005,
    ),
  ),
)

const shoulderAt = /** @type {Vec3} */ ([P.shoulderWidth, P.shoulderHeight, 0])
const elbowAt = add(shoulderAt, [P.upperArm, 0, 0])
const wristAt = wristOf(P)
const shoulderCap = subtract(
  ellipsoid(add(shoulderAt, [0.004, 0, 0]), [0.053, 0.051, 0.051]),
  halfSpace(add(shoulderAt, [-0.03, 0, 0]), [1, 0, 0]),
  0.012,
)
const armTube = ribbed(
  roundCone(add(shoulderAt, [-0.02, 0, 0]), add(elbowAt, [0.05, 0, 0]), 0.032, 0.032),
  0,
  0.0185,
)
/** A body of revolution about the x axis of the arm. @param {{ x: number, r: number }[]} profile */
const turned = (profile) =>
  rotated(
    lathe(
      wristAt,
      profile.map((k) => ({ y: k.x, r: k.r })),
      1,
    ),
    wristAt,
    [0, 0, -Math.PI / 2],
  )
const gauntlet = subtract(
  turned([
    { x: -0.118, r: 0.036 },
    { x: -0.1, r: 0.043 },
    { x: -0.05, r: 0.049 },
    { x: -0.008, r: 0.06 },
  ]),
  ellipsoid(add(wristAt, [0.006, 0, 0]), [0.04, 0.049, 0.049]),
  0.006,
)
const gauntletRing = rotated(
  ring(add(wristAt, [-0.012, 0, 0]), [0.056, 0.056], [0.0115, 0.0125]),
  add(wristAt, [-0.012, 0, 0]),
  [0, 0, -Math.PI / 2],
)

const L = P.legWidth
const legTube = ribbed(roundCone([L, 0.575, 0], [L, 0.26, 0], 0.0425, 0.0425), 1, 0.0215)
const knee = cushion([L, P.knee + 0.004, 0.004], [0.05, 0.037, 0.052], 2.3)
const boot = blend(
  0.012,
  lathe(
    [L, 0, 0],
    [
      { y: 0.074, r: 0.078 },
      { y: 0.1, r: 0.0755 },
      { y: 0.17, r: 0.059 },
      { y: 0.24, r: 0.053 },
      { y: 0.264, r: 0.046 },
    ],
    1.02,
  ),
)
const bootRing = ring([L, 0.086, 0], [0.074, 0.0755], [0.0115, 0.0145])
const foot = intersect(
  blend(
    0.035,
    ellipsoid([L, 0.032, -0.012], [0.063, 0.046, 0.064]),
    ellipsoid([L + 0.002, 0.03, 0.052], [0.069, 0.046, 0.078]),
  ),
  halfSpace([0, 0.012, 0], [0, -1, 0]),
  0.006,
)
const sole = intersect(
  intersect(
    blend(
      0.03,
      cushion([L + 0.002, 0.01, 0.05], [0.073, 0.026, 0.086], 2.8),
      cushion([L, 0.01, -0.014], [0.066, 0.026, 0.07], 2.8),
    ),
    halfSpace([0, 0.022, 0], [0, 1, 0]),
    0.006,
  ),
  halfSpace([0, 0, 0], [0, -1, 0]),
  0.006,
)

// --- paint --------------------------------------------------------------------------------------------------------

const MINT = '#8dffe0'
const MINT_SHADE = '#58d8cf'
const SCREEN = { lit: '#1b2350', shade: '#131840' }

const ramps = {
  shell: flat('#efe9fc', '#b09ee2', { gloss: 0.26, occlusion: 0.6 }),
  lilac: flat('#a48df2', '#6d4fcb', { gloss: 0.3, occlusion: 0.65 }),
  navy: flat('#37336e', '#211c52', { gloss: 0.1, occlusion: 0.7 }),
  yellow: flat('#ffd24a', '#ee8a35', { gloss: 0.4, occlusion: 0.6 }),
  screen: {
    stops: [
      { at: 0.3, ...SCREEN },
      { at: 0.45, ...SCREEN, alpha: 0 },
    ],
    gloss: 0.4,
    occlusion: 0.2,
  },
  lamp: flat('#ffe07a', '#ffb55a', { gloss: 0.5, occlusion: 0.1, glow: 0.65 }),
  mint: flat(MINT, MINT_SHADE, { gloss: 0.3, occlusion: 0.2, glow: 0.55 }),
  heart: flat('#ff7d9d', '#e84f86', { gloss: 0.5, occlusion: 0.3, glow: 0.45 }),
  white: flat(MINT, MINT_SHADE, { gloss: 0, glow: 0.7 }),
  lash: flat(MINT, MINT_SHADE, { gloss: 0, glow: 0.7 }),
  line: flat(MINT, MINT_SHADE, { gloss: 0, glow: 0.7 }),
  brow: flat(MINT, MINT_SHADE, { gloss: 0, glow: 0.7 }),
  mouth: flat(MINT, MINT_SHADE, { gloss: 0, glow: 0.7 }),
  tongue: flat('#ff8fae', '#f0669a', { gloss: 0, glow: 0.6 }),
  teeth: flat(MINT, MINT_SHADE, { gloss: 0, glow: 0.7 }),
}

const ease = smoothstep
const prints = {
  iris: {
    size: 64,
    glow: 0.7,
    paint: (/** @type {number} */ u, /** @type {number} */ v) => {
      // Brighter above, and a soft white core: a lamp behind frosted glass.
      let c = mixRgb(rgb('#5fe6d6'), rgb('#a6ffe9'), ease(-0.9, 0.7, v))
      c = mixRgb(c, rgb('#f2fffb'), ease(0.75, 0.05, Math.hypot(u * 1.15, v - 0.25)) * 0.85)
      return { lit: c, shade: mixRgb(c, rgb('#2a80b0'), 0.2), alpha: 1 }
    },
  },
  glint: { size: 8, paint: () => ({ lit: rgb('#ffffff'), shade: rgb('#ffffff'), alpha: 1 }), glow: 0.7 },
  blush: {
    size: 64,
    glow: 0.45,
    paint: (/** @type {number} */ u, /** @type {number} */ v) => ({
      lit: rgb('#ff7da8'),
      shade: rgb('#e85a98'),
      alpha: 0.85 * ease(1, 0.45, Math.hypot(u, v)),
    }),
  },
  lidShade: { size: 8, paint: () => ({ lit: rgb('#000000'), shade: rgb('#000000'), alpha: 0 }) },
}

// --- expressions --------------------------------------------------------------------------------------------------

const expressions = performer({
  happy: { y: 1.047, width: 0.032, smile: 0.008, up: -0.002, down: 0.0165, square: 2.2, tongue: 0.007 },
  angry: { width: 0.024, smile: -0.011 },
  sad: { y: 1.04, width: 0.021, smile: -0.0115 },
  relaxed: { width: 0.028, smile: 0.012 },
  surprised: { y: 1.039, width: 0.0165, smile: 0.003, up: 0.0075, down: 0.0085, square: 2 },
  aa: { width: 0.025, smile: 0.003, up: 0.004, down: 0.026, square: 2.5, tongue: 0.009 },
  ih: { width: 0.029, smile: 0.006, up: 0.001, down: 0.007, square: 2.8 },
  ou: { y: 1.04, width: 0.0105, smile: 0.003, up: 0.0075, down: 0.0085, square: 2 },
  ee: { width: 0.0335, smile: 0.008, up: 0.002, down: 0.0105, square: 3 },
  oh: { y: 1.036, width: 0.016, smile: 0.003, up: 0.0135, down: 0.0145, square: 2 },
})

/** @param {(line: string) => void} log @returns {import('./vrm.js').Character} */
export function dot(log) {
  const skeleton = humanoid(P)
  const head = 'head'
  const aerial = skeleton.chain('Aerial', head, [
    [0, 1.262, -0.004],
    [0.006, 1.31, -0.006],
    [0.026, 1.372, -0.003],
  ])
  const key = skeleton.add('WindUpKey', 'chest', [0, 0.735, -0.12])
  const body = bodyWeights(P, { shoulderSoft: 0.03, elbowSoft: 0.045 })
  const forearm = rigid('leftLowerArm')
  const legs = legWeights(P, { kneeSoft: 0.045 })

  /** @type {import('./face.js').FaceDesign} */
  const faceDesign = {
    surface: screen,
    lift: 0.0016,
    eye: {
      x: 0.066,
      y: 1.107,
      width: 0.0265,
      up: 0.034,
      down: 0.034,
      tilt: 0,
      round: 2.3,
      iris: [0.029, 0.038],
      irisAt: [0, 0],
      travel: [0.014, 0.011, 0.013],
      margin: 0.022,
      glints: [],
      lash: [0.0026, 0.0026],
      wing: 0,
      shut: -0.004,
      sag: 0.009,
      crease: false,
      floats: true,
    },
    brow: { x: 0.066, y: 1.168, width: 0.019, arch: 0.003, slope: 0, thick: [0.0034, 0.0038, 0.0034] },
    mouth: { line: 0.0023, field: { width: 0.05, up: 0.019, down: 0.0475 } },
    blush: { x: 0.112, y: 1.061, size: [0.019, 0.0125] },
    rest: {
      eyes: { left: openEye(), right: openEye() },
      brows: { left: calmBrow(), right: calmBrow() },
      mouth: {
        x: 0,
        y: 1.043,
        width: 0.02,
        smile: 0.007,
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

  const inside =
    (/** @type {Solid} */ s, /** @type {number} */ by) =>
    (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ z) =>
      s.distance(x, y, z) < -by

  /** @type {Part[]} */
  const parts = [
    {
      name: 'head',
      solid: shell,
      cell: 0.009,
      vertices: 650,
      ramp: 'shell',
      weights: rigid(head),
      hidden: (x, y, z) => z > 0.04 && screenOutline(x, y, 0) < -0.002,
    },
    {
      name: 'glass',
      solid: glass,
      cell: 0.007,
      vertices: 420,
      ramp: 'screen',
      weights: rigid(head),
      hidden: inside(shell, 0.004),
    },
    {
      name: 'bezel',
      solid: bezel,
      cell: 0.0045,
      vertices: 700,
      ramp: 'lilac',
      weights: rigid(head),
      hidden: inside(shell, 0.003),
    },
    {
      name: 'ear cup',
      solid: earCup,
      cell: 0.006,
      vertices: 240,
      ramp: 'yellow',
      weights: rigid(head),
      mirror: true,
      hidden: inside(shell, 0.004),
    },
    {
      name: 'ear light',
      solid: earLight,
      cell: 0.005,
      vertices: 130,
      ramp: 'mint',
      weights: rigid(head),
      mirror: true,
      hidden: inside(earCup, 0.003),
    },
    {
      name: 'aerial foot',
      solid: aerialFoot,
      cell: 0.005,
      vertices: 120,
      ramp: 'lilac',
      weights: rigid(head),
      hidden: inside(shell, 0.004),
    },
    {
      name: 'aerial rod',
      solid: aerialRod,
      cell: 0.004,
      vertices: 110,
      ramp: 'navy',
      weights: strandWeights(skeleton, head, aerial, 0.014),
    },
    { name: 'lamp', solid: aerialLamp, cell: 0.006, vertices: 180, ramp: 'lamp', weights: rigid(aerial[1]) },
    {
      name: 'neck',
      solid: neck,
      cell: 0.0045,
      vertices: 360,
      ramp: 'navy',
      weights: body,
      hidden: (x, y, z) => shell.distance(x, y, z) < -0.006 || torso.distance(x, y, z) < -0.006,
    },
    {
      name: 'neck ring',
      solid: neckRing,
      cell: 0.005,
      vertices: 170,
      ramp: 'yellow',
      weights: rigid('upperChest'),
      hidden: inside(torso, 0.004),
    },
    { name: 'torso', solid: torso, cell: 0.0085, vertices: 700, ramp: 'shell', weights: torsoWeights },
    {
      name: 'plate',
      solid: heartPlate,
      cell: 0.005,
      vertices: 220,
      ramp: 'lilac',
      weights: torsoWeights,
      hidden: inside(torso, 0.002),
    },
    {
      name: 'heart',
      solid: heart,
      cell: 0.0035,
      vertices: 220,
      ramp: 'heart',
      weights: torsoWeights,
      hidden: inside(heartPlate, 0.001),
    },
    { name: 'belt', solid: belt, cell: 0.006, vertices: 340, ramp: 'yellow', weights: rigid('hips') },
    {
      name: 'pelvis',
      solid: pelvis,
      cell: 0.008,
      vertices: 260,
      ramp: 'navy',
      weights: rigid('hips'),
      hidden: inside(torso, 0.004),
    },
    {
      name: 'key',
      solid: windUpKey,
      cell: 0.004,
      vertices: 420,
      ramp: 'yellow',
      weights: rigid(key),
      hidden: inside(torso, 0.006),
    },
    {
      name: 'shoulder',
      solid: shoulderCap,
      cell: 0.006,
      vertices: 240,
      ramp: 'lilac',
      weights: mixed(rigid('leftShoulder'), rigid('leftUpperArm'), () => 0.6),
      mirror: true,
    },
    {
      name: 'arm',
      solid: armTube,
      cell: 0.0048,
      vertices: 400,
      ramp: 'navy',
      weights: body,
      mirror: true,
      hidden: (x, y, z) => shoulderCap.distance(x, y, z) < -0.008 || torso.distance(x, y, z) < -0.006,
    },
    {
      name: 'gauntlet',
      solid: gauntlet,
      cell: 0.006,
      vertices: 300,
      ramp: 'shell',
      weights: forearm,
      mirror: true,
    },
    {
      name: 'gauntlet ring',
      solid: gauntletRing,
      cell: 0.005,
      vertices: 190,
      ramp: 'yellow',
      weights: forearm,
      mirror: true,
      hidden: inside(gauntlet, 0.003),
    },
    {
      name: 'hand',
      solid: handSolid(P, 1.08, 0.045),
      cell: 0.0035,
      vertices: 520,
      ramp: 'lilac',
      weights: handWeights(P),
      mirror: true,
    },
    {
      name: 'leg',
      solid: legTube,
      cell: 0.0055,
      vertices: 420,
      ramp: 'navy',
      weights: legs,
      mirror: true,
      hidden: (x, y, z) => pelvis.distance(x, y, z) < -0.008 || boot.distance(x, y, z) < -0.006,
    },
    {
      name: 'knee',
      solid: knee,
      cell: 0.006,
      vertices: 150,
      ramp: 'lilac',
      weights: mixed(rigid('leftUpperLeg'), rigid('leftLowerLeg'), () => 0.5),
      mirror: true,
      hidden: inside(legTube, 0.004),
    },
    {
      name: 'boot',
      solid: boot,
      cell: 0.0075,
      vertices: 330,
      ramp: 'shell',
      weights: rigid('leftLowerLeg'),
      mirror: true,
    },
    {
      name: 'boot ring',
      solid: bootRing,
      cell: 0.006,
      vertices: 220,
      ramp: 'yellow',
      weights: rigid('leftLowerLeg'),
      mirror: true,
      hidden: inside(boot, 0.004),
    },
    {
      name: 'foot',
      solid: foot,
      cell: 0.007,
      vertices: 240,
      ramp: 'lilac',
      weights: footWeights(P),
      mirror: true,
    },
    {
      name: 'sole',
      solid: sole,
      cell: 0.007,
      vertices: 150,
      ramp: 'navy',
      weights: footWeights(P),
      mirror: true,
    },
  ]

  const atlas = new Atlas(ramps, prints)
  const open = occlusion(sceneOf(parts))
  const mesh = assemble(parts, atlas, open, log)
  const face = buildFace(
    faceDesign,
    facePaint(atlas, (p, n, { fade }) => atlas.at('screen', mix(0.2, 0.6, fade), open(p, n))),
  )
  log(`face: ${face.positions.length}`)

  return {
    id: 'dot',
    title: 'Dot',
    skeleton,
    body: mesh,
    face,
    textures: { ...atlas.encode(), matcap: vinylMatcap() },
    outline: { width: 0.0017, colour: [0.3, 0.24, 0.42] },
    overrides: OVERRIDES,
    eyesAt: [0, faceDesign.eye.y, 0.16],
    gaze: { horizontal: 28, up: 20, down: 22 },
    toon: { shift: -0.05, toony: 0.55, rim: [0.95, 0.9, 1], rimPower: 3.5 },
    springs: [
      {
        name: 'Aerial',
        joints: aerial,
        stiffness: 0.5,
        drag: 0.16,
        gravity: 0,
        hitRadius: 0.02,
        collides: [],
      },
    ],
    follows: [],
    colliders: {},
    thumbnail: null,
  }
}

/** The shell of the trunk bends a little at the waist, in one piece otherwise. @param {Vec3} p */
function torsoWeights(p) {
  const spine = smoothstep(0.6, 0.68, p[1])
  const chest = smoothstep(0.68, 0.76, p[1])
  return new Map([
    ['hips', clamp(1 - spine)],
    ['spine', spine * (1 - chest)],
    ['chest', spine * chest],
  ])
}
