/**
 * Writes a character as a VRM 1.0 file: a GLB with VRMC_vrm, VRMC_springBone and VRMC_materials_mtoon. Written by hand
 * rather than through a glTF library because nearly everything here is extension data, and byte-for-byte output is
 * part of the contract.
 */

import { packShares } from './skin.js'

/** @typedef {import('./sdf.js').Vec3} Vec3 */
/** @typedef {import('./skeleton.js').Skeleton} Skeleton */
/** @typedef {import('./skin.js').Shares} Shares */
/**
 * @typedef {object} BodyMesh
 * @property {Vec3[]} positions
 * @property {Vec3[]} normals
 * @property {[number, number][]} uvs
 * @property {Shares[]} shares
 * @property {number[]} indices
 */
/**
 * @typedef {object} Collider
 * @property {string} node
 * @property {Vec3} offset
 * @property {number} radius
 * @property {Vec3} [tail] makes it a capsule
 */
/**
 * @typedef {object} Spring
 * @property {string} name
 * @property {string[]} joints root first, tail end last
 * @property {number} stiffness
 * @property {number} drag
 * @property {number} gravity
 * @property {number} hitRadius
 * @property {string[]} collides names of collider groups
 */
/**
 * @typedef {object} Follow a node that takes over part of the rotation of another one
 * @property {string} node
 * @property {string} source
 * @property {number} weight
 */
/**
 * @typedef {object} Outline
 * @property {number} width metres
 * @property {[number, number, number]} colour linear, multiplies the lit surface
 */
/**
 * @typedef {object} Character
 * @property {string} id
 * @property {string} title
 * @property {Skeleton} skeleton
 * @property {BodyMesh} body
 * @property {import('./face.js').FaceMesh} face
 * @property {{ lit: Buffer, shade: Buffer, gloss: Buffer, matcap: Buffer, glow: Buffer | null }} textures PNG files
 * @property {Outline} outline
 * @property {Record<string, { overrideBlink?: Override, overrideMouth?: Override, overrideLookAt?: Override }>} overrides
 * @property {Vec3} eyesAt the point between the eyes, world
 * @property {{ horizontal: number, up: number, down: number }} gaze degrees of gaze that use the full travel of the iris
 * @property {Spring[]} springs
 * @property {Follow[]} follows
 * @property {Record<string, Collider[]>} colliders
 * @property {Toon} toon
 * @property {Buffer | null} thumbnail PNG file
 */
/** @typedef {'none' | 'block' | 'blend'} Override */
/**
 * @typedef {object} Toon
 * @property {number} shift
 * @property {number} toony 0 is a soft ramp, 1 a hard edge
 * @property {[number, number, number]} rim linear
 * @property {number} rimPower
 */

const FLOAT = 5126
const UBYTE = 5121
const USHORT = 5123
const UINT = 5125

const PRESETS = [
  'happy',
  'angry',
  'sad',
  'relaxed',
  'surprised',
  'neutral',
  'aa',
  'ih',
  'ou',
  'ee',
  'oh',
  'blink',
  'blinkLeft',
  'blinkRight',
  'lookUp',
  'lookDown',
  'lookLeft',
  'lookRight',
]

/** Collects the binary chunk. */
class Bin {
  constructor() {
    /** @type {Buffer[]} */
    this.parts = []
    this.length = 0
    /** @type {object[]} */
    this.views = []
    /** @type {object[]} */
    this.accessors = []
  }

  /** @param {Uint8Array} bytes @param {number} [target] @returns {number} buffer view */
  view(bytes, target) {
    const pad = (4 - (this.length % 4)) % 4
    this.parts.push(Buffer.alloc(pad), Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    this.length += pad
    this.views.push({
      buffer: 0,
      byteOffset: this.length,
      byteLength: bytes.byteLength,
      ...(target && { target }),
    })
    this.length += bytes.byteLength
    return this.views.length - 1
  }

  /**
   * @param {Float32Array | Uint8Array | Uint16Array | Uint32Array} data
   * @param {'SCALAR' | 'VEC2' | 'VEC3' | 'VEC4' | 'MAT4'} type
   * @param {number} componentType
   * @param {{ target?: number, normalized?: boolean, bounds?: boolean }} [more]
   */
  accessor(data, type, componentType, { target, normalized, bounds } = {}) {
    const width = { SCALAR: 1, VEC2: 2, VEC3: 3, VEC4: 4, MAT4: 16 }[type]
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    this.accessors.push({
      bufferView: this.view(bytes, target),
      componentType,
      count: data.length / width,
      type,
      ...(normalized && { normalized }),
      ...(bounds && limits(/** @type {Float32Array} */ (data), width)),
    })
    return this.accessors.length - 1
  }

  /**
   * A morph delta that is zero except at a few vertices.
   * @param {Map<number, Vec3>} deltas
   * @param {number} count vertices in all
   * @param {boolean} bounds
   */
  sparse(deltas, count, bounds) {
    const entries = [...deltas].sort((a, b) => a[0] - b[0])
    const values = Float32Array.from(entries.flatMap(([, d]) => d))
    const all = bounds && limits(entries.length < count ? Float32Array.of(0, 0, 0, ...values) : values, 3)
    const accessor = { componentType: FLOAT, count, type: 'VEC3', ...all }
    if (entries.length) {
      const indices = Uint16Array.from(entries.map(([i]) => i))
      Object.assign(accessor, {
        sparse: {
          count: entries.length,
          indices: { bufferView: this.view(new Uint8Array(indices.buffer)), componentType: USHORT },
          values: { bufferView: this.view(new Uint8Array(values.buffer)) },
        },
      })
    }
    this.accessors.push(accessor)
    return this.accessors.length - 1
  }
}

/** @param {Float32Array} data @param {number} width */
function limits(data, width) {
  const min = new Array(width).fill(Infinity)
  const max = new Array(width).fill(-Infinity)
  for (let i = 0; i < data.length; i++) {
    const c = i % width
    min[c] = Math.min(min[c], data[i])
    max[c] = Math.max(max[c], data[i])
  }
  return { min, max }
}

/** @param {Character} character @returns {Buffer} */
export function writeVrm(character) {
  const { skeleton, body, face, toon } = character
  const bin = new Bin()
  const jointOf = (/** @type {string} */ name) => skeleton.of(name)

  /** @type {object[]} */
  const nodes = skeleton.nodes.map((n) => {
    const from = n.parent === null ? [0, 0, 0] : skeleton.at(n.parent)
    const children = skeleton.nodes.flatMap((c, i) => (c.parent === n.name ? [i] : []))
    const translation = n.at.map((v, i) => round(v - from[i]))
    const follow = character.follows.find((f) => f.node === n.name)
    return {
      name: n.name,
      ...(follow && {
        extensions: {
          VRMC_node_constraint: {
            specVersion: '1.0',
            constraint: { rotation: { source: skeleton.of(follow.source), weight: follow.weight } },
          },
        },
      }),
      ...(translation.some((v) => v !== 0) && { translation }),
      ...(children.length && { children }),
    }
  })
  const bodyNode = nodes.length
  const faceNode = bodyNode + 1
  nodes.push({ name: 'Body', mesh: 0, skin: 0 }, { name: 'Face', mesh: 1, skin: 0 })

  const inverseBind = Float32Array.from(
    skeleton.nodes.flatMap((n) => [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, ...n.at.map((v) => -round(v)), 1]),
  )

  /** @param {Vec3[]} positions @param {Vec3[]} normals @param {[number, number][]} uvs @param {Shares[]} shares */
  const attributes = (positions, normals, uvs, shares) => {
    const packed = shares.map((s) => packShares(s, jointOf))
    return {
      POSITION: bin.accessor(Float32Array.from(positions.flat()), 'VEC3', FLOAT, {
        target: 34962,
        bounds: true,
      }),
      NORMAL: bin.accessor(Float32Array.from(normals.flat()), 'VEC3', FLOAT, { target: 34962 }),
      TEXCOORD_0: bin.accessor(
        Uint16Array.from(uvs.flat().map((v) => Math.round(v * 65535))),
        'VEC2',
        USHORT,
        {
          target: 34962,
          normalized: true,
        },
      ),
      JOINTS_0: bin.accessor(Uint8Array.from(packed.flatMap((p) => p.joints)), 'VEC4', UBYTE, {
        target: 34962,
      }),
      WEIGHTS_0: bin.accessor(Uint8Array.from(packed.flatMap((p) => p.weights)), 'VEC4', UBYTE, {
        target: 34962,
        normalized: true,
      }),
    }
  }
  const indexAccessor = (/** @type {number[]} */ indices, /** @type {number} */ count) =>
    count < 65536
      ? bin.accessor(Uint16Array.from(indices), 'SCALAR', USHORT, { target: 34963 })
      : bin.accessor(Uint32Array.from(indices), 'SCALAR', UINT, { target: 34963 })

  const bodyPrimitive = {
    attributes: attributes(body.positions, body.normals, body.uvs, body.shares),
    indices: indexAccessor(body.indices, body.positions.length),
    material: 0,
  }
  const morphNames = Object.keys(face.morphs)
  const facePrimitive = {
    attributes: attributes(
      face.positions,
      face.normals,
      face.uvs,
      face.bones.map((b) => new Map([[b, 1]])),
    ),
    indices: indexAccessor(face.indices, face.positions.length),
    material: 1,
    targets: morphNames.map((name) => ({
      POSITION: bin.sparse(face.morphs[name].positions, face.positions.length, true),
      NORMAL: bin.sparse(face.morphs[name].normals, face.positions.length, false),
    })),
  }
  const skin = {
    joints: skeleton.nodes.map((_, i) => i),
    inverseBindMatrices: bin.accessor(inverseBind, 'MAT4', FLOAT),
    skeleton: 0,
  }

  /** @type {{ name: string, mimeType: string, bufferView: number }[]} */
  const images = []
  const image = (/** @type {string} */ name, /** @type {Buffer | null} */ png) => {
    if (!png) return -1
    images.push({ name, mimeType: 'image/png', bufferView: bin.view(png) })
    return images.length - 1
  }
  const lit = image('lit', character.textures.lit)
  const shade = image('shade', character.textures.shade)
  const gloss = image('gloss', character.textures.gloss)
  const matcap = image('matcap', character.textures.matcap)
  const glow = image('glow', character.textures.glow)
  const textures = images.map((_, source) => ({ sampler: 0, source }))
  const thumbnail = image('thumbnail', character.thumbnail)
  const emission = glow < 0 ? {} : { emissiveFactor: [1, 1, 1], emissiveTexture: { index: glow } }

  const mtoon = (/** @type {object} */ more) => ({
    specVersion: '1.0',
    transparentWithZWrite: false,
    renderQueueOffsetNumber: 0,
    shadeColorFactor: [1, 1, 1],
    shadingShiftFactor: toon.shift,
    shadingToonyFactor: toon.toony,
    giEqualizationFactor: 0.9,
    matcapFactor: [1, 1, 1],
    matcapTexture: { index: matcap },
    parametricRimColorFactor: toon.rim,
    parametricRimFresnelPowerFactor: toon.rimPower,
    parametricRimLiftFactor: 0,
    rimLightingMixFactor: 1,
    uvAnimationScrollXSpeedFactor: 0,
    uvAnimationScrollYSpeedFactor: 0,
    uvAnimationRotationSpeedFactor: 0,
    ...more,
  })
  const pbr = (/** @type {number} */ index) => ({
    baseColorTexture: { index },
    metallicFactor: 0,
    roughnessFactor: 0.75,
  })
  const materials = [
    {
      name: 'Vinyl',
      pbrMetallicRoughness: pbr(lit),
      ...emission,
      extensions: {
        VRMC_materials_mtoon: mtoon({
          shadeMultiplyTexture: { index: shade },
          rimMultiplyTexture: { index: gloss },
          outlineWidthMode: 'worldCoordinates',
          outlineWidthFactor: character.outline.width,
          outlineColorFactor: character.outline.colour,
          outlineLightingMixFactor: 1,
        }),
      },
    },
    {
      name: 'FacePrint',
      alphaMode: 'BLEND',
      pbrMetallicRoughness: pbr(lit),
      ...emission,
      extensions: {
        VRMC_materials_mtoon: mtoon({
          shadeMultiplyTexture: { index: shade },
          rimMultiplyTexture: { index: gloss },
          outlineWidthMode: 'none',
        }),
      },
    },
  ]

  /** Expressions. */
  const names = new Set([...PRESETS, ...morphNames])
  const expressions = {
    preset: /** @type {Record<string, object>} */ ({}),
    custom: /** @type {Record<string, object>} */ ({}),
  }
  for (const name of names) {
    const index = morphNames.indexOf(name)
    const entry = {
      isBinary: false,
      overrideBlink: 'none',
      overrideMouth: 'none',
      overrideLookAt: 'none',
      ...character.overrides[name],
      ...(index >= 0 && { morphTargetBinds: [{ node: faceNode, index, weight: 1 }] }),
    }
    ;(PRESETS.includes(name) ? expressions.preset : expressions.custom)[name] = entry
  }

  /** Springs. */
  const groupNames = Object.keys(character.colliders)
  const colliders = groupNames.flatMap((g) =>
    character.colliders[g].map((c) => ({
      node: jointOf(c.node),
      shape: c.tail
        ? { capsule: { offset: c.offset, radius: c.radius, tail: c.tail } }
        : { sphere: { offset: c.offset, radius: c.radius } },
    })),
  )
  let next = 0
  const colliderGroups = groupNames.map((name) => ({
    name,
    colliders: character.colliders[name].map(() => next++),
  }))
  const springs = character.springs.map((s) => ({
    name: s.name,
    joints: s.joints.map((j) => ({
      node: jointOf(j),
      hitRadius: s.hitRadius,
      stiffness: s.stiffness,
      gravityPower: s.gravity,
      gravityDir: [0, -1, 0],
      dragForce: s.drag,
    })),
    colliderGroups: s.collides.map((g) => groupNames.indexOf(g)),
  }))

  const head = skeleton.at('head')
  const range = (/** @type {number} */ degrees) => ({ inputMaxValue: degrees, outputScale: 1 })
  const json = {
    asset: { version: '2.0', generator: 'Proscenium avatar builder' },
    extensionsUsed: [
      'VRMC_vrm',
      'VRMC_springBone',
      'VRMC_materials_mtoon',
      ...(character.follows.length ? ['VRMC_node_constraint'] : []),
    ],
    scene: 0,
    scenes: [{ nodes: [0, bodyNode, faceNode] }],
    nodes,
    meshes: [
      { name: 'Body', primitives: [bodyPrimitive] },
      {
        name: 'Face',
        primitives: [facePrimitive],
        weights: morphNames.map(() => 0),
        extras: { targetNames: morphNames },
      },
    ],
    skins: [skin],
    materials,
    // No mipmaps: they would bleed between the ramps, and the prints are smooth enough to do without.
    samplers: [{ magFilter: 9729, minFilter: 9729, wrapS: 33071, wrapT: 33071 }],
    textures,
    images,
    accessors: bin.accessors,
    bufferViews: bin.views,
    buffers: [{ byteLength: 0 }],
    extensions: {
      VRMC_vrm: {
        specVersion: '1.0',
        meta: {
          name: character.title,
          version: '1',
          authors: ['Proscenium'],
          copyrightInformation: 'Proscenium',
          licenseUrl: 'https://vrm.dev/licenses/1.0/',
          avatarPermission: 'everyone',
          commercialUsage: 'corporation',
          allowExcessivelyViolentUsage: false,
          allowExcessivelySexualUsage: false,
          allowPoliticalOrReligiousUsage: false,
          allowAntisocialOrHateUsage: false,
          creditNotation: 'unnecessary',
          allowRedistribution: true,
          modification: 'allowModificationRedistribution',
          ...(thumbnail >= 0 && { thumbnailImage: thumbnail }),
        },
        humanoid: {
          humanBones: Object.fromEntries(
            skeleton.nodes.flatMap((n, i) => (n.human ? [[n.name, { node: i }]] : [])),
          ),
        },
        firstPerson: {
          meshAnnotations: [
            { node: bodyNode, type: 'auto' },
            { node: faceNode, type: 'auto' },
          ],
        },
        lookAt: {
          offsetFromHeadBone: character.eyesAt.map((v, i) => round(v - head[i])),
          type: 'expression',
          rangeMapHorizontalInner: range(character.gaze.horizontal),
          rangeMapHorizontalOuter: range(character.gaze.horizontal),
          rangeMapVerticalDown: range(character.gaze.down),
          rangeMapVerticalUp: range(character.gaze.up),
        },
        expressions,
      },
      VRMC_springBone: { specVersion: '1.0', colliders, colliderGroups, springs },
    },
  }

  let binary = Buffer.concat(bin.parts)
  binary = Buffer.concat([binary, Buffer.alloc((4 - (binary.length % 4)) % 4)])
  json.buffers[0].byteLength = binary.length
  let text = Buffer.from(JSON.stringify(json))
  text = Buffer.concat([text, Buffer.alloc((4 - (text.length % 4)) % 4, 0x20)])
  const header = Buffer.alloc(12)
  header.writeUInt32LE(0x46546c67, 0)
  header.writeUInt32LE(2, 4)
  header.writeUInt32LE(12 + 8 + text.length + 8 + binary.length, 8)
  const chunkHeader = (/** @type {number} */ size, /** @type {number} */ type) => {
    const b = Buffer.alloc(8)
    b.writeUInt32LE(size, 0)
    b.writeUInt32LE(type, 4)
    return b
  }
  return Buffer.concat([
    header,
    chunkHeader(text.length, 0x4e4f534a),
    text,
    chunkHeader(binary.length, 0x004e4942),
    binary,
  ])
}

/** A micrometre is fine enough, and keeps the JSON short. @param {number} v */
const round = (v) => Math.round(v * 1e6) / 1e6
