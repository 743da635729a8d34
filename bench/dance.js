/**
 * @file What dancing costs and how good it is. The app itself on tracks that are made here; the analyser and the choreographer
 * on tracks whose beats are known, on real music and beside captured dances (bench/dance/, where ../shared is there).
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runnerImport } from 'vite'
import { root } from '../scripts/install.js'
import { judge } from './dance/judge.js'
import { trace } from './trace.js'
import { median, newPage, plainPage, quantile, raise, settle } from './visit.js'

/** @typedef {import('./visit.js').Page} Page */
/** @typedef {import('./run.js').Suite} Suite */

/** Minutes of playing, pausing and scrubbing. */
const SYNC_MIN = 5

/** @type {Suite} */
export const suite = async ({ launch, say }) => {
  const folder = mkdtempSync(join(tmpdir(), 'dance-'))
  const server = await raise()
  const judged = await judge({ launch, say })
  const files = await makeMusic(folder)
  const browser = await launch()
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 } })
  const page = await newPage(context)
  await settle(page, server.url)
  const thought = await think(page, readFileSync(files.song))
  const starts = []
  for (let i = 0; i < 5; i++) starts.push(await toFirstStep(page, files.song))
  const dancing = await trace(page, browser, () => page.waitForTimeout(8000))
  const working = await trace(page, browser, () => work(page, files.song))
  await context.close()
  say(`  (playing, pausing and scrubbing: ${SYNC_MIN} minutes)`)
  const errors = await synchrony(await browser.newContext(), server.url, files.ruler)
  await browser.close()
  const memory = await peakMemory(launch, server.url, files.long)
  await server.close()
  rmSync(folder, { recursive: true })
  return {
    analysis: {
      value: thought.analysisS,
      unit: 's',
      bar: 4,
      how: 'a song of 3 minutes (synthetic, 44.1 kHz): from its samples to the complete score, in the app while it draws; median of 3',
    },
    firstBeats: {
      value: thought.firstBeatsS,
      unit: 's',
      bar: 0.7,
      how: 'the same to the first score on which a phrase can be composed',
    },
    choreography: {
      value: thought.dancedS,
      unit: 's',
      bar: 0.5,
      how: 'the same song: all phrases, median of 3',
    },
    firstMotion: {
      value: thought.firstPhraseMs,
      unit: 'ms',
      bar: 100,
      how: 'from that first score to its first phrase on the page',
    },
    fileToFirstStep: {
      value: median(starts) / 1000,
      unit: 's',
      bar: 1.5,
      how: 'the song dropped as WAV to the first frame in which it is heard and danced to; median of 5',
    },
    ...judged,
    pictureAgainstSound: {
      value: Math.max(...errors.map(Math.abs)),
      unit: 'ms',
      bar: 16,
      how: `a piece whose samples say where they are, recorded as it is played: its place when the loudspeaker plays it against the moment of the dance that is drawn; worst of ${errors.length} looks in ${SYNC_MIN} minutes of playing, pausing and scrubbing`,
    },
    scriptDancing: {
      value: median(dancing.scriptMs),
      unit: 'ms',
      bar: 6,
      how: 'script on the main thread between two animation frames while it dances, median over 8 s',
    },
    scriptDancingP95: {
      value: quantile(dancing.scriptMs, 0.95),
      unit: 'ms',
      how: 'the same, 95th percentile',
    },
    longestTask: {
      value: Math.max(dancing.longestMs, working.longestMs),
      unit: 'ms',
      bar: 50,
      how: 'the longest task of the main thread while it dances, while the song is dropped, analysed, danced to and saved in each format, and while the house band plays',
    },
    memory: {
      value: memory,
      unit: 'MB',
      bar: 400,
      how: 'resident memory of the page’s process, highest while a 10-minute song is dropped, analysed and danced to, less what it was before',
    },
  }
}

/** @param {string} folder */
const makeMusic = async (folder) => {
  /** @type {{ module: typeof import('../test/fixtures/tracks') }} */
  const { module: tracks } = await runnerImport(join(root, 'test', 'fixtures', 'tracks.ts'))
  /** @param {string} name @param {number} seconds */
  const song = (name, seconds) => {
    const { samples, sampleRate } = tracks.compose({
      name,
      style: 'pop',
      bpm: 118,
      seconds,
      form: 'ABACABAC',
      sampleRate: 44_100,
      seed: 3,
    })
    const path = join(folder, `${name}.wav`)
    writeFileSync(path, wav([samples, samples], sampleRate, 'int16'))
    return path
  }
  const path = join(folder, 'ruler.wav')
  const { samples, sampleRate } = tracks.compose({
    name: 'ruler',
    style: 'pop',
    bpm: 118,
    seconds: RULER_S,
    sampleRate: 16_000,
  })
  // The left side says where it is, as finely as 16 bits can; the right one is danced to.
  const ruler = Float32Array.from(
    { length: samples.length },
    (_, i) => ((i / sampleRate) % RULER_TURN_S) / RULER_TURN_S,
  )
  writeFileSync(path, wav([ruler, samples], sampleRate, 'float32'))
  return { song: song('song', 180), long: song('long', 600), ruler: path }
}

const RULER_S = 330
/** The ruler begins anew so often, seconds. */
const RULER_TURN_S = 30

/** @param {Float32Array[]} channels @param {number} rate @param {'int16' | 'float32'} kind */
const wav = (channels, rate, kind) => {
  const bytes = kind === 'int16' ? 2 : 4
  const count = channels.length
  const length = channels[0]?.length ?? 0
  const file = Buffer.alloc(44 + length * count * bytes)
  file.write('RIFF')
  file.writeUInt32LE(file.length - 8, 4)
  file.write('WAVEfmt ', 8)
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(kind === 'int16' ? 1 : 3, 20)
  file.writeUInt16LE(count, 22)
  file.writeUInt32LE(rate, 24)
  file.writeUInt32LE(rate * count * bytes, 28)
  file.writeUInt16LE(count * bytes, 32)
  file.writeUInt16LE(8 * bytes, 34)
  file.write('data', 36)
  file.writeUInt32LE(length * count * bytes, 40)
  const data = kind === 'int16' ? new Int16Array(length * count) : new Float32Array(length * count)
  channels.forEach((samples, c) =>
    samples.forEach(
      (x, i) =>
        (data[i * count + c] = kind === 'int16' ? Math.round(Math.max(-1, Math.min(1, x)) * 32767) : x),
    ),
  )
  Buffer.from(data.buffer).copy(file, 44)
  return file
}

/**
 * The analyser and the choreographer through the app's own engines.
 * @param {Page} page @param {Buffer} file
 */
const think = async (page, file) => {
  const samples = await page.evaluateHandle(async (data) => {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0))
    const buffer = await new OfflineAudioContext(1, 1, 44_100).decodeAudioData(bytes.buffer)
    return buffer.getChannelData(0)
  }, file.toString('base64'))
  /** @type {{ analysisS: number, firstBeatsS: number, firstPhraseMs: number, dancedS: number }[]} */
  const runs = []
  for (let i = 0; i < 3; i++)
    runs.push(
      await samples.evaluate(async (samples) => {
        const { music, choreographer } = globalThis.proscenium.engines
        const { signal } = new AbortController()
        const order = /** @type {const} */ ({ style: 'auto', seed: 1, energy: 1, mirror: false, rerolls: {} })
        const pieces = async function* () {
          for (let at = 0; at < samples.length; at += 65_536) yield samples.slice(at, at + 65_536)
        }
        const began = performance.now()
        let firstBeats = 0
        let firstPhrase = 0
        let score
        for await (score of await music.analyse(signal, pieces(), 44_100, samples.length / 44_100)) {
          if (firstBeats) continue
          const at = performance.now()
          const phrases = (await choreographer.compose(signal, score, order, 0))[Symbol.asyncIterator]()
          const { done } = await phrases.next()
          await phrases.return?.()
          if (done) continue
          firstBeats = at
          firstPhrase = performance.now()
        }
        const heard = performance.now()
        if (!score) throw new Error('no score')
        await Array.fromAsync(await choreographer.compose(signal, score, order, 0))
        return {
          analysisS: (heard - began) / 1000,
          firstBeatsS: (firstBeats - began) / 1000,
          firstPhraseMs: firstPhrase - firstBeats,
          dancedS: (performance.now() - heard) / 1000,
        }
      }),
    )
  const of = (/** @type {keyof (typeof runs)[number]} */ key) => median(runs.map((run) => run[key]))
  return {
    analysisS: of('analysisS'),
    firstBeatsS: of('firstBeatsS'),
    firstPhraseMs: of('firstPhraseMs'),
    dancedS: of('dancedS'),
  }
}

/** A file is dropped on the page. @param {Page} page @param {string} path */
const drop = async (page, path) => {
  await page.evaluate(() => {
    globalThis.proscenium.dance.leave()
    // A new one each time: choosing the same file again is no change.
    document.querySelector('#dropped')?.remove()
    const input = Object.assign(document.createElement('input'), {
      type: 'file',
      id: 'dropped',
      hidden: true,
    })
    input.onchange = () => {
      globalThis.dropped = performance.now()
      void globalThis.proscenium.receive(input.files ?? [])
    }
    document.body.append(input)
  })
  await page.locator('#dropped').setInputFiles(path)
}

/** Milliseconds from the drop to the first frame in which the music is heard and danced to. @param {Page} page @param {string} path */
const toFirstStep = async (page, path) => {
  await drop(page, path)
  return page.evaluate(
    () =>
      new Promise((/** @type {(ms: number) => void} */ resolve) => {
        const look = () => {
          const now = globalThis.proscenium.dance.now()
          if (now && now.time > 0) resolve(performance.now() - globalThis.dropped)
          else requestAnimationFrame(look)
        }
        look()
      }),
  )
}

/** Everything that takes long: a song from the drop to its files, and the house band. @param {Page} page @param {string} path */
const work = async (page, path) => {
  await drop(page, path)
  const whole = () =>
    page.waitForFunction(
      () => {
        const { score, phrases, piece } = globalThis.proscenium.dance
        const end = piece?.kind === 'recorded' ? piece.lengthS - 0.2 : Infinity
        return score?.complete && (phrases.at(-1)?.to ?? 0) >= end
      },
      undefined,
      { timeout: 120_000 },
    )
  await whole()
  await page.evaluate(async () => {
    for (const format of /** @type {const} */ (['vrma', 'bvh', 'glb', 'json', 'npz']))
      await globalThis.proscenium.saveDance(new AbortController().signal, format)
  })
  await page.getByRole('button', { name: 'Dance', exact: true }).click()
  await page.getByRole('button', { name: 'Mirror Ball' }).click()
  await page.waitForTimeout(500)
  await whole()
}

/**
 * By how much, in ms, the dance is ahead of what is heard.
 * @param {import('playwright').BrowserContext} context @param {string} url @param {string} path
 */
const synchrony = async (context, url, path) => {
  const page = await newPage(context)
  await settle(page, url)
  await drop(page, path)
  await page.waitForFunction(() => globalThis.proscenium.dance.playing, undefined, { timeout: 60_000 })
  const look = () =>
    page.evaluate(async (turnS) => {
      const { context, sampleRate, blocks } = globalThis.heard
      await new Promise((resolve) => requestAnimationFrame(resolve))
      const { contextTime = 0, performanceTime = 0 } = context?.getOutputTimestamp() ?? {}
      const drawn = globalThis.proscenium.dance.now()?.time ?? NaN
      const at = (contextTime + (performance.now() - performanceTime) / 1000) * sampleRate
      await new Promise((resolve) => setTimeout(resolve, 250))
      const block = blocks.find(({ frame, samples }) => frame <= at && at < frame + samples.length)
      const sample = block?.samples[Math.round(at - block.frame)] ?? NaN
      blocks.splice(0)
      const off = drawn - sample * turnS
      return (off - turnS * Math.round(off / turnS)) * 1000
    }, RULER_TURN_S)
  const errors = []
  const end = Date.now() + SYNC_MIN * 60_000
  for (let round = 0; Date.now() < end; round++) {
    // The same places in every run, all over the piece.
    const to = 20 + ((round * 97) % (RULER_S - 60))
    await page.evaluate((to) => globalThis.proscenium.dance.seek(to), to)
    await page.waitForTimeout(6000)
    errors.push(await look())
    await page.evaluate(() => globalThis.proscenium.dance.pause())
    await page.waitForTimeout(700)
    await page.evaluate(() => globalThis.proscenium.dance.play())
    await page.waitForTimeout(6000)
    errors.push(await look())
  }
  await context.close()
  return errors
}

/**
 * In MB. Where there is no /proc it cannot be told.
 * @param {() => Promise<import('playwright').Browser>} launch @param {string} url @param {string} path
 */
const peakMemory = async (launch, url, path) => {
  const browser = await launch()
  const page = await plainPage(await browser.newContext())
  await settle(page, url)
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  const largest = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => ({ id, mb: resident(id) }))
    .sort((a, b) => b.mb - a.mb)[0]
  if (!largest) throw new Error('no process of the page was found')
  await page.requestGC()
  const before = resident(largest.id)
  let peak = 0
  const watch = setInterval(() => (peak = Math.max(peak, resident(largest.id))), 50)
  await drop(page, path)
  await page.waitForFunction(
    () =>
      globalThis.proscenium.dance.score?.complete &&
      (globalThis.proscenium.dance.phrases.at(-1)?.to ?? 0) > 590,
    undefined,
    { timeout: 240_000 },
  )
  clearInterval(watch)
  await browser.close()
  return peak - before
}

/** Megabytes of a process that are in memory. @param {number} pid */
const resident = (pid) => {
  const line = readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+) kB/)
  return Number(line?.[1]) / 1000
}
