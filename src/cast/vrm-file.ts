/**
 * @file What a file must be before it may come near the stage: a GLB with a VRM humanoid, whole, of sane size, without
 * anything outside itself. Pure: it reads bytes and says what is there or throws `bad-input` with a `reason` that the
 * interface has words for.
 */
import { Fault } from '../shared/fault'
import { isData, readGlb, type Data } from '../shared/glb'

export type BadAvatar =
  /** Not a binary glTF, or its description cannot be read. */
  | 'not-gltf'
  /** The file ends before it should. */
  | 'truncated'
  /** A 3D model, but not a VRM, or without the bones of a humanoid. */
  | 'no-humanoid'
  /** Nodes that are their own ancestors, indices that point nowhere: what would hang or crash a loader. */
  | 'broken'
  /** Refers to other files; they are never fetched. */
  | 'external'
  /** More bytes, vertices, nodes or pixels than a browser tab can hold. */
  | 'too-big'

export interface VrmFacts {
  readonly version: '0' | '1'
  /** As the file calls itself; may be empty. */
  readonly name: string
}

/** Bytes. VRoid Studio's largest are about 50 MB; a tab on an 8 GB machine holds some 1.5 GB of everything. */
export const MAX_BYTES = 200e6

const MAX = {
  nodes: 20_000,
  vertices: 4e6,
  indices: 30e6,
  primitives: 5_000,
  images: 300,
  pixels: 8192 * 8192,
}

export const inspect = (bytes: Uint8Array): VrmFacts => {
  if (bytes.length > MAX_BYTES) refuse('too-big', `${bytes.length} bytes`)
  const { json, binary } = readGlb(bytes, (why, message, cause) =>
    refuse(why === 'format' ? 'not-gltf' : why, message, cause),
  )
  const model = new Model(json, binary)
  model.check()
  return model.humanoid()
}

const refuse = (reason: BadAvatar, message: string, cause?: unknown): never => {
  throw new Fault('bad-input', message, { detail: { what: 'avatar', reason }, cause })
}

const list = (value: unknown): readonly Data[] => (Array.isArray(value) ? value.filter(isData) : [])
const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined

/** Bytes of an element: components of a type, bytes of a component (glTF 2.0, 3.6.2.2). */
const COMPONENTS: Readonly<Record<string, number>> = {
  SCALAR: 1,
  VEC2: 2,
  VEC3: 3,
  VEC4: 4,
  MAT2: 4,
  MAT3: 9,
  MAT4: 16,
}
const COMPONENT_BYTES: Readonly<Record<number, number>> = {
  5120: 1,
  5121: 1,
  5122: 2,
  5123: 2,
  5125: 4,
  5126: 4,
}

const REQUIRED = [
  'hips',
  'spine',
  'head',
  ...['left', 'right'].flatMap((side) =>
    ['UpperArm', 'LowerArm', 'Hand', 'UpperLeg', 'LowerLeg', 'Foot'].map((part) => side + part),
  ),
]

class Model {
  readonly #description: Data
  readonly #binary: Uint8Array
  readonly #nodes: readonly Data[]
  readonly #views: readonly Data[]
  readonly #accessors: readonly Data[]

  constructor(description: Data, binary: Uint8Array) {
    this.#description = description
    this.#binary = binary
    this.#nodes = list(description['nodes'])
    this.#views = list(description['bufferViews'])
    this.#accessors = list(description['accessors'])
  }

  check() {
    this.#checkUris()
    this.#checkCounts()
    this.#checkTree()
    this.#checkData()
    this.#checkImages()
  }

  humanoid(): VrmFacts {
    const extensions = isData(this.#description['extensions']) ? this.#description['extensions'] : {}
    const one = extensions['VRMC_vrm']
    const zero = extensions['VRM']
    const vrm = isData(one) ? one : isData(zero) ? zero : refuse('no-humanoid', 'no VRM extension')
    const humanoid = isData(vrm['humanoid']) ? vrm['humanoid'] : {}
    const bones = new Map<string, unknown>()
    if (isData(one))
      for (const [name, bone] of Object.entries(isData(humanoid['humanBones']) ? humanoid['humanBones'] : {}))
        bones.set(name, isData(bone) ? bone['node'] : undefined)
    else for (const bone of list(humanoid['humanBones'])) bones.set(String(bone['bone']), bone['node'])
    const missing = REQUIRED.filter((name) => !this.#isNode(bones.get(name)))
    if (missing.length) refuse('no-humanoid', `bones missing: ${missing.join(', ')}`)
    const meta = isData(vrm['meta']) ? vrm['meta'] : {}
    const name = isData(one) ? meta['name'] : meta['title']
    return { version: isData(one) ? '1' : '0', name: typeof name === 'string' ? name.trim() : '' }
  }

  #isNode(index: unknown): index is number {
    return Number.isInteger(index) && (index as number) >= 0 && (index as number) < this.#nodes.length
  }

  #checkUris() {
    for (const kind of ['buffers', 'images'])
      for (const { uri } of list(this.#description[kind]))
        if (uri !== undefined && !(typeof uri === 'string' && uri.startsWith('data:')))
          refuse('external', `${kind} refer to ${JSON.stringify(uri).slice(0, 80)}`)
  }

  #checkCounts() {
    const primitives = list(this.#description['meshes']).flatMap((mesh) => list(mesh['primitives']))
    const images = list(this.#description['images'])
    const tooMany =
      this.#nodes.length > MAX.nodes || primitives.length > MAX.primitives || images.length > MAX.images
    if (tooMany)
      refuse(
        'too-big',
        `${this.#nodes.length} nodes, ${primitives.length} primitives, ${images.length} images`,
      )
    let vertices = 0
    let indices = 0
    for (const primitive of primitives) {
      const attributes = isData(primitive['attributes']) ? primitive['attributes'] : {}
      vertices += this.#count(attributes['POSITION'])
      indices += this.#count(primitive['indices'])
      for (const target of list(primitive['targets'])) vertices += this.#count(target['POSITION']) / 8
    }
    if (vertices > MAX.vertices || indices > MAX.indices)
      refuse('too-big', `${vertices} vertices, ${indices} indices`)
  }

  #count(accessor: unknown): number {
    if (accessor === undefined) return 0
    const found = typeof accessor === 'number' ? this.#accessors[accessor] : undefined
    if (!found) return refuse('broken', `no accessor ${JSON.stringify(accessor)}`)
    return number(found['count']) ?? refuse('broken', 'an accessor has no count')
  }

  /** Each node has one parent at most, and nobody is their own ancestor: then walking the tree ends. */
  #checkTree() {
    const parent = new Int32Array(this.#nodes.length).fill(-1)
    this.#nodes.forEach(({ children }, i) => {
      if (children === undefined) return
      if (!Array.isArray(children)) refuse('broken', 'children are no list')
      for (const child of children as unknown[]) {
        if (!this.#isNode(child)) return refuse('broken', `no node ${String(child)}`)
        if (parent[child] !== -1) return refuse('broken', `node ${child} has two parents`)
        parent[child] = i
      }
      return
    })
    // With one parent each, a cycle is a walk upwards that does not end within as many steps as there are nodes.
    const clear = new Uint8Array(this.#nodes.length)
    for (let start = 0; start < parent.length; start++) {
      const path: number[] = []
      for (let node = start; node !== -1 && !clear[node]; node = parent[node]!) {
        if (path.length > parent.length) refuse('broken', `node ${start} is its own ancestor`)
        path.push(node)
      }
      for (const node of path) clear[node] = 1
    }
  }

  /** Every view lies in its buffer and every accessor in its view: no reading past the end, no memory for nothing. */
  #checkData() {
    const buffers = list(this.#description['buffers'])
    for (const view of this.#views) {
      const offset = number(view['byteOffset']) ?? 0
      const length = number(view['byteLength']) ?? refuse('broken', 'a buffer view has no length')
      const buffer =
        buffers[number(view['buffer']) ?? -1] ?? refuse('broken', 'a buffer view without a buffer')
      const has = buffer['uri'] === undefined ? this.#binary.length : (number(buffer['byteLength']) ?? 0)
      if (offset < 0 || length < 0 || offset + length > has)
        refuse('truncated', 'a buffer view runs past the end')
    }
    for (const accessor of this.#accessors) {
      const count = number(accessor['count']) ?? 0
      const components =
        COMPONENTS[String(accessor['type'])] ?? refuse('broken', 'an accessor of no known type')
      const size =
        components *
        (COMPONENT_BYTES[number(accessor['componentType']) ?? 0] ?? refuse('broken', 'no component type'))
      if (count < 0 || !Number.isInteger(count)) refuse('broken', `an accessor of ${count} elements`)
      if (count > MAX.indices) refuse('too-big', `an accessor of ${count} elements`)
      if (accessor['bufferView'] === undefined) continue
      const view =
        this.#views[number(accessor['bufferView']) ?? -1] ?? refuse('broken', 'an accessor without a view')
      const stride = number(view['byteStride']) ?? size
      const needs = (number(accessor['byteOffset']) ?? 0) + (count === 0 ? 0 : stride * (count - 1) + size)
      if (needs > (number(view['byteLength']) ?? 0)) refuse('truncated', 'an accessor runs past its view')
    }
  }

  #checkImages() {
    for (const image of list(this.#description['images'])) {
      const view = typeof image['bufferView'] === 'number' ? this.#views[image['bufferView']] : undefined
      if (!view) continue
      const offset = number(view['byteOffset']) ?? 0
      const pixels = pixelsOf(this.#binary.subarray(offset, offset + (number(view['byteLength']) ?? 0)))
      if (pixels > MAX.pixels) refuse('too-big', `an image of ${pixels} pixels`)
    }
  }
}

/** Width times height of a PNG or JPEG by its header; 0 of anything else. A few bytes may unpack to gigabytes. */
const pixelsOf = (bytes: Uint8Array): number => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length >= 24 && view.getUint32(0) === 0x89504e47) return view.getUint32(16) * view.getUint32(20)
  if (bytes.length < 4 || view.getUint16(0) !== 0xffd8) return 0
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff; at += 2 + view.getUint16(at + 2)) {
    const marker = bytes[at + 1]!
    // Start of frame, in any coding; C4, C8 and CC are other things in the same range.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return view.getUint16(at + 5) * view.getUint16(at + 7)
  }
  return 0
}
