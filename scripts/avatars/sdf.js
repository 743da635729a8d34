/**
 * Signed-distance solids: the clay the avatars are modelled in.
 *
 * A solid is a distance function with a bounding box. The distances are only approximately Euclidean (ellipsoids and
 * swept locks are scaled spheres), which is enough here: the polygoniser needs the sign near the surface and a
 * gradient, and the skinning and occlusion code only compares distances. Units are metres.
 */

/** @typedef {[number, number, number]} Vec3 */
/**
 * @typedef {object} Solid
 * @property {(x: number, y: number, z: number) => number} distance negative inside
 * @property {Vec3} min lower corner of a box that holds the surface
 * @property {Vec3} max upper corner
 */

/** @param {Vec3} a @param {Vec3} b @returns {Vec3} */
export const add = (a, b) => [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
/** @param {Vec3} a @param {Vec3} b @returns {Vec3} */
export const sub = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
/** @param {Vec3} a @param {number} s @returns {Vec3} */
export const scale = (a, s) => [a[0] * s, a[1] * s, a[2] * s]
/** @param {Vec3} a @param {Vec3} b */
export const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
/** @param {Vec3} a */
export const length = (a) => Math.hypot(a[0], a[1], a[2])
/** @param {Vec3} a @returns {Vec3} */
export const normalize = (a) => scale(a, 1 / (length(a) || 1))
/** @param {Vec3} a @param {Vec3} b @param {number} t @returns {Vec3} */
export const lerp3 = (a, b, t) => [
  a[0] + (b[0] - a[0]) * t,
  a[1] + (b[1] - a[1]) * t,
  a[2] + (b[2] - a[2]) * t,
]
/** @param {number} a @param {number} b @param {number} t */
export const mix = (a, b, t) => a + (b - a) * t
/** @param {number} x @param {number} [lo] @param {number} [hi] */
export const clamp = (x, lo = 0, hi = 1) => Math.min(hi, Math.max(lo, x))
/** @param {number} e0 @param {number} e1 @param {number} x */
export const smoothstep = (e0, e1, x) => {
  const t = clamp((x - e0) / (e1 - e0))
  return t * t * (3 - 2 * t)
}

/**
 * @param {(x: number, y: number, z: number) => number} distance
 * @param {Vec3} min
 * @param {Vec3} max
 * @returns {Solid}
 */
export const solid = (distance, min, max) => ({ distance, min, max })

/** @param {Solid} s @param {number} by @returns {{ min: Vec3, max: Vec3 }} */
const grown = (s, by) => ({ min: add(s.min, [-by, -by, -by]), max: add(s.max, [by, by, by]) })

/**
 * An ellipsoid. The first-order distance keeps the gradient near unit length close to the surface.
 * @param {Vec3} c
 * @param {Vec3} r
 * @returns {Solid}
 */
export function ellipsoid(c, r) {
  const [cx, cy, cz] = c
  const [ix, iy, iz] = [1 / r[0], 1 / r[1], 1 / r[2]]
  const inner = Math.min(...r)
  return solid(
    (x, y, z) => {
      const px = (x - cx) * ix
      const py = (y - cy) * iy
      const pz = (z - cz) * iz
      const k0 = Math.sqrt(px * px + py * py + pz * pz)
      const k1 = Math.sqrt(px * px * ix * ix + py * py * iy * iy + pz * pz * iz * iz)
      return k1 < 1e-9 ? -inner : (k0 * (k0 - 1)) / k1
    },
    sub(c, r),
    add(c, r),
  )
}

/**
 * A superellipsoid-like box with strongly rounded sides: |x/a|^p + |y/b|^p + |z/c|^p = 1.
 * @param {Vec3} c
 * @param {Vec3} r
 * @param {number} p 2 is an ellipsoid; 3-4 is a soft cushion
 * @returns {Solid}
 */
export function cushion(c, r, p) {
  const inner = Math.min(...r)
  return solid(
    (x, y, z) => {
      const px = Math.abs(x - c[0]) / r[0]
      const py = Math.abs(y - c[1]) / r[1]
      const pz = Math.abs(z - c[2]) / r[2]
      const sum = px ** p + py ** p + pz ** p
      if (sum < 1e-12) return -inner
      const f = sum ** (1 / p)
      const q = f ** (1 - p)
      const gx = (q * px ** (p - 1)) / r[0]
      const gy = (q * py ** (p - 1)) / r[1]
      const gz = (q * pz ** (p - 1)) / r[2]
      return (f - 1) / Math.sqrt(gx * gx + gy * gy + gz * gz)
    },
    sub(c, r),
    add(c, r),
  )
}

/**
 * A cone with round ends (a capsule when the radii are equal).
 * @param {Vec3} a
 * @param {Vec3} b
 * @param {number} ra
 * @param {number} [rb]
 * @returns {Solid}
 */
export function roundCone(a, b, ra, rb = ra) {
  const ba = sub(b, a)
  const l2 = dot(ba, ba)
  const rr = ra - rb
  const a2 = l2 - rr * rr
  const il2 = 1 / l2
  const [bx, by, bz] = ba
  /** @type {Vec3} */
  const min = [0, 0, 0]
  /** @type {Vec3} */
  const max = [0, 0, 0]
  for (let i = 0; i < 3; i++) {
    min[i] = Math.min(a[i] - ra, b[i] - rb)
    max[i] = Math.max(a[i] + ra, b[i] + rb)
  }
  return solid(
    (x, y, z) => {
      const px = x - a[0]
      const py = y - a[1]
      const pz = z - a[2]
      const yy = px * bx + py * by + pz * bz
      const zz = yy - l2
      const qx = px * l2 - bx * yy
      const qy = py * l2 - by * yy
      const qz = pz * l2 - bz * yy
      const x2 = qx * qx + qy * qy + qz * qz
      const y2 = yy * yy * l2
      const z2 = zz * zz * l2
      const k = Math.sign(rr) * rr * rr * x2
      if (Math.sign(zz) * a2 * z2 > k) return Math.sqrt(x2 + z2) * il2 - rb
      if (Math.sign(yy) * a2 * y2 < k) return Math.sqrt(x2 + y2) * il2 - ra
      return (Math.sqrt(x2 * a2 * il2) + yy * rr) * il2 - ra
    },
    min,
    max,
  )
}

/**
 * A ring around the y axis, optionally elliptical in plan and with an elliptical section.
 * @param {Vec3} c
 * @param {[number, number]} plan radii along x and z
 * @param {[number, number]} section half width (outwards) and half height (along y)
 * @returns {Solid}
 */
export function ring(c, plan, section) {
  const [px, pz] = plan
  const [w, h] = section
  const inner = Math.min(w, h)
  return solid(
    (x, y, z) => {
      const dx = x - c[0]
      const dz = z - c[2]
      const k0 = Math.hypot(dx / px, dz / pz)
      const k1 = Math.hypot(dx / (px * px), dz / (pz * pz))
      const out = k1 < 1e-9 ? -Math.min(px, pz) : (k0 * (k0 - 1)) / k1
      const u = out / w
      const v = (y - c[1]) / h
      const m = Math.hypot(u, v)
      const g = Math.hypot(u / w, v / h)
      return g < 1e-9 ? -inner : (m * (m - 1)) / g
    },
    [c[0] - px - w, c[1] - h, c[2] - pz - w],
    [c[0] + px + w, c[1] + h, c[2] + pz + w],
  )
}

/**
 * A point on a sweep: position plus the half width and half thickness of the section there.
 * @typedef {object} SweepKnot
 * @property {Vec3} at
 * @property {number} width
 * @property {number} thick
 */

/**
 * A tapering strand with an elliptical section: a lock of hair, a scarf end, a tuft. The knots are smoothed with a
 * Catmull-Rom spline. `outward` gives the direction in which the section is thin.
 * @param {SweepKnot[]} knots
 * @param {(at: Vec3) => Vec3} outward
 * @param {number} [segmentsPerSpan]
 * @returns {Solid}
 */
export function sweep(knots, outward, segmentsPerSpan = 4) {
  const n = (knots.length - 1) * segmentsPerSpan
  const px = new Float64Array(n + 1)
  const py = new Float64Array(n + 1)
  const pz = new Float64Array(n + 1)
  const w = new Float64Array(n + 1)
  const h = new Float64Array(n + 1)
  for (let i = 0; i <= n; i++) {
    const span = Math.min(Math.floor(i / segmentsPerSpan), knots.length - 2)
    const t = i / segmentsPerSpan - span
    const k = [-1, 0, 1, 2].map((o) => knots[clamp(span + o, 0, knots.length - 1)])
    /** @param {(k: SweepKnot) => number} get */
    const value = (get) => catmullRom(get(k[0]), get(k[1]), get(k[2]), get(k[3]), t)
    px[i] = value((o) => o.at[0])
    py[i] = value((o) => o.at[1])
    pz[i] = value((o) => o.at[2])
    w[i] = Math.max(
      value((o) => o.width),
      5e-4,
    )
    h[i] = Math.max(
      value((o) => o.thick),
      5e-4,
    )
  }
  // The thin axis of every sample, made perpendicular to the strand so that the section does not shear.
  const ux = new Float64Array(n + 1)
  const uy = new Float64Array(n + 1)
  const uz = new Float64Array(n + 1)
  for (let i = 0; i <= n; i++) {
    const a = Math.max(i - 1, 0)
    const b = Math.min(i + 1, n)
    const t = normalize([px[b] - px[a], py[b] - py[a], pz[b] - pz[a]])
    const o = outward([px[i], py[i], pz[i]])
    const u = normalize(sub(o, scale(t, dot(o, t))))
    ux[i] = u[0]
    uy[i] = u[1]
    uz[i] = u[2]
  }
  /** @type {Vec3} */
  const min = [Infinity, Infinity, Infinity]
  /** @type {Vec3} */
  const max = [-Infinity, -Infinity, -Infinity]
  for (let i = 0; i <= n; i++) {
    const r = Math.max(w[i], h[i])
    const p = [px[i], py[i], pz[i]]
    for (let j = 0; j < 3; j++) {
      min[j] = Math.min(min[j], p[j] - r)
      max[j] = Math.max(max[j], p[j] + r)
    }
  }
  return solid(
    (x, y, z) => {
      let best = Infinity
      for (let i = 0; i < n; i++) {
        const ax = px[i]
        const ay = py[i]
        const az = pz[i]
        const bx = px[i + 1] - ax
        const by = py[i + 1] - ay
        const bz = pz[i + 1] - az
        const qx = x - ax
        const qy = y - ay
        const qz = z - az
        let t = (qx * bx + qy * by + qz * bz) / (bx * bx + by * by + bz * bz)
        t = t < 0 ? 0 : t > 1 ? 1 : t
        const dx = qx - bx * t
        const dy = qy - by * t
        const dz = qz - bz * t
        const d2 = dx * dx + dy * dy + dz * dz
        const ww = w[i] + (w[i + 1] - w[i]) * t
        const hh = h[i] + (h[i + 1] - h[i]) * t
        const wide = ww > hh ? ww : hh
        // A cheap lower bound skips most segments.
        const reach = best + wide
        if (reach < 0 || d2 > reach * reach) {
          if (best < Infinity) continue
        }
        const vx = ux[i] + (ux[i + 1] - ux[i]) * t
        const vy = uy[i] + (uy[i + 1] - uy[i]) * t
        const vz = uz[i] + (uz[i + 1] - uz[i]) * t
        const il = 1 / Math.sqrt(vx * vx + vy * vy + vz * vz)
        const v = (dx * vx + dy * vy + dz * vz) * il
        const s2 = Math.max(d2 - v * v, 0)
        const iw = 1 / (ww * ww)
        const ih = 1 / (hh * hh)
        const k0 = Math.sqrt(s2 * iw + v * v * ih)
        const k1 = Math.sqrt(s2 * iw * iw + v * v * ih * ih)
        const d = k1 < 1e-9 ? -Math.min(ww, hh) : (k0 * (k0 - 1)) / k1
        if (d < best) best = d
      }
      return best
    },
    min,
    max,
  )
}

/** @param {number} a @param {number} b @param {number} c @param {number} d @param {number} t */
export function catmullRom(a, b, c, d, t) {
  return (
    0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t * t * t)
  )
}

/**
 * A body of revolution about the y axis through `c`, given as a smooth profile of (y, radius) knots, with the plan
 * stretched along z. Open profiles are closed with flat caps.
 * @param {Vec3} c
 * @param {{ y: number, r: number }[]} profile in rising y
 * @param {number} [depth] z radius as a fraction of the x radius
 * @returns {Solid}
 */
export function lathe(c, profile, depth = 1) {
  const y0 = profile[0].y
  const y1 = profile[profile.length - 1].y
  const radius = curve(profile.map((k) => [k.y, k.r]))
  const rMax = Math.max(...profile.map((k) => k.r)) * 1.05
  return solid(
    (x, y, z) => {
      const py = y - c[1]
      const q = clamp(py, y0, y1)
      const r = radius(q)
      const e = 0.004
      const slope = (radius(Math.min(q + e, y1)) - radius(Math.max(q - e, y0))) / (2 * e)
      const out = (Math.hypot(x - c[0], (z - c[2]) / depth) - r) / Math.sqrt(1 + slope * slope)
      const cap = Math.max(y0 - py, py - y1)
      return out > 0 && cap > 0 ? Math.hypot(out, cap) : Math.max(out, cap)
    },
    [c[0] - rMax, c[1] + y0, c[2] - rMax * depth],
    [c[0] + rMax, c[1] + y1, c[2] + rMax * depth],
  )
}

/**
 * A smooth monotone-parameter curve through (x, y) knots (Hermite with limited slopes, so it never overshoots).
 * @param {[number, number][]} knots in rising x
 * @returns {(x: number) => number}
 */
export function curve(knots) {
  const n = knots.length
  const xs = knots.map((k) => k[0])
  const ys = knots.map((k) => k[1])
  const m = new Array(n).fill(0)
  const s = xs.slice(1).map((x, i) => (ys[i + 1] - ys[i]) / (x - xs[i]))
  for (let i = 0; i < n; i++) {
    if (i === 0) m[i] = s[0]
    else if (i === n - 1) m[i] = s[n - 2]
    else m[i] = s[i - 1] * s[i] <= 0 ? 0 : (2 * s[i - 1] * s[i]) / (s[i - 1] + s[i])
  }
  return (x) => {
    if (x <= xs[0]) return ys[0]
    if (x >= xs[n - 1]) return ys[n - 1]
    let i = 0
    while (x > xs[i + 1]) i++
    const d = xs[i + 1] - xs[i]
    const t = (x - xs[i]) / d
    const t2 = t * t
    const t3 = t2 * t
    return (
      ys[i] * (2 * t3 - 3 * t2 + 1) +
      m[i] * d * (t3 - 2 * t2 + t) +
      ys[i + 1] * (-2 * t3 + 3 * t2) +
      m[i + 1] * d * (t3 - t2)
    )
  }
}

/** @param {number} a @param {number} b @param {number} k */
export function smoothMin(a, b, k) {
  const h = k - Math.abs(a - b)
  return h > 0 && k > 0 ? Math.min(a, b) - (h * h) / (4 * k) : Math.min(a, b)
}

/** @param {number} x @param {number} y @param {number} z @param {Vec3} min @param {Vec3} max */
function boxDistance(x, y, z, min, max) {
  const dx = x < min[0] ? min[0] - x : x > max[0] ? x - max[0] : 0
  const dy = y < min[1] ? min[1] - y : y > max[1] ? y - max[1] : 0
  const dz = z < min[2] ? min[2] - z : z > max[2] ? z - max[2] : 0
  return Math.sqrt(dx * dx + dy * dy + dz * dz)
}

/**
 * Smooth union: `k` is the width of the fillet. Solids further away than they could matter are not evaluated.
 * @param {number} k
 * @param {Solid[]} solids
 * @returns {Solid}
 */
export const blend = (k, ...solids) => blendBy(() => k, k, ...solids)

/**
 * Smooth union with a fillet that varies over space.
 * @param {(x: number, y: number, z: number) => number} kAt
 * @param {number} k the widest
 * @param {Solid[]} solids
 * @returns {Solid}
 */
export function blendBy(kAt, k, ...solids) {
  /** @type {Vec3} */
  const min = [Infinity, Infinity, Infinity]
  /** @type {Vec3} */
  const max = [-Infinity, -Infinity, -Infinity]
  for (const s of solids)
    for (let j = 0; j < 3; j++) {
      min[j] = Math.min(min[j], s.min[j] - k / 4)
      max[j] = Math.max(max[j], s.max[j] + k / 4)
    }
  return solid(
    (x, y, z) => {
      const here = kAt(x, y, z)
      let d = Infinity
      for (const s of solids) {
        if (d < Infinity && boxDistance(x, y, z, s.min, s.max) > d + here) continue
        d = d === Infinity ? s.distance(x, y, z) : smoothMin(d, s.distance(x, y, z), here)
      }
      return d
    },
    min,
    max,
  )
}

/** @param {Solid[]} solids @returns {Solid} */
export const union = (...solids) => blend(0, ...solids)

/** @param {Solid} a @param {Solid} b @param {number} [k] @returns {Solid} */
export const subtract = (a, b, k = 0) =>
  solid((x, y, z) => -smoothMin(-a.distance(x, y, z), b.distance(x, y, z), k), a.min, a.max)

/** @param {Solid} a @param {Solid} b @param {number} [k] @returns {Solid} */
export const intersect = (a, b, k = 0) =>
  solid(
    (x, y, z) => -smoothMin(-a.distance(x, y, z), -b.distance(x, y, z), k),
    /** @type {Vec3} */ (a.min.map((v, i) => Math.max(v, b.min[i]))),
    /** @type {Vec3} */ (a.max.map((v, i) => Math.min(v, b.max[i]))),
  )

/** @param {Solid} s @param {number} by outwards @returns {Solid} */
export const offset = (s, by) => {
  const b = grown(s, Math.max(by, 0))
  return solid((x, y, z) => s.distance(x, y, z) - by, b.min, b.max)
}

/**
 * The half space on the far side of a plane: `normal` points out of the solid.
 * @param {Vec3} at
 * @param {Vec3} normal
 * @returns {Solid}
 */
export function halfSpace(at, normal) {
  const n = normalize(normal)
  const o = dot(n, at)
  return solid(
    (x, y, z) => n[0] * x + n[1] * y + n[2] * z - o,
    [-Infinity, -Infinity, -Infinity],
    [Infinity, Infinity, Infinity],
  )
}

/**
 * The solid mirrored into its twin across x = 0 (model the left one, at x > 0).
 * @param {Solid} s
 * @returns {Solid}
 */
export const mirrored = (s) =>
  solid((x, y, z) => s.distance(-x, y, z), [-s.max[0], s.min[1], s.min[2]], [-s.min[0], s.max[1], s.max[2]])

/** Both the solid and its mirror image. @param {Solid} s @param {number} [k] @returns {Solid} */
export const pair = (s, k = 0) => blend(k, s, mirrored(s))

/**
 * A solid turned about a pivot. Angles in radians, applied x, then y, then z.
 * @param {Solid} s
 * @param {Vec3} pivot
 * @param {Vec3} angles
 * @returns {Solid}
 */
export function rotated(s, pivot, angles) {
  const m = rotation(angles)
  /** @type {Vec3} */
  const min = [Infinity, Infinity, Infinity]
  /** @type {Vec3} */
  const max = [-Infinity, -Infinity, -Infinity]
  for (let c = 0; c < 8; c++) {
    /** @type {Vec3} */
    const p = [c & 1 ? s.max[0] : s.min[0], c & 2 ? s.max[1] : s.min[1], c & 4 ? s.max[2] : s.min[2]]
    const q = add(pivot, transform(m, sub(p, pivot)))
    for (let j = 0; j < 3; j++) {
      min[j] = Math.min(min[j], q[j])
      max[j] = Math.max(max[j], q[j])
    }
  }
  const [px, py, pz] = pivot
  return solid(
    (x, y, z) => {
      const dx = x - px
      const dy = y - py
      const dz = z - pz
      return s.distance(
        px + m[0] * dx + m[3] * dy + m[6] * dz,
        py + m[1] * dx + m[4] * dy + m[7] * dz,
        pz + m[2] * dx + m[5] * dy + m[8] * dz,
      )
    },
    min,
    max,
  )
}

/** Row-major rotation matrix Rz * Ry * Rx. @param {Vec3} angles */
export function rotation([ax, ay, az]) {
  const [cx, sx, cy, sy, cz, sz] = [
    Math.cos(ax),
    Math.sin(ax),
    Math.cos(ay),
    Math.sin(ay),
    Math.cos(az),
    Math.sin(az),
  ]
  return [
    cz * cy,
    cz * sy * sx - sz * cx,
    cz * sy * cx + sz * sx,
    sz * cy,
    sz * sy * sx + cz * cx,
    sz * sy * cx - cz * sx,
    -sy,
    cy * sx,
    cy * cx,
  ]
}

/** @param {number[]} m row-major 3x3 @param {Vec3} p @returns {Vec3} */
export const transform = (m, p) => [
  m[0] * p[0] + m[1] * p[1] + m[2] * p[2],
  m[3] * p[0] + m[4] * p[1] + m[5] * p[2],
  m[6] * p[0] + m[7] * p[1] + m[8] * p[2],
]

/**
 * A solid whose surface is pushed in or out by a field (positive is outwards).
 * @param {Solid} s
 * @param {(x: number, y: number, z: number) => number} by
 * @param {number} reach the most it pushes outwards
 * @returns {Solid}
 */
export function displaced(s, by, reach) {
  const b = grown(s, reach)
  return solid((x, y, z) => s.distance(x, y, z) - by(x, y, z), b.min, b.max)
}

/**
 * The surface normal from four samples instead of six: good enough for moving vertices about.
 * @param {Solid} s
 * @param {number} x
 * @param {number} y
 * @param {number} z
 * @param {number} [e]
 * @returns {Vec3}
 */
export function roughNormalAt(s, x, y, z, e = 8e-4) {
  const a = s.distance(x + e, y - e, z - e)
  const b = s.distance(x - e, y - e, z + e)
  const c = s.distance(x - e, y + e, z - e)
  const d = s.distance(x + e, y + e, z + e)
  return normalize([a - b - c + d, -a - b + c + d, -a + b - c + d])
}

/**
 * Unit gradient of a distance field: the surface normal.
 * @param {Solid} s
 * @param {number} x
 * @param {number} y
 * @param {number} z
 * @param {number} [e] half step of the central difference
 * @returns {Vec3}
 */
export function normalAt(s, x, y, z, e = 8e-4) {
  const d = s.distance
  return normalize([
    d(x + e, y, z) - d(x - e, y, z),
    d(x, y + e, z) - d(x, y - e, z),
    d(x, y, z + e) - d(x, y, z - e),
  ])
}

/**
 * Depth of the surface at a place seen from the front: z of the first hit of a ray along -z.
 * @param {Solid} s
 * @param {number} x
 * @param {number} y
 * @returns {number}
 */
export function frontOf(s, x, y) {
  let z = s.max[2] + 0.02
  while (z > s.min[2]) {
    const d = s.distance(x, y, z)
    if (d < 2e-5) return z
    z -= Math.max(d * 0.6, 2e-5)
  }
  throw new Error(`nothing in front at ${x.toFixed(3)}, ${y.toFixed(3)}`)
}
