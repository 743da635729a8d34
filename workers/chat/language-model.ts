/**
 * @file A language model that is loaded: turns in, pieces of an answer out.
 *
 * [Note: Decoding] The library's own `generate` does the decoding, since each architecture has its own ways there. Three
 * things are ours: the logits processor, which leaves it a single token to choose (its own sampling knows temperature and
 * top-k only); the keys and values, which we keep over turns; and a breath before each step, without which a model on WASM
 * would run from its first token to its last without the thread answering anybody, a stop included.
 */
import type { LoadStep, ReplyPart, Sampling, Turn } from '../../src/shared/contracts'
import { breath } from '../../src/shared/breath'
import { Fault } from '../../src/shared/fault'
import { library, load, run, type LocalVariant, type Source } from '../runtime/transformers'
import { KeyValueCache } from './cache'
import { fit, tokensOf, type Fitted } from './context'
import { Detokeniser } from './detokeniser'
import { mended } from './inputs'
import { Pipe } from './pipe'
import { choiceOf, choose, randomOf, type ModelDefaults } from '../runtime/sampling'
import { ThoughtSplitter, thoughtBegunBy } from './thoughts'

type Model = Awaited<ReturnType<typeof library.AutoModelForCausalLM.from_pretrained>>
type Tokenizer = Awaited<ReturnType<typeof library.AutoTokenizer.from_pretrained>>
type Tensor = InstanceType<typeof library.Tensor>
type Stop = InstanceType<typeof library.InterruptableStoppingCriteria>
type Inputs = Parameters<Model['forward']>[0]

/** What is read of a model's configuration. Any of it may be missing. */
interface Config {
  readonly model_type?: string
  readonly max_position_embeddings?: number
  readonly eos_token_id?: number | readonly number[]
  readonly text_config?: Config
}

interface GenerationConfig extends ModelDefaults {
  readonly eos_token_id?: number | readonly number[] | null
  readonly max_new_tokens?: number | null
}

interface Prompt {
  readonly text: string
  readonly tokens: readonly number[]
}

/** Models are made for up to a million tokens; keys and values of so many fit no browser. */
const MOST_CONTEXT = 8192
const MAX_TOKENS = 1024
/** How long the thread may be deaf between two tokens: a frame. Each breath lets others take the core. */
const BREATH_MS = 16
/** More than 32 tokens: some kernels change their ways there. */
const TEST_TEXT =
  'Once upon a time there was a small theatre by the sea. Every evening the curtain rose, and somebody told a story of the day.'
const TEST_TOKENS = 48
/**
 * Of two lists of logits, at least. Weights of four bits and sums in half precision leave 0.999; a wrong kernel leaves next to
 * nothing.
 */
const AGREEMENT = 0.95

const notHere = (why: string) =>
  new Fault('load-failed', `the model does not work here: ${why}`, { detail: { reason: 'self-test' } })

/** Pearson's. Logits of minus infinity, which some models give to tokens that do not exist, are left out. */
const correlation = (a: Float32Array, b: Float32Array): number => {
  let [n, sumA, sumB, aa, bb, ab] = [0, 0, 0, 0, 0, 0]
  a.forEach((x, i) => {
    const y = b[i]!
    if (!Number.isFinite(x) || !Number.isFinite(y)) return
    n++
    sumA += x
    sumB += y
    aa += x * x
    bb += y * y
    ab += x * y
  })
  return (n * ab - sumA * sumB) / Math.sqrt((n * aa - sumA ** 2) * (n * bb - sumB ** 2))
}

/** Tokens that are read in one step: between two, a stop is heard. */
const PREFILL_STEP = 512

/**
 * Load a chat model, warm it up and, unless it is `proven`, see that it computes here what it is to compute. Throws as `load`
 * does, and see `modelTypeOf` and `LanguageModel.prove`.
 */
export const openChat = (
  signal: AbortSignal,
  variant: LocalVariant,
  proven: boolean,
  tell: (step: LoadStep) => void,
): Promise<LanguageModel> =>
  load(
    signal,
    variant,
    async (source) => {
      const { AutoModelForCausalLM, AutoTokenizer } = library
      const type = await modelTypeOf(source)
      if (!AutoModelForCausalLM.supports(type))
        throw new Fault('unsupported', `${type} is no chat model`, { detail: { reason: 'wrong-task', type } })
      const tokenizer = await AutoTokenizer.from_pretrained(source.name)
      tokenizer.chat_template ??= await templateOf(source)
      const model = await AutoModelForCausalLM.from_pretrained(source.name, source.options)
      const chat = new LanguageModel(model, tokenizer, source.gpu)
      tell({ kind: 'starting' })
      await chat.warmUp()
      if (!proven) {
        tell({ kind: 'testing' })
        await chat.prove()
      }
      return chat
    },
    tell,
  )

/** Throws `load-failed`, reason `config`, where config.json is something else: many servers answer everything with a page. */
const modelTypeOf = async (source: Source): Promise<string> => {
  const text = await (await source.file('config.json')).text()
  try {
    return (JSON.parse(text) as Config).model_type ?? 'unknown'
  } catch (cause) {
    throw new Fault('load-failed', 'config.json is no JSON', { cause, detail: { reason: 'config' } })
  }
}

/** Newer repositories have the template in a file of its own, which the library reads for processors only. */
const templateOf = async (source: Source): Promise<string> => {
  const file = await source.file('chat_template.jinja').catch((cause: unknown) => {
    throw new Fault('unsupported', 'the model has no chat template', {
      cause,
      detail: { reason: 'wrong-task' },
    })
  })
  return file.text()
}

class Chooser extends library.LogitsProcessor {
  readonly #pick: (logits: Float32Array) => number

  constructor(pick: (logits: Float32Array) => number) {
    super()
    this.#pick = pick
  }

  override _call(_: bigint[][], logits: Tensor) {
    const data = logits.data as Float32Array // the library has made them so, whatever the model computes in
    const token = this.#pick(data)
    data.fill(-Infinity)
    data[token] = 0
    return logits
  }
}

class Listener extends library.BaseStreamer {
  readonly #hear: (token: number) => void
  #prompt = true

  constructor(hear: (token: number) => void) {
    super()
    this.#hear = hear
  }

  override put([tokens]: bigint[][]) {
    if (!this.#prompt) for (const token of tokens!) this.#hear(Number(token))
    this.#prompt = false
  }

  override end() {
    // the pipe knows
  }
}

export class LanguageModel {
  readonly #model: Model
  readonly #tokenizer: Tokenizer
  readonly #cache: KeyValueCache
  readonly #generation: GenerationConfig
  readonly #context: number
  readonly #ends: ReadonlySet<number>
  /** Ends when the reply before has. */
  #turn: Promise<unknown> = Promise.resolve()
  #last: { readonly turns: readonly Turn[]; readonly forgotten: number } = { turns: [], forgotten: 0 }

  constructor(model: Model, tokenizer: Tokenizer, gpu?: GPUDevice) {
    this.#model = model
    this.#tokenizer = tokenizer
    this.#cache = new KeyValueCache(gpu)
    this.#generation = model.generation_config ?? {}
    const config = model.config as unknown as Config
    this.#context = Math.min(
      MOST_CONTEXT,
      config.max_position_embeddings ?? config.text_config?.max_position_embeddings ?? MOST_CONTEXT,
    )
    const ends = this.#generation.eos_token_id ?? config.eos_token_id ?? config.text_config?.eos_token_id
    this.#ends = new Set([ends ?? []].flat())
    const forward = model.forward.bind(model)
    let breathed = 0
    model.forward = async (inputs: Inputs) => {
      // See [Note: Decoding]. Steps of toys are shorter than a breath is long.
      if (performance.now() - breathed > BREATH_MS) {
        await breath()
        breathed = performance.now()
      }
      return (await forward(mended(inputs))) as object
    }
  }

  /** Throws `load-failed`, reason `self-test`, where the model finds every token as likely as every other. */
  async warmUp(): Promise<void> {
    const logits = await this.#next(this.#render([{ role: 'user', text: 'Hello!' }], {}).tokens)
    if (logits.every((value) => value === logits[0])) throw notHere('every token is as likely as every other')
    await this.#cache.clear()
  }

  /**
   * Read a text at once, and then in two parts, the second upon what is remembered of the first. Both ways use other kernels
   * and have to agree on what comes next: faulty kernels of a GPU give numbers as good as any, but not the same
   * ones. Throws `load-failed`, reason `self-test`, where they do not, and `bad-reply` where they are no numbers.
   */
  async prove(): Promise<void> {
    const { tokens } = this.#render([{ role: 'user', text: TEST_TEXT }], {})
    const all = tokens.slice(-Math.min(TEST_TOKENS, this.#context >> 1))
    const half = all.slice(0, all.length >> 1)
    const atOnce = await this.#next(all)
    await this.#cache.clear()
    await this.#next(half)
    await this.#cache.note({ text: '', tokens: half })
    const inParts = await this.#next(all)
    await this.#cache.clear()
    const agreement = correlation(atOnce, inParts)
    if (!(agreement >= AGREEMENT))
      throw notHere(`what it reads in parts is another text (${agreement.toFixed(3)})`)
  }

  /** What it takes for the next token, having read these. Throws `bad-reply` where that is no number. */
  async #next(tokens: readonly number[]): Promise<Float32Array> {
    let next = new Float32Array(0)
    await this.#generate(tokens, 1, {
      pick: (logits) => {
        next = logits.slice()
        return choose(logits, choiceOf({ temperature: 0 }, {}), [], () => 0)
      },
    })
    return next
  }

  /** See the contract. One reply at a time: another one waits until this one is over. */
  async *reply(signal: AbortSignal, turns: readonly Turn[], sampling: Sampling): AsyncIterable<ReplyPart> {
    const before = this.#turn
    const { promise: over, resolve: finish } = Promise.withResolvers<undefined>()
    this.#turn = over
    const stop = new library.InterruptableStoppingCriteria()
    const interrupt = () => stop.interrupt()
    signal.addEventListener('abort', interrupt, { once: true })
    let answer: Promise<void> | undefined
    try {
      await before
      signal.throwIfAborted()
      const fitted = this.#fit(turns, sampling) // outside of `run`: turns that do not fit harm nobody
      const pipe = new Pipe()
      answer = run('the answer broke off', () => this.#answer(fitted, sampling, stop, pipe))
      yield* pipe.read(answer)
      signal.throwIfAborted()
    } finally {
      signal.removeEventListener('abort', interrupt)
      interrupt()
      await answer?.catch(() => undefined) // told already, or nobody reads any more
      finish(undefined)
    }
  }

  async dispose(): Promise<void> {
    await this.#turn
    await this.#cache.clear()
    await this.#model.dispose()
  }

  async #answer(
    { prompt, forgotten }: Fitted<Prompt>,
    sampling: Sampling,
    stop: Stop,
    pipe: Pipe,
  ): Promise<void> {
    const reused = await this.#cache.keep(prompt.tokens)
    for (let read = reused + PREFILL_STEP; read < prompt.tokens.length; read += PREFILL_STEP) {
      if (stop.interrupted) return
      const step = prompt.tokens.slice(0, read)
      await this.#generate(step, 1, {})
      await this.#cache.note({ text: '', tokens: step })
    }
    if (stop.interrupted) return

    const choice = choiceOf(sampling, this.#generation)
    const random = randomOf(sampling.seed)
    const penalises = choice.repetitionPenalty !== 1
    const seen = new Set(penalises ? prompt.tokens : [])
    const text = new Detokeniser((tokens) => this.#decode(tokens, true))
    const splitter = new ThoughtSplitter(thoughtBegunBy(prompt.text))
    const tokens: number[] = []
    await this.#generate(prompt.tokens, this.#maxTokens(sampling), {
      stop,
      pick: (logits) => choose(logits, choice, seen, random),
      hear: (token) => {
        tokens.push(token)
        if (penalises) seen.add(token)
        if (!this.#ends.has(token)) for (const said of splitter.push(text.push(token))) pipe.push(said)
      },
    })
    for (const said of [...splitter.push(text.end()), ...splitter.end()]) pipe.push(said)
    pipe.push({
      kind: 'end',
      why: this.#ends.has(tokens.at(-1)!) ? 'stop' : 'length',
      promptTokens: prompt.tokens.length,
      reusedTokens: reused,
      tokens: tokens.length,
      forgotten,
    })
    await breath() // nobody waits for what follows
    // The last token was said, but not read.
    const read = tokens.slice(0, -1)
    await this.#cache.note({
      text: prompt.text + this.#decode(read, false),
      tokens: [...prompt.tokens, ...read],
    })
  }

  #maxTokens(sampling: Sampling): number {
    const wanted = sampling.maxTokens ?? this.#generation.max_new_tokens ?? MAX_TOKENS
    return Math.max(1, Math.min(Math.floor(wanted), this.#context >> 1))
  }

  #fit(turns: readonly Turn[], sampling: Sampling): Fitted<Prompt> {
    if (!turns.length) throw new Fault('bad-input', 'there is nothing to answer')
    const goesOn =
      turns.length > this.#last.turns.length &&
      this.#last.turns.every(({ text }, i) => turns[i]?.text === text)
    const fitted = fit(
      turns,
      this.#context - this.#maxTokens(sampling),
      (some) => this.#render(some, sampling),
      goesOn ? this.#last.forgotten : 0,
    )
    this.#last = { turns, forgotten: fitted.forgotten }
    return fitted
  }

  #render(turns: readonly Turn[], sampling: Sampling): Prompt {
    const text = this.#tokenizer.apply_chat_template<false>(
      turns.map(({ role, text }) => ({ role, content: text })),
      {
        tokenize: false,
        add_generation_prompt: true,
        ...(sampling.thinking !== undefined && { enable_thinking: sampling.thinking }),
      },
    )
    const encode = (part: string) => this.#tokenizer.encode(part, { add_special_tokens: false })
    return { text, tokens: tokensOf(text, this.#cache.known, encode) }
  }

  #decode(tokens: readonly number[], skipSpecial: boolean): string {
    if (!tokens.length) return ''
    return this.#tokenizer.decode([...tokens], {
      skip_special_tokens: skipSpecial,
      clean_up_tokenization_spaces: false, // it looks at what comes next, which is not there yet
    })
  }

  /** Read what is not known of these tokens, and say up to `count` more. */
  async #generate(
    tokens: readonly number[],
    count: number,
    ways: {
      readonly stop?: Stop
      readonly pick?: (logits: Float32Array) => number
      readonly hear?: (token: number) => void
    },
  ): Promise<void> {
    const processors = new library.LogitsProcessorList()
    if (ways.pick) processors.push(new Chooser(ways.pick))
    const ids = BigInt64Array.from(tokens, BigInt)
    await this.#model.generate({
      input_ids: new library.Tensor('int64', ids, [1, ids.length]),
      attention_mask: new library.Tensor('int64', new BigInt64Array(ids.length).fill(1n), [1, ids.length]),
      past_key_values: this.#cache.tensors,
      max_new_tokens: count,
      // Greedy, of what the processor leaves. The penalty is in there too.
      do_sample: false,
      repetition_penalty: 1,
      logits_processor: processors,
      ...(ways.stop && { stopping_criteria: ways.stop }),
      ...(ways.hear && { streamer: new Listener(ways.hear) }),
    } as unknown as Parameters<Model['generate']>[0]) // its types know neither bare caches nor other streamers
  }
}
