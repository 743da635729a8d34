/** @file What is kept of Danceba, as its networks want it. */
import type { Layout } from '../network/layout'
import type { Shape } from '../network/shape'
import type { PoseShape } from '../motion/vqvae'
import { Folder } from './folder'

export interface Weights {
  readonly generator?: { readonly shape: Shape; readonly layout: Layout; readonly file: Blob }
  readonly poses?: { readonly shape: PoseShape; readonly layout: Layout; readonly file: Blob }
}

/** The parts that are here. A file is read from disk as it is read, and can be read until its part is replaced or removed. */
export const openWeights = async (signal: AbortSignal): Promise<Weights> => {
  signal.throwIfAborted()
  const whole = await (await Folder.find())?.whole()
  signal.throwIfAborted()
  const weights: { -readonly [Part in keyof Weights]: Weights[Part] } = {}
  for (const { plan, file } of whole?.values() ?? []) {
    if (plan.part === 'generator') weights.generator = { ...plan, file }
    else weights.poses = { ...plan, file }
  }
  return weights
}
