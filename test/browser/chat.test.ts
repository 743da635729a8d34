/** @file A conversation with the real library: a tiny model, built here, on WebAssembly and on a GPU in software. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Host } from '../../src/engine/host'
import { MODELS } from '../../src/models/catalogue'
import { filesOf } from '../../src/models/files'
import { cpu } from '../../src/models/model'
import type { Chat, ListedFile, ReplyPart, Sampling, Turn, Variant } from '../../src/shared/contracts'
import type { Fault } from '../../src/shared/fault'
import { buildModel } from '../hub/build'
import { keep, lose } from '../hub/keep'
import { TRIALS, trialOf } from '../hub/trials'

type LocalVariant = Variant & { readonly kind: 'local' }

const never = new AbortController().signal
const start = () =>
  new Host<Chat>(
    'chat',
    () => new Worker(new URL('../../workers/chat.ts', import.meta.url), { type: 'module', name: 'chat' }),
    { hangMs: 60_000 },
  )
let host = start()

const user = (text: string): Turn => ({ role: 'user', text })
const system: Turn = { role: 'system', text: 'You are a helpful robot that answers in a few words.' }
const first = [system, user('What is the weather like today?')]

interface Answer {
  readonly text: string
  readonly end: ReplyPart & { readonly kind: 'end' }
  readonly pieces: readonly string[]
}

const ask = async (turns: readonly Turn[], sampling: Sampling = {}, chat = host): Promise<Answer> => {
  const pieces: string[] = []
  for await (const part of await chat.api.reply(never, turns, sampling))
    if (part.kind === 'end') return { text: pieces.join(''), pieces, end: part }
    else pieces.push(part.text)
  throw new Error('an answer without an end')
}
const faultOf = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error('no fault')
    },
    (e: unknown) => e as Fault,
  )
const answered = (turns: readonly Turn[], text: string, next: string): Turn[] => [
  ...turns,
  { role: 'assistant', text },
  user(next),
]

describe.each(['wasm', 'webgpu'] as const)('on %s', (backend) => {
  let variant: LocalVariant
  beforeAll(async () => {
    host.stop()
    host = start()
    variant = await keep(buildModel('chat'), backend)
    await host.api.load(never, variant)
  }, 120_000)

  test('loads, and again at no cost', async () => {
    expect(await host.api.load(never, variant)).toEqual({ runsOn: backend, leavesDevice: false })
  })

  test('streams an answer and says what it cost', async () => {
    const { text, end, pieces } = await ask(first)
    expect(text).toMatch(/^[a-z .]+$/)
    expect(pieces.length).toBeGreaterThan(1)
    expect(end).toMatchObject({ why: 'stop', forgotten: 0 })
    expect(end.promptTokens).toBeGreaterThan(64)
    expect(end.tokens).toBe(text.length + 1)
  })

  test('a second turn reads only what is new, and says what it would have said anyway', async () => {
    const one = await ask(first, { maxTokens: 20 })
    const second = answered(first, one.text, 'Thanks! And tomorrow?')
    const two = await ask(second, { maxTokens: 20 })
    // The answer's last token was said, but not read.
    expect(two.end.reusedTokens).toBe(one.end.promptTokens + one.end.tokens - 1)
    await ask([user('Something else altogether.')], { maxTokens: 1 })
    const anew = await ask(second, { maxTokens: 20 })
    expect(anew.end.reusedTokens).toBeLessThan(20)
    expect(anew.text).toBe(two.text)
  })

  test('of a history that was edited, what comes before the edit stays read', async () => {
    const one = await ask(first, { maxTokens: 8 })
    await ask(answered(first, one.text, 'Thanks! And tomorrow?'), { maxTokens: 8 })
    const edited = answered(first, one.text, 'Thanks. What about the day after that, in the evening?')
    const two = await ask(edited, { maxTokens: 20 })
    expect(two.end.reusedTokens).toBeGreaterThan(one.end.promptTokens)
    await ask([user('x')], { maxTokens: 1 })
    expect((await ask(edited, { maxTokens: 20 })).text).toBe(two.text)
    const again = await ask(edited, { maxTokens: 20 })
    expect(again.text).toBe(two.text)
    expect(again.end.reusedTokens).toBe(again.end.promptTokens - 1)
  })

  test('a long prompt is read in steps, from wherever it is new', async () => {
    const long = (mark: string) => [
      user(`${'all work and no play '.repeat(35)}${mark}${'and so on '.repeat(40)}`),
    ]
    await ask([user('x')], { maxTokens: 1 })
    const one = await ask(long('?'), { maxTokens: 12 })
    expect(one.end.promptTokens).toBeGreaterThan(1100)
    await ask(long('!'), { maxTokens: 1 })
    const two = await ask(long('?'), { maxTokens: 12 })
    expect(two.end.reusedTokens).toBeGreaterThan(700)
    expect(two.text).toBe(one.text)
  })

  test('stops within a token, and goes on from there', async () => {
    const stop = new AbortController()
    const pieces: string[] = []
    const fault = await faultOf(
      (async () => {
        for await (const part of await host.api.reply(stop.signal, first, { maxTokens: 60 })) {
          if (part.kind === 'text') pieces.push(part.text)
          if (pieces.length === 2) stop.abort()
        }
      })(),
    )
    expect(fault.code).toBe('aborted')
    expect(pieces.join('').length).toBeLessThan(20)
    const { end } = await ask(answered(first, pieces.join(''), 'Go on.'), { maxTokens: 2 })
    expect(end.reusedTokens).toBeGreaterThanOrEqual(pieces.join('').length)
  })

  test('the same seed says the same', async () => {
    const wild: Sampling = { temperature: 1.5, maxTokens: 24 }
    const one = await ask(first, { ...wild, seed: 5 })
    expect((await ask(first, { ...wild, seed: 5 })).text).toBe(one.text)
    expect((await ask(first, { ...wild, seed: 6 })).text).not.toBe(one.text)
    const likeliest = (await ask(first, { temperature: 0, maxTokens: 24 })).text
    for (const filter of [{ topK: 1 }, { topP: 0 }, { minP: 1 }])
      expect((await ask(first, { ...wild, ...filter, seed: 6 })).text).toBe(likeliest)
  })

  test('who is stopped before beginning says nothing', async () => {
    const stream = await host.api.reply(AbortSignal.abort(), first, {})
    expect((await faultOf(stream[Symbol.asyncIterator]().next())).code).toBe('aborted')
    expect((await ask(first, { maxTokens: 2 })).end.tokens).toBe(2)
  })
})

const talking = new Map(
  MODELS.flatMap((model) => (model.tasks.chat === 'chat' ? [[trialOf(model)!, model] as const] : [])),
)

describe('each class that talks in the catalogue', () => {
  test.for([...talking])('%s, of the files that text takes', async ([name, model]) => {
    const files = buildModel(TRIALS[name]!.model)
    const listed = [...files].map(([path, { length }]): ListedFile => ({
      path,
      bytes: length,
      digest: { kind: 'git', hex: '' },
    }))
    const needed = filesOf(model, cpu('fp32', 32), { repo: '', commit: '', base: '', files: listed }, 'chat')
    if (needed.kind !== 'whole') throw new Error(`it lacks ${needed.missing.join(', ')}`)
    const taken = new Map(needed.files.map(({ path }) => [path, files.get(path)!]))
    expect([...taken.keys()].filter((path) => /vision|audio/.test(path))).toEqual([])

    const chat = start()
    await chat.api.load(never, await keep(taken, 'wasm'))
    const sampling = { temperature: 0, maxTokens: 12 }
    const one = await ask(first, sampling, chat)
    expect(one.text).toMatch(/^[a-z .]+$/)
    const second = answered(first, one.text, 'Thanks! And tomorrow?')
    const two = await ask(second, sampling, chat)
    expect(two.end.reusedTokens).toBe(one.end.promptTokens + one.end.tokens - 1)
    await ask([user('x')], { maxTokens: 1 }, chat)
    expect((await ask(second, sampling, chat)).text).toBe(two.text)
    chat.stop()
  })
})

const hybrids = [
  ['lfm2', 'wasm'],
  ['lfm2', 'webgpu'],
  ['qwen3.5', 'wasm'],
  ['qwen3.5', 'webgpu'],
] as const

// Convolutions and linear attention keep a state beside the keys and values, and out of a state no token can be taken.
describe.each(hybrids)('a model with states, %s on %s', (model, backend) => {
  let chat: Host<Chat>
  const sampling: Sampling = { maxTokens: 16 }
  beforeAll(async () => {
    chat = start()
    await chat.api.load(never, await keep(buildModel(model), backend))
  }, 120_000)
  afterAll(() => chat.stop())

  /** What it says to these turns when it knows nothing of them. */
  const anew = async (turns: readonly Turn[]) => {
    await ask([user('Something else altogether.')], { maxTokens: 1 }, chat)
    const { text, end } = await ask(turns, sampling, chat)
    expect(end.reusedTokens).toBe(0)
    return text
  }

  test('a conversation that goes on reads only what is new', async () => {
    const one = await ask(first, sampling, chat)
    const second = answered(first, one.text, 'Thanks! And tomorrow?')
    const two = await ask(second, sampling, chat)
    expect(two.end.reusedTokens).toBe(one.end.promptTokens + one.end.tokens - 1)
    const third = answered(second, two.text, 'And after that?')
    const three = await ask(third, sampling, chat)
    expect(three.end.reusedTokens).toBe(two.end.promptTokens + two.end.tokens - 1)
    expect(await anew(second)).toBe(two.text)
    expect(await anew(third)).toBe(three.text)
  })

  test('an edit and a retry are read anew, and say what they would have said', async () => {
    const one = await ask(first, sampling, chat)
    const again = await ask(first, sampling, chat)
    expect(again.end.reusedTokens).toBe(0)
    expect(again.text).toBe(one.text)
    await ask(answered(first, one.text, 'Thanks! And tomorrow?'), sampling, chat)
    const edited = answered(first, one.text, 'Thanks. What about the day after that?')
    const two = await ask(edited, sampling, chat)
    expect(two.end.reusedTokens).toBe(0)
    expect(await anew(edited)).toBe(two.text)
  })

  test('after a stop it goes on from there', async () => {
    const stop = new AbortController()
    const pieces: string[] = []
    const fault = await faultOf(
      (async () => {
        for await (const part of await chat.api.reply(stop.signal, first, { maxTokens: 60 })) {
          if (part.kind === 'text') pieces.push(part.text)
          if (pieces.length === 2) stop.abort()
        }
      })(),
    )
    expect(fault.code).toBe('aborted')
    const next = answered(first, pieces.join(''), 'Go on.')
    expect((await ask(next, sampling, chat)).text).toBe(await anew(next))
  })
})

describe('a conversation that outgrows the context', () => {
  test('forgets its oldest turns, and says so', async () => {
    const files = buildModel('chat', { endEvery: 16 })
    const config = JSON.parse(new TextDecoder().decode(files.get('config.json'))) as object
    files.set(
      'config.json',
      new TextEncoder().encode(JSON.stringify({ ...config, max_position_embeddings: 512 })),
    )
    const chat = start()
    await chat.api.load(never, await keep(files, 'wasm'))
    let turns: Turn[] = [system, user('turn 0, which is some words long')]
    const ends = []
    for (let i = 1; i < 12; i++) {
      const { text, end } = await ask(turns, { maxTokens: 32 }, chat)
      ends.push(end)
      turns = answered(turns, text, `turn ${i}, which is some words long`)
    }
    for (const end of ends) expect(end.promptTokens).toBeLessThanOrEqual(512 - 32)
    expect(ends[0]!.forgotten).toBe(0)
    expect(ends.at(-1)!.forgotten).toBeGreaterThan(0)
    // Not with every turn: what is left out once makes room for several.
    expect(new Set(ends.map(({ forgotten }) => forgotten)).size).toBeLessThan(6)
    const fault = await faultOf(ask([user('x'.repeat(600))], {}, chat))
    expect(fault).toMatchObject({ code: 'bad-input', detail: { reason: 'too-long' } })
    expect((await ask(turns, { maxTokens: 4 }, chat)).end.tokens).toBeGreaterThan(0) // that harmed nobody
    chat.stop()
  })
})

test('a model that thinks, and one that is told not to', async () => {
  const files = buildModel('chat')
  const decoder = new TextDecoder()
  const config = JSON.parse(decoder.decode(files.get('tokenizer_config.json'))) as { chat_template: string }
  const template = `${config.chat_template}{% if enable_thinking is not defined or enable_thinking %}<think>\n{% endif %}`
  files.set(
    'tokenizer_config.json',
    new TextEncoder().encode(JSON.stringify({ ...config, chat_template: undefined })),
  )
  files.set('chat_template.jinja', new TextEncoder().encode(template)) // where newer repositories have it
  const chat = start()
  await chat.api.load(never, await keep(files, 'wasm'))
  const kinds = async (sampling: Sampling) => {
    const all = new Set<string>()
    for await (const { kind } of await chat.api.reply(never, first, { maxTokens: 12, ...sampling }))
      all.add(kind)
    return [...all]
  }
  expect(await kinds({})).toEqual(['thought', 'end'])
  expect(await kinds({ thinking: false })).toEqual(['text', 'end'])
  chat.stop()
})

/** A real language model of 260,000 parameters, where it is there. */
const stories = import.meta.glob<string>('../../../shared/data/hub/stories260K/**/*.{json,onnx}', {
  query: '?url',
  import: 'default',
  eager: true,
})

const storyteller = async (graph: string) => {
  const files = new Map<string, Uint8Array<ArrayBuffer>>()
  for (const [file, url] of Object.entries(stories)) {
    const path = file.slice(file.indexOf('stories260K/') + 'stories260K/'.length)
    if (path.endsWith('.json') || path === `onnx/${graph}.onnx`)
      files.set(path, new Uint8Array(await (await fetch(url)).arrayBuffer()))
  }
  return files
}

describe('stories260K', () => {
  const graphs = [
    ['wasm', 'model'],
    ['wasm', 'model_quantized'],
    ['wasm', 'model_q4'],
    ['webgpu', 'model'],
    ['webgpu', 'model_q4'],
  ] as const
  test.for(graphs)('on %s from %s.onnx', { timeout: 120_000 }, async ([backend, graph], { skip }) => {
    if (!Object.keys(stories).length) return skip('needs shared/data/hub')
    const files = await storyteller(graph)
    const chat = start()
    await chat.api.load(never, await keep(files, backend))
    const { text, end } = await ask([user('Once upon a time')], { temperature: 0, maxTokens: 40 }, chat)
    expect(text).toMatch(/^, there was a little \w+ named/)
    expect(end).toMatchObject({ why: 'length', tokens: 40 })
    chat.stop()
  })
})

describe('what cannot be loaded', () => {
  const refused = async (
    files: ReturnType<typeof buildModel>,
    change?: (variant: LocalVariant) => Promise<LocalVariant>,
  ) => {
    const chat = start()
    const variant = await keep(files, 'wasm')
    const fault = await faultOf(chat.api.load(never, change ? await change(variant) : variant))
    const sound = await keep(buildModel('chat', { seed: 2 }), 'wasm')
    const next = await chat.api.load(never, sound).catch((e: unknown) => e as Fault)
    chat.stop()
    return { fault, next }
  }

  test('weights beside the graph', async () => {
    const chat = start()
    await chat.api.load(never, await keep(buildModel('chat', { externalDataChunks: 2 }), 'wasm'))
    expect((await ask(first, { maxTokens: 4 }, chat)).end.tokens).toBe(4)
    chat.stop()
  })

  test('a file of weights that is gone', async () => {
    const { fault, next } = await refused(
      buildModel('chat', { seed: 3, externalDataChunks: 2 }),
      async (variant) => {
        await lose(variant.files.find(({ url }) => url.endsWith('_data_1'))!)
        return variant
      },
    )
    expect(fault).toMatchObject({ code: 'bad-input', detail: { reason: 'gone' } })
    expect(next).toMatchObject({ runsOn: 'wasm' }) // it was noticed before the library was asked
  })

  test('a file of weights that nobody listed', async () => {
    const { fault, next } = await refused(buildModel('chat', { externalDataChunks: 2 }), async (variant) => ({
      ...variant,
      files: variant.files.filter(({ url }) => !url.endsWith('_data_1')),
    }))
    expect(fault).toMatchObject({ code: 'load-failed', detail: { poisoned: true } })
    expect(next).toMatchObject({ detail: { poisoned: true } })
  })

  test('a graph with an unknown operator', async () => {
    const files = buildModel('chat')
    const graph = files.get('onnx/model.onnx')!
    const text = new TextDecoder('latin1').decode(graph)
    for (let at = text.indexOf('MatMul'); at >= 0; at = text.indexOf('MatMul', at + 1))
      graph.set(new TextEncoder().encode('MatMux'), at)
    expect((await refused(files)).fault).toMatchObject({ code: 'load-failed', detail: { poisoned: true } })
  })

  test('a graph that is cut off', async () => {
    const files = buildModel('chat')
    files.set('onnx/model.onnx', files.get('onnx/model.onnx')!.slice(0, 5000))
    expect((await refused(files)).fault).toMatchObject({ code: 'load-failed' })
  })

  test('a config.json that is a page', async () => {
    const files = buildModel('chat')
    files.set('config.json', new TextEncoder().encode('<!doctype html><title>Not found</title>'))
    expect((await refused(files)).fault).toMatchObject({ code: 'load-failed', detail: { reason: 'config' } })
  })

  test('a model for another task', async () => {
    expect((await refused(buildModel('whisper'))).fault).toMatchObject({
      code: 'unsupported',
      detail: { reason: 'wrong-task' },
    })
  })
})
