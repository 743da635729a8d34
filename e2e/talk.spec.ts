/** @file It says what you type: sound, mouth, captions, stop, save, and whatever text people paste. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Sound } from '../src/shared/contracts'
import { readWav } from '../src/shared/pcm'
import { expect, heardLevels, newPage, open, say, silent, soundIn, test, voiceReady } from './fixtures'

test('typed text gives real speech: sound where it is due, silence where it is not, of the right length', async ({
  page,
  home,
}) => {
  await open(page, home)
  await voiceReady(page)
  await say(page, 'Hello, my friend. How are you today?')
  await silent(page)
  await page.waitForTimeout(400)
  const levels = await heardLevels(page)
  const { first, last, seconds } = soundIn(levels)
  expect(first).toBeGreaterThanOrEqual(0)
  // Eight words with two pauses: about 2.6 s at normal tempo.
  expect(seconds).toBeGreaterThan(1.8)
  expect(seconds).toBeLessThan(4)
  expect(Math.max(...levels)).toBeGreaterThan(0.08)
  // The pause between the sentences is silent; before the first and after the last word there is nothing.
  const pauses =
    levels
      .slice(first, last)
      .join()
      .match(/(?:(?<=^|,)0(?:\.00\d*)?(?:e-\d+)?,){20,}/g) ?? []
  expect(pauses.length).toBeGreaterThanOrEqual(1)
  expect(Math.max(0, ...levels.slice(0, Math.max(0, first - 1)), ...levels.slice(last + 2))).toBeLessThan(
    0.01,
  )
})

test('rate and volume are heard', async ({ page, home }) => {
  await open(page, home)
  await voiceReady(page)
  const measure = async () => {
    await heardLevels(page)
    await say(page, 'One two three four five six seven.')
    await silent(page)
    await page.waitForTimeout(300)
    const levels = await heardLevels(page)
    return { ...soundIn(levels), peak: Math.max(...levels) }
  }
  const normal = await measure()
  await page.evaluate(() => (proscenium.settings.rate.current = 1.6))
  const fast = await measure()
  expect(fast.seconds / normal.seconds).toBeGreaterThan(0.5)
  expect(fast.seconds / normal.seconds).toBeLessThan(0.75)
  await page.evaluate(() => (proscenium.speaker.volume = 0.25))
  const soft = await measure()
  expect(soft.peak / fast.peak).toBeGreaterThan(0.15)
  expect(soft.peak / fast.peak).toBeLessThan(0.4)
})

test('another voice in the middle of a text: it goes on in that one', async ({ page, home }) => {
  await open(page, home)
  await voiceReady(page)
  await page.evaluate(() => {
    const { engines } = proscenium
    const real = engines.voice.bind(engines)
    const asked: string[] = []
    Object.assign(globalThis, { asked })
    engines.voice = async (signal, from) => {
      const voice = await real(signal, from)
      return {
        load: (...rest) => voice.load(...rest),
        speak: (signal, text, delivery) => {
          asked.push(delivery.voice)
          return voice.speak(signal, text, delivery) as AsyncIterable<Sound>
        },
      }
    }
  })
  await say(page, 'The curtain rises on a quiet street. A lamp is lit, and somebody sings. '.repeat(8))
  await page.waitForFunction(() => proscenium.speech.phase === 'speaking')
  await page.evaluate(() => (proscenium.settings.voice.current = { from: 'built-in', id: 'kal' }))
  await page.waitForFunction(() => (globalThis as unknown as { asked: string[] }).asked.includes('kal'))
  expect(await page.evaluate(() => proscenium.speech.phase)).toBe('speaking')
  const asked = await page.evaluate(() => (globalThis as unknown as { asked: string[] }).asked)
  expect(asked[0]).not.toBe('kal')
  expect(asked.at(-1)).toBe('kal')
  await expect(page.getByRole('alert')).toHaveCount(0)
})

test('the mouth follows the sound and rests with it', async ({ page, home }) => {
  await open(page, home)
  await voiceReady(page)
  await page.evaluate(() => {
    const frames: { at: number; open: number }[] = []
    Object.assign(globalThis, { frames })
    const look = () => {
      const { aa = 0, oh = 0, ee = 0, ih = 0, ou = 0 } = proscenium.show.expressions()
      const sounding = proscenium.speaker.heard()
      frames.push({ at: sounding ? 1 : 0, open: aa + 0.75 * oh + 0.6 * ee + 0.4 * ih + 0.35 * ou })
      requestAnimationFrame(look)
    }
    look()
  })
  await say(page, 'My father bought a large warm coat, and my mother made apple pie.')
  await silent(page)
  await page.waitForTimeout(600)
  const frames = await page.evaluate(
    () => (globalThis as unknown as { frames: { at: number; open: number }[] }).frames,
  )
  const speaking = frames.filter(({ at }) => at).map(({ open }) => open)
  const quiet = frames.filter(({ at }, i) => !at && !frames[i - 3]?.at).map(({ open }) => open)
  expect(Math.max(...speaking)).toBeGreaterThan(0.35)
  expect(Math.min(...speaking)).toBeLessThan(0.12)
  expect(Math.max(...quiet)).toBeLessThan(0.05)
})

test('captions follow the words', async ({ page, home }) => {
  await open(page, home)
  await voiceReady(page)
  await page.evaluate(() => {
    const words: string[] = []
    Object.assign(globalThis, { words })
    new MutationObserver(() => {
      const word = document.querySelector('mark')?.textContent
      if (word && words.at(-1) !== word) words.push(word)
    }).observe(document.body, { subtree: true, childList: true, characterData: true })
  })
  await say(page, 'Seven brave sailors crossed the wide blue ocean.')
  await expect(page.locator('.caption')).toContainText('sailors')
  await silent(page)
  const words = await page.evaluate(() => (globalThis as unknown as { words: string[] }).words)
  const expected = ['Seven', 'brave', 'sailors', 'crossed', 'the', 'wide', 'blue', 'ocean']
  // A word that lasts less than a frame may not be seen; what is seen is in order.
  expect(words.length).toBeGreaterThanOrEqual(6)
  expect(expected.filter((word) => words.some((seen) => seen.replace(/\W/g, '') === word))).toEqual(
    words.map((seen) => seen.replace(/\W/g, '')),
  )
  await expect(page.locator('.caption')).toHaveCount(0)
})

test('stop silences it at once, and it can speak again', async ({ page, home }) => {
  await open(page, home)
  await voiceReady(page)
  await say(
    page,
    'This is a very long sentence that goes on and on, and nobody knows when it will ever come to an end, if at all.',
  )
  await page.waitForFunction(() => proscenium.speech.phase === 'speaking')
  await page.waitForTimeout(700)
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.waitForTimeout(250)
  await heardLevels(page)
  await page.waitForTimeout(1200)
  expect(Math.max(0, ...(await heardLevels(page)))).toBeLessThan(0.001)
  await expect(page.locator('.caption')).toHaveCount(0)
  await say(page, 'And again.')
  await silent(page)
  await page.waitForTimeout(300)
  expect(soundIn(await heardLevels(page)).seconds).toBeGreaterThan(0.3)
})

test('another text replaces the one being said', async ({ page, home }) => {
  await open(page, home)
  await voiceReady(page)
  await say(
    page,
    'The first text is long enough to be interrupted by the second one, which comes in the middle of it.',
  )
  await page.waitForFunction(() => proscenium.speech.phase === 'speaking')
  await say(page, 'The second.')
  await expect(page.locator('.caption')).toContainText('second')
  await silent(page, 10_000)
  expect(await page.evaluate(() => proscenium.speech.line?.text)).toBe('The second.')
})

test('“Save audio” writes a WAV of the whole text', async ({ page, home }) => {
  await open(page, home)
  await voiceReady(page)
  await say(page, 'Save this. Please!')
  await silent(page)
  const download = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save audio' }).click()
  const file = await download
  expect(file.suggestedFilename()).toBe('Save this Please.wav')
  const wav = readWav(readFileSync(await file.path()))
  expect(wav?.sampleRate).toBe(16000)
  const levels = Array.from({ length: Math.floor(wav!.samples.length / 160) }, (_, i) =>
    Math.sqrt(wav!.samples.slice(i * 160, i * 160 + 160).reduce((sum, x) => sum + x * x, 0) / 160),
  )
  expect(soundIn(levels).seconds).toBeGreaterThan(0.9)
  expect(Math.max(...levels)).toBeGreaterThan(0.08)
})

test.describe('whatever people paste', () => {
  test('only emoji: acted, not read, and nothing breaks', async ({ page, home }) => {
    await open(page, home)
    await voiceReady(page)
    await say(page, '😂😂🍕')
    await page.waitForFunction(() => (proscenium.show.expressions()['happy'] ?? 0) > 0.5)
    await silent(page)
    expect(soundIn(await heardLevels(page)).seconds).toBe(0)
  })

  test('signs that nobody can say: a clear sentence, and the text stays', async ({ page, home }) => {
    await open(page, home)
    await voiceReady(page)
    await say(page, '… --- !!')
    await expect(page.getByRole('alert')).toContainText('nothing in that for a voice to say')
    await expect(page.getByRole('textbox')).toHaveValue('… --- !!')
  })

  test('letters of another script are left out, and it is said which', async ({ page, home }) => {
    await open(page, home)
    await voiceReady(page)
    await say(page, 'The word for hello is 你好, they say.')
    await silent(page)
    await expect(page.getByText('left out “你好”')).toBeVisible()
    expect(soundIn(await heardLevels(page)).seconds).toBeGreaterThan(1)
  })

  test('lone surrogates, right-to-left text, control characters', async ({ page, home }) => {
    await open(page, home)
    await voiceReady(page)
    await page.evaluate(() =>
      proscenium.say('One \ud800 two \udfff three \u0000\u0007 four \u202eevif\u202c.'),
    )
    expect(soundIn(await heardLevels(page)).seconds).toBeGreaterThan(1)
    await say(page, 'שלום hello עולם')
    await expect(page.locator('.caption')).toContainText('hello')
    await silent(page)
  })

  test('a hundred thousand characters: it begins at once, the page stays alive, stop works', async ({
    page,
    home,
  }) => {
    await open(page, home)
    await voiceReady(page)
    const text = 'All work and no play makes Jack a dull boy, says the old book. '.repeat(1600)
    expect(text.length).toBeGreaterThan(100_000)
    await page.getByRole('textbox').fill(text)
    await expect(page.getByText(/about \d+ minutes of speech/)).toBeVisible()
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => proscenium.speech.phase === 'speaking', undefined, { timeout: 10_000 })
    await page.waitForTimeout(2000)
    await page.getByRole('button', { name: 'Stop' }).click()
    await silent(page, 5000)
  })
})

test('the voice is not there yet and there is no network: a clear sentence, and the text stays', async ({
  browser,
  home,
}) => {
  const context = await browser.newContext({ locale: 'en-GB', serviceWorkers: 'block' })
  const page = await newPage(context)
  await page.route('**/*.bin', (route) => route.abort())
  await open(page, home)
  await say(page, 'Can you hear me?')
  await expect(page.getByRole('alert')).toContainText('no network')
  await expect(page.getByRole('textbox')).toHaveValue('Can you hear me?')
  await context.close()
})

const recording = join(import.meta.dirname, '../../shared/data/speech/jfk.wav')
test('a recording is performed: its own sound, the lips by ear', async ({ page, home }) => {
  test.skip(!existsSync(recording), 'no ../shared: a recorded voice may not be in the repository')
  await open(page, home)
  await page.evaluate(() => (location.hash = 'voice'))
  await page.locator('input[type=file]').setInputFiles(recording)
  await page.waitForFunction(() => proscenium.speech.phase === 'speaking')
  await page.waitForFunction(() => {
    const { aa = 0, oh = 0, ee = 0, ih = 0, ou = 0 } = proscenium.show.expressions()
    return aa + oh + ee + ih + ou > 0.2
  })
  await silent(page)
  expect(soundIn(await heardLevels(page)).seconds).toBeGreaterThan(9)
})
