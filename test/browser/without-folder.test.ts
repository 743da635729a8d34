/** @file Where OPFS refuses, a model is fetched into Cache Storage, and the chat loads it from there. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { Host } from '../../src/engine/host'
import { listing } from '../../src/models/hub'
import type { Chat, Depot, KeptFile, Variant } from '../../src/shared/contracts'
import type { Fault } from '../../src/shared/fault'

const { host } = inject('hub')
const never = new AbortController().signal
const depot = new Host<Depot>(
  'depot',
  () => new Worker(new URL('../fakes/depot-without-folder.ts', import.meta.url), { type: 'module' }),
)
const chat = new Host<Chat>(
  'chat',
  () => new Worker(new URL('../fakes/chat-without-folder.ts', import.meta.url), { type: 'module' }),
  { hangMs: 60_000 },
)

/** What an earlier test kept in a folder is not to be found by this one. */
const wipe = async () => {
  await (
    await navigator.storage.getDirectory()
  )
    .removeEntry('weights', { recursive: true })
    .catch(() => undefined)
  await caches.delete('weights')
}
beforeAll(wipe)
afterAll(async () => {
  depot.stop()
  chat.stop()
  await wipe()
})

test('fetched, loaded, answered; and gone when it is removed', { timeout: 120_000 }, async () => {
  const repo = await listing(never, 'test/chat', 'main', { host })
  const kept: KeptFile[] = []
  const paths = repo.files.map(({ path }) => path)
  for await (const step of await depot.api.fetch(never, repo, paths))
    if (step.kind === 'kept') kept.push(step.file)
  expect(kept.map(({ path }) => path).sort()).toEqual(paths.sort())
  const cached = await (await caches.open('weights')).keys()
  const names = cached.map(({ url }) => url.slice(url.lastIndexOf('/') + 1))
  expect(names).toEqual(expect.arrayContaining(kept.map(({ sha256 }) => sha256)))

  const files = kept.map(({ path, ...file }) => ({ url: `${repo.base}${path}`, ...file }))
  const variant: Variant = { kind: 'local', model: 'tiny', backend: 'wasm', files }
  await chat.api.load(never, variant)
  let text = ''
  const turns = [{ role: 'user', text: 'Are you there?' }] as const
  for await (const part of await chat.api.reply(never, turns, { maxTokens: 8 }))
    if (part.kind === 'text') text += part.text
  expect(text).toMatch(/^[a-z .]+$/)

  await depot.api.remove(never, repo)
  chat.stop()
  const fault = await chat.api.load(never, variant).catch((e: unknown) => e as Fault)
  expect(fault).toMatchObject({ code: 'bad-input', detail: { reason: 'gone' } })
})
