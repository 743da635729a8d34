/** @file What the suites share: the app on a server, a visit to it, and a few statistics. */
import { dist } from '../scripts/build.js'
import { giveEars, RECORDER, RECORDER_PATH } from '../scripts/ears.js'
import { serve } from '../scripts/serve.js'

/** @typedef {import('playwright').Page} Page */

/** The app on a server of its own, with the recorder beside it. */
export const raise = () => serve({ folder: dist, port: 0, scripts: new Map([[RECORDER_PATH, RECORDER]]) })

/**
 * A page that is left to itself.
 * @param {import('playwright').BrowserContext} context
 */
export const plainPage = async (context) => {
  const page = await context.newPage()
  page.on('pageerror', (error) => console.error(error))
  return page
}

/**
 * A page with ears that collects the app's own marks (shared/trace.ts) as `marks`: name, group and time.
 * @param {import('playwright').BrowserContext} context
 */
export const newPage = async (context) => {
  const page = await plainPage(context)
  await page.addInitScript(giveEars)
  await page.addInitScript(() => {
    /** @type {typeof globalThis.marks} */
    const marks = []
    Object.assign(globalThis, { marks })
    new PerformanceObserver((list) => {
      for (const { name, startTime, detail } of /** @type {PerformanceMark[]} */ (list.getEntries()))
        marks.push({ name, of: String(detail), at: startTime })
    }).observe({ type: 'mark' })
  })
  return page
}

/** When the app says that something has happened, in ms since the page was opened. @param {Page} page @param {string} name */
export const markAt = async (page, name) => {
  const handle = await page.waitForFunction(
    (n) => globalThis.marks.find((mark) => mark.name === n)?.at,
    name,
    { timeout: 60_000 },
  )
  return Number(await handle.jsonValue())
}

/** Somebody is on stage, the voice is there, and the first bustle is over. @param {Page} page @param {string} url */
export const settle = async (page, url) => {
  await page.goto(url)
  await page.waitForFunction(() => globalThis.proscenium?.show.curtain === 'open', undefined, {
    timeout: 60_000,
  })
  await page.waitForFunction(() => {
    const { library, voiceFile, pwa } = globalThis.proscenium
    return library.stateOf(voiceFile)?.state === 'here' && pwa.offline === 'kept'
  })
  // The voice is loaded after its file has come; a word that nobody hears makes sure of it.
  await page.evaluate(async () => {
    await globalThis.proscenium.engines.voice(new AbortController().signal, 'built-in')
  })
  await page.waitForTimeout(3000)
}

/** @param {readonly number[]} values */
export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b)
  return ((sorted[(sorted.length - 1) >> 1] ?? NaN) + (sorted[sorted.length >> 1] ?? NaN)) / 2
}

/** @param {readonly number[]} values @param {number} share */
export const quantile = (values, share) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN
