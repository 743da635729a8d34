/** Music in, a dance out: on the beat, on planted feet, and gone when it is to be. */
import { readFile } from 'node:fs/promises'
import { againOffline, expect, keptAll, onStage, open, test } from './fixtures'
import type { Page } from '@playwright/test'

const band = async (page: Page, name: string) => {
  await page.getByRole('button', { name: 'Dance' }).click()
  await page.getByRole('button', { name }).click()
  await page.waitForFunction(() => proscenium.dance.phase === 'ready')
}

test('the house band plays, and it dances: without a file, without a network', async ({ page, home }) => {
  await open(page, home)
  await keptAll(page)
  await againOffline(page)
  await band(page, 'Velvet Steps')
  await page.waitForFunction(() => proscenium.dance.time > 2)
  const { playing, phrases, bpm } = await page.evaluate(() => ({
    playing: proscenium.dance.playing,
    phrases: proscenium.dance.phrases.length,
    bpm: proscenium.dance.score?.tempoBpm ?? 0,
  }))
  expect(playing).toBe(true)
  expect(phrases).toBeGreaterThan(1)
  expect(Math.abs(bpm - 104)).toBeLessThan(2)
  // Music is heard.
  const loudest = await page.evaluate(() =>
    Math.max(...heard.blocks.flatMap(({ samples }) => [...samples]).map(Math.abs)),
  )
  expect(loudest).toBeGreaterThan(0.05)
})

test('all of it is composed, without a gap; pause, scrub and leave', async ({ page, home }) => {
  await open(page, home)
  await band(page, 'Music Box Waltz')
  await page.waitForFunction(() => proscenium.dance.score?.complete, undefined, { timeout: 60_000 })
  const whole = () =>
    page.waitForFunction(() => {
      const { phrases, piece } = proscenium.dance
      return piece?.kind === 'recorded' && phrases.at(-1)!.to >= piece.lengthS - 0.1
    })
  await whole()
  const { gaps, beatsPerBar, style } = await page.evaluate(() => {
    const { phrases, score } = proscenium.dance
    return {
      gaps: phrases.slice(1).map(({ from }, i) => Math.abs(from - phrases[i]!.to)),
      beatsPerBar: score!.beatsPerBar,
      style: phrases[4]!.style,
    }
  })
  expect(Math.max(...gaps)).toBeLessThan(1e-3)
  expect([beatsPerBar, style]).toEqual([3, 'waltz'])
  await page.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('button', { name: 'Pause' }).click()
  const rested = await page.evaluate(() => proscenium.dance.time)
  await page.waitForTimeout(400)
  expect(await page.evaluate(() => proscenium.dance.time)).toBe(rested)
  await page.getByRole('slider', { name: 'Position in the music' }).fill('30')
  expect(await page.evaluate(() => proscenium.dance.time)).toBeCloseTo(30, 1)
  await page.getByRole('button', { name: 'Play', exact: true }).click()
  await page.waitForFunction(() => proscenium.dance.time > 31)
  await page.getByRole('button', { name: 'Stop the music' }).click()
  await expect(page.getByRole('textbox')).toBeVisible()
})

test('another seed is another dance, the same seed the same', async ({ page, home }) => {
  await open(page, home)
  await band(page, 'Paper Kites')
  await page.waitForFunction(() => proscenium.dance.score?.complete, undefined, { timeout: 60_000 })
  const dance = () =>
    page.evaluate(async () => {
      await proscenium.dance.change({})
      return proscenium.dance.phrases.map(({ motion }) =>
        motion.rotations.reduce((sum, x, i) => sum + x * ((i % 97) + 1), 0),
      )
    })
  const first = await dance()
  await page.getByRole('button', { name: 'Another dance to this' }).click()
  const second = await dance()
  expect(second).not.toEqual(first)
  await page.evaluate(() => proscenium.dance.change({ seed: 1 }))
  expect(await dance()).toEqual(first)
})

test('the timeline: go to a phrase, have another idea for it', async ({ page, home }) => {
  await open(page, home)
  await band(page, 'Tin Hearts')
  await page.waitForFunction(() => proscenium.dance.score?.complete, undefined, { timeout: 60_000 })
  await page.getByRole('button', { name: 'Close' }).click()
  const timeline = page.getByRole('list', { name: 'The dance, phrase by phrase' })
  await timeline.getByRole('button').nth(6).click()
  const motionOf = (index: number) =>
    page.evaluate((i) => Array.from(proscenium.dance.phrases[i]!.motion.rotations.subarray(0, 4000)), index)
  const [index, from] = await page.evaluate(() => {
    const phrase = proscenium.dance.phrases.find(({ to }) => to > proscenium.dance.time)!
    return [phrase.index, phrase.from]
  })
  expect(await page.evaluate(() => proscenium.dance.time)).toBeCloseTo(from, 0)
  await expect(timeline.locator('[aria-current=true]')).toHaveAccessibleName(/, from \d:\d\d$/)
  const before = await motionOf(index)
  await timeline.getByRole('button', { name: 'Another idea for this phrase' }).click()
  await expect.poll(async () => JSON.stringify(await motionOf(index)) !== JSON.stringify(before)).toBe(true)
})

test('a dance has a number that brings it back', async ({ page, home }) => {
  await open(page, home)
  await band(page, 'Tin Hearts')
  const number = page.getByRole('spinbutton', { name: 'Dance number' })
  await number.fill('77')
  await number.press('Enter')
  expect(await page.evaluate(() => proscenium.dance.order.seed)).toBe(77)
  await number.fill('-3')
  await number.press('Enter')
  await expect(number).toHaveValue('77')
})

test('the camera is as it was chosen, also next time', async ({ page, home }) => {
  await open(page, home)
  await page.getByRole('button', { name: 'Dance' }).click()
  await page.getByText('Cuts', { exact: true }).click()
  await page.reload()
  await onStage(page)
  expect(await page.evaluate(() => proscenium.settings.camera.current)).toBe('cuts')
})

/** A WAV file, base64: a tone, noise or silence. */
const wav = (of: {
  rate: number
  channels: number
  seconds: number
  sound: 'tone' | 'noise' | 'silence'
}) => {
  const { rate, channels, seconds, sound } = of
  const frames = Math.round(rate * seconds)
  const file = Buffer.alloc(44 + frames * channels * 2)
  file.write('RIFF')
  file.writeUInt32LE(file.length - 8, 4)
  file.write('WAVEfmt ', 8)
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(1, 20)
  file.writeUInt16LE(channels, 22)
  file.writeUInt32LE(rate, 24)
  file.writeUInt32LE(rate * channels * 2, 28)
  file.writeUInt16LE(channels * 2, 32)
  file.writeUInt16LE(16, 34)
  file.write('data', 36)
  file.writeUInt32LE(frames * channels * 2, 40)
  let chance = 1
  for (let i = 0; i < frames * channels; i++) {
    chance = (chance * 48_271) % 0x7fff_ffff
    const value = { tone: Math.sin(i / 20), noise: chance / 0x4000_0000 - 1, silence: 0 }[sound]
    file.writeInt16LE(Math.round(9000 * value), 44 + 2 * i)
  }
  return file
}

const receive = (page: Page, name: string, file: Buffer | string) =>
  page.evaluate(
    ([name, data]) => {
      proscenium.notices.dismiss()
      const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0))
      void proscenium.receive([new File([bytes], name)])
    },
    [name, Buffer.from(file).toString('base64')] as const,
  )

test('what cannot be danced to is refused with a reason, and what was playing goes on', async ({
  page,
  home,
}) => {
  await open(page, home)
  await band(page, 'Velvet Steps')
  const sound = { rate: 44_100, channels: 2, seconds: 3, sound: 'tone' } as const
  const bad: readonly (readonly [name: string, file: Buffer | string, sentence: string])[] = [
    ['song.mp3', 'I am a text.', 'no sound this browser can read'],
    ['empty.ogg', '', 'no sound this browser can read'],
    ['nothing.wav', wav({ ...sound, seconds: 0 }), 'no sound this browser can read'],
    ['cut.flac', 'fLaC\0\0\0\x22', 'no sound this browser can read'],
    ['bad.bvh', 'HIERARCHY of nothing', 'of a kind this page cannot read'],
    ['cut.bvh', 'HIERARCHY\nROOT Hips\n{\nOFFSET 0 0 0', 'ends too early'],
    ['cut.vrma', 'glTF\x02\0\0\0\xff\xff\0\0\xf0\xff\0\0JSON{}', 'ends too early'],
    [
      'snake.bvh',
      `HIERARCHY\nROOT tail\n{\nOFFSET 0 0 0\nCHANNELS 1 Xrotation\nJOINT tongue\n{\nOFFSET 0 1 0\nCHANNELS 1 Xrotation\nEnd Site\n{\nOFFSET 0 1 0\n}\n}\n}\nMOTION\nFrames: 1\nFrame Time: 0.1\n0 0\n`,
      'tail, tongue',
    ],
    ['letter.doc', 'Dear Sir or Madam', 'neither an avatar'],
  ]
  for (const [name, file, sentence] of bad) {
    await receive(page, name, typeof file === 'string' ? Buffer.from(file, 'latin1') : file)
    await expect(page.getByRole('alert'), name).toContainText(sentence)
    expect(await page.evaluate(() => [proscenium.dance.playing, proscenium.dance.piece?.name])).toEqual([
      true,
      'Velvet Steps',
    ])
  }
  // Three hours: one minute of silence, again and again.
  const header = wav({ rate: 8000, channels: 1, seconds: 0, sound: 'silence' })
  const bytes = 2 * 8000 * 3 * 3600
  header.writeUInt32LE(36 + bytes, 4)
  header.writeUInt32LE(bytes, 40)
  await page.evaluate((header) => {
    proscenium.notices.dismiss()
    const minute = new Blob([new Uint8Array(2 * 8000 * 60)])
    const bytes = Uint8Array.from(header)
    void proscenium.receive([new File([bytes, ...Array.from({ length: 180 }, () => minute)], 'night.wav')])
  }, Array.from(header))
  await expect(page.getByRole('alert')).toContainText('20 minutes')
  expect(await page.evaluate(() => proscenium.dance.piece?.name)).toBe('Velvet Steps')
})

test('odd files are danced to as what they are', async ({ page, home }) => {
  await open(page, home)
  const sound = { rate: 44_100, channels: 2, seconds: 12, sound: 'noise' } as const
  const odd: readonly (readonly [name: string, file: Buffer, seconds: number])[] = [
    ['a moment', wav({ ...sound, seconds: 0.3 }), 0.3],
    ['silence', wav({ ...sound, sound: 'silence' }), 12],
    ['noise', wav(sound), 12],
    ['8 kHz', wav({ ...sound, rate: 8000, channels: 1 }), 12],
    ['192 kHz', wav({ ...sound, rate: 192_000 }), 12],
    ['surround', wav({ ...sound, rate: 48_000, channels: 6 }), 12],
    ['cut off', wav(sound).subarray(0, 44 + 44_100 * 4 * 5), 5],
  ]
  for (const [name, file, seconds] of odd) {
    await receive(page, `${name}.wav`, file)
    await page.waitForFunction(
      (name) =>
        proscenium.dance.piece?.name === name &&
        proscenium.dance.phase === 'ready' &&
        proscenium.dance.score?.complete,
      name,
    )
    const { length, phrases, bpm } = await page.evaluate(() => {
      const { piece, phrases, score } = proscenium.dance
      return {
        length: piece?.kind === 'recorded' ? piece.lengthS : 0,
        phrases: phrases.length,
        bpm: score?.tempoBpm,
      }
    })
    expect(length, name).toBeCloseTo(seconds, 1)
    expect(phrases, name).toBeGreaterThan(0)
    expect(bpm, name).toBe(0)
  }
  await expect(page.getByRole('status').filter({ hasText: 'No beat in this' })).toBeVisible()
  await expect(page.getByRole('alert')).toHaveCount(0)
})

test('the dance is saved as files, and a saved dance is performed', async ({ page, home }) => {
  await open(page, home)
  await band(page, 'Music Box Waltz')
  await page.waitForFunction(
    () => proscenium.dance.score?.complete && proscenium.dance.phrases.at(-1)!.to > 70,
    undefined,
    { timeout: 60_000 },
  )
  // Given up, nothing comes of it.
  let downloads = 0
  page.on('download', () => downloads++)
  await expect(page.getByRole('button', { name: 'Save the dance as BVH' })).toBeVisible()
  await page.evaluate(async () => {
    const press = (label: string) => document.querySelector<HTMLElement>(`[aria-label="${label}"]`)!.click()
    press('Save the dance as BVH')
    await new Promise(requestAnimationFrame)
    press('Stop saving as BVH')
  })
  await expect(page.getByRole('button', { name: 'Save the dance as BVH' })).toBeVisible()
  expect(downloads).toBe(0)
  const begins: Record<string, string> = { VRMA: 'glTF', BVH: 'HIERARCHY', GLB: 'glTF', JSON: '{', NPZ: 'PK' }
  for (const [format, begin] of Object.entries(begins)) {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: `Save the dance as ${format}` }).click(),
    ])
    const bytes = await readFile(await download.path())
    expect(download.suggestedFilename()).toBe(`Music Box Waltz.${format.toLowerCase()}`)
    expect(bytes.subarray(0, begin.length).toString('latin1')).toBe(begin)
    expect(bytes.length).toBeGreaterThan(100_000)
    if (format !== 'VRMA') continue
    await page.evaluate((data) => {
      proscenium.dance.pause()
      const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0))
      void proscenium.receive([new File([bytes], 'again.vrma')])
    }, bytes.toString('base64'))
  }
  await expect(page.getByRole('alert')).toHaveCount(0)
})
