// Turns a sequence of numbers into sound: every token becomes a short tone with a soft start and end.
// The loudness rises and falls once per token, which is enough for tests of playback, levels and lip movement.

/** @import { GraphBuilder } from '../graph-builder.js' */

const FLOAT = 1
const INT64 = 7

/**
 * @param {GraphBuilder} g
 * @param {{ frequencies: string, samplesPerToken: number, sampleRate: number, speed?: string, as: string }} options
 *   frequencies: float [batch, tokens] in Hz; speed: float [1], 2 = half as long
 * @returns {string} float [batch, samples]
 */
export function addToneSequence(g, { frequencies, samplesPerToken, sampleRate, speed, as }) {
  const tokens = g.op('Gather', [g.op('Shape', [frequencies]), g.constant('int64', 1)])
  const perSample = speed // how many tokens pass per sample
    ? g.op('Div', [g.op('Reshape', [speed, g.constant('int64', [])]), g.constant('float', samplesPerToken)])
    : g.constant('float', 1 / samplesPerToken)
  const sampleCount = g.op('Round', [g.op('Div', [g.op('Cast', [tokens], { to: FLOAT }), perSample])])
  const sample = g.op('Range', [g.constant('float', 0), sampleCount, g.constant('float', 1)])
  const token = g.op('Mul', [sample, perSample])
  const index = g.op('Min', [
    g.op('Cast', [g.op('Floor', [token])], { to: INT64 }),
    g.op('Sub', [tokens, g.constant('int64', 1)]),
  ])

  const frequency = g.op('Gather', [frequencies, index], { axis: 1 })
  const cycles = g.op('Mul', [frequency, g.op('Mul', [sample, g.constant('float', 1 / sampleRate)])])
  const fraction = g.op('Sub', [cycles, g.op('Floor', [cycles])]) // keeps the sine's argument small and so exact
  const tone = g.op('Sin', [g.op('Mul', [fraction, g.constant('float', 2 * Math.PI)])])
  const withinToken = g.op('Sub', [token, g.op('Floor', [token])])
  const envelope = g.op('Sin', [g.op('Mul', [withinToken, g.constant('float', Math.PI)])])
  return g.op('Mul', [g.op('Mul', [tone, envelope]), g.constant('float', 0.3)], {}, { as })
}

/**
 * Maps token ids [batch, n] to one of 16 pitches, `lowest` Hz and up.
 * @param {GraphBuilder} g @param {string} ids @param {number} lowest
 */
export function tokenPitch(g, ids, lowest) {
  const step = g.op('Mod', [ids, g.constant('int64', 16)])
  return g.op('Add', [
    g.op('Mul', [g.op('Cast', [step], { to: FLOAT }), g.constant('float', 12)]),
    g.constant('float', lowest),
  ])
}
