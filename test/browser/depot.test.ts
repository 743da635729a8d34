/** @file The depot: what it fetches is whole and verified, whatever goes wrong on the way, and nothing is fetched twice. */
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { cdp } from 'vitest/browser'
import { Host } from '../../src/engine/host'
import { listing as listingOf } from '../../src/models/hub'
import type { Depot, FetchStep, Listing } from '../../src/shared/contracts'
import type { Fault } from '../../src/shared/fault'
import type { Circumstances } from '../fakes/depot'
import { HubControl } from '../hub/control'
import type { FaultSwitch } from '../hub/server/faults.js'

const { host, expiring } = inject('hub')
const hub = new HubControl(host)
const never = new AbortController().signal
const BLOCK = 65_536
const BIG = 'onnx/model_q4.onnx'
const KEY = `test/model/${BIG}`
const BYTES = 1_000_003

const hosts: Host<Depot>[] = []
const open = (circumstances: Circumstances = {}) => {
  const depot = new Host<Depot>(
    'depot',
    () =>
      new Worker(new URL('../fakes/depot.ts', import.meta.url), {
        type: 'module',
        name: JSON.stringify(circumstances),
      }),
  )
  hosts.push(depot)
  return depot
}

/** Everything that it tells, and how it ended. */
const drain = async (
  stream: Promise<AsyncIterable<FetchStep>>,
  each: (step: FetchStep, steps: FetchStep[]) => void = () => undefined,
) => {
  const steps: FetchStep[] = []
  try {
    for await (const step of await stream) {
      steps.push(step)
      each(step, steps)
    }
    return { steps, fault: undefined }
  } catch (e) {
    return { steps, fault: e as Fault }
  }
}
const kinds = (steps: readonly FetchStep[]) => [...new Set(steps.map(({ kind }) => kind))]
const keptIn = (steps: readonly FetchStep[]) =>
  steps.flatMap((step) => (step.kind === 'kept' ? step.file : []))

const folder = async () => (await navigator.storage.getDirectory()).getDirectoryHandle('weights')
const names = async () => {
  const all: string[] = []
  for await (const name of (await folder()).keys()) if (name !== 'repos') all.push(name)
  return all.sort()
}
const hex = (digest: ArrayBuffer) =>
  Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
/** The SHA-256 of a file as it lies there. */
const sha256 = async (name: string) => {
  const file = await (await (await folder()).getFileHandle(name)).getFile()
  return hex(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()))
}

const wipe = async () => {
  for (const depot of hosts.splice(0)) depot.stop()
  for (let tries = 0; ; tries++)
    try {
      await (await navigator.storage.getDirectory()).removeEntry('weights', { recursive: true })
      break
    } catch (e) {
      if (e instanceof DOMException && e.name === 'NotFoundError') break
      if (tries > 50) throw e
      await new Promise((resolve) => setTimeout(resolve, 50)) // a worker that has just been stopped
    }
  await caches.delete('weights')
}

let model: Listing
beforeEach(async () => {
  await wipe()
  await hub.clear()
  model = await listingOf(never, 'test/model', 'main', { host })
})
afterEach(wipe)

test('fetched, verified, kept, listed, removed', async () => {
  const { api } = open()
  const paths = model.files.map(({ path }) => path)
  const { steps, fault } = await drain(api.fetch(never, model, paths))
  expect(fault).toBeUndefined()
  expect(kinds(steps)).toContain('bytes')
  const kept = keptIn(steps)
  expect(kept.map(({ path }) => path).sort()).toEqual([...paths].sort())
  expect(await names()).toEqual(kept.map((file) => file.sha256).sort())
  for (const { sha256: name } of kept) expect(await sha256(name)).toBe(name)
  const [repo, ...others] = await api.list(never)
  expect(others).toEqual([])
  expect(repo).toMatchObject({ repo: 'test/model', commit: model.commit, base: model.base, partial: [] })
  expect([...repo!.files].sort((a, b) => a.path.localeCompare(b.path))).toEqual(
    [...kept].sort((a, b) => a.path.localeCompare(b.path)),
  )
  await api.remove(never, model)
  expect(await api.list(never)).toEqual([])
  expect(await names()).toEqual([])
})

test('what is here is not fetched again, and is shared with other repositories', async () => {
  const { api } = open()
  const twin = await listingOf(never, 'test/twin', 'main', { host })
  await drain(api.fetch(never, model, [BIG, 'config.json']))
  await hub.clear()
  const again = await drain(open().api.fetch(never, model, [BIG, 'config.json']))
  const other = await drain(api.fetch(never, twin, ['weights.onnx']))
  expect(kinds(again.steps)).toEqual(['kept'])
  expect(kinds(other.steps)).toEqual(['kept'])
  expect(await hub.requests(KEY)).toEqual([])
  expect(await hub.requests('test/twin/weights.onnx')).toEqual([])
  await api.remove(never, model)
  expect(await names()).toHaveLength(1)
  expect(await api.list(never)).toMatchObject([{ repo: 'test/twin', files: [{ path: 'weights.onnx' }] }])
})

test('some files of a repository are removed, the others stay', async () => {
  const { api } = open()
  await drain(api.fetch(never, model, [BIG, 'onnx/model.onnx']))
  await api.remove(never, model, [BIG])
  expect(await api.list(never)).toMatchObject([{ files: [{ path: 'onnx/model.onnx' }] }])
  expect(await names()).toHaveLength(1)
})

test('used now', async () => {
  const { api } = open()
  await drain(api.fetch(never, model, ['config.json']))
  const [before] = await api.list(never)
  await new Promise((resolve) => setTimeout(resolve, 5))
  await api.use(never, model)
  const [after] = await api.list(never)
  expect(after!.usedMs).toBeGreaterThan(before!.usedMs)
  await api.use(never, { repo: 'test/none', commit: 'x' })
  expect(await api.list(never)).toHaveLength(1)
})

const once: [string, FaultSwitch, FetchStep['kind'][]][] = [
  ['the server has too much to do', { path: KEY, status: 429, times: 2 }, ['waiting', 'bytes', 'kept']],
  ['the server is in trouble', { path: KEY, status: 503, times: 2 }, ['waiting', 'bytes', 'kept']],
  [
    'the storage is in trouble',
    { path: KEY, status: 500, times: 1, at: 'storage' },
    ['waiting', 'bytes', 'kept'],
  ],
  ['the connection is cut', { path: KEY, cutAfter: 300_001, times: 3 }, ['bytes', 'waiting', 'kept']],
  [
    'the connection is cut before the first byte',
    { path: KEY, cutAfter: 0, times: 2 },
    ['waiting', 'bytes', 'kept'],
  ],
  ['nothing comes any more', { path: KEY, stallAfter: 400_000, times: 1 }, ['bytes', 'waiting', 'kept']],
  ['nobody answers', { path: KEY, noAnswer: true, times: 1 }, ['waiting', 'bytes', 'kept']],
  ['the answer is shorter than it says', { path: KEY, lengthDelta: 10, times: 1 }, ['bytes', 'kept']],
  [
    'the answer ends early without a word',
    { path: KEY, lengthDelta: -10, times: 1 },
    ['bytes', 'waiting', 'kept'],
  ],
  ['a byte is wrong', { path: KEY, corruptAt: 500_000, times: 1 }, ['bytes', 'kept']],
  [
    'a redirect may not be followed',
    { path: KEY, noCors: true, at: 'hub', times: 1 },
    ['waiting', 'bytes', 'kept'],
  ],
]

test.each(once)('%s: it gets there all the same', async (_, fault, told) => {
  await hub.fail(fault)
  const { steps, fault: thrown } = await drain(open().api.fetch(never, model, [BIG]))
  expect(thrown).toBeUndefined()
  for (const kind of told) expect(kinds(steps)).toContain(kind)
  const [kept] = keptIn(steps)
  expect(await names()).toEqual([kept!.sha256])
  expect(await sha256(kept!.sha256)).toBe(kept!.sha256)
})

test.each<[string, Omit<FaultSwitch, 'path'>, object, boolean]>([
  ['not there', { status: 404 }, { code: 'load-failed', detail: { reason: 'not-found' } }, false],
  [
    'gated',
    { status: 401, errorCode: 'GatedRepo' },
    { code: 'not-allowed', detail: { reason: 'gated' } },
    false,
  ],
  ['forbidden', { status: 403 }, { code: 'not-allowed', detail: { reason: 'forbidden' } }, false],
  ['refused', { status: 400 }, { code: 'load-failed', detail: { reason: 'refused' } }, false],
  ['turned away for ever', { status: 429 }, { code: 'load-failed', detail: { reason: 'busy' } }, false],
  ['never an answer', { noAnswer: true }, { code: 'offline' }, false],
  ['never a byte', { cutAfter: 0 }, { code: 'offline' }, false],
  ['no page may read it', { noCors: true }, { code: 'offline' }, false],
  ['another file', { corruptAt: 7 }, { code: 'load-failed', detail: { reason: 'corrupt' } }, false],
  ['always too short', { lengthDelta: -10 }, { code: 'load-failed', detail: { reason: 'corrupt' } }, true],
])('%s: one clear word, and nothing that is not what it should be', async (_, fault, expected, begun) => {
  await hub.fail({ path: KEY, ...fault })
  const { api } = open()
  const { steps, fault: thrown } = await drain(api.fetch(never, model, [BIG]))
  expect(thrown).toMatchObject(expected)
  expect(kinds(steps)).not.toContain('kept')
  const [repo] = await api.list(never)
  expect(repo?.files ?? []).toEqual([])
  expect((repo?.partial ?? []).length > 0).toBe(begun)
  await hub.clear()
  expect((await drain(api.fetch(never, model, [BIG]))).fault).toBeUndefined()
  expect(await names()).toHaveLength(1)
})

test('a host that is not there', async () => {
  const nowhere = { ...model, base: 'http://nowhere.invalid/' }
  const { steps, fault } = await drain(open().api.fetch(never, nowhere, [BIG]))
  expect(fault).toMatchObject({ code: 'offline' })
  expect(steps).toMatchObject([
    { kind: 'waiting', why: 'offline' },
    { kind: 'waiting', why: 'offline' },
  ])
})

test('what the server asks for is waited, if it lets the page read it', async () => {
  await hub.fail({ path: KEY, status: 429, retryAfter: 1, exposeRetryAfter: true, times: 1 })
  const { steps } = await drain(open().api.fetch(never, model, [BIG]))
  expect(steps[0]).toEqual({ kind: 'waiting', path: BIG, seconds: 1, why: 'busy' })
})

test('what is here can be listed while files come and go', async () => {
  const depot = open().api
  let ended = false
  const coming = (async () => {
    for (let round = 0; round < 8; round++) {
      await drain(
        depot.fetch(
          never,
          model,
          model.files.map(({ path }) => path),
        ),
      )
      await depot.remove(never, model)
    }
  })().finally(() => (ended = true))
  while (!(ended as boolean)) await Promise.all(Array.from({ length: 8 }, () => depot.list(never)))
  await coming
  expect(await depot.list(never)).toEqual([])
})

test('after a cut nothing is fetched twice', async () => {
  await hub.fail({ path: KEY, cutAfter: 300_001, times: 3 })
  await drain(open().api.fetch(never, model, [BIG]))
  expect(await hub.bytes(KEY)).toBe(BYTES)
  const ranges = (await hub.requests(KEY, 'storage')).map(({ range }) => range)
  expect(ranges).toEqual([null, 'bytes=300001-', 'bytes=600002-', 'bytes=900003-'])
})

test('a server without ranges: what is known is passed over', async () => {
  await hub.fail({ path: KEY, noRange: true }, { path: KEY, noRange: true, cutAfter: 300_001, times: 1 })
  const { steps, fault } = await drain(open().api.fetch(never, model, [BIG]))
  expect(fault).toBeUndefined()
  const seen = steps.flatMap((step) => (step.kind === 'bytes' ? step.bytes : []))
  expect(seen).toEqual([...seen].sort((a, b) => a - b))
  expect((await hub.requests(KEY, 'storage')).map(({ status }) => status)).toEqual([200, 200])
})

test('a byte is wrong: fetched once more from the beginning, not for ever', async () => {
  await hub.fail({ path: KEY, corruptAt: 7 })
  await drain(open().api.fetch(never, model, [BIG]))
  expect(await hub.bytes(KEY)).toBe(2 * BYTES)
  expect(await names()).toEqual([])
})

test('the links to the storage have expired: asked at the first address each time', async () => {
  const old = await listingOf(never, 'test/model', 'main', { host: expiring })
  const { fault } = await drain(open().api.fetch(never, old, [BIG]))
  expect(fault).toMatchObject({ code: 'not-allowed' })
  const control = new HubControl(expiring)
  expect(await control.requests(KEY, 'hub')).toHaveLength(3)
  await control.clear()
})

test('the token goes to the first address only', async () => {
  await drain(open().api.fetch(never, model, [BIG, 'config.json'], { token: 'hf_secret' }))
  expect((await hub.requests(KEY, 'hub')).map(({ authorized }) => authorized)).toEqual([true])
  expect((await hub.requests(KEY, 'storage')).map(({ authorized }) => authorized)).toEqual([false])
})

test('given up: it goes on at that very byte', async () => {
  const { api } = open()
  await hub.fail({ path: KEY, bytesPerSecond: 600_000, times: 1 })
  const stop = new AbortController()
  const { fault } = await drain(api.fetch(stop.signal, model, [BIG]), (step) => {
    if (step.kind === 'bytes' && step.bytes > 2 * BLOCK) stop.abort()
  })
  expect(fault).toMatchObject({ code: 'aborted' })
  await expect.poll(async () => (await api.list(never))[0]?.partial[0]?.bytes ?? 0).toBeGreaterThan(2 * BLOCK)
  const [repo] = await api.list(never)
  const { bytes, of, path } = repo!.partial[0]!
  expect({ of, path }).toEqual({ of: BYTES, path: BIG })
  expect((await drain(api.fetch(never, model, [BIG]))).fault).toBeUndefined()
  expect((await hub.requests(KEY, 'storage')).at(-1)!.range).toBe(`bytes=${bytes}-`)
})

test('nobody listens any more: it stops', async () => {
  const { api } = open()
  await hub.fail({ path: KEY, bytesPerSecond: 600_000 })
  for await (const _ of await api.fetch(never, model, [BIG])) break
  await hub.clear()
  expect((await drain(open().api.fetch(never, model, [BIG]))).fault).toBeUndefined()
})

test('killed at any point: no more than a block is fetched twice, and it is right', async () => {
  const { hex: name } = model.files.find(({ path }) => path === BIG)!.digest
  const here = async () =>
    (await (await (await folder()).getFileHandle(`${name}.part`).catch(() => undefined))?.getFile())?.size ??
    0
  let from = 0
  for (const bytes of [1, 70_000, 300_001, 150_000, 65_536, 200_000]) {
    await hub.clear()
    await hub.fail({ path: KEY, stallAfter: bytes })
    const depot = open({ patience: { stallMs: 60_000 } })
    const fetched = drain(depot.api.fetch(never, model, [BIG]))
    await expect.poll(async () => (await hub.requests(KEY, 'storage')).length).toBe(1)
    const [request] = await hub.requests(KEY, 'storage')
    const start = Number(/\d+/.exec(request!.range ?? '0'))
    expect(start % BLOCK).toBe(0)
    expect(from - start).toBeLessThan(BLOCK)
    from = start + bytes
    await expect.poll(here).toBe(from)
    depot.stop()
    expect((await fetched).fault).toMatchObject({ code: 'worker-died' })
  }
  await hub.clear()
  const { steps, fault } = await drain(open().api.fetch(never, model, [BIG]))
  expect(fault).toBeUndefined()
  expect(await hub.bytes(KEY)).toBeLessThan(BYTES - from + BLOCK)
  const [kept] = keptIn(steps)
  expect(await sha256(kept!.sha256)).toBe(kept!.sha256)
  expect(await names()).toEqual([kept!.sha256])
})

test('a label that cannot be read, or bytes that are missing: it begins anew', async () => {
  const write = async (name: string, text: string) => {
    const writable = await (await (await folder()).getFileHandle(name, { create: true })).createWritable()
    await writable.write(text)
    await writable.close()
  }
  const { hex } = model.files.find(({ path }) => path === BIG)!.digest
  const { api } = open()
  await api.list(never)
  await write(`${hex}.part`, 'abc')
  await write(`${hex}.part.json`, '{"repo":')
  expect((await drain(api.fetch(never, model, [BIG]))).fault).toBeUndefined()
  await api.remove(never, model)
  await write(`${hex}.part`, 'abc')
  await write(`${hex}.part.json`, JSON.stringify({ repo: 'test/model', written: 1000, state: ['x'] }))
  expect((await drain(api.fetch(never, model, [BIG]))).fault).toBeUndefined()
  expect(await names()).toEqual([hex])
})

test('two at once: one fetches, the other waits for it', async () => {
  await hub.fail({ path: KEY, bytesPerSecond: 1_000_000 })
  const both = [open(), open()]
  for (const { api } of both) await api.list(never) // both are running: neither comes too late
  const results = await Promise.all(both.map(({ api }) => drain(api.fetch(never, model, [BIG]))))
  expect(results.map(({ fault }) => fault)).toEqual([undefined, undefined])
  expect(results.some(({ steps }) => kinds(steps).join() === 'elsewhere,kept')).toBe(true)
  expect(await hub.bytes(KEY)).toBe(BYTES)
})

test('two at once, and the first one dies: the other goes on', async () => {
  await hub.fail({ path: KEY, stallAfter: 300_000, times: 1 })
  const first = open({ patience: { stallMs: 60_000 } })
  let second: ReturnType<typeof drain> | undefined
  const { fault } = await drain(first.api.fetch(never, model, [BIG]), () => {
    second ??= drain(open().api.fetch(never, model, [BIG]), (step) => {
      if (step.kind === 'elsewhere') first.stop()
    })
  })
  expect(fault).toMatchObject({ code: 'worker-died' })
  const { steps, fault: none } = await second!
  expect(none).toBeUndefined()
  expect(steps[0]).toEqual({ kind: 'elsewhere', path: BIG })
  expect(steps.at(-1)).toMatchObject({ kind: 'kept' })
  expect(await hub.bytes(KEY)).toBeLessThanOrEqual(BYTES + 300_000)
})

test('the device is full: said, and what fits is kept until there is room', async () => {
  const poor = open({ room: 500_000 })
  const { fault } = await drain(poor.api.fetch(never, model, [BIG]))
  expect(fault).toMatchObject({ code: 'no-room' })
  expect(await poor.api.list(never)).toMatchObject([{ files: [], partial: [{ path: BIG }] }])
  const { api } = open()
  await hub.clear()
  expect((await drain(api.fetch(never, model, [BIG]))).fault).toBeUndefined()
  expect(await hub.bytes(KEY)).toBeLessThanOrEqual(BYTES - 500_000 + BLOCK)
  const { hex } = model.files.find(({ path }) => path === BIG)!.digest
  expect(await sha256(hex)).toBe(hex)
})

test('the browser itself has no room: nothing that comes later is taken for what did not fit', async () => {
  const quota = async (quotaSize?: number) =>
    cdp().send('Storage.overrideQuotaForOrigin', {
      origin: location.origin,
      ...(quotaSize !== undefined && { quotaSize }),
    })
  const { usage = 0 } = await navigator.storage.estimate()
  await quota(usage + 600_000)
  try {
    const poor = open({ quota: 1e12 })
    const { fault } = await drain(poor.api.fetch(never, model, [BIG]))
    expect(fault).toMatchObject({ code: 'no-room' })
  } finally {
    await quota()
  }
  expect((await drain(open().api.fetch(never, model, [BIG]))).fault).toBeUndefined()
  const { hex } = model.files.find(({ path }) => path === BIG)!.digest
  expect(await sha256(hex)).toBe(hex)
})

test('there is no room for it: said before anything is fetched', async () => {
  const { fault } = await drain(open({ quota: 900_000 }).api.fetch(never, model, [BIG]))
  expect(fault).toMatchObject({ code: 'no-room', detail: { needed: BYTES, free: 900_000 } })
  expect(await hub.requests(KEY)).toEqual([])
})

test('one of several fails: the others stop, and go on later', async () => {
  await hub.fail({ path: KEY, bytesPerSecond: 400_000 }, { path: 'test/model/onnx/model.onnx', status: 404 })
  const { api } = open()
  const { fault } = await drain(api.fetch(never, model, [BIG, 'onnx/model.onnx', 'config.json']))
  expect(fault).toMatchObject({ code: 'load-failed', detail: { reason: 'not-found' } })
  await hub.clear()
  expect(
    (await drain(api.fetch(never, model, [BIG, 'onnx/model.onnx', 'config.json']))).fault,
  ).toBeUndefined()
})

test('one came and another did not, or was cleared: what is missing is listed', async () => {
  const { api } = open()
  await hub.fail({ path: KEY, noAnswer: true })
  const stop = new AbortController()
  await drain(api.fetch(stop.signal, model, [BIG, 'config.json', 'voices/a name.bin']), (_, steps) => {
    if (keptIn(steps).length === 2) stop.abort()
  })
  expect((await api.list(never))[0]!.partial).toEqual([{ path: BIG, bytes: 0, of: BYTES }])
  await hub.clear()
  await drain(api.fetch(never, model, [BIG]))
  expect((await api.list(never))[0]!.partial).toEqual([])
  await (await folder()).removeEntry(model.files.find(({ path }) => path === BIG)!.digest.hex)
  const [repo] = await api.list(never)
  expect(repo!.partial).toEqual([{ path: BIG, bytes: 0, of: BYTES }])
  expect(repo!.files).toHaveLength(2)
})

test('a file that the listing does not have', async () => {
  const { fault } = await drain(open().api.fetch(never, model, ['onnx/none.onnx']))
  expect(fault).toMatchObject({ code: 'load-failed', detail: { reason: 'not-found' } })
})

test('another digest or another length at the same commit: changed', async () => {
  const { api } = open()
  await drain(api.fetch(never, model, ['onnx/model.onnx']))
  const other = (change: object): Listing => ({
    ...model,
    files: model.files.map((file) => ({ ...file, ...change })),
  })
  const digest = { kind: 'sha256', hex: 'a'.repeat(64) } as const
  const { fault } = await drain(api.fetch(never, other({ digest }), ['onnx/model.onnx']))
  expect(fault).toMatchObject({ code: 'load-failed', detail: { reason: 'changed' } })
  // Longer than what they have: the rest of it is asked for.
  const longer = await drain(api.fetch(never, other({ bytes: BYTES + 1 }), [BIG]))
  expect(longer.fault).toMatchObject({ code: 'load-failed', detail: { reason: 'changed' } })
})

test('from a folder: verified by the listing, or taken as it is', async () => {
  const { api } = open()
  const text = new Blob(['{ "model_type": "llama" }\n'])
  const added = await drain(api.add(never, model, [{ path: 'config.json', file: text }]))
  expect(added.fault).toBeUndefined()
  expect(await api.list(never)).toMatchObject([
    { repo: 'test/model', files: [{ path: 'config.json', bytes: 26 }] },
  ])
  const forged = new Blob(['{ "model_type": "llamb" }\n'])
  await api.remove(never, model)
  for (const file of [forged, new Blob(['short'])]) {
    const { fault } = await drain(api.add(never, model, [{ path: 'config.json', file }]))
    expect(fault).toMatchObject({ code: 'load-failed', detail: { reason: 'corrupt' } })
  }
  expect(await names()).toEqual([])
  const own = { repo: 'my/model', commit: 'local', base: 'https://nowhere.invalid/' }
  await drain(api.add(never, own, [{ path: 'a.onnx', file: forged }]))
  expect(await api.list(never)).toMatchObject([{ repo: 'my/model', files: [{ path: 'a.onnx', bytes: 26 }] }])
})

const pack = async (depot: Host<Depot>) => {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  for await (const chunk of await depot.api.pack(never)) chunks.push(chunk)
  return new Blob(chunks)
}

test('packed, wiped, unpacked', async () => {
  const first = open()
  await drain(first.api.fetch(never, model, [BIG, 'config.json', 'voices/a name.bin']))
  const before = await first.api.list(never)
  const archive = await pack(first)
  await wipe()
  const second = open()
  const { steps, fault } = await drain(second.api.unpack(never, archive))
  expect(fault).toBeUndefined()
  expect(keptIn(steps)).toHaveLength(3)
  const after = await second.api.list(never)
  expect(after).toEqual(before.map((repo) => ({ ...repo, usedMs: after[0]!.usedMs })))
  for (const name of await names()) expect(await sha256(name)).toBe(name)
  await hub.clear()
  expect(kinds((await drain(second.api.fetch(never, model, ['config.json']))).steps)).toEqual(['kept'])
  expect(await hub.requests('test/model/config.json')).toEqual([])
})

test('an archive that is none, cut off, or with another byte in it', async () => {
  const first = open()
  await drain(first.api.fetch(never, model, [BIG]))
  const archive = await pack(first)
  await wipe()
  const { api } = open()
  for (const bad of [new Blob(['no archive at all']), new Blob([]), archive.slice(0, 500_000)])
    expect((await drain(api.unpack(never, bad))).fault).toMatchObject({
      code: 'bad-input',
      detail: { reason: 'not-a-pack' },
    })
  const bytes = new Uint8Array(await archive.arrayBuffer())
  bytes[800_000]! ^= 1
  expect((await drain(api.unpack(never, new Blob([bytes])))).fault).toMatchObject({
    code: 'load-failed',
    detail: { reason: 'corrupt' },
  })
  expect(await names()).toEqual([])
})

test('unpacking is given up, and goes on later', async () => {
  const first = open()
  await drain(first.api.fetch(never, model, [BIG]))
  const archive = await pack(first)
  await wipe()
  const { api } = open()
  const stop = new AbortController()
  const { fault } = await drain(api.unpack(stop.signal, archive), (step) => {
    if (step.kind === 'bytes') stop.abort()
  })
  expect(fault?.code ?? 'aborted').toBe('aborted')
  expect((await drain(api.unpack(never, archive))).fault).toBeUndefined()
  expect(await names()).toHaveLength(1)
})

test('where files cannot be written in place: Cache Storage, without going on after a crash', async () => {
  const { api } = open({ noAccess: true })
  await hub.fail({ path: KEY, cutAfter: 300_001, times: 1 })
  const paths = [BIG, 'config.json', 'empty.txt']
  const { steps, fault } = await drain(api.fetch(never, model, paths))
  expect(fault).toBeUndefined()
  expect(await hub.bytes(KEY)).toBe(BYTES) // within one fetch it does go on
  const kept = keptIn(steps).find(({ path }) => path === BIG)!
  const cached = await (await caches.open('weights')).match(`/weights/${kept.sha256}`)
  expect(hex(await crypto.subtle.digest('SHA-256', await cached!.arrayBuffer()))).toBe(kept.sha256)
  expect((await api.list(never))[0]!.files).toHaveLength(3)
  await hub.clear()
  expect(kinds((await drain(api.fetch(never, model, paths))).steps)).toEqual(['kept'])
  await api.remove(never, model)
  expect(await api.list(never)).toEqual([])
  expect(await (await caches.open('weights')).keys()).toEqual([])
  await hub.fail({ path: KEY, corruptAt: 9 })
  expect((await drain(api.fetch(never, model, [BIG]))).fault).toMatchObject({ detail: { reason: 'corrupt' } })
  expect(await (await caches.open('weights')).keys()).toEqual([])
})
