/** @file Every class of the catalogue, loaded and run by our runtime: tiny graphs with the true inputs and outputs. */
import { afterEach, describe, expect, test } from 'vitest'
import { Host } from '../../src/engine/host'
import type { Variant } from '../../src/shared/contracts'
import { buildModel, type TinyModel } from '../hub/build'
import { keep } from '../hub/keep'

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

const attempt = async (
  backend: 'wasm' | 'webgpu',
  model: TinyModel,
  what: string = model,
  argument?: readonly string[],
): Promise<Record<string, unknown>> => {
  const variant = await keep(buildModel(model), backend)
  const { made, asked } = await host.api.try(never, variant, what, argument)
  expect(asked.length).toBeGreaterThan(0)
  expect(asked.filter((name) => !name.startsWith(location.origin) && !name.startsWith('blob:'))).toEqual([])
  return made
}

const BABBLE: unknown = expect.stringMatching(/^[a-z .]+$/)
const audible = ({ peak, finite }: Record<string, unknown>) => {
  expect(peak).toBeGreaterThan(0.05)
  expect(peak).toBeLessThanOrEqual(1)
  expect(finite).toBe(true)
}

describe.each(['wasm', 'webgpu'] as const)('on %s', (backend) => {
  const slow = { timeout: 120_000 }

  test('silero: speech', slow, async () => {
    expect(await attempt(backend, 'silero')).toEqual({
      class: 'PreTrainedModel',
      speech: [0, expect.closeTo(0.35, 1), 1],
      calls: 3,
    })
  })

  test('kokoro', slow, async () => {
    const made = await attempt(backend, 'kokoro')
    audible(made)
    expect(made).toMatchObject({ class: 'StyleTextToSpeech2Model', voicesDiffer: true })
    expect(made['ratio']).toBeCloseTo(2)
  })

  test('supertonic', slow, async () => {
    const made = await attempt(backend, 'supertonic')
    audible(made)
    expect(made).toMatchObject({ class: 'SupertonicForConditionalGeneration', rate: 44_100, same: true })
    expect(made['seconds']).toBeCloseTo(0.84)
  })

  test('nllb', slow, async () => {
    expect(await attempt(backend, 'nllb', 'translation', ['eng_Latn', 'fra_Latn'])).toEqual({
      class: 'M2M100ForConditionalGeneration',
      text: 'bonjour tout le monde.',
    })
  })
})

describe('on wasm', () => {
  test('m2m100', async () => {
    expect(await attempt('wasm', 'm2m100', 'translation', ['en', 'fr'])).toMatchObject({
      text: 'bonjour tout le monde.',
    })
  })

  test('whisper', async () => {
    expect(await attempt('wasm', 'whisper')).toEqual({
      class: 'WhisperForConditionalGeneration',
      text: 'hello from the tiny hub.',
      span: [0, 1],
      long: true,
    })
  })

  test('chatterbox', async () => {
    const made = await attempt('wasm', 'chatterbox')
    audible(made)
    expect(made).toMatchObject({ class: 'ChatterboxModel', same: true, kept: 768 })
  })

  test('smolvlm', async () => {
    expect(await attempt('wasm', 'smolvlm')).toEqual({
      class: 'SmolVLMForConditionalGeneration',
      tiles: 5,
      text: BABBLE,
      sees: true,
    })
  })

  test('gemma 4: images, sound, both, neither', async () => {
    expect(await attempt('wasm', 'gemma4')).toEqual({
      class: 'Gemma4ForConditionalGeneration',
      texts: [BABBLE, BABBLE, BABBLE, BABBLE],
    })
  })
})

test('attention over more than 32 tokens is the same on the GPU', { timeout: 120_000 }, async () => {
  const numbers = async (backend: 'wasm' | 'webgpu') =>
    (await attempt(backend, 'chat'))['numbers'] as number[]
  const right = await numbers('wasm')
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
