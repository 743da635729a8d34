/** @file Music that is followed while it sounds: beats are foretold, phrases come in time, silence and speech are survived. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import type { DanceOrder, Phrase, Score } from '../../src/shared/contracts'
import { Fault } from '../../src/shared/fault'
import { readWav } from '../../src/shared/pcm'
import { choreograph } from '../../workers/dance/choreographer'
import { follow } from '../../workers/music/follow'
import { Follower } from '../../workers/music/follower'
import { foresee } from '../../workers/music/foresight'
import { beatF, compose, random, type Track, type TrackOrder } from '../fixtures/tracks'

vi.setConfig({ testTimeout: 60_000 }) // a minute of music takes two seconds, on a busy machine more

const RATE = 22_050
const track = (order: Partial<TrackOrder>): Track =>
  compose({ name: 'one', style: 'house', bpm: 124, seconds: 60, seed: 3, ...order })

/** As an AudioWorklet delivers it: a few hundredths of a second at a time. */
const scoresOf = (samples: Float32Array, sampleRate = RATE): Score[] => {
  const follower = new Follower(sampleRate)
  const scores: Score[] = []
  const chunk = Math.round(0.03 * sampleRate)
  for (let from = 0; from < samples.length; from += chunk) {
    follower.hear(samples.slice(from, from + chunk))
    const score = follower.due ? follower.look() : undefined
    if (score) scores.push(score)
  }
  return scores
}

const joined = (...pieces: readonly Float32Array[]) => {
  const out = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    out.set(piece, at)
    at += piece.length
  }
  return out
}
const silence = (seconds: number) => new Float32Array(Math.round(seconds * RATE))

const ORDER: DanceOrder = { style: 'auto', seed: 1, energy: 1, mirror: false, rerolls: {} }

/** The phrases as a page asks for them, and for each score up to when they last. */
const danced = (scores: readonly Score[]) => {
  const phrases: Phrase[] = []
  const until = scores.map((score) => {
    phrases.push(...choreograph(score, ORDER, phrases.length))
    return phrases.at(-1)?.to ?? 0
  })
  return { phrases, until }
}

/** What was foretold, not what had been heard when the first score came, against what was played then. */
const foretoldF = (truth: readonly number[], scores: readonly Score[], fromS = scores[0]!.upTo) => {
  const [end, beats] = [truth.at(-1)!, Array.from(scores.at(-1)!.beats)]
  return beatF(
    truth.filter((at) => at > fromS),
    beats.filter((at) => at > fromS && at < end + 0.1),
    0,
  )
}

/** All that is in a score lies before `settled` here, so each score must begin with all of the one before. */
const checkSettled = (scores: readonly Score[]) => {
  const curves = ({ beats, strengths, downbeats, energy, bands }: Score) => [
    beats,
    strengths,
    downbeats,
    energy,
    bands.low,
    bands.mid,
    bands.high,
  ]
  scores.slice(1).forEach((score, i) => {
    const before = scores[i]!
    curves(before).forEach((curve, k) => {
      expect(curves(score)[k]!.subarray(0, curve.length)).toEqual(curve)
    })
    const begun = before.sections.length
    expect(score.sections.slice(0, begun - 1)).toEqual(before.sections.slice(0, -1))
    const { from, label, energy } = before.sections.at(-1)!
    expect(score.sections[begun - 1]).toMatchObject({ from, label, energy })
    expect(score).toMatchObject({
      beatsPerBar: before.beatsPerBar,
      swing: before.swing,
      complete: false,
    })
    expect(score.settled).toBeGreaterThanOrEqual(before.settled)
    expect(score.upTo - before.upTo).toBeLessThan(1.2)
  })
  for (const { beats, downbeats, energy, settled, upTo, sections } of scores) {
    expect(settled).toBeGreaterThan(upTo)
    expect(energy.length).toBe(Math.floor(settled * 10))
    expect(sections.at(-1)!.to).toBe(settled)
    for (let i = 1; i < beats.length; i++) expect(beats[i]! - beats[i - 1]!).toBeGreaterThan(0.15)
    for (const at of downbeats) expect(beats).toContain(at)
  }
}

test.each([
  [{}, 0.95],
  [{ style: 'pop', bpm: 105, sampleRate: 48_000 }, 0.95],
  [{ style: 'house', bpm: 132, seed: 7 }, 0.95],
  [{ style: 'shuffle', bpm: 88, swing: 0.66 }, 0.9],
  [{ style: 'waltz', bpm: 132 }, 0.95],
  [{ style: 'pop', bpm: 110, jitter: 0.012 }, 0.85],
  [{ style: 'rock', bpm: 120, drift: 1.08 }, 0.95],
  [{ style: 'piano', bpm: 116, drift: 0.93 }, 0.9],
] as const)(
  'a minute of %o: foretold beats lie on the true ones, and the dance never waits',
  (order, least) => {
    const { samples, sampleRate, beats, beatsPerBar } = track(order)
    const scores = scoresOf(samples, sampleRate)
    expect(scores[0]!.upTo).toBeLessThan(9)
    expect(scores.length).toBeGreaterThan(48)
    checkSettled(scores)
    expect(scores[0]!.beatsPerBar).toBe(beatsPerBar)
    expect(foretoldF(beats, scores)).toBeGreaterThan(least)
    const { phrases, until } = danced(scores)
    phrases.slice(1).forEach((phrase, i) => {
      expect(phrase.from).toBe(phrases[i]!.to)
    })
    // When the next score comes there must still be something to dance.
    scores.forEach((score, i) => {
      expect(until[i]).toBeGreaterThan(score.upTo + 1.2)
    })
  },
)

test('a phrase composed while the music plays is the one that a longer score gives', () => {
  const scores = scoresOf(track({ seconds: 40 }).samples)
  const { phrases } = danced(scores)
  const atOnce = [...choreograph(scores.at(-1)!, ORDER, 0)]
  expect(phrases.map(({ from, moves, motion }) => ({ from, moves, root: motion.root }))).toEqual(
    atOnce.map(({ from, moves, motion }) => ({ from, moves, root: motion.root })),
  )
})

test('silence is a rest, and other music after it is found', () => {
  const [first, second] = [track({ seconds: 25 }), track({ style: 'rock', bpm: 96, seconds: 32 })]
  const startS = 25 + 15
  const scores = scoresOf(joined(first.samples, silence(15), second.samples))
  checkSettled(scores)
  const { energy, sections } = scores.at(-1)!
  // What was foretold before the silence is kept; after it comes the rest, until the new beat is found.
  expect(Math.min(...energy)).toBe(0)
  expect(sections.length).toBeGreaterThan(2)
  const truth = second.beats.map((at) => at + startS)
  expect(foretoldF(truth, scores, startS + 22)).toBeGreaterThan(0.95)
  const { until } = danced(scores)
  scores.forEach((score, i) => {
    expect(until[i]).toBeGreaterThan(score.upTo)
  })
})

test('one song into the next, without a pause', () => {
  const [first, second] = [track({ seconds: 25 }), track({ style: 'rock', bpm: 96, seconds: 45 })]
  const scores = scoresOf(joined(first.samples, second.samples))
  checkSettled(scores)
  expect(
    foretoldF(
      second.beats.map((at) => at + 25),
      scores,
      25 + 32,
    ),
  ).toBeGreaterThan(0.9)
})

test.each([
  ['silence', silence(20)],
  [
    'noise',
    Float32Array.from(
      { length: 40 * RATE },
      (
        (next) => () =>
          next() - 0.5
      )(random(3)),
    ),
  ],
  ['not numbers', silence(20).fill(NaN)],
])('%s gives no score', (_, samples) => {
  expect(scoresOf(samples)).toEqual([])
})

const speech = new URL('../../../shared/data/speech/ljspeech/', import.meta.url)

test.skipIf(!existsSync(speech))('speech gives no beat (needs shared/data/speech)', () => {
  const clips = readdirSync(speech)
    .filter((name) => name.endsWith('.wav'))
    .map((name) => readWav(readFileSync(new URL(name, speech)))!)
  expect(scoresOf(joined(...clips.map(({ samples }) => samples)), clips[0]!.sampleRate)).toEqual([])
})

test('chunks of any size give the same scores', () => {
  const { samples } = track({ seconds: 12 })
  const [small, large] = [new Follower(RATE), new Follower(RATE)]
  let scores = 0
  for (let from = 0; from < samples.length; from += RATE / 2) {
    const half = samples.subarray(from, from + RATE / 2)
    large.hear(half)
    for (let at = 0; at < half.length; at += 128) small.hear(half.subarray(at, at + 128))
    expect(large.due).toBe(small.due)
    if (!large.due) continue
    const score = large.look()
    expect(score).toEqual(small.look())
    if (score) scores++
  }
  expect(scores).toBeGreaterThan(3)
})

test('hours are a matter of some bytes a second', () => {
  const last = scoresOf(track({ bpm: 180, style: 'four' }).samples).at(-1)!
  const { beats, strengths, downbeats, energy, bands } = last
  const bytes = [beats, strengths, downbeats, energy, ...Object.values(bands)].reduce(
    (sum, { byteLength }) => sum + byteLength,
    0,
  )
  expect(bytes).toBeLessThan(200 * last.settled)
})

// ---- the curve -----------------------------------------------------------------------------------------------------

test('a steady beat goes on, a drifting one goes on drifting, and one that is off is overheard', () => {
  const even = Array.from({ length: 20 }, (_, i) => 3 + 0.5 * i)
  const worth = even.map(() => 1)
  expect(foresee(even, worth)(16)).toBeCloseTo(3 + 0.5 * 35, 6)
  expect(foresee(even.with(12, even[12]! + 0.08), worth)(16)).toBeCloseTo(3 + 0.5 * 35, 1)
  const faster = Array.from({ length: 40 }, (_, i) => 0.5 * i - 0.0002 * i ** 2)
  const at = (n: number) => 0.5 * (39 + n) - 0.0002 * (39 + n) ** 2
  expect(
    Math.abs(
      foresee(
        faster,
        faster.map(() => 1),
      )(16) - at(16),
    ),
  ).toBeLessThan(0.01)
})

// ---- the port ------------------------------------------------------------------------------------------------------

test('scores come from a port, and an abort ends them even where nothing comes any more', async () => {
  const { port1, port2 } = new MessageChannel()
  const controller = new AbortController()
  const look = vi.spyOn(Follower.prototype, 'look')
  const scores = follow(controller.signal, port2, RATE)
  const first = scores.next()
  const { samples } = track({ seconds: 10 })
  port1.postMessage('not samples')
  for (let from = 0; from < samples.length; from += 4096) port1.postMessage(samples.slice(from, from + 4096))
  const { value } = await first
  expect(value?.beats.length).toBeGreaterThan(10)
  // Whatever came meanwhile has been heard; now nothing comes, and nothing is looked at.
  let over = false
  const rest = (async () => {
    for await (const score of scores) expect(score.upTo).toBeGreaterThan(0)
  })().catch((e: unknown) => {
    over = true
    throw e
  })
  await new Promise((resolve) => setTimeout(resolve, 300))
  const looks = look.mock.calls.length
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(look.mock.calls.length).toBe(looks)
  expect(over).toBe(false)
  controller.abort(new Error('enough'))
  await expect(rest).rejects.toThrow('enough')
  look.mockRestore()
  port1.close()
})

test('a rate that is none is refused', async () => {
  const { port2 } = new MessageChannel()
  await expect(follow(new AbortController().signal, port2, NaN).next()).rejects.toThrow(Fault)
})
