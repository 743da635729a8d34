/**
 * @file Rotations in plain arrays: x, y, z, w from an offset. Everything writes into what it is given, because it runs some
 * forty times a frame.
 */
export type Numbers = Float32Array | Float64Array

export const RAD = Math.PI / 180

/** The rotation by angles (radians) applied in the order Y, X, Z, as stage/rig.ts does. */
export const fromAngles = (into: Numbers, at: number, x: number, y: number, z: number) => {
  const [cx, cy, cz] = [Math.cos(x / 2), Math.cos(y / 2), Math.cos(z / 2)]
  const [sx, sy, sz] = [Math.sin(x / 2), Math.sin(y / 2), Math.sin(z / 2)]
  into[at] = sx * cy * cz + cx * sy * sz
  into[at + 1] = cx * sy * cz - sx * cy * sz
  into[at + 2] = cx * cy * sz - sx * sy * cz
  into[at + 3] = cx * cy * cz + sx * sy * sz
}

/** After what stands there, a turn about one of the axes: q · axis(angle). */
export const turnX = (into: Numbers, at: number, angle: number) => {
  const [c, s] = [Math.cos(angle / 2), Math.sin(angle / 2)]
  const [x, y, z, w] = [into[at]!, into[at + 1]!, into[at + 2]!, into[at + 3]!]
  into[at] = x * c + w * s
  into[at + 1] = y * c + z * s
  into[at + 2] = z * c - y * s
  into[at + 3] = w * c - x * s
}

export const turnY = (into: Numbers, at: number, angle: number) => {
  const [c, s] = [Math.cos(angle / 2), Math.sin(angle / 2)]
  const [x, y, z, w] = [into[at]!, into[at + 1]!, into[at + 2]!, into[at + 3]!]
  into[at] = x * c - z * s
  into[at + 1] = y * c + w * s
  into[at + 2] = z * c + x * s
  into[at + 3] = w * c - y * s
}

export const turnZ = (into: Numbers, at: number, angle: number) => {
  const [c, s] = [Math.cos(angle / 2), Math.sin(angle / 2)]
  const [x, y, z, w] = [into[at]!, into[at + 1]!, into[at + 2]!, into[at + 3]!]
  into[at] = x * c + y * s
  into[at + 1] = y * c - x * s
  into[at + 2] = z * c + w * s
  into[at + 3] = w * c - z * s
}

export const clear = (into: Numbers, at: number) => {
  into[at] = into[at + 1] = into[at + 2] = 0
  into[at + 3] = 1
}

/** a⁻¹ · b: what b is as a child of a. */
export const relative = (into: Numbers, at: number, a: Numbers, atA: number, b: Numbers, atB: number) => {
  const [ax, ay, az, aw] = [-a[atA]!, -a[atA + 1]!, -a[atA + 2]!, a[atA + 3]!]
  const [bx, by, bz, bw] = [b[atB]!, b[atB + 1]!, b[atB + 2]!, b[atB + 3]!]
  into[at] = aw * bx + ax * bw + ay * bz - az * by
  into[at + 1] = aw * by - ax * bz + ay * bw + az * bx
  into[at + 2] = aw * bz + ax * by - ay * bx + az * bw
  into[at + 3] = aw * bw - ax * bx - ay * by - az * bz
}

/** Turn a vector in place. */
export const rotate = (vector: Numbers, q: Numbers, at: number) => {
  const [x, y, z, w] = [q[at]!, q[at + 1]!, q[at + 2]!, q[at + 3]!]
  const [vx, vy, vz] = [vector[0]!, vector[1]!, vector[2]!]
  const tx = 2 * (y * vz - z * vy)
  const ty = 2 * (z * vx - x * vz)
  const tz = 2 * (x * vy - y * vx)
  vector[0] = vx + w * tx + y * tz - z * ty
  vector[1] = vy + w * ty + z * tx - x * tz
  vector[2] = vz + w * tz + x * ty - y * tx
}

/** The rotation whose axes X and Y are these (unit vectors, at right angles). */
export const fromAxes = (into: Numbers, at: number, x: Numbers, y: Numbers) => {
  const [a, b, c] = [x[0]!, x[1]!, x[2]!]
  const [d, e, f] = [y[0]!, y[1]!, y[2]!]
  const [g, h, i] = [b * f - c * e, c * d - a * f, a * e - b * d]
  const trace = a + e + i
  if (trace > 0) {
    const s = 2 * Math.sqrt(trace + 1)
    put(into, at, (f - h) / s, (g - c) / s, (b - d) / s, s / 4)
  } else if (a > e && a > i) {
    const s = 2 * Math.sqrt(1 + a - e - i)
    put(into, at, s / 4, (d + b) / s, (g + c) / s, (f - h) / s)
  } else if (e > i) {
    const s = 2 * Math.sqrt(1 + e - a - i)
    put(into, at, (d + b) / s, s / 4, (h + f) / s, (g - c) / s)
  } else {
    const s = 2 * Math.sqrt(1 + i - a - e)
    put(into, at, (g + c) / s, (h + f) / s, s / 4, (b - d) / s)
  }
}

const put = (into: Numbers, at: number, x: number, y: number, z: number, w: number) => {
  into[at] = x
  into[at + 1] = y
  into[at + 2] = z
  into[at + 3] = w
}
