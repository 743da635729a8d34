// The decoder of a small encoder-decoder model (M2M100, Whisper) in the `decoder_model_merged` layout.

/** @import { GraphBuilder } from '../graph-builder.js' */

/**
 * @typedef {{ position: number, bias: Float32Array }} Alternative
 * @typedef {{ layers: number, hidden: number, heads: number, vocabSize: number, script: readonly number[], encoderMask: boolean,
 *   decoderMask?: boolean, alternative?: Alternative | undefined }} MergedDecoderOptions
 */

/**
 * The names of the keys and values of a layer, before this step and after it.
 * @typedef {{ key: string, value: string }} KeyValue
 * @typedef {{ past: KeyValue, present: KeyValue }} Cache
 */

/** How much the scripted next token is preferred; far above anything the random weights produce. */
export const SCRIPT_BIAS = 1000

/**
 * Adds the decoder to `g`: `input_ids`, `encoder_hidden_states` [, `encoder_attention_mask`] [, `attention_mask`],
 * `past_key_values.{i}.{decoder,encoder}.{key,value}` -> `logits`, `present.{i}.{decoder,encoder}.{key,value}`.
 *
 * The real merged exports switch between two branches with an If node. Here the keys and values of the encoder are
 * computed anew in every step instead, which has the same interface: transformers.js keeps the ones of the first step.
 *
 * The model always "says" the same text: `script` lists the token that follows decoder position 0, 1, 2, ...
 * (positions of the prompt may hold anything). After its end the last entry is repeated. `alternative` adds a second
 * bias at one position, for a model that decides between two continuations.
 *
 * @param {GraphBuilder} g @param {MergedDecoderOptions} options
 */
export function addMergedDecoder(
  g,
  { layers, hidden, heads, vocabSize, script, encoderMask, decoderMask = false, alternative },
) {
  const ids = g.input('input_ids', 'int64', ['batch_size', 'decoder_sequence_length'])
  const memory = g.input('encoder_hidden_states', 'float', ['batch_size', 'encoder_sequence_length', hidden])
  const encoderBias = encoderMask ? maskBias(g, 'encoder_attention_mask', 'encoder_sequence_length') : null
  const ownBias = decoderMask ? maskBias(g, 'attention_mask', 'total_sequence_length') : null
  const attention = attentionBlock(g, { hidden, heads })

  let x = g.op('Gather', [g.weight('embed', [vocabSize, hidden], 1), ids])
  let firstPastKey = ''
  for (let layer = 0; layer < layers; layer++) {
    const self = declareCache(g, layer, 'decoder', 'past_decoder_sequence_length', heads, hidden / heads)
    firstPastKey ||= self.past.key
    x = attention(`l${layer}.self`, { x, source: x, cache: self, appendToPast: true, bias: ownBias })
    const cross = declareCache(g, layer, 'encoder', 'encoder_sequence_length_out', heads, hidden / heads)
    x = attention(`l${layer}.cross`, { x, source: memory, cache: cross, bias: encoderBias })
  }
  const logits = g.op('MatMul', [x, g.weight('lm_head', [hidden, vocabSize], 0.01)])
  g.op(
    'Add',
    [logits, scriptBias(g, { ids, firstPastKey, script, alternative, vocabSize })],
    {},
    { as: 'logits' },
  )
  g.output('logits', 'float', ['batch_size', 'decoder_sequence_length', vocabSize])
}

/**
 * @param {GraphBuilder} g @param {number} layer @param {'decoder' | 'encoder'} kind @param {string} lengthName
 * @param {number} heads @param {number} headDim
 * @returns {Cache}
 */
function declareCache(g, layer, kind, lengthName, heads, headDim) {
  /** @param {keyof KeyValue} part */
  const past = (part) =>
    g.input(`past_key_values.${layer}.${kind}.${part}`, 'float', ['batch_size', heads, lengthName, headDim])
  /** @param {keyof KeyValue} part */
  const present = (part) =>
    g.output(`present.${layer}.${kind}.${part}`, 'float', ['batch_size', heads, `${lengthName}_new`, headDim])
  return {
    past: { key: past('key'), value: past('value') },
    present: { key: present('key'), value: present('value') },
  }
}

/**
 * Returns a function that adds one attention block (with residual) and writes its `present` values.
 * @param {GraphBuilder} g @param {{ hidden: number, heads: number }} size
 */
function attentionBlock(g, { hidden, heads }) {
  const headDim = hidden / heads
  const splitShape = g.constant('int64', [0, 0, heads, headDim])
  const joinShape = g.constant('int64', [0, 0, hidden])
  const scale = g.constant('float', 1 / Math.sqrt(headDim))
  /**
   * @param {string} name
   * @param {{ x: string, source: string, cache: Cache, appendToPast?: boolean, bias?: string | null }} given
   */
  return (name, { x, source, cache, appendToPast = false, bias = null }) => {
    /** @param {string} value @param {string} part */
    const project = (value, part) => {
      const flat = g.op('MatMul', [value, g.weight(`${name}.${part}`, [hidden, hidden], 0.4)])
      return g.op('Reshape', [flat, splitShape])
    }
    /** @param {keyof KeyValue} part */
    const present = (part) => {
      const fresh = project(source, part)
      if (!appendToPast)
        return g.op('Transpose', [fresh], { perm: [0, 2, 1, 3] }, { as: cache.present[part] })
      const transposed = g.op('Transpose', [fresh], { perm: [0, 2, 1, 3] })
      return g.op('Concat', [cache.past[part], transposed], { axis: 2 }, { as: cache.present[part] })
    }
    const query = g.op('Transpose', [project(x, 'query')], { perm: [0, 2, 1, 3] })
    const keyTransposed = g.op('Transpose', [present('key')], { perm: [0, 1, 3, 2] })
    let scores = g.op('Mul', [g.op('MatMul', [query, keyTransposed]), scale])
    if (bias) scores = g.op('Add', [scores, bias])
    const context = g.op('MatMul', [g.op('Softmax', [scores], { axis: -1 }), present('value')])
    const joined = g.op('Reshape', [g.op('Transpose', [context], { perm: [0, 2, 1, 3] }), joinShape])
    return g.op('Add', [x, g.op('MatMul', [joined, g.weight(`${name}.out`, [hidden, hidden], 0.4)])])
  }
}

/**
 * -1e9 for positions that a mask leaves out.
 * @param {GraphBuilder} g @param {string} name @param {string} length
 */
function maskBias(g, name, length) {
  const mask = g.input(name, 'int64', ['batch_size', length])
  const inverted = g.op('Sub', [g.constant('float', 1), g.op('Cast', [mask], { to: 1 })])
  const bias = g.op('Mul', [inverted, g.constant('float', -1e9)])
  return g.op('Unsqueeze', [bias, g.constant('int64', [1, 2])])
}

/**
 * A one-hot bias for the scripted next token of every position: [S, vocabSize].
 * @param {GraphBuilder} g
 * @param {Pick<MergedDecoderOptions, 'script' | 'alternative' | 'vocabSize'> & { ids: string, firstPastKey: string }} options
 */
function scriptBias(g, { ids, firstPastKey, script, alternative, vocabSize }) {
  /** @param {string} value @param {number} axis */
  const dimension = (value, axis) => g.op('Gather', [g.op('Shape', [value]), g.constant('int64', axis)])
  const past = dimension(firstPastKey, 2)
  const end = g.op('Add', [past, dimension(ids, 1)])
  const positions = g.op('Range', [past, end, g.constant('int64', 1)])
  const clamped = g.op('Min', [positions, g.constant('int64', script.length - 1)])
  const next = g.op('Unsqueeze', [
    g.op('Gather', [g.constant('int64', script), clamped]),
    g.constant('int64', [1]),
  ])
  const allIds = g.constant(
    'int64',
    Array.from({ length: vocabSize }, (_, id) => id),
  )
  const scripted = g.op('Mul', [
    g.op('Cast', [g.op('Equal', [next, allIds])], { to: 1 }),
    g.constant('float', SCRIPT_BIAS),
  ])
  if (!alternative) return scripted
  const isThere = g.op('Cast', [g.op('Equal', [positions, g.constant('int64', alternative.position)])], {
    to: 1,
  })
  const extra = g.tensor('alternative_bias', 'float', [vocabSize], alternative.bias)
  return g.op('Add', [scripted, g.op('Mul', [g.op('Unsqueeze', [isThere, g.constant('int64', [1])]), extra])])
}
