/**
 * Turns a solid into a triangle mesh: surface nets on a sparse grid, then the vertices are pulled onto the surface
 * and evened out. The result is dense and regular; `decimate.js` then spends the triangle budget where it shows.
 */

import { roughNormalAt } from './sdf.js'

/** @typedef {import('./sdf.js').Solid} Solid */
/**
 * @typedef {object} Surface
 * @property {Float64Array} positions xyz
 * @property {Uint32Array} indices counter-clockwise from outside
 */

const BLOCK = 8

/**
 * @param {Solid} solid
 * @param {number} cell grid pitch in metres
 * @returns {Surface}
 */
export function polygonise(solid, cell) {
  const pad = cell * 1.5
  const origin = solid.min.map((v) => v - pad)
  const blocks = solid.max.map((v, i) => Math.ceil((v + pad - origin[i]) / cell / BLOCK))
  const [nx, ny, nz] = blocks.map((b) => b * BLOCK + 1)
  const field = new Float32Array(nx * ny * nz).fill(1)
  const at = (/** @type {number} */ i, /** @type {number} */ j, /** @type {number} */ k) =>
    (k * ny + j) * nx + i

  // Only blocks that can hold a piece of the surface are sampled. The distances are approximate, hence the slack.
  const reach = (BLOCK * cell * Math.sqrt(3) * 1.6) / 2
  const live = []
  for (let bk = 0; bk < blocks[2]; bk++)
    for (let bj = 0; bj < blocks[1]; bj++)
      for (let bi = 0; bi < blocks[0]; bi++) {
        const c = [bi, bj, bk].map((b, a) => origin[a] + (b + 0.5) * BLOCK * cell)
        if (Math.abs(solid.distance(c[0], c[1], c[2])) > reach) continue
        live.push([bi * BLOCK, bj * BLOCK, bk * BLOCK])
      }
  const sampled = new Uint8Array(field.length)
  for (const [i0, j0, k0] of live)
    for (let k = k0; k <= k0 + BLOCK; k++)
      for (let j = j0; j <= j0 + BLOCK; j++)
        for (let i = i0; i <= i0 + BLOCK; i++) {
          const o = at(i, j, k)
          if (sampled[o]) continue
          sampled[o] = 1
          field[o] = solid.distance(origin[0] + i * cell, origin[1] + j * cell, origin[2] + k * cell)
        }

  const vertexOf = new Int32Array(field.length).fill(-1)
  /** @type {number[]} */
  const positions = []
  const corner = new Float64Array(8)
  for (const [i0, j0, k0] of live)
    for (let k = k0; k < k0 + BLOCK; k++)
      for (let j = j0; j < j0 + BLOCK; j++)
        for (let i = i0; i < i0 + BLOCK; i++) {
          let inside = 0
          for (let c = 0; c < 8; c++) {
            corner[c] = field[at(i + (c & 1), j + ((c >> 1) & 1), k + (c >> 2))]
            if (corner[c] < 0) inside++
          }
          if (inside === 0 || inside === 8) continue
          let sx = 0
          let sy = 0
          let sz = 0
          let crossings = 0
          for (let c = 0; c < 8; c++)
            for (let axis = 1; axis < 8; axis <<= 1) {
              if (c & axis) continue
              const a = corner[c]
              const b = corner[c | axis]
              if (a < 0 === b < 0) continue
              const t = a / (a - b)
              sx += (c & 1) + (axis === 1 ? t : 0)
              sy += ((c >> 1) & 1) + (axis === 2 ? t : 0)
              sz += (c >> 2) + (axis === 4 ? t : 0)
              crossings++
            }
          vertexOf[at(i, j, k)] = positions.length / 3
          positions.push(
            origin[0] + (i + sx / crossings) * cell,
            origin[1] + (j + sy / crossings) * cell,
            origin[2] + (k + sz / crossings) * cell,
          )
        }

  /** @type {number[]} */
  const indices = []
  const quad = (
    /** @type {number} */ a,
    /** @type {number} */ b,
    /** @type {number} */ c,
    /** @type {number} */ d,
    /** @type {boolean} */ flip,
  ) => {
    if (a < 0 || b < 0 || c < 0 || d < 0) return
    if (flip) indices.push(a, c, b, a, d, c)
    else indices.push(a, b, c, a, c, d)
  }
  for (const [i0, j0, k0] of live)
    for (let k = k0; k < k0 + BLOCK; k++)
      for (let j = j0; j < j0 + BLOCK; j++)
        for (let i = i0; i < i0 + BLOCK; i++) {
          const o = field[at(i, j, k)] < 0
          const v = vertexOf
          if (i > 0 && j > 0 && o !== field[at(i, j, k + 1)] < 0)
            quad(v[at(i - 1, j - 1, k)], v[at(i, j - 1, k)], v[at(i, j, k)], v[at(i - 1, j, k)], !o)
          if (j > 0 && k > 0 && o !== field[at(i + 1, j, k)] < 0)
            quad(v[at(i, j - 1, k - 1)], v[at(i, j, k - 1)], v[at(i, j, k)], v[at(i, j - 1, k)], !o)
          if (i > 0 && k > 0 && o !== field[at(i, j + 1, k)] < 0)
            quad(v[at(i - 1, j, k - 1)], v[at(i - 1, j, k)], v[at(i, j, k)], v[at(i, j, k - 1)], !o)
        }
  const surface = { positions: Float64Array.from(positions), indices: Uint32Array.from(indices) }
  relax(surface, solid, cell)
  return surface
}

/**
 * Moves every vertex onto the surface along the gradient.
 * @param {Surface} surface
 * @param {Solid} solid
 * @param {number} limit the furthest a vertex may move
 * @param {number} [steps]
 */
export function project(surface, solid, limit, steps = 2) {
  const p = surface.positions
  for (let v = 0; v < p.length; v += 3)
    for (let s = 0; s < steps; s++) {
      const d = solid.distance(p[v], p[v + 1], p[v + 2])
      if (Math.abs(d) < 1e-5) break
      const n = roughNormalAt(solid, p[v], p[v + 1], p[v + 2])
      const m = Math.max(-limit, Math.min(limit, d))
      p[v] -= n[0] * m
      p[v + 1] -= n[1] * m
      p[v + 2] -= n[2] * m
    }
}

/**
 * Evens out the triangles: Laplacian smoothing along the tangent plane, with the vertices pulled back each time.
 * @param {Surface} surface
 * @param {Solid} solid
 * @param {number} cell
 * @param {number} [rounds]
 */
export function relax(surface, solid, cell, rounds = 2) {
  const { positions: p, indices } = surface
  const count = p.length / 3
  const sum = new Float64Array(p.length)
  const degree = new Float64Array(count)
  for (let round = 0; round < rounds; round++) {
    sum.fill(0)
    degree.fill(0)
    for (let t = 0; t < indices.length; t += 3)
      for (let e = 0; e < 3; e++) {
        const a = indices[t + e]
        const b = indices[t + ((e + 1) % 3)]
        for (let j = 0; j < 3; j++) {
          sum[a * 3 + j] += p[b * 3 + j]
          sum[b * 3 + j] += p[a * 3 + j]
        }
        degree[a]++
        degree[b]++
      }
    for (let v = 0; v < count; v++) {
      if (!degree[v]) continue
      const o = v * 3
      const n = roughNormalAt(solid, p[o], p[o + 1], p[o + 2], cell * 0.15)
      const dx = sum[o] / degree[v] - p[o]
      const dy = sum[o + 1] / degree[v] - p[o + 1]
      const dz = sum[o + 2] / degree[v] - p[o + 2]
      const along = dx * n[0] + dy * n[1] + dz * n[2]
      p[o] += 0.5 * (dx - n[0] * along)
      p[o + 1] += 0.5 * (dy - n[1] * along)
      p[o + 2] += 0.5 * (dz - n[2] * along)
    }
    project(surface, solid, cell * 0.5, round === rounds - 1 ? 2 : 1)
  }
}

/**
 * Drops the triangles for which every corner satisfies `hidden`, and the vertices nobody uses any more.
 * @param {Surface} surface
 * @param {(x: number, y: number, z: number) => boolean} hidden
 * @returns {Surface}
 */
export function dropHidden(surface, hidden) {
  const { positions: p, indices } = surface
  const flags = new Uint8Array(p.length / 3)
  for (let v = 0; v < flags.length; v++) flags[v] = hidden(p[v * 3], p[v * 3 + 1], p[v * 3 + 2]) ? 1 : 0
  const kept = []
  for (let t = 0; t < indices.length; t += 3)
    if (!(flags[indices[t]] && flags[indices[t + 1]] && flags[indices[t + 2]]))
      kept.push(indices[t], indices[t + 1], indices[t + 2])
  return compact(p, kept)
}

/**
 * @param {Float64Array} positions
 * @param {ArrayLike<number>} indices
 * @returns {Surface}
 */
export function compact(positions, indices) {
  const remap = new Int32Array(positions.length / 3).fill(-1)
  const out = []
  const next = new Uint32Array(indices.length)
  for (let i = 0; i < indices.length; i++) {
    const v = indices[i]
    if (remap[v] < 0) {
      remap[v] = out.length / 3
      out.push(positions[v * 3], positions[v * 3 + 1], positions[v * 3 + 2])
    }
    next[i] = remap[v]
  }
  return { positions: Float64Array.from(out), indices: next }
}
