/** @file What a hub holds: at a pinned commit, complete, with what verifies it; and a word for whatever goes wrong. */
import { beforeEach, expect, inject, test } from 'vitest'
import { isRepoName, listing, readJson, readText } from '../../src/models/hub'
import { PATIENCE } from '../../src/shared/retry'
import { HubControl } from '../hub/control'

const { host } = inject('hub')
const hub = new HubControl(host)
const never = new AbortController().signal
const access = { host, patience: { ...PATIENCE, tries: 3, firstMs: 5, longestMs: 20, stallMs: 300 } }
const API = 'api/models/test/model/revision/main'

beforeEach(() => hub.clear())

test('a repository: its commit, its files, their digests', async () => {
  const { repo, commit, base, files } = await listing(never, 'test/model', 'main', access)
  expect(repo).toBe('test/model')
  expect(commit).toMatch(/^[0-9a-f]{40}$/)
  expect(base).toBe(`${host}test/model/resolve/${commit}/`)
  const of = (path: string) => files.find((file) => file.path === path)
  expect(files).toHaveLength(5)
  expect(of('config.json')).toMatchObject({ bytes: 26, digest: { kind: 'git' } })
  expect(of('onnx/model_q4.onnx')).toMatchObject({ bytes: 1_000_003, digest: { kind: 'sha256' } })
})

test('a long listing comes in pages', async () => {
  const original = globalThis.fetch
  const asked: string[] = []
  globalThis.fetch = (url, init) => {
    const address = new URL(url instanceof Request ? url.url : url)
    if (address.pathname.includes('/tree/') && !address.searchParams.has('limit'))
      address.searchParams.set('limit', '10')
    asked.push(address.href)
    return original(address, init)
  }
  try {
    const { files } = await listing(never, 'test/many', 'main', access)
    expect(new Set(files.map(({ path }) => path)).size).toBe(25)
    expect(asked.filter((url) => url.includes('/tree/'))).toHaveLength(3)
  } finally {
    globalThis.fetch = original
  }
})

test('a small text, and JSON that is none', async () => {
  const model = await listing(never, 'test/model', 'main', access)
  expect(await readJson(never, model, 'config.json', access)).toEqual({ model_type: 'llama' })
  expect(await readText(never, model, 'empty.txt', access)).toBe('')
  await expect(readText(never, model, 'nothing.json', access)).rejects.toMatchObject({
    code: 'load-failed',
    detail: { reason: 'not-found' },
  })
  const twin = await listing(never, 'test/twin', 'main', access)
  await expect(readJson(never, twin, 'config.json', access)).rejects.toMatchObject({
    code: 'load-failed',
    detail: { reason: 'not-json' },
  })
  const large = { ...model, files: [...model.files] }
  await expect(readText(never, large, 'onnx/model.onnx', access)).resolves.toBeTypeOf('string')
})

test.each([
  [{ status: 404 }, { code: 'load-failed', detail: { reason: 'not-found' } }],
  [
    { status: 401, errorCode: 'GatedRepo' },
    { code: 'not-allowed', detail: { reason: 'gated' } },
  ],
  [{ status: 403 }, { code: 'not-allowed', detail: { reason: 'forbidden' } }],
  [{ status: 429 }, { code: 'load-failed', detail: { reason: 'busy' } }],
  [{ status: 503 }, { code: 'load-failed', detail: { reason: 'busy' } }],
  [{ status: 418 }, { code: 'load-failed', detail: { reason: 'refused' } }],
  [{ noAnswer: true }, { code: 'offline' }],
  [{ noCors: true }, { code: 'offline' }],
  [{ cutAfter: 10 }, { code: 'offline' }],
])('%o for ever: %o', async (fault, expected) => {
  await hub.fail({ path: API, ...fault })
  await expect(listing(never, 'test/model', 'main', access)).rejects.toMatchObject(expected)
})

test.each([{ status: 429 }, { status: 503 }, { cutAfter: 10 }, { noAnswer: true }])(
  '%o once is no matter',
  async (fault) => {
    await hub.fail({ path: API, times: 1, ...fault })
    expect((await listing(never, 'test/model', 'main', access)).files).toHaveLength(5)
  },
)

test('a host that is not there', async () => {
  const nowhere = { ...access, host: 'http://nowhere.invalid' }
  await expect(listing(never, 'test/model', 'main', nowhere)).rejects.toMatchObject({ code: 'offline' })
})

test('no such repository, no such revision, no such name', async () => {
  await expect(listing(never, 'test/none', 'main', access)).rejects.toMatchObject({ code: 'not-allowed' })
  await expect(listing(never, 'test/model', 'v9', access)).rejects.toMatchObject({ code: 'load-failed' })
  await expect(listing(never, '../etc', 'main', access)).rejects.toMatchObject({ code: 'bad-input' })
})

test('given up while it waits', async () => {
  await hub.fail({ path: API, status: 429, retryAfter: 100, exposeRetryAfter: true })
  const giveUp = new AbortController()
  const asked = listing(giveUp.signal, 'test/model', 'main', access)
  setTimeout(() => giveUp.abort(), 50)
  await expect(asked).rejects.toMatchObject({ name: 'AbortError' })
})

test.each(['gpt2', 'onnx-community/Qwen2.5-0.5B-Instruct', 'a/b_c.d'])('%s is a name', (name) => {
  expect(isRepoName(name)).toBe(true)
})

test.each(['', '/', 'a/b/c', '../x', 'a/..', 'a b', 'a/b?x', 'https://x', '-a/b', 'a--b/c', 'a/.b'])(
  '“%s” is none',
  (name) => {
    expect(isRepoName(name)).toBe(false)
  },
)
