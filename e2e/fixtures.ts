/** @file What every e2e test needs: dist/ on a server, a browser, and ears on the loudspeaker. */
import { expect, test as base, type BrowserContext, type Page } from '@playwright/test'
import { dist } from '../scripts/build.js'
import { giveEars, RECORDER, RECORDER_PATH } from '../scripts/ears.js'
import { serve } from '../scripts/serve.js'

export { expect }

interface Worker {
  /** Where dist/ is served with the headers of a good host. */
  home: string
}

interface Each {
  /** A page that nobody has visited yet. What breaks the Content-Security-Policy or is thrown fails the test. */
  page: Page
}

export const test = base.extend<Each, Worker>({
  home: [
    async ({}, use) => {
      const server = await serve({ folder: dist, port: 0, scripts })
      await use(server.url)
      await server.close()
    },
    { scope: 'worker' },
  ],
  page: async ({ browser }, use) => {
    const context = await browser.newContext({ viewport: { width: 960, height: 640 }, locale: 'en-GB' })
    const page = await newPage(context)
    await use(page)
    await context.close()
  },
})

/** What the servers answer besides dist/: the recorder, and what a test puts there. Routes do not see a worker's requests. */
export const scripts = new Map([[RECORDER_PATH, RECORDER]])

/** A page with ears, whose troubles fail the test: unless `quiet`, for tests that make trouble. */
export const newPage = async (context: BrowserContext, { quiet = false } = {}): Promise<Page> => {
  const page = await context.newPage()
  await page.addInitScript(giveEars)
  if (quiet) return page
  page.on('pageerror', (error) => expect.soft(error.message, 'thrown in the page').toBe(''))
  await page.exposeFunction('violated', (what: string) => expect.soft(what, 'against the policy').toBe(''))
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      ;(globalThis as unknown as { violated: (what: string) => void }).violated(
        `${violatedDirective}: ${blockedURI}`,
      )
    })
  })
  return page
}

/** Open the page and wait until somebody is on stage. */
export const open = async (page: Page, url: string) => {
  await page.goto(url)
  await onStage(page)
}

/** In the middle of a reload the app is not there yet. */
export const onStage = (page: Page) =>
  page.waitForFunction(() => 'proscenium' in globalThis && globalThis.proscenium.show.curtain === 'open')

/** The voice has been fetched and loaded: what comes now is what one hears on a second visit. */
export const voiceReady = (page: Page) =>
  page.waitForFunction(() => {
    const { library, voiceFile } = globalThis.proscenium
    return library.stateOf(voiceFile)?.state === 'here'
  })

/**
 * Everything that a visit without a network needs is on the device: the app's files and the voice, which comes in its own time
 * and may come last. The ears of the test are no part of the app: they have to be kept by hand.
 */
export const keptAll = async (page: Page) => {
  await voiceReady(page)
  await page.waitForFunction(() => globalThis.proscenium.pwa.offline === 'kept')
  await page.evaluate(async (ears) => (await caches.open('files')).add(ears), RECORDER_PATH.slice(1))
}

/** The same page, visited again without a network. */
export const againOffline = async (page: Page) => {
  await page.context().setOffline(true)
  await page.reload()
  await onStage(page)
}

/** Say it as a person would. */
export const say = async (page: Page, text: string) => {
  await page.getByRole('textbox').fill(text)
  await page.keyboard.press('Enter')
}

export const silent = (page: Page, timeout = 60_000) =>
  page.waitForFunction(() => globalThis.proscenium.speech.phase === 'silent', undefined, { timeout })

/** What has been heard since the last call: loudness (RMS) of each 10 ms, without gaps in time. */
export const heardLevels = async (page: Page): Promise<number[]> =>
  page.evaluate(() => {
    const { sampleRate, blocks } = globalThis.heard
    const taken = blocks.splice(0)
    if (!taken.length) return []
    const first = taken[0]!.frame
    const frame = sampleRate / 100
    const sums: number[] = []
    for (const { frame: at, samples } of taken)
      samples.forEach((x, i) => {
        const n = Math.floor((at - first + i) / frame)
        while (sums.length <= n) sums.push(0)
        sums[n]! += x * x
      })
    return sums.map((sum) => Math.sqrt(sum / frame))
  })

/** First and last 10 ms louder than a whisper. */
export const soundIn = (levels: readonly number[], threshold = 0.01) => {
  const first = levels.findIndex((level) => level > threshold)
  const last = levels.findLastIndex((level) => level > threshold)
  return { first, last, seconds: first < 0 ? 0 : (last - first + 1) / 100 }
}
