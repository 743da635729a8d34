/**
 * Assembles the body: every part is polygonised, thinned, painted, shaded with baked occlusion and skinned, and all of
 * them end up in one mesh.
 */

import { decimate } from './decimate.js'
import { dropHidden, polygonise, project } from './polygonise.js'
import { clamp, mirrored, normalAt, union } from './sdf.js'
import { otherSide } from './skin.js'

/** @typedef {import('./sdf.js').Solid} Solid */
/** @typedef {import('./sdf.js').Vec3} Vec3 */
/** @typedef {import('./vrm.js').BodyMesh} BodyMesh */
/**
 * @typedef {object} Part
 * @property {string} name
 * @property {Solid} solid
 * @property {number} cell polygoniser pitch in metres
 * @property {number} vertices budget
 * @property {string | ((p: Vec3) => string)} ramp
 * @property {(p: Vec3, n: Vec3) => number} [along] design coordinate on the ramp, 0..1
 * @property {import('./skin.js').Weighting} weights
 * @property {boolean} [mirror] the part is the left one of a pair
 * @property {boolean} [ambidextrous] the weighting of a pair knows both sides by itself
 * @property {(x: number, y: number, z: number) => boolean} [hidden] surface that is never seen
 * @property {boolean} [shadeless] casts no baked occlusion on the others
 */

/** How far and how strongly neighbouring surfaces darken each other. */
const OCCLUSION_STEPS = [0.006, 0.014, 0.03, 0.055]

/**
 * Baked ambient occlusion: how much of the space in front of a place is free.
 * @param {Solid} scene
 * @returns {(p: Vec3, n: Vec3) => number} 1 is open
 */
export function occlusion(scene) {
  return (p, n) => {
    let blocked = 0
    let total = 0
    for (const [i, h] of OCCLUSION_STEPS.entries()) {
      const w = 0.78 ** i
      const d = scene.distance(p[0] + n[0] * h, p[1] + n[1] * h, p[2] + n[2] * h)
      blocked += w * clamp((h - d) / h, 0, 1.3)
      total += w
    }
    return clamp(1 - (blocked / total) * 1.15)
  }
}

/** @param {Part[]} parts @returns {Solid} everything that casts occlusion */
export const sceneOf = (parts) =>
  union(
    ...parts
      .filter((p) => !p.shadeless)
      .flatMap((p) => (p.mirror ? [p.solid, mirrored(p.solid)] : [p.solid])),
  )

/**
 * @param {Part[]} parts
 * @param {import('./atlas.js').Atlas} atlas
 * @param {(p: Vec3, n: Vec3) => number} open occlusion
 * @param {(line: string) => void} [log]
 * @returns {BodyMesh}
 */
export function assemble(parts, atlas, open, log = () => {}) {
  /** @type {BodyMesh} */
  const mesh = { positions: [], normals: [], uvs: [], shares: [], indices: [] }
  for (const part of parts) {
    let surface = polygonise(part.solid, part.cell)
    const dense = surface.positions.length / 3
    if (part.hidden) surface = dropHidden(surface, part.hidden)
    surface = decimate(surface, part.vertices)
    project(surface, part.solid, part.cell * 0.3)
    const count = surface.positions.length / 3
    log(`${part.name}: ${dense} -> ${count}${part.mirror ? ' x 2' : ''}`)
    for (const side of part.mirror ? [1, -1] : [1]) {
      const weights = side === 1 || part.ambidextrous ? part.weights : otherSide(part.weights)
      /** Vertices are made when a triangle first asks for them: on the border of two ramps they come in twos. */
      /** @type {Map<string, number>} */
      const made = new Map()
      const vertex = (/** @type {number} */ v, /** @type {string} */ ramp) => {
        const key = `${v} ${ramp}`
        const known = made.get(key)
        if (known !== undefined) return known
        const [x, y, z] = surface.positions.subarray(v * 3, v * 3 + 3)
        const n = normalAt(part.solid, x, y, z)
        /** @type {Vec3} */
        const p = [x * side, y, z]
        /** @type {Vec3} */
        const m = [n[0] * side, n[1], n[2]]
        made.set(key, mesh.positions.length)
        mesh.positions.push(p)
        mesh.normals.push(m)
        mesh.uvs.push(atlas.at(ramp, part.along ? part.along([x, y, z], n) : 0, open(p, m)))
        mesh.shares.push(weights(p))
        return mesh.positions.length - 1
      }
      const ramps = Array.from({ length: count }, (_, v) =>
        typeof part.ramp === 'string'
          ? part.ramp
          : part.ramp(/** @type {Vec3} */ ([...surface.positions.subarray(v * 3, v * 3 + 3)])),
      )
      for (let t = 0; t < surface.indices.length; t += 3) {
        const [a, b, c] = surface.indices.subarray(t, t + 3)
        // The majority of the corners decides about the triangle.
        const ramp = ramps[b] === ramps[c] ? ramps[b] : ramps[a]
        const corners = side === 1 ? [a, b, c] : [a, c, b]
        mesh.indices.push(...corners.map((v) => vertex(v, ramp)))
      }
    }
  }
  return mesh
}
