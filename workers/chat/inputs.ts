/**
 * @file What the library (4.3.1) prepares wrongly for a step of a model that also sees, of Qwen's classes, when it is given text
 * alone and keys and values to go on with.
 */
import { library } from '../runtime/transformers'

type Tensor = InstanceType<typeof library.Tensor>

interface Step {
  readonly input_ids?: Tensor
  readonly position_ids?: Tensor | null
  readonly past_key_values?: InstanceType<typeof library.DynamicCache> | null
  readonly pixel_values?: Tensor | null
}

/**
 * The same step as it should be. No picture is told by `null`, which is then taken for one: it is left out. And with the first
 * word of an answer positions leap to three times the length of the prompt: of text they are its place, on all three axes.
 */
export const mended = <T extends object>(inputs: T): T => {
  // Nothing to mend, as in nearly every model: no copy a token.
  if (!('pixel_values' in inputs) && (inputs as Step).position_ids?.dims.length !== 3) return inputs
  const { pixel_values: picture, ...step } = inputs as T & Step
  const { input_ids: ids, position_ids: positions, past_key_values: past } = step as Step
  const given = picture ? inputs : (step as unknown as T)
  if (picture || !ids || positions?.dims.length !== 3) return given
  const from = past?.get_seq_length() ?? 0
  const [batch, tokens] = ids.dims as [number, number]
  const places = BigInt64Array.from({ length: 3 * batch * tokens }, (_, i) => BigInt(from + (i % tokens)))
  return { ...given, position_ids: new library.Tensor('int64', places, [3, batch, tokens]) }
}
