/** @file The selective scan in double precision, as it is written on paper: what the fast ones are measured against. */
import { checkInput, checkWeights, type Rows, type ScanInput, type ScanShape, type ScanWeights } from './scan'

/**
 * One scan.
 *
 * @param state - (channels × states), what the time before left behind: zeros where nothing was. Left as the last step leaves it.
 * @returns y, (steps × channels).
 * @throws Fault `bad-input` where sizes do not agree.
 */
export const scan = (
  shape: ScanShape,
  weights: ScanWeights,
  input: ScanInput,
  state = new Float64Array(shape.channels * shape.states),
): Float64Array => {
  checkWeights(shape, weights)
  checkInput(shape, input)
  const { channels, states } = shape
  const { A, D, bias } = weights
  const { steps, z } = input
  const y = new Float64Array(steps * channels)
  for (let d = 0; d < channels; d++) {
    for (let t = 0; t < steps; t++) {
      const u = at(input.u, channels, t, d)
      const size = softplus(at(input.delta, channels, t, d) + bias[d]!)
      let sum = D[d]! * u
      for (let n = 0; n < states; n++) {
        const i = d * states + n
        const h = Math.exp(size * A[i]!) * state[i]! + size * u * at(input.B, states, t, n)
        state[i] = h
        sum += h * at(input.C, states, t, n)
      }
      y[t * channels + d] = z ? sum * silu(at(z, channels, t, d)) : sum
    }
  }
  return y
}

const at = ({ data, offset = 0, stride }: Rows, width: number, row: number, column: number) =>
  data[offset + row * (stride ?? width) + column]!

/** ln(1 + e^x), without overflow and with the relative precision of what is small. */
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))

/** x · sigmoid(x). */
const silu = (x: number) => x / (1 + Math.exp(-x))
