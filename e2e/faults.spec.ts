/**
 * @file Models over a hub, a network and a browser that fail in every way they can. Each ends in progress, in a retry that succeeds,
 * or in one sentence that says what to do, and doing it then works. Nothing that is not what is listed is ever kept.
 */
import { chromium, type BrowserContext, type Page } from '@playwright/test'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromiumFlags, requireBrowser } from '../scripts/browser.js'
import { dist } from '../scripts/build.js'
import { buildModel } from '../test/hub/build.js'
import type { FaultSwitch } from '../test/hub/server/faults.js'
import { expect, newPage, scripts } from './fixtures'
import {
  answering,
  ask,
  atHub,
  card,
  lastAnswer,
  REPO,
  SLOWLY,
  stock,
  test as base,
  toModels,
  type Hub,
} from './hub'

/** Its weights are in a file of their own, and large: what is lost at a kill is counted in blocks of 8 MB. */
const LARGE = 'onnx-community/Qwen2.5-0.5B-Instruct'
const LARGE_NAME = 'Qwen2.5 0.5B Instruct'
const LARGE_DATA = `${LARGE}/onnx/model_q4.onnx_data`
const LARGE_BYTES = 20_000_000
const BLOCK = 8 * 2 ** 20
const HUNG_UP_AT = 12_000_000

/** Another one of the catalogue, for repositories that are not what they should be. */
const KNOWN = 'onnx-community/Qwen3-0.6B-ONNX'
const KNOWN_NAME = 'Qwen3 0.6B'
/** The graph of whichever precision is taken. */
const GRAPH = `${REPO}/onnx/*`
/** An origin at which nothing listens, and to which the policy does not let the page. */
const NOBODY = 'http://127.0.0.1:41799'
const HERE = 'Here, works offline'

// ---- the page, with a clock that can be turned ---------------------------------------------------------------------

/** Real patience is for real networks: pauses and silences are as many times shorter here. */
const HASTE = 20
const hasty = `{
  const { setTimeout: after, setInterval: every } = globalThis
  globalThis.setTimeout = (work, ms = 0, ...rest) => after(work, ms / ${HASTE}, ...rest)
  globalThis.setInterval = (work, ms = 0, ...rest) => every(work, ms / ${HASTE}, ...rest)
}`
/** The time of day jumps by so many milliseconds as are sent on the channel `clock`. */
const unsteady = `{
  const { now } = Date
  let jump = 0
  new BroadcastChannel('clock').onmessage = ({ data }) => { jump = data }
  Date.now = () => now() + jump
}`
const turnClock = (page: Page, ms: number) =>
  page.evaluate((ms) => new BroadcastChannel('clock').postMessage(ms), ms)
/** A private window: nothing may be written. */
const closed = `navigator.storage.getDirectory = () => Promise.reject(new DOMException('not here', 'SecurityError'))`

/** Run this in a worker of the built app before its own code, as an init script cannot. Undone by what it returns. */
const before = (worker: 'depot' | 'chat', code: string) => {
  const name = readdirSync(join(dist, 'assets')).find((file) => file.startsWith(`${worker}-`))!
  const path = `/assets/${name}`
  const without = scripts.get(path)
  scripts.set(path, `${code};${readFileSync(join(dist, 'assets', name), 'utf8')}`)
  return () => (without === undefined ? scripts.delete(path) : scripts.set(path, without))
}

interface Each {
  /** One page for all tests that leave it as it was: Models is open, nothing is here, nothing was chosen. */
  desk: Page
}
interface Worker {
  /** The depot is in haste, and its clock can be turned. */
  haste: undefined
  opened: Page
}

/** A new page at the panel of models. */
const visit = async (context: BrowserContext, home: string, hub: Hub, { quiet = false } = {}) => {
  const page = await newPage(context, { quiet })
  await page.addInitScript(unsteady)
  await toModels(page, home, hub)
  await expect(page.locator('summary', { hasText: 'This device' })).toBeVisible() // it has been looked at, with all patience
  await page.evaluate((haste) => {
    // Pauses of the network; what is shorter is the page's own.
    const after = globalThis.setTimeout
    const hurried = (work: () => void, ms = 0) => after(work, ms < 400 ? ms : ms / haste)
    Object.assign(globalThis, { setTimeout: hurried })
  }, HASTE)
  return page
}

const test = base.extend<Each, Worker>({
  haste: [
    async ({ shelves }, use) => {
      stockLarge(shelves)
      const undo = before('depot', hasty + unsteady)
      await use(undefined)
      undo()
    },
    { scope: 'worker', auto: true },
  ],
  opened: [
    async ({ browser, home, hub }, use) => {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' })
      await use(await visit(context, home, hub))
      await context.close()
    },
    { scope: 'worker' },
  ],
  desk: async ({ opened, hub }, use) => {
    await use(opened)
    hub.clearFaults()
    await clear(opened, hub)
  },
})
test.use({
  launchOptions: {
    executablePath: requireBrowser(),
    args: [...chromiumFlags, '--host-resolver-rules=MAP huggingface.co ~NOTFOUND'],
  },
})

const stockLarge = (shelves: string) => {
  const files = new Map<string, Uint8Array>(buildModel('chat', { dtype: 'q4', externalDataChunks: 1 }))
  const path = LARGE_DATA.slice(LARGE.length + 1)
  const data = new Uint8Array(LARGE_BYTES)
  data.set(files.get(path)!)
  stock(shelves, LARGE, files.set(path, data))
}

/** As a first visitor finds it. */
const clear = async (page: Page, { host }: Hub) => {
  await atHub(page, host)
  await page.evaluate(async () => {
    const { signal } = new AbortController()
    const { shelf, manager, talk, answering } = await proscenium.studio()
    for (const resident of manager.residents) manager.stop(resident)
    talk.clear()
    for (const model of shelf.models) shelf.pause(model)
    for (const repo of await proscenium.engines.depot.list(signal))
      await proscenium.engines.depot.remove(signal, repo)
    shelf.remember({ added: [], verdicts: [], force: 'auto' })
    answering.current = { ...answering.current, model: undefined }
    await shelf.open(signal)
    proscenium.notices.dismiss()
    location.hash = '#models'
  })
  await page.getByRole('tab', { name: 'Talk' }).click()
}

// ---- what a person does and sees -----------------------------------------------------------------------------------

const fetchButton = (page: Page, name?: string) =>
  card(page, name).getByRole('button', { name: /^(Fetch|Go on)/ })
const fetchIt = (page: Page, name?: string) => fetchButton(page, name).click()
const here = (page: Page, name?: string) => expect(card(page, name).getByText(HERE)).toBeVisible()
const useIt = (page: Page, name?: string) =>
  card(page, name).getByRole('button', { name: 'Use', exact: true }).click()
const removeIt = async (page: Page, name?: string) => {
  await card(page, name)
    .getByRole('button', { name: /^Remove/ })
    .click()
  await card(page, name).getByRole('button', { name: 'Remove', exact: true }).click()
}
const lookAt = async (page: Page, name: string) => {
  await page.getByRole('textbox', { name: 'Another model of the hub' }).fill(name)
  await page.getByRole('button', { name: 'Look at it' }).click()
}

/** The large file breaks off after so many bytes, and whoever comes back at once is told to wait for a minute. */
const breakOff = (hub: Hub, bytes: number) => {
  hub.setFault({ path: LARGE_DATA, cutAfter: bytes, times: 1 })
  hub.setFault({
    path: LARGE_DATA,
    status: 429,
    retryAfter: 60,
    exposeRetryAfter: true,
    skip: 1,
    times: 1,
  })
}

/** Nothing comes of the large file after these, nor does anybody answer again. */
const hangUp = (hub: Hub) => {
  hub.setFault({ path: LARGE_DATA, stallAfter: HUNG_UP_AT, times: 1 })
  hub.setFault({ path: LARGE_DATA, noAnswer: true, skip: 1 })
}

/** One sentence, and no other. */
const told = async (page: Page, sentence: string | RegExp) => {
  await expect(page.getByRole('alert')).toHaveCount(1)
  await expect(page.getByRole('alert')).toContainText(sentence)
}
const nothingTold = (page: Page) => expect(page.getByRole('alert')).toHaveCount(0)

/** Names in OPFS of what is kept whole. */
const kept = (page: Page): Promise<readonly string[]> =>
  page.evaluate(async () => {
    const root = await navigator.storage.getDirectory()
    const names: string[] = []
    for await (const name of (await root.getDirectoryHandle('weights')).keys())
      if (/^[0-9a-f]{64}$/.test(name)) names.push(name)
    return names
  })

/** The SHA-256 of each large file that the hub lists of it. */
const hashesOf = async ({ host }: Hub, repo = REPO): Promise<readonly string[]> => {
  const tree = (await (await fetch(`${host}api/models/${repo}/tree/main?recursive=true`)).json()) as {
    lfs?: { oid: string }
  }[]
  return tree.flatMap(({ lfs }) => lfs?.oid ?? [])
}

/** No byte of its graphs is where an engine would find it. */
const noneKept = async (page: Page, hub: Hub) => {
  await expect(card(page).getByText(HERE)).toHaveCount(0)
  const hashes = await hashesOf(hub)
  expect(hashes.length).toBeGreaterThan(0)
  expect((await kept(page)).filter((name) => hashes.includes(name))).toEqual([])
}

/** The page answers: what failed is done again and works. */
const works = async (page: Page, hub: Hub, name?: string) => {
  hub.clearFaults()
  await fetchIt(page, name)
  await here(page, name)
  await nothingTold(page)
}

const toTalk = (page: Page) => page.getByRole('button', { name: 'Talk', exact: true }).first().click()

/** The chosen model does. */
const answers = async (page: Page) => {
  await toTalk(page)
  await ask(page, 'One day')
  await expect.poll(async () => (await lastAnswer(page))?.text.length ?? 0, SLOWLY).toBeGreaterThan(0)
  await nothingTold(page)
}

/** Bytes of the large file that were sent. */
const sentOf = (hub: Hub) =>
  hub.requests.filter(({ key }) => key === LARGE_DATA).reduce((sum, { bytes }) => sum + bytes, 0)

/** Bytes of files that have begun, as they lie in OPFS. */
const written = (page: Page) =>
  page.evaluate(async () => {
    const root = await navigator.storage.getDirectory()
    let bytes = 0
    const folder = await root.getDirectoryHandle('weights').catch(() => undefined)
    for await (const entry of folder?.values() ?? []) {
      if (!entry.name.endsWith('.part')) continue
      // One that has become whole has another name by now.
      const file = await (entry as FileSystemFileHandle).getFile().catch(() => undefined)
      bytes += file?.size ?? 0
    }
    return bytes
  })

/** The large one, of which a block at most is fetched twice. */
const goesOn = async (page: Page, hub: Hub) => {
  await expect(fetchButton(page, LARGE_NAME)).toContainText('Go on')
  hub.clearRequests()
  await works(page, hub, LARGE_NAME)
  expect(sentOf(hub)).toBeLessThanOrEqual(LARGE_BYTES - HUNG_UP_AT + BLOCK)
  expect(await kept(page)).toEqual(expect.arrayContaining([...(await hashesOf(hub, LARGE))]))
}

/** The number of the browser's own process. */
const processOf = async (context: BrowserContext): Promise<number> => {
  const devtools = await context.browser()!.newBrowserCDPSession()
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo')
  return processInfo.find(({ type }) => type === 'browser')!.id
}

// Some start a browser of their own, or two.
test.describe.configure({ timeout: 180_000 })

// ---- what passes ---------------------------------------------------------------------------------------------------

const random = (most: number) => Math.floor(Math.random() * most)

const passing: [string, (Omit<FaultSwitch, 'path'> & { path?: string })[], RegExp?][] = [
  [
    '429 with Retry-After',
    [{ status: 429, retryAfter: 30, exposeRetryAfter: true, times: 1 }],
    /asks for patience. Trying again in (30|2\d) s/,
  ],
  ['429 while the hub is asked', [{ path: 'api/*', status: 429, times: 2 }]],
  [
    '500 of the hub, then 503 of its storage',
    [
      { status: 500, times: 2 },
      { status: 503, at: 'storage', times: 2 },
    ],
  ],
  [
    'cut at random bytes',
    Array.from({ length: 4 }, (_, i) => ({ cutAfter: random(40_000), skip: i, times: 1 })),
  ],
  ['a stall', [{ stallAfter: random(100_000), times: 1 }]],
  ['nobody answers', [{ noAnswer: true, times: 1 }]],
  ['longer than it says', [{ lengthDelta: 100, times: 1 }]],
  ['shorter than it says', [{ lengthDelta: -100, times: 1 }]],
  ['a flipped byte', [{ corruptAt: random(100_000), times: 1 }]],
  ['no Range support, after a cut', [{ noRange: true }, { noRange: true, cutAfter: 50_000, times: 1 }]],
  ['no CORS, once', [{ noCors: true, times: 1 }]],
]

for (const [name, faults, progress] of passing)
  test(`${name}: it gets there`, async ({ desk, hub }) => {
    for (const fault of faults) hub.setFault({ path: GRAPH, ...fault })
    await fetchIt(desk)
    if (progress) await expect(card(desk)).toContainText(progress)
    await here(desk)
    await nothingTold(desk)
    expect(hub.requests.some(({ fault }) => fault !== null)).toBe(true)
  })

// ---- what does not -------------------------------------------------------------------------------------------------

const lasting: [string, Omit<FaultSwitch, 'path'>, RegExp][] = [
  ['404', { status: 404 }, /has no such model or file\. Check the name/],
  [
    '401 (gated)',
    { status: 401, errorCode: 'GatedRepo' },
    /Accept it on its page at huggingface\.co, then give your token/,
  ],
  ['403', { status: 403 }, /gives that to some only\. .*give your token/],
  ['429 without an end', { status: 429 }, /turns everybody away just now\. Try again in a few minutes/],
  ['503 without an end', { status: 503 }, /turns everybody away just now\. Try again in a few minutes/],
  [
    'always too short',
    { lengthDelta: -10 },
    /not what the hub lists.*Try again later, or from another address/,
  ],
  ['always another byte', { corruptAt: random(100_000) }, /not what the hub lists.*Try again later/],
  ['no CORS', { noCors: true }, /cannot be reached, or lets no page read.*Check the network/],
]

for (const [name, fault, sentence] of lasting)
  test(`${name}: one sentence, and it can be tried again`, async ({ desk, hub }) => {
    hub.setFault({ path: GRAPH, ...fault })
    await fetchIt(desk)
    await told(desk, sentence)
    await noneKept(desk, hub)
    await works(desk, hub)
  })

test('DNS failure: one sentence, and another address works', async ({ desk, hub }) => {
  await atHub(desk, '')
  await fetchIt(desk)
  await told(desk, /huggingface\.co cannot be reached.*the address under “Where models come from”/)
  await noneKept(desk, hub)
  await desk.locator('summary', { hasText: 'Where models come from' }).click()
  await desk.getByRole('textbox', { name: 'Address of a mirror' }).fill(hub.host)
  await desk.keyboard.press('Tab')
  await works(desk, hub)
  await desk.locator('summary', { hasText: 'Where models come from' }).click()
})

test('redirect to another origin: followed where it can be, else said', async ({ home, hub, browser }) => {
  const context = await browser.newContext({ locale: 'en-GB' })
  const page = await visit(context, home, hub, { quiet: true }) // the policy is meant to be hit
  await fetchIt(page)
  await here(page)
  expect(hub.requests.filter(({ server, status }) => server === 'storage' && status === 200)).toHaveLength(1)
  await clear(page, hub)
  hub.setFault({ path: GRAPH, redirectTo: NOBODY, at: 'hub' })
  await fetchIt(page)
  await told(page, /sends one on to a place that this site may not fetch from.*Take another address/)
  await noneKept(page, hub)
  await works(page, hub)
  hub.setFault({ path: 'api/*', redirectTo: NOBODY, at: 'hub' })
  await lookAt(page, REPO)
  await told(page, /sends one on to a place that this site may not fetch from.*Take another address/)
  await atHub(page, 'http://nowhere.invalid')
  await lookAt(page, REPO)
  await told(page, 'This site may not fetch from nowhere.invalid')
  await context.close()
})

test('gated, 403, not there, no name: said where a repository is looked at', async ({ desk, hub }) => {
  const api = 'api/models/*'
  const looks: [Omit<FaultSwitch, 'path'> | undefined, string, RegExp][] = [
    [{ status: 401, errorCode: 'GatedRepo' }, REPO, /Accept it on its page at huggingface\.co/],
    [{ status: 403 }, REPO, /gives that to some only/],
    [{ status: 503 }, REPO, /turns everybody away/],
    [{ noCors: true }, REPO, /cannot be reached, or lets no page read/],
    [undefined, 'nobody/nothing', /no such model, or shows it to some only\. Check the name/],
    [undefined, 'no name', /has a name like owner\/name/],
  ]
  for (const [fault, name, sentence] of looks) {
    hub.clearFaults()
    if (fault) hub.setFault({ path: api, ...fault })
    await lookAt(desk, name)
    await told(desk, sentence)
  }
  hub.clearFaults()
  await lookAt(desk, REPO)
  await expect(desk.getByText('is on the list.')).toBeVisible()
  await nothingTold(desk)
})

test('changed commit in mid-download: it goes on at the new one, with what stayed the same', async ({
  desk,
  hub,
  shelves,
}) => {
  breakOff(hub, 12_000_000)
  await fetchIt(desk, LARGE_NAME)
  await expect(card(desk, LARGE_NAME)).toContainText(/Trying again in (60|5\d) s/)
  stock(shelves, LARGE, new Map([['README.md', `written at ${performance.now()}`]]))
  await here(desk, LARGE_NAME)
  await nothingTold(desk)
  expect(sentOf(hub)).toBeLessThan(LARGE_BYTES + BLOCK)
  const commits = await desk.evaluate(async () =>
    (await proscenium.engines.depot.list(new AbortController().signal)).map(({ commit }) => commit),
  )
  expect(commits).toHaveLength(1)
})

test('disk full: said in between, and it goes on when there is room', async ({ desk, hub, home }) => {
  const devtools = await desk.context().newCDPSession(desk)
  const { origin } = new URL(home)
  const { usage } = await desk.evaluate(() => navigator.storage.estimate())
  await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: usage! + 12_000_000 })
  await fetchIt(desk, LARGE_NAME)
  const full = /room for files is used up\. Remove a model that you no longer need, then go on/
  await told(desk, full)
  const [, data] = await hashesOf(hub, LARGE)
  expect(data).toBeDefined()
  expect(await kept(desk)).not.toContain(data)
  await fetchIt(desk, LARGE_NAME) // in vain, and said again
  await told(desk, full)
  await devtools.send('Storage.overrideQuotaForOrigin', { origin })
  hub.clearRequests()
  await works(desk, hub, LARGE_NAME)
  const [again] = hub.requests.filter(({ key, server }) => key === LARGE_DATA && server === 'storage')
  expect(Number(/^bytes=(\d+)-$/.exec(again?.range ?? '')?.[1])).toBeGreaterThanOrEqual(BLOCK)
})

test('quota refused: said on the card, and by the button that asks to keep for good', async ({ desk }) => {
  await desk.evaluate(async () => {
    navigator.storage.estimate = async () => ({ quota: 1_000_000, usage: 999_999 })
    await (await proscenium.studio()).shelf.open(new AbortController().signal)
  })
  await desk.locator('summary', { hasText: 'do not run here' }).click()
  await expect(card(desk)).toContainText('Does not run here')
  await expect(card(desk)).toContainText(
    /It needs [\d.]+ MB of storage; 0 kB are free\..*Free [\d.]+ MB of storage\./,
  )
  await expect(fetchButton(desk)).toHaveCount(0)
  await desk.evaluate(async () => {
    Reflect.deleteProperty(navigator.storage, 'estimate')
    await (await proscenium.studio()).shelf.open(new AbortController().signal)
  })
  await fetchIt(desk)
  await here(desk)
  await desk.locator('summary', { hasText: 'What is here' }).click()
  await expect(desk.getByText('The browser may clear these files when room is short.')).toBeVisible()
  await desk.getByRole('button', { name: 'Keep for good' }).click()
  await expect(desk.getByText('The browser did not promise it.')).toBeVisible()
})

test('no OPFS: files are kept in Cache Storage, and answer', async ({ browser, home, hub }) => {
  const undo = [before('depot', `${hasty};${closed}`), before('chat', closed)]
  const context = await browser.newContext({ locale: 'en-GB' })
  await context.addInitScript(closed)
  const page = await visit(context, home, hub)
  hub.setFault({ path: GRAPH, cutAfter: 20_000, times: 1 })
  await fetchIt(page)
  await here(page)
  await useIt(page)
  await expect.poll(() => answering(page), SLOWLY).toBe('wasm')
  expect(
    await page.evaluate(async () => (await (await caches.open('weights')).keys()).length),
  ).toBeGreaterThan(3)
  await context.close()
  for (const one of undo) one()
})

test('two tabs fetch the same file: one does, the other says so, and both have it', async ({
  desk,
  home,
  hub,
}) => {
  const other = await visit(desk.context(), home, hub)
  hub.setFault({ path: LARGE_DATA, bytesPerSecond: 8_000_000 })
  await fetchIt(desk, LARGE_NAME)
  await expect(card(desk, LARGE_NAME).getByRole('progressbar')).toBeVisible()
  await fetchIt(other, LARGE_NAME)
  await expect(card(other, LARGE_NAME)).toContainText('Another tab is fetching it')
  await here(desk, LARGE_NAME)
  await here(other, LARGE_NAME)
  await nothingTold(desk)
  await nothingTold(other)
  expect(sentOf(hub)).toBeLessThan(LARGE_BYTES + BLOCK)
  await other.close()
})

test('tab closed: it goes on in the next one', async ({ desk, home, hub }) => {
  const first = await visit(desk.context(), home, hub)
  hangUp(hub)
  await fetchIt(first, LARGE_NAME)
  await expect.poll(() => written(desk)).toBeGreaterThan(BLOCK)
  await first.close()
  const next = await visit(desk.context(), home, hub)
  await goesOn(next, hub)
  await next.close()
})

test('browser killed: it goes on in the next one', async ({ home, hub }) => {
  const folder = mkdtempSync(join(tmpdir(), 'profile-'))
  const launch = () =>
    chromium.launchPersistentContext(folder, {
      executablePath: requireBrowser(),
      args: chromiumFlags,
      locale: 'en-GB',
    })
  const first = await launch()
  const page = await visit(first, home, hub)
  hangUp(hub)
  await fetchIt(page, LARGE_NAME)
  await expect.poll(() => written(page)).toBeGreaterThan(BLOCK)
  const gone = new Promise((resolve) => first.once('close', resolve))
  process.kill(await processOf(first), 'SIGKILL')
  await gone
  const second = await launch()
  await goesOn(await visit(second, home, hub), hub)
  await second.close()
  rmSync(folder, { recursive: true, maxRetries: 5 })
})

test('clock jump: years forth and back in the middle, links that have expired', async ({ desk, hub }) => {
  const YEAR = 365 * 86_400_000
  breakOff(hub, 9_000_000)
  hub.setFault({ path: LARGE_DATA, status: 403, at: 'storage', skip: 1, times: 1 })
  await turnClock(desk, 20 * YEAR)
  await fetchIt(desk, LARGE_NAME)
  await expect(card(desk, LARGE_NAME)).toContainText(/Trying again in (60|5\d) s/)
  await turnClock(desk, -20 * YEAR)
  await here(desk, LARGE_NAME)
  await nothingTold(desk)
  expect(sentOf(hub)).toBeLessThan(LARGE_BYTES + BLOCK)
  await useIt(desk, LARGE_NAME)
  await expect.poll(() => answering(desk), SLOWLY).toBe('wasm')
  await turnClock(desk, 0)
})

// ---- whole files that are not what a model needs ------------------------------------------------------------------

const chat = (change: (files: Map<string, Uint8Array | string>) => void = () => undefined) => {
  const files = new Map<string, Uint8Array | string>(buildModel('chat', { dtype: 'q4' }))
  change(files)
  return files
}
const config = (files: Map<string, Uint8Array | string>, change: object) =>
  files.set(
    'config.json',
    JSON.stringify({
      ...(JSON.parse(Buffer.from(files.get('config.json')!).toString()) as object),
      ...change,
    }),
  )

const NOT_STARTED = /did not start here\. Remove its files and fetch them again, or choose another/

/** Found by its name, fetched, taken: and then this is said, another model answers, and the page has gone nowhere. */
const breaks = async (page: Page, hub: Hub, repo: string, sentence: string | RegExp) => {
  const name = repo.split('/')[1]!.replaceAll('-', ' ')
  await lookAt(page, repo)
  await expect(page.getByText(`${name} is on the list.`)).toBeVisible()
  await fetchIt(page, name)
  await here(page, name)
  await useIt(page, name)
  await told(page, sentence)
  expect(await answering(page)).toBeUndefined()
  await toTalk(page)
  await ask(page, 'One day')
  await told(page, /does not run on this device\. Its card says why/)
  await expect(page.getByRole('heading', { name: 'Models', exact: true })).toBeVisible()
  await works(page, hub)
  await useIt(page)
  await expect.poll(() => answering(page), SLOWLY).toBe('wasm')
  await answers(page)
}

test('missing external-data file: seen by the listing, by the engine, or when the browser has cleared it', async ({
  desk,
  hub,
  shelves,
}) => {
  const external = new Map<string, Uint8Array | string>(
    buildModel('chat', { dtype: 'q4', externalDataChunks: 1 }),
  )
  external.delete('onnx/model_q4.onnx_data')
  stock(shelves, 'tiny/lacks-data', external)
  await lookAt(desk, 'tiny/lacks-data')
  await expect(desk.getByText(/is incomplete: it lacks onnx\/model_q4\.onnx_data/)).toBeVisible()
  config(external, { 'transformers.js_config': {} })
  stock(shelves, 'tiny/hides-data', external)
  await breaks(desk, hub, 'tiny/hides-data', NOT_STARTED)
})

test('files that the browser has cleared: said, and fetched again', async ({ desk, hub }) => {
  await works(desk, hub)
  const graphs = await hashesOf(hub)
  const hash = (await kept(desk)).find((name) => graphs.includes(name))
  await desk.evaluate(async (hash) => {
    const root = await navigator.storage.getDirectory()
    await (await root.getDirectoryHandle('weights')).removeEntry(hash!)
  }, hash)
  await useIt(desk)
  await told(desk, /LFM2\.5 350M is not on this device yet\. Fetch it/)
  await works(desk, hub)
})

test('config.json that is HTML', async ({ desk, hub, shelves }) => {
  const page = '<!doctype html><title>Sign in</title>'
  stock(
    shelves,
    'tiny/signs-in',
    chat((files) => files.set('config.json', page)),
  )
  await lookAt(desk, 'tiny/signs-in')
  await expect(desk.getByText('config.json is a web page. Is the address that of a hub?')).toBeVisible()
  await nothingTold(desk)
  // Of a model that the app knows, nobody looks at it before an engine does.
  stock(
    shelves,
    KNOWN,
    chat((files) => files.set('config.json', page)),
  )
  await fetchIt(desk, KNOWN_NAME)
  await here(desk, KNOWN_NAME)
  await useIt(desk, KNOWN_NAME)
  await told(desk, /A web page came where a file of the model should be/)
  stock(shelves, KNOWN, chat())
  await removeIt(desk, KNOWN_NAME)
  await works(desk, hub, KNOWN_NAME)
  await answers(desk) // it is still the one that was chosen
})

test('a graph with an unknown operator', async ({ desk, hub, shelves }) => {
  const odd = chat((files) => {
    const graph = Buffer.from(files.get('onnx/model_q4.onnx')!)
    graph.write('GroupQueryIntention', graph.indexOf('GroupQueryAttention'))
    files.set('onnx/model_q4.onnx', graph)
  })
  stock(shelves, 'tiny/odd-operator', odd)
  await breaks(desk, hub, 'tiny/odd-operator', NOT_STARTED)
  await desk.getByRole('button', { name: 'Models', exact: true }).click()
  const failed = card(desk, 'odd operator')
  await expect(failed).toContainText(
    /Tried here, and failed on the processor\..*Remove its files and fetch them again/,
  )
  await removeIt(desk, 'odd operator')
  await expect(fetchButton(desk, 'odd operator')).toBeVisible()
})

test('a model for another task', async ({ desk, hub, shelves }) => {
  stock(shelves, 'tiny/hears', buildModel('whisper', { dtype: 'q4' }))
  await lookAt(desk, 'tiny/hears')
  await expect(desk.getByRole('tab', { name: 'Hear' })).toHaveAttribute('aria-selected', 'true')
  await expect(desk.getByText('Nobody on stage can listen yet.')).toBeVisible()
  await expect(card(desk, 'hears').getByRole('button', { name: /^Fetch ahead/ })).toBeVisible()
  await expect(card(desk, 'hears').getByRole('button', { name: 'Use', exact: true })).toHaveCount(0)
  await desk.getByRole('tab', { name: 'Talk' }).click()
  stock(
    shelves,
    KNOWN,
    chat((files) => config(files, { model_type: 'whisper' })),
  )
  await fetchIt(desk, KNOWN_NAME)
  await useIt(desk, KNOWN_NAME)
  await told(desk, /made for something else than talking\. Choose another one/)
  await works(desk, hub)
})
