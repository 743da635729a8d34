/** @file Which models are loaded, who goes, and what is tried next; with workers that load nothing. */
import { beforeEach, expect, test } from 'vitest'
import { Manager, type Place } from '../../src/engine/manager.svelte'
import type { Model } from '../../src/models/model'
import type { Held, Way } from '../../src/models/placement'
import type { Plan } from '../../src/models/shelf.svelte'
import type { Fault } from '../../src/shared/fault'
import type { Fickle } from '../fakes/fickle'

const never = new AbortController().signal
const spawn = () => new Worker(new URL('../fakes/fickle.ts', import.meta.url), { type: 'module' })
const placeFor = (task: Place['task']): Place => ({ task, spawn, hangMs: 20_000 })
const [CHAT, SPEAK, HEAR] = [placeFor('chat'), placeFor('speak'), placeFor('hear')]

const model = (id: string): Model => ({
  id,
  name: id,
  tasks: { chat: 'chat' },
  source: { kind: 'hub', repo: `test/${id}` },
  runner: { library: 'transformers', class: 'Fickle' },
  parameters: 1,
  languages: [],
  licence: { name: 'MIT' },
  tier: 'phone',
  variants: [],
})
const wayOf = (id: string, backend: 'webgpu' | 'wasm'): Way => ({
  model: id,
  dtype: 'q4',
  backend,
  gpu: 'none',
})
const planOf = (way: Way, size: number): Plan => ({
  way,
  variant: { kind: 'local', model: way.model, backend: way.backend, files: [] },
  holds: way.backend === 'webgpu' ? { gpu: size, heap: 0 } : { gpu: 0, heap: size },
  proven: verdicts.get(JSON.stringify(way)) === true,
})

const verdicts = new Map<string, boolean>()
const elsewhere: string[] = []
let room = 100
beforeEach(() => {
  verdicts.clear()
  elsewhere.length = 0
  room = 100
})

/** On the GPU, where `room` is; then on the processor, where there is no end of it. Each model takes 40. */
const plan = ({ id }: Model, loaded: Held): Plan | undefined => {
  const ways = [wayOf(id, 'webgpu'), wayOf(id, 'wasm')].filter(
    (way) => verdicts.get(JSON.stringify(way)) !== false,
  )
  const way = ways.find(({ backend }) => backend === 'wasm' || loaded.gpu + 40 <= room)
  return way && planOf(way, 40)
}
const start = (options?: { stepMs: number }) =>
  new Manager(
    {
      plan,
      judge: (way, good) => void verdicts.set(JSON.stringify(way), good),
      elsewhere: ({ id }, { variant }) => elsewhere.push(`${id} ${variant.backend}`),
    },
    options,
  )
const faultOf = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error('no fault')
    },
    (e: unknown) => e as Fault,
  )

test('loaded once, tested once', async () => {
  const manager = start()
  const resident = await manager.ready<Fickle>(never, CHAT, model('fine'))
  expect(await resident.host.api.work()).toBe('done')
  expect(resident.plan.proven).toBe(false)
  expect(await manager.ready(never, CHAT, model('fine'))).toBe(resident)
  manager.stop(resident)
  const again = await manager.ready(never, CHAT, model('fine'))
  expect(again).not.toBe(resident)
  expect(again.plan.proven).toBe(true)
  manager.stop(again)
})

test('the one before serves until the next is ready, and to the end of what it is doing', async () => {
  const manager = start()
  const first = await manager.ready<Fickle>(never, CHAT, model('fine'))
  const next = manager.ready<Fickle>(never, CHAT, model('slow'))
  await expect.poll(() => manager.loading?.step?.kind).toBe('reading')
  expect(manager.in(CHAT)).toBe(first)
  const over = first.use()
  const second = await next
  expect(manager.in(CHAT)).toBe(second)
  expect(manager.loading).toBeUndefined()
  expect(await first.host.api.work()).toBe('done')
  over()
  await expect.poll(() => first.alive).toBe(false)
  manager.stop(second)
})

test('what fails one way is judged, and goes another; it is told', async () => {
  const manager = start()
  const resident = await manager.ready(never, CHAT, model('no-gpu'))
  expect(resident.plan.variant.backend).toBe('wasm')
  expect(elsewhere).toEqual(['no-gpu wasm'])
  expect(verdicts).toEqual(
    new Map([
      [JSON.stringify(wayOf('no-gpu', 'webgpu')), false],
      [JSON.stringify(wayOf('no-gpu', 'wasm')), true],
    ]),
  )
  manager.stop(resident)
})

test('what fails every way says why, and the one before still serves', async () => {
  const manager = start()
  const before = await manager.ready<Fickle>(never, CHAT, model('fine'))
  expect(await faultOf(manager.ready(never, CHAT, model('broken')))).toMatchObject({
    code: 'load-failed',
    detail: { reason: 'self-test' },
  })
  expect(manager.in(CHAT)).toBe(before)
  expect(await before.host.api.work()).toBe('done')
  expect(await faultOf(manager.ready(never, CHAT, model('broken')))).toMatchObject({
    detail: { what: 'model-not-here' },
  })
  manager.stop(before)
})

test('bad luck is no verdict, twice the same is; a model for another task is none, nor is a page in its place', async () => {
  const manager = start()
  expect(await faultOf(manager.ready(never, CHAT, model('lost')))).toMatchObject({ code: 'device-lost' })
  expect([...verdicts.values()]).toEqual([false, false])
  expect(await faultOf(manager.ready(never, CHAT, model('foreign')))).toMatchObject({ code: 'unsupported' })
  expect(await faultOf(manager.ready(never, CHAT, model('no model')))).toMatchObject({
    detail: { reason: 'config' },
  })
  expect(verdicts.size).toBe(2)
})

test('a load that gets nowhere is given up', async () => {
  const manager = start({ stepMs: 200 })
  expect(await faultOf(manager.ready(never, CHAT, model('stuck')))).toMatchObject({ code: 'worker-died' })
  expect([...verdicts.values()]).toEqual([false, false])
})

test('given up by the person, nothing is judged', async () => {
  const manager = start()
  const controller = new AbortController()
  const loading = faultOf(manager.ready(controller.signal, CHAT, model('slow')))
  await expect.poll(() => manager.loading).toBeDefined()
  controller.abort()
  expect(await loading).toMatchObject({ code: 'aborted' })
  expect(verdicts.size).toBe(0)
  expect(manager.residents).toEqual([])
})

test('the least recently used goes when there is no room', async () => {
  const manager = start()
  const ears = await manager.ready<Fickle>(never, HEAR, model('ears'))
  const voice = await manager.ready<Fickle>(never, SPEAK, model('voice'))
  ears.use()()
  const chat = await manager.ready<Fickle>(never, CHAT, model('chat'))
  expect(voice.alive).toBe(false)
  expect(new Set(manager.residents)).toEqual(new Set([ears, chat]))
  expect(chat.plan.variant.backend).toBe('webgpu')

  // In its own place the one before goes first, however lately it was used.
  chat.use()()
  const other = await manager.ready(never, CHAT, model('other'))
  expect(new Set(manager.residents)).toEqual(new Set([ears, other]))
  for (const resident of manager.residents) manager.stop(resident)
})

test('what is in use is waited for', async () => {
  const manager = start()
  room = 40
  const ears = await manager.ready<Fickle>(never, HEAR, model('ears'))
  const over = ears.use()
  const coming = manager.ready(never, CHAT, model('chat'))
  expect(await ears.host.api.work()).toBe('done')
  over()
  const chat = await coming
  expect(manager.residents).toEqual([chat])
  manager.stop(chat)
})

test('what broke in use is gone, and another way is taken', async () => {
  const manager = start()
  const resident = await manager.ready<Fickle>(never, CHAT, model('fine'))
  const { Fault } = await import('../../src/shared/fault')
  expect(manager.broke(resident, new Fault('bad-input', 'too long'))).toBe(false)
  expect(resident.alive).toBe(true)
  expect(manager.broke(resident, new Fault('bad-reply', 'NaN', { detail: { poisoned: true } }))).toBe(true)
  expect(resident.alive).toBe(false)
  const next = await manager.ready(never, CHAT, model('fine'))
  expect(next.plan.variant.backend).toBe('wasm')
  manager.stop(next)
})
