/** @file Sound files as people have them: each is heard, or refused for one reason. */
import { describe, expect, test } from 'vitest'
import { coarse, decode, decodeAtOnce, mono } from '../../src/audio/recording'
import type { Reel } from '../../src/audio/reel'
import { rms } from '../../src/shared/pcm'

const never = new AbortController().signal

interface Wav {
  readonly rate: number
  readonly channels?: number
  readonly lengthS: number
  /** By second and channel. */
  readonly sound: (s: number, channel: number) => number
  /** What the header says instead of the truth. */
  readonly saidBytes?: number
}

/** A WAV file of 16 bits. */
const wav = ({ rate, channels = 1, lengthS, sound, saidBytes }: Wav): ArrayBuffer => {
  const frames = Math.round(lengthS * rate)
  const bytes = frames * channels * 2
  const view = new DataView(new ArrayBuffer(44 + bytes))
  const word = (at: number, text: string) =>
    Array.from(text, (c, i) => view.setUint8(at + i, c.charCodeAt(0)))
  word(0, 'RIFF')
  view.setUint32(4, saidBytes ?? 36 + bytes, true)
  word(8, 'WAVEfmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true)
  view.setUint16(22, channels, true)
  view.setUint32(24, rate, true)
  view.setUint32(28, rate * channels * 2, true)
  view.setUint16(32, channels * 2, true)
  view.setUint16(34, 16, true)
  word(36, 'data')
  view.setUint32(40, saidBytes ?? bytes, true)
  for (let i = 0; i < frames; i++)
    for (let c = 0; c < channels; c++)
      view.setInt16(44 + 2 * (i * channels + c), Math.round(32_767 * sound(i / rate, c)), true)
  return view.buffer
}

const tone =
  (hz: number, level = 0.5) =>
  (s: number) =>
    level * Math.sin(2 * Math.PI * hz * s)
/** Level of a tone in samples: Goertzel's. */
const levelOf = (samples: Float32Array, rate: number, hz: number) => {
  let [re, im] = [0, 0]
  samples.forEach((x, i) => {
    re += x * Math.cos((2 * Math.PI * hz * i) / rate)
    im += x * Math.sin((2 * Math.PI * hz * i) / rate)
  })
  return (2 * Math.hypot(re, im)) / samples.length
}

const refusal = (reason: string) => ({ code: 'bad-input', detail: { reason } })

/** The samples of one side. */
const sideOf = (reel: Reel, channel = 0) => {
  const side = new Float32Array(reel.filled)
  reel.read(channel, 0, side)
  return side
}

describe('a file at any rate is heard at the rate of the hardware', () => {
  test.each([8000, 11_025, 22_050, 44_100, 48_000, 96_000, 192_000])('%d Hz', async (rate) => {
    const reel = await decode(never, new Blob([wav({ rate, lengthS: 15.5, sound: tone(1000) })]))
    expect(reel.sampleRate).toBe(48_000)
    expect(reel.filledS).toBeCloseTo(15.5, 2)
    // The same tone throughout: a seam where two pieces were joined would differ from it.
    const ideal = tone(1000)
    const off = sideOf(reel)
      .subarray(4800, -4800)
      .map((x, i) => Math.abs(x - ideal((i + 4800) / 48_000)))
    expect(Math.max(...chunked(off))).toBeLessThan(0.004)
  })
})

/** The largest of each thousand: an argument list has its limits. */
const chunked = (samples: Float32Array) =>
  Array.from({ length: Math.ceil(samples.length / 1000) }, (_, i) =>
    Math.max(...samples.subarray(1000 * i, 1000 * (i + 1))),
  )

test('both sides stay apart; more of them than two are mixed', async () => {
  const sound = (s: number, channel: number) => tone(200 + 100 * channel, 0.3)(s)
  const stereo = await decode(never, new Blob([wav({ rate: 44_100, channels: 2, lengthS: 2, sound })]))
  const surround = await decode(never, new Blob([wav({ rate: 48_000, channels: 6, lengthS: 2, sound })]))
  expect([stereo.channels, surround.channels]).toEqual([2, 2])
  const level = (reel: Reel, side: number, hz: number) =>
    levelOf(sideOf(reel, side).subarray(4800, 86_400), 48_000, hz)
  expect(level(stereo, 0, 200)).toBeCloseTo(0.3, 2)
  expect(level(stereo, 0, 300)).toBeLessThan(0.001)
  expect(level(stereo, 1, 300)).toBeCloseTo(0.3, 2)
  // left, right, centre, deep effects, left and right behind
  const heard = [0, 1].map((side) =>
    [200, 300, 400, 500, 600, 700].map((hz) => level(surround, side, hz) / 0.3),
  )
  const near = (levels: number[]) => levels.map((level) => expect.closeTo(level, 1) as number)
  expect(heard).toEqual([near([0.7, 0, 0.5, 0, 0.5, 0]), near([0, 0.7, 0.5, 0, 0, 0.5])])
})

test('the beginning is there before the rest, which goes on as it began', async () => {
  const file = new Blob([wav({ rate: 44_100, lengthS: 40, sound: tone(300) })])
  const reel = await decodeAtOnce(never, file)
  expect([reel.filledS >= 14, reel.filledS < 24, reel.ended]).toEqual([true, true, false])
  expect(reel.lengthS).toBeCloseTo(40, 3)
  const before = sideOf(reel)
  await reel.whole
  expect([reel.ended, reel.filledS]).toEqual([true, expect.closeTo(40, 3)])
  expect(sideOf(reel).subarray(0, before.length)).toEqual(before)
})

describe('odd files', () => {
  test('a moment, and silence, are heard as what they are', async () => {
    const moment = await decode(never, new Blob([wav({ rate: 44_100, lengthS: 0.3, sound: tone(440) })]))
    expect(moment.filledS).toBeCloseTo(0.3, 2)
    const silence = await decode(never, new Blob([wav({ rate: 44_100, lengthS: 3, sound: () => 0 })]))
    expect(silence.filledS).toBeCloseTo(3, 2)
    expect(rms(sideOf(silence))).toBe(0)
  })

  test('what was cut off is heard up to there', async () => {
    const file = wav({ rate: 44_100, lengthS: 40, sound: tone(440) })
    const reel = await decode(never, new Blob([file.slice(0, file.byteLength / 4)]))
    expect([reel.filledS, reel.lengthS]).toEqual([expect.closeTo(10, 1), reel.filledS])
    expect(rms(sideOf(reel))).toBeCloseTo(0.354, 2)
  })

  test('a header that knows no length is not believed', async () => {
    for (const saidBytes of [0xffff_ffff, 0x7fff_ffff]) {
      const file = wav({ rate: 44_100, lengthS: 2, sound: tone(440), saidBytes })
      expect((await decode(never, new Blob([file]))).filledS).toBeCloseTo(2, 1)
    }
  })

  test.each([
    ['nothing', new Blob([])],
    ['no samples', new Blob([wav({ rate: 44_100, lengthS: 0, sound: () => 0 })])],
    ['a text', new Blob(['Dear all, this is a letter that calls itself a song. '.repeat(500)])],
    ['noise', new Blob([Uint8Array.from({ length: 50_000 }, (_, i) => (i * i * 31 + (i >> 3)) & 255)])],
  ])('%s is refused', async (_, file) => {
    await expect(decodeAtOnce(never, file)).rejects.toMatchObject(refusal('bad-recording'))
  })

  test('three hours are refused before they are decoded', async () => {
    // Its samples are one blob, again and again: not 172 MB.
    const minute = new Blob([wav({ rate: 8000, lengthS: 60, sound: () => 0 }).slice(44)])
    const header = wav({ rate: 8000, lengthS: 0, sound: () => 0, saidBytes: 180 * minute.size }).slice(0, 44)
    const file = new Blob([header, ...Array.from({ length: 180 }, () => minute)])
    await expect(decodeAtOnce(never, file)).rejects.toMatchObject(refusal('too-long'))
  })
})

test('what nobody wants any more is not decoded', async () => {
  const file = new Blob([wav({ rate: 44_100, lengthS: 60, sound: tone(300) })])
  const controller = new AbortController()
  const { whole } = await decodeAtOnce(controller.signal, file)
  controller.abort()
  await expect(whole).rejects.toBe(controller.signal.reason)
  await expect(decodeAtOnce(controller.signal, file)).rejects.toBe(controller.signal.reason)
})

const coarseOf = async (reel: Reel): Promise<Float32Array> => {
  const pieces = await Array.fromAsync(coarse(never, reel))
  return new Float32Array(await new Blob(pieces).arrayBuffer())
}

test('an analyser is given the same while a file is being decoded as afterwards', async () => {
  const file = new Blob([wav({ rate: 44_100, lengthS: 61.3, sound: (s) => tone(300 + 7 * s)(s) })])
  const reel = await decodeAtOnce(never, file)
  expect(reel.ended).toBe(false)
  const atOnce = await coarseOf(reel)
  const after = await coarseOf(reel)
  expect(atOnce).toHaveLength(Math.ceil(reel.filled / 2))
  expect(atOnce.every((sample, i) => sample === after[i])).toBe(true)
})

test('an analyser is given both sides in one, without what would fold back', async () => {
  const sound = (s: number, channel: number) => (channel ? tone(15_000) : tone(2000))(s)
  const reel = await decode(never, new Blob([wav({ rate: 48_000, channels: 2, lengthS: 3, sound })]))
  const samples = await coarseOf(reel)
  expect(samples).toHaveLength(72_000)
  expect(levelOf(samples, 24_000, 2000)).toBeCloseTo(0.25, 2)
  expect(levelOf(samples, 24_000, 9000)).toBeLessThan(0.0025)
  const full = await mono(never, reel)
  expect(levelOf(full, 48_000, 15_000)).toBeCloseTo(0.25, 2)
  expect(full).toHaveLength(144_000)
})
