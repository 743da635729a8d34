/** @file Classes that see, and those that hear as well. */
import { library as T } from '../../../workers/runtime/transformers'
import { black, differs, gradient, picture, saidAfter, tone } from './material.js'

/** @typedef {import('./material.js').Source} Source */
/** @typedef {import('@huggingface/transformers').RawImage} Picture */

/** `order`: which of picture and text its processor takes first. @param {Source} source @param {readonly [order: string]} argument */
export const see = async ({ name, options }, [order]) => {
  const processor = await T.AutoProcessor.from_pretrained(name)
  const model = await T.AutoModelForImageTextToText.from_pretrained(name, options)
  return async () => {
    const content = [{ type: 'image' }, { type: 'text', text: 'Describe this.' }]
    const prompt = processor.apply_chat_template([{ role: 'user', content }], {
      add_generation_prompt: true,
    })
    /** @param {Picture} image */
    const see = async (image) => {
      const inputs = await (order === 'picture' ? processor(image, prompt) : processor(prompt, image))
      const output = await model.generate({ ...inputs, max_new_tokens: 8, do_sample: false })
      const said = saidAfter(output, inputs.input_ids)
      return {
        shape: inputs.pixel_values.dims,
        features: (await model.encode_image(inputs)).data,
        text: processor.batch_decode(said, { skip_special_tokens: true })[0],
      }
    }
    const colours = await see(picture(96, 64, gradient))
    const large = await see(picture(256, 200, gradient))
    const dark = await see(picture(96, 64, black))
    return {
      class: model.constructor.name,
      shapes: [colours.shape, large.shape],
      text: colours.text,
      sees: differs(colours.features, dark.features),
    }
  }
}

/** Gemma: pictures, sounds, both, neither. @param {Source} source */
export const omni = async ({ name, options }) => {
  const processor = await T.AutoProcessor.from_pretrained(name)
  const model = await T.AutoModelForImageTextToText.from_pretrained(name, options)
  return async () => {
    /** @param {{ type: string, text?: string }[]} content @param {Picture | null} image @param {Float32Array | null} audio */
    const ask = async (content, image, audio) => {
      const prompt = processor.apply_chat_template([{ role: 'user', content }], {
        add_generation_prompt: true,
      })
      const inputs = await processor(prompt, image, audio, { add_special_tokens: false })
      const output = await model.generate({ ...inputs, max_new_tokens: 6, do_sample: false })
      const said = saidAfter(output, inputs.input_ids)
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
}
