/** @file Graphs that know whether somebody speaks, and whether they have finished. */
import { library as T } from '../../../workers/runtime/transformers'
import { graphOf, tone } from './material.js'

/** @typedef {import('./material.js').Source} Source */

/** @param {Source} source */
export const silero = async (source) => {
  const model = await graphOf(source)
  return async () => {
    const sr = new T.Tensor('int64', [16_000n], [])
    let state = new T.Tensor('float32', new Float32Array(256), [2, 1, 128])
    const speech = []
    for (const volume of [0, 0.05, 0.5]) {
      const input = new T.Tensor('float32', tone(0.032, 16_000, volume), [1, 512])
      const { output, stateN } = await model({ input, sr, state })
      state = stateN
      speech.push(output.data[0])
    }
    return { class: model.constructor.name, speech, calls: state.data[0] }
  }
}

/** The last eight seconds, silence before them, and Whisper's picture of the sound. @param {Source} source */
export const smartTurn = async (source) => {
  const model = await graphOf(source)
  const extractor = new T.WhisperFeatureExtractor({
    feature_size: 80,
    sampling_rate: 16_000,
    hop_length: 160,
    n_fft: 400,
    chunk_length: 8,
    n_samples: 128_000,
    nb_max_frames: 800,
  })
  return async () => {
    /** @param {Float32Array} sound */
    const ask = async (sound) => {
      const window = new Float32Array(128_000)
      window.set(sound.subarray(-128_000), Math.max(0, 128_000 - sound.length))
      const { logits } = await model(await extractor(window))
      return logits.data[0]
    }
    const speech = tone(9)
    const ended = speech.slice()
    ended.fill(0, speech.length - 12_000)
    return { class: model.constructor.name, speaking: await ask(speech), ended: await ask(ended) }
  }
}
