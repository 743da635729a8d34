/**
 * The browser half of `look.js`: loads an avatar, poses it, lights it and draws contact sheets. `look.js` serves this
 * file to a headless Chromium; three.js and three-vrm come in through an import map.
 */

import * as THREE from 'three'
import { GLTFLoader } from 'three/addons/loaders/GLTFLoader.js'
import { VRMLoaderPlugin, VRMUtils } from '@pixiv/three-vrm'

/** @typedef {import('./look.js').Shot} Shot */
/** @typedef {Record<string, [number, number, number]>} Rotations degrees, by human bone */
/** @typedef {import('@pixiv/three-vrm').VRMHumanBoneName} BoneName */
/**
 * @typedef {object} Moment of a motion
 * @property {number} [x] metres
 * @property {number} [y]
 * @property {number} [drop] how far the hips go down
 * @property {number} [yaw] degrees
 * @property {Rotations} [bones]
 */
/** @typedef {{ background: string, floor?: boolean, lights: THREE.Light[] }} Lighting */

/** @type {Record<string, Rotations>} */
const POSES = {
  tpose: {},
  rest: {
    leftUpperArm: [0, 0, -72],
    rightUpperArm: [0, 0, 72],
    leftLowerArm: [0, -10, 0],
    rightLowerArm: [0, 10, 0],
    leftShoulder: [0, 0, -4],
    rightShoulder: [0, 0, 4],
  },
  armsUp: {
    leftUpperArm: [0, 0, 45],
    rightUpperArm: [0, 0, -45],
    leftShoulder: [0, 0, 14],
    rightShoulder: [0, 0, -14],
    leftLowerArm: [0, 0, 12],
    rightLowerArm: [0, 0, -12],
  },
  crossed: {
    leftUpperArm: [0, -45, -58],
    rightUpperArm: [0, 45, 58],
    leftLowerArm: [0, -100, 0],
    rightLowerArm: [0, 100, 0],
  },
  forward: { leftUpperArm: [0, -85, 0], rightUpperArm: [0, 85, 0] },
  wave: { leftUpperArm: [0, 0, -72], rightUpperArm: [0, 20, -20], rightLowerArm: [0, 0, -75] },
  sit: {
    leftUpperArm: [0, -20, -60],
    rightUpperArm: [0, 20, 60],
    leftLowerArm: [0, -30, 0],
    rightLowerArm: [0, 30, 0],
    leftUpperLeg: [-90, 0, 0],
    rightUpperLeg: [-90, 0, 0],
    leftLowerLeg: [90, 0, 0],
    rightLowerLeg: [90, 0, 0],
  },
  stride: {
    leftUpperArm: [35, 0, -70],
    rightUpperArm: [-35, 0, 70],
    leftLowerArm: [0, -20, 0],
    rightLowerArm: [0, 45, 0],
    leftUpperLeg: [-35, 0, 0],
    leftLowerLeg: [10, 0, 0],
    rightUpperLeg: [28, 0, 0],
    rightLowerLeg: [30, 0, 0],
    spine: [4, 8, 0],
  },
  headTurn: { leftUpperArm: [0, 0, -72], rightUpperArm: [0, 0, 72], neck: [0, 25, 0], head: [0, 35, 0] },
  twist: {
    leftUpperArm: [0, 0, -50],
    rightUpperArm: [0, 0, 50],
    spine: [0, 20, 0],
    chest: [0, 15, 0],
    upperChest: [0, 15, 0],
  },
  lunge: {
    leftUpperArm: [0, 0, 30],
    rightUpperArm: [0, 0, -10],
    leftUpperLeg: [-40, 0, 45],
    leftLowerLeg: [50, 0, 0],
    rightUpperLeg: [0, 0, -40],
    spine: [0, 0, -12],
  },
  elbows: {
    leftUpperArm: [0, 0, -30],
    rightUpperArm: [0, 0, 30],
    leftLowerArm: [0, -120, 0],
    rightLowerArm: [0, 120, 0],
  },
  bow: {
    leftUpperArm: [0, 0, -72],
    rightUpperArm: [0, -40, 72],
    spine: [25, 0, 0],
    chest: [20, 0, 0],
    neck: [15, 0, 0],
    head: [10, 0, 0],
  },
  kick: {
    leftUpperArm: [0, 0, -20],
    rightUpperArm: [0, 0, 30],
    leftUpperLeg: [-75, 0, 10],
    leftLowerLeg: [15, 0, 0],
    rightUpperLeg: [8, 0, 0],
    rightLowerLeg: [12, 0, 0],
  },
}

/** @type {Record<string, (t: number) => Moment>} */
const MOTIONS = {
  still: () => ({}),
  spin: (t) => ({ yaw: 360 * Math.min(t, 1) ** 2 * (3 - 2 * Math.min(t, 1)) }),
  jump: (t) => {
    const u = t - 0.2
    const y = u > 0 && u < 0.5 ? 4.905 * u * (0.5 - u) : 0
    const crouch =
      t < 0.2
        ? Math.sin((t / 0.2) * Math.PI) * 30
        : u > 0.5 && u < 0.8
          ? Math.sin(((u - 0.5) / 0.3) * Math.PI) * 30
          : 0
    return {
      y,
      bones: {
        leftUpperLeg: [-crouch, 0, 0],
        rightUpperLeg: [-crouch, 0, 0],
        leftLowerLeg: [2 * crouch, 0, 0],
        rightLowerLeg: [2 * crouch, 0, 0],
      },
      drop: (1 - Math.cos((crouch * Math.PI) / 180)) * 0.5,
    }
  },
  sway: (t) => ({
    x: Math.sin(t * 5) * 0.12,
    bones: { spine: [0, 0, Math.sin(t * 5) * 10], head: [0, 0, -Math.sin(t * 5) * 14] },
  }),
  walk: (t) => {
    const s = Math.sin(t * 7)
    return {
      y: Math.abs(Math.cos(t * 7)) * 0.02,
      bones: {
        leftUpperLeg: [-30 * s, 0, 0],
        rightUpperLeg: [30 * s, 0, 0],
        leftLowerLeg: [20 + 20 * s, 0, 0],
        rightLowerLeg: [20 - 20 * s, 0, 0],
        leftUpperArm: [30 * s, 0, -68],
        rightUpperArm: [-30 * s, 0, 68],
        chest: [0, 6 * s, 0],
      },
    }
  },
}

/** @param {string} colour @param {number} strength @param {[number, number, number]} from */
const lamp = (colour, strength, from) => {
  const light = new THREE.DirectionalLight(colour, strength)
  light.position.set(...from)
  return light
}

/** @type {Record<string, () => Lighting>} */
const LIGHTS = {
  neutral: () => {
    const key = new THREE.DirectionalLight('#fff8f0', 2.4)
    key.position.set(-1, 2, 2.4)
    return { background: '#c9d0da', lights: [key, new THREE.HemisphereLight('#ffffff', '#c8c0d0', 1.1)] }
  },
  stage: () => {
    const key = new THREE.SpotLight('#ffd9b0', 30, 0, 0.7, 0.6)
    key.position.set(1.4, 3, 2.4)
    const blue = new THREE.DirectionalLight('#4060ff', 2.2)
    blue.position.set(-2, 1.5, -1.5)
    const pink = new THREE.DirectionalLight('#ff3a9a', 1.6)
    pink.position.set(2.4, 1, -1)
    return { background: '#15121f', lights: [key, blue, pink, new THREE.AmbientLight('#403a66', 1.2)] }
  },
  spotlight: () => ({
    background: '#2a1024',
    lights: [
      lamp('#ffe0a8', 3, [0.5, 3.2, 2.2]),
      lamp('#ff9a5c', 1.4, [-1.8, 2.2, -1.8]),
      new THREE.AmbientLight('#6f63a8', 0.75),
    ],
  }),
  neon: () => ({
    background: '#191440',
    lights: [
      lamp('#ff86d4', 2.1, [2.4, 1.4, 1.6]),
      lamp('#3df5ff', 2.2, [-2.2, 1.6, -0.6]),
      new THREE.AmbientLight('#4450b8', 1.15),
    ],
  }),
  dim: () => {
    const a = new THREE.DirectionalLight('#5a6cff', 1.1)
    a.position.set(-2, 2, 1)
    const b = new THREE.DirectionalLight('#ff5aa0', 0.9)
    b.position.set(2, 1, 0.5)
    return { background: '#0b0a12', lights: [a, b, new THREE.AmbientLight('#302a50', 0.8)] }
  },
  warm: () => {
    const a = new THREE.DirectionalLight('#ffb070', 2.6)
    a.position.set(2, 1.2, 1.6)
    return { background: '#3a2a2a', lights: [a, new THREE.AmbientLight('#8070a0', 1)] }
  },
  shadow: () => {
    const key = new THREE.DirectionalLight('#fff8f0', 2.4)
    key.position.set(-0.6, 2.6, 1.6)
    key.castShadow = true
    key.shadow.mapSize.set(1024, 1024)
    key.shadow.normalBias = 0.02
    Object.assign(key.shadow.camera, { left: -1, right: 1, top: 1.6, bottom: -0.4, near: 0.1, far: 6 })
    return {
      background: '#b9c6d2',
      floor: true,
      lights: [key, new THREE.HemisphereLight('#ffffff', '#c8c0d0', 1.1)],
    }
  },
}

const RAD = Math.PI / 180
const renderer = new THREE.WebGLRenderer({ antialias: true, preserveDrawingBuffer: true })
renderer.shadowMap.enabled = true
document.body.append(renderer.domElement)
const loader = new GLTFLoader()
loader.register((parser) => new VRMLoaderPlugin(parser))

/** @type {import('@pixiv/three-vrm').VRM} */
let vrm
const scene = new THREE.Scene()
const holder = new THREE.Group()
scene.add(holder)
let height = 1.3

/** Loads an avatar in place of the last one and tells what three-vrm found in it. @param {string} url */
async function load(url) {
  holder.clear()
  const gltf = await loader.loadAsync(url)
  vrm = gltf.userData.vrm
  VRMUtils.rotateVRM0(vrm)
  // What the app does to an avatar when it comes on stage must not break it.
  VRMUtils.removeUnnecessaryVertices(vrm.scene)
  VRMUtils.combineSkeletons(vrm.scene)
  VRMUtils.combineMorphs(vrm)
  holder.add(vrm.scene)
  let vertices = 0
  let draws = 0
  let morphs = 0
  vrm.scene.traverse((o) => {
    // Springs and poses reach beyond the bounds at rest.
    o.frustumCulled = false
    o.castShadow = o.receiveShadow = true
    if (!(o instanceof THREE.Mesh)) return
    vertices += o.geometry.attributes.position.count
    draws += Array.isArray(o.material) ? o.material.length : 1
    morphs = Math.max(morphs, o.morphTargetInfluences?.length ?? 0)
  })
  const box = new THREE.Box3().setFromObject(vrm.scene, true)
  height = box.max.y
  return {
    height: box.max.y,
    width: box.max.x - box.min.x,
    floor: box.min.y,
    bones: Object.keys(vrm.humanoid.humanBones).length,
    vertices,
    draws,
    morphs,
    expressions: Object.keys(vrm.expressionManager?.expressionMap ?? {}),
    springs: vrm.springBoneManager?.joints.size ?? 0,
  }
}

/** @param {Rotations} map */
function applyBones(map) {
  for (const [name, r] of Object.entries(map))
    vrm.humanoid
      .getNormalizedBoneNode(/** @type {BoneName} */ (name))
      ?.rotation.set(r[0] * RAD, r[1] * RAD, r[2] * RAD)
}

/** @param {BoneName} bone */
const placeOf = (bone) => {
  const at = new THREE.Vector3()
  vrm.humanoid.getRawBoneNode(bone)?.getWorldPosition(at)
  return at
}

/** @param {Shot} shot */
function light(shot) {
  for (const c of [...scene.children]) if (c !== holder) scene.remove(c)
  const { background, floor, lights } = LIGHTS[shot.light ?? 'neutral']()
  scene.background = shot.backdrop ? gradient(...shot.backdrop) : new THREE.Color(background)
  for (const l of lights) {
    scene.add(l)
    if (!(l instanceof THREE.DirectionalLight || l instanceof THREE.SpotLight)) continue
    l.target.position.set(0, 0.7, 0)
    scene.add(l.target)
  }
  if (!floor) return
  const disc = new THREE.Mesh(
    new THREE.CircleGeometry(2, 40),
    new THREE.MeshStandardMaterial({ color: '#d8d2c8' }),
  )
  disc.rotation.x = -Math.PI / 2
  disc.receiveShadow = true
  scene.add(disc)
}

/** @param {Shot} shot */
function pose(shot) {
  vrm.humanoid.resetNormalizedPose()
  vrm.expressionManager?.resetValues()
  holder.position.set(0, 0, 0)
  holder.rotation.set(0, 0, 0)
  applyBones(POSES[shot.pose ?? 'rest'])
  applyBones(shot.bones ?? {})
  if (vrm.lookAt) {
    vrm.lookAt.yaw = shot.gaze?.[0] ?? 0
    vrm.lookAt.pitch = shot.gaze?.[1] ?? 0
    vrm.lookAt.update(0)
  }
  for (const [name, w] of Object.entries(shot.face ?? {})) vrm.expressionManager?.setValue(name, w)
  vrm.humanoid.update()
  scene.updateMatrixWorld(true)
  vrm.springBoneManager?.reset()
  const dt = 1 / (shot.fps ?? 60)
  // Springs settle first, so that a motion starts from rest and a still hangs as it should.
  for (let i = 0; i < 40; i++) vrm.update(dt)
  if (!shot.motion) return
  for (let t = 0; t <= (shot.time ?? 1) + 1e-6; t += dt) {
    const m = MOTIONS[shot.motion](t)
    holder.position.set(m.x ?? 0, (m.y ?? 0) - (m.drop ?? 0), 0)
    holder.rotation.y = (m.yaw ?? 0) * RAD
    applyBones(m.bones ?? {})
    holder.updateMatrixWorld(true)
    vrm.update(dt)
  }
}

/** @param {Shot} shot @param {number} size */
function shoot(shot, size) {
  light(shot)
  pose(shot)
  scene.updateMatrixWorld(true)
  const hand = placeOf('leftHand').add(new THREE.Vector3(0.03, 0, 0))
  /** @type {Record<string, { at: number[], span: number }>} */
  const frames = {
    body: { at: [0, height * 0.5, 0], span: height * 1.14 },
    tiny: { at: [0, height * 0.5, 0], span: height * 1.2 },
    head: { at: [0, height * 0.84, 0], span: height * 0.46 },
    face: { at: [0, height * 0.79, 0], span: height * 0.31 },
    feet: { at: [0, height * 0.14, 0], span: height * 0.4 },
    hand: { at: hand.toArray(), span: 0.24 },
  }
  const frame = frames[shot.frame ?? 'body']
  const at = new THREE.Vector3().fromArray(shot.at ?? frame.at)
  const fov = 24
  const distance = (shot.span ?? frame.span) / 2 / Math.tan((fov / 2) * RAD)
  const yaw = (shot.yaw ?? 0) * RAD
  const pitch = (shot.pitch ?? (!shot.frame || shot.frame === 'body' ? 4 : 0)) * RAD
  const camera = new THREE.PerspectiveCamera(fov, 1, 0.05, 30)
  camera.position
    .set(Math.sin(yaw) * Math.cos(pitch), Math.sin(pitch), Math.cos(yaw) * Math.cos(pitch))
    .multiplyScalar(distance)
    .add(at)
  camera.lookAt(at)
  renderer.setSize(size, size)
  renderer.render(scene, camera)
  return renderer.domElement
}

/** @param {number} width @param {number} height */
function canvas(width, height) {
  const element = document.createElement('canvas')
  element.width = width
  element.height = height
  const g = /** @type {CanvasRenderingContext2D} */ (element.getContext('2d'))
  g.imageSmoothingQuality = 'high'
  return { element, g }
}

/** @param {Shot[]} shots @param {number} cell pixels @param {number} columns */
async function sheet(shots, cell, columns) {
  // Tiny frames are for judging the figure at 200 pixels.
  const size = shots.every((s) => s.frame === 'tiny') ? 240 : cell
  const bar = 18
  const { element, g } = canvas(columns * size, Math.ceil(shots.length / columns) * (size + bar))
  g.fillStyle = '#222'
  g.fillRect(0, 0, element.width, element.height)
  g.font = '12px sans-serif'
  for (const [i, shot] of shots.entries()) {
    const x = (i % columns) * size
    const y = Math.floor(i / columns) * (size + bar)
    g.drawImage(shoot(shot, size), x, y + bar)
    g.fillStyle = '#eee'
    g.fillText(shot.label, x + 6, y + 13)
    await new Promise((resolve) => setTimeout(resolve))
  }
  return element.toDataURL('image/png')
}

/** @param {string} top @param {string} bottom */
function gradient(top, bottom) {
  const { element, g } = canvas(4, 256)
  const fill = g.createLinearGradient(0, 0, 0, 256)
  fill.addColorStop(0, top)
  fill.addColorStop(1, bottom)
  g.fillStyle = fill
  g.fillRect(0, 0, 4, 256)
  const texture = new THREE.CanvasTexture(element)
  texture.colorSpace = THREE.SRGBColorSpace
  return texture
}

/**
 * One picture, rendered large and scaled down in steps for smooth edges.
 * @param {Shot} shot
 * @param {number} size
 * @param {'image/png' | 'image/webp'} type
 */
function portrait(shot, size, type) {
  const half = canvas(size * 2, size * 2)
  half.g.drawImage(shoot(shot, size * 4), 0, 0, size * 2, size * 2)
  const small = canvas(size, size)
  small.g.drawImage(half.element, 0, 0, size, size)
  return small.element.toDataURL(type, 0.92)
}

Object.assign(window, { look: { load, sheet, portrait } })
