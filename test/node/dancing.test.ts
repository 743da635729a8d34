/** Where a dance ends up on the stage. */
import { expect, test } from 'vitest'
import { keepOnStage } from '../../src/stage/dancing'

const kept = (x: number, z: number, hipsHeightM = 0.9) => {
  const root = { x, z }
  // Each foot a little to its side of the hips.
  const feet = Float32Array.from([x, 0.1, z, 0, 0, 1, x, 0, z, 0, 0, 1])
  keepOnStage(root, feet, hipsHeightM)
  return { root, feet }
}

test('near the middle nothing is changed', () => {
  expect(kept(1, -0.5).root).toEqual({ x: 1, z: -0.5 })
})

test('however far it goes, it stays on the stage, in its direction, whatever its height', () => {
  for (const height of [0.4, 0.9, 1.6])
    for (const far of [2, 5, 50]) {
      const { root } = kept(0.6 * far, -0.8 * far, height)
      expect(Math.hypot(root.x, root.z) * height).toBeLessThan(2.3 + 1e-6)
      expect(root.z / root.x).toBeCloseTo(-0.8 / 0.6, 6)
    }
})

test('farther is never nearer, and there is no leap where it begins', () => {
  const places = Array.from({ length: 400 }, (_, i) => kept(i / 50, 0).root.x)
  for (const [i, x] of places.entries()) {
    if (i === 0) continue
    const step = x - places[i - 1]!
    expect(step).toBeGreaterThanOrEqual(0)
    expect(step).toBeLessThan(0.021)
  }
})

test('the feet stay where they were below the hips, at their height', () => {
  const { root, feet } = kept(8, 3)
  expect(feet[0]).toBeCloseTo(root.x, 5)
  expect(feet[8]).toBeCloseTo(root.z, 5)
  expect(feet[1]).toBeCloseTo(0.1, 6)
  expect(feet[5]).toBe(1)
})
