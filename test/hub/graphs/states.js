// Layers that keep a state of a fixed size instead of a row a token, as LFM2's convolutions and Qwen3.5's linear attention do.
import { float } from '../onnx-writer.js'

/**
 * @import { GraphBuilder } from '../graph-builder.js'
 * @import { Weights } from './decoder-only.js'
 */

/** @typedef {{ layer: number, x: string, hidden: number, parameters: Weights }} LayerOptions */

const END = 9223372036854775807n

/**
 * LFM2: `past_conv.{i}` [batch, hidden, kernel] -> `present_conv.{i}`, between two gates.
 * @param {GraphBuilder} g @param {LayerOptions} options
 */
export function shortConvolution(g, { layer, x, hidden, parameters }) {
  /** @param {string} name */
  const gate = (name) => parameters.linear(x, `l${layer}.conv_${name}`, hidden, hidden)
  const mixed = causalConvolution(g, {
    layer,
    x: g.op('Mul', [gate('b'), gate('x')]),
    channels: hidden,
    kernel: 3,
  })
  return { context: g.op('Mul', [gate('c'), mixed]), size: hidden }
}

/**
 * Qwen3.5: a convolution over queries, keys and values, then `past_recurrent.{i}` [batch, heads, dim, dim] that fades.
 * @param {GraphBuilder} g @param {LayerOptions & { heads: number, headDim: number }} options
 */
export function linearAttention(g, { layer, x, hidden, heads, headDim, parameters }) {
  const size = heads * headDim
  const projected = parameters.linear(x, `l${layer}.qkv`, hidden, 3 * size)
  const mixed = causalConvolution(g, { layer, x: projected, channels: 3 * size, kernel: 4 })
  const active = g.op('Mul', [mixed, g.op('Sigmoid', [mixed])])
  const [q, k, v] = g.op(
    'Split',
    [active, g.constant('int64', [size, size, size])],
    { axis: -1 },
    { as: [`l${layer}.linear_q`, `l${layer}.linear_k`, `l${layer}.linear_v`] },
  )
  const decay = g.op('Neg', [g.op('Sigmoid', [parameters.linear(x, `l${layer}.decay`, hidden, size)])])
  const dims = ['batch_size', heads, headDim, headDim]
  const past = g.input(`past_recurrent.${layer}`, 'float', dims)
  const present = g.output(`present_recurrent.${layer}`, 'float', dims)
  const [context] = g.op(
    'LinearAttention',
    [q, k, v, past, decay],
    { update_rule: 'gated', q_num_heads: heads, kv_num_heads: heads, scale: float(1 / Math.sqrt(headDim)) },
    { domain: 'com.microsoft', as: [`l${layer}.linear_context`, present] },
  )
  return { context, size }
}

/**
 * Each channel on its own, over the last `kernel` tokens: [batch, tokens, channels] -> the same.
 * @param {GraphBuilder} g @param {{ layer: number, x: string, channels: number, kernel: number }} options
 */
function causalConvolution(g, { layer, x, channels, kernel }) {
  const dims = ['batch_size', channels, kernel]
  const past = g.input(`past_conv.${layer}`, 'float', dims)
  const present = g.output(`present_conv.${layer}`, 'float', dims)
  const axis = g.constant('int64', [2])
  const end = g.constant('int64', [END])
  const whole = g.op('Concat', [past, g.op('Transpose', [x], { perm: [0, 2, 1] })], { axis: 2 })
  g.op('Slice', [whole, g.constant('int64', [-kernel]), end, axis], {}, { as: present })
  const convolved = g.op('Conv', [whole, g.weight(`l${layer}.kernel`, [channels, 1, kernel], 0.6)], {
    kernel_shape: [kernel],
    group: channels,
  })
  // One value more than there are tokens: the first is of the past alone.
  const own = g.op('Slice', [convolved, g.constant('int64', [1]), end, axis])
  return g.op('Transpose', [own], { perm: [0, 2, 1] })
}
