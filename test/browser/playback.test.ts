/** @file The queue on the audio thread, sample by sample: rendered offline, where a quantum is a quantum. */
import { expect, test } from 'vitest'
import playback from '../../src/audio/playback.worklet.ts?worker&url'
import type { PlaybackNews, PlaybackOrder } from '../../src/audio/speaker'

const RATE = 48_000
const QUANTUM = 128

/** Render `seconds`; each step runs when the given second has been reached. Orders have arrived before it goes on. */
const render = async (
  seconds: number,
  steps: Record<number, (send: (order: PlaybackOrder) => void) => void>,
) => {
  const context = new OfflineAudioContext(1, RATE * seconds, RATE)
  await context.audioWorklet.addModule(playback)
  const node = new AudioWorkletNode(context, 'playback', { numberOfInputs: 0, outputChannelCount: [1] })
  node.connect(context.destination)
  const news: PlaybackNews[] = []
  node.port.onmessage = ({ data }: MessageEvent<PlaybackNews>) => news.push(data)
  for (const [at, step] of Object.entries(steps))
    void context.suspend(Number(at)).then(async () => {
      step((order) => node.port.postMessage(order))
      await new Promise((resolve) => setTimeout(resolve, 100)) // the order crosses to the audio thread
      await context.resume()
    })
  const sound = (await context.startRendering()).getChannelData(0)
  await new Promise((resolve) => setTimeout(resolve, 100))
  return { sound, news }
}

const tone = (seconds: number, sampleRate = RATE, hz = 440) =>
  Float32Array.from(
    { length: seconds * sampleRate },
    (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * i) / sampleRate),
  )
const clip = (id: number, samples: Float32Array, sampleRate = RATE, gapS = 0): PlaybackOrder => ({
  order: 'play',
  id,
  samples,
  sampleRate,
  gapS,
})
const loudest = (sound: Float32Array) => sound.reduce((max, x) => Math.max(max, Math.abs(x)), 0)
const steepest = (sound: Float32Array) =>
  sound.reduce((max, x, i) => (i ? Math.max(max, Math.abs(x - sound[i - 1]!)) : max), 0)

test('a clip at another rate is the same tone, from the frame that is told to the frame that is told', async () => {
  const { sound, news } = await render(1, { 0: (send) => send(clip(1, tone(0.5, 16_000), 16_000)) })
  const [started, ended] = news
  expect(started).toMatchObject({ news: 'started', id: 1 })
  expect(ended).toMatchObject({ news: 'ended', id: 1, heardS: 0.5 })
  const [from, to] = [started!.frame, ended!.frame]
  expect(to - from).toBe(RATE / 2)
  expect(loudest(sound.slice(0, from))).toBe(0)
  expect(loudest(sound.slice(to))).toBe(0)
  const wanted = tone(0.5)
  let error = 0
  for (let i = 500; i < wanted.length - 500; i++)
    error = Math.max(error, Math.abs(sound[from + i]! - wanted[i]!))
  expect(error).toBeLessThan(0.003)
})

test('clips follow each other without a hole, or after the silence that is due', async () => {
  const { news } = await render(1, {
    0: (send) => {
      send(clip(1, tone(0.2)))
      send(clip(2, tone(0.2)))
      send(clip(3, tone(0.2), RATE, 0.15))
    },
  })
  const at = (id: number, what: string) => news.find((n) => n.id === id && n.news === what)!.frame
  expect(at(2, 'started')).toBe(at(1, 'ended'))
  expect(at(3, 'started') - at(2, 'ended')).toBe(0.15 * RATE)
})

test('waiting that was longer anyway counts as the silence', async () => {
  const { news } = await render(1, {
    0: (send) => send(clip(1, tone(0.1))),
    0.5: (send) => send(clip(2, tone(0.1), RATE, 0.2)),
  })
  const second = news.find(({ id, news }) => id === 2 && news === 'started')!
  expect(second.frame).toBeLessThanOrEqual(0.5 * RATE + QUANTUM)
})

test('flush: it begins to fade within one quantum, is silent 10 ms later, and nothing clicks', async () => {
  const stop = 0.4
  const { sound, news } = await render(1, {
    0: (send) => {
      send(clip(1, tone(0.8)))
      send(clip(2, tone(0.2)))
    },
    [stop]: (send) => send({ order: 'flush' }),
  })
  const silentFrom = stop * RATE + QUANTUM + 0.01 * RATE
  expect(loudest(sound.slice(silentFrom))).toBe(0)
  expect(loudest(sound.slice(stop * RATE - 500, stop * RATE))).toBeGreaterThan(0.49)
  // No step is steeper than those of the tone itself.
  expect(steepest(sound.slice(1000))).toBeLessThan(1.05 * steepest(tone(0.1)))
  const ends = news.filter(({ news }) => news === 'ended')
  expect(ends.find(({ id }) => id === 2)).toMatchObject({ heardS: 0 })
  const heard = ends.find(({ id }) => id === 1) as PlaybackNews & { heardS: number }
  expect(heard.heardS).toBeGreaterThan(stop)
  expect(heard.heardS).toBeLessThan(stop + 0.02)
  expect(news.some(({ news, id }) => news === 'started' && id === 2)).toBe(false)
})

test('what comes after a flush is played as usual', async () => {
  const { sound, news } = await render(1, {
    0: (send) => send(clip(1, tone(0.8))),
    0.2: (send) => {
      send({ order: 'flush' })
      send(clip(2, tone(0.3)))
    },
  })
  const { frame } = news.find(({ id, news }) => id === 2 && news === 'started')!
  expect(frame / RATE).toBeLessThan(0.22)
  expect(loudest(sound.slice(frame + 1000, frame + 0.3 * RATE))).toBeGreaterThan(0.49)
})
