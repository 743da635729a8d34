/**
 * @file What changing the model costs: in the app itself, with somebody on stage, from a hub that stands in for the real one.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root } from '../scripts/install.js'
import { buildModel } from '../test/hub/build.js'
import { startHubServer } from '../test/hub/hub-server.js'
import { renderersOf, resident } from './memory.js'
import { trace } from './trace.js'
import { median, plainPage, raise, settle } from './visit.js'

/** @typedef {import('playwright').Page} Page */

/** Names under which the models pose; the first is a real one of 260,000 parameters, where it is there. */
const MODELS = ['LiquidAI/LFM2.5-350M-ONNX', 'onnx-community/Qwen3-0.6B-ONNX']
const STORIES = join(root, '..', 'shared', 'data', 'hub', 'stories260K')
const SWAPS = 12
const TRACED = 4
const CYCLES = 50

/** @type {import('./run.js').Suite} */
export const suite = async ({ launch, say }) => {
  const folder = mkdtempSync(join(tmpdir(), 'engine-'))
  for (const [i, repo] of MODELS.entries())
    for (const dtype of /** @type {const} */ (['q4', 'q8']))
      for (const [path, bytes] of buildModel('chat', { dtype, seed: i, hidden: 256, mlpHidden: 4096 })) {
        mkdirSync(dirname(join(folder, repo, path)), { recursive: true })
        writeFileSync(join(folder, repo, path), bytes)
      }
  const repos = existsSync(STORIES) ? { [MODELS[0] ?? '']: STORIES } : {}
  const hub = await startHubServer({ root: folder, repos })
  const server = await raise()
  const browser = await launch()
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } })
  // The app asks the real hub, as it does on any visit; whatever it asks is answered here.
  await context.route('https://huggingface.co/**', async (route) => {
    const { pathname, search } = new URL(route.request().url())
    await route.fulfill({ response: await route.fetch({ url: new URL(pathname + search, hub.host).href }) })
  })
  try {
    const page = await plainPage(context)
    await settle(page, server.url)
    await page.evaluate(fetchAll, MODELS)
    const first = await page.evaluate(choose, MODELS[0] ?? '')
    /** @type {number[]} */
    const swaps = []
    /** @type {number[]} */
    const replies = []
    for (let i = 1; i <= SWAPS; i++) {
      swaps.push(await page.evaluate(choose, MODELS[i % 2] ?? ''))
      replies.push(await page.evaluate(firstPiece))
    }
    const { longestMs } = await trace(page, browser, async () => {
      for (let i = 1; i <= TRACED; i++) await page.evaluate(choose, MODELS[i % 2] ?? '')
    })
    await page.evaluate(unload)
    const pid = await rendererOf(browser)
    const before = await residentAfterRest(page, pid)
    say(`  (${Math.round(before)} MB before the cycles)`)
    for (let i = 1; i <= CYCLES; i++) {
      await page.evaluate(choose, MODELS[i % 2] ?? '')
      await page.evaluate(unload)
    }
    const after = await residentAfterRest(page, pid)
    return {
      firstLoad: {
        value: first,
        unit: 'ms',
        how: 'the first model of a visit: its worker, the runtime compiled, model, warm-up and self-test; files on the device',
      },
      swap: {
        value: median(swaps),
        unit: 'ms',
        bar: 1500,
        how: `another model instead of the one that answers: chosen, until it has said a token; files on the device, median of ${SWAPS}`,
      },
      swapMost: { value: Math.max(...swaps), unit: 'ms', how: 'the slowest of them' },
      firstPiece: {
        value: median(replies),
        unit: 'ms',
        how: 'asked after that, to the first piece of the answer',
      },
      longestTask: {
        value: longestMs,
        unit: 'ms',
        bar: 50,
        how: `the longest task of the main thread during ${TRACED} swaps, the avatar drawn all the while`,
      },
      memoryBefore: {
        value: before,
        unit: 'MB',
        how: 'resident memory of the page’s process, no model loaded, after the swaps above',
      },
      memoryGrown: {
        value: (100 * (after - before)) / before,
        unit: '%',
        bar: 10,
        how: `the same after ${CYCLES} cycles of loading and unloading, two models in turns, more than before them`,
      },
    }
  } finally {
    await browser.close()
    await server.close()
    await hub.close()
    rmSync(folder, { recursive: true })
  }
}

/** In the page: all files of these models. @param {readonly string[]} repos */
const fetchAll = async (repos) => {
  const { shelf } = await globalThis.proscenium.studio()
  await shelf.open(new AbortController().signal)
  shelf.remember({ force: 'cpu' })
  for (const model of shelf.models)
    if (model.source.kind === 'hub' && repos.includes(model.source.repo)) await shelf.fetch(model)
}

/** In the page: milliseconds until it answers. @param {string} repo */
const choose = async (repo) => {
  const studio = await globalThis.proscenium.studio()
  const model = studio.shelf.models.find(({ source }) => source.kind === 'hub' && source.repo === repo)
  if (!model) throw new Error(`no model from ${repo}`)
  const began = performance.now()
  await studio.choose(model)
  if (studio.chats.current?.model !== model) throw new Error('somebody else answers')
  return performance.now() - began
}

/** In the page: milliseconds to the first piece of an answer. */
const firstPiece = async () => {
  const studio = await globalThis.proscenium.studio()
  const { signal } = new AbortController()
  const { model } = studio
  if (!model) throw new Error('nobody has been chosen')
  const began = performance.now()
  const { chat } = await studio.chats.answerer(signal, model)
  const parts = chat.reply(signal, [{ role: 'user', text: 'Once upon a time' }], { maxTokens: 8 })
  let first = 0
  for await (const { kind } of parts) if (kind !== 'end') first ||= performance.now() - began
  return first
}

/** In the page. */
const unload = async () => {
  const { manager } = await globalThis.proscenium.studio()
  for (const resident of manager.residents) manager.stop(resident)
}

/** @param {import('playwright').Browser} browser */
const rendererOf = async (browser) => {
  const sizes = (await renderersOf(browser)).map((id) => ({ id, mb: resident(id) }))
  return sizes.sort((a, b) => b.mb - a.mb)[0]?.id ?? 0
}

/**
 * What is still there when nothing has become less for some time: a browser gives back what a worker had half a minute after
 * it has ended.
 * @param {Page} page @param {number} pid
 */
const residentAfterRest = async (page, pid) => {
  let least = Infinity
  for (let fruitless = 0; fruitless < 4;) {
    await page.requestGC()
    await page.waitForTimeout(15_000)
    const now = resident(pid)
    fruitless = now < 0.98 * least ? 0 : fruitless + 1
    least = Math.min(least, now)
  }
  return least
}
