/**
 * Renders the thumbnails of the avatars: `node scripts/avatars/thumbnails.js [id...]` writes public/avatars/<id>.webp
 * for the page, and portraits/<id>.png for the inside of the VRM (glTF knows no WebP). Build the avatars once more
 * afterwards, so that the files carry their new portraits.
 */

import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { AVATARS, CAST, PORTRAITS } from './build.js'
import { openViewer } from './look.js'

const SIZE = 256

/** @type {Record<string, Partial<import('./look.js').Shot>>} */
const SETTINGS = {
  pip: { backdrop: ['#fff4da', '#ffd68a'], yaw: 14, at: [0.0, 1.1, 0], span: 0.62 },
  fenn: { backdrop: ['#c6ecdf', '#9adbd0'], yaw: -16, at: [0.0, 1.1, 0], span: 0.62 },
  dot: { backdrop: ['#d9d4ff', '#f6cfe6'], yaw: -16, at: [0.0, 1.12, 0], span: 0.64 },
}

const wanted = process.argv.slice(2)
const ids = wanted.length ? wanted : Object.keys(CAST)
await mkdir(PORTRAITS, { recursive: true })
const viewer = await openViewer(ids.map((id) => path.join(AVATARS, `${id}.vrm`)))
try {
  for (const [i, id] of ids.entries()) {
    await viewer.load(i)
    /** @type {import('./look.js').Shot} */
    const shot = {
      label: id,
      frame: 'head',
      face: { happy: 0.6 },
      bones: { head: [0, 0, 5], leftUpperArm: [0, 0, -70], rightUpperArm: [0, 0, 70] },
      ...SETTINGS[id],
    }
    await writeFile(path.join(AVATARS, `${id}.webp`), await viewer.portrait(shot, SIZE, 'image/webp'))
    await writeFile(path.join(PORTRAITS, `${id}.png`), await viewer.portrait(shot, SIZE, 'image/png'))
    console.log(id)
  }
} finally {
  await viewer.close()
}
