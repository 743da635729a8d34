/** @file Where a Chromium is: CHROME_PATH, else PATH, else Playwright's own place; on Debian as root it can be installed. */
import { execFileSync, spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome', 'msedge']

/** macOS and Windows keep browsers off PATH. */
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  `${process.env['PROGRAMFILES']}\\Google\\Chrome\\Application\\chrome.exe`,
  `${process.env['LOCALAPPDATA']}\\Google\\Chrome\\Application\\chrome.exe`,
]

/**
 * The file to run, or undefined. Playwright wants a file, not a name.
 * @returns {string | undefined}
 */
export const findBrowser = () =>
  process.env['CHROME_PATH'] ?? onPath() ?? PLACES.find((place) => existsSync(place)) ?? ofPlaywright()

/**
 * A browser, installed if need be; otherwise throws one line that says what to install.
 * @returns {string}
 */
export const requireBrowser = () => {
  const given = process.env['CHROME_PATH']
  if (given && !existsSync(given)) throw new Error(`CHROME_PATH names a file that does not exist: ${given}`)
  const found = findBrowser()
  if (found) return found
  if (isDebian() && process.getuid?.() === 0) {
    console.log('No browser found: installing chromium with apt-get …')
    for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']])
      execFileSync('apt-get', args, {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      })
    const installed = onPath()
    if (installed) return installed
  }
  throw new Error(
    'The tests need Chromium or Chrome: install it (Debian: apt-get install chromium), or set CHROME_PATH to its executable.',
  )
}

/** Headless Chromium on any machine, as root too, without talking to anybody; WebGL and WebGPU in software. */
export const chromiumFlags = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
]

const onPath = () => {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter))
    for (const name of NAMES) {
      const file = join(folder, process.platform === 'win32' ? `${name}.exe` : name)
      try {
        accessSync(file, constants.X_OK)
        return file
      } catch {
        // not here: look on
      }
    }
  return undefined
}

/** Asked in a process of its own, so that finding a browser does not load Playwright into whoever asks. */
const ofPlaywright = () => {
  const ask = 'import("playwright").then(({ chromium }) => console.log(chromium.executablePath()))'
  const { stdout } = spawnSync(process.execPath, ['-e', ask], { encoding: 'utf8' })
  const file = stdout.trim()
  return file && existsSync(file) ? file : undefined
}

const isDebian = () => {
  try {
    return /^ID(_LIKE)?=.*debian/m.test(readFileSync('/etc/os-release', 'utf8'))
  } catch {
    return false // not Linux
  }
}
