/**
 * Quadric edge-collapse simplification (Garland & Heckbert), with open borders held in place, flips refused and a
 * small preference for compact triangles, so that smooth toon shading stays free of slivers.
 */

import { compact } from './polygonise.js'

/** @typedef {import('./polygonise.js').Surface} Surface */

/**
 * @param {Surface} surface
 * @param {number} targetVertices
 * @param {number} [maxError] stop as soon as every collapse would move the surface by more than this (metres)
 * @returns {Surface}
 */
export function decimate(surface, targetVertices, maxError = Infinity) {
  const p = Float64Array.from(surface.positions)
  const tri = Uint32Array.from(surface.indices)
  const count = p.length / 3
  const faces = tri.length / 3
  const alive = new Uint8Array(faces).fill(1)
  const gone = new Uint8Array(count)
  const version = new Uint32Array(count)
  /** @type {number[][]} */
  const facesOf = Array.from({ length: count }, () => [])
  for (let f = 0; f < faces; f++) for (let c = 0; c < 3; c++) facesOf[tri[f * 3 + c]].push(f)

  // Symmetric 4x4 quadrics, 10 numbers a vertex.
  const q = new Float64Array(count * 10)
  const addPlane = (
    /** @type {number} */ v,
    /** @type {number} */ a,
    /** @type {number} */ b,
    /** @type {number} */ c,
    /** @type {number} */ d,
    /** @type {number} */ w,
  ) => {
    const o = v * 10
    q[o] += w * a * a
    q[o + 1] += w * a * b
    q[o + 2] += w * a * c
    q[o + 3] += w * a * d
    q[o + 4] += w * b * b
    q[o + 5] += w * b * c
    q[o + 6] += w * b * d
    q[o + 7] += w * c * c
    q[o + 8] += w * c * d
    q[o + 9] += w * d * d
  }
  const normal = new Float64Array(3)
  const faceNormal = (/** @type {number} */ a, /** @type {number} */ b, /** @type {number} */ c) => {
    const ux = p[b * 3] - p[a * 3]
    const uy = p[b * 3 + 1] - p[a * 3 + 1]
    const uz = p[b * 3 + 2] - p[a * 3 + 2]
    const vx = p[c * 3] - p[a * 3]
    const vy = p[c * 3 + 1] - p[a * 3 + 1]
    const vz = p[c * 3 + 2] - p[a * 3 + 2]
    const x = uy * vz - uz * vy
    const y = uz * vx - ux * vz
    const z = ux * vy - uy * vx
    const l = Math.hypot(x, y, z)
    normal[0] = x / (l || 1)
    normal[1] = y / (l || 1)
    normal[2] = z / (l || 1)
    return l / 2
  }
  /** @type {Map<number, number>} */
  const edgeUses = new Map()
  const edgeKey = (/** @type {number} */ a, /** @type {number} */ b) =>
    a < b ? a * count + b : b * count + a
  let meanArea = 0
  for (let f = 0; f < faces; f++) meanArea += faceNormal(tri[f * 3], tri[f * 3 + 1], tri[f * 3 + 2])
  meanArea /= faces
  for (let f = 0; f < faces; f++) {
    const [a, b, c] = [tri[f * 3], tri[f * 3 + 1], tri[f * 3 + 2]]
    const area = faceNormal(a, b, c) / meanArea
    const d = -(normal[0] * p[a * 3] + normal[1] * p[a * 3 + 1] + normal[2] * p[a * 3 + 2])
    for (const v of [a, b, c]) addPlane(v, normal[0], normal[1], normal[2], d, area)
    for (const [i, j] of [
      [a, b],
      [b, c],
      [c, a],
    ])
      edgeUses.set(edgeKey(i, j), (edgeUses.get(edgeKey(i, j)) ?? 0) + 1)
  }
  // A border edge gets a plane perpendicular to its face, so that open rims keep their outline.
  for (let f = 0; f < faces; f++) {
    const corners = [tri[f * 3], tri[f * 3 + 1], tri[f * 3 + 2]]
    for (let e = 0; e < 3; e++) {
      const a = corners[e]
      const b = corners[(e + 1) % 3]
      if (edgeUses.get(edgeKey(a, b)) !== 1) continue
      faceNormal(corners[0], corners[1], corners[2])
      const ex = p[b * 3] - p[a * 3]
      const ey = p[b * 3 + 1] - p[a * 3 + 1]
      const ez = p[b * 3 + 2] - p[a * 3 + 2]
      let x = ey * normal[2] - ez * normal[1]
      let y = ez * normal[0] - ex * normal[2]
      let z = ex * normal[1] - ey * normal[0]
      const l = Math.hypot(x, y, z) || 1
      x /= l
      y /= l
      z /= l
      const d = -(x * p[a * 3] + y * p[a * 3 + 1] + z * p[a * 3 + 2])
      addPlane(a, x, y, z, d, 20)
      addPlane(b, x, y, z, d, 20)
    }
  }

  const best = new Float64Array(3)
  const sumQ = new Float64Array(10)
  const quadricError = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ z) =>
    sumQ[0] * x * x +
    2 * sumQ[1] * x * y +
    2 * sumQ[2] * x * z +
    2 * sumQ[3] * x +
    sumQ[4] * y * y +
    2 * sumQ[5] * y * z +
    2 * sumQ[6] * y +
    sumQ[7] * z * z +
    2 * sumQ[8] * z +
    sumQ[9]
  /** Cost of collapsing the edge; leaves the new position in `best`. */
  const collapseCost = (/** @type {number} */ a, /** @type {number} */ b) => {
    for (let i = 0; i < 10; i++) sumQ[i] = q[a * 10 + i] + q[b * 10 + i]
    const mx = (p[a * 3] + p[b * 3]) / 2
    const my = (p[a * 3 + 1] + p[b * 3 + 1]) / 2
    const mz = (p[a * 3 + 2] + p[b * 3 + 2]) / 2
    const len2 =
      (p[a * 3] - p[b * 3]) ** 2 + (p[a * 3 + 1] - p[b * 3 + 1]) ** 2 + (p[a * 3 + 2] - p[b * 3 + 2]) ** 2
    const [A, B, C, D, E, F, G, H, I] = sumQ
    // A pull towards the edge's midpoint keeps the solve well posed on flat and cylindrical areas.
    const r = 1e-3 * (A + E + H)
    const a0 = A + r
    const e0 = E + r
    const h0 = H + r
    const det = a0 * (e0 * h0 - F * F) - B * (B * h0 - F * C) + C * (B * F - e0 * C)
    let x = mx
    let y = my
    let z = mz
    if (Math.abs(det) > 1e-18) {
      const bx = -D + r * mx
      const by = -G + r * my
      const bz = -I + r * mz
      const sx = (bx * (e0 * h0 - F * F) - B * (by * h0 - F * bz) + C * (by * F - e0 * bz)) / det
      const sy = (a0 * (by * h0 - F * bz) - bx * (B * h0 - F * C) + C * (B * bz - by * C)) / det
      const sz = (a0 * (e0 * bz - by * F) - B * (B * bz - by * C) + bx * (B * F - e0 * C)) / det
      const far = (sx - mx) ** 2 + (sy - my) ** 2 + (sz - mz) ** 2
      if (far < len2 * 4) {
        x = sx
        y = sy
        z = sz
      }
    }
    best[0] = x
    best[1] = y
    best[2] = z
    return Math.max(quadricError(x, y, z), 0) + 2e-4 * len2
  }

  // Binary heap of candidate edges; stale entries are recognised by the vertices' versions.
  /** @type {{ cost: number, a: number, b: number, va: number, vb: number }[]} */
  const heap = []
  const push = (/** @type {number} */ a, /** @type {number} */ b) => {
    const item = { cost: collapseCost(a, b), a, b, va: version[a], vb: version[b] }
    let i = heap.length
    heap.push(item)
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (heap[parent].cost <= item.cost) break
      heap[i] = heap[parent]
      i = parent
    }
    heap[i] = item
  }
  const pop = () => {
    const top = heap[0]
    const last = heap[heap.length - 1]
    heap.length--
    const n = heap.length
    if (n > 0) {
      let i = 0
      for (;;) {
        let child = i * 2 + 1
        if (child >= n) break
        if (child + 1 < n && heap[child + 1].cost < heap[child].cost) child++
        if (heap[child].cost >= last.cost) break
        heap[i] = heap[child]
        i = child
      }
      heap[i] = last
    }
    return top
  }
  for (const key of edgeUses.keys()) push(Math.floor(key / count), key % count)

  const limit = maxError === Infinity ? Infinity : maxError * maxError
  let remaining = count
  while (remaining > targetVertices && heap.length) {
    const { a, b, va, vb, cost } = pop()
    if (gone[a] || gone[b] || version[a] !== va || version[b] !== vb) continue
    if (cost > limit) break
    // The link condition: an edge whose ends share more than two neighbours would pinch the surface.
    const around = new Set()
    for (const f of facesOf[a]) if (alive[f]) for (let c = 0; c < 3; c++) around.add(tri[f * 3 + c])
    let shared = 0
    const counted = new Set()
    for (const f of facesOf[b])
      if (alive[f])
        for (let c = 0; c < 3; c++) {
          const v = tri[f * 3 + c]
          if (v !== a && v !== b && around.has(v) && !counted.has(v)) {
            counted.add(v)
            shared++
          }
        }
    if (shared > 2) continue
    collapseCost(a, b)
    const [x, y, z] = best
    let flips = false
    for (const v of [a, b]) {
      const other = v === a ? b : a
      for (const f of facesOf[v]) {
        if (!alive[f]) continue
        const c = [tri[f * 3], tri[f * 3 + 1], tri[f * 3 + 2]]
        if (c.includes(other)) continue
        faceNormal(c[0], c[1], c[2])
        const [ox, oy, oz] = normal
        const keep = [p[v * 3], p[v * 3 + 1], p[v * 3 + 2]]
        p[v * 3] = x
        p[v * 3 + 1] = y
        p[v * 3 + 2] = z
        const area = faceNormal(c[0], c[1], c[2])
        const turned = normal[0] * ox + normal[1] * oy + normal[2] * oz
        let longest = 0
        for (let e = 0; e < 3; e++) {
          const i = c[e] * 3
          const j = c[(e + 1) % 3] * 3
          longest = Math.max(
            longest,
            (p[i] - p[j]) ** 2 + (p[i + 1] - p[j + 1]) ** 2 + (p[i + 2] - p[j + 2]) ** 2,
          )
        }
        p[v * 3] = keep[0]
        p[v * 3 + 1] = keep[1]
        p[v * 3 + 2] = keep[2]
        if (turned < 0.3 || area < longest * 0.04) {
          flips = true
          break
        }
      }
      if (flips) break
    }
    if (flips) continue
    p[a * 3] = x
    p[a * 3 + 1] = y
    p[a * 3 + 2] = z
    for (let i = 0; i < 10; i++) q[a * 10 + i] += q[b * 10 + i]
    for (const f of facesOf[b]) {
      if (!alive[f]) continue
      const o = f * 3
      if (tri[o] === a || tri[o + 1] === a || tri[o + 2] === a) {
        alive[f] = 0
        continue
      }
      for (let c = 0; c < 3; c++) if (tri[o + c] === b) tri[o + c] = a
      facesOf[a].push(f)
    }
    facesOf[a] = facesOf[a].filter((f) => alive[f])
    gone[b] = 1
    version[a]++
    remaining--
    const ring = new Set()
    for (const f of facesOf[a]) for (let c = 0; c < 3; c++) ring.add(tri[f * 3 + c])
    ring.delete(a)
    for (const v of ring) push(a, v)
  }
  const kept = []
  for (let f = 0; f < faces; f++) if (alive[f]) kept.push(tri[f * 3], tri[f * 3 + 1], tri[f * 3 + 2])
  return compact(p, kept)
}
