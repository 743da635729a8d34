/** @file Classes that read text and write text. */
import { library as T } from '../../../workers/runtime/transformers'
import { tensorOf } from './material.js'

/** @typedef {import('./material.js').Source} Source */

/** What comes next after a prompt that is read at once, and after one of which the end is read token by token. @param {Source} source */
export const chat = async ({ name, options }) => {
  const tokenizer = await T.AutoTokenizer.from_pretrained(name)
  const model = await T.AutoModelForCausalLM.from_pretrained(name, options)
  return async () => {
    const prompt = tokenizer('a prompt of more than thirty-two tokens, as most are')
    const sequence = tensorOf(await model.generate({ ...prompt, max_new_tokens: 3, do_sample: false }))
    const { logits } = await model({ input_ids: sequence, attention_mask: T.ones_like(sequence) })
    const written = sequence.tolist()[0].slice(-3)
    // The last token is what all before it led to, whichever way they were read.
    const scores = [...logits.slice(0, -2).data]
    const likeliest = scores.indexOf(Math.max(...scores))
    return {
      class: model.constructor.name,
      text: tokenizer.decode(written, { skip_special_tokens: true }),
      agrees: likeliest === Number(written[2]),
      numbers: Array.from(logits.data.slice(-300)).filter((value) => value > -1000),
    }
  }
}

/** @param {Source} source @param {readonly [from: string, to: string]} languages */
export const translation = async ({ name, options }, [from, to]) => {
  const translator = await T.pipeline('translation', name, options)
  return async () => {
    const made = await translator('Hello world, 世界!', {
      src_lang: from,
      tgt_lang: to,
    })
    const [first] = /** @type {{ translation_text: string }[]} */ (made)
    return { class: translator.model.constructor.name, text: first?.translation_text }
  }
}
