/** @file How soon it speaks, how soon it is silent, and how well the mouth follows. Stage rendering all the while. */
import { median, newPage, quantile, raise, settle } from './visit.js'

/** Twenty words, with a comma as people write them. */
const SENTENCE =
  'Good evening everyone, and welcome to the little theatre where every story begins with a single word and a curious heart.'
const SPOKEN =
  'My father bought a large brown coat. Our mother made warm apple pie, and nobody knew who ate it all. Wow, they said!'

const RUNS = 15
/** The loudest of a whisper; below is silence. */
const AUDIBLE = 0.004

/** @type {import('./run.js').Suite} */
export const suite = async ({ launch }) => {
  const server = await raise()
  const browser = await launch()
  const page = await newPage(await browser.newContext({ viewport: { width: 1280, height: 720 } }))
  await settle(page, server.url)
  await page.evaluate(listen)
  /** @type {number[]} */
  const enterToSound = []
  /** @type {number[]} */
  const pastedToSound = []
  /** @type {number[]} */
  const whole = []
  /** @type {number[]} */
  const wholeFirst = []
  /** @type {number[]} */
  const stop = []
  // Interleaved: what drifts, drifts for all of them.
  for (let run = 0; run < RUNS; run++) {
    enterToSound.push(await timeToSound(page, SENTENCE, 'typed'))
    stop.push(await timeToSilence(page))
    pastedToSound.push(await timeToSound(page, SENTENCE, 'pasted'))
    await timeToSilence(page)
    const { synthesis, sound } = await timeWhole(page, SENTENCE)
    whole.push(synthesis)
    wholeFirst.push(sound)
  }
  const mouth = await followMouth(page)
  const latency = await page.evaluate(() => 1000 * (globalThis.heard.context?.outputLatency ?? 0))
  await browser.close()
  await server.close()
  return {
    enterToSound: {
      value: median(enterToSound),
      unit: 'ms',
      bar: 200,
      how: `Enter, 0.3 s after the last letter, to the first sample above ${AUDIBLE} leaving the app; 20 words, warm voice, median of ${RUNS}`,
    },
    enterToSoundP95: { value: quantile(enterToSound, 0.95), unit: 'ms', how: 'the same, 95th percentile' },
    pastedToSound: {
      value: median(pastedToSound),
      unit: 'ms',
      bar: 200,
      how: 'the same without time to prepare: text and Enter in the same moment',
    },
    wholeSynthesis: {
      value: median(whole),
      unit: 'ms',
      how: 'the same text asked of the voice in one piece, until its samples are on the page',
    },
    againstWholeFirst: {
      value: median(enterToSound) / median(whole),
      unit: '×',
      bar: 0.5,
      how: 'enterToSound by wholeSynthesis, interleaved',
    },
    pastedAgainstWholeFirst: {
      value: median(pastedToSound) / median(wholeFirst),
      unit: '×',
      bar: 0.5,
      how: 'pastedToSound by wholeFirstToSound: both without preparation, both to the first audible sample',
    },
    wholeFirstToSound: {
      value: median(wholeFirst),
      unit: 'ms',
      how: 'asked to first audible sample when the whole text is made first and then played',
    },
    outputLatency: {
      value: latency,
      unit: 'ms',
      how: 'what this machine adds to each of these between the app and the loudspeaker, as the browser reports it',
    },
    stopToSilence: {
      value: median(stop),
      unit: 'ms',
      bar: 50,
      how: `button pressed to the last sample above ${AUDIBLE} (the fade of 10 ms included), median of ${RUNS}`,
    },
    mouthOffset: {
      value: mouth.offsetMs,
      unit: 'ms',
      bar: 60,
      how: `|lag| at the peak of the cross-correlation of mouth opening (as drawn) and loudness (80 ms RMS, as played); the mouth ${mouth.lagMs >= 0 ? 'follows' : 'leads'}`,
    },
    mouthCorrelation: {
      value: mouth.correlation,
      unit: '',
      bar: 0.6,
      atLeast: true,
      how: 'at that peak, over three sentences',
    },
  }
}

/** In the page: when a frame of the audio context leaves it, on the page's clock; and the first or last loud sample. */
const listen = () => {
  const { heard } = globalThis
  const tools = {
    /**
     * When a frame leaves the loudspeaker, as the browser estimates it; the machine's own output latency is part of it.
     * @param {number} frame
     */
    timeOf: (frame) => {
      const { contextTime = 0, performanceTime = 0 } = heard.context?.getOutputTimestamp() ?? {}
      return performanceTime + (frame / heard.sampleRate - contextTime) * 1000
    },
    /** @param {number} level @param {'first' | 'last'} which */
    loud: (level, which) => {
      let found = -1
      for (const { frame, samples } of heard.blocks)
        for (let i = 0; i < samples.length; i++)
          if (Math.abs(samples[i] ?? 0) > level) {
            if (which === 'first') return frame + i
            found = frame + i
          }
      return found
    },
    /** When a frame leaves the app. @param {number} frame */
    leftAt: (frame) => tools.timeOf(frame) - 1000 * (heard.context?.outputLatency ?? 0),
    pressed: 0,
  }
  Object.assign(globalThis, { tools })
  for (const kind of ['keydown', 'click'])
    addEventListener(kind, (event) => (tools.pressed = event.timeStamp), { capture: true })
}

/** @param {import('./visit.js').Page} page @param {string} text @param {'typed' | 'pasted'} how */
const timeToSound = async (page, text, how) => {
  if (how === 'typed') await page.getByRole('textbox').fill(text)
  await page.waitForTimeout(how === 'typed' ? 300 : 500)
  await page.evaluate(() => globalThis.heard.blocks.splice(0))
  if (how === 'typed') {
    await page.keyboard.press('Enter')
  } else {
    await page.getByRole('textbox').focus()
    // A paste and a key in one task: nothing runs between them.
    await page.evaluate((pasted) => {
      const box = /** @type {HTMLTextAreaElement} */ (document.activeElement)
      box.value = pasted
      box.dispatchEvent(new InputEvent('input', { bubbles: true }))
      box.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))
    }, text)
  }
  await page.waitForFunction(() => globalThis.proscenium.speech.phase === 'speaking')
  await page.waitForTimeout(500)
  return page.evaluate((level) => {
    const { tools } = globalThis
    return tools.leftAt(tools.loud(level, 'first')) - tools.pressed
  }, AUDIBLE)
}

/** In the middle of speech. @param {import('./visit.js').Page} page */
const timeToSilence = async (page) => {
  await page.waitForTimeout(400)
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.waitForTimeout(600)
  return page.evaluate((level) => {
    const { tools } = globalThis
    return Math.max(0, tools.leftAt(tools.loud(level, 'last')) - tools.pressed)
  }, AUDIBLE)
}

/** @param {import('./visit.js').Page} page @param {string} text */
const timeWhole = async (page, text) => {
  await page.evaluate(() => globalThis.heard.blocks.splice(0))
  const { began, synthesis } = await page.evaluate(async (whole) => {
    const { engines, settings, speaker } = globalThis.proscenium
    const { signal } = new AbortController()
    const delivery = { voice: settings.voice.current.id, rate: 1, pitch: 1, volume: 1 }
    const start = performance.now()
    const voice = await engines.voice(signal, 'built-in')
    let made = 0
    for await (const sound of await voice.speak(signal, whole, delivery)) {
      if (sound.kind !== 'pcm') continue
      made = performance.now() - start
      const { samples, sampleRate } = sound
      const track = { visemes: [] }
      await speaker.play(signal, {
        samples,
        sampleRate,
        gapS: 0,
        track,
        marks: [],
        piece: { from: 0, to: 0 },
      })
    }
    return { began: start, synthesis: made }
  }, text)
  await page.waitForTimeout(400)
  const sound = await page.evaluate(
    ({ start, level }) => {
      const { tools, proscenium } = globalThis
      const at = tools.leftAt(tools.loud(level, 'first')) - start
      proscenium.speaker.flush()
      return at
    },
    { start: began, level: AUDIBLE },
  )
  await page.waitForTimeout(300)
  return { synthesis, sound }
}

/**
 * Mouth opening in each frame against loudness as played, both at 100 a second on the page's clock.
 * @param {import('./visit.js').Page} page
 */
const followMouth = async (page) => {
  await page.evaluate(() => {
    globalThis.heard.blocks.splice(0)
    /** @type {typeof globalThis.mouths} */
    const mouths = []
    Object.assign(globalThis, { mouths })
    const look = () => {
      const { aa = 0, oh = 0, ee = 0, ih = 0, ou = 0 } = globalThis.proscenium.show.expressions()
      mouths.push({ at: performance.now(), open: aa + 0.75 * oh + 0.65 * ee + 0.4 * ih + 0.35 * ou })
      requestAnimationFrame(look)
    }
    look()
  })
  await page.getByRole('textbox').fill(SPOKEN)
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => globalThis.proscenium.speech.phase === 'silent', undefined, {
    timeout: 60_000,
  })
  await page.waitForTimeout(400)
  const { levels, mouth } = await page.evaluate(() => {
    const { heard, tools, mouths } = globalThis
    const first = tools.timeOf(heard.blocks[0]?.frame ?? 0)
    const step = heard.sampleRate / 100
    const sums = /** @type {number[]} */ ([])
    for (const { frame, samples } of heard.blocks)
      samples.forEach((x, i) => {
        const n = Math.floor((frame - (heard.blocks[0]?.frame ?? 0) + i) / step)
        sums[n] = (sums[n] ?? 0) + x * x
      })
    return {
      levels: Array.from(sums, (s) => Math.sqrt((s ?? 0) / step)),
      mouth: Array.from(sums, (_, n) => {
        const at = first + n * 10
        const next = mouths.findIndex((mouth) => mouth.at > at)
        const [a, b] = [mouths[next - 1], mouths[next]]
        return a && b ? a.open + ((at - a.at) / (b.at - a.at)) * (b.open - a.open) : 0
      }),
    }
  })
  const loudness = levels.map((_, i) => {
    const near = levels.slice(Math.max(0, i - 4), i + 4)
    return near.reduce((s, x) => s + x, 0) / near.length
  })
  let best = { lag: 0, correlation: -1 }
  for (let lag = -30; lag <= 30; lag++) {
    const correlation = correlate(loudness.slice(30, -30), mouth.slice(30 + lag, mouth.length - 30 + lag))
    if (correlation > best.correlation) best = { lag, correlation }
  }
  return { lagMs: best.lag * 10, offsetMs: Math.abs(best.lag * 10), correlation: best.correlation }
}

/** Pearson's. @param {readonly number[]} a @param {readonly number[]} b */
const correlate = (a, b) => {
  const mean = (/** @type {readonly number[]} */ x) => x.reduce((s, v) => s + v, 0) / x.length
  const [ma, mb] = [mean(a), mean(b)]
  let [ab, aa, bb] = [0, 0, 0]
  a.forEach((x, i) => {
    const y = (b[i] ?? 0) - mb
    ab += (x - ma) * y
    aa += (x - ma) ** 2
    bb += y * y
  })
  return ab / Math.sqrt(aa * bb)
}
