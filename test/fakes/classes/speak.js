/** @file Classes that speak. */
import { library as T } from '../../../workers/runtime/transformers'
import { differs, finite, floatsOf, graphOf, peakOf, tensorOf, tone } from './material.js'

/** @typedef {import('./material.js').Source} Source */
/** @typedef {import('./material.js').Tensor} Tensor */

/** @param {Source} source */
export const chatterbox = async ({ name, options, file }) => {
  const model = await T.ChatterboxModel.from_pretrained(name, options)
  const processor = await T.AutoProcessor.from_pretrained(name)
  return async () => {
    const { input_ids, attention_mask, input_values } = await processor._call('Hello world.', tone(1, 24_000))
    const settings = { exaggeration: 0.5, max_new_tokens: 20, do_sample: false }
    /** @param {Record<string, Tensor>} voice */
    const say = async (voice) => {
      const made = tensorOf(await model.generate({ input_ids, attention_mask, ...voice, ...settings }))
      return /** @type {Float32Array} */ (made.data)
    }
    const ears = /** @type {{ encode_speech: (sound: Tensor) => Promise<Record<string, Tensor>> }} */ (
      /** @type {unknown} */ (model)
    )
    const cloned = await say({ audio_values: input_values })
    const reused = await say(await ears.encode_speech(input_values))
    return {
      class: model.constructor.name,
      peak: peakOf(cloned),
      finite: finite(cloned),
      // A voice that was measured once sounds as the one that is measured anew.
      same: !differs(cloned, reused),
      kept: (await file('default_voice/speaker_embeddings.bin')).size,
    }
  }
}

/** @param {Source} source */
export const kokoro = async ({ name, options, file }) => {
  const model = await T.StyleTextToSpeech2Model.from_pretrained(name, options)
  const tokenizer = await T.AutoTokenizer.from_pretrained(name)
  const voices = {
    heart: await floatsOf(await file('voices/af_heart.bin')),
    adam: await floatsOf(await file('voices/am_adam.bin')),
  }
  return async () => {
    const { input_ids } = tokenizer('həlˈoʊ wˈɜːld#', { truncation: true })
    const offset = 256 * ((input_ids.dims.at(-1) ?? 0) - 2)
    /** @param {keyof typeof voices} voice @param {number} speed */
    const say = async (voice, speed) => {
      const style = new T.Tensor('float32', voices[voice].slice(offset, offset + 256), [1, 256])
      return (await model({ input_ids, style, speed: new T.Tensor('float32', [speed], [1]) })).waveform.data
    }
    const normal = await say('heart', 1)
    const fast = await say('heart', 2)
    return {
      class: model.constructor.name,
      peak: peakOf(normal),
      finite: finite(normal),
      ratio: normal.length / fast.length,
      voicesDiffer: differs(normal, await say('adam', 1)),
    }
  }
}

/** @param {Source} source */
export const supertonic = async ({ name, options, file }) => {
  const synthesiser = await T.pipeline('text-to-speech', name, options)
  const speaker_embeddings = await floatsOf(await file('voices/F1.bin'))
  return async () => {
    const say = () => synthesiser('Hello world.', { speaker_embeddings, num_inference_steps: 4, speed: 1 })
    const one = await say()
    return {
      class: synthesiser.model.constructor.name,
      rate: one.sampling_rate,
      seconds: one.data.length / one.sampling_rate,
      peak: peakOf(one.data),
      finite: finite(one.data),
      same: !differs(one.data, (await say()).data),
    }
  }
}

/** Our own code feeds its five graphs, as its maker's does. @param {Source} source */
export const pocket = async (source) => {
  const [reader, ears, language, flow, decoder] = await Promise.all([
    graphOf(source, 'text_conditioner'),
    graphOf(source, 'mimi_encoder'),
    graphOf(source, 'flow_lm_main'),
    graphOf(source, 'flow_lm_flow'),
    graphOf(source, 'mimi_decoder'),
  ])
  /** @param {Float32Array} data @param {number[]} dims */
  const floats = (data, dims) => new T.Tensor('float32', data, dims)
  const count = () => new T.Tensor('int64', [0n], [1])
  return async () => {
    const token_ids = new T.Tensor(
      'int64',
      BigInt64Array.from(new TextEncoder().encode('Hello.'), BigInt),
      [1, 6],
    )
    const { embeddings } = await reader({ token_ids })
    const { latents } = await ears({ audio: floats(tone(0.8, 24_000), [1, 1, 19_200]) })
    let states = { state_0: floats(new Float32Array(1024), [1, 1024]), state_1: count() }
    /** @param {Tensor} sequence @param {Tensor} text_embeddings */
    const read = async (sequence, text_embeddings) => {
      const { out_state_0, out_state_1, ...made } = await language({ sequence, text_embeddings, ...states })
      states = { state_0: out_state_0, state_1: out_state_1 }
      return made
    }
    /** @param {number} size */
    const none = (size) => floats(new Float32Array(0), [1, 0, size])
    await read(none(32), latents)
    await read(none(32), embeddings)
    /** @type {number[]} */
    const samples = []
    let frame = floats(new Float32Array(32).fill(NaN), [1, 1, 32])
    let decoded = count()
    for (let frames = 0; frames < 100; frames++) {
      const { conditioning, eos_logit } = await read(frame, none(1024))
      if (eos_logit.data[0] > -4) break
      /** @param {number} value */
      const moment = (value) => floats(Float32Array.of(value), [1, 1])
      const x = floats(new Float32Array(32), [1, 32])
      const { flow_dir } = await flow({ c: conditioning, s: moment(0), t: moment(1), x })
      frame = flow_dir.view(1, 1, 32)
      const { audio_frame, out_state_0 } = await decoder({ latent: frame, state_0: decoded })
      decoded = out_state_0
      samples.push(...audio_frame.data)
    }
    const sound = Float32Array.from(samples)
    return {
      class: language.constructor.name,
      frames: Number(decoded.data[0]),
      samples: sound.length,
      peak: peakOf(sound),
      finite: finite(sound),
      voice: latents.dims,
    }
  }
}
