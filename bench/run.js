/**
 * @file `npm run bench -- <suite>... [--json]`: what the app costs, measured in the production build in a real Chromium.
 * A table for people; with --json the last line is one JSON object. Each figure says how it was measured.
 */
import { cpus, platform, release, totalmem } from 'node:os'
import { install, requireNode } from '../scripts/install.js'

requireNode()
install()
const { chromium } = await import('playwright')
const { chromiumFlags, requireBrowser } = await import('../scripts/browser.js')
const { build } = await import('../scripts/build.js')

/**
 * One measured thing. `bar` is what it must reach: at most, unless `atLeast`.
 * @typedef {{ value: number, unit: string, how: string, bar?: number, atLeast?: boolean }} Figure
 * @typedef {(tools: Tools) => Promise<Record<string, Figure>>} Suite
 * @typedef {{
 *   launch: () => Promise<import('playwright').Browser>,
 *   say: (line: string) => void,
 * }} Tools
 */

/** @type {Record<string, () => Promise<{ suite: Suite }>>} */
const SUITES = {
  load: () => import('./load.js'),
  say: () => import('./say.js'),
  frame: () => import('./frame.js'),
  wire: () => import('./wire.js'),
  dance: () => import('./dance.js'),
  chat: () => import('./chat.js'),
  store: () => import('./store.js'),
  engine: () => import('./engine.js'),
  danceba: () => import('./danceba.js'),
}

const args = process.argv.slice(2)
const json = args.includes('--json')
const wanted = args.filter((arg) => !arg.startsWith('-'))
const unknown = wanted.filter((name) => !(name in SUITES))
if (unknown.length) {
  console.error(`No such suite: ${unknown.join(', ')}. There are: ${Object.keys(SUITES).join(', ')}.`)
  process.exit(2)
}

await build()
const launch = () => chromium.launch({ executablePath: requireBrowser(), args: chromiumFlags })
const say = (/** @type {string} */ line) => console.log(line)
const device = await describeDevice()
say(Object.values(device).join(' · '))

/** @type {Record<string, Record<string, object>>} */
const results = {}
for (const name of wanted.length ? wanted : Object.keys(SUITES)) {
  const { suite } = await /** @type {() => Promise<{ suite: Suite }>} */ (SUITES[name])()
  say(`\n${name}`)
  const figures = await suite({ launch, say })
  results[name] = {}
  for (const [figure, { value, unit, how, bar, atLeast }] of Object.entries(figures)) {
    const rounded = Number(value.toPrecision(4))
    const holds = bar === undefined ? undefined : atLeast ? value >= bar : value <= bar
    results[name][figure] = { value: rounded, unit, ...(bar !== undefined && { bar, holds }) }
    const verdict =
      holds === undefined ? '' : `${atLeast ? '≥' : '≤'} ${bar} ${holds ? 'holds' : 'DOES NOT HOLD'}`
    say(`  ${figure.padEnd(28)}${`${rounded} ${unit}`.padStart(14)}   ${verdict.padEnd(22)} ${how}`)
  }
}
if (json) console.log(JSON.stringify({ device, suites: results }))
process.exit(0)

async function describeDevice() {
  const browser = await launch()
  const page = await browser.newPage()
  const gpu = await page.evaluate(() => {
    const gl = document.createElement('canvas').getContext('webgl2')
    const info = gl?.getExtension('WEBGL_debug_renderer_info')
    return info ? String(gl?.getParameter(info.UNMASKED_RENDERER_WEBGL)) : 'no WebGL'
  })
  const version = browser.version()
  await browser.close()
  return {
    processor: `${cpus().length} × ${cpus()[0]?.model.trim()}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    gpu,
    browser: `Chromium ${version}`,
    system: `${platform()} ${release()}`,
    node: process.version,
  }
}
