/** Danceba dances: from two checkpoints on a disk to bones that move, and whatever else people drop. */
import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { Call, float32, torchLegacy, torchZip, zipped, type Tree } from '../test/fixtures/checkpoints'
import { makeWeights, type WeightRule } from '../test/fixtures/danceba-weights'
import { tensorsOf as poseTensorsOf, type PoseShape } from '../workers/danceba/motion/vqvae'
import { tensorsOf, type Shape } from '../workers/danceba/network/shape'
import { COLOURS, expectNothingSerious, stillPage } from './axe'
import { expect, onStage, open, test } from './fixtures'
import { stock, test as withHub } from './hub'

/** As small as it can be and still hear true features and move all joints. */
const SHAPE: Shape = {
  ...{ width: 32, heads: 4, base: 1, mambas: 1, music: 438, codes: 16, bins: 257 },
  ...{ hidden: 32, gated: 16, inner: 16, state: 8, rank: 3, taps: 4 },
}
const POSES: PoseShape = { width: 8, codes: 16, stages: 3, depth: 3 }

const ruleOf = (name: string): Omit<WeightRule, 'shape'> => {
  const uniform = (m: number, a: number) => ({ rule: 'uniform', m, a })
  if (name === 'gpt_base.cond_emb.weight') return { rule: 'cond' }
  if (/(norm\d|ln\d|RMS_f|bn2|running_var)\S*(weight|var)$|\.D$/.test(name)) return uniform(1, 0.3)
  if (name.endsWith('A_log')) return uniform(1, 1)
  if (name.endsWith('dt_proj.bias')) return uniform(-2, 1)
  if (name.startsWith('vqvae')) return uniform(0, name.includes('decoders_root') ? 0.02 : 0.2)
  return name.endsWith('position_scale') ? uniform(0.1, 0) : uniform(0, 0.3)
}

const modelOf = (tensors: Iterable<readonly [name: string, shape: readonly number[]]>): Tree =>
  Object.fromEntries(
    [...tensors].map(([name, shape]) => {
      const weights = makeWeights(name, { shape, ...ruleOf(name) })
      return [`module.${name}`, float32(shape, (i) => weights[i]!)]
    }),
  )

const GENERATOR = Buffer.concat([
  ...torchZip({
    model: modelOf(tensorsOf(SHAPE)),
    config: { structure_generate: { base: { n_head: SHAPE.heads } } },
    epoch: 0,
  }),
])
const POSE = torchLegacy({
  model: modelOf(poseTensorsOf(POSES).map(({ name, dims }) => [name, dims] as const)),
  epoch: 500,
})
const HOSTILE = Buffer.concat([...torchZip({ model: new Call('os', 'system', ['echo']), epoch: 0 })])
const ZIP = Buffer.concat([...zipped([{ name: 'experiments/epoch_0.pt', bytes: () => Buffer.from('x') }])])

interface Picked {
  readonly name: string
  readonly mimeType: string
  readonly buffer: Buffer
}
const generator: Picked = { name: 'epoch_0.pt', mimeType: '', buffer: GENERATOR }
const poses: Picked = { name: 'epoch_500.pt', mimeType: '', buffer: POSE }

const choose = async (page: Page) => {
  await page.getByRole('button', { name: 'Dance', exact: true }).click()
  await page.getByText('Danceba', { exact: true }).first().click()
}
const card = (page: Page) => page.getByRole('region', { name: 'Danceba' })
const pick = async (page: Page, files: readonly Picked[]) =>
  card(page)
    .locator('input[type=file]')
    .first()
    .setInputFiles([...files])
const bring = async (page: Page) => {
  await choose(page)
  await pick(page, [poses, generator])
  await expect(card(page).getByText(/Ready, works offline/)).toBeVisible({ timeout: 30_000 })
}
/** The shortest song of the band. */
const danceTo = (page: Page, name = 'Music Box Waltz') => page.getByRole('button', { name }).click()
const progressOf = (page: Page) =>
  page.evaluate(async () => (await proscenium.guest()).composition?.progress?.kind)
const wholeBy = (page: Page, who: string) =>
  page.waitForFunction((who) => proscenium.dance.by === who && proscenium.dance.whole, who, {
    timeout: 120_000,
  })

test('two checkpoints, and any song is danced; saved, and there again after a reload; removed', async ({
  page,
  home,
}) => {
  test.setTimeout(240_000)
  await open(page, home)
  await bring(page)
  await card(page).getByText('What is here').click()
  await expect(card(page).getByRole('row', { name: /Epoch/ })).toContainText('500')
  await expect(card(page).getByRole('row', { name: /Kept as/ })).toContainText('16-bit')
  await expect(page.getByRole('alert')).toHaveCount(0)

  await danceTo(page)
  await wholeBy(page, 'danceba')
  expect(await progressOf(page)).toBe('whole')
  await page.waitForFunction(() => proscenium.dance.time > 1)
  const { gaps, still, lengthS, reachS } = await page.evaluate(() => {
    const { phrases, piece, reachS } = proscenium.dance
    const { rotations, joints, frames } = phrases[1]!.motion
    const width = joints.length * 4
    const still = joints.filter((_, joint) =>
      Array.from({ length: frames }, (_, frame) => rotations[frame * width + joint * 4]!).every(
        (x) => x === rotations[joint * 4],
      ),
    )
    const gaps = phrases.slice(1).map(({ from }, i) => Math.abs(from - phrases[i]!.to))
    return { gaps, still, reachS, lengthS: piece?.kind === 'recorded' ? piece.lengthS : 0 }
  })
  expect(Math.max(...gaps)).toBeLessThan(1e-3)
  expect(Math.abs(reachS - lengthS)).toBeLessThan(0.5)
  expect(still.length).toBeLessThan(6)

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save the dance as BVH' }).click(),
  ])
  expect((await readFile(await download.path())).subarray(0, 9).toString()).toBe('HIERARCHY')

  await page.reload()
  await onStage(page)
  await page.evaluate(() => (location.hash = '#models'))
  await page.getByRole('tab', { name: 'Dance', exact: true }).click()
  await expect(page.getByRole('tabpanel')).toContainText('Here, works offline')
  await page.getByRole('button', { name: 'Have it dance' }).click()
  await expect(card(page).getByText(/Ready, works offline/)).toBeVisible({ timeout: 30_000 })
  await card(page).getByText('What is here').click()
  await card(page)
    .getByRole('button', { name: /^Remove \(/ })
    .click()
  await card(page).getByRole('button', { name: 'Remove', exact: true }).click()
  await expect(card(page).getByText('Bring its weights')).toBeVisible()
  const left = await page.evaluate(async () => (await proscenium.guest()).shelf.keptBytes)
  expect(left).toBe(0)
  // Nobody is left without a dance.
  await danceTo(page)
  await page.waitForFunction(() => proscenium.dance.by === 'house' && proscenium.dance.phrases.length > 0)
})

test('whatever else is dropped is named, with what to do, and nothing is lost', async ({ page, home }) => {
  await open(page, home)
  await choose(page)
  const alert = card(page).getByRole('alert')
  const bad: readonly (readonly [name: string, buffer: Buffer, sentence: RegExp])[] = [
    ['experiments.rar', Buffer.from('Rar!\x1a\x07\x01\x00 and so on', 'latin1'), /RAR archive. Unpack it/],
    ['experiments.zip', ZIP, /zip archive/],
    [
      'epoch_0.pt',
      Buffer.from('I am only a text, and not a short one either.\n'.repeat(20)),
      /text, not a checkpoint/,
    ],
    ['epoch_1.pt', HOSTILE, /asks for more than weights: os.system/],
    ['epoch_2.pt', GENERATOR.subarray(0, GENERATOR.length / 2), /not complete|damaged/],
  ]
  for (const [name, buffer, sentence] of bad) {
    await pick(page, [{ name, mimeType: '', buffer }])
    await expect(alert, name).toContainText(sentence)
    await expect(alert, name).toContainText(name)
    await alert.getByRole('button', { name: 'Close' }).click()
  }
  // One of the two, dropped on the page: which other one is wanted is said.
  await page.evaluate((data) => {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0))
    void proscenium.receive([new File([bytes], 'epoch_500.pt')])
  }, POSE.toString('base64'))
  await expect(card(page)).toContainText('Still wanted: epoch_0.pt of cc_motion_gpt')
  // What is refused changes nothing of it.
  await pick(page, [{ ...generator, buffer: HOSTILE }])
  await expect(alert).toContainText('Nothing of it was run')
  await expect(card(page)).toContainText('Still wanted: epoch_0.pt')
  await pick(page, [generator])
  await expect(card(page).getByText(/Ready, works offline/)).toBeVisible({ timeout: 30_000 })
})

withHub(
  'from addresses: what is none is said, what is cut off goes on, and it dances',
  async ({ page, home, hub, shelves }) => {
    const REPO = 'someone/danceba'
    const at = (name: string) => `${hub.host}${REPO}/resolve/main/${name}`
    stock(
      shelves,
      REPO,
      new Map([
        ['epoch_0.pt', GENERATOR],
        ['epoch_500.pt', Buffer.from(POSE)],
      ]),
    )
    await open(page, home)
    await choose(page)
    await card(page).getByText('From an address').click()
    const fetch = async (...addresses: string[]) => {
      await card(page).getByLabel('Addresses of the files').fill(addresses.join('\n'))
      await card(page).getByRole('button', { name: 'Fetch', exact: true }).click()
    }
    const alert = card(page).getByRole('alert')
    await fetch('epoch_0.pt')
    await expect(alert).toContainText('not the address of a file')
    await fetch(at('epoch_7.pt'))
    await expect(alert).toContainText('no file at that address')

    hub.setFault({ path: '*/epoch_0.pt', cutAfter: 30_000, times: 1 })
    await fetch(at('epoch_0.pt'), at('epoch_500.pt'))
    await expect(card(page).getByText(/Ready, works offline/)).toBeVisible({ timeout: 30_000 })
    await expect(alert).toHaveCount(0)
    await danceTo(page)
    await page.waitForFunction(() => proscenium.dance.by === 'danceba' && proscenium.dance.time > 0.5)
  },
)

test('small and for the graphics card: in 8 bits that it can multiply', async ({ page, home }) => {
  test.setTimeout(240_000)
  await open(page, home)
  await page.evaluate(async () => (await proscenium.guest()).set({ precision: 'int8', backend: 'webgpu' }))
  await bring(page)
  await card(page).getByText('What is here').click()
  await expect(card(page).getByRole('row', { name: /Kept as/ })).toContainText('8-bit, for the graphics card')
  await danceTo(page)
  await page.waitForFunction(
    () => proscenium.dance.by === 'danceba' && proscenium.dance.phrases.length > 0,
    undefined,
    { timeout: 120_000 },
  )
  // For the processor it would be another 8 bits: how to get these is said.
  await card(page).getByText('More', { exact: true }).click()
  await card(page).getByText('Processor', { exact: true }).click()
  await expect(card(page)).toContainText('bring them once more')
  await expect(page.getByRole('alert')).toHaveCount(0)
})

test('given up in the middle: of an import, and of a dance', async ({ page, home }) => {
  test.setTimeout(180_000)
  await open(page, home)
  await choose(page)
  // As soon as it can be pressed: small files are there in a moment.
  await card(page).evaluate((card) => {
    const press = () => {
      const cancel = [...card.querySelectorAll('button')].find(({ innerText }) =>
        innerText.includes('Cancel'),
      )
      if (!cancel) return
      watcher.disconnect()
      cancel.click()
    }
    const watcher = new MutationObserver(press)
    watcher.observe(card, { childList: true, subtree: true })
  })
  await pick(page, [generator, poses])
  await expect(card(page).getByText('Bring its weights')).toBeVisible()
  await expect(page.getByRole('alert')).toHaveCount(0)
  expect(await page.evaluate(async () => (await proscenium.guest()).shelf.whole)).toBe(false)

  await pick(page, [generator, poses])
  await expect(card(page).getByText(/Ready, works offline/)).toBeVisible({ timeout: 30_000 })
  await danceTo(page)
  await page.getByRole('button', { name: 'Stop composing' }).first().click({ timeout: 60_000 })
  // Stopped where it is, or danced by the house where there was nothing yet.
  await expect
    .poll(async () => [await progressOf(page), await page.evaluate(() => proscenium.dance.by)])
    .toEqual(expect.arrayContaining([expect.stringMatching(/^(stopped|house)$/)]))
  await page.waitForFunction(() => proscenium.dance.whole, undefined, { timeout: 60_000 })
  await expect(page.getByRole('alert')).toHaveCount(0)
})

test('another order is another dance; the house takes it back', async ({ page, home }) => {
  test.setTimeout(240_000)
  await open(page, home)
  await bring(page)
  await danceTo(page)
  await wholeBy(page, 'danceba')
  const dance = () =>
    page.evaluate(() =>
      proscenium.dance.phrases.map(({ motion }) =>
        motion.rotations.reduce((sum, x, i) => sum + x * ((i % 97) + 1), 0).toFixed(3),
      ),
    )
  const first = await dance()
  await card(page).getByText('Drawn', { exact: true }).click()
  await expect
    .poll(async () => JSON.stringify(await dance()) !== JSON.stringify(first), { timeout: 120_000 })
    .toBe(true)
  await wholeBy(page, 'danceba')
  await card(page).getByText('Likeliest', { exact: true }).click()
  await expect.poll(dance, { timeout: 120_000 }).toEqual(first)
  await page.getByText('House', { exact: true }).first().click()
  await page.waitForFunction(
    () => proscenium.dance.by === 'house' && proscenium.dance.phrases[0]!.moves.length > 0,
    undefined,
    { timeout: 60_000 },
  )
  // What was chosen is chosen on the next visit.
  await page.getByText('Danceba', { exact: true }).first().click()
  await card(page).getByText('Drawn', { exact: true }).click()
  await page.reload()
  await onStage(page)
  expect(await page.evaluate(async () => (await proscenium.guest()).choices.draws)).toBe(true)
  expect(await page.evaluate(() => proscenium.settings.choreographer.current)).toBe('danceba')
})

for (const colorScheme of COLOURS)
  test(`axe finds nothing serious on Danceba's card (${colorScheme})`, async ({ browser, home }) => {
    const page = await stillPage(browser, colorScheme)
    await open(page, home)
    await page.waitForTimeout(1500) // until the curtain is away
    const judge = async (state: string) => {
      await card(page).evaluate((card) =>
        card.querySelectorAll('details').forEach((fold) => (fold.open = true)),
      )
      await expectNothingSerious(page, state, '#panel')
    }
    await choose(page)
    await judge('to be brought')
    await pick(page, [{ name: 'a.zip', mimeType: '', buffer: ZIP }])
    await expect(card(page).getByRole('alert')).toBeVisible()
    await judge('refused')
    await pick(page, [poses])
    await expect(card(page)).toContainText('Still wanted')
    await judge('one of two')
    await pick(page, [generator])
    await expect(card(page).getByText(/Ready, works offline/)).toBeVisible({ timeout: 30_000 })
    await card(page).getByText('Drawn', { exact: true }).click()
    await judge('ready')
    await page.context().close()
  })
