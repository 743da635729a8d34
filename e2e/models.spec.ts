/** Models from a hub to an answer: fetched, verified, kept, spoken; without a network from then on. */
import { againOffline, expect, keptAll, onStage, open } from './fixtures'
import { buildModel } from '../test/hub/build.js'
import { answering, ask, card, lastAnswer, REPO, SLOWLY, stock, test, toModels } from './hub'

for (const [where, force] of [
  ['the processor', 'cpu'],
  ['the graphics card', 'gpu'],
] as const)
  test(`picked, fetched, verified; its words stream into the page and are said, without a network: on ${where}`, async ({
    page,
    home,
    hub,
  }) => {
    test.setTimeout(240_000)
    await toModels(page, home, hub)
    await page.evaluate(async (force) => (await proscenium.studio()).shelf.remember({ force }), force)
    await expect(card(page).getByText('Best for this device')).toBeVisible()
    await card(page).getByRole('button', { name: /Fetch/ }).click()
    await expect(card(page).getByText('Here, works offline')).toBeVisible()
    await card(page).getByRole('button', { name: 'Use', exact: true }).click()
    await expect.poll(() => answering(page), SLOWLY).toBe(force === 'cpu' ? 'wasm' : 'webgpu')
    await keptAll(page)
    await againOffline(page)
    await page.getByRole('button', { name: 'Talk', exact: true }).click()
    await ask(page, 'Once upon a time')
    await page.waitForFunction(() => proscenium.speech.phase === 'speaking', undefined, SLOWLY)
    await expect.poll(async () => (await lastAnswer(page))?.state, SLOWLY).toMatch(/whole|cut/)
    const answer = await lastAnswer(page)
    expect(answer?.text.length).toBeGreaterThan(0)
    expect(answer?.cost?.tokens).toBeGreaterThan(0)
    await expect(page.getByRole('region', { name: 'Talk' })).toContainText(answer!.text.trim().slice(0, 20))
  })

test('another model takes over in the middle of a conversation; the one before answers until it is ready', async ({
  page,
  home,
  hub,
  shelves,
}) => {
  test.setTimeout(180_000)
  const [first, second] = ['LFM2.5 350M', 'Qwen3 0.6B']
  for (const dtype of ['q4', 'q8'] as const)
    stock(shelves, 'onnx-community/Qwen3-0.6B-ONNX', buildModel('chat', { dtype, seed: 7 }))
  await toModels(page, home, hub)
  for (const name of [first, second]) {
    await card(page, name).getByRole('button', { name: /Fetch/ }).click()
    await expect(card(page, name).getByText('Here, works offline')).toBeVisible()
  }
  await card(page, first).getByRole('button', { name: 'Use', exact: true }).click()
  await expect.poll(() => answering(page), SLOWLY).toBe('wasm')
  const answerer = () => page.evaluate(async () => (await proscenium.studio()).chats.current?.model.name)
  expect(await answerer()).toBe(first)
  // Asked while the other one is being made ready: nobody waits for it.
  const answered = page.evaluate(async (second) => {
    const studio = await proscenium.studio()
    studio.answering.current = { ...studio.answering.current, aloud: false }
    const model = studio.shelf.models.find(({ name }) => name === second)!
    const chosen = studio.choose(model)
    await new Promise<void>((resolve) => {
      const look = setInterval(() => {
        if (!studio.manager.loading) return
        clearInterval(look)
        resolve()
      }, 1)
    })
    await studio.talk.ask('One day')
    const who = studio.talk.messages.at(-1)?.cost?.model
    await chosen
    return who
  }, second)
  expect(await answered).toBe(first)
  await expect.poll(answerer, SLOWLY).toBe(second)
  await page.getByRole('button', { name: 'Talk', exact: true }).click()
  await ask(page, 'And then?')
  await expect.poll(async () => (await lastAnswer(page))?.cost?.model, SLOWLY).toBe(second)
  expect(await page.evaluate(async () => (await proscenium.studio()).talk.messages.length)).toBe(4)
})

test('stop, retry, edit; the conversation is there after a reload', async ({ page, home, hub }) => {
  await toModels(page, home, hub)
  await card(page).getByRole('button', { name: /Fetch/ }).click()
  await card(page).getByRole('button', { name: 'Use', exact: true }).click()
  await expect.poll(() => answering(page)).toBe('wasm')
  await page.getByRole('button', { name: 'Talk', exact: true }).click()
  await ask(page, 'One day')
  await expect.poll(async () => (await lastAnswer(page))?.text.length ?? 0).toBeGreaterThan(0)
  await page.evaluate(async () => (await proscenium.studio()).talk.stop())
  await expect.poll(async () => (await lastAnswer(page))?.state).toMatch(/stopped|whole|cut/)
  await page.getByRole('button', { name: 'Another answer' }).click()
  await expect.poll(async () => (await lastAnswer(page))?.state).toMatch(/whole|cut/)
  await page.getByRole('button', { name: 'Change this question' }).first().click()
  await page.getByRole('textbox', { name: 'Change this question' }).fill('The sun')
  await page.getByRole('button', { name: 'Ask this instead' }).click()
  await expect.poll(async () => (await lastAnswer(page))?.state).toMatch(/whole|cut/)
  const before = await page.evaluate(async () =>
    (await proscenium.studio()).talk.messages.map(({ text }) => text),
  )
  expect(before).toHaveLength(2)
  expect(before[0]).toBe('The sun')
  await page.waitForTimeout(600) // written a moment after the last word
  await page.reload()
  await onStage(page)
  expect(
    await page.evaluate(async () => (await proscenium.studio()).talk.messages.map(({ text }) => text)),
  ).toEqual(before)
})

test('what was cut off goes on where it was; what is corrupt never comes in', async ({ page, home, hub }) => {
  hub.setFault({ path: `${REPO}/onnx/*`, cutAfter: 3000, times: 1 })
  await toModels(page, home, hub)
  await card(page).getByRole('button', { name: /Fetch/ }).click()
  await expect(card(page).getByText('Here, works offline')).toBeVisible()
  await card(page)
    .getByRole('button', { name: /Remove/ })
    .click()
  await card(page).getByRole('button', { name: 'Remove', exact: true }).click()
  await expect(card(page).getByRole('button', { name: /Fetch/ })).toBeVisible()
  hub.setFault({ path: `${REPO}/onnx/*`, corruptAt: 2000 })
  await card(page).getByRole('button', { name: /Fetch/ }).click()
  await expect(page.getByRole('alert')).toContainText('not what the hub lists')
  await expect(card(page).getByText('Here, works offline')).toHaveCount(0)
})

test('gated, missing, a page instead: one sentence each, with a way forward', async ({ page, home, hub }) => {
  await toModels(page, home, hub)
  const look = async (name: string) => {
    await page.getByRole('textbox', { name: 'Another model of the hub' }).fill(name)
    await page.getByRole('button', { name: 'Look at it' }).click()
  }
  hub.setFault({ path: 'api/models/*', status: 401, errorCode: 'GatedRepo', at: 'hub', times: 1 })
  await look(REPO)
  await expect(page.getByRole('alert')).toContainText('give your token')
  await look('no name')
  await expect(page.getByRole('alert')).toContainText('owner/name')
  hub.clearFaults()
  await look(REPO)
  await expect(page.getByText('is on the list.')).toBeVisible()
})

test('nobody has been chosen: it is said, and the models are shown', async ({ page, home }) => {
  await open(page, home)
  await page.getByRole('button', { name: 'Talk with me' }).click()
  await ask(page, 'Hello?')
  await expect(page.getByRole('alert')).toContainText('No model to talk with')
  await expect(page.getByRole('heading', { name: 'Models' })).toBeVisible()
})
