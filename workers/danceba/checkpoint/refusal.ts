/** @file Why a file is not taken: every reason there is, and the Fault that carries one. */
import { Fault } from '../../../src/shared/fault'

/** What a Fault about a checkpoint says in `detail.reason`; the interface has a sentence for each. */
export const REASONS = [
  // It is no file.
  'address',
  // It is something else.
  'empty',
  'text',
  'html',
  'lfs-pointer',
  'rar',
  'archive', // `kind`: 7z, gzip, tar ...
  'zip', // `holds`: names of checkpoints in it, if any
  'torchscript',
  'safetensors',
  'other-format', // `kind`: onnx, gguf, pickle ...
  'unknown', // `start`: its first bytes
  // It is a checkpoint, and broken, unsafe or beyond what is read here.
  'incomplete',
  'damaged', // `entry`, `offset`, `storage` or `tensor`: where
  'unsafe', // `global` or `entry`
  'unsupported', // `global`, `entry` or `tensor`
  'too-complex',
  'unreadable',
  // It is read, and not the model that is wanted.
  'no-tensors',
  'other-model', // `found`: some of its tensors, with shapes
  'joints', // `joints`: how many it has
  'no-root',
  'differs', // `missing`, `differing`
  'not-finite', // `tensor`
  // It is read, and not alone.
  'twice', // `other`: the file that holds the same part
] as const

export type Reason = (typeof REASONS)[number]

/** A `bad-input` Fault with `detail: { what: 'checkpoint', reason, ... }`. */
export const refusal = (reason: Reason, message: string, detail: Record<string, unknown> = {}) =>
  new Fault('bad-input', message, { detail: { what: 'checkpoint', reason, ...detail } })

/** `differs`, of one tensor: missing, or of another shape than the others want. */
export const misfit = (
  model: 'gpt' | 'vq',
  tensor: string,
  shape?: { readonly found: string; readonly wanted: string },
) =>
  refusal(
    'differs',
    shape
      ? `${tensor} is ${shape.found}, where ${shape.wanted} is needed`
      : `the checkpoint has no ${tensor}`,
    {
      model,
      missing: shape ? [] : [tensor],
      differing: shape ? [`${tensor} (${shape.wanted}): ${shape.found}`] : [],
      count: 1,
    },
  )

/** Text out of a file, fit to be shown: printable, and not long. */
export const shown = (text: string) => text.slice(0, 120).replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '·')
