/** @file What a step of Danceba costs, counted from its graphs, is what is counted by hand from its layers. */
import { describe, expect, test } from 'vitest'
import { decoderGraph, poseLayoutOf } from '../../workers/danceba/motion/vqvae'
import { graphCosts, stepCosts, timeOf, totalOf, type Step } from '../../workers/danceba/network/cost'
import { positionalGraph } from '../../workers/danceba/network/graphs'
import { layoutOf, type Precision } from '../../workers/danceba/network/layout'
import { GraphWriter } from '../../workers/danceba/network/onnx'
import { tensorsOf } from '../../workers/danceba/network/shape'
import { hasReference, json } from '../fixtures/danceba'
import { publishedRule } from '../fixtures/danceba-published'
import { PUBLISHED } from '../fixtures/danceba-sizes'

const costs = (precision: Precision, step: Step = { t: 28 }) =>
  stepCosts(PUBLISHED, layoutOf(PUBLISHED, precision), step)
const within = (value: number, wanted: number, share: number) =>
  expect(Math.abs(value / wanted - 1), `${value} beside ${wanted}`).toBeLessThan(share)

describe('a step of the published size', () => {
  const positional = totalOf(
    graphCosts(positionalGraph(PUBLISHED, layoutOf(PUBLISHED, 'fp32')).model, { frames: 29 }),
  ).products

  test('multiplies as often as its layers say', () => {
    within(totalOf(costs('fp32')).products + positional, 9.73e9, 0.01)
    within(totalOf(costs('fp32', { t: 28, read: 84 })).products + positional, 10.34e9, 0.01)
    within(totalOf(costs('fp32', { t: 14, read: 42 })).products + positional, 5.2e9, 0.02)
    within(totalOf(costs('fp32', { t: 1, read: 3 })).products + positional, 0.38e9, 0.02)
    // A frame behind 27 that are kept, rhythm rows made before.
    within(totalOf(costs('fp32', { t: 1, past: 27, read: 3 })).products, 0.368e9, 0.02)
  })

  test('multiplies as often whatever its weights are kept in', () => {
    const { products } = totalOf(costs('fp32'))
    for (const precision of ['fp16', 'int8', 'q8'] as const)
      expect(totalOf(costs(precision)).products).toBe(products)
  })

  test('reads every weight once, in the form in which it is held', () => {
    const parameters = layoutOf(PUBLISHED, 'fp32').bytes
    const read = (precision: Precision) => totalOf(costs(precision)).bytes
    expect(read('fp32')).toBeGreaterThan(parameters)
    expect(read('fp16')).toBe(read('fp32')) // halves are widened once, when the graph is loaded
    const apart = layoutOf(PUBLISHED, 'fp32').bytes - layoutOf(PUBLISHED, 'q8').bytes
    // Besides the matrices that bear bytes there are some in halves, which are widened (and tables of codes, of which little is read).
    expect(read('fp32') - read('q8')).toBeLessThan(apart)
    expect(read('fp32') - read('q8')).toBeGreaterThan(0.85 * apart)
  })

  test('takes as long as the slower of both, node by node', () => {
    const each = [
      { type: 'a', products: 0, operations: 10, bytes: 100 },
      { type: 'b', products: 0, operations: 40, bytes: 100 },
    ]
    expect(timeOf(each, { operations: 10, bytes: 50 })).toBe(2 + 4)
    expect(totalOf(each)).toEqual({ products: 0, operations: 50, bytes: 200 })
  })
})

test('the decoder of poses multiplies 91 million times a pair of codes', () => {
  const shape = { width: 512, codes: 512, stages: 3, depth: 3 }
  const { model } = decoderGraph(shape, poseLayoutOf(shape, 'fp32'))
  within(totalOf(graphCosts(model, { n: 40 })).products / 40, 91.4e6, 0.01)
})

test('a graph with what nobody has counted is refused, and one whose sizes nobody says', () => {
  const g = new GraphWriter('odd')
  g.output(g.op('Sinh', [g.input('x', 'float', ['n'])]), 'float', ['n'])
  expect(() => graphCosts(g.encode(), { n: 2 })).toThrow('it is not known what Sinh costs')
  expect(() => graphCosts(g.encode(), {})).toThrow('nobody says how large n is')
})

test('the rule of weights is that of the reference', ({ skip }) => {
  if (!hasReference) return skip('needs shared/fixtures/danceba')
  const { tensors } = json('gpt/weights.json') as {
    tensors: Record<string, { m?: number; a?: number; rule: string }>
  }
  for (const [name, dims] of tensorsOf(PUBLISHED)) {
    if (name.endsWith('position_scale')) continue
    const { rule, m, a } = tensors[name]!
    expect({ name, ...publishedRule(name, dims) }).toMatchObject(
      rule === 'uniform' ? { name, rule, m, a } : { name, rule },
    )
  }
})
