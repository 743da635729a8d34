/** @file The number of pixels follows what the machine can do, and settles. */
import { expect, test } from 'vitest'
import { Governor } from '../../src/stage/governor'

/** A machine whose frames take `costMs` at ratio 1, in proportion to the pixels, on a screen of 60 Hz. */
const run = (governor: Governor, costMs: number, frames: number) => {
  let changes = 0
  for (let i = 0; i < frames; i++)
    if (governor.frame(Math.max(1000 / 60, costMs * governor.ratio ** 2))) changes++
  return changes
}

test('a fast machine keeps all its pixels', () => {
  const governor = new Governor(0.5, 2)
  expect(run(governor, 3, 6000)).toBe(0)
  expect(governor.ratio).toBe(2)
})

test('a slow one gives up pixels until frames are in time, within three seconds, and stays there', () => {
  const governor = new Governor(0.5, 2)
  run(governor, 20, 180)
  expect(20 * governor.ratio ** 2).toBeLessThan(25)
  const settled = governor.ratio
  expect(run(governor, 20, 3000)).toBeLessThan(12)
  expect(governor.ratio).toBeGreaterThan(settled * 0.8)
})

test('the slowest keeps the least there is', () => {
  const governor = new Governor(0.5, 2)
  run(governor, 400, 400)
  expect(governor.ratio).toBe(0.5)
})

test('when the machine is free again, the pixels come back', () => {
  const governor = new Governor(0.5, 2)
  run(governor, 100, 300)
  expect(governor.ratio).toBeLessThan(0.7)
  run(governor, 2, 3000)
  expect(governor.ratio).toBe(2)
})

test('a hidden tab says nothing', () => {
  const governor = new Governor(0.5, 2)
  for (let i = 0; i < 100; i++) governor.frame(60_000)
  expect(governor.ratio).toBe(2)
})
