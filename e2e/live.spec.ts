/** Music that sounds elsewhere: heard through the microphone, danced to, never kept. */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser } from '@playwright/test'
import { chromiumFlags, requireBrowser } from '../scripts/browser.js'
import { toInt16, wavHeader } from '../src/shared/pcm'
import { compose } from '../test/fixtures/tracks'
import { expect, newPage, open, test } from './fixtures'

/** A browser whose microphone hears this file, again and again. */
const hearing = (file: string): Promise<Browser> =>
  chromium.launch({
    executablePath: requireBrowser(),
    args: [
      ...chromiumFlags,
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-audio-capture=${file}`,
    ],
  })

test('music in the room is danced to while it plays', async ({ home }) => {
  const folder = mkdtempSync(join(tmpdir(), 'live-'))
  const file = join(folder, 'song.wav')
  const { samples, sampleRate } = compose({
    name: 'room',
    style: 'house',
    bpm: 124,
    seconds: 60,
    sampleRate: 48_000,
  })
  writeFileSync(file, new Uint8Array(wavHeader(samples.length, sampleRate)))
  appendFileSync(file, new Uint8Array(toInt16(samples).buffer))
  const browser = await hearing(file)
  const page = await newPage(await browser.newContext({ locale: 'en-GB', permissions: ['microphone'] }))
  await open(page, home)
  await page.getByRole('button', { name: 'Dance' }).click()
  await page.getByRole('button', { name: 'Microphone' }).click()
  await page.waitForFunction(() => proscenium.dance.phase === 'ready', undefined, { timeout: 40_000 })
  const bpm = await page.evaluate(() => proscenium.dance.score!.tempoBpm)
  expect(Math.abs(bpm - 124)).toBeLessThan(4)
  // It is always composed ahead of what is heard.
  for (let i = 0; i < 8; i++) {
    await page.waitForTimeout(1000)
    const ahead = await page.evaluate(() => {
      const { phrases } = proscenium.dance
      return phrases.at(-1)!.to - proscenium.dance.now()!.time
    })
    expect(ahead).toBeGreaterThan(0)
  }
  // Nothing of it is played: the loudspeaker is silent.
  expect(await page.evaluate(() => heard.blocks.some(({ samples }) => samples.some((x) => x !== 0)))).toBe(
    false,
  )
  await expect(page.getByRole('slider', { name: 'Position in the music' })).toHaveCount(0)
  await page.getByRole('button', { name: 'Stop the music' }).click()
  expect(await page.evaluate(() => proscenium.dance.phase)).toBe('none')
  await browser.close()
  rmSync(folder, { recursive: true })
})

test('no microphone, or none that is allowed: a sentence, and what was playing goes on', async ({
  page,
  home,
}) => {
  await open(page, home)
  await page.getByRole('button', { name: 'Dance' }).click()
  await page.getByRole('button', { name: 'Velvet Steps' }).click()
  await page.waitForFunction(() => proscenium.dance.playing)
  await page.getByRole('button', { name: 'Microphone' }).click()
  await expect(page.getByRole('alert')).toContainText('microphone')
  expect(await page.evaluate(() => [proscenium.dance.playing, proscenium.dance.piece?.name])).toEqual([
    true,
    'Velvet Steps',
  ])
})
