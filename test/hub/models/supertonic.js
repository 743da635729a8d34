// Supertonic speech synthesis: SupertonicForConditionalGeneration (text encoder, denoiser, vocoder) plus voice files.
import { GraphBuilder } from '../graph-builder.js'
import { byteLevelTokenizer } from '../tokenizers/byte-level.js'
import { randomFloats } from '../seeded-random.js'

/** @import { RepositoryFiles } from '../build.js' */

const HIDDEN = 16
const STYLE_TOKENS = 50
const STYLE_SIZE = 128
const LATENT_DIM = 24
const COMPRESS = 6
const CHUNK = 512
const CHANNELS = LATENT_DIM * COMPRESS
const SAMPLE_RATE = 44100
const SAMPLES_PER_LATENT = CHUNK * COMPRESS
const SECONDS_PER_TOKEN = 0.07

const STYLE = ['batch_size', 'style_length', STYLE_SIZE]
const TEXT = ['batch_size', 'sequence_length']
const LATENTS = ['batch_size', CHANNELS, 'latent_length']

/**
 * @param {RepositoryFiles} repo
 * @param {{seed?: number}} [options]
 */
export function buildSupertonic(repo, { seed = 1 } = {}) {
  const tokenizer = byteLevelTokenizer({ specialTokens: ['<pad>'] })

  repo.onnx('text_encoder', textEncoder(seed, tokenizer.vocabSize))
  repo.onnx('latent_denoiser', latentDenoiser(seed))
  repo.onnx('voice_decoder', voiceDecoder(seed))

  repo.json('config.json', {
    model_type: 'supertonic',
    architectures: ['SupertonicForConditionalGeneration'],
    sampling_rate: SAMPLE_RATE,
    chunk_compress_factor: COMPRESS,
    base_chunk_size: CHUNK,
    latent_dim: LATENT_DIM,
    style_dim: STYLE_SIZE,
  })
  repo.json('tokenizer.json', tokenizer.json)
  repo.json('tokenizer_config.json', {
    tokenizer_class: 'PreTrainedTokenizerFast',
    pad_token: '<pad>',
    model_max_length: 1024,
  })
  for (const name of ['F1', 'F2', 'M1', 'M2']) {
    repo.floats(`voices/${name}.bin`, randomFloats(seed, `supertonic/${name}`, STYLE_TOKENS * STYLE_SIZE, 1))
  }
}

/**
 * `input_ids`, `attention_mask`, `style` -> `last_hidden_state`, `durations` (seconds).
 * @param {number} seed @param {number} vocabSize
 */
function textEncoder(seed, vocabSize) {
  const g = new GraphBuilder({ name: 'supertonic-text', seed })
  const ids = g.input('input_ids', 'int64', TEXT)
  const mask = g.op('Cast', [g.input('attention_mask', 'int64', TEXT)], { to: 1 })
  const style = g.input('style', 'float', STYLE)
  const styleMean = g.op('ReduceMean', [style, g.constant('int64', [1, 2])], { keepdims: 1 })
  const embedded = g.op('Gather', [g.weight('embed', [vocabSize, HIDDEN], 1), ids])
  g.op('Add', [embedded, styleMean], {}, { as: 'last_hidden_state' })
  g.output('last_hidden_state', 'float', ['batch_size', 'sequence_length', HIDDEN])
  const tokenCount = g.op('ReduceSum', [mask, g.constant('int64', [1])], { keepdims: 0 })
  g.op('Mul', [tokenCount, g.constant('float', SECONDS_PER_TOKEN)], {}, { as: 'durations' })
  g.output('durations', 'float', ['batch_size'])
  return g
}

/**
 * One step from noise to a target that depends on voice and text. The last step lands exactly on the target,
 * so the sound is reproducible although transformers.js starts from random noise.
 * @param {number} seed
 */
function latentDenoiser(seed) {
  const g = new GraphBuilder({ name: 'supertonic-denoiser', seed })
  const style = g.input('style', 'float', STYLE)
  const noisy = g.input('noisy_latents', 'float', LATENTS)
  const latentMask = g.op('Cast', [g.input('latent_mask', 'int64', ['batch_size', 'latent_length'])], {
    to: 1,
  })
  const text = g.input('encoder_outputs', 'float', ['batch_size', 'sequence_length', HIDDEN])
  const textMask = g.op('Cast', [g.input('attention_mask', 'int64', TEXT)], { to: 1 })
  const step = g.input('timestep', 'float', ['batch_size'])
  const stepCount = g.input('num_inference_steps', 'float', ['batch_size'])
  const one = g.constant('int64', [1])

  const voice = g.op('MatMul', [
    g.op('ReduceMean', [style, one], { keepdims: 1 }),
    g.weight('voice', [STYLE_SIZE, CHANNELS], 1),
  ])
  const maskedText = g.op('Mul', [text, g.op('Unsqueeze', [textMask, g.constant('int64', [2])])])
  const words = g.op('MatMul', [
    g.op('ReduceMean', [maskedText, one], { keepdims: 1 }),
    g.weight('words', [HIDDEN, CHANNELS], 1),
  ])
  const target = g.op('Transpose', [g.op('Tanh', [g.op('Add', [voice, words])])], { perm: [0, 2, 1] }) // [B,C,1]

  // x += (target - x) / (stepCount - step)
  const share = g.op('Unsqueeze', [
    g.op('Reciprocal', [g.op('Sub', [stepCount, step])]),
    g.constant('int64', [1, 2]),
  ])
  const moved = g.op('Add', [noisy, g.op('Mul', [g.op('Sub', [target, noisy]), share])])
  g.op('Mul', [moved, g.op('Unsqueeze', [latentMask, one])], {}, { as: 'denoised_latents' })
  g.output('denoised_latents', 'float', LATENTS)
  return g
}

/**
 * `latents` -> `waveform`: every channel is the volume of one harmonic.
 * @param {number} seed
 */
function voiceDecoder(seed) {
  const g = new GraphBuilder({ name: 'supertonic-vocoder', seed })
  const latents = g.input('latents', 'float', LATENTS)
  // Whole numbers of periods per block, so that the blocks join without clicks.
  const periods = g.tensor(
    'periods',
    'float',
    [CHANNELS, 1],
    Float32Array.from({ length: CHANNELS }, (_, i) => (8 + i) * 2 * Math.PI),
  )
  const time = g.tensor(
    'time',
    'float',
    [1, SAMPLES_PER_LATENT],
    Float32Array.from({ length: SAMPLES_PER_LATENT }, (_, i) => i / SAMPLES_PER_LATENT),
  )
  const harmonics = g.op('Sin', [g.op('Mul', [periods, time])]) // [C, samples]
  const mixed = g.op('MatMul', [g.op('Transpose', [latents], { perm: [0, 2, 1] }), harmonics]) // [B,L,samples]
  const quiet = g.op('Mul', [mixed, g.constant('float', 0.01)])
  g.op('Tanh', [g.op('Reshape', [quiet, g.constant('int64', [0, -1])])], {}, { as: 'waveform' })
  g.output('waveform', 'float', ['batch_size', 'num_samples'])
  return g
}
