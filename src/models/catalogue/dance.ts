/** @file Models that dance. The choreographer of the app is none: it is code. */
import { cpu, gpu, type Model } from '../model'

export const DANCE: readonly Model[] = [
  {
    id: 'danceba',
    name: 'Danceba',
    tasks: { dance: 'danceba' },
    source: {
      kind: 'own',
      files: [
        { name: 'epoch_0.pt', part: 'GPT' },
        { name: 'epoch_500.pt', part: 'VQ-VAE' },
      ],
    },
    runner: { library: 'onnxruntime', graphs: [] },
    // 250.7 of the GPT, and what is needed of the VQ-VAE's 65.1: decoders and codebooks.
    parameters: 292,
    languages: [],
    licence: {
      name: 'S-Lab-1.0',
      commercial: false,
      note: 'That of its code; none was seen for the weights.',
    },
    choiceFor: ['dance'],
    tier: 'laptop',
    // As it is kept unless somebody wants it otherwise: in 16 bits, and in 8 where that is too much.
    variants: [gpu('fp32', 32), gpu('fp16', 16), cpu('fp16', 16), cpu('int8', 8)],
  },
]
