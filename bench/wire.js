/** @file What the thread boundary costs beyond the browser's own messages, in a production build of its own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'
import { root } from '../scripts/install.js'
import { serve } from '../scripts/serve.js'

/** @type {import('./run.js').Suite} */
export const suite = async ({ launch }) => {
  const folder = mkdtempSync(join(tmpdir(), 'wire-'))
  await build({
    root: join(root, 'bench', 'wire'),
    configFile: false,
    logLevel: 'error',
    worker: { format: 'es' },
    build: { target: 'esnext', outDir: folder, emptyOutDir: true },
  })
  const server = await serve({ folder, port: 0 })
  const browser = await launch()
  const page = await browser.newPage()
  await page.goto(server.url)
  const handle = await page.waitForFunction(() => globalThis.figures, undefined, { timeout: 60_000 })
  const { raw, call, chunk, rawChunk } = /** @type {import('./wire/main').Figures} */ (
    await handle.jsonValue()
  )
  await browser.close()
  await server.close()
  rmSync(folder, { recursive: true })
  return {
    rawRoundTrip: { value: raw, unit: 'ms', how: 'postMessage to a worker and back, median of 1000' },
    callOverhead: {
      value: call - raw,
      unit: 'ms',
      bar: 0.5,
      how: 'a call through Host, with a signal, less that; interleaved one by one, medians of 1000',
    },
    streamedChunk: {
      value: chunk,
      unit: 'ms',
      bar: 1,
      how: 'one chunk of a stream through Host (16,000 samples, handed over): 1000 chunks by their number',
    },
    rawChunk: { value: rawChunk, unit: 'ms', how: 'the same samples asked for and sent by postMessage' },
  }
}
