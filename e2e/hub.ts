/** @file What tests of models share: a hub of their own beside them, and the panels Models and Talk as a person uses them. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Page } from '@playwright/test'
import { buildModel } from '../test/hub/build.js'
import { startHubServer } from '../test/hub/hub-server.js'
import { open, test as base } from './fixtures'

/** The ports that the built page may talk to: scripts/test.js. */
const PORT = Number(process.env['PROSCENIUM_HUB_PORT'] ?? 41730)
const STORAGE_PORT = PORT + 1
const STORIES = join(import.meta.dirname, '..', '..', 'shared', 'data', 'hub', 'stories260K')
/** Poses as the model that is marked as the best for small devices. */
export const REPO = 'LiquidAI/LFM2.5-350M-ONNX'

/** A GPU that is a processor in truth takes its time. */
export const SLOWLY = { timeout: 120_000 }

export type Hub = Awaited<ReturnType<typeof startHubServer>>

interface Worker {
  /** Where the hub's repositories lie: `<owner>/<name>/...`. */
  shelves: string
  hub: Hub
}

export const test = base.extend<{ fresh: undefined }, Worker>({
  shelves: [
    async ({}, use) => {
      const shelves = mkdtempSync(join(tmpdir(), 'hub-'))
      await use(shelves)
      rmSync(shelves, { recursive: true })
    },
    { scope: 'worker' },
  ],
  hub: [
    async ({ shelves }, use) => {
      for (const dtype of ['q4', 'q8'] as const) stock(shelves, REPO, buildModel('chat', { dtype }))
      const repos = existsSync(STORIES) ? { [REPO]: STORIES } : {}
      const hub = await startHubServer({ root: shelves, repos, port: PORT, storagePort: STORAGE_PORT })
      await use(hub)
      await hub.close()
    },
    { scope: 'worker' },
  ],
  fresh: [
    async ({ hub }, use) => {
      hub.clearFaults()
      hub.clearRequests()
      await use(undefined)
    },
    { auto: true },
  ],
})

/** Put files into a repository of the hub. */
export const stock = (shelves: string, repo: string, files: ReadonlyMap<string, Uint8Array | string>) => {
  for (const [path, content] of files) {
    const file = join(shelves, repo, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
  }
}

/** The panel of models, at our hub. */
export const toModels = async (page: Page, home: string, hub: Hub) => {
  await open(page, home)
  await atHub(page, hub.host)
  await page.getByRole('button', { name: 'Talk', exact: true }).click()
  await page.getByRole('button', { name: 'Models', exact: true }).click()
}

/** Models come from this address; an empty one is the hub itself. Answers are short. */
export const atHub = (page: Page, host: string) =>
  page.evaluate(async (host) => {
    const { access, answering } = await proscenium.studio()
    access.current = { host, token: '' }
    answering.current = { ...answering.current, sampling: { temperature: 0.7, maxTokens: 40, seed: 5 } }
  }, host)

export const card = (page: Page, name = 'LFM2.5 350M') =>
  page.getByRole('listitem').filter({ has: page.getByRole('heading', { name }) })

/** On what the model runs that answers now. */
export const answering = (page: Page) =>
  page.evaluate(async () => (await proscenium.studio()).chats.current?.plan.variant.backend)

export const lastAnswer = (page: Page) =>
  page.evaluate(async () => {
    const { talk } = await proscenium.studio()
    return talk.messages.findLast(({ role }) => role === 'assistant')
  })

export const ask = async (page: Page, text: string) => {
  const box = page.getByLabel('What do you want to ask?').last()
  await box.fill(text)
  await box.press('Enter') // a panel that has just been opened takes the keyboard for itself
}
