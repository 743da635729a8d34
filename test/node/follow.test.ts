/** @file Music that sounds now: beats are foretold, what is foretold stays, and a dance is composed ahead of it. */
import { expect, test, vi } from 'vitest'
import type { DanceOrder, Score } from '../../src/shared/contracts'
import { choreograph } from '../../workers/dance/choreographer'
import { Follower } from '../../workers/music/follower'
import { beatF, compose, random, type TrackOrder } from '../fixtures/tracks'

vi.setConfig({ testTimeout: 60_000 })

const ORDER: DanceOrder = { style: 'auto', seed: 1, energy: 1, mirror: false, rerolls: {} }

/** Every score of samples that come in pieces of 40 ms, as from a microphone. */
const scoresOf = (samples: Float32Array, sampleRate: number): Score[] => {
  const follower = new Follower(sampleRate)
  const scores: Score[] = []
  const piece = Math.round(0.04 * sampleRate)
  for (let from = 0; from < samples.length; from += piece) {
    follower.hear(samples.subarray(from, from + piece))
    const score = follower.due ? follower.look() : undefined
    if (score) scores.push(score)
  }
  return scores
}

const track = (order: Partial<TrackOrder>) =>
  compose({ name: 'live', style: 'rock', bpm: 120, seconds: 60, seed: 7, ...order })

test.each<readonly [string, Partial<TrackOrder>]>([
  ['steady', {}],
  ['slow and swung', { style: 'shuffle', bpm: 88, swing: 0.66 }],
  ['fast', { style: 'house', bpm: 132 }],
  ['a waltz', { style: 'waltz', bpm: 126 }],
  ['drifting', { drift: 1.06 }],
])('%s: beats come where they were foretold, two phrases before', (name, order) => {
  const { samples, sampleRate, beats } = track(order)
  const scores = scoresOf(samples, sampleRate)
  const first = scores[0]!
  expect(first.upTo).toBeLessThan(14)
  for (const [i, score] of scores.entries()) {
    // A phrase of eight beats from the moment that is heard, and what follows it.
    const left = score.beats.filter((at) => at > score.upTo)
    expect(left.length).toBeGreaterThan(15)
    expect(score.settled).toBeGreaterThanOrEqual(left[15]!)
    const before = scores[i - 1]
    if (!before) continue
    const settled = score.beats.subarray(0, before.beats.length)
    expect(settled).toEqual(before.beats)
    expect(score.downbeats.subarray(0, before.downbeats.length)).toEqual(before.downbeats)
  }
  const last = scores.at(-1)!
  const judged = (times: ArrayLike<number>) =>
    Array.from(times).filter((at) => at > first.settled && at < last.upTo)
  const f = beatF(judged(beats), judged(last.beats), 0)
  console.info(name, 'foretold F', f.toFixed(3), 'first score at', first.upTo.toFixed(1))
  expect(f).toBeGreaterThan(0.9)
})

test('a dance is composed ahead of what is heard, without a gap', () => {
  const { samples, sampleRate } = track({ form: 'ABAC' })
  let next = 0
  let end = 0
  for (const score of scoresOf(samples, sampleRate)) {
    for (const phrase of choreograph(score, ORDER, next)) {
      expect(phrase.index).toBe(next)
      expect(phrase.from).toBeCloseTo(end, 3)
      next = phrase.index + 1
      end = phrase.to
    }
    expect(end).toBeGreaterThan(score.upTo + 1)
  }
  expect(next).toBeGreaterThan(10)
})

test('when the music rests so does the dance, and goes on with it', () => {
  const { samples, sampleRate } = track({ seconds: 24 })
  const pause = new Float32Array(12 * sampleRate)
  const whole = new Float32Array([...samples, ...pause, ...samples])
  const scores = scoresOf(whole, sampleRate)
  const last = scores.at(-1)!
  const energyAt = (seconds: number) => last.energy[Math.round(seconds * 10)]!
  expect(energyAt(12)).toBeGreaterThan(0.3)
  // What was foretold before it was heard cannot know.
  expect(Math.min(...last.energy.subarray(340, 480))).toBe(0)
  expect(energyAt(58)).toBeGreaterThan(0.3)
})

test('silence and noise have no beat to dance to', () => {
  const rate = 22_050
  expect(scoresOf(new Float32Array(20 * rate), rate)).toEqual([])
  const chance = random(3)
  expect(
    scoresOf(
      Float32Array.from({ length: 20 * rate }, () => chance() - 0.5),
      rate,
    ),
  ).toEqual([])
})
