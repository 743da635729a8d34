/** @file The server behind `npm start` answers as a good static host does. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { serve } from '../../scripts/serve.js'

const folder = mkdtempSync(join(tmpdir(), 'serve-'))
let server: Awaited<ReturnType<typeof serve>>

beforeAll(async () => {
  mkdirSync(join(folder, 'site', 'assets'), { recursive: true })
  writeFileSync(join(folder, 'secret.txt'), 'not for you')
  writeFileSync(join(folder, 'site', 'index.html'), `<title>Hello</title>${' '.repeat(5000)}`)
  writeFileSync(join(folder, 'site', 'assets', 'index-Ab3_-x9Z.js'), 'export {}')
  writeFileSync(join(folder, 'site', 'pip.vrm'), Buffer.alloc(5000))
  server = await serve({ folder: join(folder, 'site'), port: 0 })
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

test('the page comes isolated, compressed and fresh', async () => {
  const { status, headers } = await fetch(server.url)
  expect(status).toBe(200)
  expect(headers.get('Content-Type')).toMatch(/^text\/html/)
  expect(headers.get('Content-Encoding')).toMatch(/gzip|br/)
  expect(headers.get('Cache-Control')).toBe('no-cache')
  expect(headers.get('Cross-Origin-Opener-Policy')).toBe('same-origin')
  expect(headers.get('Cross-Origin-Embedder-Policy')).toBe('require-corp')
  expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
})

test('what carries a hash in its name is kept for ever', async () => {
  const { headers } = await fetch(new URL('assets/index-Ab3_-x9Z.js', server.url))
  expect(headers.get('Cache-Control')).toMatch(/immutable/)
  expect(headers.get('Content-Type')).toMatch(/javascript/)
})

test('an avatar has its type, and shrinks on the way', async () => {
  const { headers } = await fetch(new URL('pip.vrm', server.url))
  expect(headers.get('Content-Type')).toBe('model/vrm')
  expect(headers.get('Content-Encoding')).toMatch(/gzip|br/)
})

test('what is not there is not there, and nothing outside of the folder is', async () => {
  expect((await fetch(new URL('nothing', server.url))).status).toBe(404)
  expect((await fetch(`${server.url}..%2fsecret.txt`)).status).toBe(404)
})
