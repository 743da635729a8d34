/** @file A part of the `danceba` suite: a checkpoint of full size, taken in by the app. */
import { rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runnerImport } from 'vite'
import { root } from '../../scripts/install.js'
import { watchMemory } from '../memory.js'
import { median } from '../visit.js'

const ROUNDS = 3
const PRECISIONS = /** @type {const} */ (['fp32', 'fp16', 'int8'])

/** @type {import('../danceba.js').Part} */
export const taking = async ({ page, fresh, say }) => {
  const file = join(tmpdir(), `danceba-${process.pid}.pt`)
  try {
    await write(file)
    const megabytes = statSync(file).size / 1e6
    say(`  (a checkpoint of ${Math.round(megabytes)} MB is written)`)
    /** @type {Record<string, import('../run.js').Figure>} */
    const figures = {}
    for (const precision of PRECISIONS) {
      /** @type {number[]} */
      const speeds = []
      let most = 0
      for (let i = 0; i < ROUNDS; i++) {
        await fresh()
        await page().setInputFiles('input', file)
        const watch = await watchMemory(page())
        const ms = await page().evaluate((to) => globalThis.dancebaBench.take(to), precision)
        watch.stop()
        speeds.push((1000 * megabytes) / ms)
        most = Math.max(most, watch.most())
      }
      say(`  (${precision}: ${speeds.map(Math.round).join(', ')} MB/s)`)
      figures[`import.${precision}`] = {
        value: median(speeds),
        unit: 'MB/s',
        bar: 100,
        atLeast: true,
        how: `the generator’s checkpoint of ${Math.round(megabytes)} MB, from a file input until it is kept in ${precision}; median of ${ROUNDS}`,
      }
      figures[`import.${precision}.memory`] = {
        value: most,
        unit: 'MB',
        bar: 400,
        how: `resident memory of the page’s process meanwhile, highest of ${ROUNDS}, less what the empty page has`,
      }
    }
    return figures
  } finally {
    rmSync(file, { force: true })
  }
}

/** @param {string} file */
const write = async (file) => {
  const { module } = await runnerImport(join(root, 'bench', 'danceba', 'checkpoint.ts'))
  const { writeCheckpoint } = /** @type {typeof import('./checkpoint.ts')} */ (module)
  await writeCheckpoint(file)
}
