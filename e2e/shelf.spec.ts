/** Getting, keeping, bringing and carrying models; the conversation's settings; all of it without a mouse, and in both colours. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Page } from '@playwright/test'
import { buildModel } from '../test/hub/build.js'
import { COLOURS, expectNothingSerious, stillPage } from './axe'
import { againOffline, expect, keptAll, newPage, onStage, open } from './fixtures'
import { answering, ask, card, lastAnswer, REPO, SLOWLY, test, toModels } from './hub'

const offer = (page: Page) => page.getByRole('region', { name: 'Talk with Pip' })
const answered = (page: Page) =>
  expect.poll(async () => (await lastAnswer(page))?.state, SLOWLY).toMatch(/whole|cut/)

/** A repository as a folder on disk. */
const folder = (name: string, but: readonly string[] = []) => {
  const root = join(mkdtempSync(join(tmpdir(), 'folder-')), name)
  for (const [path, bytes] of buildModel('chat', { dtype: 'q4' })) {
    if (but.includes(path)) continue
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), bytes)
  }
  return root
}

/** Give it to the button that asks for a folder. */
const bring = async (page: Page, root: string) => {
  const chooser = page.waitForEvent('filechooser')
  await page.getByText('Add a folder').click()
  await (await chooser).setFiles(root)
}

test('one button: the best model is fetched, made ready, and the person is back where they ask', async ({
  page,
  home,
  hub,
}) => {
  await toModels(page, home, hub)
  await offer(page)
    .getByRole('button', { name: /^Get LFM2.5 350M/ })
    .click()
  await expect(page.getByRole('heading', { name: 'Talk' })).toBeVisible(SLOWLY)
  await expect(page.getByRole('alert')).toHaveCount(0)
  await expect(page.getByRole('combobox', { name: 'Who answers' })).toHaveValue('lfm2.5-350m')
  await expect(offer(page)).toHaveCount(0)
  await page.getByRole('button', { name: 'Who are you?' }).click()
  await answered(page)
})

test('cancelled, nothing is left; paused and reloaded, it says what is missing and goes on', async ({
  page,
  home,
  hub,
}) => {
  hub.setFault({ path: `${REPO}/onnx/*`, bytesPerSecond: 60_000 })
  await toModels(page, home, hub)
  await card(page).getByRole('button', { name: /Fetch/ }).click()
  await expect(card(page).getByText(/[kM]B of [\d.]+ MB/)).toBeVisible()
  await card(page).getByRole('button', { name: 'Cancel' }).click()
  await card(page).getByRole('button', { name: 'Keep it' }).click()
  await expect(card(page).getByRole('button', { name: 'Pause' })).toBeVisible()
  await card(page).getByRole('button', { name: 'Cancel' }).click()
  await card(page).getByRole('button', { name: 'Throw away' }).click()
  await expect(card(page).getByRole('button', { name: /Fetch/ })).toBeVisible()
  expect(await page.evaluate(async () => (await proscenium.studio()).shelf.kept)).toEqual([])

  await card(page).getByRole('button', { name: /Fetch/ }).click()
  await expect(card(page).getByText(/[kM]B of [\d.]+ MB/)).toBeVisible()
  const begun = () =>
    page.evaluate(async () => {
      const { shelf } = await proscenium.studio()
      const presence = shelf.presence(shelf.models.find(({ id }) => id === 'lfm2.5-350m')!)
      return presence.kind === 'absent' ? 0 : presence.bytes
    })
  await expect.poll(begun).toBeGreaterThan(60_000)
  await page.reload()
  await onStage(page)
  await expect(card(page).getByText(/Paused at .*B of [\d.]+ MB/)).toBeVisible()
  hub.clearFaults()
  await card(page)
    .getByRole('button', { name: /Go on \(.*B to go\)/ })
    .click()
  await expect(card(page).getByText('Here, works offline')).toBeVisible()
})

test('a folder of a known model is checked against the hub; a wrong one is refused', async ({
  page,
  home,
  hub,
}) => {
  // Whatever the hub has, as somebody else has fetched it.
  const root = join(mkdtempSync(join(tmpdir(), 'folder-')), 'LFM2.5-350M-ONNX')
  await toModels(page, home, hub)
  const paths = await page.evaluate(
    async ([host, repo]) => {
      const answer = await fetch(`${host}api/models/${repo}/tree/main?recursive=true`)
      const entries = (await answer.json()) as { path: string; type: string }[]
      return entries.filter(({ type }) => type === 'file').map(({ path }) => path)
    },
    [hub.host, REPO] as const,
  )
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    const answer = await fetch(`${hub.host}${REPO}/resolve/main/${path}`)
    writeFileSync(join(root, path), Buffer.from(await answer.arrayBuffer()))
  }
  hub.clearRequests()
  await bring(page, root)
  await expect(page.getByText('The hub confirms every file.')).toBeVisible()
  await expect(card(page).getByText('Here, works offline')).toBeVisible()
  expect(hub.requests.filter(({ key }) => key.includes('.onnx'))).toEqual([])
  await card(page).getByRole('button', { name: 'Use', exact: true }).click()
  await expect.poll(() => answering(page), SLOWLY).toBe('wasm')

  const graph = paths.find((path) => path.endsWith('.onnx'))!
  const bytes = readFileSync(join(root, graph))
  bytes[bytes.length >> 1]! ^= 1
  for (const path of paths.filter((path) => path.endsWith('.onnx'))) writeFileSync(join(root, path), bytes)
  await card(page)
    .getByRole('button', { name: /Remove/ })
    .click()
  await card(page).getByRole('button', { name: 'Remove', exact: true }).click()
  await expect(card(page).getByRole('button', { name: /Fetch/ })).toBeVisible()
  await bring(page, root)
  await expect(page.getByRole('alert')).toContainText('not the file that the hub has now')
})

test('a folder that nobody knows is read, listed and answers, without a hub; a part of one is refused', async ({
  page,
  home,
  hub,
}) => {
  await toModels(page, home, hub)
  await page.evaluate(async () => {
    const { access } = await proscenium.studio()
    access.current = { host: '', token: '' }
  })
  await bring(page, folder('my-own-model', ['tokenizer.json']))
  await expect(page.getByRole('alert')).toContainText('it lacks tokenizer.json')
  await bring(page, folder('my-own-model'))
  await expect(page.getByText('is here and on the list.')).toBeVisible()
  const mine = page.getByRole('listitem').filter({ hasText: 'my own model' })
  await expect(mine.getByText('Here, works offline')).toBeVisible()
  await mine.getByRole('button', { name: 'Use', exact: true }).click()
  await expect.poll(() => answering(page), SLOWLY).toBe('wasm')
  await page.getByRole('button', { name: 'Talk', exact: true }).click()
  await ask(page, 'Hello')
  await answered(page)
  await page.reload()
  await onStage(page)
  await page.evaluate(() => (location.hash = '#models'))
  await mine.getByRole('button', { name: /Remove/ }).click()
  await mine.getByRole('button', { name: 'Remove', exact: true }).click()
  await expect(mine).toHaveCount(0)
})

test('all models as one file, carried to another machine: there they answer without a network', async ({
  page,
  home,
  hub,
  browser,
}) => {
  test.setTimeout(240_000)
  // Nobody can press the browser's own dialogue here: it downloads instead.
  await page.addInitScript(() => Reflect.deleteProperty(window, 'showSaveFilePicker'))
  await toModels(page, home, hub)
  await card(page).getByRole('button', { name: /Fetch/ }).click()
  await expect(card(page).getByText('Here, works offline')).toBeVisible()
  await bring(page, folder('my-own-model'))
  await expect(page.getByText('is here and on the list.')).toBeVisible()
  await page.getByText('To another machine').click()
  const coming = page.waitForEvent('download')
  await page.getByRole('button', { name: /Save all/ }).click()
  const file = join(mkdtempSync(join(tmpdir(), 'carried-')), 'models.tar')
  await (await coming).saveAs(file)
  await expect(page.getByText(/Saved: [\d.]+ MB/)).toBeVisible()

  const context = await browser.newContext({ viewport: { width: 960, height: 640 }, locale: 'en-GB' })
  const other = await newPage(context)
  await open(other, home)
  await keptAll(other)
  await other.evaluate(() => (location.hash = '#models'))
  await other.getByText('To another machine').click()
  const add = async (path: string) => {
    const chooser = other.waitForEvent('filechooser')
    await other.getByText('Add a file').click()
    await (await chooser).setFiles(path)
  }
  const cut = `${file}.cut.tar`
  writeFileSync(cut, readFileSync(file).subarray(0, 5000))
  await add(cut)
  await expect(other.getByRole('alert')).toContainText('no file of models saved here')
  await add(file)
  await expect(other.getByText('every file confirmed')).toBeVisible()
  await expect(card(other).getByText('Here, works offline')).toBeVisible()
  const mine = other.getByRole('listitem').filter({ hasText: 'my own model' })
  await expect(mine.getByText('Here, works offline')).toBeVisible()
  await againOffline(other)
  await card(other).getByRole('button', { name: 'Use', exact: true }).click()
  await expect.poll(() => answering(other), SLOWLY).toBe('wasm')
  await other.getByRole('button', { name: 'Talk', exact: true }).click()
  await ask(other, 'Hello')
  await answered(other)
  await context.close()
})

test('how it answers is kept, each setting with a sentence, and put back at once', async ({
  page,
  home,
  hub,
}) => {
  await toModels(page, home, hub)
  const sampling = () => page.evaluate(async () => (await proscenium.studio()).answering.current.sampling)
  await page.getByRole('button', { name: 'Talk', exact: true }).click()
  const settings = page.getByRole('button', { name: 'How it answers' })
  await settings.click()
  await page.getByText('How words are chosen').click()
  await page.getByRole('slider', { name: 'Temperature' }).fill('0')
  await page.getByRole('slider', { name: 'Top-k' }).fill('40')
  await page.getByRole('slider', { name: 'Repetition penalty' }).fill('1.2')
  await page.getByRole('spinbutton', { name: 'Seed' }).fill('7')
  await page
    .getByRole('radiogroup')
    .or(page.getByRole('group', { name: 'Think first' }))
    .getByText('No')
    .click()
  expect(await sampling()).toEqual({
    temperature: 0,
    maxTokens: 40,
    topK: 40,
    repetitionPenalty: 1.2,
    seed: 7,
    thinking: false,
  })
  await page.getByText('Who Pip is').click()
  await page.getByRole('textbox', { name: 'Who Pip is' }).fill('You are a pirate.')
  await page.reload()
  await onStage(page)
  expect(await sampling()).toMatchObject({ seed: 7, topK: 40 })
  await settings.click()
  await page.getByText('Who Pip is').click()
  await expect(page.getByRole('textbox', { name: 'Who Pip is' })).toHaveValue('You are a pirate.')
  await page.getByRole('button', { name: 'As it was at first' }).click()
  await expect(page.getByRole('textbox', { name: 'Who Pip is' })).toHaveValue(/^You are Pip/)
  await page.getByText('How words are chosen').click()
  await page.getByRole('button', { name: 'All as at first' }).click()
  expect(await sampling()).toEqual({ temperature: 0.7, topP: 0.9, minP: 0.05 })
})

test('an address that is none, not secure or not allowed is told, and not asked', async ({
  page,
  home,
  hub,
}) => {
  await toModels(page, home, hub)
  await page.getByText('Where models come from').click()
  const host = () => page.evaluate(async () => (await proscenium.studio()).access.current.host)
  const mirror = page.getByLabel('Address of a mirror')
  for (const [address, sentence] of [
    ['mirror', 'That is no address'],
    ['http://mirror.example.org', 'https://'],
    ['https://mirror.example.org', 'may not talk to mirror.example.org'],
  ] as const) {
    await mirror.fill(address)
    await expect(page.getByRole('alert')).toContainText(sentence)
    expect(await host()).toBe('')
  }
  await mirror.fill(hub.host)
  await expect(page.getByRole('alert')).toHaveCount(0)
  expect(await host()).toBe(hub.host)
})

test('tabs by the keyboard: one stop, arrows from task to task', async ({ page, home, hub }) => {
  await toModels(page, home, hub)
  const tab = (name: string) => page.getByRole('tab', { name, exact: true })
  await tab('Talk').focus()
  await page.keyboard.press('ArrowRight')
  await expect(tab('Speak')).toBeFocused()
  await expect(tab('Speak')).toHaveAttribute('aria-selected', 'true')
  await expect(page.getByRole('tabpanel', { name: 'Speak' })).toBeVisible()
  await page.keyboard.press('End')
  await expect(tab('Dance')).toBeFocused()
  await page.keyboard.press('ArrowRight')
  await expect(tab('Talk')).toBeFocused()
  await page.keyboard.press('Tab')
  await expect(page.locator('[role=tab]:focus')).toHaveCount(0)
})

for (const colorScheme of COLOURS)
  test(`axe finds nothing serious on models and talk (${colorScheme})`, async ({ browser, home, hub }) => {
    test.setTimeout(180_000)
    const page = await stillPage(browser, colorScheme)
    await toModels(page, home, hub)
    await expect(offer(page)).toBeVisible()
    await page.waitForTimeout(1500) // until the curtain is away
    await page.evaluate(() => {
      for (const details of document.querySelectorAll('details')) details.open = true
    })
    await expectNothingSerious(page, 'models')
    await card(page).getByRole('button', { name: /Fetch/ }).click()
    await card(page).getByRole('button', { name: 'Use', exact: true }).click()
    await expect.poll(() => answering(page), SLOWLY).toBe('wasm')
    await card(page)
      .getByRole('button', { name: /Remove/ })
      .click()
    await expectNothingSerious(page, 'models that are here')
    await page.getByRole('button', { name: 'Talk', exact: true }).click()
    await ask(page, 'Hello')
    await answered(page)
    await page.getByRole('button', { name: 'How it answers' }).click()
    await page.evaluate(() => {
      for (const details of document.querySelectorAll('details')) details.open = true
    })
    await page.getByRole('button', { name: 'New conversation' }).click()
    await expectNothingSerious(page, 'talk')
    await page.context().close()
  })
