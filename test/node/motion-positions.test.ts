/** @file Positions leave the app as JSON and NPZ; others can open them. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 as nodeCrc32 } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { allocate } from '../../src/motion/clip'
import { positionsJson, positionsNpz, toPositions } from '../../src/motion/positions'
import { at, length, sub } from '../../src/motion/vector'
import { crc32 } from '../../src/motion/zip'
import { swinging } from '../fixtures/motions'

const folder = mkdtempSync(join(tmpdir(), 'positions-'))
afterAll(() => rmSync(folder, { recursive: true }))

const motion = swinging(1, 30)
const positions = toPositions(motion)

describe('24 joints', () => {
  test('60 times a second, at rest on the floor', () => {
    expect(positions.length).toBe(61 * 72)
    const rest = toPositions(allocate(60, 1, ['hips'], false))
    expect(at(rest, 0)[1]).toBeCloseTo(0.973)
    const soles = Math.min(at(rest, 10)[1], at(rest, 11)[1])
    expect(Math.abs(soles)).toBeLessThan(0.05)
    expect(at(rest, 16)[0]).toBeGreaterThan(0.1)
  })

  test('keep the lengths of their bones', () => {
    const thigh = (frame: number) => length(sub(at(positions, frame * 24 + 4), at(positions, frame * 24 + 1)))
    for (let frame = 0; frame < 61; frame++) expect(thigh(frame)).toBeCloseTo(thigh(0), 5)
  })

  test('seen from the pelvis, all but the pelvis itself', () => {
    const relative = toPositions(motion, 'pelvis')
    expect(at(relative, 24 * 5)).toEqual(at(positions, 24 * 5))
    expect(
      length(sub(at(relative, 24 * 5 + 20), sub(at(positions, 24 * 5 + 20), at(positions, 24 * 5)))),
    ).toBeLessThan(1e-6)
  })
})

test('JSON has a row a frame', () => {
  const file = JSON.parse(positionsJson(motion)) as {
    fps: number
    joints: string[]
    pred_position: number[][]
  }
  expect([file.fps, file.joints.length, file.pred_position.length]).toEqual([60, 24, 61])
  expect(file.pred_position[7]).toHaveLength(72)
  expect(file.pred_position[7]![4]).toBeCloseTo(positions[7 * 72 + 4]!, 3)
})

describe('NPZ', () => {
  const numpy = spawnSync('python3', ['-c', 'import numpy']).status === 0

  test.skipIf(!numpy)('is opened by NumPy (python3 with numpy)', () => {
    const path = join(folder, 'dance.npz')
    writeFileSync(path, positionsNpz(motion))
    const code = `import numpy, json, sys, zipfile
assert zipfile.ZipFile(sys.argv[1]).testzip() is None
data = numpy.load(sys.argv[1])
p = data['pred_position']
print(json.dumps([str(p.dtype), p.shape, float(data['fps']), p[30].tolist()]))`
    const out = execFileSync('python3', ['-c', code, path], { encoding: 'utf8' })
    const [type, shape, fps, row] = JSON.parse(out) as [string, number[], number, number[]]
    expect([type, shape, fps]).toEqual(['float32', [61, 72], 60])
    expect(row).toEqual([...positions.subarray(30 * 72, 31 * 72)])
  })

  test('has the right checksums', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926)
    expect(crc32(positionsNpz(motion))).toBe(nodeCrc32(positionsNpz(motion)))
  })
})
