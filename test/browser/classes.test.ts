/** @file Every class of the catalogue, loaded and run by our runtime: tiny graphs with the true inputs and outputs. */
import { afterEach, describe, expect, test } from 'vitest'
import { Host } from '../../src/engine/host'
import type { Variant } from '../../src/shared/contracts'
import { CLASSES } from '../../src/models/architectures'
import { MODELS } from '../../src/models/catalogue'
import { buildModel, type TinyModel } from '../hub/build'
import { keep } from '../hub/keep'
import { NOT_TRIED, TRIALS, trialOf } from '../hub/trials'

interface Classes {
  try(
    signal: AbortSignal,
    variant: Variant,
    what: string,
    argument?: readonly string[],
  ): Promise<{ made: Record<string, unknown>; asked: readonly string[] }>
  lose(signal: AbortSignal, variant: Variant): Promise<readonly string[]>
  poison(signal: AbortSignal, variant: Variant): Promise<readonly { code: string; detail: object }[]>
}

const never = new AbortController().signal
const start = () =>
  new Host<Classes>(
    'classes',
    () => new Worker(new URL('../fakes/classes.js', import.meta.url), { type: 'module', name: 'classes' }),
    { hangMs: 120_000 },
  )
let host = start()
afterEach(() => {
  host.stop()
  host = start()
})

type Made = Record<string, unknown>

const attempt = async (
  backend: 'wasm' | 'webgpu',
  model: TinyModel,
  what: string,
  argument?: readonly string[],
): Promise<Made> => {
  const variant = await keep(buildModel(model), backend)
  const { made, asked } = await host.api.try(never, variant, what, argument)
  expect(asked.length).toBeGreaterThan(0)
  expect(asked.filter((name) => !name.startsWith(location.origin) && !name.startsWith('blob:'))).toEqual([])
  return made
}

const BABBLE: unknown = expect.stringMatching(/^[a-z .]+$/)
const TRANSLATED = 'bonjour tout le monde.'
const audible = ({ peak, finite }: Made) => {
  expect(peak).toBeGreaterThan(0.05)
  expect(peak).toBeLessThanOrEqual(1)
  expect(finite).toBe(true)
}

/** The shape of a small picture, and of a large one, where the model has a way of its own to cut them up. */
const SHAPES: Readonly<Record<string, readonly (readonly number[])[]>> = {
  Idefics3ForConditionalGeneration: [
    [1, 5, 3, 32, 32],
    [1, 5, 3, 32, 32],
  ],
  // One tile; and 2 x 2 of them with the whole picture in small.
  Lfm2VlForConditionalGeneration: [
    [1, 64, 768],
    [5, 64, 768],
  ],
  LlavaQwen2ForCausalLM: [
    [1, 3, 64, 64],
    [1, 3, 64, 64],
  ],
  Mistral3ForConditionalGeneration: [
    [1, 3, 64, 96],
    [1, 3, 128, 128],
  ],
  Qwen3_5ForConditionalGeneration: [
    [24, 1536],
    [48, 1536],
  ],
}

/** What comes of each way to run a class. */
const EXPECTED: Readonly<Record<string, (made: Made, name: string) => void>> = {
  chat: (made) => expect(made).toMatchObject({ text: BABBLE, agrees: true }),
  see: (made, name) => expect(made).toMatchObject({ text: BABBLE, sees: true, shapes: SHAPES[name] }),
  omni: ({ texts }) => expect(texts).toEqual([BABBLE, BABBLE, BABBLE, BABBLE]),
  hear: ({ text }) => expect(text).toBe('hello from the tiny hub.'),
  whisper: (made) =>
    expect(made).toMatchObject({ text: 'hello from the tiny hub.', span: [0, 1], long: true }),
  listen: (made) => expect(made).toMatchObject({ text: BABBLE, hears: true }),
  follow: (made) => {
    expect(made['text']).toEqual(BABBLE)
    // One for what was heard at first, one for each further 80 ms, and one with which it notices that there is no more.
    expect(made['tokens']).toBe((made['chunks'] as number) + 2)
    expect(made['chunks']).toBeGreaterThan(10)
  },
  kokoro: (made) => {
    audible(made)
    expect(made['voicesDiffer']).toBe(true)
    expect(made['ratio']).toBeCloseTo(2)
  },
  supertonic: (made) => {
    audible(made)
    expect(made).toMatchObject({ rate: 44_100, same: true })
    expect(made['seconds']).toBeCloseTo(0.84)
  },
  chatterbox: (made) => {
    audible(made)
    expect(made).toMatchObject({ same: true, kept: 768 })
  },
  pocket: (made) => {
    audible(made)
    expect(made).toMatchObject({ frames: 5, samples: 5 * 1920, voice: [1, 10, 1024] })
  },
  translation: ({ text }) => expect(text).toBe(TRANSLATED),
  silero: (made) => expect(made).toMatchObject({ speech: [0, expect.closeTo(0.35, 1), 1], calls: 3 }),
  smartTurn: (made) => {
    expect(made['speaking']).toBeLessThan(0.6)
    expect(made['ended']).toBeGreaterThan(0.9)
  },
}

const named = [...new Set(MODELS.map(trialOf))].filter(
  (name) => name !== undefined && !NOT_TRIED.includes(name),
) as readonly string[]

describe.each(['wasm', 'webgpu'] as const)('on %s', (backend) => {
  const tried = named.filter((name) => backend === 'wasm' || TRIALS[name]?.onGpu)
  test.for(tried)('%s', { timeout: 120_000 }, async (name) => {
    const { model, run, argument } = TRIALS[name]!
    const made = await attempt(backend, model, run, argument)
    // What our own code feeds is of no class.
    expect(made['class']).toBe(CLASSES.has(name) ? name : 'PreTrainedModel')
    EXPECTED[run]!(made, name)
  })
})

describe('on wasm, beside those of the catalogue', () => {
  test('m2m100', async () => {
    expect(await attempt('wasm', 'm2m100', 'translation', ['en', 'fr'])).toMatchObject({ text: TRANSLATED })
  })

  test('smolvlm', async () => {
    const made = await attempt('wasm', 'smolvlm', 'see', ['text'])
    expect(made).toMatchObject({ class: 'SmolVLMForConditionalGeneration', text: BABBLE, sees: true })
  })
})

test('attention over more than 32 tokens is the same on the GPU', { timeout: 120_000 }, async () => {
  const numbers = async (backend: 'wasm' | 'webgpu') =>
    (await attempt(backend, 'chat', 'chat'))['numbers'] as number[]
  const right = await numbers('wasm')
  expect(right.length).toBeGreaterThan(20)
  host.stop()
  host = start()
  for (const [i, value] of (await numbers('webgpu')).entries()) expect(value).toBeCloseTo(right[i]!, 2)
})

test('after a run that failed, the worker says that it is of no use', async () => {
  const variant = await keep(buildModel('silero'), 'wasm')
  const [first, second] = await host.api.poison(never, variant)
  expect(first).toMatchObject({ code: 'unknown', detail: { poisoned: true } })
  expect(second).toEqual(first)
})

test('a GPU that is lost is said to be lost', { timeout: 120_000 }, async () => {
  expect(await host.api.lose(never, await keep(buildModel('silero'), 'webgpu'))).toEqual([
    'device-lost',
    'device-lost',
  ])
})
