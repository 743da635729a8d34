/** @file The built-in avatars are whole, valid, small, and what their build script makes. */
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execFileSync } from 'node:child_process'
import { validateBytes } from 'gltf-validator'
import { afterAll, describe, expect, test } from 'vitest'
import { inspect } from '../../src/cast/vrm-file'

const root = join(import.meta.dirname, '../..')
const read = (id: string) => readFileSync(join(root, 'public/avatars', `${id}.vrm`))
const fresh = mkdtempSync(join(tmpdir(), 'avatars-'))
afterAll(() => rmSync(fresh, { recursive: true }))

interface Vrm {
  meta: Record<string, unknown>
  humanoid: { humanBones: Record<string, unknown> }
  expressions: { preset: Record<string, unknown> }
  lookAt: { type: string }
}

const describeGlb = (glb: Buffer) =>
  JSON.parse(glb.subarray(20, 20 + glb.readUInt32LE(12)).toString()) as {
    extensions: { VRMC_vrm: Vrm; VRMC_springBone: { springs: unknown[] } }
  }

const FINGERS = ['Index', 'Middle', 'Ring', 'Little'].flatMap((finger) =>
  ['Proximal', 'Intermediate', 'Distal'].map((part) => finger + part),
)
const BONES = [
  ...['hips', 'spine', 'chest', 'upperChest', 'neck', 'head', 'leftEye', 'rightEye'],
  ...['left', 'right'].flatMap((side) =>
    [
      ...['Shoulder', 'UpperArm', 'LowerArm', 'Hand', 'UpperLeg', 'LowerLeg', 'Foot', 'Toes'],
      ...['ThumbMetacarpal', 'ThumbProximal', 'ThumbDistal', ...FINGERS],
    ].map((part) => side + part),
  ),
]
const EXPRESSIONS =
  'happy angry sad relaxed surprised neutral aa ih ou ee oh blink blinkLeft blinkRight lookUp lookDown lookLeft lookRight'

describe.each(['pip', 'fenn', 'dot'])('%s', (id) => {
  test('is valid glTF of less than 1.5 MB that the app lets on stage', async () => {
    const bytes = read(id)
    expect(bytes.length).toBeLessThan(1.5e6)
    expect(inspect(bytes).version).toBe('1')
    const { issues } = await validateBytes(new Uint8Array(bytes))
    // What the validator does not know (the VRM extensions) it says as information.
    expect(issues.messages.filter(({ severity }) => severity < 2)).toEqual([])
  })

  test('has every bone with its fingers, every expression, eyes that look, springs', () => {
    const { VRMC_vrm: vrm, VRMC_springBone: springBone } = describeGlb(read(id)).extensions
    expect(Object.keys(vrm.humanoid.humanBones)).toEqual(expect.arrayContaining(BONES))
    expect(Object.keys(vrm.expressions.preset)).toEqual(expect.arrayContaining(EXPRESSIONS.split(' ')))
    expect(['bone', 'expression']).toContain(vrm.lookAt.type)
    expect(springBone.springs.length).toBeGreaterThan(0)
    expect(vrm.meta).toMatchObject({ avatarPermission: 'everyone', allowRedistribution: true })
  })

  test('is what its script makes', { timeout: 120_000 }, () => {
    execFileSync(process.execPath, [join(root, 'scripts/avatars/build.js'), id, `--to=${fresh}`])
    const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
    expect(sha(readFileSync(join(fresh, `${id}.vrm`)))).toBe(sha(read(id)))
  })
})
