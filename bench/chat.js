/** @file What our chat costs beyond the library's own loop, and what a long conversation costs, on models of no size. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { build, defaultClientConditions } from 'vite'
import { root } from '../scripts/install.js'
import { serve } from '../scripts/serve.js'
import { gzippedAssets } from '../scripts/vite-plugins.js'
import { buildModel } from '../test/hub/build.js'
import { median } from './visit.js'

/** A real language model of 260,000 parameters, where it is there. */
const STORIES = join(root, '..', 'shared', 'data', 'hub', 'stories260K')

/** @type {import('./run.js').Suite} */
export const suite = async ({ launch, say }) => {
  const folder = mkdtempSync(join(tmpdir(), 'chat-'))
  await build({
    root: join(root, 'bench', 'chat'),
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
    worker: { format: 'es', plugins: () => [gzippedAssets()] },
    build: { target: 'esnext', outDir: folder, emptyOutDir: true },
  })
  // What reading a token costs against what each token before it adds: as in LFM2.5-1.2B, 5.7 million multiplications of
  // weights on each score of attention (1.1 billion on 6 layers of 32 heads; here on 1 layer of 2).
  const endless = buildModel('chat', { endEvery: 1e6, layers: 1, hidden: 512, mlpHidden: 7424 })
  const real = existsSync(STORIES)
  if (!real) say('  (../shared is not there: tokens of a model without sense are counted)')
  const story = put(folder, 'story', real ? stories() : endless)
  const talk = put(folder, 'talk', endless)
  const server = await serve({ folder, port: 0 })
  const browser = await launch()
  const page = await browser.newPage()
  await page.goto(server.url)
  await page.waitForFunction(() => 'measure' in globalThis)
  const { pairs, firsts, load } = await page.evaluate((question) => globalThis.measure(question), {
    story,
    talk,
  })
  await browser.close()
  await server.close()
  rmSync(folder, { recursive: true })

  const nth = (/** @type {number} */ turn) =>
    Math.min(...firsts.map((times) => /** @type {number} */ (times[turn - 1])))
  return {
    speed: {
      value: median(pairs.map(([ours]) => ours)),
      unit: 'tokens/s',
      how: 'through Host, to the last token, WASM',
    },
    bareSpeed: {
      value: median(pairs.map(([, bare]) => bare)),
      unit: 'tokens/s',
      how: "the library's generate and TextStreamer",
    },
    share: {
      value: (median(pairs.map(([ours]) => ours)) / median(pairs.map(([, bare]) => bare))) * 100,
      unit: '%',
      bar: 97,
      atLeast: true,
      how: `of the bare speed, in the same tab, interleaved, the same text: medians of ${pairs.length} runs each`,
    },
    turn2: {
      value: nth(2),
      unit: 'ms',
      how: `to the first piece of the answer, least of ${firsts.length} conversations`,
    },
    turn20: { value: nth(20), unit: 'ms', how: 'the same' },
    growth: {
      value: nth(20) / nth(2),
      unit: '×',
      bar: 1.3,
      how: 'first piece on turn 20 by that on turn 2; attention weighs in the model as it does in LFM2.5-1.2B',
    },
    load: {
      value: load,
      unit: 'ms',
      how: 'a new worker, its runtime, the model, its first token; everything on the device',
    },
  }
}

/**
 * @param {string} folder
 * @param {string} name
 * @param {Map<string, Uint8Array>} files
 * @returns {Record<string, string>} addresses by path
 */
const put = (folder, name, files) => {
  /** @type {Record<string, string>} */
  const urls = {}
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, name, path)), { recursive: true })
    writeFileSync(join(folder, name, path), bytes)
    urls[path] = `./${name}/${path}`
  }
  return urls
}

const stories = () =>
  new Map(
    [...readdirSync(STORIES).filter((file) => file.endsWith('.json')), 'onnx/model.onnx'].map((path) => [
      path,
      new Uint8Array(readFileSync(join(STORIES, path))),
    ]),
  )
