// Voice activity detection with the inputs and outputs of silero-vad v5; "speech" is simply loudness.
import { GraphBuilder } from '../graph-builder.js'

/** @import { RepositoryFiles } from '../build.js' */

/**
 * @param {RepositoryFiles} repo
 * @param {{seed?: number}} [options]
 */
export function buildSileroVad(repo, { seed = 1 } = {}) {
  const g = new GraphBuilder({ name: 'silero-vad', seed })
  const input = g.input('input', 'float', ['batch_size', 'samples'])
  const sampleRate = g.input('sr', 'int64', [])
  const state = g.input('state', 'float', [2, 'batch_size', 128])

  // Probability = 10 x RMS, limited to 0..1: a normal voice (RMS 0.1) gives 1, silence gives 0.
  const meanSquare = g.op('ReduceMean', [g.op('Mul', [input, input]), g.constant('int64', [1])], {
    keepdims: 1,
  })
  const loudness = g.op('Mul', [g.op('Sqrt', [meanSquare]), g.constant('float', [10])])
  g.output(
    g.op('Clip', [loudness, g.constant('float', 0), g.constant('float', 1)], {}, { as: 'output' }),
    'float',
    ['batch_size', 1],
  )

  // The state counts the calls, which shows whether the caller carries it along; `sr` is used so that it stays an input.
  const zero = g.op('Mul', [g.op('Cast', [sampleRate], { to: 1 }), g.constant('float', 0)])
  const one = g.op('Add', [zero, g.constant('float', 1)])
  g.output(g.op('Add', [state, one], {}, { as: 'stateN' }), 'float', [2, 'batch_size', 128])

  repo.onnx('model', g)
  repo.json('config.json', { model_type: 'custom' })
}
