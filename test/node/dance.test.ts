/** @file The choreographer: on the beat, on the floor, in one piece, and never twice the same for another seed. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import type { Dance, DanceOrder, DanceStyle, Phrase, Score } from '../../src/shared/contracts'
import { choreograph } from '../../workers/dance/choreographer'
import { ARMS } from '../../workers/dance/moves/arms'
import { FEET } from '../../workers/dance/moves/feet'
import { GROOVES, HEADS } from '../../workers/dance/moves/grooves'
import { POSES } from '../../workers/dance/moves/poses'
import { BONES, joined, jointPositions } from '../fixtures/dancer'
import { makeScore } from '../fixtures/scores'
import { alignment, distance, jitter, kinetics, readTake } from '../fixtures/movement'

const ORDER: DanceOrder = { style: 'pop', seed: 1, energy: 1, mirror: false, rerolls: {} }
const STYLES: readonly DanceStyle[] = ['groove', 'pop', 'house', 'disco', 'robot', 'waltz']
const compose = (score: Score, order: Partial<DanceOrder> = {}, first = 0): Phrase[] => [
  ...choreograph(score, { ...ORDER, ...order }, first),
]
const scoreFor = (style: DanceStyle) =>
  style === 'waltz' ? makeScore({ beatsPerBar: 3, bpm: 150, bars: 60 }) : makeScore()

const same = (a: Float32Array, b: Float32Array) =>
  a.length === b.length && a.every((value, i) => value === b[i])
const alike = (a: Phrase, b: Phrase) =>
  a.from === b.from &&
  a.to === b.to &&
  a.mood === b.mood &&
  JSON.stringify(a.moves) === JSON.stringify(b.moves) &&
  same(a.motion.rotations, b.motion.rotations) &&
  same(a.motion.root, b.motion.root) &&
  same(a.motion.feet!, b.motion.feet!)

const MOCAP = fileURLToPath(new URL('../../../shared/data/mocap/cmu-05/', import.meta.url))
const takes = () =>
  readdirSync(MOCAP)
    .filter((name) => name.endsWith('.bvh') && name !== '05_01.bvh') // a walk
    .map((name) => readTake(readFileSync(MOCAP + name, 'utf8')))

test('the vocabulary is large, and every style has enough of each layer', () => {
  const moves = [...FEET, ...ARMS, ...GROOVES, ...HEADS, ...POSES]
  expect(moves.length).toBeGreaterThanOrEqual(60)
  expect(new Set(FEET.map(({ name }) => name)).size).toBe(FEET.length)
  for (const style of STYLES)
    for (const layer of [FEET, ARMS, GROOVES, HEADS, POSES])
      expect(layer.filter(({ styles }) => styles.includes(style)).length).toBeGreaterThanOrEqual(
        style === 'waltz' && layer === GROOVES ? 2 : 1,
      )
})

test('phrases follow each other without a gap, eight beats each, from the first downbeat to the held pose', () => {
  const score = makeScore()
  const phrases = compose(score)
  expect(phrases[0]!.from).toBe(0)
  phrases.forEach((phrase, i) => {
    expect(phrase.index).toBe(i)
    if (i) expect(phrase.from).toBe(phrases[i - 1]!.to)
    expect(phrase.motion.rotations).toHaveLength(phrase.motion.frames * phrase.motion.joints.length * 4)
    expect((phrase.motion.frames - 1) / 60).toBeLessThanOrEqual(phrase.to - phrase.from + 1e-3)
  })
  expect(phrases[1]!.from).toBeCloseTo(score.downbeats[0]!)
  expect(phrases[2]!.from).toBeCloseTo(score.beats[8]!)
  expect(phrases.at(-1)!.from).toBeCloseTo(score.beats.at(-1)!)
  expect(phrases.at(-1)!.to).toBeGreaterThanOrEqual(score.upTo)
})

test.each(STYLES)(
  '%s: planted feet do not move, none is below the floor or passes through the other',
  (style) => {
    for (const seed of [1, 2, 3]) {
      for (const { motion } of compose(scoreFor(style), { style, seed })) {
        const feet = motion.feet!
        for (let f = 0; f < motion.frames; f++) {
          const foot = (side: number, i: number) => feet[f * 12 + side * 6 + i]!
          for (const side of [0, 1]) {
            if (foot(side, 1) < -1e-6) throw new Error(`a foot is below the floor at frame ${f}`)
            if (f === 0 || foot(side, 5) < 1 || feet[(f - 1) * 12 + side * 6 + 5]! < 1) continue
            for (const i of [0, 1, 2, 3]) {
              const moved = Math.abs(foot(side, i) - feet[(f - 1) * 12 + side * 6 + i]!)
              if (moved > 1e-6) throw new Error(`a planted foot moves by ${moved} at frame ${f}`)
            }
          }
          const apart = Math.hypot(
            foot(0, 0) + 0.1 - (foot(1, 0) - 0.1),
            foot(0, 2) - foot(1, 2),
            foot(0, 1) - foot(1, 1),
          )
          if (apart < 0.09) throw new Error(`feet are ${apart} apart at frame ${f}`)
        }
      }
    }
    expect(true).toBe(true)
  },
)

test.each(STYLES)(
  '%s: the legs reach, the rotations alone leave the feet where they are, knees never lock',
  (style) => {
    for (const { motion } of compose(scoreFor(style), { style })) {
      const places = jointPositions(motion)
      const index = (name: string) => BONES.findIndex(([bone]) => bone === name)
      for (let f = 0; f < motion.frames; f++)
        for (const [side, name] of ['left', 'right'].entries()) {
          const foot = motion.feet!.subarray(f * 12 + side * 6, f * 12 + side * 6 + 6)
          const ankle = (f * BONES.length + index(`${name}Foot`)) * 3
          const [yaw, pitch] = [foot[3]!, foot[4]!]
          const along = 0.13 + 0.07 * Math.sin(pitch) - 0.13 * Math.cos(pitch)
          const wanted = [
            (side ? -0.1 : 0.1) + foot[0]! + along * Math.sin(yaw),
            foot[1]! + 0.07 * Math.cos(pitch) + 0.13 * Math.sin(pitch),
            foot[2]! + along * Math.cos(yaw),
          ]
          const off = Math.hypot(...wanted.map((value, i) => value - places[ankle + i]!))
          if (off > 0.012) throw new Error(`${name} foot is ${off} off in phrase at frame ${f}`)
        }
    }
    expect(true).toBe(true)
  },
)

test.each(STYLES)('%s: it moves without a jump, stays near the middle, and never freezes', (style) => {
  const phrases = compose(scoreFor(style), { style })
  const dance = joined(phrases)
  const { places, frames, joints } = dance
  let [still, widest, deepest] = [0, 0, 0]
  for (let f = 1; f < frames; f++) {
    let most = 0
    let sum = 0
    for (let j = 0; j < joints; j++) {
      const [a, b] = [(f * joints + j) * 3, ((f - 1) * joints + j) * 3]
      const moved = Math.hypot(
        places[a]! - places[b]!,
        places[a + 1]! - places[b + 1]!,
        places[a + 2]! - places[b + 2]!,
      )
      most = Math.max(most, moved)
      sum += moved
    }
    if (most > 0.22) throw new Error(`a joint jumps by ${most} at ${dance.times[f]}`)
    still = sum / joints < 0.0004 ? still + 1 : 0
    if (still > 60 && dance.times[f]! < phrases.at(-1)!.from) throw new Error(`frozen at ${dance.times[f]}`)
    const hips = f * joints * 3
    widest = Math.max(widest, Math.abs(places[hips]!))
    deepest = Math.max(deepest, Math.abs(places[hips + 2]!))
  }
  expect(widest).toBeLessThan(0.5)
  expect(deepest).toBeLessThan(0.35)
})

test.each(STYLES)('%s: it arrives on the beat', (style) => {
  const score = scoreFor(style)
  const scores = [1, 2, 3].map((seed) => alignment(joined(compose(score, { style, seed })), score.beats))
  console.info(style, 'beat alignment', scores.map((one) => one.toFixed(3)).join(' '))
  for (const one of scores) expect(one).toBeGreaterThanOrEqual(0.35)
})

test('the same order gives the same dance; another seed, a reroll or another energy do not', () => {
  const score = makeScore()
  const rotations = (order: Partial<DanceOrder>) =>
    compose(score, order).map(({ motion }) => motion.rotations)
  const one = rotations({})
  const as = (other: Float32Array[], i: number) => same(other[i]!, one[i]!)
  expect(rotations({}).every((phrase, i) => same(phrase, one[i]!))).toBe(true)
  expect(as(rotations({ seed: 2 }), 3)).toBe(false)
  expect(as(rotations({ energy: 0.5 }), 3)).toBe(false)
  const again = rotations({ rerolls: { 5: 1 } })
  expect([3, 5, 20].map((i) => as(again, i))).toEqual([true, false, true])
})

test('energy makes it larger', () => {
  const score = makeScore()
  const speed = (energy: number) => {
    const { places, frames, joints } = joined(compose(score, { energy }))
    let sum = 0
    for (let i = joints * 3; i < frames * joints * 3; i++)
      sum += Math.abs(places[i]! - places[i - joints * 3]!)
    return sum
  }
  const [small, normal, large] = [speed(0.5), speed(1), speed(1.5)]
  expect(normal).toBeGreaterThan(1.2 * small)
  expect(large).toBeGreaterThan(normal)
})

test('mirrored, left is right', () => {
  const score = makeScore({ bars: 12 })
  const [one, other] = [compose(score)[2]!.motion, compose(score, { mirror: true })[2]!.motion]
  const [a, b] = [jointPositions(one), jointPositions(other)]
  const hand = (name: string) => BONES.findIndex(([bone]) => bone === name) * 3
  // What makes nobody stand still is not mirrored.
  expect(b[hand('rightHand')]!).toBeCloseTo(-a[hand('leftHand')]!, 1)
  expect(b[hand('leftHand') + 1]!).toBeCloseTo(a[hand('rightHand') + 1]!, 1)
})

test('composed in pieces, as the score grows, it is the same dance', () => {
  const whole = makeScore()
  const phrases = compose(whole)
  for (const settled of [9.3, 17, 31.5, 60]) {
    const part: Score = { ...whole, settled, upTo: settled + 3, complete: false }
    const known = compose(part)
    expect(known.length).toBeGreaterThan(settled / 4 - 4)
    for (const phrase of known) expect(alike(phrase, phrases[phrase.index]!)).toBe(true)
  }
  expect(alike(compose(whole, {}, 7)[0]!, phrases[7]!)).toBe(true)
})

test('a motif returns with its section, and the sections differ', () => {
  const phrases = compose(
    makeScore({
      sections: [
        ['A', 8, 0.5],
        ['B', 8, 0.5],
      ],
    }),
  )
  const names = (index: number) => phrases[index]!.moves.map(({ name }) => name)
  expect(names(3)).toEqual(names(1))
  expect(new Set(names(9))).toEqual(new Set(names(1)))
  expect(names(5)).not.toEqual(names(1))
})

test('without a beat it sways, and where the music rests, so does the dancer', () => {
  const silent = compose(makeScore({ bars: 0, lead: 12, tail: 12, sections: [] }))
  expect(silent.length).toBeGreaterThan(2)
  expect(silent.every(({ mood }) => mood === 'relaxed')).toBe(true)
  expect(compose(makeScore({ bars: 0, lead: 0, tail: 0, sections: [] })).length).toBeLessThan(2)
  const resting = compose(
    makeScore({
      sections: [
        ['A', 4, 0.6],
        ['B', 4, 0.02],
      ],
    }),
  )
  expect(resting[3]!.moves.map(({ name }) => name)).toContain('rest stance')
})

test('auto hears a waltz in three, and dances fast music in half time', () => {
  expect(compose(makeScore({ beatsPerBar: 3, bpm: 150 }), { style: 'auto' })[2]!.style).toBe('waltz')
  const fast = makeScore({ bpm: 176 })
  expect(alignment(joined(compose(fast, { style: 'auto' })), fast.beats)).toBeGreaterThan(0.3)
})

test.skipIf(!existsSync(MOCAP))(
  'it is as smooth as people are, and as varied (needs shared/data/mocap)',
  () => {
    const people = takes()
    const mean = (of: readonly number[]) => of.reduce((sum, one) => sum + one, 0) / of.length
    const theirs = mean(people.map(jitter))
    const dances = Array.from({ length: 10 }, (_, seed) =>
      joined(compose(makeScore(), { style: 'auto', seed })),
    )
    const ours = mean(dances.map(jitter))
    console.info('jitter', ours.toFixed(2), 'captured', theirs.toFixed(2))
    expect(ours).toBeLessThanOrEqual(1.2 * theirs)
    const features = people.map((take) => kinetics(take))
    const spread = distance(features, features)
    // As long as the captured takes are, from quiet parts of the song and from loud ones.
    const varied = [600, 1560, 2160, 3000, 4080].map((from) =>
      distance(
        dances.map((dance) =>
          kinetics({ ...dance, frames: 400, places: dance.places.subarray(from * dance.joints * 3) }),
        ),
        features,
      ),
    )
    console.info('diversity', varied.map((one) => one.toFixed(2)).join(' '), 'captured', spread.toFixed(2))
    expect(mean(varied)).toBeGreaterThanOrEqual(0.7 * spread)
    expect(varied[2]).toBeGreaterThanOrEqual(0.7 * spread)
  },
  60_000,
)

test('it stops between phrases when it is told to', async () => {
  vi.stubGlobal('self', { addEventListener: () => undefined })
  const served = vi.fn<(api: Dance) => void>()
  vi.doMock('../../src/shared/wire', () => ({ serve: served, handOver: (chunk: unknown) => chunk }))
  await import('../../workers/dance')
  const stop = new AbortController()
  let count = 0
  const reading = async () => {
    for await (const _ of served.mock.calls[0]![0].compose(stop.signal, makeScore(), ORDER, 0))
      if (++count === 2) stop.abort()
  }
  await expect(reading()).rejects.toThrow(/abort/i)
  expect(count).toBe(2)
})
