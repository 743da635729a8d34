/** @file What is in an FBX file: objects, how they are connected, and how its models stand at rest. */
import type { FbxNode, FbxValue } from './fbx-file'
import { IDENTITY, inverse, multiply, turn, type Quat } from './quaternion'
import { refuse } from './refuse'
import { add, sub, X, Y, Z, type Vec } from './vector'

export interface Model {
  readonly id: FbxValue
  readonly name: string
  /** Index, smaller than its own; -1 of a root. */
  readonly parent: number
  readonly frame: Frame
}

interface Link {
  readonly child: FbxValue
  readonly parent: FbxValue
  /** What of the parent it is, as `Lcl Rotation` or `d|X`. */
  readonly property: string | undefined
}

/** Kinds of models that are no part of a skeleton. */
const SEEN: ReadonlySet<FbxValue | undefined> = new Set(['Mesh', 'Camera', 'CameraSwitcher', 'Light'])

export class Scene {
  readonly objects: ReadonlyMap<FbxValue, FbxNode>
  readonly #above = new Map<FbxValue, Link[]>()
  readonly #below = new Map<FbxValue, Link[]>()

  constructor(nodes: readonly FbxNode[]) {
    const children = (name: string) => nodes.find((node) => node.name === name)?.children ?? []
    const objects = children('Objects').filter(({ values }) => values.length > 1)
    this.objects = new Map(objects.map((node) => [node.values[0]!, node]))
    for (const { values } of children('Connections')) {
      const [, child, parent, property] = values
      if (child === undefined || parent === undefined) continue
      const link = { child, parent, property: typeof property === 'string' ? property : undefined }
      this.#above.set(child, [...(this.#above.get(child) ?? []), link])
      this.#below.set(parent, [...(this.#below.get(parent) ?? []), link])
    }
    if (!objects.length) refuse('format', 'an FBX without objects')
  }

  above(id: FbxValue): readonly Link[] {
    return this.#above.get(id) ?? []
  }

  below(id: FbxValue, kind: string): FbxNode[] {
    return (this.#below.get(id) ?? []).flatMap(({ child }) => {
      const node = this.objects.get(child)
      return node?.name === kind ? [node] : []
    })
  }

  ofKind(kind: string): FbxNode[] {
    return [...this.objects.values()].filter(({ name }) => name === kind)
  }

  /** Models but those that are to be seen, parents before children. */
  skeleton(): Model[] {
    const models: Model[] = []
    const seen = new Set<FbxValue>()
    const visit = (node: FbxNode, parent: number) => {
      const [id] = node.values
      if (seen.has(id!)) return
      seen.add(id!)
      let here = parent
      if (!SEEN.has(node.values[2])) {
        here = models.length
        models.push({ id: id!, name: nameOf(node), parent, frame: frameOf(node) })
      }
      for (const child of this.below(id!, 'Model')) visit(child, here)
    }
    const isRoot = ({ values: [id] }: FbxNode) =>
      !this.above(id!).some(({ parent }) => this.objects.get(parent)?.name === 'Model')
    for (const node of this.ofKind('Model')) if (isRoot(node)) visit(node, -1)
    return models
  }
}

/** `Model::mixamorig:Hips` in ASCII; in binary the name, two zeros between, the class. */
const nameOf = ({ values: [, name] }: FbxNode) =>
  typeof name === 'string' ? name.replace(/\0[^]*$/, '').replace(/^\w+::/, '') : ''

/** What a place is made of, as FBX has it: T · Roff · Rp · Rpre · R · Rpost⁻¹ · Rp⁻¹ · Soff · Sp · S · Sp⁻¹. */
export interface Frame {
  readonly translation: Vec
  /** Degrees. */
  readonly rotation: Vec
  readonly scaling: Vec
  readonly order: readonly Vec[]
  readonly before: Quat
  readonly after: Quat
  readonly offset: Vec
  readonly pivot: Vec
  readonly scalingShift: Vec
}

const ORDERS: readonly (readonly Vec[])[] = [
  [X, Y, Z],
  [X, Z, Y],
  [Y, Z, X],
  [Y, X, Z],
  [Z, X, Y],
  [Z, Y, X],
]

const NOWHERE: Vec = [0, 0, 0]

const frameOf = (node: FbxNode): Frame => {
  const list = node.children.find(({ name }) => name === 'Properties70')?.children ?? []
  const properties = new Map(list.map(({ values }) => [values[0], values.slice(4)]))
  const vector = (name: string, otherwise = NOWHERE): Vec => {
    const [x, y, z] = (properties.get(name) ?? []).map(Number)
    return [x, y, z].every(Number.isFinite) ? [x!, y!, z!] : otherwise
  }
  // Only if a file says so are these not in use.
  const active = Number(properties.get('RotationActive')?.[0] ?? 1) !== 0
  const order = ORDERS[active ? Number(properties.get('RotationOrder')?.[0] ?? 0) : 0] ?? ORDERS[0]!
  const fixed = (name: string) => (active ? turned(vector(name), ORDERS[0]!) : IDENTITY)
  const scaling = vector('Lcl Scaling', [1, 1, 1])
  const pivot = vector('ScalingPivot')
  return {
    translation: vector('Lcl Translation'),
    rotation: vector('Lcl Rotation'),
    scaling,
    order,
    before: fixed('PreRotation'),
    after: inverse(fixed('PostRotation')),
    offset: vector('RotationOffset'),
    pivot: vector('RotationPivot'),
    scalingShift: add(vector('ScalingOffset'), sub(pivot, times(scaling, pivot))),
  }
}

const times = (a: Vec, b: Vec): Vec => [a[0] * b[0], a[1] * b[1], a[2] * b[2]]

/** About each axis in turn, the first one first. */
export const turned = (degrees: Vec, order: readonly Vec[]): Quat =>
  order.reduce<Quat>((q, axis) => {
    const radians = ((axis[0] * degrees[0] + axis[1] * degrees[1] + axis[2] * degrees[2]) * Math.PI) / 180
    return multiply(turn(axis, radians), q)
  }, IDENTITY)
