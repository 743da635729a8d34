/** @file A part of the `danceba` suite: composing in chunks beside composing exactly. */
import { median } from '../visit.js'

const ROUNDS = 5
const PRECISIONS = /** @type {const} */ (['fp32', 'int8'])

/** @type {import('../danceba.js').Part} */
export const fast = async ({ call, fresh, say, hasReference }) => {
  /** @type {Record<string, import('../run.js').Figure>} */
  const figures = {}
  for (const precision of PRECISIONS) {
    await fresh()
    const rounds = await call('chunks', 'wasm', precision, ROUNDS)
    const ratios = rounds.map(({ exactMs, fastMs }) => exactMs / fastMs)
    say(
      `  (${precision}: ${rounds.map(({ exactMs, fastMs }) => `${Math.round(exactMs)}:${Math.round(fastMs)}`).join(', ')} ms)`,
    )
    figures[`fast.${precision}`] = {
      value: median(ratios),
      unit: '×',
      bar: 3,
      atLeast: true,
      how: `steps/s of the fast mode by those of the exact one, full depth, WASM, 2 threads: a chunk of 15 steps with what begins it beside an exact step of 28 frames, in turns; median of ${rounds.length}`,
    }
    figures[`fast.${precision}.steps`] = {
      value: 1000 / median(rounds.map(({ fastMs }) => fastMs)),
      unit: 'steps/s',
      how: 'the fast mode in the same run; real time is 7.5',
    }
  }
  if (!hasReference) return figures
  await fresh()
  const exact = await call('agreement', 'wasm', 1, 'ps00-shift14')
  figures['fast.differ'] = {
    value: exact.of - exact.same,
    unit: '',
    bar: 0,
    how: `codes of the fast mode that are not the reference’s with windows cut to 14, of ${exact.of}, where rhythm rows count for nothing (position scale 0), v1, 60 steps: there it is exact`,
  }
  await fresh()
  const uncut = await call('agreement', 'wasm', 2, 'ps00-noshift')
  figures['fast.agreement0'] = {
    value: (100 * uncut.same) / uncut.of,
    unit: '%',
    how: `codes of the fast mode that are the exact one’s, whose windows are not cut, position scale 0, v2, 60 steps from the reference’s codes, of ${uncut.of}`,
  }
  await fresh()
  const near = await call('agreement', 'wasm', 6, 'ps01-noshift-even0')
  figures['fast.agreement'] = {
    value: (100 * near.same) / near.of,
    unit: '%',
    how: `codes of the fast mode that are the exact one’s, full depth, 40 steps from the reference’s codes, of ${near.of}; with generated weights, and rhythm rows that count for much (position scale 0.1)`,
  }
  return figures
}
