/** @file What the thread boundary promises, against a real worker that fails in every known way. */
import { expect, test } from 'vitest'
import { Host } from '../../src/engine/host'
import { Fault } from '../../src/shared/fault'
import type { Unreliable } from '../fakes/unreliable'

const start = () =>
  new Worker(new URL('../fakes/unreliable.ts', import.meta.url), { type: 'module', name: 'unreliable' })
const host = (hangMs?: number) => new Host<Unreliable>('chat', start, hangMs ? { hangMs } : {})

const never = new AbortController().signal
const local = { kind: 'local', model: 'fake', backend: 'wasm', files: [] } as const
const loaded = { runsOn: 'wasm', leavesDevice: false }
const say = (text: string) => [{ role: 'user', text }] as const
const later = (ms: number) => new Promise((r) => setTimeout(r, ms))

/** Read a stream to its end; give what arrived and how it ended. */
const drain = async (
  stream: Promise<AsyncIterable<string>>,
  each: (words: string[]) => void = () => undefined,
) => {
  const words: string[] = []
  try {
    for await (const word of await stream) {
      words.push(word)
      each(words)
    }
    return { words, fault: undefined }
  } catch (e) {
    return { words, fault: e as Fault }
  }
}

test('a plain call', async () => {
  expect(await host().api.load(never, local)).toEqual(loaded)
})

test('the api may be returned from an async function', async () => {
  const api = await (async () => host().api)()
  expect(await api.load(never, local)).toEqual(loaded)
})

test('a fault keeps its code, detail and cause', async () => {
  const fault = await host()
    .api.boom('fault')
    .catch((e: unknown) => e)
  expect(fault).toBeInstanceOf(Fault)
  expect(fault).toMatchObject({ code: 'out-of-memory', detail: { needed: 7 }, cause: { message: 'inner' } })
})

test('any other error arrives as unknown', async () => {
  await expect(host().api.boom('plain')).rejects.toMatchObject({ code: 'unknown', message: 'plain' })
})

test('a stream arrives in order', async () => {
  expect(await drain(host().api.reply(never, say('a b c')))).toEqual({
    words: ['a', 'b', 'c'],
    fault: undefined,
  })
})

test('a streamed block that is handed over is moved; any other is copied', async () => {
  for (const handed of [true, false]) {
    const { api } = host()
    const seen: number[] = []
    for await (const { block } of await api.blocks(never, 3, handed)) seen.push(block[999]!)
    expect(seen).toEqual([0, 1, 2])
    expect(await api.left()).toBe(handed ? 0 : 3 * 4000)
  }
})

test('an abort crosses, stops the generator, and keeps the worker', async () => {
  const { api } = host()
  const turn = new AbortController()
  const { words, fault } = await drain(api.reply(turn.signal, say('a b c d e f g')), (words) => {
    if (words.length === 2) turn.abort()
  })
  expect(fault).toMatchObject({ code: 'aborted' })
  expect(words.length).toBeLessThan(7)
  expect(await api.aborted()).toBe(true)
})

test('a signal that has already fired is refused at once', async () => {
  await expect(host().api.load(AbortSignal.abort(), local)).rejects.toMatchObject({ code: 'aborted' })
})

test('a signal that outlives its calls keeps nothing of them', async () => {
  const { api } = host()
  const turn = new AbortController()
  let listeners = 0
  turn.signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners++
    addEventListener.apply(turn.signal, args)
  }
  turn.signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners--
    removeEventListener.apply(turn.signal, args)
  }
  const call = api.load(turn.signal, local)
  expect(listeners).toBe(1)
  await call
  expect(listeners).toBe(0)
  await drain(api.reply(turn.signal, say('a b')))
  for await (const _ of await api.reply(turn.signal, say('a b c'))) break
  await expect(api.boom('plain')).rejects.toThrow()
  expect(listeners).toBe(0)
})

test('breaking out of the loop returns the generator', async () => {
  const { api } = host()
  for await (const _ of await api.reply(never, say('a b c d'))) break
  expect(await api.load(never, local)).toEqual(loaded)
})

test.each(['timer', 'reject'] as const)(
  'uncaught (%s): pending calls reject, the next call restarts',
  async (kind) => {
    const { api } = host()
    const other = api.boom('wait')
    const both = Promise.allSettled([api.boom(kind), other])
    for (const result of await both)
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'worker-died' } })
    expect(await api.load(never, local)).toEqual(loaded)
  },
)

test('killed: what is pending rejects, the next call restarts', async () => {
  const chat = host()
  const pending = chat.api.boom('wait')
  await chat.api.load(never, local)
  chat.stop()
  await expect(pending).rejects.toMatchObject({ code: 'worker-died' })
  expect(await chat.api.load(never, local)).toEqual(loaded)
})

test('hung: silence while a call waits rejects every pending call, the next call restarts', async () => {
  const { api } = host(500)
  await api.load(never, local)
  const results = await Promise.allSettled([api.boom('hang'), api.load(never, local)])
  for (const result of results)
    expect(result).toMatchObject({
      status: 'rejected',
      reason: { code: 'worker-died', detail: { hangMs: 500 } },
    })
  expect(await api.load(never, local)).toEqual(loaded)
})

test('a slow call is not a hung one', async () => {
  const { api } = host(200)
  const pending = api.boom('wait')
  const early = await Promise.race([pending.catch(() => 'rejected'), later(1000).then(() => 'waiting')])
  expect(early).toBe('waiting')
})

test('out of memory: a fault with its own code, and the worker lives on', async () => {
  const { api } = host()
  await expect(api.boom('memory')).rejects.toMatchObject({ code: 'out-of-memory' })
  expect(await api.load(never, local)).toEqual(loaded)
})

test('a worker file that does not load', async () => {
  const gone = new Host<Unreliable>(
    'gone',
    () => new Worker(new URL('/nope.ts?x', location.href), { type: 'module' }),
  )
  await expect(gone.api.load(never, local)).rejects.toMatchObject({ code: 'worker-died' })
})

test('a worker that dies in mid-stream fails the stream', async () => {
  const { api } = host()
  const { words, fault } = await drain(api.reply(never, say('a b c d e f g h i j')), (words) => {
    if (words.length === 2) void api.boom('timer').catch(() => undefined) // rejects too: the worker is gone
  })
  expect(words.length).toBeGreaterThanOrEqual(2)
  expect(words.length).toBeLessThan(10)
  expect(fault).toMatchObject({ code: 'worker-died' })
})

test('a worker that is killed between two steps of a stream fails the next step', async () => {
  const chat = host()
  const { words, fault } = await drain(chat.api.reply(never, say('a b c d')), (words) => {
    if (words.length === 2) chat.stop()
  })
  expect(words).toEqual(['a', 'b'])
  expect(fault).toMatchObject({ code: 'worker-died' })
})
