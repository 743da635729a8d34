/** @file The depot's pure parts: when to try again, digests as git has them, archives, records, and whose turn it is. */
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import type { FetchStep } from '../../src/shared/contracts'
import { isPassing, PATIENCE, pauseMs, retryAfterS } from '../../src/shared/retry'
import { Digest } from '../../workers/depot/digest'
import { parseRecord } from '../../workers/depot/records'
import { told, together, Turns } from '../../workers/depot/steps'
import { readTar, writeTar } from '../../workers/depot/tar'

const never = new AbortController().signal
const bytes = new TextEncoder().encode('{ "model_type": "llama" }\n')

test('pauses grow, are never longer than the longest, and never shorter than what the server asks for', () => {
  const pauses = [0, 1, 2, 3, 20].map((fruitless) => pauseMs(PATIENCE, fruitless, 0, 1))
  expect(pauses).toEqual([500, 1000, 2000, 4000, 30_000])
  expect(pauseMs(PATIENCE, 3, 0, 0)).toBe(2000)
  expect(pauseMs(PATIENCE, 0, 60, 0)).toBe(60_000)
  expect(pauseMs(PATIENCE, 0, 86_400, 0)).toBe(300_000)
})

test.each([
  ['7', 7],
  [' 0 ', 0],
  ['Wed, 21 Oct 2026 07:28:00 GMT', undefined], // one's own clock may be wrong
  ['-1', undefined],
  ['', undefined],
])('Retry-After: %s', (text, seconds) => {
  expect(retryAfterS(new Headers({ 'retry-after': text }))).toBe(seconds)
})

test('what may pass', () => {
  expect([408, 429, 500, 503].every(isPassing)).toBe(true)
  expect([400, 401, 403, 404, 416].some(isPassing)).toBe(false)
})

test('digests: by SHA-256, and as git has them', async () => {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const git = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
  for (const wanted of [{ kind: 'sha256', hex: sha256 } as const, { kind: 'git', hex: git } as const]) {
    const digest = await Digest.of(bytes.length, wanted)
    digest.update(bytes.subarray(0, 5))
    const state = digest.save()
    const other = await Digest.of(bytes.length, wanted)
    expect(other.load(state)).toBe(true)
    other.update(bytes.subarray(5))
    expect(other.finish()).toBe(sha256)
    digest.update(bytes.subarray(6))
    expect(digest.finish()).toBeUndefined()
    expect((await Digest.of(1, wanted)).load(['AAAA', 'AAAA'])).toBe(false)
  }
})

/** Node 20 has no Array.fromAsync. */
const collect = async <T>(stream: AsyncIterable<T>) => {
  const all: T[] = []
  for await (const one of stream) all.push(one)
  return all
}

const archive = async (files: Record<string, Uint8Array<ArrayBuffer>>) => {
  const entries = Object.entries(files).map(([name, data]) => ({ name, open: async () => new Blob([data]) }))
  return new Blob(await collect(writeTar(entries)))
}

test('an archive: what was put into it, in full blocks', async () => {
  const files = {
    'index.json': bytes,
    ['a'.repeat(64)]: new Uint8Array(1024).fill(7),
    empty: new Uint8Array(),
  }
  const tar = await archive(files)
  expect(tar.size % 512).toBe(0)
  const packed = await readTar(tar)
  expect(packed.map(({ name }) => name)).toEqual(Object.keys(files))
  for (const [i, data] of Object.values(files).entries())
    expect(new Uint8Array(await packed[i]!.file.arrayBuffer())).toEqual(data)
})

test('an archive of more than 8 GB says so in binary', async () => {
  const size = 9 * 2 ** 30
  const huge = { size, slice: () => new Blob() } as unknown as Blob
  const { value } = await writeTar([{ name: 'huge', open: async () => huge }]).next()
  const head = value as Uint8Array<ArrayBuffer>
  const whole = {
    size: size + 512,
    slice: (from: number) => (from === 0 ? new Blob([head]) : huge),
  } as unknown as Blob
  expect(await readTar(whole)).toEqual([{ name: 'huge', file: huge }])
})

test('an archive that is cut off or changed', async () => {
  const tar = await archive({ 'index.json': bytes })
  const spoilt = new Uint8Array(await tar.arrayBuffer())
  spoilt[0]! ^= 1
  for (const bad of [tar.slice(0, 520), tar.slice(0, 100), new Blob([spoilt])])
    await expect(readTar(bad)).rejects.toMatchObject({ code: 'bad-input' })
})

test('a record that is none', () => {
  const sha256 = 'a'.repeat(64)
  const record = {
    repo: 'a/b',
    commit: 'c',
    base: 'https://x/',
    usedMs: 1,
    files: { x: { sha256, bytes: 1 } },
  }
  expect(parseRecord(JSON.stringify(record))).toEqual(record)
  for (const bad of ['', '{', 'null', '[]', '{}', JSON.stringify({ ...record, repo: 1 })])
    expect(parseRecord(bad)).toBeUndefined()
  for (const entry of [null, {}, { sha256: '../x', bytes: 1 }, { sha256, bytes: -1 }, { sha256, bytes: '1' }])
    expect(parseRecord(JSON.stringify({ ...record, files: { x: entry } }))).toBeUndefined()
})

test('turns: three at once, two of them large, and small ones get by', async () => {
  const turns = new Turns(3, 2)
  const running: string[] = []
  const ends: (() => void)[] = []
  const start = (name: string, large: boolean, signal = never) =>
    turns.in(signal, large, async () => {
      running.push(name)
      await new Promise<void>((resolve) => ends.push(resolve))
    })
  const giveUp = new AbortController()
  const all = [start('L1', true), start('L2', true), start('L3', true)]
  const left = start('gone', false, giveUp.signal)
  const small = start('S1', false)
  giveUp.abort()
  // It had its turn already: leaving is its own affair.
  await Promise.resolve()
  expect(running).toEqual(['L1', 'L2', 'gone'])
  ends[2]!()
  await left
  await Promise.resolve()
  expect(running).toEqual(['L1', 'L2', 'gone', 'S1'])
  ends[0]!()
  await all[0]
  await Promise.resolve()
  expect(running).toEqual(['L1', 'L2', 'gone', 'S1', 'L3'])
  for (const end of ends) end()
  await Promise.all([...all, small])
})

test('who waits for a turn may leave', async () => {
  const turns = new Turns(1, 1)
  let end = () => {
    // not begun
  }
  const first = turns.in(never, false, () => new Promise<void>((resolve) => (end = resolve)))
  const giveUp = new AbortController()
  const second = turns.in(giveUp.signal, false, async () => undefined)
  giveUp.abort()
  await expect(second).rejects.toMatchObject({ name: 'AbortError' })
  end()
  await first
  expect(await turns.in(never, false, async () => 'next')).toBe('next')
})

test('the first that fails stops the others and is thrown when they have ended', async () => {
  const ended: string[] = []
  const waits = async (signal: AbortSignal) => {
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    ended.push('other')
    signal.throwIfAborted()
  }
  const fails = async () => {
    throw new Error('first')
  }
  await expect(together(never, [waits, fails])).rejects.toThrow('first')
  expect(ended).toEqual(['other'])
})

test('a slow reader gets the latest progress only; one that leaves stops the work', async () => {
  const step = (bytes: number): FetchStep => ({ kind: 'bytes', path: 'x', bytes, of: 9 })
  const all = await collect(
    told(never, async (_, tell) => {
      for (let i = 0; i < 5; i++) tell(step(i))
    }),
  )
  expect(all).toEqual([step(4)])
  let stopped = false
  const stream = told(never, async (signal, tell) => {
    tell(step(1))
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    stopped = true
  })
  for await (const _ of stream) break
  expect(stopped).toBe(true)
})
