/** @file The other worker of the `chat` suite: the library by itself, generating and streaming as its own examples do. */
import type { Turn, Variant } from '../../src/shared/contracts'
import { serve } from '../../src/shared/wire'
import { library, load } from '../../workers/runtime/transformers'

type Model = Awaited<ReturnType<typeof library.AutoModelForCausalLM.from_pretrained>>
type Tokenizer = Awaited<ReturnType<typeof library.AutoTokenizer.from_pretrained>>

export class Bare {
  #model: Model | undefined
  #tokenizer: Tokenizer | undefined

  async load(signal: AbortSignal, variant: Variant & { readonly kind: 'local' }) {
    await load(signal, variant, async ({ name, options }) => {
      this.#tokenizer = await library.AutoTokenizer.from_pretrained(name)
      this.#model = await library.AutoModelForCausalLM.from_pretrained(name, options)
    })
  }

  /** Pieces go out by `port`; gives how many tokens there were. */
  async reply(turns: readonly Turn[], maxTokens: number, port: MessagePort): Promise<number> {
    const tokenizer = this.#tokenizer!
    const inputs = tokenizer.apply_chat_template(
      turns.map(({ role, text }) => ({ role, content: text })),
      { add_generation_prompt: true },
    ) as { input_ids: InstanceType<typeof library.Tensor> }
    const streamer = new library.TextStreamer(tokenizer, {
      skip_prompt: true,
      callback_function: (text: string) => port.postMessage(text),
    })
    const ways = { ...inputs, max_new_tokens: maxTokens, do_sample: false, streamer }
    const output = (await this.#model!.generate(ways)) as InstanceType<typeof library.Tensor>
    return output.dims[1]! - inputs.input_ids.dims[1]!
  }
}

serve(new Bare())
