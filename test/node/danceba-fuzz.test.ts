/** @file Checkpoints that were damaged at random (by a seed): a Fault with a reason, or the right answer; nothing else. */
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Fault } from '../../src/shared/fault'
import { openCheckpoint } from '../../workers/danceba/checkpoint/checkpoint'
import { REASONS } from '../../workers/danceba/checkpoint/refusal'
import { describeAll } from '../fixtures/checkpoint-listing'
import { blobOf, Call, float32, torchLegacy, torchZip, View } from '../fixtures/checkpoints'

const never = new AbortController().signal
const fixtures = new URL('../../../shared/fixtures/danceba/checkpoint/', import.meta.url)
/** Of each file and each kind of damage. */
const TRIALS = 60

/** Marsaglia's xorshift, 32 bits. */
const chance = (seed: number) => {
  let state = seed
  return (below: number) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}
type Chance = ReturnType<typeof chance>

const DAMAGES: Record<string, (bytes: Buffer, next: Chance) => Buffer> = {
  'a bit flipped': (bytes, next) => {
    bytes[next(bytes.length)]! ^= 1 << next(8)
    return bytes
  },
  'some bytes written over': (bytes, next) => {
    for (let i = next(6); i >= 0; i--) bytes[next(bytes.length)] = next(256)
    return bytes
  },
  'the rest wiped': (bytes, next) => bytes.fill(next(2) ? 0xff : 0, next(bytes.length)),
  'four bytes of one': (bytes, next) => {
    const at = next(bytes.length - 4)
    return bytes.fill([0xff, 0x00, 0x7f, 0x80][next(4)]!, at, at + 4)
  },
  'cut off': (bytes, next) => bytes.subarray(0, next(bytes.length)),
  'bytes put in': (bytes, next) => {
    const at = next(bytes.length)
    const more = Buffer.from(Array.from({ length: 1 + next(40) }, () => next(256)))
    return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)])
  },
  'bytes taken out': (bytes, next) => {
    const at = next(bytes.length)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + next(40))])
  },
  'a part twice': (bytes, next) => {
    const at = next(bytes.length)
    return Buffer.concat([bytes.subarray(0, at + 1 + next(80)), bytes.subarray(at)])
  },
}

const own = () => {
  const store = {
    key: 'v',
    dtype: 'float16' as const,
    length: 6,
    bytes: () => Uint8Array.from(Array(12).keys()),
  }
  const model = {
    'module.a': float32([2, 3], (i) => i / 3),
    'module.b': new View(store, [3, 2], [1, 3]),
    'module.c': new Call('torch.nn.parameter', 'UninitializedParameter', [true]),
  }
  return { model, epoch: 3, config: { name: 'x', betas: [0.5, 0.999], none: null } }
}

const named = ['dtypes', 'views', 'gpt'].flatMap((name) => [`${name}-zip`, `${name}-legacy`])
const files: [string, () => Buffer][] = [
  ['own zip', () => Buffer.concat([...torchZip(own())])],
  ['own wide zip', () => Buffer.concat([...torchZip(own(), 'archive', true)])],
  ['own legacy', () => torchLegacy(own())],
  ...[...named, 'optimizer-zip', 'parameter-zip', 'torch2-layout-zip', 'bare-state-dict-zip']
    .map((name): [string, URL] => [name, new URL(`${name}.pt`, fixtures)])
    .filter(([, url]) => existsSync(url)) // without ../shared, our own two
    .map(([name, url]): [string, () => Buffer] => [name, () => readFileSync(url)]),
]

const listing = async (bytes: Buffer) => describeAll(await openCheckpoint(never, blobOf([bytes])))

test.each(files)('%s, damaged in every way', async (name, make) => {
  const good = make()
  const right = await listing(good)
  const next = chance(20241 + name.length)
  // The two large ones take longer each.
  const trials = Math.ceil(TRIALS * Math.min(1, 6000 / good.length))
  for (const [damage, act] of Object.entries(DAMAGES))
    for (let trial = 0; trial < trials; trial++) {
      const bad = act(Buffer.from(good), next)
      const ended: unknown = await listing(bad).catch((thrown: unknown) => thrown)
      const said = `${name}, ${damage}, ${trial}`
      if (ended instanceof Error) expect(reasonOf(ended), said).toBeOneOf([...REASONS])
      // A zip has checksums, so what is read is right. The old container has none: what is read has the right form.
      else if (name.endsWith('zip')) expect(ended, said).toEqual(right)
      else expect(ended, said).toHaveProperty('0.path', '')
    }
})

/** Any other error is none that anybody may see. */
const reasonOf = (thrown: Error) => (thrown instanceof Fault ? thrown.detail['reason'] : String(thrown.stack))
