/** @file Files on this device: what is put is there, once, until it is removed; what was cut off never counts. */
import { beforeEach, expect, test } from 'vitest'
import { Host } from '../../src/engine/host'
import type { Store } from '../../src/shared/contracts'

const open = () =>
  new Host<Store>(
    'store',
    () => new Worker(new URL('../../workers/store.ts', import.meta.url), { type: 'module' }),
  ).api
const store = open()
const never = new AbortController().signal
const shelf = 'avatars'
const file = (text: string) => new Blob([text])
const folder = async () =>
  (await navigator.storage.getDirectory()).getDirectoryHandle(shelf, { create: true })
const write = async (name: string, text: string) => {
  const writable = await (await (await folder()).getFileHandle(name, { create: true })).createWritable()
  await writable.write(text)
  await writable.close()
}

beforeEach(async () => {
  await (
    await navigator.storage.getDirectory()
  )
    .removeEntry(shelf, { recursive: true })
    .catch(() => undefined)
})

test('kept, listed, read and removed', async () => {
  const kept = await store.put(never, shelf, 'Ada', file('a model'))
  expect(kept).toMatchObject({ shelf, name: 'Ada', bytes: 7 })
  expect(kept.id).toMatch(/^[0-9a-f]{64}$/)
  expect(await store.list(never, shelf)).toEqual([kept])
  expect(await (await store.get(never, kept)).text()).toBe('a model')
  await store.remove(never, kept)
  expect(await store.list(never, shelf)).toEqual([])
  await expect(store.get(never, kept)).rejects.toMatchObject({
    code: 'bad-input',
    detail: { reason: 'gone' },
  })
  await store.remove(never, kept) // by another tab, a moment ago: no matter
})

test('the same bytes are the same file, whoever brings them and at the same time', async () => {
  const other = open()
  const [a, b] = await Promise.all([
    store.put(never, shelf, 'Ada', file('twin')),
    other.put(never, shelf, 'Eve', file('twin')),
  ])
  expect(a).toEqual(b)
  expect(await other.list(never, shelf)).toEqual([a])
})

test('a new name stays; a picture beside it too, whichever comes last', async () => {
  const kept = await store.put(never, shelf, 'Ada', file('x'))
  await open().amend(never, kept, { picture: 'data:,' })
  await store.amend(never, kept, { name: 'Grace' })
  expect(await store.list(never, shelf)).toMatchObject([{ name: 'Grace', picture: 'data:,', id: kept.id }])
})

test('cut off while it was written, it is not there; and can be put again', async () => {
  const { id } = await store.put(never, shelf, 'Ada', file('whole'))
  await (await folder()).removeEntry(`${id}.json`)
  expect(await store.list(never, shelf)).toEqual([])
  await write(`${id}.json`, '{ "name": "Ad')
  expect(await store.list(never, shelf)).toEqual([])
  await store.put(never, shelf, 'Ada', file('whole'))
  expect(await store.list(never, shelf)).toMatchObject([{ name: 'Ada', bytes: 5 }])
})

test('given up, nothing is kept', async () => {
  await expect(store.put(AbortSignal.abort(), shelf, 'Ada', file('x'))).rejects.toMatchObject({
    code: 'aborted',
  })
  expect(await store.list(never, shelf)).toEqual([])
})

test('what has been removed cannot be renamed', async () => {
  const kept = await store.put(never, shelf, 'Ada', file('x'))
  await open().remove(never, kept)
  await expect(store.amend(never, kept, { name: 'Eve' })).rejects.toMatchObject({ code: 'bad-input' })
})
