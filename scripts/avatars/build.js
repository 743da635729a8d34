/**
 * Builds the avatars: `node scripts/avatars/build.js [id...]` writes public/avatars/<id>.vrm; `--to=<folder>` writes
 * elsewhere.
 *
 * The output depends on nothing but these sources and the portraits beside them (which `thumbnails.js` renders and the
 * next build embeds), so building twice gives the same bytes.
 */

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { dot } from './dot.js'
import { fenn } from './fenn.js'
import { pip } from './pip.js'
import { writeVrm } from './vrm.js'

export const AVATARS = fileURLToPath(new URL('../../public/avatars/', import.meta.url))
export const PORTRAITS = fileURLToPath(new URL('portraits/', import.meta.url))

/** @type {Record<string, (log: (line: string) => void) => import('./vrm.js').Character>} */
export const CAST = { pip, fenn, dot }

async function main() {
  const verbose = process.argv.includes('--verbose')
  const ids = process.argv.slice(2).filter((a) => !a.startsWith('--'))
  const folder = process.argv.find((a) => a.startsWith('--to='))?.slice(5) ?? AVATARS
  await mkdir(folder, { recursive: true })
  for (const id of ids.length ? ids : Object.keys(CAST)) {
    const start = performance.now()
    const character = CAST[id]((line) => verbose && console.log(`  ${line}`))
    character.thumbnail = await readFile(path.join(PORTRAITS, `${id}.png`)).catch(() => null)
    const bytes = writeVrm(character)
    await writeFile(path.join(folder, `${id}.vrm`), bytes)
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    const count = character.body.positions.length + character.face.positions.length
    console.log(`${id}.vrm: ${(bytes.length / 1e6).toFixed(2)} MB, ${count} vertices, ${seconds} s`)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
