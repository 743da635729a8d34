/** @file The selective scan: on paper, and on the processor with one thread (more of them: test/browser/danceba-scan.test.ts). */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { scan } from '../../workers/danceba/scan/reference'
import { openScan } from '../../workers/danceba/scan/simd'
import {
  array,
  largest,
  numbers,
  scanCase,
  scanOnProcessor,
  transposed,
  type ScanCase,
} from '../fixtures/scans'

const { signal } = new AbortController()

/** As the reference implementation of Danceba is allowed to be off in 32 bits. */
const OUTPUT = 2e-5
const STATE = 2e-6

describe('on paper', () => {
  test('is the recurrence, step by step', () => {
    const softplus = Math.log1p(Math.exp(0.5))
    const rows = (...data: number[]) => ({ data: Float32Array.from(data) })
    const shape = { channels: 1, states: 1, steps: 2 }
    const weights = { A: array(1, () => -2), D: array(1, () => 3), bias: array(1, () => 0.25) }
    const state = new Float64Array(1)
    const input = { steps: 2, u: rows(1, 4), delta: rows(0.25, 0.25), B: rows(2, 1), C: rows(1, 0.5) }
    const y = scan(shape, weights, input, state)
    const first = softplus * 2
    const second = Math.exp(-2 * softplus) * first + softplus * 4
    expect(largest(y, [first + 3, second / 2 + 12])).toBeLessThan(1e-12)
    expect(state[0]).toBeCloseTo(second, 12)
    const gated = scan(shape, weights, { ...input, z: rows(0, 2) })
    expect(largest(gated, [0, (y[1]! * 2) / (1 + Math.exp(-2))])).toBeLessThan(1e-12)
  })
})

describe('on the processor', () => {
  test('comes to what is on paper, at full size', async () => {
    const full = scanCase({ channels: 3072, states: 128, steps: 28 })
    const { y, state } = await run(full)
    const paper = onPaper(full)
    expect(largest(y, paper.y)).toBeLessThan(OUTPUT)
    expect(largest(state, paper.state)).toBeLessThan(STATE)
  })

  test.each([
    { channels: 37, states: 13, steps: 9 },
    { channels: 1, states: 1, steps: 1 },
    { channels: 130, states: 6, steps: 28 },
  ])('whatever the size: %o', async (shape) => {
    const odd = scanCase(shape, 7)
    const { y, state } = await run(odd)
    const paper = onPaper(odd)
    expect(largest(y, paper.y)).toBeLessThan(OUTPUT)
    expect(largest(state, paper.state)).toBeLessThan(STATE)
  })

  test('reads columns of wider matrices, and several scans at once with their own weights', async () => {
    const shape = { channels: 20, states: 8, steps: 5 }
    const cases = [1, 2, 3, 4].map((seed) => scanCase(shape, seed))
    const scanner = await openScan(signal, shape, 1)
    const scans = cases.map(({ weights, input }) => {
      const { u, delta, B, C, z } = input
      const wide = { stride: 30, offset: 3 }
      const widened = ({ data }: { data: Float32Array }, width: number) => ({
        ...wide,
        data: array(150, (i) =>
          (i + 27) % 30 < width ? data[Math.floor((i - 3) / 30) * width + ((i + 27) % 30)]! : NaN,
        ),
      })
      return {
        steps: 5,
        u: widened(u, 20),
        delta: widened(delta, 20),
        B: widened(B, 8),
        C: widened(C, 8),
        z: widened(z!, 20),
        weights: scanner.hold(weights),
        y: new Float32Array(100),
      }
    })
    scanner.run(scans)
    for (const [i, one] of cases.entries()) expect(largest(scans[i]!.y, onPaper(one).y)).toBeLessThan(OUTPUT)
    scanner.close()
  })

  test('goes on where it stopped', async () => {
    const { shape, weights, input } = scanCase({ channels: 12, states: 16, steps: 10 })
    const scanner = await openScan(signal, shape, 1)
    const held = scanner.hold(weights)
    const whole = new Float32Array(120)
    scanner.run([{ ...input, weights: held, y: whole }])
    const state = scanner.addState()
    const parts = [
      [0, 3],
      [3, 7],
    ].map(([from = 0, steps = 0]) => {
      const part = ({ data }: { data: Float32Array }, width: number) => ({ data, offset: from * width })
      const y = new Float32Array(steps * 12)
      const { u, delta, B, C, z } = input
      const rows = { u: part(u, 12), delta: part(delta, 12), B: part(B, 16), C: part(C, 16), z: part(z!, 12) }
      scanner.run([{ ...rows, steps, weights: held, state, y }])
      return [...y]
    })
    expect(parts.flat()).toEqual([...whole])
    state.clear()
    expect(largest(state.read(), new Float32Array(192))).toBe(0)
    scanner.close()
  })

  test('does softplus and exp to the precision of 32 bits', async () => {
    // With u = B = 1 and nothing before, a state is the step's size: softplus. With u = 0 it is exp(size · A) of what was.
    const channels = 4096
    const shape = { channels, states: 1, steps: 1 }
    const ones = { data: array(channels, () => 1) }
    const one = { data: array(1, () => 1) }
    const next = numbers(5)
    const delta = { data: array(channels, (i) => (i < 64 ? i - 32 : 40 * next() ** 3)) }
    const zeros = { data: new Float32Array(channels) }
    const A = array(channels, () => -30 * Math.abs(next()))
    const scanner = await openScan(signal, shape, 1)
    const weights = scanner.hold({ A, D: zeros.data, bias: zeros.data })
    const state = scanner.addState()
    const scan = { steps: 1, delta, B: one, C: one, weights, state, y: new Float32Array(channels) }
    scanner.run([{ ...scan, u: ones }])
    const sizes = state.read()
    // The second term: what e^x is off by where x is rounded, as it is already when it comes in.
    const off = Array.from(delta.data, (x, i) => {
      const right = Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))
      return Math.abs(sizes[i]! / right - 1) / (2.5 + Math.abs(Math.min(x, 0)) * 0.65)
    })
    expect(Math.max(...off)).toBeLessThan(2 ** -23)

    state.write(ones.data)
    scanner.run([{ ...scan, u: zeros }])
    const exponents = Array.from(A, (a, i) => Math.fround(sizes[i]! * Math.fround(a * Math.LOG2E)))
    const inside = exponents.flatMap((x, i) => (x > -64 ? [i] : []))
    expect(inside.length).toBeGreaterThan(2000)
    const decays = state.read()
    const right = inside.map((i) => 2 ** exponents[i]!)
    const worst = Math.max(...right.map((value, k) => Math.abs(decays[inside[k]!]! / value - 1)))
    expect(worst).toBeLessThan(2 * 2 ** -23)
    // Below 2^-64 it stays there, which is nothing beside what else a state holds.
    const below = exponents.flatMap((x, i) => (x > -64 ? [] : [decays[i]!]))
    expect(below.length).toBeGreaterThan(100)
    expect(Math.max(...below)).toBeLessThanOrEqual(2 ** -64 * (1 + 2 ** -22))
    scanner.close()
  })

  test('what is not a number stays so, and only in its own channel', async () => {
    const { shape, weights, input } = scanCase({ channels: 8, states: 4, steps: 3 })
    input.delta.data[3] = NaN
    const { y } = await run({ shape, weights, input })
    expect([...y].flatMap((value, i) => (Number.isNaN(value) ? [i] : []))).toEqual([3, 11, 19])
  })

  test('refuses what does not fit, by name', async () => {
    const { shape, weights, input } = scanCase({ channels: 8, states: 4, steps: 3 })
    const scanner = await openScan(signal, shape, 1)
    expect(() => scanner.hold({ ...weights, A: new Float32Array(31) })).toThrow(
      'A of a scan has 31 numbers, not 32',
    )
    const held = scanner.hold(weights)
    const y = new Float32Array(24)
    const scan = { ...input, weights: held, y }
    expect(() => scanner.run([{ ...scan, steps: 4 }])).toThrow('4 steps')
    expect(() => scanner.run([{ ...scan, B: { ...input.B, offset: 1 } }])).toThrow('B of a scan ends at 13')
    expect(() => scanner.run([{ ...scan, y: new Float32Array(23) }])).toThrow('y of a scan has 23')
    const other = await openScan(signal, shape, 1)
    expect(() => scanner.run([{ ...scan, state: other.addState() }])).toThrow('another scanner')
    await expect(openScan(AbortSignal.abort(new Error('enough')), shape, 1)).rejects.toThrow('enough')
  })
})

const SHARED = new URL('../../../shared/fixtures/danceba/gpt/', import.meta.url)

describe.skipIf(!existsSync(SHARED))('fixtures (skipped where ../shared is not there)', () => {
  test.each([
    ['scan16x8x20', { channels: 16, states: 8, steps: 20 }],
    ['scan64x128x28', { channels: 64, states: 128, steps: 28 }],
  ])('%s', async (name, shape) => {
    const { channels, states, steps } = shape
    const read = (file: string) => {
      const { buffer, byteOffset, byteLength } = readFileSync(new URL(`${name}/${file}.f32`, SHARED))
      return new Float32Array(buffer, byteOffset, byteLength / 4)
    }
    const rows = (file: string, width: number) => ({ data: transposed(read(file), width, steps) })
    const { z, ...ungated } = {
      steps,
      u: rows('u', channels),
      delta: rows('delta', channels),
      B: rows('B', states),
      C: rows('C', states),
      z: rows('z', channels),
    }
    const weights = { A: read('A'), D: read('D'), bias: read('delta_bias') }
    const state = read('last_state')
    for (const [input, file] of [
      [{ ...ungated, z }, 'y'],
      [ungated, 'y_ungated'],
    ] as const) {
      const y = rows(file, channels).data
      for (const made of [onPaper({ shape, weights, input }), await run({ shape, weights, input })]) {
        expect(largest(made.y, y)).toBeLessThan(OUTPUT)
        expect(largest(made.state, state)).toBeLessThan(STATE)
      }
    }
  })
})

const onPaper = ({ shape, weights, input }: ScanCase) => {
  const state = new Float64Array(shape.channels * shape.states)
  return { y: scan(shape, weights, input, state), state }
}

const run = (one: ScanCase) => scanOnProcessor(one, 1)
