/**
 * @file What Danceba costs, and how near it is to its reference: the app's own modules in a worker, weights of full size made by
 * rule and kept on the device, in a profile on the disk. The reference's numbers come from ../shared where they are there.
 */
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright'
import { build, defaultClientConditions } from 'vite'
import { chromiumFlags, requireBrowser } from '../scripts/browser.js'
import { root } from '../scripts/install.js'
import { serve } from '../scripts/serve.js'
import { assembled, gzippedAssets } from '../scripts/vite-plugins.js'
import { costs } from './danceba/cost-figures.js'
import { fast } from './danceba/fast-figures.js'
import { taking } from './danceba/import-figures.js'
import { parity, tokens } from './danceba/parity-figures.js'
import { featureTime, memory, steps } from './danceba/speed-figures.js'

/**
 * What the parts of the suite are given. `call` asks the worker of the page; `fresh` ends it, and opens another page.
 * @typedef {import('./danceba/worker.ts').DancebaBench} Bench
 * @typedef {import('./run.js').Figure} Figure
 * @typedef {{
 *   page: () => import('playwright').Page,
 *   fresh: () => Promise<void>,
 *   call: <M extends keyof Bench>(method: M, ...args: Parameters<Bench[M]>) => Promise<Awaited<ReturnType<Bench[M]>>>,
 *   say: (line: string) => void,
 *   hasReference: boolean,
 * }} Stage
 * @typedef {(stage: Stage) => Promise<Record<string, Figure>>} Part
 */

const REFERENCE = join(root, '..', 'shared', 'fixtures', 'danceba')

/** @type {readonly Part[]} */
const PARTS = [steps, fast, memory, featureTime, taking, parity, tokens, costs]

/** @type {import('./run.js').Suite} */
export const suite = async ({ say }) => {
  const stage = await raise(say)
  try {
    say(`  (weights are made: ${Math.round((await stage.call('make')) / 1000)} s)`)
    /** @type {Record<string, Figure>} */
    const figures = {}
    for (const part of PARTS) {
      await stage.fresh()
      Object.assign(figures, await part(stage))
    }
    return figures
  } finally {
    await stage.close()
  }
}

/** @param {(line: string) => void} say @returns {Promise<Stage & { close: () => Promise<void> }>} */
export const raise = async (say) => {
  const folder = mkdtempSync(join(tmpdir(), 'danceba-'))
  await build({
    root: join(root, 'bench', 'danceba'),
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
    plugins: [gzippedAssets(), assembled()],
    worker: { format: 'es', plugins: () => [gzippedAssets(), assembled()] },
    build: { target: 'esnext', outDir: join(folder, 'page'), emptyOutDir: true },
  })
  const hasReference = existsSync(join(REFERENCE, 'README.md'))
  if (hasReference) symlinkSync(REFERENCE, join(folder, 'page', 'reference'))
  else say('  (../shared/fixtures/danceba is not there: nothing is compared with the reference)')
  const server = await serve({ folder: join(folder, 'page'), port: 0 })
  const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
    executablePath: requireBrowser(),
    args: chromiumFlags,
  })
  const open = async () => {
    const page = await context.newPage()
    page.on('pageerror', (error) => console.error(error))
    await page.goto(server.url)
    await page.waitForFunction(() => 'dancebaBench' in globalThis)
    return page
  }
  let page = await open()
  /** Only a string and plain data go to the page: Playwright's types would have each of them unboxed. */
  const call = /** @type {Stage['call']} */ (
    (/** @type {string} */ method, /** @type {unknown[]} */ ...args) =>
      page.evaluate(([name, given]) => {
        const ask = /** @type {(...args: unknown[]) => Promise<unknown>} */ (globalThis.dancebaBench.call)
        return ask(name, ...given)
      }, /** @type {[string, unknown[]]} */ ([method, args]))
  )
  return {
    page: () => page,
    fresh: async () => {
      await page.close()
      page = await open()
    },
    call,
    say,
    hasReference,
    close: async () => {
      await context.close()
      await server.close()
      rmSync(folder, { recursive: true, maxRetries: 5 })
    },
  }
}
