// @ts-nocheck: the library's types say little of what goes into a model
/** @file What the classes are given, and how what comes out of them is looked at. */
import { library as T } from '../../../workers/runtime/transformers'

export const tone = (seconds, rate = 16_000, volume = 0.5) =>
  Float32Array.from(
    { length: Math.round(seconds * rate) },
    (_, i) => volume * Math.sin((2 * Math.PI * 220 * i) / rate),
  )

export const picture = (width, height, colour) => {
  const data = new Uint8ClampedArray(width * height * 3)
  for (let i = 0; i < width * height; i++) data.set(colour(i % width, Math.floor(i / width)), i * 3)
  return new T.RawImage(data, width, height, 3)
}
export const gradient = (x, y) => [(x * 4) % 256, (y * 5) % 256, ((x + y) * 3) % 256]
export const black = () => [0, 0, 0]

export const floatsOf = async (blob) => new Float32Array(await blob.arrayBuffer())
export const peakOf = (samples) => samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
/** What is summed is a number only if each of them is. */
export const finite = (samples) => Number.isFinite(samples.reduce((sum, value) => sum + value, 0))
export const differs = (a, b) => a.length !== b.length || a.some((value, i) => Math.abs(value - b[i]) > 0.01)
