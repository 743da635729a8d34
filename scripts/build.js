/** @file dist/, built when anything that it is made of has changed. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root } from './install.js'

/** What a build is made of. */
const SOURCES = [
  'src',
  'workers',
  'public',
  'index.html',
  'vite.config.ts',
  'scripts/vite-plugins.js',
  'package-lock.json',
]
const STAMP = join(root, 'dist', '.stamp')

export const dist = join(root, 'dist')

/** Build, unless dist/ is up to date. */
export const build = async () => {
  const sources = fingerprint()
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === sources) return
  console.log('Building …')
  const { build: viteBuild } = await import('vite')
  await viteBuild({ root, logLevel: 'warn' })
  writeFileSync(STAMP, sources)
}

/** Of the contents, not the dates: a checkout touches everything and changes nothing. */
const fingerprint = () => {
  const hash = createHash('sha256').update(process.env['PROSCENIUM_CONNECT'] ?? '')
  for (const source of SOURCES)
    for (const file of filesIn(join(root, source)))
      hash.update(relative(root, file)).update(readFileSync(file))
  return hash.digest('hex')
}

/** @param {string} path @returns {string[]} */
const filesIn = (path) =>
  statSync(path).isDirectory()
    ? readdirSync(path)
        .sort()
        .flatMap((name) => filesIn(join(path, name)))
    : [path]
