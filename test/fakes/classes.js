// @ts-nocheck: the library's types say little of what goes into a model
/**
 * @file The worker of classes.test.ts: each class of the catalogue, loaded by our runtime and run as an engine will run it.
 * What comes back is judged by the test; what cannot be judged there is checked here.
 */
import { serve } from '../../src/shared/wire'
import { library as T, load, run } from '../../workers/runtime/transformers'

const tone = (seconds, rate = 16_000, volume = 0.5) =>
  Float32Array.from(
    { length: Math.round(seconds * rate) },
    (_, i) => volume * Math.sin((2 * Math.PI * 220 * i) / rate),
  )

const picture = (width, height, colour) => {
  const data = new Uint8ClampedArray(width * height * 3)
  for (let i = 0; i < width * height; i++) data.set(colour(i % width, Math.floor(i / width)), i * 3)
  return new T.RawImage(data, width, height, 3)
}
const gradient = (x, y) => [(x * 4) % 256, (y * 5) % 256, ((x + y) * 3) % 256]
const black = () => [0, 0, 0]

const floatsOf = async (blob) => new Float32Array(await blob.arrayBuffer())
const peakOf = (samples) => samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
/** What is summed is a number only if each of them is. */
const finite = (samples) => Number.isFinite(samples.reduce((sum, value) => sum + value, 0))
const differs = (a, b) => a.length !== b.length || a.some((value, i) => Math.abs(value - b[i]) > 0.01)

/** Each: load with this source, and give how to run it. */
const CLASSES = {
  chat: async ({ name, options }) => {
    const tokenizer = await T.AutoTokenizer.from_pretrained(name)
    const model = await T.AutoModelForCausalLM.from_pretrained(name, options)
    return async () => {
      const { logits } = await model(tokenizer('a prompt of more than thirty-two tokens, as most are'))
      return { class: model.constructor.name, numbers: Array.from(logits.data.slice(-3)) }
    }
  },

  translation: async ({ name, options }, [from, to]) => {
    const translator = await T.pipeline('translation', name, options)
    return async () => {
      const [{ translation_text: text }] = await translator('Hello world, 世界!', {
        src_lang: from,
        tgt_lang: to,
      })
      return { class: translator.model.constructor.name, text }
    }
  },

  whisper: async ({ name, options }) => {
    const recogniser = await T.pipeline('automatic-speech-recognition', name, options)
    return async () => {
      const { text } = await recogniser(tone(2), { language: 'en' })
      const timed = await recogniser(tone(2), { language: 'fr', task: 'transcribe', return_timestamps: true })
      const long = await recogniser(tone(40), { language: 'en', chunk_length_s: 30, stride_length_s: 5 })
      return {
        class: recogniser.model.constructor.name,
        text: text.trim(),
        span: timed.chunks[0].timestamp,
        long: long.text.includes(text.trim()),
      }
    }
  },

  chatterbox: async ({ name, options, file }) => {
    const model = await T.ChatterboxModel.from_pretrained(name, options)
    const processor = await T.AutoProcessor.from_pretrained(name)
    return async () => {
      const { input_ids, attention_mask, input_values } = await processor._call(
        'Hello world.',
        tone(1, 24_000),
      )
      const settings = { exaggeration: 0.5, max_new_tokens: 20, do_sample: false }
      const say = (voice) => model.generate({ input_ids, attention_mask, ...voice, ...settings })
      const cloned = await say({ audio_values: input_values })
      const reused = await say(await model.encode_speech(input_values))
      return {
        class: model.constructor.name,
        peak: peakOf(cloned.data),
        finite: finite(cloned.data),
        // A voice that was measured once sounds as the one that is measured anew.
        same: !differs(cloned.data, reused.data),
        kept: (await file('default_voice/speaker_embeddings.bin')).size,
      }
    }
  },

  kokoro: async ({ name, options, file }) => {
    const model = await T.StyleTextToSpeech2Model.from_pretrained(name, options)
    const tokenizer = await T.AutoTokenizer.from_pretrained(name)
    const voices = {
      heart: await floatsOf(await file('voices/af_heart.bin')),
      adam: await floatsOf(await file('voices/am_adam.bin')),
    }
    return async () => {
      const { input_ids } = tokenizer('həlˈoʊ wˈɜːld#', { truncation: true })
      const offset = 256 * (input_ids.dims[1] - 2)
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
  },

  supertonic: async ({ name, options, file }) => {
    const synthesiser = await T.pipeline('text-to-speech', name, options)
    const speaker_embeddings = await floatsOf(await file('voices/F1.bin'))
    return async () => {
      const say = () => synthesiser('Hello world.', { speaker_embeddings, num_inference_steps: 4, speed: 1 })
      const one = await say()
      return {
        class: synthesiser.model.constructor.name,
        rate: one.sampling_rate,
        seconds: one.audio.length / one.sampling_rate,
        peak: peakOf(one.audio),
        finite: finite(one.audio),
        same: !differs(one.audio, (await say()).audio),
      }
    }
  },

  silero: async ({ name, options }) => {
    const model = await T.AutoModel.from_pretrained(name, { ...options, config: { model_type: 'custom' } })
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
  },

  smolvlm: async ({ name, options }) => {
    const processor = await T.AutoProcessor.from_pretrained(name)
    const model = await T.AutoModelForImageTextToText.from_pretrained(name, options)
    return async () => {
      const content = [{ type: 'image' }, { type: 'text', text: 'Describe this.' }]
      const prompt = processor.apply_chat_template([{ role: 'user', content }], {
        add_generation_prompt: true,
      })
      const see = async (image) => {
        const inputs = await processor(prompt, image)
        const output = await model.generate({ ...inputs, max_new_tokens: 8, do_sample: false })
        const said = output.slice(null, [inputs.input_ids.dims[1], null])
        return {
          tiles: inputs.pixel_values.dims[1],
          features: (await model.encode_image(inputs)).data,
          text: processor.batch_decode(said, { skip_special_tokens: true })[0],
        }
      }
      const colours = await see(picture(96, 64, gradient))
      const dark = await see(picture(96, 64, black))
      return {
        class: model.constructor.name,
        tiles: colours.tiles,
        text: colours.text,
        sees: differs(colours.features, dark.features),
      }
    }
  },

  gemma4: async ({ name, options }) => {
    const processor = await T.AutoProcessor.from_pretrained(name)
    const model = await T.Gemma4ForConditionalGeneration.from_pretrained(name, options)
    return async () => {
      const ask = async (content, image, audio) => {
        const prompt = processor.apply_chat_template([{ role: 'user', content }], {
          add_generation_prompt: true,
        })
        const inputs = await processor(prompt, image, audio, { add_special_tokens: false })
        const output = await model.generate({ ...inputs, max_new_tokens: 6, do_sample: false })
        const said = output.slice(null, [inputs.input_ids.dims[1], null])
        return processor.batch_decode(said, { skip_special_tokens: true })[0]
      }
      const text = { type: 'text', text: 'What is this?' }
      return {
        class: model.constructor.name,
        texts: [
          await ask([{ type: 'image' }, { type: 'audio' }, text], picture(100, 60, gradient), tone(1.3)),
          await ask([{ type: 'image' }, text], picture(64, 64, gradient), null),
          await ask([{ type: 'audio' }, text], null, tone(0.5)),
          await ask([text], null, null),
        ],
      }
    }
  },
}

class Classes {
  /** Load and run; gives what the class made, and the addresses that this thread asked for. */
  async try(signal, variant, what, argument) {
    const model = await load(signal, variant, (source) => CLASSES[what](source, argument))
    const made = await run(what, model)
    const asked = performance.getEntriesByType('resource').map(({ name }) => name)
    return { made, asked }
  }

  /** The GPU goes while a model is loaded; what a run then says, and what the next load says. */
  async lose(signal, variant) {
    let device
    const build = async (source) => {
      device = source.gpu
      return CLASSES.silero(source)
    }
    const model = await load(signal, variant, build)
    device.destroy()
    const codes = []
    await run('hearing', model).catch(({ code }) => codes.push(code))
    await load(signal, variant, build).catch(({ code }) => codes.push(code))
    return codes
  }

  /** A run that fails, then one that would not. */
  async poison(signal, variant) {
    const model = await load(signal, variant, ({ name, options }) =>
      T.AutoModel.from_pretrained(name, { ...options, config: { model_type: 'custom' } }),
    )
    const wrong = { input: new T.Tensor('float32', new Float32Array(3), [3, 1, 1]) }
    const errors = []
    for (let i = 0; i < 2; i++)
      try {
        await run('hearing', () => model(wrong))
      } catch (e) {
        errors.push({ code: e.code, detail: e.detail })
      }
    return errors
  }
}

serve(new Classes())
