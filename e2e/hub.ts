/** @file A hub beside the page, and the way to the panel of models: what tests of models share. */
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

export const test = base.extend<{ fresh: undefined }, { hub: Hub }>({
  hub: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads the names of other fixtures from this pattern; this one needs none
    async ({}, use) => {
      const root = mkdtempSync(join(tmpdir(), 'hub-'))
      for (const dtype of ['q4', 'q8'] as const)
        for (const [path, bytes] of buildModel('chat', { dtype })) {
          const file = join(root, REPO, path)
          mkdirSync(dirname(file), { recursive: true })
          writeFileSync(file, bytes)
        }
      const repos = existsSync(STORIES) ? { [REPO]: STORIES } : {}
      const hub = await startHubServer({ root, repos, port: PORT, storagePort: STORAGE_PORT })
      await use(hub)
      await hub.close()
      rmSync(root, { recursive: true })
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

/** The panel of models, at our hub. */
export const toModels = async (page: Page, home: string, hub: Hub) => {
  await open(page, home)
  await page.evaluate(async (host) => {
    const { access, answering } = await proscenium.studio()
    access.current = { host, token: '' }
    answering.current = { ...answering.current, sampling: { temperature: 0.7, maxTokens: 40 } }
  }, hub.host)
  await page.getByRole('button', { name: 'Talk', exact: true }).click()
  await page.getByRole('button', { name: 'Models', exact: true }).click()
}
export const card = (page: Page) => page.getByRole('listitem').filter({ hasText: 'LFM2.5 350M' })

/** On what the model runs that answers now. */
export const answering = (page: Page) =>
  page.evaluate(async () => (await proscenium.studio()).chats.current?.plan.variant.backend)
export const lastAnswer = (page: Page) =>
  page.evaluate(async () => {
    const { talk } = await proscenium.studio()
    return talk.messages.findLast(({ role }) => role === 'assistant')
  })
export const ask = async (page: Page, text: string) => {
  await page.getByLabel('What do you want to ask?').last().fill(text)
  await page.keyboard.press('Enter')
}
