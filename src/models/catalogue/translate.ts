/** @file Models that translate. */
import { cpu, gpu, type Model } from '../model'
import { GEMMA3_HALF, NLLB_INT8 } from '../known-bad'
import { GEMMA } from './licences'

/** A small model for each direction of a pair. */
const opus = (from: string, to: string): Model => ({
  id: `opus-mt-${from}-${to}`,
  name: `OPUS-MT ${from} → ${to}`,
  tasks: { translate: 'later' },
  source: { kind: 'hub', repo: `Xenova/opus-mt-${from}-${to}` },
  runner: { library: 'transformers', class: 'MarianMTModel' },
  parameters: 77,
  languages: [from, to],
  licence: { name: 'CC-BY-4.0 or Apache-2.0, by the pair', commercial: true },
  tier: 'phone',
  variants: [cpu('q8', 11.2)],
})

export const TRANSLATE: readonly Model[] = [
  {
    id: 'browser-translator',
    name: 'Translator API',
    tasks: { translate: 'later' },
    source: { kind: 'built-in', api: 'translator' },
    runner: { library: 'browser' },
    parameters: 0,
    languages: [],
    licence: { name: 'of the browser' },
    choiceFor: ['translate'],
    tier: 'phone',
    variants: [],
  },
  ...['de', 'es', 'fr', 'zh'].flatMap((language) => [opus('en', language), opus(language, 'en')]),
  {
    id: 'hy-mt1.5-1.8b',
    name: 'HY-MT1.5 1.8B',
    tasks: { translate: 'later' },
    source: { kind: 'hub', repo: 'onnx-community/HY-MT1.5-1.8B-ONNX' },
    runner: { library: 'transformers', class: 'HunYuanDenseV1ForCausalLM' },
    parameters: 1800,
    languages: 38,
    licence: {
      name: 'Tencent Hunyuan Community',
      note: 'Earlier versions of it exclude the European Union, the United Kingdom and South Korea.',
    },
    choiceFor: ['translate'],
    tier: 'laptop',
    variants: [gpu('q4f16', 5.4), gpu('q4', 6.2), cpu('q4', 6.2)],
  },
  {
    id: 'nllb-200-600m',
    name: 'NLLB-200 distilled 600M',
    tasks: { translate: 'later' },
    source: { kind: 'hub', repo: 'Xenova/nllb-200-distilled-600M' },
    runner: { library: 'transformers', class: 'M2M100ForConditionalGeneration' },
    parameters: 600,
    languages: 200,
    licence: { name: 'CC-BY-NC-4.0', commercial: false },
    tier: 'laptop',
    variants: [cpu('q8', 11.9)],
    bad: [NLLB_INT8],
  },
  {
    id: 'translategemma-4b',
    name: 'TranslateGemma 4B',
    tasks: { translate: 'later' },
    source: { kind: 'hub', repo: 'onnx-community/translategemma-text-4b-it-ONNX' },
    runner: { library: 'transformers', class: 'Gemma3ForCausalLM' },
    parameters: 4000,
    languages: 51,
    licence: GEMMA,
    tier: 'desktop',
    variants: [gpu('q4', 6.2), cpu('q4', 6.2)],
    bad: [GEMMA3_HALF],
  },
]
