/** @file Your own avatar: it takes the stage, is remembered, renamed, removed; and what is no avatar changes nothing. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { glb, vrmDescription } from '../test/fixtures/vrm'
import { expect, newPage, onStage, open, test } from './fixtures'

const vrm = (version: '0' | '1', name = `test-${version}.vrm`) => ({
  name,
  mimeType: 'model/vrm',
  buffer: Buffer.from(glb(vrmDescription(version))),
})

const pick = async (page: Page, file: { name: string; mimeType: string; buffer: Buffer } | string) => {
  if (!(await page.locator('#panel').isVisible()))
    await page.getByRole('button', { name: 'Avatar', exact: true }).click()
  await page.locator('input[type=file]').setInputFiles(file)
}
/** Without a service worker, whose requests a route does not see. */
const guest = { viewport: { width: 960, height: 640 }, locale: 'en-GB', serviceWorkers: 'block' } as const
const onStageNow = (page: Page) =>
  page.evaluate(() => (proscenium.show.onStage ? proscenium.nameOf(proscenium.show.onStage) : ''))

test('files of both versions take the stage, and are there after a reload', async ({ page, home }) => {
  await open(page, home)
  expect(await onStageNow(page)).toBe('Pip')
  await pick(page, vrm('1'))
  await expect(page.getByRole('button', { name: 'Bring Test One on stage' })).toHaveAttribute(
    'aria-pressed',
    'true',
  )
  await pick(page, vrm('0'))
  await expect(page.getByRole('button', { name: 'Bring Test Zero on stage' })).toHaveAttribute(
    'aria-pressed',
    'true',
  )
  expect(await onStageNow(page)).toBe('Test Zero')
  // A picture of its own, made on this stage.
  await expect(page.locator('li.chosen img')).toHaveAttribute('src', /^data:image\/webp/)
  await page.reload()
  await onStage(page)
  expect(await onStageNow(page)).toBe('Test Zero')
  await page.getByRole('button', { name: 'Bring Test One on stage' }).click()
  await page.waitForFunction(
    () => proscenium.show.onStage && proscenium.nameOf(proscenium.show.onStage) === 'Test One',
  )
})

test('its mouth moves, whichever version it is', async ({ page, home }) => {
  await open(page, home)
  for (const version of ['0', '1'] as const) {
    await pick(page, vrm(version))
    await page.waitForFunction(
      (v) =>
        proscenium.show.onStage?.source === 'kept' && proscenium.nameOf(proscenium.show.onStage).endsWith(v),
      version === '0' ? 'Zero' : 'One',
    )
    const said = page.evaluate(() => proscenium.say('Ah, oh, you see me.'))
    await page.waitForFunction(() => {
      const { aa = 0, oh = 0, ee = 0 } = proscenium.show.expressions()
      return aa + oh + ee > 0.25
    })
    await said
  }
})

test('renamed and removed, and gone for good', async ({ page, home }) => {
  await open(page, home)
  await pick(page, vrm('1'))
  await page.getByRole('button', { name: 'Rename: Test One' }).click()
  await page.getByRole('textbox', { name: 'Rename' }).fill('Ada Lovelace')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: 'Bring Ada Lovelace on stage' })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('button', { name: 'Bring Ada Lovelace on stage' })).toBeVisible()
  await page.getByRole('button', { name: 'Remove: Ada Lovelace' }).click()
  await page.getByRole('button', { name: 'Remove', exact: true }).click()
  await expect(page.getByRole('button', { name: 'Bring Ada Lovelace on stage' })).toHaveCount(0)
  await page.waitForFunction(() => proscenium.show.onStage?.id === 'pip')
  await page.reload()
  await onStage(page)
  await expect(page.getByRole('button', { name: 'Bring Ada Lovelace on stage' })).toHaveCount(0)
  expect(await onStageNow(page)).toBe('Pip')
})

test('the same file twice is one avatar', async ({ page, home }) => {
  await open(page, home)
  await pick(page, vrm('1'))
  await expect(page.getByRole('button', { name: /^Bring/ })).toHaveCount(4)
  await pick(page, vrm('1', 'another-name.vrm'))
  await page.waitForFunction(() => !proscenium.show.entering)
  await expect(page.getByRole('button', { name: /^Bring/ })).toHaveCount(4)
})

test('dropped on the page, it comes on stage; so does the word that tells where', async ({ page, home }) => {
  await open(page, home)
  const data = await page.evaluateHandle(
    (bytes) => {
      const transfer = new DataTransfer()
      transfer.items.add(new File([Uint8Array.from(bytes)], 'dropped.vrm'))
      return transfer
    },
    [...glb(vrmDescription('1'))],
  )
  await page.dispatchEvent('main', 'dragover', { dataTransfer: data })
  await expect(page.getByText('Drop your avatar')).toBeVisible()
  await page.dispatchEvent('main', 'drop', { dataTransfer: data })
  await page.waitForFunction(() => proscenium.show.onStage?.source === 'kept')
  await expect(page.getByText('Drop your avatar')).toHaveCount(0)
})

test('what is no avatar is refused with a reason; the avatar on stage and the text stay', async ({
  page,
  home,
}) => {
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  await open(page, home)
  await page.getByRole('textbox').fill('Do not lose me')
  const broken = (change: (d: ReturnType<typeof vrmDescription>) => void) => {
    const description = vrmDescription('1')
    change(description)
    return Buffer.from(glb(description))
  }
  const cases: [string, Buffer, RegExp][] = [
    ['no glTF', Buffer.from('I am a poem, not a model.'), /not a VRM avatar/],
    ['cut off', Buffer.from(glb(vrmDescription('1')).slice(0, 700)), /ends too early/],
    ['no humanoid', broken((d) => delete d.extensions), /no complete human skeleton/],
    ['cyclic', broken((d) => (d.nodes[1]!.children = [1])), /damaged/],
    ['absurd counts', broken((d) => (d.accessors[0]!.count = 5e7)), /too large/],
    [
      'elsewhere',
      broken((d) => (d.images = [{ uri: 'https://example.com/spy.png' }])),
      /refers to other files/,
    ],
  ]
  for (const [name, buffer, words] of cases) {
    await pick(page, { name: `${name}.vrm`, mimeType: 'model/vrm', buffer })
    await expect(page.getByRole('alert'), name).toContainText(words)
    await page.getByRole('button', { name: 'Dismiss' }).click()
    expect(await onStageNow(page)).toBe('Pip')
    await expect(page.getByRole('textbox', { name: 'What shall I say?' })).toHaveValue('Do not lose me')
  }
  await expect(page.getByRole('button', { name: /^Bring/ })).toHaveCount(3)
  expect(asked.filter((url) => url.startsWith('http') && !url.startsWith(home))).toEqual([])
})

test('a file of 300 MB is refused before it is read', async ({ page, home }) => {
  await open(page, home)
  await page.evaluate(() => {
    const huge = new File([new Uint8Array(1024)], 'huge.vrm')
    Object.defineProperty(huge, 'size', { value: 300e6 })
    huge.arrayBuffer = () => Promise.reject(new Error('read'))
    void proscenium.receive([huge])
  })
  await expect(page.getByRole('alert')).toContainText('too large')
})

test('where nothing can be kept it works, is not remembered, and says so', async ({ browser, home }) => {
  const context = await browser.newContext(guest)
  const page = await newPage(context)
  // Also inside workers: the store is one.
  await page.route('**/assets/store-*.js', async (route) => {
    const response = await route.fetch()
    const body = `delete StorageManager.prototype.getDirectory;\n${await response.text()}`
    await route.fulfill({ response, body })
  })
  await open(page, home)
  await pick(page, vrm('1'))
  await expect(
    page.getByText('could not be kept for next time: this browser lets the page keep no files'),
  ).toBeVisible()
  expect(await onStageNow(page)).toBe('Test One')
  await expect(page.getByText('Only until you leave')).toBeVisible()
  await context.close()
})

test('storage full: the avatar performs, and is told to be a guest', async ({ browser, home }) => {
  const context = await browser.newContext(guest)
  const page = await newPage(context)
  await page.route('**/assets/store-*.js', async (route) => {
    const response = await route.fetch()
    const full = `FileSystemSyncAccessHandle.prototype.write = () => { throw new DOMException('full', 'QuotaExceededError') };\n`
    await route.fulfill({ response, body: full + (await response.text()) })
  })
  await open(page, home)
  await pick(page, vrm('1'))
  await expect(page.getByText('could not be kept for next time: this device has no room left')).toBeVisible()
  expect(await onStageNow(page)).toBe('Test One')
  await context.close()
})

test('two tabs share the cast', async ({ page, home, context }) => {
  await open(page, home)
  const other = await page.context().newPage()
  await open(other, home)
  await pick(page, vrm('1'))
  await expect(page.getByRole('button', { name: 'Bring Test One on stage' })).toBeVisible()
  await other.getByRole('button', { name: 'Avatar', exact: true }).click()
  await expect(other.getByRole('button', { name: 'Bring Test One on stage' })).toBeVisible()
  expect(context).toBeDefined()
})

test('a lost picture comes back', async ({ page, home }) => {
  await open(page, home)
  await page.evaluate(() => {
    const gl = document.querySelector('canvas')!.getContext('webgl2')!
    const lose = gl.getExtension('WEBGL_lose_context')!
    lose.loseContext()
    Object.assign(globalThis, { lose })
  })
  await expect(page.getByText('picture was lost')).toBeVisible()
  await page.evaluate(() => (globalThis as unknown as { lose: WEBGL_lose_context }).lose.restoreContext())
  await expect(page.getByText('picture was lost')).toHaveCount(0)
  await page.waitForTimeout(1500)
  const picture = await page.locator('canvas').screenshot()
  expect(await colours(page, picture)).toBeGreaterThan(200)
})

/** How many different colours a picture has: a blank one has one. */
const colours = (page: Page, png: Buffer) =>
  page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
    const pen = canvas.getContext('2d')!
    pen.drawImage(bitmap, 0, 0)
    const { data } = pen.getImageData(0, 0, bitmap.width, bitmap.height)
    return new Set(new Uint32Array(data.buffer)).size
  }, png.toString('base64'))

const shared = join(import.meta.dirname, '../../shared/data/avatars')
const files = existsSync(shared)
  ? [
      'godette-vrm0.vrm',
      ...readdirSync(join(shared, 'vrm-fixtures'))
        .filter((f) => f.endsWith('.vrm'))
        .map((f) => `vrm-fixtures/${f}`),
    ]
  : []
test('avatars of other makers come on stage', async ({ page, home }) => {
  test.skip(files.length === 0, 'no ../shared: avatars of others may not be in the repository')
  await open(page, home)
  for (const file of files) {
    await pick(page, join(shared, file))
    await page.waitForFunction(
      (name) => !proscenium.show.entering && proscenium.cast.members.length > name,
      1 + files.indexOf(file),
    )
    await expect(page.getByRole('alert'), file).toHaveCount(0)
  }
  expect(readFileSync(join(shared, files[0]!)).length).toBeGreaterThan(0)
})
