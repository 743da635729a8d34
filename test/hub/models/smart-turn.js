// Whether somebody has finished speaking: one graph at the root of the repository, fed by our own code.
import { GraphBuilder } from '../graph-builder.js'

/** @import { RepositoryFiles } from '../build.js' */

const MEL_BINS = 80
const FRAMES = 800 // the last eight seconds

/**
 * `input_features` [batch, 80, 800] -> `logits` [batch, 1], which is a probability already: here that of a silent end.
 * @param {RepositoryFiles} repo
 * @param {{seed?: number}} [options]
 */
export function buildSmartTurn(repo, { seed = 1 } = {}) {
  const g = new GraphBuilder({ name: 'smart-turn', seed })
  const features = g.input('input_features', 'float', ['batch_size', MEL_BINS, FRAMES])
  /** @param {number} from @param {number} to */
  const slice = (from, to) =>
    g.op('Slice', [features, ...[from, to, 2].map((value) => g.constant('int64', [value]))])
  const level = (/** @type {string} */ x) =>
    g.op('ReduceMean', [x, g.constant('int64', [1, 2])], { keepdims: 0 })
  const drop = g.op('Sub', [level(slice(0, FRAMES - 50)), level(slice(FRAMES - 50, FRAMES))])
  const steep = g.op('Mul', [drop, g.constant('float', 10)])
  g.op('Unsqueeze', [g.op('Sigmoid', [steep]), g.constant('int64', [1])], {}, { as: 'logits' })
  g.output('logits', 'float', ['batch_size', 1])
  const { model } = g.encode()
  repo.bytes('smart-turn-v3.2-cpu.onnx', model)
}
