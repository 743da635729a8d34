// A Llama-like decoder with a key/value cache, in the input/output layout of the ONNX exports that transformers.js loads.
import { float } from '../onnx-writer.js'
import { addBabbleBias } from './babble-logits.js'
import { linearAttention, shortConvolution } from './states.js'

/**
 * @import { GraphBuilder } from '../graph-builder.js'
 * @import { Babble } from './babble-logits.js'
 */

/**
 * @typedef {object} AttentionOptions
 * @property {number} heads
 * @property {number} kvHeads
 * @property {number} headDim
 * @property {number | undefined} [positionAxes] 3 for Qwen's positions in time, height and width ('plain' only)
 * @property {number} [maxPositions] length of the rotary table ('gqa' only)
 * @property {number} [ropeTheta] base of the rotary embedding
 */

/** @typedef {{ hidden: number, vocabSize: number, normEpsilon?: number }} WeightOptions */

/** @typedef {'full_attention' | 'conv' | 'linear_attention'} LayerType */

/**
 * @typedef {object} GraphOptions
 * @property {number} layers
 * @property {'input_ids' | 'inputs_embeds'} [input]
 * @property {'gqa' | 'plain'} [attention]
 * @property {readonly LayerType[] | undefined} [layerTypes] attention everywhere when left out
 * @property {number | undefined} [mlpHidden] size of a SwiGLU block; none when left out
 * @property {boolean} [numLogitsToKeep] adds the optional input `num_logits_to_keep`
 * @property {number} [perLayerInputSize] adds the Gemma input `per_layer_inputs` [batch, sequence, layers, size]
 * @property {Babble} [babble] see babble-logits.js
 * @property {Weights} [parameters] source of the weights; random ones when left out
 */

/** @typedef {AttentionOptions & WeightOptions & GraphOptions} DecoderOptions */

/** @typedef {ReturnType<typeof randomParameters>} Weights */

/**
 * Adds the attention of a layer and returns what it found.
 * @typedef {(layer: number, projected: { q: string, k: string, v: string }) => string} Attend
 */

const FLOAT = 1
const INT32 = 6
const BOOL = 9
const INT64_MAX = 9223372036854775807n

/**
 * Adds the decoder to `g`: `input_ids` or `inputs_embeds`, `attention_mask`, `past_key_values.{i}.{key,value}`
 * -> `logits`, `present.{i}.{key,value}`.
 *
 * attention 'gqa'   uses com.microsoft.GroupQueryAttention, as the real exports do (head size must be a multiple of 16).
 * attention 'plain' uses standard operators and the extra input `position_ids`; it is exact on every device.
 *
 * Layers of other kinds keep a state instead of a row a token: see states.js.
 *
 * @param {GraphBuilder} g @param {DecoderOptions} options
 */
export function addDecoderOnly(g, options) {
  const {
    layers,
    hidden,
    input = 'input_ids',
    attention = 'gqa',
    mlpHidden,
    numLogitsToKeep = false,
    perLayerInputSize,
    babble,
  } = options
  const parameters = options.parameters ?? randomParameters(g, options)

  let x =
    input === 'input_ids'
      ? parameters.embed(g.input('input_ids', 'int64', ['batch_size', 'sequence_length']))
      : g.input('inputs_embeds', 'float', ['batch_size', 'sequence_length', hidden])
  const perLayerInputs =
    perLayerInputSize &&
    g.input('per_layer_inputs', 'float', ['batch_size', 'sequence_length', layers, perLayerInputSize])
  const mask = g.input('attention_mask', 'int64', ['batch_size', 'total_sequence_length'])

  const newLength = dimension(g, x, 1)
  const totalLength = dimension(g, mask, 1)
  const attend =
    attention === 'gqa'
      ? groupQueryAttention(g, options, mask, totalLength)
      : plainAttention(g, options, mask, newLength, totalLength)

  for (let layer = 0; layer < layers; layer++) {
    if (perLayerInputs && perLayerInputSize)
      x = addPerLayerInput(g, x, perLayerInputs, layer, perLayerInputSize, hidden, parameters)
    const normed = parameters.norm(x, `l${layer}.attention_norm`)
    const mixed = mix(g, { layer, x: normed, attend, parameters, options })
    x = g.op('Add', [x, parameters.linear(mixed.context, `l${layer}.o`, mixed.size, hidden)])
    if (mlpHidden)
      x = g.op('Add', [
        x,
        swiGlu(g, parameters.norm(x, `l${layer}.mlp_norm`), layer, hidden, mlpHidden, parameters),
      ])
  }

  if (numLogitsToKeep) x = keepLastPositions(g, x)
  const normed = parameters.norm(x, 'final_norm')
  if (babble) {
    const raw = parameters.lmHead(normed)
    addBabbleBias(g, {
      logits: raw,
      vocabSize: options.vocabSize,
      ...babble,
      totalLength,
      newLength,
      as: 'logits',
    })
  } else {
    parameters.lmHead(normed, 'logits')
  }
  g.output('logits', 'float', ['batch_size', 'sequence_length', options.vocabSize])
}

/**
 * What a layer takes from the tokens before: with attention, or from a state.
 * @param {GraphBuilder} g
 * @param {{ layer: number, x: string, attend: Attend, parameters: Weights, options: DecoderOptions }} given
 */
function mix(g, { layer, x, attend, parameters, options }) {
  const { hidden, heads, kvHeads, headDim, layerTypes } = options
  switch (layerTypes?.[layer]) {
    case 'conv':
      return shortConvolution(g, { layer, x, hidden, parameters })
    case 'linear_attention':
      return linearAttention(g, { layer, x, hidden, heads, headDim, parameters })
    default:
      return {
        size: heads * headDim,
        context: attend(layer, {
          q: parameters.linear(x, `l${layer}.q`, hidden, heads * headDim),
          k: parameters.linear(x, `l${layer}.k`, hidden, kvHeads * headDim),
          v: parameters.linear(x, `l${layer}.v`, hidden, kvHeads * headDim),
        }),
      }
  }
}

/** @param {GraphBuilder} g @param {string} value @param {number} axis */
export function dimension(g, value, axis) {
  return g.op('Gather', [g.op('Shape', [value]), g.constant('int64', axis)])
}

/**
 * Default weights: random, with scales that keep the activations in a sane range.
 * @param {GraphBuilder} g @param {WeightOptions} options
 */
export function randomParameters(g, { hidden, vocabSize, normEpsilon = 1e-6 }) {
  return {
    /** @param {string} ids */
    embed: (ids) => g.op('Gather', [g.weight('embed', [vocabSize, hidden], 1), ids]),
    /** @param {string} x @param {string} name */
    norm: (x, name) =>
      rmsNorm(g, x, g.tensor(name, 'float', [hidden], new Float32Array(hidden).fill(1)), normEpsilon),
    /** @param {string} x @param {string} name @param {number} inputSize @param {number} outputSize */
    linear: (x, name, inputSize, outputSize) =>
      g.op('MatMul', [x, g.weight(name, [inputSize, outputSize], 0.3)]),
    /** @param {string} x @param {string} [as] */
    lmHead: (x, as) => g.op('MatMul', [x, g.weight('lm_head', [hidden, vocabSize], 1)], {}, { as }),
  }
}

/** @param {GraphBuilder} g @param {string} x @param {string} scale @param {number} epsilon */
export function rmsNorm(g, x, scale, epsilon) {
  return g.op('SimplifiedLayerNormalization', [x, scale], { epsilon: float(epsilon), axis: -1 })
}

/** @param {GraphBuilder} g @param {number} layer @param {AttentionOptions} options */
function declareCache(g, layer, { kvHeads, headDim }) {
  // transformers.js sizes the empty first cache from these dims: only `batch_size` is known to it, others become 0.
  const past = ['batch_size', kvHeads, 'past_sequence_length', headDim]
  const present = ['batch_size', kvHeads, 'total_sequence_length', headDim]
  return {
    past_key: g.input(`past_key_values.${layer}.key`, 'float', past),
    past_value: g.input(`past_key_values.${layer}.value`, 'float', past),
    present_key: g.output(`present.${layer}.key`, 'float', present),
    present_value: g.output(`present.${layer}.value`, 'float', present),
  }
}

/**
 * The attention operator of the real exports; it applies the rotary embedding and appends to the cache itself.
 * @param {GraphBuilder} g @param {AttentionOptions} options @param {string} mask @param {string} totalLength
 * @returns {Attend}
 */
function groupQueryAttention(g, options, mask, totalLength) {
  const { heads, kvHeads, headDim, maxPositions = 4096 } = options
  const lastIndex = g.op('Sub', [
    g.op('ReduceSum', [mask, g.constant('int64', [1])], { keepdims: 0 }),
    g.constant('int64', 1),
  ])
  const lastIndexInt32 = g.op('Cast', [lastIndex], { to: INT32 })
  const totalInt32 = g.op('Cast', [totalLength], { to: INT32 })
  const { cos, sin } = rotaryTables(g, headDim, maxPositions, options.ropeTheta ?? 10000)
  return (layer, { q, k, v }) => {
    const cache = declareCache(g, layer, options)
    const [context] = g.op(
      'GroupQueryAttention',
      [q, k, v, cache.past_key, cache.past_value, lastIndexInt32, totalInt32, cos, sin],
      { num_heads: heads, kv_num_heads: kvHeads, do_rotary: 1 },
      { domain: 'com.microsoft', as: [`l${layer}.context`, cache.present_key, cache.present_value] },
    )
    return context
  }
}

/** @param {GraphBuilder} g @param {number} headDim @param {number} maxPositions @param {number} theta */
function rotaryTables(g, headDim, maxPositions, theta) {
  const half = headDim / 2
  const cos = new Float32Array(maxPositions * half)
  const sin = new Float32Array(maxPositions * half)
  for (let position = 0; position < maxPositions; position++) {
    for (let i = 0; i < half; i++) {
      const angle = position / theta ** ((2 * i) / headDim)
      cos[position * half + i] = Math.cos(angle)
      sin[position * half + i] = Math.sin(angle)
    }
  }
  return {
    cos: g.tensor('rotary_cos', 'float', [maxPositions, half], cos),
    sin: g.tensor('rotary_sin', 'float', [maxPositions, half], sin),
  }
}

/**
 * The same attention from standard operators. Shapes: B batch, K key/value heads, G query heads per K, S new, T total.
 * @param {GraphBuilder} g @param {AttentionOptions} options
 * @param {string} mask @param {string} newLength @param {string} totalLength
 * @returns {Attend}
 */
export function plainAttention(g, options, mask, newLength, totalLength) {
  const { heads, kvHeads, headDim } = options
  const rotate = rotaryEmbedding(g, positionOf(g, options), headDim, options.ropeTheta ?? 10000)
  const bias = causalBias(g, mask, newLength, totalLength) // [B,1,1,S,T]
  const groups = g.constant('int64', [2])
  const splitQuery = g.constant('int64', [0, 0, kvHeads, heads / kvHeads, headDim])
  const splitKey = g.constant('int64', [0, 0, kvHeads, headDim])
  const joinHeads = g.constant('int64', [0, 0, heads * headDim])
  const scale = g.constant('float', 1 / Math.sqrt(headDim))

  return (layer, { q, k, v }) => {
    const cache = declareCache(g, layer, options)
    const query = rotate(g.op('Transpose', [g.op('Reshape', [q, splitQuery])], { perm: [0, 2, 3, 1, 4] }), 5) // [B,K,G,S,D]
    const newKey = rotate(g.op('Transpose', [g.op('Reshape', [k, splitKey])], { perm: [0, 2, 1, 3] }), 4) // [B,K,S,D]
    const newValue = g.op('Transpose', [g.op('Reshape', [v, splitKey])], { perm: [0, 2, 1, 3] })
    const key = g.op('Concat', [cache.past_key, newKey], { axis: 2 }, { as: cache.present_key }) // [B,K,T,D]
    const value = g.op('Concat', [cache.past_value, newValue], { axis: 2 }, { as: cache.present_value })
    const keyTransposed = g.op('Unsqueeze', [g.op('Transpose', [key], { perm: [0, 1, 3, 2] }), groups]) // [B,K,1,D,T]
    const scores = g.op('Mul', [g.op('MatMul', [query, keyTransposed]), scale])
    const weights = g.op('Softmax', [g.op('Add', [scores, bias])], { axis: -1 })
    const context = g.op('MatMul', [weights, g.op('Unsqueeze', [value, groups])]) // [B,K,G,S,D]
    return g.op('Reshape', [g.op('Transpose', [context], { perm: [0, 3, 1, 2, 4] }), joinHeads])
  }
}

/**
 * Positions as each frequency sees them: [B,S,1], or [B,S,D/2] where the frequencies take turns with several axes.
 * @param {GraphBuilder} g @param {AttentionOptions} options
 */
function positionOf(g, { headDim, positionAxes }) {
  if (!positionAxes) {
    const positions = g.input('position_ids', 'int64', ['batch_size', 'sequence_length'])
    return g.op('Unsqueeze', [g.op('Cast', [positions], { to: FLOAT }), g.constant('int64', [2])])
  }
  const positions = g.input('position_ids', 'int64', [positionAxes, 'batch_size', 'sequence_length'])
  const last = g.op('Transpose', [g.op('Cast', [positions], { to: FLOAT })], { perm: [1, 2, 0] })
  const turns = Array.from({ length: headDim / 2 }, (_, i) => i % positionAxes)
  return g.op('Gather', [last, g.constant('int64', turns)], { axis: 2 })
}

/**
 * Rotates the two halves of each head (the Hugging Face convention).
 * @param {GraphBuilder} g @param {string} position @param {number} headDim @param {number} theta
 */
function rotaryEmbedding(g, position, headDim, theta) {
  const half = headDim / 2
  const frequencies = g.constant(
    'float',
    Array.from({ length: half }, (_, i) => 1 / theta ** ((2 * i) / headDim)),
  )
  const angles = g.op('Mul', [position, frequencies]) // [B,S,D/2]
  const headAxes = { 4: g.constant('int64', [1]), 5: g.constant('int64', [1, 2]) }
  /** @param {string} axes */
  const table = (axes) => ({
    cos: g.op('Unsqueeze', [g.op('Cos', [angles]), axes]),
    sin: g.op('Unsqueeze', [g.op('Sin', [angles]), axes]),
  })
  const tables = { 4: table(headAxes[4]), 5: table(headAxes[5]) }
  const halves = g.constant('int64', [half, half])
  let counter = 0
  /** @param {string} x @param {keyof typeof tables} rank */
  return (x, rank) => {
    const { cos, sin } = tables[rank]
    const id = ++counter
    const [first, second] = g.op(
      'Split',
      [x, halves],
      { axis: -1 },
      { as: [`rotary_${id}.first`, `rotary_${id}.second`] },
    )
    const rotatedFirst = g.op('Sub', [g.op('Mul', [first, cos]), g.op('Mul', [second, sin])])
    const rotatedSecond = g.op('Add', [g.op('Mul', [second, cos]), g.op('Mul', [first, sin])])
    return g.op('Concat', [rotatedFirst, rotatedSecond], { axis: -1 })
  }
}

/**
 * 0 where a new token may look, -1e9 where it may not (later tokens and padding).
 * @param {GraphBuilder} g @param {string} mask @param {string} newLength @param {string} totalLength
 */
function causalBias(g, mask, newLength, totalLength) {
  const zero = g.constant('int64', 0)
  const one = g.constant('int64', 1)
  const keyIndex = g.op('Range', [zero, totalLength, one])
  const queryIndex = g.op('Range', [g.op('Sub', [totalLength, newLength]), totalLength, one])
  const notLater = g.op('LessOrEqual', [keyIndex, g.op('Unsqueeze', [queryIndex, g.constant('int64', [1])])]) // [S,T]
  const notPadding = g.op('Unsqueeze', [g.op('Cast', [mask], { to: BOOL }), g.constant('int64', [1, 2, 3])]) // [B,1,1,1,T]
  const visible = g.op('And', [notLater, notPadding])
  return g.op('Where', [visible, g.constant('float', 0), g.constant('float', -1e9)])
}

/**
 * @param {GraphBuilder} g @param {string} x @param {number} layer @param {number} hidden @param {number} mlpHidden
 * @param {Weights} parameters
 */
function swiGlu(g, x, layer, hidden, mlpHidden, parameters) {
  const gate = parameters.linear(x, `l${layer}.gate`, hidden, mlpHidden)
  const up = parameters.linear(x, `l${layer}.up`, hidden, mlpHidden)
  const activated = g.op('Mul', [g.op('Mul', [gate, g.op('Sigmoid', [gate])]), up])
  return parameters.linear(activated, `l${layer}.down`, mlpHidden, hidden)
}

/**
 * Adds Gemma's per-layer input of this layer to the hidden state.
 * @param {GraphBuilder} g @param {string} x @param {string} perLayerInputs @param {number} layer
 * @param {number} size @param {number} hidden @param {Weights} parameters
 */
function addPerLayerInput(g, x, perLayerInputs, layer, size, hidden, parameters) {
  const own = g.op('Gather', [perLayerInputs, g.constant('int64', layer)], { axis: 2 })
  return g.op('Add', [x, parameters.linear(own, `l${layer}.per_layer`, size, hidden)])
}

/**
 * Keeps the last `num_logits_to_keep` positions; 0 keeps all, because a slice that starts at -0 starts at 0.
 * @param {GraphBuilder} g @param {string} x
 */
function keepLastPositions(g, x) {
  const count = g.input('num_logits_to_keep', 'int64', [])
  const start = g.op('Neg', [g.op('Reshape', [count, g.constant('int64', [1])])])
  return g.op('Slice', [x, start, g.constant('int64', [INT64_MAX]), g.constant('int64', [1])])
}
