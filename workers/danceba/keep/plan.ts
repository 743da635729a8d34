/** @file What becomes of a checkpoint: which half of Danceba it is, how large, and where its tensors will lie. */
import type { DancebaFound, DancebaPrecision } from '../../../src/shared/contracts'
import { crc32 } from '../checkpoint/crc32'
import type { Found } from '../checkpoint/recognise'
import { poseLayoutOf, poseShapeOf, type PoseShape } from '../motion/vqvae'
import { layoutOf, type Layout } from '../network/layout'
import { shapeOf, type Shape } from '../network/shape'

export type Plan =
  | { readonly part: 'generator'; readonly shape: Shape; readonly layout: Layout }
  | { readonly part: 'poses'; readonly shape: PoseShape; readonly layout: Layout }

/** Of what was recognised and demanded. Throws `bad-input`, reason `differs`, where its tensors do not go together. */
export const planOf = ({ model, tensors }: Found, precision: DancebaPrecision): Plan => {
  const table = (name: string) => tensors.get(name)
  if (model.kind === 'vq') return posesAs(poseShapeOf(table), precision)
  return generatorAs(shapeOf(table, model.kind === 'gpt' ? model.heads : undefined), precision)
}

const generatorAs = (shape: Shape, precision: DancebaPrecision): Plan => ({
  part: 'generator',
  shape,
  layout: layoutOf(shape, precision),
})

const posesAs = (shape: PoseShape, precision: DancebaPrecision): Plan => ({
  part: 'poses',
  shape,
  layout: poseLayoutOf(shape, precision),
})

const SIZES = [
  ...(['width', 'heads', 'base', 'mambas', 'music', 'codes', 'bins'] as const),
  ...(['hidden', 'gated', 'inner', 'state', 'rank', 'taps'] as const),
]
const POSE_SIZES = ['width', 'codes', 'stages', 'depth'] as const

/** The same again of what was written down. Undefined where a size is missing. */
export const planAgain = (
  { part, sizes }: Pick<DancebaFound, 'part' | 'sizes'>,
  precision: DancebaPrecision,
): Plan | undefined => {
  if (part === 'generator') {
    const shape = picked(sizes, SIZES)
    return shape && generatorAs(shape, precision)
  }
  const shape = picked(sizes, POSE_SIZES)
  return shape && posesAs(shape, precision)
}

const picked = <K extends string>(
  sizes: Readonly<Record<string, number>>,
  names: readonly K[],
): Record<K, number> | undefined =>
  names.every((name) => Number.isInteger(sizes[name]))
    ? (Object.fromEntries(names.map((name) => [name, sizes[name]])) as Record<K, number>)
    : undefined

/** Which another version of the app has to lay out alike, or what is kept means something else to it. */
export const printOf = ({ layout }: Plan): number =>
  crc32(new TextEncoder().encode(JSON.stringify(layout.segments)))
