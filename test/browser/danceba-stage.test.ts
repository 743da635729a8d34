/** @file What is danced while Danceba composes: begins, waits, goes on, is stopped, composed anew, given to the house. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Capture } from '../../src/audio/capture'
import { AudioDevice } from '../../src/audio/device'
import { Player } from '../../src/audio/player'
import { Reel } from '../../src/audio/reel'
import { allocate } from '../../src/motion/clip'
import { Composition, type Commission } from '../../src/dance/composition.svelte'
import { CHOICES, DancebaShelf, keptAs, orderOf, readChoices } from '../../src/dance/danceba.svelte'
import { DanceFloor } from '../../src/dance/dance.svelte'
import type { Dance, Music, Phrase, Score } from '../../src/shared/contracts'
import { Fault } from '../../src/shared/fault'
import { FakeDanceba } from '../fakes/danceba'

const LENGTH_S = 8
const never = new AbortController().signal

const score = (complete: boolean): Score => ({
  tempoBpm: 120,
  beatsPerBar: 4,
  beats: Float32Array.of(0, 0.5),
  strengths: Float32Array.of(1, 1),
  downbeats: Float32Array.of(0),
  swing: 0.5,
  sections: [{ from: 0, to: LENGTH_S, label: 'A', energy: 0.7 }],
  energy: Float32Array.of(1),
  bands: { low: Float32Array.of(1), mid: Float32Array.of(1), high: Float32Array.of(1) },
  upTo: LENGTH_S,
  settled: LENGTH_S,
  complete,
})

/** Hears at once; what it hears is a score of one section. */
const music: Music = {
  async *analyse(_, pieces) {
    for await (const piece of pieces) expect(piece.length).toBeGreaterThan(0)
    yield score(false)
    yield score(true)
  },
  async *follow() {
    yield score(false)
  },
}
/** One phrase a second. */
const house: Dance = {
  async *compose(_, __, ___, first) {
    for (let index = first; index < LENGTH_S; index++)
      yield { index, from: index, to: index + 1, style: 'pop', moves: [MOVE], mood: 'happy', motion: STILL }
  },
}
const MOVE = { name: 'step', from: 0, to: 1 }
const STILL = allocate(60, 60, ['hips'], false)

const silence = async () => {
  const reel = new Reel(LENGTH_S, 48_000, 1)
  reel.wind([new Float32Array(LENGTH_S * 48_000)])
  reel.end()
  return reel
}

let danceba: FakeDanceba
let floor: DanceFloor
let player: Player
let composition: Composition | undefined
let guest = true
let commission: Commission
const faults: unknown[] = []
let other: Commission | undefined

beforeEach(() => {
  danceba = new FakeDanceba()
  player = new Player(new AudioDevice())
  composition = undefined
  guest = true
  other = undefined
  faults.length = 0
  commission = { backend: 'wasm', onset: 'reference', order: orderOf(CHOICES, 512) }
  floor = new DanceFloor({
    player,
    music,
    choreographer: house,
    guest: async (act) => {
      if (!guest) return undefined
      return (composition = new Composition(
        {
          danceba,
          commission: () => commission,
          running: () => danceba,
          failed: (fault) => {
            faults.push(fault)
            const next = other
            other = undefined
            return next
          },
          given: () => void floor.recast(true),
        },
        act,
      ))
    },
  })
})
afterEach(() => floor.leave())

const until = (check: () => boolean) => vi.waitFor(() => expect(check()).toBe(true), { timeout: 20_000 })
const ends = (phrases: readonly Phrase[]) => phrases.map(({ to }) => to)

test('what is composed faster than it is heard is played at once, and is whole', async () => {
  const dancing = floor.begin('song', silence)
  await until(() => floor.playing)
  await dancing
  expect(danceba.calls).toEqual(['load wasm', 'hear reference', 'compose'])
  expect([floor.by, floor.whole, composition?.progress?.kind]).toEqual(['danceba', true, 'whole'])
  expect(floor.phrases[0]!.from).toBe(0)
  for (const [i, { from }] of floor.phrases.slice(1).entries())
    expect(from).toBeCloseTo(floor.phrases[i]!.to, 9)
  expect(floor.reachS).toBeCloseTo(LENGTH_S, 1)
  expect(floor.phrases[0]).toMatchObject({ moves: [], mood: 'happy' })
})

test('a slow one waits; pressed, it plays as far as there is a dance, waits there and goes on by itself', async () => {
  danceba.stepMs = 250
  void floor.begin('song', silence)
  await until(() => floor.phase === 'ready')
  expect(floor.playing).toBe(false)
  await floor.play()
  await until(() => floor.held)
  expect(floor.playing).toBe(true)
  expect(player.playing).toBe(false)
  const [heldAt, reach] = [player.time, floor.reachS]
  expect(heldAt).toBeLessThanOrEqual(reach)
  // Not beyond the dance.
  floor.seek(LENGTH_S)
  expect(floor.time).toBeLessThanOrEqual(floor.reachS)
  floor.seek(0)
  danceba.stepMs = 5
  await until(() => !floor.held)
  await until(() => player.playing)
  await until(() => floor.whole)
})

test('stopped, it ends where it is, and nothing composes any more', async () => {
  danceba.stepMs = 60
  const dancing = floor.begin('song', silence)
  await until(() => floor.phrases.length > 1)
  composition!.stop()
  expect(composition!.progress?.kind).toBe('stopped')
  const { reachS } = floor
  await dancing
  expect(danceba.busy).toBe(0)
  expect(floor.whole).toBe(true)
  expect(floor.reachS).toBe(reachS)
  expect(floor.now(reachS - 0.1)).toBeDefined()
  expect(floor.now(reachS + 1)).toBeUndefined()
})

test('stopped before there is anything, the house dances', async () => {
  danceba.tenthMs = 50
  const dancing = floor.begin('song', silence)
  await until(() => composition?.progress?.kind === 'loading')
  composition!.stop()
  await until(() => floor.by === 'house' && floor.whole)
  await dancing
  expect(ends(floor.phrases)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
})

test('another order: what is danced stays until the new dance is there, and it is not heard again', async () => {
  await floor.begin('song', silence)
  const before = floor.phrases
  commission = { ...commission, order: { ...commission.order, seed: 50 } }
  danceba.stepMs = 10
  const again = composition!.anew()
  await until(() => floor.phrases === before && composition!.madeS > 1)
  // Where it is new it is new, elsewhere it is as before.
  expect(floor.now(0.2)!.motion).not.toBe(before[0]!.motion)
  expect(floor.now(LENGTH_S - 0.2)!.motion).toBe(before.at(-1)!.motion)
  await again
  expect(floor.phrases).not.toBe(before)
  expect(floor.phrases).toHaveLength(before.length)
  expect(danceba.orders.map(({ seed }) => seed)).toEqual([1, 50])
  expect(danceba.calls.filter((call) => call.startsWith('hear'))).toHaveLength(1)
  commission = { ...commission, onset: 'corrected' }
  await composition!.anew()
  expect(danceba.calls.filter((call) => call.startsWith('hear'))).toEqual([
    'hear reference',
    'hear corrected',
  ])
})

test('stopped over another order, the dance before it is back', async () => {
  await floor.begin('song', silence)
  const before = ends(floor.phrases)
  danceba.stepMs = 30
  void composition!.anew()
  await until(() => composition!.madeS > 0.5)
  composition!.stop()
  expect(composition!.progress?.kind).toBe('whole')
  expect(ends(floor.phrases)).toEqual(before)
  expect(floor.whole).toBe(true)
})

test('a row of orders is composed one at a time, and the last one stays', async () => {
  await floor.begin('song', silence)
  danceba.stepMs = 3
  const all = [7, 8, 9].map((seed) => {
    commission = { ...commission, order: { ...commission.order, seed } }
    return composition!.anew()
  })
  await Promise.all(all)
  expect(danceba.busiest).toBe(1)
  expect(danceba.orders.at(-1)?.seed).toBe(9)
  expect(floor.whole).toBe(true)
})

test('what fails one way is tried another; what fails altogether is danced by the house', async () => {
  danceba.failing = new Fault('device-lost', 'gone')
  other = { ...commission, backend: 'wasm' }
  commission = { ...commission, backend: 'webgpu' }
  await floor.begin('song', silence)
  expect(danceba.calls.slice(0, 2)).toEqual(['load webgpu', 'load wasm'])
  expect([floor.by, composition!.runsOn]).toEqual(['danceba', 'wasm'])
  danceba.failing = new Fault('out-of-memory', 'full')
  await floor.begin('another', silence)
  await until(() => floor.by === 'house' && floor.whole)
  expect(faults.map((fault) => (fault as Fault).code)).toEqual(['device-lost', 'out-of-memory'])
  expect(floor.phase).toBe('ready')
})

test('from the house to Danceba and back: there is a dance all the time', async () => {
  guest = false
  await floor.begin('song', silence)
  expect(floor.by).toBe('house')
  guest = true
  danceba.stepMs = 10
  const recast = floor.recast()
  await until(() => (composition?.madeS ?? 0) > 1)
  expect(floor.now(0.5)!.phrase.moves).toEqual([])
  expect(floor.now(LENGTH_S - 0.5)!.phrase.moves).toEqual([MOVE])
  expect(floor.held).toBe(false)
  await recast
  expect(floor.phrases[0]!.moves).toEqual([])
  guest = false
  await floor.recast()
  expect(ends(floor.phrases)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
})

test('left and right are exchanged without composing', async () => {
  await floor.begin('song', silence)
  const { motion } = floor.phrases[0]!
  await floor.change({ mirror: true })
  expect(floor.phrases[0]!.motion).not.toBe(motion)
  expect(floor.whole).toBe(true)
  await floor.change({ mirror: false })
  expect(floor.phrases[0]!.motion).toBe(motion)
  expect(danceba.orders).toHaveLength(1)
})

test('to live music the house dances, whoever is wanted', async () => {
  const { port1 } = new MessageChannel()
  const capture = { port: port1, sampleRate: 48_000, nowS: () => 0.5, onended: () => undefined }
  await floor.follow('room', async () => capture as unknown as Capture)
  expect([floor.by, composition, floor.phase, floor.piece?.kind]).toEqual([
    'house',
    undefined,
    'ready',
    'live',
  ])
  await floor.recast()
  expect(floor.by).toBe('house')
})

test('a shorter dance ends before its music', async () => {
  commission = { ...commission, order: { ...commission.order, lengthS: 2 } }
  await floor.begin('song', silence)
  expect(floor.reachS).toBeCloseTo(2, 1)
  expect(floor.now(5)).toBeUndefined()
  floor.seek(5)
  expect(floor.time).toBeCloseTo(5, 1)
})

test('files are taken in any order, one after the other, and given up', async () => {
  const shelf = new DancebaShelf(danceba)
  await shelf.open(never)
  expect([shelf.kept, shelf.whole]).toEqual([[], false])
  const file = (name: string) => new File(['x'], name)
  await shelf.take([file('a.rar')], 'fp16')
  expect((shelf.fault as Fault).detail).toMatchObject({ reason: 'rar', name: 'a.rar' })
  danceba.tenthMs = 10
  const first = shelf.take([file('epoch_500.pt')], 'fp16')
  const second = shelf.take([file('epoch_0.pt')], 'fp16')
  await until(() => shelf.coming[0]?.found.part === 'poses')
  await until(() => shelf.coming[0]?.found.part === 'generator')
  expect(shelf.fault).toBeUndefined()
  await Promise.all([first, second])
  expect([shelf.whole, shelf.busy, shelf.coming]).toEqual([true, false, []])
  expect(shelf.keptBytes).toBe(keptOf(2))
  const third = shelf.take([file('epoch_0.pt')], 'int8')
  await until(() => (shelf.coming[0]?.bytes ?? 0) > 0)
  shelf.cancel()
  await third
  expect([shelf.busy, shelf.part('generator')!.precision, shelf.fault]).toEqual([false, 'fp16', undefined])
  danceba.tenthMs = 200
  const fourth = shelf.takeFrom(['https://example.org/epoch_500.pt'], 'int8')
  await until(() => shelf.fetching[0]?.of === 100)
  expect(shelf.fetching[0]).toMatchObject({ name: 'epoch_500.pt', bytes: 50 })
  await fourth
  expect([shelf.fetching, shelf.part('poses')!.precision]).toEqual([[], 'int8'])
  await shelf.remove(never)
  expect(shelf.whole).toBe(false)
})

/** Of both of the fake's, with so many bytes a weight of four. */
const keptOf = (bytes: number) =>
  Math.round((1_003_152_000 * bytes) / 4) + Math.round((262_401_000 * bytes) / 4)

test('choices are as they were stored where that makes sense', () => {
  expect(readChoices(undefined)).toEqual(CHOICES)
  expect(readChoices({ mode: 'fast', temperature: 9, start: { up: 511, down: 600 }, draws: 'yes' })).toEqual({
    ...CHOICES,
    mode: 'fast',
  })
  expect(orderOf({ ...CHOICES, lengthS: 20 }, 16)).toEqual({
    ...{ mode: 'exact', temperature: 0, topK: 0, seed: 1, start: { up: 15, down: 12 } },
    ...{ sampleShift: 28, lengthS: 20 },
  })
  expect(orderOf({ ...CHOICES, draws: true }, 512)).toMatchObject({ temperature: 0.8, topK: 50 })
})

test('8 bits are those that the place where it composes can multiply', () => {
  expect((['webgpu', 'wasm', undefined] as const).map((place) => keptAs('int8', place))).toEqual([
    'q8',
    'int8',
    'int8',
  ])
  expect(keptAs('fp16', 'webgpu')).toBe('fp16')
})
