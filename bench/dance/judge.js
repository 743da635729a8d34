/** @file The judgement of beats and dances: a page of its own (main.ts), fed with what ../shared has of music and of people. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'vite'
import { root } from '../../scripts/install.js'
import { serve } from '../../scripts/serve.js'

const data = join(root, '..', 'shared', 'data')
const MUSIC = join(data, 'music')
const TAKES = join(data, 'mocap', 'cmu-05')

/** @param {Pick<import('../run.js').Tools, 'launch' | 'say'>} tools @returns {Promise<Record<string, import('../run.js').Figure>>} */
export const judge = async ({ launch, say }) => {
  const folder = mkdtempSync(join(tmpdir(), 'judge-'))
  await build({
    root: join(root, 'bench', 'dance'),
    configFile: false,
    logLevel: 'error',
    build: { target: 'esnext', outDir: folder, emptyOutDir: true },
  })
  const server = await serve({ folder, port: 0 })
  const browser = await launch()
  const page = await browser.newPage()
  await page.goto(server.url)
  const judgement = /** @type {import('playwright').JSHandle<import('./main').Judgement>} */ (
    await page.waitForFunction(() => globalThis.judgement)
  )
  const beats = await judgement.evaluate((of) => of.beats())
  const planted = await judgement.evaluate((of) => of.planted())
  const freeze = await judgement.evaluate((of) => of.freeze())
  const music = existsSync(MUSIC) ? readdirSync(MUSIC).filter((name) => name.endsWith('.ogg')) : []
  const takes = existsSync(TAKES)
    ? readdirSync(TAKES).filter((name) => name.endsWith('.bvh') && name !== '05_01.bvh') // a walk
    : []
  if (!music.length || !takes.length) say('  (../shared is not here: no real music, no captured dances)')
  const songs = music.map((name) => readFileSync(join(MUSIC, name)).toString('base64'))
  const aligned = songs.length ? await judgement.evaluate((of, songs) => of.align(songs), songs) : undefined
  const captured = takes.map((name) => readFileSync(join(TAKES, name), 'utf8'))
  const beside = captured.length
    ? await judgement.evaluate((of, captured) => of.besidePeople(captured), captured)
    : undefined
  await browser.close()
  await server.close()
  rmSync(folder, { recursive: true })
  return {
    beatF: {
      value: beats.f,
      unit: '',
      bar: 0.95,
      atLeast: true,
      how: `mean F-measure (70 ms) of beats on ${beats.tracks} synthetic tracks (test/fixtures/tracks.ts)`,
    },
    tempo: {
      value: 100 * beats.tempo,
      unit: '%',
      bar: 95,
      atLeast: true,
      how: 'of those tracks whose tempo is found within 4 %',
    },
    ...(aligned && {
      beatAlignment: {
        value: aligned.mean,
        unit: '',
        bar: 0.35,
        atLeast: true,
        how: `beat alignment score of three dances to each of ${aligned.of} recordings in ../shared, to the beats that were found`,
      },
    }),
    footSliding: {
      value: planted.slide,
      unit: 'cm',
      bar: 0.5,
      how: `how far the sole under the ball of a planted foot goes in a contact, on the three built-in avatars as they are drawn, as if their hips were 90 cm high: mean of ${planted.contacts}`,
    },
    footSlidingMost: {
      value: planted.furthest,
      unit: 'cm',
      bar: 1,
      how: 'the same: the worst contact',
    },
    footBelowFloor: {
      value: planted.below,
      unit: 'cm',
      bar: 1,
      how: 'the same: how far the sole of a foot comes below the floor',
    },
    ...(beside && {
      jitter: {
        value: beside.jitter,
        unit: '×',
        bar: 1.2,
        how: 'mean jerk of the joints by their speed, ten seeds, by that of captured dances (CMU 05)',
      },
      diversity: {
        value: beside.diversity,
        unit: '×',
        bar: 0.7,
        atLeast: true,
        how: 'mean distance of ten seeds’ kinetic features (AIST++, 3 a joint) in five excerpts as long as the captured dances, by that between those',
      },
    }),
    longestFreeze: { value: freeze, unit: 's', bar: 1, how: 'ten dances to music without a rest' },
  }
}
