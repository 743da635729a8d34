/** @file Classes that write down what is said. */
import { library as T } from '../../../workers/runtime/transformers'
import { differs, saidAfter, tone } from './material.js'

/** @typedef {import('./material.js').Source} Source */
/**
 * What a processor of sound that comes in pieces knows of them.
 * @typedef {object} Pieces
 * @property {number} num_samples_first_audio_chunk
 * @property {number} num_mel_frames_first_audio_chunk
 * @property {number} num_samples_per_audio_chunk
 * @property {number} audio_length_per_tok
 * @property {{ config: { hop_length: number, n_fft: number } }} feature_extractor
 */

/** @param {Source} source */
export const whisper = async ({ name, options }) => {
  const recogniser = await T.pipeline('automatic-speech-recognition', name, options)
  return async () => {
    const { text } = await recogniser(tone(2), { language: 'en' })
    const timed = await recogniser(tone(2), { language: 'fr', task: 'transcribe', return_timestamps: true })
    const long = await recogniser(tone(40), { language: 'en', chunk_length_s: 30, stride_length_s: 5 })
    return {
      class: recogniser.model.constructor.name,
      text: text.trim(),
      span: timed.chunks?.[0]?.timestamp,
      long: long.text.includes(text.trim()),
    }
  }
}

/** Those of the library's pipeline that know neither times nor windows. @param {Source} source */
export const hear = async ({ name, options }) => {
  const recogniser = await T.pipeline('automatic-speech-recognition', name, options)
  return async () => {
    const { text } = await recogniser(tone(5), { language: 'en' })
    return { class: recogniser.model.constructor.name, text: text.trim() }
  }
}

/** A language model that is asked about a sound. @param {Source} source */
export const listen = async ({ name, options }) => {
  const processor = await T.AutoProcessor.from_pretrained(name)
  const model = await T.AutoModelForAudioTextToText.from_pretrained(name, options)
  return async () => {
    const turns = [{ role: 'user', content: '<|audio|>What is said?' }]
    const prompt = processor.apply_chat_template(turns, { add_generation_prompt: true })
    /** @param {Float32Array} sound */
    const ask = async (sound) => {
      const inputs = await processor(prompt, sound)
      const output = await model.generate({ ...inputs, max_new_tokens: 6, do_sample: false })
      const said = saidAfter(output, inputs.input_ids)
      return {
        features: (await model.encode_audio(inputs)).data,
        text: processor.batch_decode(said, { skip_special_tokens: true })[0],
      }
    }
    const one = await ask(tone(1.3))
    const other = await ask(tone(1.3, 16_000, 0.01))
    return { class: model.constructor.name, text: one.text, hears: differs(one.features, other.features) }
  }
}

/** Sound comes while it is written: a token is said for every 80 ms. @param {Source} source */
export const follow = async ({ name, options }) => {
  const processor = await T.AutoProcessor.from_pretrained(name)
  const model = await T.AutoModelForAudioTextToText.from_pretrained(name, options)
  return async () => {
    const sound = tone(2)
    const pieces = /** @type {Pieces} */ (/** @type {unknown} */ (processor))
    const first = pieces.num_samples_first_audio_chunk
    const { input_ids, input_features } = await processor(sound.subarray(0, first), {
      is_streaming: true,
      is_first_audio_chunk: true,
    })
    let chunks = 0
    const stream = async function* () {
      yield input_features
      const { hop_length, n_fft } = pieces.feature_extractor.config
      let frames = pieces.num_mel_frames_first_audio_chunk
      for (;;) {
        const from = frames * hop_length - (n_fft >> 1)
        const to = from + pieces.num_samples_per_audio_chunk
        if (to > sound.length) return
        frames += pieces.audio_length_per_tok
        chunks++
        const chunk = sound.slice(from, to)
        yield (await processor(chunk, { is_streaming: true, is_first_audio_chunk: false })).input_features
      }
    }
    const output = await model.generate({
      input_ids,
      input_features: stream(),
      max_new_tokens: 100,
      do_sample: false,
    })
    const said = saidAfter(output, input_ids)
    return {
      class: model.constructor.name,
      text: processor.batch_decode(said, { skip_special_tokens: true })[0],
      tokens: said.dims[1],
      chunks,
    }
  }
}
