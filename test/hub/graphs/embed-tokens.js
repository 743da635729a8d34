// The table of words of a model that also takes pictures or sounds: a graph of its own.
import { GraphBuilder } from '../graph-builder.js'

/**
 * `input_ids` -> `inputs_embeds`, and Gemma's `per_layer_inputs` [batch, sequence, layers, perLayerSize].
 * @param {{ name: string, seed: number, vocabSize: number, hidden: number, layers?: number, perLayerSize?: number }} options
 */
export function embedTokens({ name, seed, vocabSize, hidden, layers = 1, perLayerSize }) {
  const g = new GraphBuilder({ name: `${name}-embed`, seed })
  const ids = g.input('input_ids', 'int64', ['batch_size', 'sequence_length'])
  g.op('Gather', [g.weight('embed', [vocabSize, hidden], 1), ids], {}, { as: 'inputs_embeds' })
  g.output('inputs_embeds', 'float', ['batch_size', 'sequence_length', hidden])
  if (!perLayerSize) return g
  const flat = g.op('Gather', [g.weight('per_layer', [vocabSize, layers * perLayerSize], 1), ids])
  const shape = g.constant('int64', [0, 0, layers, perLayerSize])
  g.op('Reshape', [flat, shape], {}, { as: 'per_layer_inputs' })
  g.output('per_layer_inputs', 'float', ['batch_size', 'sequence_length', layers, perLayerSize])
  return g
}
