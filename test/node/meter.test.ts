/** @file How far files have come, in figures for a person. */
import { expect, test } from 'vitest'
import { Meter } from '../../src/models/meter'

const bytes = (path: string, bytes: number) => ({ kind: 'bytes', path, bytes, of: 1000 }) as const
const kept = (path: string, bytes: number) =>
  ({ kind: 'kept', file: { path, bytes, sha256: '0'.repeat(64) } }) as const

test('what was here before counts as done, and not as speed', () => {
  const meter = new Meter(2000, new Map([['a', 900]]))
  expect(meter.at(0)).toEqual({ bytes: 900, of: 2000, speed: 0, holdUp: undefined })
  meter.take(bytes('a', 1000), 1000)
  meter.take(bytes('b', 100), 1000)
  expect(meter.at(1000)).toMatchObject({ bytes: 1100, speed: 200 })
})

test('the speed is that of the last seconds, and falls where nothing comes', () => {
  const meter = new Meter(1e6)
  for (let s = 0; s <= 10; s++) {
    meter.take(bytes('a', s < 5 ? s * 1000 : 5000 + (s - 5) * 100), s * 1000)
    meter.at(s * 1000)
  }
  expect(meter.at(10_000).speed).toBeLessThan(130)
  expect(meter.at(20_000).speed).toBe(0)
})

test('nothing moves: the reason is the one that ends first', () => {
  const meter = new Meter(2000)
  meter.take({ kind: 'queued', path: 'a' }, 0)
  expect(meter.at(0).holdUp).toEqual({ kind: 'turn' })
  meter.take({ kind: 'elsewhere', path: 'b' }, 0)
  expect(meter.at(0).holdUp).toEqual({ kind: 'elsewhere' })
  meter.take({ kind: 'waiting', path: 'b', seconds: 9, why: 'offline' }, 0)
  meter.take({ kind: 'waiting', path: 'a', seconds: 4, why: 'busy' }, 0)
  expect(meter.at(1000).holdUp).toEqual({ kind: 'retry', why: 'busy', seconds: 3 })
  expect(meter.at(8000).holdUp).toEqual({ kind: 'retry', why: 'busy', seconds: 0 })
  meter.take(bytes('c', 1), 8000)
  expect(meter.at(8000).holdUp).toBeUndefined()
})

test('what is done holds up nobody', () => {
  const meter = new Meter(2000)
  meter.take({ kind: 'queued', path: 'a' }, 0)
  meter.take(kept('a', 1000), 0)
  expect(meter.at(0)).toMatchObject({ bytes: 1000, holdUp: undefined })
})

test('a file that begins anew takes its bytes back, and no speed is below nothing', () => {
  const meter = new Meter(2000)
  meter.take(bytes('a', 900), 0)
  meter.at(0)
  meter.take(bytes('a', 10), 1000)
  expect(meter.at(1000)).toMatchObject({ bytes: 10, speed: 0 })
})
