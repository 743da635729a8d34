/** @file Files of models: fetched once however many ask, kept for offline, and every failure has its name. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Library, type FileState } from '../../src/models/library.svelte'

const never = new AbortController().signal
const file = { url: `${location.origin}/a-model.bin`, bytes: 6 }

let asked = 0
const answer = (make: () => Response | Promise<Response>) =>
  vi.stubGlobal('fetch', async () => {
    asked++
    return make()
  })
const chunks = (...parts: (string | Error)[]) =>
  new Response(
    new ReadableStream<Uint8Array>({
      async start(controller) {
        for (const part of parts) {
          await new Promise((resolve) => setTimeout(resolve, 120))
          if (part instanceof Error) return controller.error(part)
          controller.enqueue(new TextEncoder().encode(part))
        }
        controller.close()
      },
    }),
  )

beforeEach(async () => {
  asked = 0
  await caches.delete('files')
})
afterEach(() => vi.unstubAllGlobals())

test('fetched once for all who ask, with progress, and kept', async () => {
  answer(() => chunks('abc', 'def'))
  const library = new Library()
  const seen: FileState[] = []
  const watch = setInterval(() => {
    const state = library.stateOf(file)
    if (state && state !== seen.at(-1)) seen.push(state)
  }, 5)
  await Promise.all([library.have(never, [file]), library.have(never, [file])])
  clearInterval(watch)
  expect(asked).toBe(1)
  expect(seen).toContainEqual({ state: 'fetching', bytes: 3, of: 6 })
  expect(library.stateOf(file)).toEqual({ state: 'here', kept: true })
  expect(await (await caches.match(file.url))!.text()).toBe('abcdef')
})

test('what is kept is not fetched again', async () => {
  answer(() => chunks('abcdef'))
  await new Library().have(never, [file])
  await new Library().have(never, [file])
  expect(asked).toBe(1)
})

test('no network: said so, and the next to ask tries again', async () => {
  answer(() => Promise.reject(new TypeError('Failed to fetch')))
  const library = new Library()
  await expect(library.have(never, [file])).rejects.toMatchObject({ code: 'offline' })
  expect(library.stateOf(file)).toMatchObject({ state: 'failed' })
  answer(() => chunks('abcdef'))
  await library.have(never, [file])
  expect(library.stateOf(file)).toEqual({ state: 'here', kept: true })
})

test('broken off half-way: nothing of it is kept', async () => {
  answer(() => chunks('abc', new TypeError('network error')))
  await expect(new Library().have(never, [file])).rejects.toMatchObject({ code: 'offline' })
  expect(await caches.match(file.url)).toBeUndefined()
})

test('a host that does not have it', async () => {
  answer(() => new Response('no', { status: 404 }))
  await expect(new Library().have(never, [file])).rejects.toMatchObject({ code: 'load-failed' })
})

test('whoever gives up waiting is let go; the download goes on', async () => {
  answer(() => chunks('abc', 'def'))
  const library = new Library()
  const waiting = new AbortController()
  const given = library.have(waiting.signal, [file])
  waiting.abort()
  await expect(given).rejects.toMatchObject({ code: 'aborted' })
  await library.have(never, [file])
  expect(asked).toBe(1)
})

test('a full device: used as it comes, and not said to be kept', async () => {
  answer(() => chunks('abcdef'))
  const put = vi
    .spyOn(Cache.prototype, 'put')
    .mockRejectedValue(new DOMException('full', 'QuotaExceededError'))
  const library = new Library()
  await library.have(never, [file])
  expect(library.stateOf(file)).toEqual({ state: 'here', kept: false })
  put.mockRestore()
})
