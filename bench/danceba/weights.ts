/** @file Danceba's weights at their full size, made by rule and kept as the app keeps them: in files of the device. */
import { poseLayoutOf, tensorsOf as poseTensorsOf } from '../../workers/danceba/motion/vqvae'
import { fill, type Read } from '../../workers/danceba/network/fill'
import { layoutOf, type Layout, type Precision } from '../../workers/danceba/network/layout'
import { tensorsOf, type Shape } from '../../workers/danceba/network/shape'
import { publishedRule } from '../../test/fixtures/danceba-published'
import { PUBLISHED, PUBLISHED_POSES } from '../../test/fixtures/danceba-sizes'
import { makeWeights, type WeightRule } from '../../test/fixtures/danceba-weights'
import { json } from './reference'

export const PRECISIONS = ['fp32', 'fp16', 'int8'] as const satisfies readonly Precision[]

/** So many blocks of either kind before the closing one: the reference's variants are `v1`, `v2` and, complete, `v6`. */
export const variant = (blocks: number): Shape => ({ ...PUBLISHED, base: blocks, mambas: blocks })

const never = new AbortController().signal
const folder = () => navigator.storage.getDirectory()
const kept = async (name: string) => (await (await folder()).getFileHandle(name)).getFile()

/** What only workers have of it, which the types of a page do not say. */
interface Handle {
  createSyncAccessHandle(): Promise<{
    write(bytes: Uint8Array, options: { at: number }): number
    flush(): void
    close(): void
  }>
}

const write = async (name: string, layout: Layout, read: Read) => {
  const handle = (await (await folder()).getFileHandle(name, { create: true })) as unknown as Handle
  const file = await handle.createSyncAccessHandle()
  await fill(never, layout, read, (at, bytes) => void file.write(bytes, { at }))
  file.flush()
  file.close()
}

/** Everything that the suite needs, once. */
export const makeAll = async () => {
  const shapes = new Map(tensorsOf(PUBLISHED))
  const made = (name: string) => makeWeights(name, publishedRule(name, shapes.get(name)!))
  const full = layoutOf(PUBLISHED, 'fp32')
  await write('generator-fp32', full, made)
  const file = await kept('generator-fp32')
  const plain = new Map(
    full.segments.flatMap((segment) =>
      segment.tensors
        .filter(({ form }) => form === 'as-is')
        .map(({ name, offset, bytes }) => [name, { at: segment.offset + offset, bytes }] as const),
    ),
  )
  const again: Read = async (name) => {
    const place = plain.get(name)
    if (!place) return made(name)
    return new Float32Array(await file.slice(place.at, place.at + place.bytes).arrayBuffer())
  }
  for (const precision of PRECISIONS.slice(1))
    await write(`generator-${precision}`, layoutOf(PUBLISHED, precision), again)

  const poses = new Map(poseTensorsOf(PUBLISHED_POSES).map(({ name, dims }) => [name, dims]))
  const rules = (await json<{ tensors: Record<string, WeightRule> }>('vqvae/weights.json'))?.tensors
  const pose: Read = (name) =>
    makeWeights(name, rules?.[name] ?? { shape: poses.get(name)!, rule: 'uniform', m: 0, a: 0.05 })
  for (const precision of ['fp32', 'fp16'] as const)
    await write(`poses-${precision}`, poseLayoutOf(PUBLISHED_POSES, precision), pose)
}

/** A generator of so many blocks out of the file of the complete one; `scale` of its rhythm rows. */
export const generator = async (precision: Precision, blocks = PUBLISHED.base, scale?: number) => {
  const file = await kept(`generator-${precision}`)
  const full = layoutOf(PUBLISHED, precision)
  const shape = variant(blocks)
  const layout = layoutOf(shape, precision)
  const parts = layout.segments.flatMap(({ name, tensors }): BlobPart[] => {
    const { offset, bytes } = full.segment(name)
    const at = tensors.find((tensor) => tensor.name === 'gpt_base.position_scale')?.offset
    if (at === undefined || scale === undefined) return [file.slice(offset, offset + bytes)]
    const behind = file.slice(offset + at + 4, offset + bytes)
    return [file.slice(offset, offset + at), Float32Array.of(scale), behind]
  })
  return { shape, layout, file: new Blob(parts) }
}

export const poses = async (precision: Precision) => {
  const form = precision === 'fp32' ? 'fp32' : 'fp16'
  return {
    shape: PUBLISHED_POSES,
    layout: poseLayoutOf(PUBLISHED_POSES, form),
    file: await kept(`poses-${form}`),
  }
}
