// Makes the output of a random language model usable in tests: it only emits harmless letters and always stops.

/** @import { GraphBuilder } from '../graph-builder.js' */

/** @typedef {{ allowedIds: readonly number[], endTokenId: number, endEvery: number }} Babble */

const NEVER = -1e4
const SURELY = 2e4

/**
 * Adds a bias to the logits so that greedy decoding and sampling stay within `allowedIds`, and so that `endTokenId` comes
 * out in the decode step where the total length is `endEvery - 1` modulo `endEvery`. The prefill never ends the text
 * (it has more than one new token), so an answer is 1..endEvery tokens long and its length follows from the prompt length.
 * @param {GraphBuilder} g
 * @param {Babble & { logits: string, vocabSize: number, totalLength: string, newLength: string, as: string }} options
 *   totalLength, newLength: int64 scalars
 */
export function addBabbleBias(
  g,
  { logits, vocabSize, allowedIds, endTokenId, endEvery, totalLength, newLength, as },
) {
  const allowed = new Float32Array(vocabSize).fill(NEVER)
  for (const id of allowedIds) allowed[id] = 0
  const end = new Float32Array(vocabSize)
  end[endTokenId] = SURELY

  const remainder = g.op('Mod', [totalLength, g.constant('int64', endEvery)])
  const isLastStep = g.op('And', [
    g.op('Equal', [remainder, g.constant('int64', endEvery - 1)]),
    g.op('Equal', [newLength, g.constant('int64', 1)]),
  ])
  const endBias = g.op('Mul', [
    g.op('Cast', [isLastStep], { to: 1 }),
    g.tensor('end_bias', 'float', [vocabSize], end),
  ])
  const bias = g.op('Add', [endBias, g.tensor('allowed_bias', 'float', [vocabSize], allowed)])
  return g.op('Add', [logits, bias], {}, { as })
}
