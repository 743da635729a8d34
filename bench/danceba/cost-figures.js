/** @file A part of the `danceba` suite that measures nothing: what a step on WebGPU moves and computes, counted from its graphs. */

/** The smallest Apple GPU of this class (M1): operations and bytes a second. */
const SPEED = { operations: 2.6e12, bytes: 68e9 }
const PRECISIONS = /** @type {const} */ (['fp32', 'fp16', 'q8'])

/** @type {import('../danceba.js').Part} */
export const costs = async ({ call }) => {
  /** @type {Record<string, import('../run.js').Figure>} */
  const figures = {}
  for (const precision of PRECISIONS) {
    const { operations, products, bytes, seconds, dispatches } = await call('cost', precision, SPEED)
    const counted = `counted from the graphs of a step, window of 28 frames, full depth, last block pruned, weights in ${precision}`
    figures[`gpu.${precision}.bytes`] = {
      value: bytes / 1e6,
      unit: 'MB',
      how: `${counted}: what ${dispatches} nodes and scans read and write`,
    }
    figures[`gpu.${precision}.operations`] = {
      value: operations / 1e9,
      unit: 'GFLOP',
      how: `${counted}: ${(products / 1e9).toFixed(2)} GMAC of products, twice, and the rest`,
    }
    figures[`gpu.${precision}.steps`] = {
      value: 1 / seconds,
      unit: 'steps/s',
      bar: 15,
      atLeast: true,
      how: 'what that implies at 2.6 TFLOP/s and 68 GB/s, node after node, each the slower of both; an upper bound, not measured',
    }
  }
  return figures
}
