/**
 * @file What fetching, hashing and keeping costs beyond fetching alone, and what a killed tab costs. In a profile on disk: the
 * private windows that a browser gives to tests keep files in memory; and with DevTools shut (undisturbed.js).
 */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, defaultClientConditions } from 'vite'
import { root } from '../scripts/install.js'
import { serve } from '../scripts/serve.js'
import { gzippedAssets } from '../scripts/vite-plugins.js'
import { startHubServer } from '../test/hub/hub-server.js'
import { watchProcesses } from './memory.js'
import { launchUndisturbed } from './undisturbed.js'
import { median } from './visit.js'

/** @typedef {Awaited<ReturnType<typeof launchUndisturbed>>} Browser */
/** @typedef {Awaited<ReturnType<Browser['open']>>} Page */
/** @typedef {import('../src/shared/contracts').Listing} Listing */

const MB = 1_000_000
const BLOCK = 8 * 2 ** 20
const ROUNDS = 5
const KILLS = 20

/** @type {import('./run.js').Suite} */
export const suite = async ({ say }) => {
  const folder = mkdtempSync(join(tmpdir(), 'store-'))
  await build({
    root: join(root, 'bench', 'store'),
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions] },
    worker: { format: 'es', plugins: () => [gzippedAssets()] },
    build: { target: 'esnext', outDir: join(folder, 'page'), emptyOutDir: true },
  })
  const page = await serve({ folder: join(folder, 'page'), port: 0 })
  const weights = await serveWeights(folder)
  const browser = await launchUndisturbed(join(folder, 'profile'))
  const open = () => browser.open(page.url, 'storeBench')
  try {
    const speed = await compare(await open(), weights.listing, say)
    const memory = await peakMemory(await open(), browser, weights.listing)
    const resumed = await killed(open, weights)
    return {
      bare: {
        value: speed.bare,
        unit: 'MB/s',
        how: `four files, 500 MB, fetched and thrown away; median of ${ROUNDS}`,
      },
      kept: {
        value: speed.kept,
        unit: 'MB/s',
        how: 'the same fetched, hashed, written and verified, in turns with that',
      },
      keptOfBare: {
        value: speed.share,
        unit: '%',
        bar: 70,
        atLeast: true,
        how: 'the second as a share of the first, median of the rounds',
      },
      memory: {
        value: memory,
        unit: 'MB',
        bar: 64,
        how: 'resident memory of the page’s process, highest while they come, less what it was before',
      },
      fetchedTwice: {
        value: resumed.beyond / MB,
        unit: 'MB',
        bar: 0,
        how: `one file of 125 MB, its tab killed at ${KILLS} random points: bytes that had come and came once more, beyond one block of 8 MB each`,
      },
      fetchedTwiceMost: {
        value: resumed.most / MB,
        unit: 'MB',
        how: 'the most bytes that came twice for one killing',
      },
      wrongHashes: {
        value: resumed.wrong,
        unit: '',
        bar: 0,
        how: 'whole files whose SHA-256 is another one',
      },
    }
  } finally {
    await browser.close()
    await page.close()
    await weights.hub.close()
    rmSync(folder, { recursive: true, maxRetries: 5 })
  }
}

/** @param {Page} page @param {Listing} listing @param {(line: string) => void} say */
const compare = async (page, listing, say) => {
  const bytes = listing.files.reduce((sum, file) => sum + file.bytes, 0)
  /** @type {{ bare: number, kept: number }[]} */
  const rounds = []
  for (let i = 0; i <= ROUNDS; i++) {
    const bare = await page.evaluate((listing) => globalThis.storeBench.bare(listing), listing)
    const kept = await page.evaluate((listing) => globalThis.storeBench.depot(listing), listing)
    await page.evaluate((listing) => globalThis.storeBench.wipe(listing), listing)
    if (i > 0) rounds.push({ bare: bytes / bare / 1000, kept: bytes / kept / 1000 }) // the first one warms up
    say(`  (bare ${Math.round(bytes / bare / 1000)} MB/s, kept ${Math.round(bytes / kept / 1000)} MB/s)`)
  }
  await page.close()
  return {
    bare: median(rounds.map(({ bare }) => bare)),
    kept: median(rounds.map(({ kept }) => kept)),
    share: median(rounds.map(({ bare, kept }) => (100 * kept) / bare)),
  }
}

/** In MB. Where there is no /proc it cannot be told. @param {Page} page @param {Browser} browser @param {Listing} listing */
const peakMemory = async (page, browser, listing) => {
  await page.evaluate((listing) => globalThis.storeBench.wipe(listing), listing) // the worker is there
  await page.collectGarbage()
  const memory = watchProcesses(await browser.renderers())
  await page.evaluate((listing) => globalThis.storeBench.depot(listing), listing)
  memory.stop()
  const peak = memory.most()
  await page.evaluate((listing) => globalThis.storeBench.wipe(listing), listing)
  await page.close()
  return peak
}

/**
 * A tab is killed in the middle of a file, and the next one goes on. The same points in every run, all over the file.
 * @param {() => Promise<Page>} open @param {Awaited<ReturnType<typeof serveWeights>>} weights
 */
const killed = async (open, { hub, listing }) => {
  const file = /** @type {Listing['files'][number]} */ (listing.files[0])
  const one = { ...listing, files: [file] }
  const storage = () => hub.requests.filter(({ server }) => server === 'storage')
  // Slow enough to be killed wherever one likes.
  hub.setFault({ path: 'bench/*', bytesPerSecond: 60 * MB })
  hub.clearRequests()
  const looker = await open()
  const here = () => looker.evaluate((digest) => globalThis.storeBench.here(digest), file.digest.hex)
  let beyond = 0
  let most = 0
  /** What had come when the last tab was killed. */
  let came = 0
  const resumed = () => {
    const from = Number(/bytes=(\d+)-/.exec(storage().at(-1)?.range ?? '')?.[1] ?? 0)
    most = Math.max(most, came - from)
    beyond += Math.max(0, came - from - BLOCK)
  }
  for (let i = 0; i < KILLS; i++) {
    const page = await open()
    const target = Math.min(came + (0.2 + ((i * 619) % 1000) / 600) * (file.bytes / KILLS), 0.97 * file.bytes)
    page.evaluate((one) => globalThis.storeBench.fetch(one), one).catch(() => undefined)
    // Asked each time: the server answers in this very thread.
    for (let now = 0; storage().length <= i || now < target;) now = await here()
    await page.crash()
    if (i > 0) resumed()
    came = await here()
  }
  hub.clearFaults()
  const [kept] = await looker.evaluate((one) => globalThis.storeBench.fetch(one), one)
  resumed()
  const hash = await looker.evaluate((sha256) => globalThis.storeBench.hash(sha256), kept?.sha256 ?? '')
  await looker.close()
  return { beyond, most, wrong: hash === file.digest.hex ? 0 : 1 }
}

/**
 * Four files of a repository on a hub beside us.
 * @param {string} folder
 */
const serveWeights = async (folder) => {
  const size = 125 * MB
  mkdirSync(join(folder, 'hub', 'bench', 'weights'), { recursive: true })
  const files = [1, 2, 3, 4].map((seed) => {
    const words = new Uint32Array(size / 4)
    let state = seed
    for (let i = 0; i < words.length; i++) words[i] = state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    const data = new Uint8Array(words.buffer)
    const path = `${seed}.onnx`
    writeFileSync(join(folder, 'hub', 'bench', 'weights', path), data)
    const hex = createHash('sha256').update(data).digest('hex')
    return { path, bytes: size, digest: { kind: /** @type {const} */ ('sha256'), hex } }
  })
  const hub = await startHubServer({ root: join(folder, 'hub') })
  const base = `${hub.host}bench/weights/resolve/main/`
  /** @type {Listing} */
  const listing = { repo: 'bench/weights', commit: '0'.repeat(40), base, files }
  return { hub, listing }
}
