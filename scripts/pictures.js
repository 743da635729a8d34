/**
 * @file The app's own pictures, taken of the app itself: icons in all sizes, the screenshots of the manifest and of the
 * README. Run when the look has changed: `node scripts/pictures.js`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { install, requireNode, root } from './install.js'

requireNode()
install()
const { chromium } = await import('playwright')
const { chromiumFlags, requireBrowser } = await import('./browser.js')
const { build, dist } = await import('./build.js')
const { serve } = await import('./serve.js')

const browser = await chromium.launch({ executablePath: requireBrowser(), args: chromiumFlags })
const icons = join(root, 'public', 'icons')
const shots = join(root, 'public', 'screenshots')
mkdirSync(shots, { recursive: true })

await drawIcon('192.png', 192, 0)
await drawIcon('512.png', 512, 0)
// Launchers cut a circle or a squircle out of it: the motive keeps to the middle 80 %.
await drawIcon('maskable-512.png', 512, 0.1)

await build()
const server = await serve({ folder: dist, port: 0 })
await photograph('wide', { width: 1280, height: 800 })
await photograph('narrow', { width: 390, height: 844 })
await server.close()
await browser.close()

/** @param {string} name @param {number} size @param {number} margin share of the size */
async function drawIcon(name, size, margin) {
  const svg = readFileSync(join(icons, 'icon.svg'), 'utf8')
  const page = await browser.newPage({ viewport: { width: size, height: size } })
  // The background of a maskable icon reaches the edges: more of it, and no round corners.
  const out = Math.round(512 * margin)
  const side = 512 + 2 * out
  const full = margin
    ? svg
        .replace('viewBox="0 0 512 512"', `viewBox="${-out} ${-out} ${side} ${side}"`)
        .replace(
          '<rect width="512" height="512" rx="112"',
          `<rect x="${-out}" y="${-out}" width="${side}" height="${side}"`,
        )
    : svg
  await page.setContent(`<body style="margin:0;width:${size}px;height:${size}px">${full}`)
  await page.screenshot({ path: join(icons, name), omitBackground: true })
  await page.close()
}

/** Somebody on stage, in the middle of a sentence. @param {string} name @param {{ width: number, height: number }} viewport */
async function photograph(name, viewport) {
  const phone = viewport.width < 500
  const page = await browser.newPage({
    viewport,
    colorScheme: 'dark',
    locale: 'en-GB',
    isMobile: phone,
    hasTouch: phone,
  })
  // All pixels, however long each frame takes: the governor would save them.
  await page.addInitScript(() => {
    const { requestAnimationFrame } = globalThis
    let now = 0
    globalThis.requestAnimationFrame = (draw) => requestAnimationFrame(() => draw((now += 1000 / 60)))
  })
  await page.goto(server.url)
  const text = 'Hello! I live right here in your browser, and nothing you type ever leaves it.'
  await page.waitForFunction(() => globalThis.proscenium?.show.curtain === 'open')
  await page.waitForFunction(() => {
    const { library, voiceFile } = globalThis.proscenium
    return library.stateOf(voiceFile)?.state === 'here'
  })
  await page.waitForTimeout(25_000)
  await page.getByRole('textbox').fill(text)
  await page.keyboard.press('Enter')
  await page.waitForFunction(
    () => {
      const { aa = 0, oh = 0 } = globalThis.proscenium.show.expressions()
      const { word, line } = globalThis.proscenium.speech
      return aa + oh > 0.2 && word && line && word.from > 30
    },
    undefined,
    { timeout: 120_000 },
  )
  const png = await page.screenshot()
  writeFileSync(join(shots, `${name}.webp`), await toWebp(page, png))
  await page.close()
}

/** @param {import('playwright').Page} page @param {Buffer} png */
async function toWebp(page, png) {
  const base64 = await page.evaluate(async (data) => {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0))
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
    canvas.getContext('2d')?.drawImage(bitmap, 0, 0)
    const blob = await canvas.convertToBlob({ type: 'image/webp', quality: 0.86 })
    return btoa(String.fromCharCode(...new Uint8Array(await blob.arrayBuffer())))
  }, png.toString('base64'))
  return Buffer.from(base64, 'base64')
}
