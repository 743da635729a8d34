/**
 * @file The app's own pictures, taken of the app itself: icons in all sizes, the screenshots of the manifest and of the
 * README, contact sheets of dances. Run when the look has changed: `node scripts/pictures.js [icons] [shots] [dances]`.
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

/** @type {Record<string, () => Promise<void>>} */
const PICTURES = {
  icons: async () => {
    await drawIcon('192.png', 192, 0)
    await drawIcon('512.png', 512, 0)
    // Launchers cut a circle or a squircle out of it: the motive keeps to the middle 80 %.
    await drawIcon('maskable-512.png', 512, 0.1)
  },
  shots: async () => {
    await photograph('wide', { width: 1280, height: 800 })
    await photograph('narrow', { width: 390, height: 844 })
  },
  dances: async () => {
    await contactSheet('disco', 'pip', 'theatre', 3)
    await contactSheet('house', 'fenn', 'night', 5)
    await contactSheet('robot', 'dot', 'studio', 2)
    await contactSheet('waltz', 'fenn', 'theatre', 4)
  },
}

await build()
const server = await serve({ folder: dist, port: 0 })
const wanted = process.argv.slice(2)
for (const [name, make] of Object.entries(PICTURES)) if (!wanted.length || wanted.includes(name)) await make()
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

/**
 * Every other of thirty-two beats of a dance to a song of the house band, from where it is loudest, from left to right:
 * docs/dances/.
 * @param {import('../src/shared/contracts').DanceStyle} id @param {string} avatar @param {string} set @param {number} seed
 */
async function contactSheet(id, avatar, set, seed) {
  const cell = { width: 200, height: 232 }
  const clip = { x: 0, y: 52, ...cell }
  const page = await browser.newPage({
    viewport: { width: 200, height: 290 },
    colorScheme: 'dark',
    locale: 'en-GB',
  })
  await page.addInitScript(asWithGpu)
  await page.addInitScript(
    ([avatar, set]) => {
      localStorage.setItem('proscenium.avatar.1', JSON.stringify(avatar))
      localStorage.setItem('proscenium.set.1', JSON.stringify(set))
      localStorage.setItem('proscenium.camera.1', '"follow"')
    },
    [avatar, set],
  )
  await page.goto(`${server.url}#overlay`)
  await page.waitForFunction(() => globalThis.proscenium?.show.curtain === 'open')
  await page.evaluate(async ([id, seed]) => {
    await globalThis.proscenium.dance.change({ seed })
    await globalThis.proscenium.playBand(id)
  }, /** @type {const} */ ([id, seed]))
  await page.waitForFunction(() => globalThis.proscenium.dance.score?.complete, undefined, {
    timeout: 120_000,
  })
  const beats = await page.evaluate(() => {
    const { dance } = globalThis.proscenium
    dance.pause()
    const { sections = [], beats = new Float32Array() } = dance.score ?? {}
    const loudest = sections.reduce((a, b) => (b.energy > a.energy ? b : a))
    const from = beats.findIndex((at) => at > loudest.from - 0.05)
    return Array.from({ length: 16 }, (_, i) => beats[from + 2 * i] ?? 0)
  })
  const frames = []
  // The camera takes its time for the first one.
  for (const at of beats.slice(0, 1).concat(beats)) {
    await page.evaluate((at) => globalThis.proscenium.dance.seek(at), at)
    await page.waitForTimeout(3000) // the fade from the place before, drawn with all pixels by the processor
    frames.push((await page.screenshot({ clip })).toString('base64'))
  }
  frames.shift()
  const base64 = await page.evaluate(async ([frames, { width, height }]) => {
    const canvas = new OffscreenCanvas(width * 8, height * Math.ceil(frames.length / 8))
    for (const [i, data] of frames.entries()) {
      const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0))
      const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
      canvas.getContext('2d')?.drawImage(bitmap, (i % 8) * width, Math.floor(i / 8) * height)
    }
    const blob = await canvas.convertToBlob({ type: 'image/webp', quality: 0.8 })
    const bytes = new Uint8Array(await blob.arrayBuffer())
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
  }, /** @type {const} */ ([frames, cell]))
  const folder = join(root, 'docs', 'dances')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${id}.webp`), Buffer.from(base64, 'base64'))
  await page.close()
}

/**
 * To be run in the page before anything else: all pixels, and outlines, however long each frame takes. The app would save
 * them where the processor draws.
 */
function asWithGpu() {
  const { requestAnimationFrame } = globalThis
  let now = 0
  globalThis.requestAnimationFrame = (draw) => requestAnimationFrame(() => draw((now += 1000 / 60)))
  const { getParameter } = WebGL2RenderingContext.prototype
  const UNMASKED_RENDERER = 0x9246
  /** @this {WebGL2RenderingContext} @param {number} name */
  WebGL2RenderingContext.prototype.getParameter = function (name) {
    return name === UNMASKED_RENDERER ? 'a GPU' : getParameter.call(this, name)
  }
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
  await page.addInitScript(asWithGpu)
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
