/** @file The mouth at a moment: closures close, vowels open, neighbours blend, loudness counts. */
import { expect, test } from 'vitest'
import { newWeights, opennessOf, shapeMouth, type LipTrack } from '../../src/audio/lips'
import { VISEMES, type Viseme } from '../../src/shared/visemes'

const track = (...cues: [Viseme, number, number][]): LipTrack => ({
  visemes: cues.map(([viseme, at, until]) => ({ viseme, at, until, strength: 1 })),
})
const mouth = (of: LipTrack, at: number) => {
  const weights = newWeights()
  shapeMouth(of, at, weights)
  return Object.fromEntries(VISEMES.map((viseme, i) => [viseme, weights[i]!])) as Record<Viseme, number>
}
const openness = (of: LipTrack, at: number) => {
  const weights = newWeights()
  shapeMouth(of, at, weights)
  return opennessOf(weights)
}

const mama = track(
  ['sil', 0, 0.1],
  ['PP', 0.1, 0.18],
  ['aa', 0.18, 0.35],
  ['PP', 0.35, 0.43],
  ['aa', 0.43, 0.6],
  ['sil', 0.6, 0.8],
)

test('lips meet in m, the jaw opens in a, and rest is closed', () => {
  expect(mouth(mama, 0.14).PP).toBeGreaterThan(0.7)
  expect(openness(mama, 0.39)).toBeLessThan(0.3)
  expect(openness(mama, 0.265)).toBeGreaterThan(0.65)
  for (const at of [-1, 0.02, 0.78, 5]) expect(openness(mama, at)).toBeLessThan(0.12)
})

test('rounding is prepared before it sounds', () => {
  const stew = track(['SS', 0, 0.1], ['DD', 0.1, 0.18], ['U', 0.18, 0.4])
  const steer = track(['SS', 0, 0.1], ['DD', 0.1, 0.18], ['I', 0.18, 0.4])
  expect(mouth(stew, 0.09).U).toBeGreaterThan(0.15)
  expect(mouth(stew, 0.09).U).toBeGreaterThan(mouth(steer, 0.09).I)
})

test('weights are between 0 and 1, sum to at most 1, and never jump', () => {
  let previous = newWeights()
  for (let at = -0.2; at < 1; at += 1 / 120) {
    const weights = newWeights()
    shapeMouth(mama, at, weights)
    let sum = 0
    weights.forEach((weight, i) => {
      expect(weight).toBeGreaterThanOrEqual(0)
      expect(Math.abs(weight - previous[i]!)).toBeLessThan(0.35)
      sum += weight
    })
    expect(sum).toBeLessThanOrEqual(1)
    previous = weights
  }
})

test('a quiet vowel opens less than a loud one; a closure does not care', () => {
  const loud = { ...mama, levels: new Float32Array(100).fill(0.2) }
  const quiet = { ...mama, levels: new Float32Array(100).fill(0.01) }
  expect(openness(quiet, 0.265)).toBeLessThan(0.6 * openness(loud, 0.265))
  expect(mouth(quiet, 0.14).PP).toBeCloseTo(mouth(loud, 0.14).PP, 2)
})

test('ten thousand cues cost no more than ten', () => {
  const many = track(
    ...Array.from({ length: 10_000 }, (_, i): [Viseme, number, number] => ['aa', i * 0.1, i * 0.1 + 0.1]),
  )
  expect(openness(many, 999.95)).toBeGreaterThan(0.8)
})
