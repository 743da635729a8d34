/**
 * @file glTF 2.0 as far as motions need it: the values of accessors, the nodes at rest. A file that contradicts itself is
 * refused before anything is read past its end.
 */
import { isData, padded, readGlb as readContainer, type Data, type Glb } from '../shared/glb'
import { fromAxes, IDENTITY, inverse, multiply, normalize, rotate, type Quat } from './quaternion'
import { refuse } from './refuse'
import { add, length, scale, sub, type Vec } from './vector'

export const dataOf = (value: unknown): Data => (isData(value) ? value : {})
export const listOf = (value: unknown): readonly Data[] =>
  Array.isArray(value) ? value.map((entry) => dataOf(entry)) : []

/** The container, refused as a motion. */
export const readGlb = (bytes: Uint8Array): Glb => readContainer(bytes, refuse)

const COMPONENTS: Readonly<Record<string, number>> = { SCALAR: 1, VEC2: 2, VEC3: 3, VEC4: 4 }

/** Bytes of a component, how to read it, and what a normalised integer is divided by (glTF 2.0, 3.6.2.2). */
const KINDS: Readonly<
  Record<number, { bytes: number; most: number; read: (view: DataView, at: number) => number }>
> = {
  5120: { bytes: 1, most: 127, read: (view, at) => view.getInt8(at) },
  5121: { bytes: 1, most: 255, read: (view, at) => view.getUint8(at) },
  5122: { bytes: 2, most: 32767, read: (view, at) => view.getInt16(at, true) },
  5123: { bytes: 2, most: 65535, read: (view, at) => view.getUint16(at, true) },
  5126: { bytes: 4, most: 1, read: (view, at) => view.getFloat32(at, true) },
}

/** A node's place: turned, then moved; scale for each axis. Shear does not occur in skeletons. */
export interface Place {
  readonly turn: Quat
  readonly move: Vec
  readonly size: Vec
}

const HERE: Place = { turn: IDENTITY, move: [0, 0, 0], size: [1, 1, 1] }

export const within = (parent: Place, local: Place): Place => ({
  turn: normalize(multiply(parent.turn, local.turn)),
  move: outward(parent, local.move),
  size: times(parent.size, local.size),
})
/** A point of a node's own space, in the space outside it. */
export const outward = ({ turn, move, size }: Place, point: Vec): Vec =>
  add(move, rotate(turn, times(point, size)))
export const inward = ({ turn, move, size }: Place, point: Vec): Vec =>
  times(rotate(inverse(turn), sub(point, move)), [1 / size[0], 1 / size[1], 1 / size[2]])
const times = (a: Vec, b: Vec): Vec => [a[0] * b[0], a[1] * b[1], a[2] * b[2]]

export class GltfFile {
  readonly json: Data
  readonly binary: Uint8Array
  readonly nodes: readonly Data[]
  /** Index of each node's parent, -1 of a root. */
  readonly parents: Int32Array
  readonly #rest = new Map<number, Place>()

  constructor(bytes: Uint8Array) {
    const { json, binary } = readGlb(bytes)
    this.json = json
    this.binary = binary
    this.nodes = listOf(json['nodes'])
    this.parents = new Int32Array(this.nodes.length).fill(-1)
    this.nodes.forEach(({ children }, i) => {
      for (const child of Array.isArray(children) ? (children as unknown[]) : []) {
        if (!this.isNode(child) || this.parents[child] !== -1)
          return refuse('broken', `node ${i} and its children`)
        this.parents[child] = i
      }
      return
    })
    this.nodes.forEach((_, i) => {
      let above = i
      for (let steps = 0; above !== -1; steps++) {
        if (steps > this.nodes.length) refuse('broken', `node ${i} is its own ancestor`)
        above = this.parents[above]!
      }
    })
  }

  isNode(index: unknown): index is number {
    return Number.isInteger(index) && (index as number) >= 0 && (index as number) < this.nodes.length
  }

  /** As the file has it: translation, rotation and scale, or a matrix of them. */
  local(index: number): Place {
    const { matrix, translation, rotation, scale: size } = this.nodes[index]!
    if (isNumbers(matrix, 16)) return decompose(matrix)
    return {
      turn: isNumbers(rotation, 4) ? normalize(rotation as unknown as Quat) : IDENTITY,
      move: isNumbers(translation, 3) ? (translation as unknown as Vec) : HERE.move,
      size: isNumbers(size, 3) ? (size as unknown as Vec) : HERE.size,
    }
  }

  /** In the world, at rest. */
  rest(index: number): Place {
    if (index < 0) return HERE
    let place = this.#rest.get(index)
    if (!place) this.#rest.set(index, (place = within(this.rest(this.parents[index]!), this.local(index))))
    return place
  }

  /** The values of an accessor as floating point, normalised where it says so. */
  values(index: unknown): { values: Float32Array; components: number; count: number } {
    const accessor = listOf(this.json['accessors'])[typeof index === 'number' ? index : -1]
    if (!accessor) return refuse('broken', `no accessor ${String(index)}`)
    if (accessor['sparse'] !== undefined) return refuse('format', 'sparse accessors are not read')
    const kind = KINDS[Number(accessor['componentType'])]
    const components = COMPONENTS[String(accessor['type'])]
    const count = Number(accessor['count'])
    if (!kind || !components || !Number.isInteger(count) || count < 0)
      return refuse('broken', `accessor ${String(index)} is of no known type`)
    const view = listOf(this.json['bufferViews'])[Number(accessor['bufferView'] ?? -1)]
    if (!view) return refuse('broken', `accessor ${String(index)} without a buffer view`)
    if (Number(view['buffer'] ?? 0) !== 0 || listOf(this.json['buffers'])[0]?.['uri'] !== undefined)
      return refuse('format', 'the values are not in the file itself')
    const stride = Number(view['byteStride'] ?? components * kind.bytes)
    const start = Number(view['byteOffset'] ?? 0) + Number(accessor['byteOffset'] ?? 0)
    const end = count === 0 ? start : start + stride * (count - 1) + components * kind.bytes
    if (!(start >= 0 && stride > 0 && end <= this.binary.length))
      return refuse('truncated', `accessor ${String(index)} runs past the end`)
    const bytes = new DataView(this.binary.buffer, this.binary.byteOffset, this.binary.byteLength)
    const divisor = accessor['normalized'] === true ? kind.most : 1
    const values = new Float32Array(count * components)
    for (let i = 0; i < values.length; i++) {
      const place = start + Math.floor(i / components) * stride + (i % components) * kind.bytes
      // The most negative integer is one below what is normalised to -1.
      values[i] = Math.max(divisor === 1 ? -Infinity : -1, kind.read(bytes, place) / divisor)
    }
    return { values, components, count }
  }
}

const isNumbers = (value: unknown, size: number): value is readonly number[] =>
  Array.isArray(value) && value.length === size && value.every((entry) => Number.isFinite(entry))

/** Of a matrix in columns. A mirrored one gets one negative scale, as glTF's own note on decomposing has it. */
const decompose = (m: readonly number[]): Place => {
  const column = (i: number): Vec => [m[i * 4]!, m[i * 4 + 1]!, m[i * 4 + 2]!]
  const [x, y, z] = [column(0), column(1), column(2)]
  const mirrored =
    x[0] * (y[1] * z[2] - y[2] * z[1]) -
      x[1] * (y[0] * z[2] - y[2] * z[0]) +
      x[2] * (y[0] * z[1] - y[1] * z[0]) <
    0
  const size: Vec = [mirrored ? -length(x) : length(x), length(y), length(z)]
  const axes = [x, y, z].map((axis, i) => scale(axis, 1 / size[i]!)) as [Vec, Vec, Vec]
  return { turn: normalize(fromAxes(...axes)), move: column(3), size }
}

/** New values for a file: views and accessors numbered from what is there already. */
export class Values {
  readonly #parts: Uint8Array[] = []
  readonly #firstView: number
  readonly #firstAccessor: number
  readonly #start: number
  #bytes = 0
  readonly views: Data[] = []
  readonly accessors: Data[] = []

  constructor(firstView = 0, firstAccessor = 0, startBytes = 0) {
    this.#firstView = firstView
    this.#firstAccessor = firstAccessor
    this.#start = padded(startBytes)
  }

  /** The index of a new accessor. `bounds` is demanded of the times of an animation. */
  add(values: Float32Array, type: 'SCALAR' | 'VEC3' | 'VEC4', bounds = false): number {
    this.views.push({ buffer: 0, byteOffset: this.#start + this.#bytes, byteLength: values.byteLength })
    this.accessors.push({
      bufferView: this.#firstView + this.views.length - 1,
      componentType: 5126,
      count: values.length / COMPONENTS[type]!,
      type,
      ...(bounds && {
        min: [values.reduce((a, b) => Math.min(a, b))],
        max: [values.reduce((a, b) => Math.max(a, b))],
      }),
    })
    this.#parts.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    this.#bytes += values.byteLength
    return this.#firstAccessor + this.accessors.length - 1
  }

  /** What was there and what is new, as one binary part. */
  appendTo(before: Uint8Array): Uint8Array {
    const whole = new Uint8Array(this.#start + this.#bytes)
    whole.set(before)
    let place = this.#start
    for (const part of this.#parts) {
      whole.set(part, place)
      place += part.length
    }
    return whole
  }
}
