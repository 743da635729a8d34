/** @file How much has to come, and how long it takes, until somebody stands on the stage. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { dist } from '../scripts/build.js'
import { markAt, median, newPage, raise } from './visit.js'

const RUNS = 5

/** @type {import('./run.js').Suite} */
export const suite = async ({ launch }) => {
  const server = await raise()
  const cold = []
  const first = []
  const offline = []
  /** @type {string[]} */
  let scripts = []
  for (let run = 0; run < RUNS; run++) {
    const browser = await launch()
    const page = await newPage(await browser.newContext({ viewport: { width: 1280, height: 720 } }))
    /** @type {string[]} */
    const asked = []
    page.on('request', (request) => {
      if (request.resourceType() === 'script') asked.push(new URL(request.url()).pathname)
    })
    await page.goto(server.url)
    cold.push(await markAt(page, 'visible'))
    scripts = asked.filter((path) => path.startsWith('/assets/'))
    await page.waitForFunction(() => globalThis.proscenium.pwa.offline === 'kept', undefined, {
      timeout: 60_000,
    })
    await page.context().setOffline(true)
    await page.reload()
    offline.push(await markAt(page, 'visible'))
    // Another empty profile, in the browser that now runs: what somebody sees who follows a link.
    await page.context().close()
    const guest = await newPage(await browser.newContext({ viewport: { width: 1280, height: 720 } }))
    await guest.goto(server.url)
    first.push(await markAt(guest, 'visible'))
    await browser.close()
  }
  await server.close()
  return {
    scriptBeforeAvatar: {
      value: sum(scripts),
      unit: 'kB gzip',
      bar: 350,
      how: `the ${scripts.length} scripts that the page asked for before its “visible” mark, each through gzip -9`,
    },
    scriptBeforePaint: {
      value: sum(staticScripts()),
      unit: 'kB gzip',
      bar: 60,
      how: 'the scripts that index.html names, which are all that run before the first paint',
    },
    firstVisitToAvatar: {
      value: median(first),
      unit: 'ms',
      bar: 2000,
      how: `navigation start to two frames after the avatar was drawn; empty profile in a running browser, server on this machine, median of ${RUNS}`,
    },
    coldToAvatar: {
      value: median(cold),
      unit: 'ms',
      how: 'the same while the browser itself starts: its GPU process costs 0.3 s to 0.6 s',
    },
    offlineReloadToAvatar: {
      value: median(offline),
      unit: 'ms',
      bar: 3000,
      how: `the same for a reload with the network cut, median of ${RUNS}`,
    },
  }
}

/** @param {readonly string[]} paths */
const sum = (paths) =>
  paths.reduce((bytes, path) => bytes + gzipSync(readFileSync(join(dist, path)), { level: 9 }).length, 0) /
  1000

/** Entry and module preloads, and whatever they import statically. */
const staticScripts = () => {
  const html = readFileSync(join(dist, 'index.html'), 'utf8')
  const found = new Set(
    [...html.matchAll(/(?:src|href)="\.?(\/assets\/[^"]+\.js)"/g)].map(([, path]) => String(path)),
  )
  const all = readdirSync(join(dist, 'assets'))
  for (const path of found)
    for (const [, name] of readFileSync(join(dist, path), 'utf8').matchAll(
      /(?:from|import)\s*"\.\/([^"]+\.js)"/g,
    ))
      if (name && all.includes(name)) found.add(`/assets/${name}`)
  return [...found]
}
