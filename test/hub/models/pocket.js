// Pocket TTS: five graphs, fed by our own code. The language model takes a frame of 80 ms a step and keeps states.
import { GraphBuilder } from '../graph-builder.js'
import { addToneSequence } from '../graphs/tone-sequence.js'

/** @import { RepositoryFiles } from '../build.js' */

/** @typedef {(g: GraphBuilder) => void} Build adds what a graph has */

const TEXT = 1024
const LATENT = 32
const SAMPLES_PER_FRAME = 1920
const RATE = 24000

/**
 * It says `frames` frames and then that it has ended.
 * @param {RepositoryFiles} repo
 * @param {{seed?: number, frames?: number}} [options]
 */
export function buildPocket(repo, { seed = 1, frames = 6 } = {}) {
  /** @param {string} name @param {Build} build */
  const built = (name, build) => {
    const g = new GraphBuilder({ name, seed })
    build(g)
    return g
  }
  /** @param {string} name @param {Build} build */
  const graph = (name, build) => repo.onnx(name, built(name, build))
  /** In 32 bits, whatever the others are in. @param {string} name @param {Build} build */
  const wide = (name, build) => repo.bytes(`onnx/${name}.onnx`, built(name, build).encode().model)
  wide('text_conditioner', (g) => {
    const ids = g.input('token_ids', 'int64', [1, 'num_tokens'])
    g.op('Gather', [g.weight('embed', [256, TEXT], 0.1), ids], {}, { as: 'embeddings' })
    g.output('embeddings', 'float', [1, 'num_tokens', TEXT])
  })
  wide('mimi_encoder', (g) => {
    const audio = g.input('audio', 'float', [1, 1, 'num_samples'])
    const heard = g.op('Conv', [audio, g.weight('voice', [8, 1, SAMPLES_PER_FRAME], 0.1)], {
      kernel_shape: [SAMPLES_PER_FRAME],
      strides: [SAMPLES_PER_FRAME],
    })
    const frames = g.op('Transpose', [heard], { perm: [0, 2, 1] })
    g.op('MatMul', [frames, g.weight('spread', [8, TEXT], 0.1)], {}, { as: 'latents' })
    g.output('latents', 'float', [1, 'num_frames', TEXT])
  })
  graph('flow_lm_main', (g) => languageModel(g, frames))
  graph('flow_lm_flow', (g) => {
    const c = g.input('c', 'float', [1, TEXT])
    const s = g.input('s', 'float', [1, 1])
    const t = g.input('t', 'float', [1, 1])
    const x = g.input('x', 'float', [1, LATENT])
    const aim = g.op('MatMul', [c, g.weight('aim', [TEXT, LATENT], 0.05)])
    const way = g.op('Sub', [aim, x])
    g.op('Div', [g.op('Mul', [way, g.op('Sub', [t, s])]), g.op('Sub', [t, s])], {}, { as: 'flow_dir' })
    g.output('flow_dir', 'float', [1, LATENT])
  })
  graph('mimi_decoder', decoder)
}

/**
 * `sequence` (frames so far, the first of them NaN), `text_embeddings`, `state_*` -> `conditioning`, `eos_logit`, `out_state_*`.
 * @param {GraphBuilder} g @param {number} frames
 */
function languageModel(g, frames) {
  const sequence = g.input('sequence', 'float', [1, 'num_frames', LATENT])
  const text = g.input('text_embeddings', 'float', [1, 'num_tokens', TEXT])
  const mean = g.input('state_0', 'float', [1, TEXT])
  const steps = g.input('state_1', 'int64', [1])
  const sum = (/** @type {string} */ x) => g.op('ReduceSum', [x, g.constant('int64', [1])], { keepdims: 0 })
  // What has been read of voice and text, and how many frames were said; a frame that is no number is the first.
  const read = g.op('Add', [mean, sum(text)])
  const fresh = g.op('Where', [g.op('IsNaN', [sequence]), g.constant('float', 0), sequence])
  const said = g.op('MatMul', [sum(fresh), g.weight('said', [LATENT, TEXT], 0.05)])
  const conditioning = g.op('Add', [read, said], {}, { as: 'conditioning' })
  const length = g.op('Gather', [g.op('Shape', [sequence]), g.constant('int64', [1])])
  const count = g.op('Add', [steps, length], {}, { as: 'out_state_1' })
  const isEnd = g.op('GreaterOrEqual', [count, g.constant('int64', [frames])])
  const logit = g.op('Where', [isEnd, g.constant('float', 4), g.constant('float', -10)])
  g.op('Unsqueeze', [logit, g.constant('int64', [1])], {}, { as: 'eos_logit' })
  g.op('Identity', [conditioning], {}, { as: 'out_state_0' })
  g.output('conditioning', 'float', [1, TEXT])
  g.output('eos_logit', 'float', [1, 1])
  g.output('out_state_0', 'float', [1, TEXT])
  g.output('out_state_1', 'int64', [1])
}

/**
 * `latent` [1, frames, 32], `state_0` -> `audio_frame` [1, 1, samples], `out_state_0` (counts the frames).
 * @param {GraphBuilder} g
 */
function decoder(g) {
  const latent = g.input('latent', 'float', [1, 'num_frames', LATENT])
  const count = g.input('state_0', 'int64', [1])
  const level = g.op('Tanh', [g.op('ReduceMean', [latent, g.constant('int64', [2])], { keepdims: 0 })])
  const frequencies = g.op('Add', [g.op('Mul', [level, g.constant('float', 80)]), g.constant('float', 220)])
  const wave = addToneSequence(g, {
    frequencies,
    samplesPerToken: SAMPLES_PER_FRAME,
    sampleRate: RATE,
    as: 'wave',
  })
  g.op('Unsqueeze', [wave, g.constant('int64', [1])], {}, { as: 'audio_frame' })
  g.output('audio_frame', 'float', [1, 1, 'num_samples'])
  const frames = g.op('Gather', [g.op('Shape', [latent]), g.constant('int64', [1])])
  g.output(g.op('Add', [count, frames], {}, { as: 'out_state_0' }), 'int64', [1])
}
