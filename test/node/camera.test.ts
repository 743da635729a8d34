/** @file Where the camera goes while somebody dances. */
import { expect, test } from 'vitest'
import { shotAt, type CameraShot } from '../../src/dance/camera'
import { makeScore } from '../fixtures/scores'

const score = makeScore({
  sections: [
    ['A', 8, 0.3],
    ['B', 8, 0.9],
  ],
  bars: 32,
})

/** Every shot of the music with the moment at which it begins. */
const shots = (seed: number): { at: number; shot: CameraShot }[] => {
  const all: { at: number; shot: CameraShot }[] = []
  for (let at = 0; at < score.upTo; at += 0.02) {
    const shot = shotAt('cuts', score, at, seed)
    if (shot !== all.at(-1)?.shot) all.push({ at, shot })
  }
  return all
}

test('it cuts on bars only, sooner where the music is loud, never to a picture like the one before', () => {
  const all = shots(1)
  for (const { at } of all.slice(1))
    expect(Math.min(...Array.from(score.downbeats, (bar) => Math.abs(bar - at)))).toBeLessThan(0.025)
  const between = (from: number, to: number) =>
    all.filter(({ at }) => at >= from - 0.1 && at < to - 0.1).length
  const [quiet, loud] = score.sections
  expect(between(loud!.from, loud!.to)).toBeGreaterThan(between(quiet!.from, quiet!.to))
})

test('where the music breaks loose the picture is wide, from below, and everybody is in it', () => {
  const drop = shotAt('cuts', score, score.sections[1]!.from + 0.1, 5)
  expect(drop.framing).toBe('full')
  expect(drop.pitch).toBeLessThan(0)
})

test('another dance has other cuts, the same dance the same', () => {
  expect(shots(1)).toEqual(shots(1))
  expect(shots(1)).not.toEqual(shots(2))
})

test('fixed stays, follow follows, and neither cuts; without bars nothing is cut', () => {
  for (const work of ['fixed', 'follow'] as const) {
    const all = Array.from({ length: 60 }, (_, at) => shotAt(work, score, at, 1))
    expect(new Set(all).size).toBe(1)
    expect(all[0]).toMatchObject({ cut: false, follow: work === 'follow', framing: 'full' })
  }
  expect(shotAt('cuts', makeScore({ bars: 0, lead: 9, tail: 9, sections: [] }), 3, 1).cut).toBe(false)
  expect(shotAt('cuts', undefined, 3, 1).cut).toBe(false)
})
