/** @file Small arithmetic on series of numbers. */

/** Mean over `reach` values on each side, fewer at the ends. */
export const movingMean = (x: Float32Array, reach: number): Float32Array => {
  const out = new Float32Array(x.length)
  let sum = 0
  for (let i = 0; i < Math.min(reach, x.length); i++) sum += x[i]!
  for (let i = 0; i < x.length; i++) {
    if (i + reach < x.length) sum += x[i + reach]!
    if (i - reach - 1 >= 0) sum -= x[i - reach - 1]!
    out[i] = Math.max(0, sum) / (Math.min(x.length - 1, i + reach) - Math.max(0, i - reach) + 1)
  }
  return out
}

/** Greatest value over the indices within `reach` of `at`; 0 outside. */
export const peakNear = (x: Float32Array, at: number, reach: number): number => {
  let most = 0
  for (let i = Math.max(0, Math.ceil(at - reach)); i <= Math.min(x.length - 1, at + reach); i++)
    if (x[i]! > most) most = x[i]!
  return most
}

export const mean = (x: ArrayLike<number>): number => {
  let sum = 0
  const count = x.length
  for (let i = 0; i < count; i++) sum += x[i]!
  return count ? sum / count : 0
}

export const quantile = (x: ArrayLike<number>, q: number): number => {
  const sorted = Float64Array.from(x).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0
}

/** Minus their mean, by their standard deviation; zeros where all are the same. */
export const standardised = (x: readonly number[]): number[] => {
  const middle = mean(x)
  const deviation = Math.sqrt(mean(x.map((v) => (v - middle) ** 2)))
  return x.map((v) => (deviation > 1e-9 ? (v - middle) / deviation : 0))
}

export const cosine = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let [ab, aa, bb] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    ab += a[i]! * b[i]!
    aa += a[i]! ** 2
    bb += b[i]! ** 2
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0
}

/** The offset, -0.5 to 0.5, of the top of the parabola through three neighbours of which the middle is the greatest. */
export const vertex = (before: number, middle: number, after: number): number => {
  const bend = before - 2 * middle + after
  return bend < 0 ? Math.max(-0.5, Math.min(0.5, (before - after) / (2 * bend))) : 0
}

/** Autocorrelation for the lags 0 to `lags`, each divided by the number of products and by that at lag 0. */
export const autocorrelation = (x: Float32Array, lags: number): Float32Array => {
  const out = new Float32Array(lags + 1)
  for (let lag = 0; lag <= lags && lag < x.length; lag++) {
    let sum = 0
    for (let i = lag; i < x.length; i++) sum += x[i]! * x[i - lag]!
    out[lag] = sum / (x.length - lag)
  }
  const power = out[0]!
  return power > 1e-12 ? out.map((v) => v / power) : out.fill(0)
}

/** The greatest value near a place that may lie between two of them. */
export const around = (x: Float32Array, at: number, reach = 1): number => {
  const middle = Math.round(at)
  let most = -1
  for (let i = middle - reach; i <= middle + reach; i++) most = Math.max(most, x[i] ?? -1)
  return most < -0.99 ? 0 : most
}
