/** @file Which files may come on stage, and which reason each other one is given. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { inspect, MAX_BYTES } from '../../src/cast/vrm-file'
import { glb, vrmDescription, type Description } from '../fixtures/vrm'

const reason = (bytes: Uint8Array) => {
  try {
    inspect(bytes)
    return 'accepted'
  } catch (e) {
    return (e as { detail: { reason: string } }).detail.reason
  }
}
const altered = (change: (description: Description) => void, version: '0' | '1' = '1') => {
  const description = vrmDescription(version)
  change(description)
  return glb(description)
}

test('a VRM of either version, with its name', () => {
  expect(inspect(glb(vrmDescription('1')))).toEqual({ version: '1', name: 'Test One' })
  expect(inspect(glb(vrmDescription('0')))).toEqual({ version: '0', name: 'Test Zero' })
})

test.each<[string, Uint8Array, string]>([
  ['nothing', new Uint8Array(0), 'not-gltf'],
  ['text', new TextEncoder().encode('hello, I am not a model at all'), 'not-gltf'],
  ['a PNG', Uint8Array.from([0x89, 0x50, 0x4e, 0x47, ...new Array<number>(40).fill(0)]), 'not-gltf'],
  ['broken JSON', glb('{"asset":'), 'not-gltf'],
  ['JSON that is no object', glb('[1]'), 'not-gltf'],
  ['a file cut in half', glb(vrmDescription('1')).slice(0, 600), 'truncated'],
  ['a file without its last bytes', glb(vrmDescription('1')).slice(0, -4), 'truncated'],
  ['glTF without VRM', altered((d) => delete d.extensions), 'no-humanoid'],
  [
    'a humanoid without a head',
    altered((d) => delete d.extensions!.VRMC_vrm!.humanoid.humanBones['head']),
    'no-humanoid',
  ],
  [
    'a 0.x humanoid without a spine',
    altered((d) => d.extensions!.VRM!.humanoid.humanBones.splice(1, 1), '0'),
    'no-humanoid',
  ],
  [
    'a bone that is no node',
    altered((d) => (d.extensions!.VRMC_vrm!.humanoid.humanBones['hips'] = { node: 999 })),
    'no-humanoid',
  ],
  ['a node that is its own child', altered((d) => (d.nodes[1]!.children = [1])), 'broken'],
  [
    'nodes in a ring',
    altered((d) => {
      d.nodes.push({ children: [d.nodes.length + 1] }, { children: [d.nodes.length] })
    }),
    'broken',
  ],
  ['a node with two parents', altered((d) => (d.nodes[2]!.children = [1])), 'broken'],
  ['a child that is not there', altered((d) => (d.nodes[0]!.children = [12345])), 'broken'],
  [
    'a picture from elsewhere',
    altered((d) => (d.images = [{ uri: 'https://example.com/a.png' }])),
    'external',
  ],
  ['a buffer from elsewhere', altered((d) => (d.buffers[0]!.uri = '../secret.bin')), 'external'],
  ['fifty million vertices', altered((d) => (d.accessors[0]!.count = 5e7)), 'too-big'],
  ['a million nodes', altered((d) => (d.nodes = Array.from({ length: 1e6 }, () => ({})))), 'too-big'],
  ['an accessor past its end', altered((d) => (d.accessors[0]!.count = 1e6)), 'truncated'],
  ['a view past the end', altered((d) => (d.bufferViews[0]!.byteLength = 1e6)), 'truncated'],
  [
    'a mesh without an accessor',
    altered((d) => (d.meshes[0]!.primitives[0]!.attributes['POSITION'] = 77)),
    'broken',
  ],
  ['a negative count', altered((d) => (d.accessors[0]!.count = -1)), 'broken'],
])('%s: refused', (_, bytes, expected) => {
  expect(reason(bytes)).toBe(expected)
})

test('too many bytes are refused before they are read', () => {
  // A view with the right length and no memory behind most of it.
  expect(reason({ length: MAX_BYTES + 1 } as Uint8Array)).toBe('too-big')
})

test('a picture that would unpack to gigabytes is refused', () => {
  const png = new Uint8Array(32)
  const view = new DataView(png.buffer)
  view.setUint32(0, 0x89504e47)
  view.setUint32(16, 60_000)
  view.setUint32(20, 60_000)
  const description = vrmDescription('1')
  description.images = [{ bufferView: description.bufferViews.length, mimeType: 'image/png' }]
  expect(reason(glb(description, png))).toBe('too-big')
})

test('random damage is either refused with a reason or harmless', () => {
  const whole = glb(vrmDescription('1'))
  let seed = 1
  for (let run = 0; run < 2000; run++) {
    const damaged = whole.slice()
    for (let i = 0; i < 4; i++) {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
      damaged[seed % damaged.length] = seed >>> 24
    }
    expect(['accepted', 'not-gltf', 'truncated', 'no-humanoid', 'broken', 'external', 'too-big']).toContain(
      reason(damaged),
    )
  }
})

const shared = join(import.meta.dirname, '../../../shared/data/avatars')
describe.skipIf(!existsSync(shared))('avatars from elsewhere (skipped: ../shared is not here)', () => {
  const files = existsSync(shared)
    ? [
        join(shared, 'godette-vrm0.vrm'),
        ...readdirSync(join(shared, 'vrm-fixtures'))
          .filter((f) => f.endsWith('.vrm'))
          .map((f) => join(shared, 'vrm-fixtures', f)),
      ]
    : []
  test.each(files)('%s', (file) => {
    expect(reason(readFileSync(file))).toBe('accepted')
  })
  test('a model that is no avatar', () => {
    expect(reason(readFileSync(join(shared, 'robot-expressive.glb')))).toBe('no-humanoid')
  })
})
