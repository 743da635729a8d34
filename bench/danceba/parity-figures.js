/** @file Parts of the `danceba` suite: how far the app is from the reference, in its numbers and in its choices. */

/**
 * @typedef {import('../danceba.js').Part} Part
 * @typedef {import('../run.js').Figure} Figure
 * @typedef {import('./speed.ts').TokensOrder} TokensOrder
 */

const CASES = ['t1', 't2', 't5', 't17', 't28', 't28a']
const BACKENDS = /** @type {const} */ (['wasm', 'webgpu'])
const WHERE = { wasm: 'WASM, 2 threads', webgpu: 'WebGPU on the software adapter, without subgroups' }

/** What is asked of either backend: software draws a step of full depth in half a minute. */
const ASKED = {
  wasm: {
    stages: [1, 2],
    logits: [1, 2].flatMap((blocks) => [0, 0.1].map((scale) => ({ blocks, scale, cases: CASES }))),
    complete: { blocks: 6, scale: 0.1, cases: ['t5', 't28'] },
    decode: ['main', 'single', 'constant', 'greedy'],
    encode: ['motion', 'roundtrip', 'odd'],
  },
  webgpu: {
    stages: [1],
    logits: [
      { blocks: 1, scale: 0.1, cases: ['t1', 't5', 't28', 't28a'] },
      { blocks: 2, scale: 0.1, cases: ['t5', 't28'] },
    ],
    complete: { blocks: 6, scale: 0.1, cases: ['t5', 't28'] },
    decode: ['main', 'single', 'constant'],
    encode: ['odd'],
  },
}

/** @type {Part} */
export const parity = async ({ call, fresh, say, hasReference }) => {
  if (!hasReference) return {}
  /** @type {Record<string, Figure>} */
  const figures = {}
  /** @param {string} name @param {import('./parity.ts').Deviation} found @param {string} how */
  const put = (name, { worst, compared }, how) => {
    figures[name] = { value: worst, unit: '× tol', bar: 1, how: `${how}; ${compared} comparisons` }
    say(`  (${name}: ${worst.toPrecision(3)} of the tolerance)`)
  }
  put('parity.features', await call('features'), 'worst deviation over its tolerance: six clips, all columns')
  for (const backend of BACKENDS) {
    const { stages, logits, complete, decode, encode } = ASKED[backend]
    const where = WHERE[backend]
    await fresh()
    put(
      `parity.${backend}.pre`,
      await call('rows', backend),
      `rhythm rows, reference’s phases and own; ${where}`,
    )
    put(
      `parity.${backend}.hidden`,
      await call('stages', backend, stages),
      `rows after each stage, ${stages.map((count) => `v${count}`).join(', ')}, both scales; ${where}`,
    )
    put(
      `parity.${backend}.scan`,
      await call('scans', backend),
      `the app’s kernel: outputs, gated or not, states; ${where}`,
    )
    const named = logits.map(({ blocks, scale, cases }) => `v${blocks} ${scale}: ${cases.join(' ')}`)
    put(
      `parity.${backend}.logits`,
      await call('logits', backend, logits),
      `all frames, ${named.join(', ')}; ${where}`,
    )
    put(
      `parity.${backend}.logits6`,
      await call('logits', backend, [complete]),
      `full depth, ${complete.cases.join(' ')}; ${where}`,
    )
    await fresh()
    put(
      `parity.${backend}.decode`,
      await call('decode', backend, decode),
      `poses of ${decode.join(', ')}; ${where}`,
    )
    put(
      `parity.${backend}.encode`,
      await call('encode', backend, encode),
      `codes and what is before them, of ${encode.join(', ')}; ${where}`,
    )
  }
  return figures
}

const RUNS = [
  ...[
    'ps00-noshift',
    'ps00-shift14',
    'ps01-noshift',
    'ps01-noshift-even0',
    'ps01-shift14',
    'ps01-shift14-even0',
  ],
]
/** Windows of every kind: short ones, full ones, cut ones. */
const SOME = [0, 3, 12, 17, 28, 43, 59]
const FULL = 'ps01-noshift-even0'

/** @type {Part} */
export const tokens = async ({ call, fresh, say, hasReference }) => {
  if (!hasReference) return {}
  /** @type {TokensOrder[]} */
  const all = [1, 2].flatMap((blocks) => RUNS.map((run) => ({ blocks, run })))
  /** @param {import('./speed.ts').Tokens[]} found */
  const differing = (found) => found.reduce((sum, { differ }) => sum + differ, 0)
  /** @param {import('./speed.ts').Tokens[]} found */
  const counted = (found) => found.reduce((sum, { clear }) => sum + clear, 0)

  const here = await call('tokens', 'wasm', all)
  say(`  (tokens on WASM: ${differing(here)} of ${counted(here)} differ)`)
  await fresh()
  /** @type {Record<'fp32' | 'fp16' | 'int8', readonly (readonly [number, number])[]>} */
  const codes = { fp32: [], fp16: [], int8: [] }
  for (const precision of /** @type {const} */ (['fp32', 'fp16', 'int8'])) {
    const found = await call('tokens', 'wasm', [{ blocks: 6, run: FULL, precision }])
    codes[precision] = found.flatMap((each) => each.codes)
    if (precision === 'fp32') here.push(...found)
    await fresh()
  }
  const gpu = await call('tokens', 'webgpu', [
    { blocks: 1, run: 'ps01-noshift-even0', steps: SOME },
    { blocks: 1, run: 'ps01-shift14-even0', steps: SOME },
    { blocks: 2, run: 'ps01-noshift', steps: [0, 17, 59] },
    { blocks: 6, run: FULL, steps: [5] },
  ])
  /** @param {'fp16' | 'int8'} precision */
  const agreement = (precision) => {
    const same = codes[precision].map((pair, i) => pair.map((code, half) => code === codes.fp32[i]?.[half]))
    return (100 * same.flat().filter(Boolean).length) / same.flat().length
  }
  const how =
    'greedy codes, from the reference’s codes before each, where its margin exceeds 1e-3: how many are others'
  return {
    'tokens.wasm': {
      value: differing(here),
      unit: '',
      bar: 0,
      how: `${how}, of ${counted(here)}: v1 and v2 in all six runs of 60 steps, full depth in 40; WASM, 2 threads`,
    },
    'tokens.webgpu': {
      value: differing(gpu),
      unit: '',
      bar: 0,
      how: `${how}, of ${counted(gpu)}: chosen steps of v1, v2 and of full depth; WebGPU on the software adapter, without subgroups`,
    },
    'agreement.int8': {
      value: agreement('int8'),
      unit: '%',
      how: 'codes of int8 that are those of fp32, full depth, 40 steps from the reference’s codes',
    },
    'agreement.fp16': { value: agreement('fp16'), unit: '%', how: 'the same of fp16' },
  }
}
