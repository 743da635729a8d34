/** @file Samples: another rate keeps the sound and adds none, loudness is RMS, WAV is read as it was written. */
import { expect, test } from 'vitest'
import { envelope, readWav, resample, rms, toInt16, wavHeader } from '../../src/shared/pcm'

const sine = (hz: number, sampleRate: number, seconds: number, gain = 0.5) =>
  Float32Array.from(
    { length: sampleRate * seconds },
    (_, i) => gain * Math.sin((2 * Math.PI * hz * i) / sampleRate),
  )
const dB = (ratio: number) => 20 * Math.log10(ratio)

test.each([
  [16000, 48000],
  [16000, 44100],
  [48000, 16000],
  [8000, 48000],
])('a tone of 1 kHz from %i to %i Hz stays that tone', (from, to) => {
  const sound = resample(sine(1000, from, 0.5), from, to)
  const wanted = sine(1000, to, 0.5)
  expect(sound.length).toBe(wanted.length)
  const inside = (array: Float32Array) => array.slice(to / 50, -to / 50) // the ends meet silence
  const error = inside(sound).map((x, i) => x - inside(wanted)[i]!)
  expect(dB(rms(inside(wanted)) / rms(error))).toBeGreaterThan(55)
})

test('what the lower rate cannot hold does not come back as another tone', () => {
  const sound = resample(sine(11000, 48000, 0.5), 48000, 16000)
  expect(dB(rms(sound, 400, sound.length - 400) / rms(sine(11000, 48000, 0.5)))).toBeLessThan(-60)
})

test('the envelope is the RMS of each frame, the last one shorter', () => {
  const levels = envelope(Float32Array.of(1, -1, 1, -1, 0, 0, 0, 0, 0.5), 400, 100)
  expect([...levels]).toEqual([1, 0, 0.5])
})

test('WAV: read as it was written; louder than full scale is clipped', () => {
  const file = new Uint8Array(44 + 6)
  file.set(new Uint8Array(wavHeader(3, 22050)))
  file.set(new Uint8Array(toInt16(Float32Array.of(0.5, -2, 2)).buffer), 44)
  const { samples, sampleRate } = readWav(file)!
  expect(sampleRate).toBe(22050)
  expect(samples[0]).toBeCloseTo(0.5, 4)
  expect(samples[1]).toBeCloseTo(-1, 4)
  expect(samples[2]).toBeCloseTo(1, 4)
})

test('WAV: chunks it does not know are passed over, a size of -1 means to the end', () => {
  const whole = new Uint8Array(44 + 4)
  whole.set(new Uint8Array(wavHeader(2, 8000)))
  new DataView(whole.buffer).setUint32(40, 0xffffffff, true)
  const list = [...new TextEncoder().encode('LIST'), 3, 0, 0, 0, 1, 2, 3, 0] // odd, so padded
  const file = Uint8Array.from([...whole.slice(0, 36), ...list, ...whole.slice(36)])
  expect(readWav(file)!.samples.length).toBe(2)
})

test('WAV: what is none is refused', () => {
  expect(readWav(new Uint8Array(60))).toBeUndefined()
  expect(readWav(new TextEncoder().encode('RIFF'))).toBeUndefined()
  const stereo = new Uint8Array(48)
  stereo.set(new Uint8Array(wavHeader(1, 8000)))
  stereo[22] = 2
  expect(readWav(stereo)).toBeUndefined()
})
