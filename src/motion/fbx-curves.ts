/** @file The curves of one animation of an FBX file, by the model that they move. */
import { numbersOf, type FbxNode, type FbxValue } from './fbx-file'
import { turned, type Model, type Scene } from './fbx-scene'
import { slerp, type Quat } from './quaternion'
import { refuse } from './refuse'
import { mix, type Vec } from './vector'

/** The unit of an FBX's time. */
const TICKS_S = 46_186_158_000

interface Moving<T> {
  readonly begin: number
  readonly end: number
  readonly at: (seconds: number) => T
}

export type Curves = ReadonlyMap<
  FbxValue,
  { readonly translation?: Moving<Vec>; readonly rotation?: Moving<Quat> }
>

/** Of the animation that moves most: beside its clip, a file may have an empty take. */
export const curvesOf = async (scene: Scene, models: readonly Model[]): Promise<Curves> => {
  const byId = new Map(models.map((model) => [model.id, model]))
  const movers = (stack: FbxNode) => {
    // Layers above the first are corrections of it, and are left out.
    const [layer] = scene.below(stack.values[0]!, 'AnimationLayer')
    return layer ? scene.below(layer.values[0]!, 'AnimationCurveNode') : []
  }
  const nodes = scene
    .ofKind('AnimationStack')
    .map(movers)
    .reduce((most, each) => (each.length > most.length ? each : most), [])
  const curves = new Map<FbxValue, { translation?: Moving<Vec>; rotation?: Moving<Quat> }>()
  for (const node of nodes)
    for (const { parent, property } of scene.above(node.values[0]!)) {
      const model = byId.get(parent)
      if (!model || (property !== 'Lcl Rotation' && property !== 'Lcl Translation')) continue
      const { rotation, translation, order } = model.frame
      const keys = await keysOf(scene, node, property === 'Lcl Rotation' ? rotation : translation)
      if (!keys) continue
      const own = curves.get(parent) ?? {}
      if (property === 'Lcl Rotation') own.rotation = rotationOf(keys, order)
      else own.translation = translationOf(keys)
      curves.set(parent, own)
    }
  return curves
}

interface Keys {
  readonly times: Float64Array
  readonly values: readonly Vec[]
}

/** The three axes at the keys of any of them; straight lines between keys, which exporters write densely. */
const keysOf = async (scene: Scene, node: FbxNode, otherwise: Vec): Promise<Keys | undefined> => {
  const axes: ((seconds: number) => number)[] = otherwise.map((value) => () => value)
  const all = new Set<number>()
  for (const curve of scene.below(node.values[0]!, 'AnimationCurve')) {
    const link = scene.above(curve.values[0]!).find(({ parent }) => parent === node.values[0])
    const axis = ['d|X', 'd|Y', 'd|Z'].indexOf(link?.property ?? '')
    if (axis < 0) continue
    const child = (name: string) => curve.children.find((each) => each.name === name)
    const ticks = await numbersOf(child('KeyTime'))
    const values = await numbersOf(child('KeyValueFloat'))
    if (!ticks.length || values.length !== ticks.length)
      return refuse('broken', `${values.length} values for ${ticks.length} keys`)
    if (!ticks.every(Number.isFinite) || !values.every(Number.isFinite))
      return refuse('broken', 'a key is no number')
    const times = ticks.map((tick) => tick / TICKS_S)
    for (const time of times) all.add(time)
    const { at } = moving(times, (key, share) =>
      share ? values[key]! + (values[key + 1]! - values[key]!) * share : values[key]!,
    )
    axes[axis] = at
  }
  if (!all.size) return undefined
  const times = Float64Array.from(all).sort()
  return {
    times,
    values: Array.from(times, (time) => axes.map((axis) => axis(time)) as unknown as Vec),
  }
}

/** Frames of a recording lie nearer together than this: between them angles may leap by a whole turn and mean nothing by it. */
const DENSE_S = 0.05

/** Between keys far apart angles are what is meant, half a turn and more; between near ones, the turns that they make. */
const rotationOf = ({ times, values }: Keys, order: readonly Vec[]): Moving<Quat> => {
  const turns = values.map((degrees) => turned(degrees, order))
  return moving(times, (key, share, span) => {
    if (share === 0) return turns[key]!
    if (span < DENSE_S) return slerp(turns[key]!, turns[key + 1]!, share)
    return turned(mix(values[key]!, values[key + 1]!, share), order)
  })
}

const translationOf = ({ times, values }: Keys): Moving<Vec> =>
  moving(times, (key, share) => (share ? mix(values[key]!, values[key + 1]!, share) : values[key]!))

/** Told the key before a moment, and how much of the seconds to the next one have passed. Time goes forwards as a rule. */
const moving = <T>(
  times: Float64Array,
  between: (key: number, share: number, spanS: number) => T,
): Moving<T> => {
  let near = 0
  return {
    begin: times[0]!,
    end: times.at(-1)!,
    at: (seconds) => {
      if (times[near]! > seconds) near = 0
      while (near + 1 < times.length && times[near + 1]! <= seconds) near++
      const span = near + 1 < times.length ? times[near + 1]! - times[near]! : 0
      const share = span > 0 ? Math.min(1, Math.max(0, (seconds - times[near]!) / span)) : 0
      return between(near, share, span)
    },
  }
}
