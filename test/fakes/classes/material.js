/** @file What the classes are given, and how what comes out of them is looked at. */
import { library as T } from '../../../workers/runtime/transformers'

/** @typedef {import('../../../workers/runtime/transformers').Source} Source */
/** @typedef {import('@huggingface/transformers').Tensor} Tensor */
/** @typedef {(x: number, y: number) => number[]} Colour */

/** A graph that belongs to no class of the library's. @param {Source} source @param {string} [model_file_name] */
export const graphOf = ({ name, options }, model_file_name) => {
  /** @type {unknown} */
  const config = { model_type: 'custom' }
  return T.AutoModel.from_pretrained(name, {
    ...options,
    ...(model_file_name && { model_file_name }),
    config: /** @type {import('@huggingface/transformers').PretrainedConfig} */ (config),
  })
}

/** What `generate` gives, where nothing but tokens is asked of it. @param {unknown} output */
export const tensorOf = (output) => {
  if (output instanceof T.Tensor) return output
  throw new Error('no tensor came out')
}
/** What it says behind what it was given. @param {unknown} output @param {Tensor} given */
export const saidAfter = (output, given) => {
  const tokens = tensorOf(output)
  const [from, to] = [given.dims.at(-1) ?? 0, tokens.dims.at(-1) ?? 0]
  return tokens.slice(null, [from, to])
}

/** @param {number} seconds */
export const tone = (seconds, rate = 16_000, volume = 0.5) =>
  Float32Array.from(
    { length: Math.round(seconds * rate) },
    (_, i) => volume * Math.sin((2 * Math.PI * 220 * i) / rate),
  )

/** @param {number} width @param {number} height @param {Colour} colour */
export const picture = (width, height, colour) => {
  const data = new Uint8ClampedArray(width * height * 3)
  for (let i = 0; i < width * height; i++) data.set(colour(i % width, Math.floor(i / width)), i * 3)
  return new T.RawImage(data, width, height, 3)
}
/** @type {Colour} */
export const gradient = (x, y) => [(x * 4) % 256, (y * 5) % 256, ((x + y) * 3) % 256]
/** @type {Colour} */
export const black = () => [0, 0, 0]

/** @param {Blob} blob */
export const floatsOf = async (blob) => new Float32Array(await blob.arrayBuffer())
/** @param {Float32Array} samples */
export const peakOf = (samples) => samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
/** What is summed is a number only if each of them is. @param {Float32Array} samples */
export const finite = (samples) => Number.isFinite(samples.reduce((sum, value) => sum + value, 0))
/** @param {Float32Array} a @param {Float32Array} b */
export const differs = (a, b) =>
  a.length !== b.length || a.some((value, i) => Math.abs(value - /** @type {number} */ (b[i])) > 0.01)
