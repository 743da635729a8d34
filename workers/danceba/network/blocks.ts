/**
 * @file The blocks of the generator (Fan et al., "Danceba", ICCV 2025). Rows are music, upper body and lower body, one stream below
 * the other, each as long as the window: 3t × width.
 */
import type { Pieces } from './pieces'
import { STREAMS, type Shape } from './shape'

/** Puts what was made of earlier rows before what is made of these. */
export type Recall = (made: string) => string

/**
 * Attention over the past of all three streams, gated (temporal-gated causal attention), then a perceptron. `mask`
 * (1 × 1 × rows × columns) is added to the scores. With `read`, only these rows are computed, from keys and values of all; with
 * `recall`, keys and values of earlier rows come before those of these, which may be further columns.
 */
export const attention = (
  p: Pieces,
  block: string,
  shape: Shape,
  x: string,
  mask: string,
  { read, recall = (made) => made }: { read?: string; recall?: Recall | undefined } = {},
) => {
  const { g } = p
  const normed = p.rmsNorm(x, `${block}.norm1.weight`)
  const u = p.silu(p.affine(normed, `${block}.in_proj`))
  const picked = (rows: string, axis: number) => (read ? g.op('Gather', [rows, read], { axis }) : rows)
  const gate = p.silu(p.affine(picked(normed, 0), `${block}.act_proj`))
  const query = p.affine(picked(u, 0), `${block}.attn.query`)
  const [key, value] = ['key', 'value'].map((part) => recall(p.affine(u, `${block}.attn.${part}`)))
  const heard = g.op(
    'com.microsoft.MultiHeadAttention',
    [...[query, key!, value!].map((rows) => p.batched(rows)), '', '', picked(mask, 2)],
    { num_heads: shape.heads },
  )
  const a = p.affine(p.unbatched(heard), `${block}.attn.proj`)
  const y = p.add(picked(x, 0), p.affine(p.mul(a, gate), `${block}.out_proj`))
  const hidden = p.affine(p.rmsNorm(y, `${block}.norm2.weight`), `${block}.mlp.0`)
  return p.add(y, p.affine(g.op('com.microsoft.Gelu', [hidden]), `${block}.mlp.2`))
}

/** What goes into the selective scans of a block, of one stream or, one below the other, of all of them. */
export interface ScanInputs<T> {
  /** Rows × channels. */
  readonly u: T
  /** Rows × channels: step sizes before their bias and softplus. */
  readonly delta: T
  /** Rows × channels: the gate before SiLU. */
  readonly z: T
  /** Rows × states: what writes into the state, and what reads from it. */
  readonly b: T
  readonly c: T
}

/** From rows to what its scan takes, for each stream (Gu and Dao, "Mamba", 2023). Convolutions begin with zeros, or what `recall` says. */
export const beforeScan = (
  p: Pieces,
  block: string,
  shape: Shape,
  x: string,
  recall: Recall = (made) => p.g.op('Pad', [made, p.integers(shape.taps - 1, 0, 0, 0)]),
): ScanInputs<string>[] =>
  p.rows(x, STREAMS).map((stream, i) => {
    const { inner, rank, state } = shape
    const mamba = `${block}.mamba_${i + 1}`
    const normed = p.rmsNorm(stream, `${block}.ln${2 * i + 1}.weight`)
    const [wide, z] = p.columns(p.linear(normed, `${mamba}.in_proj.weight`), inner, inner)
    const u = p.silu(convolved(p, `${mamba}.conv1d`, shape, recall(wide!)))
    const [steps, b, c] = p.columns(p.linear(u, `${mamba}.x_proj.weight`), rank, state, state)
    return { u, delta: p.linear(steps!, `${mamba}.dt_proj.weight`), z: z!, b: b!, c: c! }
  })

/**
 * Each channel's own causal convolution over time; the last tap is the present, and `padded` has one row less than taps before
 * the first present. As sums of shifted rows: half the time of transposing rows for Conv or CausalConvWithState.
 */
const convolved = (p: Pieces, name: string, { taps }: Shape, padded: string): string => {
  const { g } = p
  const weights = p.rows(p.weight(`${name}.weight`), taps)
  return weights.reduce(
    (sum, weight, tap) => {
      const back = taps - 1 - tap
      const end = back === 0 ? Number.MAX_SAFE_INTEGER : -back
      const shifted = g.op('Slice', [padded, p.integers(tap), p.integers(end), p.integers(0)])
      return p.add(p.mul(shifted, weight), sum)
    },
    p.weight(`${name}.bias`),
  )
}

/**
 * The scan itself as one node of ONNX Runtime: h ← exp(Δ·A) ⊙ h + (Δ·u) ⊗ B, y = h·C + D ⊙ u, gated by SiLU(z). Exact, but
 * it wants exp's argument as a tensor of rows × channels × states.
 */
export const scanned = (p: Pieces, block: string, shape: Shape, inputs: readonly ScanInputs<string>[]) =>
  inputs.map(({ u, delta, z, b, c }, i) => {
    const { g } = p
    const { inner, state } = shape
    const mamba = `${block}.mamba_${i + 1}`
    const steps = g.op('Softplus', [p.add(delta, p.weight(`${mamba}.dt_proj.bias`))])
    const decay = p.mul(g.op('Unsqueeze', [steps, p.integers(2)]), p.weight(`${mamba}.A_log`))
    const [y] = g.ops(
      'com.microsoft.LinearAttention',
      [
        p.batched(c),
        p.batched(b),
        p.batched(p.mul(steps, u)),
        g.op('ConstantOfShape', [p.integers(1, inner, state, 1)]),
        p.batched(g.op('Reshape', [decay, p.integers(-1, inner * state)])),
      ],
      { update_rule: 'gated', q_num_heads: 1, kv_num_heads: inner, scale: { float: 1 } },
      2,
    )
    return p.mul(p.add(p.unbatched(y!), p.mul(u, p.weight(`${mamba}.D`))), p.silu(z))
  })

/** From the scans' results, a stream each, and the rows that went into the block, to those that come out of it. */
export const afterScan = (p: Pieces, block: string, shape: Shape, x: string, results: readonly string[]) => {
  const { gated } = shape
  const streams = p.rows(x, STREAMS).map((stream, i) => {
    const s = p.add(stream, p.linear(results[i]!, `${block}.mamba_${i + 1}.out_proj.weight`))
    const mlp = `${block}.gate_mlp_${i + 1}`
    const [v, gate] = p.columns(
      p.linear(p.rmsNorm(s, `${block}.ln${2 * i + 2}.weight`), `${mlp}.fc1.weight`),
      gated,
      gated,
    )
    return p.add(s, p.linear(p.mul(v!, p.silu(gate!)), `${mlp}.fc2.weight`))
  })
  return p.stack(streams)
}
