/** @file Checkpoints of PyTorch are read exactly, and whatever is none, or means harm, is refused with its reason. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { Fault } from '../../src/shared/fault'
import { openCheckpoint, type Checkpoint } from '../../workers/danceba/checkpoint/checkpoint'
import { readTensor, tensorPieces } from '../../workers/danceba/checkpoint/read'
import { under, type Tensor, type Value } from '../../workers/danceba/checkpoint/values'
import { describeAll, type Described } from '../fixtures/checkpoint-listing'
import {
  blobOf,
  Call,
  float32,
  type Store,
  torchLegacy,
  torchZip,
  View,
  zipped,
} from '../fixtures/checkpoints'

const never = new AbortController().signal
const fixtures = new URL('../../../shared/fixtures/danceba/checkpoint/', import.meta.url)
const here = existsSync(fixtures)
const open = (bytes: Uint8Array | string) => openCheckpoint(never, new Blob([bytes as BlobPart]))
const read = (checkpoint: Checkpoint, leaf: Value | undefined) =>
  readTensor(never, checkpoint, leaf as Tensor)

/** Every tensor too, as a loader would. */
const readAll = async (file: Uint8Array) => {
  const checkpoint = await open(file)
  for (const leaf of checkpoint.leaves.values()) if (leaf.kind === 'tensor') await read(checkpoint, leaf)
  return checkpoint
}

const refused = async (attempt: Promise<unknown>): Promise<Record<string, unknown>> => {
  const thrown: unknown = await attempt.then(
    () => undefined,
    (e: unknown) => e,
  )
  expect(thrown).toBeInstanceOf(Fault)
  const { code, detail } = thrown as Fault
  expect([code, detail['what']]).toEqual(['bad-input', 'checkpoint'])
  return detail
}

describe.skipIf(!here)('reference checkpoints (skipped: ../shared/fixtures/danceba is not here)', () => {
  const names = here
    ? readdirSync(fixtures)
        .filter((name) => name.endsWith('.pt'))
        .map((name) => name.slice(0, -3))
    : []

  test.each(names)('%s is read exactly', async (name) => {
    const expected = JSON.parse(readFileSync(new URL(`${name}.json`, fixtures), 'utf8')) as {
      container: string
      entries: (Described & { values?: unknown })[]
    }
    const checkpoint = await open(readFileSync(new URL(`${name}.pt`, fixtures)))
    expect(checkpoint.container).toBe(expected.container)
    // The bytes say all that the values do.
    expect(await describeAll(checkpoint)).toEqual(expected.entries.map(({ values: _, ...entry }) => entry))
  })

  const hostile = new URL('hostile/', fixtures)
  interface Hostile {
    expect: 'refuse' | 'accept' | 'accept-or-refuse'
    where?: { entry?: string; byte_offset?: number }
    offending_global?: string
  }
  const cases = here
    ? Object.entries(
        JSON.parse(readFileSync(new URL('index.json', hostile), 'utf8')) as Record<string, Hostile>,
      )
    : []
  /** Where ours stops: at the limit it met, or at the end or the beginning of what is wrong. */
  const elsewhere = new Set(['deep-nesting-zip.pt', 'wrong-crc-zip.pt'])

  test.each(cases)('hostile/%s is met', async (name, { expect: outcome, where, offending_global }) => {
    const attempt = readAll(readFileSync(new URL(name, hostile)))
    if (outcome === 'accept') return expect(await attempt).toHaveProperty('root')
    if (outcome === 'accept-or-refuse') {
      const ended = await attempt.catch((thrown: unknown) => thrown)
      if (!(ended instanceof Error)) return expect(ended).toHaveProperty('root')
    }
    const detail = await refused(attempt)
    if (offending_global) expect(detail).toHaveProperty('global', offending_global)
    if (where?.entry) expect(detail).toHaveProperty('entry', where.entry)
    if (where?.byte_offset !== undefined && !elsewhere.has(name))
      expect(detail).toHaveProperty('offset', where.byte_offset)
    expect({}).not.toHaveProperty('polluted')
  })

  test('each gets the reason that says what to do', async () => {
    const reasons: Record<string, unknown> = {}
    for (const [name] of cases.filter(([, { expect: outcome }]) => outcome === 'refuse'))
      reasons[name] = (await refused(readAll(readFileSync(new URL(name, hostile)))))['reason']
    expect(reasons).toMatchObject({
      'os-system-zip.pt': 'unsafe',
      'os-system-bare-pickle.pt': 'unsafe',
      'os-system-legacy-sysinfo.pt': 'unsafe',
      'path-traversal-zip.pt': 'unsafe',
      'truncated-zip.pt': 'incomplete',
      'truncated-legacy.pt': 'incomplete',
      'wrong-crc-zip.pt': 'damaged',
      'memo-bomb-deflated-zip.pt': 'unsupported',
      'big-endian-zip.pt': 'unsupported',
      'unknown-storage-type-zip.pt': 'unsupported',
      'deep-nesting-zip.pt': 'too-complex',
      'huge-shape-zip.pt': 'damaged',
      'no-data-pkl-zip.pt': 'zip',
      'torchscript-zip.pt': 'torchscript',
      'text.pt': 'text',
      'html.pt': 'html',
      'git-lfs-pointer.pt': 'lfs-pointer',
      'rar.pt': 'rar',
      'gzip.pt': 'archive',
      'empty.pt': 'empty',
      'zeros.pt': 'unknown',
      'legacy-wrong-magic.pt': 'other-format',
    })
  })
})

describe('checkpoints made here', () => {
  const shared: Store = {
    key: 's',
    dtype: 'float32',
    length: 12,
    bytes: () => new Uint8Array(new Float32Array(Array(12).keys()).buffer),
  }
  const tree = () => ({
    model: {
      'module.dense': float32([2, 3], (i) => i / 3),
      'module.turned': new View(shared, [4, 3], [1, 4]),
      'module.part': new View(shared, [2, 2], [2, 1], 5),
      'module.same': new View(shared, [3], [0], 7),
      'module.scalar': new View(shared, [], [], 11),
      'module.none': new View(shared, [0, 4]),
      'module.lazy': new Call('torch.nn.parameter', 'UninitializedParameter', [true]),
    },
    epoch: 3,
    lr: 0.25,
    tags: ['a', null, true, -(2 ** 40)],
  })
  const numbers = async (checkpoint: Checkpoint, name: string) => [
    ...new Float32Array((await read(checkpoint, checkpoint.leaves.get(`/model/module.${name}`))).buffer),
  ]

  test.each([
    ['zip', () => blobOf(torchZip(tree(), 'epoch_1'))],
    ['zip', () => blobOf(torchZip(tree(), 'epoch_1', true))], // sizes in 64 bits
    ['legacy', () => blobOf([torchLegacy(tree())])],
  ])('%s: views of all kinds, and plain data', async (container, file) => {
    const checkpoint = await openCheckpoint(never, file())
    expect(checkpoint.container).toBe(container)
    expect(await numbers(checkpoint, 'dense')).toEqual([0, 1, 2, 3, 4, 5].map((i) => Math.fround(i / 3)))
    expect(await numbers(checkpoint, 'turned')).toEqual([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11])
    expect(await numbers(checkpoint, 'part')).toEqual([5, 6, 7, 8])
    expect(await numbers(checkpoint, 'same')).toEqual([7, 7, 7])
    expect(await numbers(checkpoint, 'scalar')).toEqual([11])
    expect(await numbers(checkpoint, 'none')).toEqual([])
    expect(checkpoint.leaves.get('/model/module.lazy')).toEqual({ kind: 'uninitialised' })
    expect(checkpoint.leaves.get('/lr')).toEqual({ kind: 'scalar', type: 'float', value: 0.25 })
    expect(checkpoint.leaves.get('/tags/3')).toEqual({ kind: 'scalar', type: 'int', value: -(2 ** 40) })
  })

  test('a large tensor comes in pieces of whole rows, read slice by slice', async () => {
    const values = (i: number) => i % 1000
    const file = blobOf(torchZip({ w: float32([3000, 1000], values) }))
    const reads: number[] = []
    const watched = Object.assign(file, {
      slice: (from: number, to: number) => (reads.push(to - from), Blob.prototype.slice.call(file, from, to)),
    })
    const checkpoint = await openCheckpoint(never, watched)
    expect(reads.reduce((sum, bytes) => sum + bytes)).toBeLessThan(200_000)
    let rows = 0
    for await (const piece of tensorPieces(never, checkpoint, checkpoint.leaves.get('/w') as Tensor)) {
      expect(piece.length % 4000).toBe(0)
      expect(new Float32Array(piece.buffer)[999]).toBe(999)
      rows += piece.length / 4000
    }
    expect(rows).toBe(3000)
    expect(Math.max(...reads)).toBeLessThanOrEqual(4 * 2 ** 20)
  })

  test('a flipped byte of a shared storage is found even when a part of it is read', async () => {
    const bytes = Buffer.concat([...torchZip({ part: new View(shared, [2], [1], 1) })])
    const five = Buffer.from(new Float32Array([5]).buffer)
    bytes[bytes.indexOf(five, bytes.indexOf('data/s')) + 1]! ^= 1
    expect(await refused(readAll(bytes))).toMatchObject({ reason: 'damaged', entry: 'archive/data/s' })
  })

  test('keys that mean something to JavaScript are plain names', async () => {
    const bytes = Buffer.concat([...torchZip({ ['__proto__']: { polluted: 1 }, constructor: 2 })])
    const checkpoint = await open(bytes)
    expect(under(checkpoint.root, 'constructor')).toMatchObject({ value: 2 })
    expect({}).not.toHaveProperty('polluted')
  })

  test.each([
    [{ x: new Call('os', 'system', ['echo']) }, 'unsafe'],
    [{ x: new Call('torch.nn.parameter', 'UninitializedParameter.data', []) }, 'unsafe'],
    [{ x: new View(shared, [13]) }, 'damaged'],
    [{ x: new View(shared, [2], [-1], 4) }, 'damaged'],
    [{ x: new View(shared, [2 ** 40, 2 ** 40], [0, 0]) }, 'damaged'],
    [{ x: new View(shared, [2 ** 31, 2], [0, 0]) }, 'damaged'],
  ])('%j is refused', async (bad, reason) => {
    expect(await refused(open(Buffer.concat([...torchZip(bad)])))).toMatchObject({ reason })
    expect(await refused(open(torchLegacy(bad)))).toMatchObject({ reason })
  })

  test.each([
    ['dictionaries', '7d30'],
    ['remembered bytes', '43009430'],
    ['nothings', '4e30'],
    ['entries', '4b014e73', '7d'],
    ['items', '4e61', '5d'],
    ['lists within each other', '5d'],
    ['marks', '28'],
    ['tuples around each other', '85', '29'],
    ['calls', '52', '63636f6c6c656374696f6e730a4f726465726564446963740a29'],
  ])('eight megabytes of %s come to an end', async (_, again, first = '') => {
    const start = Buffer.from(`8002${first}`, 'hex')
    const bytes = Buffer.alloc(8 * 2 ** 20 - 64, Buffer.from(again, 'hex'))
    const data = Buffer.concat([start, bytes, Buffer.from('.')])
    const packed = Buffer.concat([...zipped([{ name: 'archive/data.pkl', bytes: () => data }])])
    expect((await refused(open(packed)))['reason']).toMatch(/too-complex|damaged/)
  })

  test('a zip of other things says which checkpoints are in it', async () => {
    const inner = { name: 'experiments/ckpt/epoch_0.pt', bytes: () => Buffer.from('x') }
    const readme = { name: 'README.md', bytes: () => Buffer.from('x') }
    const packed = Buffer.concat([...zipped([readme, inner])])
    expect(await refused(open(packed))).toMatchObject({
      reason: 'zip',
      holds: ['experiments/ckpt/epoch_0.pt'],
    })
  })

  test.each([
    ['', 'empty', undefined],
    ['Dear reader', 'text', undefined],
    ['<!doctype html><title>Sign in</title>', 'html', undefined],
    ['version https://git-lfs.github.com/spec/v1\noid sha256:0', 'lfs-pointer', undefined],
    [Buffer.from('526172211a0701000000', 'hex'), 'rar', undefined],
    [Buffer.from('377abcaf271c0004', 'hex'), 'archive', '7z'],
    [Buffer.concat([Buffer.alloc(257, 1), Buffer.from('ustar\0')]), 'archive', 'tar'],
    [
      Buffer.from('1100000000000001' + Buffer.from('{"a":{}}        ').toString('hex'), 'hex'),
      'unknown',
      undefined,
    ],
    [
      Buffer.from('0800000000000000' + Buffer.from('{"a":{}}').toString('hex') + '00', 'hex'),
      'safetensors',
      undefined,
    ],
    [Buffer.from('080a120770797463f6', 'hex'), 'other-format', 'ONNX'],
    [Buffer.from('4747554603000000', 'hex'), 'other-format', 'GGUF'],
    [Buffer.from('80024b012e', 'hex'), 'other-format', 'pickle'],
    [Buffer.from('80049500000000000000008e0000000001000000', 'hex'), 'other-format', 'pickle'],
    [Buffer.from('80028a0a6cfc9c46', 'hex'), 'incomplete', undefined],
    [Buffer.from('00ff00ff', 'hex'), 'unknown', undefined],
  ])('what is no checkpoint is named: %#', async (bytes, reason, kind) => {
    expect(await refused(open(bytes))).toMatchObject({ reason, ...(kind && { kind }) })
  })

  test('stopped is stopped', async () => {
    const stop = new AbortController()
    const checkpoint = await openCheckpoint(stop.signal, blobOf(torchZip({ w: float32([4], Number) })))
    stop.abort()
    await expect(readTensor(stop.signal, checkpoint, checkpoint.leaves.get('/w') as Tensor)).rejects.toThrow(
      /abort/,
    )
  })
})
