/** @file What the analyser of music hears: beats, bars, parts and loudness of tracks that are known, and nothing in noise. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import type { Score } from '../../src/shared/contracts'
import { readWav } from '../../src/shared/pcm'
import { analyse } from '../../workers/music/analyse'
import { beatF, compose, inPieces, random, TRACKS, type TrackOrder } from '../fixtures/tracks'

vi.setConfig({ testTimeout: 60_000 }) // half a minute of music takes some tenths of a second, on a busy machine more

const analysis = (
  samples: Float32Array,
  sampleRate: number,
  signal = new AbortController().signal,
  pieces = inPieces(samples),
) => analyse(signal, pieces, sampleRate, samples.length / sampleRate)
const all = async (analysis: AsyncIterable<Score>): Promise<Score[]> => {
  const scores: Score[] = []
  for await (const score of analysis) scores.push(score)
  return scores
}
const scoresOf = (samples: Float32Array, sampleRate: number) => all(analysis(samples, sampleRate))
const scoreOf = async (samples: Float32Array, sampleRate: number) =>
  (await scoresOf(samples, sampleRate)).at(-1)!

/** What every score must be, whatever was heard. */
const checkSensible = (score: Score) => {
  const { beats, strengths, downbeats, sections, upTo, energy, bands } = score
  expect(strengths.length).toBe(beats.length)
  for (let i = 1; i < beats.length; i++) expect(beats[i]! - beats[i - 1]!).toBeGreaterThan(0.15)
  for (const at of downbeats) expect(beats).toContain(at)
  for (const values of [strengths, energy, bands.low, bands.mid, bands.high])
    for (const value of values) if (!(value >= 0 && value <= 1)) expect(value).toBe('0 to 1')
  expect(energy.length).toBeGreaterThan(upTo * 10 - 2.5)
  let end = 0
  for (const section of sections) {
    expect(section.from).toBe(end)
    expect(section.to).toBeGreaterThan(section.from)
    end = section.to
  }
  expect(end).toBe(upTo)
  expect(score.settled).toBeLessThanOrEqual(upTo)
}

test('beats, tempo, metre and bars of tracks from 60 to 190 beats a minute', async () => {
  interface Row {
    readonly name: string
    readonly f: number
    readonly bars: number
    readonly tempo: boolean
    readonly metre: boolean
    /** Where a beat is found at all, it must not be early or late on the whole. Seconds. */
    readonly late: number
  }
  const rows: Row[] = []
  for (const order of TRACKS) {
    const track = compose(order)
    const score = await scoreOf(track.samples, track.sampleRate)
    checkSensible(score)
    rows.push({
      name: order.name,
      f: beatF(track.beats, score.beats),
      bars: beatF(track.downbeats, score.downbeats),
      tempo: Math.abs(score.tempoBpm / track.bpm - 1) < 0.04,
      metre: score.beatsPerBar === track.beatsPerBar,
      late: Math.abs(medianError(track.beats, score.beats)),
    })
  }
  const share = (of: (row: Row) => number | boolean) =>
    rows.reduce((sum, row) => sum + Number(of(row)), 0) / rows.length
  const wrong = rows.filter((row) => row.f < 0.9).map((row) => row.name)
  expect(
    share((row) => row.f),
    `wrong: ${wrong.join('; ')}`,
  ).toBeGreaterThan(FIGURES.f)
  expect(share((row) => row.tempo)).toBeGreaterThan(FIGURES.tempo)
  expect(share((row) => row.metre)).toBeGreaterThan(FIGURES.metre)
  expect(share((row) => row.bars)).toBeGreaterThan(FIGURES.bars)
  expect(share((row) => row.late < 0.01)).toBeGreaterThan(0.9)
}, 120_000)

/** What is reached, less a little: no change may make it worse unnoticed. */
const FIGURES = { f: 0.99, tempo: 0.97, metre: 0.97, bars: 0.98 }

const medianError = (truth: readonly number[], found: Float32Array): number => {
  const errors = Array.from(found, (at) => {
    const nearest = truth.reduce((best, other) => (Math.abs(other - at) < Math.abs(best - at) ? other : best))
    return at - nearest
  }).filter((error) => Math.abs(error) < 0.07)
  return errors.sort((a, b) => a - b)[errors.length >> 1] ?? 0
}

const track = (order: Partial<TrackOrder>) =>
  compose({ name: 'one', style: 'rock', bpm: 120, seconds: 40, seed: 7, ...order })

test('what is settled stays: beats, strengths, bars, metre, swing, sections, energy and bands', async () => {
  for (const order of [
    {},
    { style: 'waltz', bpm: 132, drift: 1.06 },
    { style: 'pop', form: 'ABAC', seconds: 75 },
    // The small drums, which tell where an offbeat falls, come in and go.
    { style: 'shuffle', bpm: 112, swing: 0.67, form: 'BA', seconds: 60 },
    { style: 'jazz', bpm: 140, swing: 0.64, jitter: 0.01, seconds: 50 },
    { style: 'hiphop', bpm: 84, swing: 0.58, drift: 0.95, seconds: 50 },
  ] as const) {
    const { samples, sampleRate } = track(order)
    const scores = await scoresOf(samples, sampleRate)
    expect(scores.length).toBeGreaterThan(2)
    expect(scores.map((score) => score.complete)).toEqual(scores.map((_, i) => i === scores.length - 1))
    const last = scores.at(-1)!
    for (const score of scores) {
      checkSensible(score)
      const settled = (times: Float32Array) => Array.from(times).filter((at) => at < score.settled)
      expect(settled(score.beats)).toEqual(settled(last.beats))
      expect(settled(score.downbeats)).toEqual(settled(last.downbeats))
      const count = settled(score.beats).length
      expect(Array.from(score.strengths.subarray(0, count))).toEqual(
        Array.from(last.strengths.subarray(0, count)),
      )
      const clipped = ({ sections }: Score) =>
        sections
          .filter(({ from }) => from < score.settled)
          .map((section) => ({ ...section, to: Math.min(section.to, score.settled) }))
      expect(clipped(score)).toEqual(clipped(last))
      const values = Math.floor(score.settled * 10)
      const curves = ({ energy, bands }: Score) =>
        [energy, bands.low, bands.mid, bands.high].map((curve) => Array.from(curve.subarray(0, values)))
      expect(curves(score)).toEqual(curves(last))
      expect(score.beatsPerBar).toBe(last.beatsPerBar)
      if (count > 1) expect(score.swing).toBe(last.swing)
    }
    expect(scores.some((score) => score.settled > 5 && !score.complete)).toBe(true)
  }
})

test('the same sound gives the same scores', async () => {
  const { samples, sampleRate } = track({ style: 'pop' })
  expect(await scoresOf(samples, sampleRate)).toEqual(await scoresOf(samples, sampleRate))
})

test('silence before the music has no beats; a break has', async () => {
  const late = track({ silence: 4, seconds: 24 })
  const score = await scoreOf(late.samples, late.sampleRate)
  expect(score.beats[0]).toBeGreaterThan(3.9)
  expect(score.beats[0]).toBeLessThan(5)
  expect(score.energy.subarray(0, 38).every((value) => value < 0.05)).toBe(true)

  const broken = track({ style: 'four', bpm: 128, breakBars: 4 })
  const through = await scoreOf(broken.samples, broken.sampleRate)
  const gaps = Array.from(through.beats.subarray(1), (at, i) => at - through.beats[i]!)
  expect(Math.max(...gaps)).toBeLessThan((1.3 * 60) / 128)
})

test('swing is measured', async () => {
  for (const swing of [0.5, 0.6, 0.67]) {
    const { samples, sampleRate } = track({ style: 'shuffle', bpm: 112, swing })
    expect(Math.abs((await scoreOf(samples, sampleRate)).swing - swing)).toBeLessThan(0.03)
  }
})

test('parts that sound alike have one label, and begin with a bar', async () => {
  const { samples, sampleRate, parts } = track({
    style: 'rock',
    bpm: 112,
    form: 'ABAC',
    seconds: 68,
    noise: 0.001,
  })
  const { sections, downbeats } = await scoreOf(samples, sampleRate)
  expect(sections.map(({ label }) => label).join('')).toMatch(/^ABA/)
  for (const at of parts.slice(1, 3)) {
    expect(Math.min(...sections.map(({ from }) => Math.abs(from - at)))).toBeLessThan(2.5)
  }
  for (const { from } of sections.slice(1))
    expect(Array.from(downbeats).some((at) => Math.abs(at - from) < 1e-3)).toBe(true)
})

test('an abort stops it at once, also between two blocks', async () => {
  const controller = new AbortController()
  const { samples, sampleRate } = track({ seconds: 40 })
  const scores = analysis(samples, sampleRate, controller.signal)
  const first = scores.next()
  setTimeout(() => {
    controller.abort(new Error('enough'))
  }, 5)
  await expect(first).rejects.toThrow('enough')
  const before = AbortSignal.abort(new Error('before'))
  await expect(analysis(samples, sampleRate, before).next()).rejects.toThrow('before')
})

test('pieces of any size give the same scores, as does music that is shorter than was said', async () => {
  const { samples, sampleRate } = track({ seconds: 31 })
  const { signal } = new AbortController()
  const scores = await scoresOf(samples, sampleRate)
  expect(scores).toHaveLength(3)
  const { length } = samples
  for (const size of [777, length])
    expect(await all(analysis(samples, sampleRate, signal, inPieces(samples, size)))).toEqual(scores)
  expect(await all(analyse(signal, inPieces(samples), sampleRate, (2 * length) / sampleRate))).toEqual(scores)
})

test('no more is taken than is needed for the next score, and a reader who stops stops the writer', async () => {
  const { samples, sampleRate } = track({ seconds: 60 })
  let given = 0
  const pieces = function* () {
    for (const piece of inPieces(samples, sampleRate)) {
      given++
      yield piece
    }
  }
  const scores = analysis(samples, sampleRate, undefined, pieces())
  await scores.next()
  expect(given).toBe(13)
  await scores.return()
  expect(given).toBe(13)
})

const noise = (seconds: number, rate: number) => {
  const next = random(3)
  return Float32Array.from({ length: Math.round(seconds * rate) }, () => 0.5 * (next() - 0.5))
}

test.each([
  ['nothing', new Float32Array(0), 44_100],
  ['0.3 s', noise(0.3, 44_100), 44_100],
  ['silence', new Float32Array(30 * 8000), 8000],
  ['white noise', noise(40, 22_050), 22_050],
  ['white noise at 8 kHz', noise(30, 8000), 8000],
  ['white noise at 192 kHz', noise(12, 192_000), 192_000],
  ['not numbers', new Float32Array(22_050 * 12).fill(NaN), 22_050],
  ['no rate', noise(1, 8000), 0],
])('no beat in %s, and a complete score', async (_, samples, sampleRate) => {
  const score = await scoreOf(samples, sampleRate)
  checkSensible(score)
  expect(score).toMatchObject({ complete: true, tempoBpm: 0, settled: score.upTo })
  expect(score.beats.length).toBe(0)
})

test('8 kHz and 192 kHz are music as well', async () => {
  for (const sampleRate of [8000, 192_000]) {
    const { samples, beats } = track({ sampleRate, seconds: 14 })
    expect(beatF(beats, (await scoreOf(samples, sampleRate)).beats, 0)).toBeGreaterThan(0.9)
  }
})

// ---- with the data of ../shared ------------------------------------------------------------------------------------

const shared = new URL('../../../shared/data/', import.meta.url)

test.skipIf(!existsSync(new URL('speech/', shared)))(
  'no beat in speech (needs shared/data/speech)',
  async () => {
    const read = new URL('speech/ljspeech/', shared)
    const files = readdirSync(read).filter((name) => name.endsWith('.wav'))
    for (const file of [new URL('speech/jfk.wav', shared), ...files.map((name) => new URL(name, read))]) {
      const { samples, sampleRate } = readWav(readFileSync(file))!
      expect(await scoreOf(samples, sampleRate)).toMatchObject({ complete: true, tempoBpm: 0 })
    }
  },
)

const references = new URL('music/mir_eval/', shared)

test.skipIf(!existsSync(references))('our F-measure is that of mir_eval (needs shared/data/music)', () => {
  const times = (name: string) =>
    readFileSync(new URL(name, references), 'utf8').trim().split(/\s+/).map(Number)
  for (let i = 0; i < 10; i++) {
    const output = JSON.parse(readFileSync(new URL(`beat_output0${i}.json`, references), 'utf8')) as Record<
      string,
      number
    >
    const f = beatF(times(`beat_ref0${i}.txt`), times(`beat_est0${i}.txt`))
    expect(f).toBeCloseTo(output['F-measure']!, 6)
  }
})
