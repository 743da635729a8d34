/** @file The page itself: it comes up, keeps to itself, works without a network, and lets everybody in. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { chromiumFlags, requireBrowser } from '../scripts/browser.js'
import { dist } from '../scripts/build.js'
import { serve } from '../scripts/serve.js'
import { COLOURS, expectNothingSerious, stillPage } from './axe'
import {
  againOffline,
  expect,
  heardLevels,
  keptAll,
  newPage,
  onStage,
  open,
  say,
  scripts,
  silent,
  soundIn,
  test,
  voiceReady,
} from './fixtures'

test('somebody stands on the stage, and nothing is asked of any other host', async ({ page, home }) => {
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  await open(page, home)
  await voiceReady(page)
  await say(page, 'Hello.')
  await silent(page)
  expect(
    asked.filter((url) => !url.startsWith(home) && !url.startsWith('blob:') && !url.startsWith('data:')),
  ).toEqual([])
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true)
})

test('a strict policy stands in the page', async ({ page, home }) => {
  await page.goto(home)
  const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content')
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'")
  expect(policy).toMatch(
    /connect-src 'self' https:\/\/huggingface\.co https:\/\/\*\.huggingface\.co https:\/\/\*\.hf\.co[^;]*;/,
  )
  // Of other hosts only models are fetched.
  expect(policy!.replace(/connect-src [^;]*/, '')).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|\*/)
})

test('the policy holds in workers, too, wherever the host sends no headers', async ({ page, home }) => {
  await open(page, home)
  await page.waitForFunction(() => proscenium.pwa.offline === 'kept')
  await page.reload()
  await onStage(page)
  const starting = page.waitForEvent('worker', (worker) => worker.url().includes('/depot-'))
  await page.evaluate(async () => (await proscenium.studio()).shelf.open(new AbortController().signal))
  const told = await (
    await starting
  ).evaluate(
    () =>
      new Promise<string>((resolve) => {
        addEventListener('securitypolicyviolation', (event) =>
          resolve(`${event.effectiveDirective} ${event.blockedURI}`),
        )
        fetch('https://elsewhere.example/').catch(() => undefined)
      }),
  )
  expect(told).toBe('connect-src https://elsewhere.example/')
})

test('reloaded without a network, everything works: the avatar, the voice, saving', async ({
  page,
  home,
}) => {
  await open(page, home)
  await keptAll(page)
  await againOffline(page)
  await voiceReady(page)
  await say(page, 'No network, no problem.')
  await silent(page)
  await page.waitForTimeout(300)
  expect(soundIn(await heardLevels(page)).seconds).toBeGreaterThan(0.8)
  await page.getByRole('button', { name: 'Avatar', exact: true }).click()
  await page.getByRole('button', { name: 'Bring Fenn on stage' }).click()
  await page.waitForFunction(() => proscenium.show.onStage?.id === 'fenn')
  await page.getByRole('button', { name: 'Settings', exact: true }).click()
  await expect(page.getByText('Ready: everything works without a network.')).toBeVisible()
})

test('on a host that sends no headers: isolated after one reload, not one more', async ({ browser }) => {
  const server = await serve({ folder: dist, port: 0, headers: {}, scripts })
  const context = await browser.newContext({ viewport: { width: 960, height: 640 } })
  const page = await newPage(context)
  let loads = 0
  page.on('framenavigated', () => loads++)
  await page.goto(server.url)
  await page.waitForFunction(() => crossOriginIsolated)
  await onStage(page)
  await page.waitForTimeout(3000)
  expect(loads).toBe(2)
  await page.reload()
  await onStage(page)
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true)
  expect(loads).toBe(3)
  await context.close()
  await server.close()
})

test('where isolation cannot be had, there is no reload loop', async ({ browser }) => {
  // A service worker that takes over and adds nothing.
  const deaf = `addEventListener('install', () => skipWaiting()); addEventListener('activate', (e) => e.waitUntil(clients.claim()))`
  const server = await serve({
    folder: dist,
    port: 0,
    headers: {},
    scripts: new Map([...scripts, ['/sw.js', deaf]]),
  })
  const context = await browser.newContext({ viewport: { width: 960, height: 640 } })
  const page = await newPage(context)
  let loads = 0
  page.on('framenavigated', () => loads++)
  await page.goto(server.url)
  await onStage(page)
  await page.waitForTimeout(4000)
  expect(loads).toBeLessThanOrEqual(2)
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(false)
  await context.close()
  await server.close()
})

test('a new version is offered, and comes only when it is let in', async ({ browser, home }) => {
  const context = await browser.newContext({ viewport: { width: 960, height: 640 }, locale: 'en-GB' })
  const page = await newPage(context)
  await open(page, home)
  await page.waitForFunction(() => proscenium.pwa.offline === 'kept')
  let loads = 0
  page.on('framenavigated', () => loads++)
  scripts.set('/sw.js', `${readFileSync(join(dist, 'sw.js'), 'utf8')}\n// another version`)
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update())
  await expect(page.getByText('A new version is ready.')).toBeVisible()
  await page.waitForTimeout(1000)
  expect(loads).toBe(0)
  const restarted = page.waitForEvent('load')
  await page.getByRole('button', { name: 'Restart now' }).click()
  await restarted
  await onStage(page)
  expect(loads).toBe(1)
  await expect(page.getByText('A new version is ready.')).toHaveCount(0)
  scripts.delete('/sw.js')
  await context.close()
})

test('it can be installed', async ({ page, home }) => {
  await page.goto(home)
  const manifest = (await (await page.request.get(new URL('manifest.webmanifest', home).href)).json()) as {
    name: string
    display: string
    start_url: string
    icons: { src: string; sizes: string; purpose: string }[]
    screenshots: { src: string; sizes: string }[]
  }
  expect(manifest).toMatchObject({ name: 'Proscenium', display: 'standalone', start_url: './' })
  for (const { src, sizes } of [...manifest.icons, ...manifest.screenshots]) {
    const size = await page.evaluate(async (url) => {
      const image = new Image()
      image.src = url
      await image.decode()
      return `${image.naturalWidth}x${image.naturalHeight}`
    }, src)
    if (sizes !== 'any') expect(size, src).toBe(sizes)
  }
  const session = await page.context().newCDPSession(page)
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors')
  // A browser in a test has no profile to install into.
  expect(installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito')).toEqual([])
})

for (const colorScheme of COLOURS)
  test(`axe finds nothing serious on any panel (${colorScheme})`, async ({ browser, home }) => {
    const page = await stillPage(browser, colorScheme)
    await open(page, home)
    await page.waitForTimeout(1500) // until the curtain is away
    for (const panel of ['', 'voice', 'dance', 'avatar', 'set', 'settings']) {
      await page.evaluate((hash) => (location.hash = hash), panel)
      await page.waitForTimeout(400)
      await expectNothingSerious(page, panel || 'stage')
    }
    await page.context().close()
  })

test('with the keyboard alone', async ({ page, home }) => {
  await open(page, home)
  await voiceReady(page)
  const focused = () =>
    page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.id)
  await page.keyboard.press('Tab')
  expect(await focused()).toContain('on stage')
  await page.keyboard.press('Tab')
  expect(await focused()).toBe('Talk')
  await page.keyboard.press('Tab')
  expect(await focused()).toBe('Voice')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect.poll(focused).toBe('panel')
  await page.keyboard.press('Escape')
  await expect(page.locator('#panel')).toHaveCount(0)
  await expect.poll(focused).toBe('Dance')
  await page.getByRole('textbox').focus()
  await page.keyboard.type('By keyboard.')
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => proscenium.speech.phase === 'speaking')
  await page.keyboard.press('Escape')
  await silent(page, 3000)
  await page.keyboard.press('ArrowUp')
  await expect(page.getByRole('textbox')).toHaveValue('By keyboard.')
})

test('it speaks Chinese where the browser does, and can be told otherwise', async ({ browser, home }) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 780 }, locale: 'zh-CN' })
  const page = await newPage(context)
  await open(page, home)
  await expect(page.getByPlaceholder('输入要说的话')).toBeVisible()
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('zh-CN')
  await page.getByRole('button', { name: '设置' }).click()
  await page.getByText('English', { exact: true }).click()
  await expect(page.getByPlaceholder('Type something to say')).toBeVisible()
  await page.reload()
  await expect(page.getByPlaceholder('Type something to say')).toBeVisible()
  await context.close()
})

test('the controls can be hidden, and come back', async ({ page, home }) => {
  await open(page, new URL('#overlay', home).href)
  await expect(page.getByRole('textbox')).toHaveCount(0)
  await expect(page.getByRole('navigation')).toHaveCount(0)
  await page.keyboard.press('Escape')
  await expect(page.getByRole('textbox')).toBeVisible()
})

test('a transparent backdrop is transparent', async ({ page, home }) => {
  await page.addInitScript(() => localStorage.setItem('proscenium.set.1', '"clear"'))
  await open(page, new URL('#overlay', home).href)
  await page.waitForTimeout(1500)
  const png = await page.screenshot({ omitBackground: true })
  const alpha = await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
    const pen = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!
    pen.drawImage(bitmap, 0, 0)
    const at = (x: number, y: number) => pen.getImageData(x, y, 1, 1).data[3]
    return [at(4, 4), at(bitmap.width - 4, bitmap.height / 2), at(bitmap.width / 2, bitmap.height * 0.7)]
  }, png.toString('base64'))
  expect(alpha).toEqual([0, 0, 255])
})

test('without WebGL there is no picture, a clear sentence, and a voice', async ({ home }) => {
  const browser = await chromium.launch({
    executablePath: requireBrowser(),
    args: [
      ...chromiumFlags.filter((flag) => !flag.includes('swiftshader')),
      '--disable-gpu',
      '--disable-3d-apis',
    ],
  })
  const page = await newPage(await browser.newContext({ locale: 'en-GB' }))
  await page.goto(home)
  await expect(page.getByRole('alert')).toContainText('no WebGL')
  await voiceReady(page)
  await say(page, 'You can still hear me.')
  await silent(page)
  await page.waitForTimeout(300)
  expect(soundIn(await heardLevels(page)).seconds).toBeGreaterThan(0.6)
  await browser.close()
})

test('sound that is not allowed yet: a sentence with a button, and then it speaks', async ({
  browser,
  home,
}) => {
  const context = await browser.newContext({ viewport: { width: 960, height: 640 }, locale: 'en-GB' })
  const page = await newPage(context)
  // A browser in a test lets any page play: hold the context as a strict one would, until somebody presses something.
  await page.addInitScript(() => {
    let pressed = false
    addEventListener('pointerdown', () => (pressed = true), { capture: true })
    globalThis.AudioContext = class Strict extends AudioContext {
      override resume() {
        return pressed ? super.resume() : new Promise<void>(() => undefined)
      }
      override get state() {
        return pressed ? super.state : 'suspended'
      }
    }
  })
  await open(page, home)
  await voiceReady(page)
  await page.evaluate(() => void proscenium.say('May I?'))
  await expect(page.getByRole('alert')).toContainText('waits for you')
  await page.getByRole('button', { name: 'Turn the sound on' }).click()
  await page.waitForFunction(() => proscenium.speech.phase === 'speaking')
  await context.close()
})
