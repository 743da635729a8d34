/** @file The phases that Danceba's rhythm rows are made of, and the weights by rule that they are tested with. */
import { describe, expect, test } from 'vitest'
import { FEATURES } from '../../workers/danceba/features/features'
import { PHASES, conditioning, phasesOf, rhythmSource } from '../../workers/danceba/network/phase'
import { floats, hasReference, json, worst } from '../fixtures/danceba'
import { fnv, makeWeights, mix, values, type WeightRule } from '../fixtures/danceba-weights'

const bits = (x: Float32Array) => [...new Uint32Array(x.buffer)].map((b) => b.toString(16).padStart(8, '0'))
const window = (rows: number) => {
  const v = values('phase-test')
  return Float32Array.from({ length: rows * FEATURES }, (_, i) => v(i) - (i % FEATURES === 0 ? 400 : 0))
}
/** Distance on the circle. */
const apart = (a: number, b: number) => Math.abs(Math.atan2(Math.sin(a - b), Math.cos(a - b)))

describe('weights by rule', () => {
  test('mixing of numbers and names', () => {
    expect([0, 1, 2, 4294967295].map(mix)).toEqual([0, 0x688990c0, 0xd1132181, 0x6768824a])
    expect(fnv('')).toBe(0x811c9dc5)
    expect(fnv('a')).toBe(0xe40c292c)
    expect(fnv('danceba-fixture-1/gpt_base.cond_emb.weight')).toBe(0xa9375ad2)
  })
  test.each([
    [
      'gpt_base.cond_emb.weight',
      { rule: 'cond' },
      'b965151f bbe4ae79 bb79acf6 3bf967d3 ba11a8a4 3bfc19e9 3b721e73 b9cacd91',
    ],
    [
      'gpt_head.blocks.0.mamba_2.A_log',
      { rule: 'alog' },
      '3dbffa6b 3f31972e 3f8e3f50 3fae4d32 3fbb56b0 3fdbc739 3fe94da6 400a081b',
    ],
    [
      'gpt_base.pos_emb.pos_emb_1.bn2.running_var',
      { rule: 'uniform', m: 1, a: 0.5 },
      '3f5d0008 3f19cb59 3faf1ec4 3f4fcf67 3f102afb 3fa18fd7 3f2aa7c2 3fb83ed6',
    ],
  ])('%s', (name, rule, expected) => {
    expect(bits(makeWeights(name, { ...rule, shape: [2, 4] }))).toEqual(expected.split(' '))
  })
})

describe('phases', () => {
  test('so many frames, cut to the middle 29', () => {
    const frames = [1, 2, 3, 4, 5, 8, 10, 12, 14, 16].map((t) => phasesOf(window(t)).frames)
    expect(frames).toEqual([2, 4, 6, 7, 9, 14, 18, 21, 24, 28])
    for (const t of [17, 18, 28]) expect(phasesOf(window(t)).frames).toBe(29)
  })
  test('those of the definition', () => {
    const x = window(28)
    const { values: ours } = phasesOf(x)
    for (const [frame, k] of [
      [0, 1],
      [3, 17],
      [28, 255],
    ] as const) {
      const from = (9 + frame - 1) * 256 // 48 frames, of which the first 9 are cut
      let [re, im] = [0, 0]
      for (let n = 0; n < 512; n++) {
        re += x[from + n]! * Math.cos((2 * Math.PI * k * n) / 512)
        im -= x[from + n]! * Math.sin((2 * Math.PI * k * n) / 512)
      }
      expect(ours[frame * PHASES + k]).toBeCloseTo(Math.atan2(im, re), 4)
    }
  })
  test('what is real is 0 or +π: DC, Nyquist, and the frame that mirrors itself', () => {
    const { values: phases, frames } = phasesOf(window(5))
    const allowed = [0, Math.fround(Math.PI)]
    for (let k = 0; k < PHASES; k++) expect(allowed).toContain(phases[k])
    for (let t = 0; t < frames; t++)
      for (const k of [0, PHASES - 1]) expect(allowed).toContain(phases[t * PHASES + k])
  })
  test('where nothing but zeros is left, their signs decide as in the reference', () => {
    const odd = (rows: number) => {
      const x = window(rows).map((value, i) => (i % FEATURES < 52 ? value : 0)) // a tempogram of zeros
      const { values: phases, frames } = phasesOf(x)
      return [...phases.subarray((frames - 1) * PHASES)].flatMap((value, k) =>
        value === 0 ? [] : [k, value],
      )
    }
    for (const [rows, bin] of [
      [2, 205],
      [6, 205],
      [9, 201],
    ] as const)
      expect(odd(rows)).toEqual([bin, Math.fround(Math.PI)])
    for (const rows of [3, 10, 13, 16]) expect(odd(rows)).toEqual([])
    expect(odd(5).length).toBeGreaterThan(400)
  })
  test('music is seen one row ahead', () => {
    const rows = window(3)
    const ahead = conditioning(rows)
    expect(ahead.subarray(0, 2 * FEATURES)).toEqual(rows.subarray(FEATURES))
    expect(ahead.subarray(2 * FEATURES)).toEqual(rows.subarray(2 * FEATURES))
  })
  test('rows of the heads follow each other', () => {
    expect([0, 28, 29, 57, 58, 83].map((row) => rhythmSource(row, 29))).toEqual([
      { head: 0, frame: 0 },
      { head: 0, frame: 28 },
      { head: 1, frame: 0 },
      { head: 1, frame: 28 },
      { head: 2, frame: 0 },
      { head: 2, frame: 25 },
    ])
  })
})

describe.skipIf(!hasReference)('the reference (needs ../shared/fixtures/danceba)', () => {
  interface Case {
    readonly clip: string
    readonly cond_start: number
    readonly t: number
    readonly frame0_used: boolean
  }
  const { cases } = hasReference ? (json('gpt/index.json') as { cases: Record<string, Case> }) : { cases: {} }
  const { tensors } = hasReference
    ? (json('gpt/weights.json') as { tensors: Record<string, WeightRule & { first: string[]; xor: string }> })
    : { tensors: {} }
  const windowOf = ({ clip, cond_start, t }: Case) =>
    conditioning(floats(`features/${clip}/features.f32`)).subarray(
      cond_start * FEATURES,
      (cond_start + t) * FEATURES,
    )

  test('weights of every rule have the same bits', () => {
    const small = Object.entries(tensors).filter(([name]) =>
      /pos_emb|cond_emb|blocks\.0\.(norm|mamba_1\.(A_log|D|dt_proj))/.test(name),
    )
    expect(small.length).toBeGreaterThan(20)
    for (const [name, rule] of small) {
      const words = new Uint32Array(makeWeights(name, rule).buffer)
      expect(bits(makeWeights(name, { ...rule, shape: [4] }))).toEqual(rule.first)
      expect((words.reduce((all, word) => all ^ word, 0) >>> 0).toString(16).padStart(8, '0')).toBe(rule.xor)
    }
  })

  test.each(Object.keys(cases))('%s: phases', (name) => {
    const theirs = floats(`gpt/phase/${name}.f32`)
    const { values: ours, frames } = phasesOf(windowOf(cases[name]!))
    expect(frames * PHASES).toBe(theirs.length)
    let most = 0
    for (let i = cases[name]!.frame0_used ? PHASES : 0; i < ours.length; i++) {
      most = Math.max(most, apart(ours[i]!, theirs[i]!))
      if (i % PHASES === 0 || i % PHASES === PHASES - 1)
        expect(Math.abs(ours[i]! - theirs[i]!)).toBeLessThan(1e-3)
    }
    expect(most).toBeLessThanOrEqual(1e-3)
    // In frame 0 nothing but the sign of π is left to chance.
    if (cases[name]!.frame0_used)
      expect(worst(ours.subarray(0, PHASES), theirs.subarray(0, PHASES).map(Math.abs))).toBeLessThan(1e-6)
  })

  /** Rows of the three heads by the formula: a linear map, batch normalisation, nothing below 0. */
  const head = (m: number) => {
    const of = (name: string) => {
      const full = `gpt_base.pos_emb.pos_emb_${m + 1}.${name}`
      return makeWeights(full, tensors[full]!)
    }
    const [weight, bias] = [of('linear2.weight'), of('linear2.bias')]
    const [scale, shift, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map((name) =>
      of(`bn2.${name}`),
    )
    return (phases: Float32Array) =>
      Float32Array.from({ length: 768 }, (_, c) => {
        let sum = bias[c]!
        for (let k = 0; k < PHASES; k++) sum += weight[c * PHASES + k]! * phases[k]!
        return Math.max(0, ((sum - mean![c]!) / Math.sqrt(variance![c]! + 1e-5)) * scale![c]! + shift![c]!)
      })
  }
  const rowsFrom = (phases: Float32Array, t: number): Float32Array => {
    const heads = [0, 1, 2].map(head)
    const out = new Float32Array(3 * t * 768)
    for (let row = 0; row < 3 * t; row++) {
      const source = rhythmSource(row, phases.length / PHASES)
      const at = source.frame * PHASES
      out.set(heads[source.head]!(phases.subarray(at, at + PHASES)), row * 768)
    }
    return out
  }

  test.each(['t1', 't5', 't17', 't28', 't28a'].filter(() => hasReference))('%s: rhythm rows', (name) => {
    const kase = cases[name]!
    const stored = rowsFrom(floats(`gpt/phase/${name}.f32`), kase.t)
    expect(worst(stored, floats(`gpt/pre/${name}.f32`))).toBeLessThanOrEqual(5e-5)
    const own = rowsFrom(phasesOf(windowOf(kase)).values, kase.t)
    const file = kase.frame0_used ? `gpt/pre/${name}-even0.f32` : `gpt/pre/${name}.f32`
    expect(worst(own, floats(file))).toBeLessThanOrEqual(1e-3)
  })
})
