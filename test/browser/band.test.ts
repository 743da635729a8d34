/** @file The house band as it is heard: rendered by a real browser and measured. Prints what a rendering takes. */
import { describe, expect, test } from 'vitest'
import { SONGS, perform, performAtOnce, performIntro } from '../../src/audio/band/band'
import { timeline } from '../../src/audio/band/writing'

const never = new AbortController().signal
const decibels = (power: number) => 10 * Math.log10(power + 1e-12)

/** Mean power of a stretch, both channels; seconds. */
const powerOf = (sound: AudioBuffer, fromS = 0, toS = sound.duration) => {
  const [from, to] = [fromS, toS].map((s) => Math.round(s * sound.sampleRate))
  let sum = 0
  for (const channel of [0, 1]) for (const x of sound.getChannelData(channel).subarray(from, to)) sum += x * x
  return sum / (2 * (to! - from!))
}

const peakOf = (samples: Float32Array) => samples.reduce((peak, x) => Math.max(peak, Math.abs(x)), 0)

/** How much more comes in within 60 ms around the times than around others, as a ratio of risen power. */
const onsetContrast = (sound: AudioBuffer, beatS: number, timesS: readonly number[]) => {
  const rise = (at: number) =>
    Math.max(0, powerOf(sound, at - 0.012, at + 0.03) - powerOf(sound, at - 0.054, at - 0.012))
  const mean = (shift: number) => timesS.reduce((sum, t) => sum + rise(t + shift * beatS), 0) / timesS.length
  return mean(0) / (Math.max(mean(0.17), mean(0.36), mean(0.64), mean(0.83)) + 1e-9)
}

describe.each(SONGS)('$id', (song) => {
  const part = (name: string) => timeline(song).filter((p) => p.part.name === name)
  const beatS = 60 / song.bpm

  test('sounds as loud, as long and as clean as it should, and grows from part to part', async () => {
    const shares: number[] = []
    const began = performance.now()
    const sound = await perform(never, song, (share) => shares.push(share))
    console.log(
      `${song.id}: ${sound.duration.toFixed(1)} s in ${Math.round(performance.now() - began)} ms, ` +
        `${decibels(powerOf(sound)).toFixed(1)} dB`,
    )

    expect(sound.numberOfChannels).toBe(2)
    expect(sound.duration).toBeGreaterThanOrEqual(60)
    expect(sound.duration).toBeLessThanOrEqual(100)
    expect(Math.abs(sound.duration - song.lengthS)).toBeLessThan(0.01)
    expect(shares.at(-1)).toBe(1)
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))

    for (const samples of [sound.getChannelData(0), sound.getChannelData(1)]) {
      expect(peakOf(samples)).toBeLessThan(0.966) // -0.3 dB
      expect(peakOf(samples.subarray(-0.05 * sound.sampleRate))).toBeLessThan(0.001)
      expect(Math.abs(samples.reduce((sum, x) => sum + x, 0) / samples.length)).toBeLessThan(0.001)
    }
    expect(decibels(powerOf(sound))).toBeGreaterThan(-16.5)
    expect(decibels(powerOf(sound))).toBeLessThan(-12)

    const loudness = (name: string) =>
      Math.max(...part(name).map(({ fromS, toS }) => decibels(powerOf(sound, fromS, toS))))
    expect(loudness('verse')).toBeGreaterThan(loudness('intro') + 2)
    expect(loudness('drop')).toBeGreaterThan(loudness('verse') + 0.8)
    expect(loudness('break')).toBeLessThan(loudness('drop') - 3)
  })

  test('its beats are where they are announced', async () => {
    const { fromS } = part('verse')[0]!
    const sound = await performIntro(never, song, fromS + 4 * song.beatsPerBar * beatS + 1)
    // of a waltz, only the first beat is sure to be played by all
    const step = song.beatsPerBar === 3 ? 3 : 1
    const times = Array.from({ length: (4 * song.beatsPerBar) / step }, (_, n) => fromS + n * step * beatS)
    expect(onsetContrast(sound, beatS, times)).toBeGreaterThan(1.5)
  })
})

test('a song is the same every time, and its intro is how it begins', async () => {
  const song = SONGS[0]!
  const [one, two, intro] = [
    await perform(never, song),
    await perform(never, song),
    await performIntro(never, song, 12),
  ]
  expect(intro.duration).toBeCloseTo(12, 2)
  for (const channel of [0, 1]) {
    const [a, b, c] = [one, two, intro].map((sound) => sound.getChannelData(channel))
    // browsers round their last bit by how memory happens to be aligned
    expect(peakOf(a!.map((x, i) => x - b![i]!))).toBeLessThan(1e-4)
    // its last note is cut, and only the whole song knows what kick comes next
    const settled = c!.subarray(0, -0.05 * intro.sampleRate)
    expect(peakOf(settled.map((x, i) => x - a![i]!))).toBeLessThan(1e-4)
  }
})

test('a song can be heard before it is finished, and goes on as it began', async () => {
  const song = SONGS[2]!
  const whole = await perform(never, song)
  const atOnce = await performAtOnce(never, song)
  expect([atOnce.filledS, atOnce.ended, atOnce.lengthS]).toEqual([
    expect.closeTo(13.9, 2),
    false,
    expect.closeTo(song.lengthS, 3),
  ])
  await atOnce.whole
  expect(atOnce.filled).toBe(whole.length)
  for (const channel of [0, 1]) {
    const side = new Float32Array(atOnce.filled)
    atOnce.read(channel, 0, side)
    // As well as 16 bits can tell.
    expect(peakOf(side.map((x, i) => x - whole.getChannelData(channel)[i]!))).toBeLessThan(2e-4)
  }
})

test('a band that is sent away stops at once', async () => {
  const reason = new Error('enough')
  await expect(perform(AbortSignal.abort(reason), SONGS[0]!)).rejects.toBe(reason)
  const controller = new AbortController()
  const playing = perform(controller.signal, SONGS[1]!)
  let rejectedAt = 0
  const rejected = expect(playing.finally(() => (rejectedAt = performance.now()))).rejects.toBe(reason)
  await new Promise((resolve) => setTimeout(resolve, 50))
  const abortedAt = performance.now()
  controller.abort(reason)
  await rejected
  expect(rejectedAt - abortedAt).toBeLessThan(50)
})
