/** @file Models that know whether somebody speaks, and whether they have finished. Small, and on the CPU. */
import { cpu, type Model } from '../model'
import { MIT } from './licences'

export const TURN: readonly Model[] = [
  {
    id: 'silero-vad',
    name: 'Silero VAD',
    tasks: { turn: 'later' },
    source: { kind: 'hub', repo: 'onnx-community/silero-vad' },
    runner: { library: 'onnxruntime', graphs: ['onnx/model{dtype}.onnx'] },
    parameters: 0.5,
    languages: [],
    licence: MIT,
    choiceFor: ['turn'],
    tier: 'phone',
    variants: [cpu('fp32', 36)],
  },
  {
    id: 'smart-turn',
    name: 'Smart Turn v3.2',
    tasks: { turn: 'later' },
    source: { kind: 'hub', repo: 'pipecat-ai/smart-turn-v3', folder: '' },
    runner: { library: 'onnxruntime', graphs: ['smart-turn-v3.2-cpu.onnx'] },
    parameters: 8,
    languages: 23,
    licence: { name: 'BSD-2-Clause', commercial: true },
    tier: 'phone',
    // Its 8-bit graph fails on WebGPU: pipecat-ai/smart-turn#33.
    variants: [cpu('int8', 8.7)],
    bad: [{ backend: 'webgpu', dtypes: ['int8'], why: 'fails', source: 'pipecat-ai/smart-turn#33' }],
  },
]
