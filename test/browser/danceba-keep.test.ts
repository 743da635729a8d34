/** @file Danceba's files: what is kept of them is whole and right, whatever happens meanwhile, and nothing else stays. */
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { Host } from '../../src/engine/host'
import type { DancebaFiles, DancebaTaking } from '../../src/shared/contracts'
import type { Fault } from '../../src/shared/fault'
import { openWeights } from '../../workers/danceba/keep/weights'
import { poseLayoutOf, tensorsOf as poseTensorsOf } from '../../workers/danceba/motion/vqvae'
import { layoutOf, type Layout } from '../../workers/danceba/network/layout'
import { tensorsOf } from '../../workers/danceba/network/shape'
import type { Circumstances } from '../fakes/danceba-keeper'
import { stored } from '../fixtures/danceba-network'
import { SMALL, SMALL_POSES } from '../fixtures/danceba-sizes'
import { weights } from '../fixtures/danceba-weights'
import { worst } from '../fixtures/worst'
import { HubControl } from '../hub/control'
import type { FaultSwitch } from '../hub/server/faults.js'

const { host } = inject('hub')
const hub = new HubControl(host)
const never = new AbortController().signal

const hosts: Host<DancebaFiles>[] = []
const open = (circumstances: Circumstances = {}) => {
  const keeper = new Host<DancebaFiles>(
    'danceba',
    () =>
      new Worker(new URL('../fakes/danceba-keeper.ts', import.meta.url), {
        type: 'module',
        name: JSON.stringify(circumstances),
      }),
  )
  hosts.push(keeper)
  return keeper
}

const drain = async (
  stream: Promise<AsyncIterable<DancebaTaking>>,
  each: (step: DancebaTaking) => void = () => undefined,
) => {
  const steps: DancebaTaking[] = []
  try {
    for await (const step of await stream) {
      steps.push(step)
      each(step)
    }
    return { steps, fault: undefined }
  } catch (e) {
    return { steps, fault: e as Fault }
  }
}
const kinds = (steps: readonly DancebaTaking[]) => [...new Set(steps.map(({ kind }) => kind))]

const addressOf = (name: string) => `${host}test/danceba/resolve/main/${name}`
const ofHub = async (name: string) => ({ name, file: await (await fetch(addressOf(name))).blob() })
const generator = await ofHub('epoch_0.pt')
const poses = await ofHub('epoch_500.pt')
const other = await ofHub('other.pt')

/** With one byte of the last matrix changed. */
const damaged = {
  name: 'damaged.pt',
  file: new Blob([generator.file.slice(0, -10_000), 'x', generator.file.slice(-9_999)]),
}

const folder = async () => (await navigator.storage.getDirectory()).getDirectoryHandle('danceba')
const names = async () => {
  const all: string[] = []
  try {
    for await (const name of (await folder()).keys()) all.push(name)
  } catch {
    // not even the folder
  }
  return all.sort()
}
const bytesOf = async (file: Blob) => new Uint8Array(await file.arrayBuffer())

const wipe = async () => {
  for (const keeper of hosts.splice(0)) keeper.stop()
  for (let tries = 0; ; tries++)
    try {
      await (await navigator.storage.getDirectory()).removeEntry('danceba', { recursive: true })
      return
    } catch (e) {
      if (e instanceof DOMException && e.name === 'NotFoundError') return
      if (tries > 50) throw e
      await new Promise((resolve) => setTimeout(resolve, 50)) // a worker that has just been stopped
    }
}
beforeEach(wipe)
afterEach(wipe)

const dims = new Map<string, readonly number[]>([
  ...tensorsOf(SMALL),
  ...poseTensorsOf(SMALL_POSES).map(({ name, dims }) => [name, dims] as const),
])
/** What `fill` makes of the same weights. */
const right = async (layout: Layout) =>
  bytesOf(
    await stored(layout, {
      table: () => undefined,
      weights: (name) =>
        weights(
          name,
          dims.get(name)!.reduce((product, size) => product * size, 1),
        ),
    }),
  )

const LAYOUTS = (['fp32', 'fp16', 'int8'] as const).map(
  (precision) => [precision, layoutOf(SMALL, precision), poseLayoutOf(SMALL_POSES, precision)] as const,
)
const NEEDED = layoutOf(SMALL, 'fp16').bytes + poseLayoutOf(SMALL_POSES, 'fp16').bytes

describe('taken', () => {
  test.each(LAYOUTS)('in %s, and opened by the next visit', async (precision, layout, poseLayout) => {
    const { steps, fault } = await drain(open().api.take(never, [poses, generator], precision))
    expect(fault).toBeUndefined()
    expect(steps.slice(0, 2)).toMatchObject([
      { kind: 'found', name: 'epoch_500.pt', found: { part: 'poses', epoch: 500, sizes: SMALL_POSES } },
      { kind: 'found', name: 'epoch_0.pt', found: { part: 'generator', epoch: 20, sizes: SMALL } },
    ])
    expect(kinds(steps)).toEqual(['found', 'bytes', 'kept'])
    const kept = steps.flatMap((step) => (step.kind === 'kept' ? step.kept : []))
    expect(kept).toMatchObject([
      { part: 'poses', precision: precision === 'fp32' ? 'fp32' : 'fp16', keptBytes: poseLayout.bytes },
      { part: 'generator', precision, keptBytes: layout.bytes, bytes: generator.file.size },
    ])
    expect(kept[1]!.unused).toEqual(['/config/structure_generate/base/n_head', '/epoch'])
    const again = await open().api.kept(never)
    expect([...again].sort((a, b) => b.part.localeCompare(a.part))).toEqual(kept)
    expect(await names()).toEqual([
      'generator.2.json',
      'generator.2.weights',
      'poses.1.json',
      'poses.1.weights',
    ])

    const { generator: first, poses: second } = await openWeights(never)
    expect(first).toMatchObject({ shape: SMALL, layout: { precision } })
    expect(second).toMatchObject({ shape: SMALL_POSES })
    expect(worst(await bytesOf(first!.file), await right(layout))).toBe(0)
    expect(worst(await bytesOf(second!.file), await right(poseLayout))).toBe(0)
  })

  test('one now and one later', async () => {
    const { api } = open()
    expect(await api.kept(never)).toEqual([])
    expect(await openWeights(never)).toEqual({})
    await drain(api.take(never, [generator], 'fp16'))
    expect(Object.keys(await openWeights(never))).toEqual(['generator'])
    await drain(api.take(never, [poses], 'fp16'))
    expect((await api.kept(never)).map(({ part }) => part).sort()).toEqual(['generator', 'poses'])
    await api.remove(never)
    expect(await api.kept(never)).toEqual([])
    expect(await names()).toEqual([])
    await api.remove(never)
  })

  test('what was here is replaced when the new one is whole', async () => {
    const { api } = open()
    await drain(api.take(never, [generator, poses], 'fp32'))
    const { fault } = await drain(api.take(never, [damaged], 'int8'))
    expect(fault).toMatchObject({ detail: { reason: 'damaged', name: 'damaged.pt' } })
    const precisions = async () =>
      Object.fromEntries((await api.kept(never)).map(({ part, precision }) => [part, precision]))
    expect(await precisions()).toEqual({ generator: 'fp32', poses: 'fp32' })
    await drain(api.take(never, [generator], 'int8'))
    expect(await precisions()).toEqual({ generator: 'int8', poses: 'fp32' })
    expect(await names()).toHaveLength(4)
    expect(
      worst(await bytesOf((await openWeights(never)).generator!.file), await right(LAYOUTS[2]![1])),
    ).toBe(0)
  })
})

describe('refused, and nothing stays', () => {
  const refused = async (files: { name: string; file: Blob }[], circumstances: Circumstances = {}) => {
    const { steps, fault } = await drain(open(circumstances).api.take(never, files, 'fp16'))
    expect(await names()).toEqual([])
    return { steps, fault }
  }

  test('another model, said before anything is written, with the name of the file', async () => {
    const { steps, fault } = await refused([generator, other])
    expect(kinds(steps)).toEqual(['found'])
    expect(fault).toMatchObject({
      code: 'bad-input',
      detail: { what: 'checkpoint', reason: 'other-model', name: 'other.pt' },
    })
  })

  test('the same half twice', async () => {
    const { fault } = await refused([poses, { ...poses, name: 'again.pt' }, generator])
    expect(fault).toMatchObject({
      code: 'bad-input',
      detail: { what: 'checkpoint', reason: 'twice', name: 'again.pt', other: 'epoch_500.pt' },
    })
  })

  test('one that is damaged in its last tensor; the whole one before it stays', async () => {
    expect((await refused([damaged])).fault).toMatchObject({
      detail: { what: 'checkpoint', reason: 'damaged', name: 'damaged.pt' },
    })
    const { api } = open()
    await drain(api.take(never, [poses, damaged], 'fp16'))
    expect((await api.kept(never)).map(({ part }) => part)).toEqual(['poses'])
  })

  test('too little room, said before anything is written', async () => {
    const { steps, fault } = await refused([generator, poses], { quota: NEEDED - 1 })
    expect(kinds(steps)).toEqual(['found'])
    expect(fault).toMatchObject({ code: 'no-room', detail: { needed: NEEDED, free: NEEDED - 1 } })
    expect(
      (await drain(open({ quota: NEEDED }).api.take(never, [generator, poses], 'fp16'))).fault,
    ).toBeUndefined()
  })

  test('the device is full in the middle', async () => {
    expect((await refused([generator], { room: 100_000 })).fault).toMatchObject({ code: 'no-room' })
  })

  test.each([{ noAccess: true }, { noFolder: true }])('where nothing can be kept: %o', async (poor) => {
    expect((await refused([generator], poor)).fault).toMatchObject({ code: 'unsupported' })
    expect(await open(poor).api.kept(never)).toEqual([])
    await open(poor).api.remove(never)
  })
})

describe('it ends early', () => {
  test('stopped: nothing stays', async () => {
    const stop = new AbortController()
    const { api } = open({ readMs: 5 })
    const { fault } = await drain(api.take(stop.signal, [generator], 'fp16'), (step) => {
      if (step.kind === 'bytes') stop.abort()
    })
    expect(fault?.code ?? 'aborted').toBe('aborted')
    await expect.poll(names).toEqual([])
    expect((await drain(api.take(never, [generator], 'fp16'))).fault).toBeUndefined()
  })

  test('a reader who leaves stops it', async () => {
    const { api } = open({ readMs: 5 })
    for await (const step of await api.take(never, [generator], 'fp16')) if (step.kind === 'bytes') break
    await expect.poll(names).toEqual([])
  })

  test('killed: the next one clears away what is half done, and not what is being done', async () => {
    const first = open({ stallAfter: 100 })
    const taken = drain(first.api.take(never, [generator], 'fp16'))
    await expect.poll(names).toEqual(['generator.1.weights'])
    const { api } = open()
    expect(await api.kept(never)).toEqual([])
    expect(await names()).toEqual(['generator.1.weights'])
    first.stop()
    expect((await taken).fault).toMatchObject({ code: 'worker-died' })
    await expect.poll(async () => [await api.kept(never), await names()]).toEqual([[], []])
    expect((await drain(api.take(never, [generator], 'fp16'))).fault).toBeUndefined()
  })

  test('killed while the word is written that it is whole', async () => {
    const { api } = open()
    await drain(api.take(never, [generator], 'fp16'))
    const record = await (await folder()).getFileHandle('generator.1.json')
    const text = await (await record.getFile()).text()
    const write = async (name: string, content: BlobPart) => {
      const writable = await (await (await folder()).getFileHandle(name, { create: true })).createWritable()
      await writable.write(content)
      await writable.close()
    }
    // A newer one, cut off in its record.
    await write('generator.2.weights', new Uint8Array(layoutOf(SMALL, 'fp16').bytes))
    await write('generator.2.json', text.slice(0, -10))
    expect(
      worst(await bytesOf((await openWeights(never)).generator!.file), await right(LAYOUTS[1]![1])),
    ).toBe(0)
    expect(await api.kept(never)).toHaveLength(1)
    expect(await names()).toEqual(['generator.1.json', 'generator.1.weights'])
    // Shorter than it says, or of an app that laid it out otherwise.
    for (const [bytes, content] of [
      [1000, text],
      [layoutOf(SMALL, 'fp16').bytes, text.replace(/"print":\d+/, '"print":1')],
    ] as const) {
      await write('generator.1.weights', new Uint8Array(bytes))
      await write('generator.1.json', content)
      expect(await openWeights(never)).toEqual({})
      expect(await api.kept(never)).toEqual([])
      expect(await names()).toEqual([])
    }
  })

  test('two at once: the second is told, waits, and goes on', async () => {
    const first = open({ stallAfter: 100 })
    const second = open()
    const dead = drain(first.api.take(never, [generator], 'fp16'))
    await expect.poll(names).toEqual(['generator.1.weights'])
    const { steps, fault } = await drain(second.api.take(never, [poses], 'fp16'), (step) => {
      if (step.kind === 'elsewhere') first.stop()
    })
    expect((await dead).fault).toMatchObject({ code: 'worker-died' })
    expect(fault).toBeUndefined()
    expect(kinds(steps).slice(0, 2)).toEqual(['found', 'elsewhere'])
    expect(await second.api.kept(never)).toMatchObject([{ part: 'poses' }])
  })

  test('one that waits can be stopped', async () => {
    const first = open({ stallAfter: 100 })
    void drain(first.api.take(never, [generator], 'fp16'))
    await expect.poll(names).toEqual(['generator.1.weights'])
    const stop = new AbortController()
    const { fault } = await drain(open().api.take(stop.signal, [poses], 'fp16'), (step) => {
      if (step.kind === 'elsewhere') stop.abort()
    })
    expect(fault?.code ?? 'aborted').toBe('aborted')
  })
})

describe('from an address', () => {
  const GENERATOR = 'test/danceba/epoch_0.pt'
  const FROM = [addressOf('epoch_0.pt'), addressOf('epoch_500.pt')]
  beforeEach(() => hub.clear())
  afterEach(() => hub.clear())

  test('fetched, taken, and only what is made of it stays', async () => {
    const { steps, fault } = await drain(open().api.takeFrom(never, FROM, 'int8'))
    expect(fault).toBeUndefined()
    expect(kinds(steps)).toEqual(['fetched', 'found', 'bytes', 'kept'])
    const last = steps.filter((step) => step.kind === 'fetched').at(-1)
    expect(last).toMatchObject({ address: FROM[1], name: 'epoch_500.pt', of: poses.file.size })
    expect(await names()).toEqual([
      'generator.1.json',
      'generator.1.weights',
      'poses.2.json',
      'poses.2.weights',
    ])
    expect(
      worst(await bytesOf((await openWeights(never)).generator!.file), await right(LAYOUTS[2]![1])),
    ).toBe(0)
  })

  const passing: [string, FaultSwitch][] = [
    ['is cut', { path: GENERATOR, cutAfter: 300_001, times: 2 }],
    ['is cut, and knows no ranges', { path: GENERATOR, cutAfter: 300_001, times: 2, noRange: true }],
    ['stalls', { path: GENERATOR, stallAfter: 200_000, times: 1 }],
    ['has too much to do', { path: GENERATOR, status: 503, times: 2 }],
  ]
  test.each(passing)('the server %s: it goes on', async (_, fault) => {
    await hub.fail(fault)
    const { steps, fault: none } = await drain(open().api.takeFrom(never, FROM.slice(0, 1), 'int8'))
    expect(none).toBeUndefined()
    expect(kinds(steps)).toContain('waiting')
    expect(
      worst(await bytesOf((await openWeights(never)).generator!.file), await right(LAYOUTS[2]![1])),
    ).toBe(0)
    if (fault.cutAfter !== undefined && !fault.noRange)
      expect(await hub.bytes(GENERATOR)).toBe(generator.file.size)
  })

  const refusals: [string, string, FaultSwitch | undefined, object][] = [
    ['nothing there', 'none.pt', undefined, { code: 'load-failed', detail: { reason: 'not-found' } }],
    ['no page may read it', 'epoch_0.pt', { path: GENERATOR, noCors: true }, { code: 'offline' }],
    ['not for everybody', 'epoch_0.pt', { path: GENERATOR, status: 403 }, { code: 'not-allowed' }],
    [
      'another file meanwhile',
      'epoch_0.pt',
      { path: GENERATOR, lengthDelta: 100, times: 1 },
      { code: 'load-failed', detail: { reason: 'changed' } },
    ],
    ['a web page', 'page.pt', undefined, { detail: { what: 'checkpoint', reason: 'html', name: 'page.pt' } }],
    ['another model', 'other.pt', undefined, { detail: { reason: 'other-model', name: 'other.pt' } }],
    [
      'a byte is another one',
      'epoch_0.pt',
      { path: GENERATOR, corruptAt: 1_000_000 },
      { detail: { what: 'checkpoint', reason: 'damaged', name: 'epoch_0.pt' } },
    ],
  ]
  test.each(refusals)('%s: said, and nothing stays', async (_, name, fault, expected) => {
    if (fault) await hub.fail(fault)
    expect((await drain(open().api.takeFrom(never, [addressOf(name)], 'fp16'))).fault).toMatchObject(expected)
    expect(await names()).toEqual([])
  })

  test('an archive is not waited for', async () => {
    await hub.fail({ path: 'test/danceba/weights.rar', bytesPerSecond: 1_000_000 })
    const { fault } = await drain(open().api.takeFrom(never, [addressOf('weights.rar')], 'fp16'))
    expect(fault).toMatchObject({ detail: { what: 'checkpoint', reason: 'rar', name: 'weights.rar' } })
    expect(await hub.bytes('test/danceba/weights.rar')).toBeLessThan(5_000_000)
    expect(await names()).toEqual([])
  })

  test.each(['epoch_0.pt', 'ftp://example.org/epoch_0.pt', ''])('no address: %s', async (address) => {
    const { fault } = await drain(open().api.takeFrom(never, [address], 'fp16'))
    expect(fault).toMatchObject({ code: 'bad-input', detail: { what: 'checkpoint', reason: 'address' } })
  })

  test('no room for it, said before it comes', async () => {
    const { fault } = await drain(open({ quota: 1000 }).api.takeFrom(never, FROM, 'fp16'))
    expect(fault).toMatchObject({ code: 'no-room', detail: { needed: generator.file.size, free: 1000 } })
    expect(await names()).toEqual([])
  })

  test('stopped, or killed, while it comes: nothing stays', async () => {
    await hub.fail({ path: GENERATOR, bytesPerSecond: 500_000 })
    const stop = new AbortController()
    const { fault } = await drain(open().api.takeFrom(stop.signal, FROM, 'fp16'), (step) => {
      if (step.kind === 'fetched') stop.abort()
    })
    expect(fault?.code ?? 'aborted').toBe('aborted')
    await expect.poll(names).toEqual([])
    const keeper = open()
    const killed = drain(keeper.api.takeFrom(never, FROM, 'fp16'), (step) => {
      if (step.kind === 'fetched') keeper.stop()
    })
    expect((await killed).fault).toMatchObject({ code: 'worker-died' })
    const { api } = open()
    await expect.poll(async () => [await api.kept(never), await names()]).toEqual([[], []])
  })
})

const FIXTURES = '../../../shared/fixtures/danceba/checkpoint/'
const files = import.meta.glob<string>('../../../shared/fixtures/danceba/checkpoint/**/*.pt', {
  query: '?url',
  import: 'default',
  eager: true,
})

test('none of the hostile files leaves anything', { timeout: 120_000 }, async ({ skip }) => {
  if (Object.keys(files).length === 0) return skip('needs shared/fixtures/danceba')
  const { api } = open()
  await drain(api.take(never, [poses], 'fp16'))
  const before = await names()
  for (const [path, url] of Object.entries(files)) {
    const name = path.slice(FIXTURES.length)
    const file = await (await fetch(url)).blob()
    const { steps, fault } = await drain(api.take(never, [{ name, file }], 'fp16'))
    expect(fault, name).toMatchObject({ code: 'bad-input', detail: { what: 'checkpoint', name } })
    expect(kinds(steps), name).toEqual([])
    expect(await names(), name).toEqual(before)
  }
})
