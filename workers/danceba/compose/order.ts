/** @file What is asked of a dance, seen through before anything is computed. */
import type { DancebaOrder } from '../../../src/shared/contracts'
import { Fault } from '../../../src/shared/fault'
import { WINDOW, type DecodeOptions } from '../network/decode'
import { FRAME_RATE } from './hearing'

/** Why an order makes no sense: `detail.reason` of its Fault, whose `detail.what` is `order`. */
export const ORDER_REASONS = ['temperature', 'top-k', 'seed', 'start', 'sample-shift', 'length'] as const
export type OrderReason = (typeof ORDER_REASONS)[number]

/**
 * The order as steps of decoding, to music of so many frames, with a generator of so many codes. Throws `bad-input` with one of
 * the reasons, the `value` that makes no sense and, where there is a largest one, `most`.
 */
export const decodingOf = (
  order: DancebaOrder,
  { frames, codes }: { readonly frames: number; readonly codes: number },
): DecodeOptions & { readonly length: number } => {
  const { temperature, topK, seed, start, sampleShift, lengthS = Infinity } = order
  expectThat('temperature', temperature, temperature >= 0 && temperature < Infinity)
  expectThat('top-k', topK, Number.isInteger(topK) && topK >= 0)
  expectThat('seed', seed, Number.isFinite(seed))
  for (const code of [start.up, start.down])
    expectThat('start', code, Number.isInteger(code) && code >= 0 && code < codes, codes - 1)
  expectThat(
    'sample-shift',
    sampleShift,
    Number.isInteger(sampleShift) && sampleShift >= 1 && sampleShift <= WINDOW,
    WINDOW,
  )
  expectThat('length', lengthS, lengthS > 0)
  // As many as a piece of music of that length has frames.
  const length = Math.min(frames, 1 + Math.floor(FRAME_RATE * lengthS))
  return { ...{ temperature, topK, seed, start, sampleShift }, length }
}

const expectThat = (reason: OrderReason, value: number, sensible: boolean, most?: number) => {
  if (sensible) return
  throw new Fault('bad-input', `${value} makes no sense as ${reason} of a dance`, {
    detail: { what: 'order', reason, value, ...(most !== undefined && { most }) },
  })
}
