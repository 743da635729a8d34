/** @file When music begins, or goes on, that is danced while the dance is still being composed. */
import { expect, test } from 'vitest'
import { enough, foreseen, type Pace } from '../../src/dance/pacing'

const pace = (of: Partial<Pace>): Pace => ({ atS: 0, madeS: 0, endS: 180, speed: 1, rate: 1, ...of })

/** Play it with the dance growing at its speed: whether the ear ever overtakes it. */
const interrupted = ({ atS, madeS, endS, speed, rate }: Pace): boolean => {
  for (let [at, made] = [atS, madeS]; at < endS; at += rate / 10, made = Math.min(endS, made + speed / 10))
    if (at > made) return true
  return false
}

test('nothing begins without a dance, everything with a whole one', () => {
  expect(foreseen(pace({ madeS: 0, speed: 1000 }))).toBe(false)
  expect(foreseen(pace({ madeS: 180, speed: 0 }))).toBe(true)
  expect(enough(pace({ madeS: 180, atS: 179.9, speed: 0 }))).toBe(true)
})

test('what is foreseen not to wait does not wait, at any speed and from anywhere', () => {
  let begun = 0
  for (const speed of [0.1, 0.13, 0.5, 0.9, 1.2, 5])
    for (const rate of [0.5, 1, 1.5])
      for (const atS of [0, 60, 170])
        for (let madeS = atS; madeS < 180; madeS += 5) {
          const now = pace({ speed, rate, atS, madeS })
          if (!foreseen(now)) continue
          begun++
          expect(interrupted(now), JSON.stringify(now)).toBe(false)
        }
  expect(begun).toBeGreaterThan(100)
})

test('a fast machine begins with a second in hand, a slow one when most is made', () => {
  const first = (speed: number) => {
    let madeS = 0
    while (!foreseen(pace({ speed, madeS }))) madeS += 0.1
    return madeS
  }
  expect(first(5)).toBeCloseTo(1, 0)
  // One step a second against 7.5: what is left takes 7.5 times as long to compose as to hear.
  expect(first(1 / 7.5)).toBeGreaterThan(150)
  expect(first(1 / 7.5)).toBeLessThan(165)
})

test('music that had to wait goes on with some seconds in hand', () => {
  expect(enough(pace({ atS: 20, madeS: 21, speed: 0.1 }))).toBe(false)
  expect(enough(pace({ atS: 20, madeS: 24.1, speed: 0.1 }))).toBe(true)
  expect(enough(pace({ atS: 20, madeS: 24.1, speed: 0.1, rate: 1.5 }))).toBe(false)
})
