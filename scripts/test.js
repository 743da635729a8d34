/**
 * @file `npm test`: every check, from a bare clone. `npm test -- lint units` runs only those. The last line is
 * `N passed, N failed`, where a check without tests of its own (lint, types …) counts as one.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { install, requireNode, root } from './install.js'

requireNode()
install()
// Only now: these need packages.
const { requireBrowser } = await import('./browser.js')
const { build } = await import('./build.js')

/** @typedef {{ passed: number, failed: number, skipped?: readonly string[], broken?: readonly string[] }} Tally */

const reports = mkdtempSync(join(tmpdir(), 'proscenium-'))
process.on('exit', () => rmSync(reports, { recursive: true, force: true }))

/** What is checked, in this order: what fails fast comes first. @type {Record<string, () => Promise<Tally>>} */
const CHECKS = {
  format: () => one('prettier', ['--check', '--log-level=warn', '.']),
  lint: () => one('eslint', ['.']),
  types: async () =>
    sum([
      await one('svelte-check', [
        '--tsconfig',
        'src/tsconfig.json',
        '--fail-on-warnings',
        '--output',
        'human',
      ]),
      await one('tsc', ['-p', 'workers']),
      await one('tsc', ['-p', 'test']),
    ]),
  unused: () => one('knip', ['--no-progress']),
  units,
  size: async () => {
    await build()
    return one('size-limit', [])
  },
  e2e,
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !(name in CHECKS))
if (unknown.length) {
  console.error(`No such check: ${unknown.join(', ')}. There are: ${Object.keys(CHECKS).join(', ')}.`)
  process.exit(2)
}
try {
  requireBrowser()
} catch (e) {
  console.error(/** @type {Error} */ (e).message)
  process.exit(1)
}

/** @type {Tally[]} */
const tallies = []
for (const name of wanted.length ? wanted : Object.keys(CHECKS)) {
  console.log(`\n── ${name}`)
  const began = performance.now()
  /** @type {Tally} */
  let tally
  try {
    tally = await /** @type {() => Promise<Tally>} */ (CHECKS[name])()
  } catch (e) {
    console.error(e)
    tally = { passed: 0, failed: 1, broken: [name] }
  }
  for (const skipped of tally.skipped ?? []) console.log(`skipped: ${skipped}`)
  const seconds = Math.round((performance.now() - began) / 1000)
  console.log(`${name}: ${tally.failed ? 'FAILED' : 'good'} (${seconds} s)`)
  tallies.push(tally)
}
const { passed, failed, broken = [] } = sum(tallies)
// Once more at the end, where they are seen: the runners' own words stand thousands of lines above.
for (const name of broken) console.log(`failed: ${name}`)
console.log(`\n${passed} passed, ${failed} failed`)
process.exit(failed ? 1 : 0)

async function units() {
  const file = join(reports, 'units.json')
  const code = await run('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile=${file}`])
  /** @type {{ testResults: { assertionResults: { status: string, fullName: string }[] }[] }} */
  const { testResults } = JSON.parse(readFileSync(file, 'utf8'))
  const all = testResults.flatMap(({ assertionResults }) => assertionResults)
  return count(
    code,
    all.map(({ status, fullName }) => ({
      name: fullName,
      outcome: status === 'passed' ? 'passed' : status === 'failed' ? 'failed' : 'skipped',
    })),
  )
}

async function e2e() {
  // The hub of e2e/hub.ts, to which the policy of the built page must let it.
  const port = Number((process.env['PROSCENIUM_HUB_PORT'] ??= '41730'))
  process.env['PROSCENIUM_CONNECT'] = `http://127.0.0.1:${port} http://127.0.0.1:${port + 1}`
  await build()
  const file = join(reports, 'e2e.json')
  const code = await run('playwright', ['test', '--reporter=list,json'], {
    PLAYWRIGHT_JSON_OUTPUT_FILE: file,
  })
  /** @typedef {{ title: string, suites?: Part[], specs: { title: string, ok: boolean, tests: { status: string, annotations: { type: string, description?: string }[] }[] }[] }} Part */
  /** @type {{ suites: Part[] }} */
  const { suites } = JSON.parse(readFileSync(file, 'utf8'))
  /** @type {(part: Part) => Part['specs']} */
  const specs = (part) => [...part.specs, ...(part.suites ?? []).flatMap(specs)]
  return count(
    code,
    suites.flatMap(specs).map(({ title, ok, tests }) => {
      const skip = tests.find(({ status }) => status === 'skipped')
      const why = skip?.annotations.find(({ type }) => type === 'skip')?.description
      return {
        name: why ? `${title} (${why})` : title,
        outcome: skip ? 'skipped' : ok ? 'passed' : 'failed',
      }
    }),
  )
}

/**
 * A runner that fails although each of its tests passes (an error outside of them) has failed too.
 * @param {number} code @param {readonly { name: string, outcome: string }[]} tests @returns {Tally}
 */
function count(code, tests) {
  const of = (/** @type {string} */ outcome) => tests.filter((test) => test.outcome === outcome)
  const names = of('failed').map(({ name }) => name)
  const broken = code !== 0 && names.length === 0 ? ['an error outside of the tests'] : names
  return {
    passed: of('passed').length,
    failed: broken.length,
    broken,
    skipped: of('skipped').map(({ name }) => name),
  }
}

/** @param {readonly Tally[]} all @returns {Tally} */
function sum(all) {
  return {
    passed: all.reduce((total, { passed }) => total + passed, 0),
    failed: all.reduce((total, { failed }) => total + failed, 0),
    skipped: all.flatMap(({ skipped }) => skipped ?? []),
    broken: all.flatMap(({ broken }) => broken ?? []),
  }
}

/** @param {string} tool @param {readonly string[]} args @returns {Promise<Tally>} */
async function one(tool, args) {
  return (await run(tool, args)) === 0
    ? { passed: 1, failed: 0 }
    : { passed: 0, failed: 1, broken: [[tool, ...args].join(' ')] }
}

/**
 * A package's own command; resolves to its exit code.
 * @param {string} tool @param {readonly string[]} args @param {Record<string, string>} [env]
 * @returns {Promise<number>}
 */
function run(tool, args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(join(root, 'node_modules', '.bin', tool), args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env },
      shell: process.platform === 'win32', // commands are scripts there
    })
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}
