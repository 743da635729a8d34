/** @file Packages as the lock file says, installed when they are missing or others. Node only: nothing is there yet. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..')

const LOCK = join(root, 'package-lock.json')
const STAMP = join(root, 'node_modules', '.proscenium-lock')

/** The oldest Node that the tools run on. */
const [MAJOR, MINOR] = [20, 19]

export const requireNode = () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > MAJOR || (major === MAJOR && minor >= MINOR)) return
  console.error(
    `Proscenium needs Node ${MAJOR}.${MINOR} or newer; this is ${process.versions.node}. See https://nodejs.org`,
  )
  process.exit(1)
}

/** `npm ci`, unless node_modules is what the lock file asks for. */
export const install = () => {
  const lock = createHash('sha256').update(readFileSync(LOCK)).digest('hex')
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === lock) return
  console.log('Installing packages …')
  npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  writeFileSync(STAMP, lock)
}

/** On Windows npm is a script, which only a shell can start. @param {string[]} args */
export const npm = (args) =>
  execFileSync('npm', args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' })
