/** @file Danceba hears in music what its reference hears, number by number. */
import { describe, expect, test, vi } from 'vitest'
import { constantQ } from '../../workers/danceba/features/constant-q'
import { GRID, RATE } from '../../workers/danceba/features/frames'
import { FEATURES, features, fineBeats, type Features } from '../../workers/danceba/features/features'
import { MELS, decibels, melBank } from '../../workers/danceba/features/mel'
import { bandsOf } from '../../workers/danceba/features/onset'
import { resampler } from '../../workers/danceba/features/resample'
import { correctedRhythm, referenceRhythm } from '../../workers/danceba/features/rhythm'
import { separate } from '../../workers/danceba/features/separate'
import { dense, drums, floats, hasReference, ints, json, pcm, worst } from '../fixtures/danceba'

vi.setConfig({ testTimeout: 120_000 }) // a second or two where nothing else runs

const { signal } = new AbortController()
const atOnce = async () => undefined
const reference = { onset: 'reference' } as const
const corrected = { onset: 'corrected' } as const
const hear = (sound: Float32Array, options: { onset: 'reference' | 'corrected' } = reference) =>
  features(signal, sound, RATE, options)

/** Columns `from` to `to` of rows of features. */
const columns = (rows: Float32Array, from: number, to: number): number[] => {
  const out: number[] = []
  for (let at = 0; at < rows.length; at += FEATURES) out.push(...rows.subarray(at + from, at + to))
  return out
}
const onsets = ({ rows }: Features) => columns(rows, 52, 53)

const resampled = (sound: Float32Array, fromHz: number, toHz: number, piece = sound.length): Float32Array => {
  const { push, end } = resampler(fromHz, toHz)
  const out: number[] = []
  for (let at = 0; at < sound.length; at += piece) out.push(...push(sound.subarray(at, at + piece)))
  return Float32Array.from([...out, ...end()])
}
const sine = (hz: number, rateHz: number, lengthS: number) =>
  Float32Array.from({ length: rateHz * lengthS }, (_, n) => 0.5 * Math.sin((2 * Math.PI * hz * n) / rateHz))

/** Frames of the reference's beats in `drums`. */
const DRUM_BEATS = [3, 7, 11, 15, 18, 22, 26, 30, 34, 38, 42, 46, 50, 54, 58, 62, 66, 70, 74, 78, 82, 86]

describe('sounds by formula', () => {
  test('drums: onsets, beats, a tempogram', async () => {
    const heard = await hear(drums(RATE))
    expect(heard.frames).toBe(91)
    expect(heard.tempoBpm).toBe(112.5)
    expect(heard.beats).toEqual(DRUM_BEATS)
    expect(heard.tuning).toBeCloseTo(0.01, 10)
    expect(onsets(heard).filter((value) => value !== 0).length).toBe(35)
    const beats = columns(heard.rows, 53, 54)
    expect(beats.flatMap((value, t) => (value === 1 ? [t] : []))).toEqual(DRUM_BEATS)
    const row = (t: number) => heard.rows.subarray(t * FEATURES, (t + 1) * FEATURES)
    expect(row(45)[54]).toBe(1) // lag 0
  })

  test('dense music: the reference is blind to it, the correction is not, and all else is the same', async () => {
    const sound = dense(RATE)
    const [blind, awake] = [await hear(sound), await hear(sound, corrected)]
    expect(blind.tuning).toBeCloseTo(-0.01, 10)
    expect(blind.beats).toEqual([])
    expect(blind.tempoBpm).toBeUndefined()
    expect(columns(blind.rows, 52, FEATURES).every((value) => value === 0)).toBe(true)
    expect(columns(awake.rows, 0, 52)).toEqual(columns(blind.rows, 0, 52))
    expect(onsets(awake).filter((value) => value > 0).length).toBeGreaterThan(60)
    expect(awake.beats.length).toBeGreaterThan(10)
  })

  test('the correction puts each of the drums on its frame', async () => {
    const { beats, tempoBpm } = await hear(drums(RATE), corrected)
    expect(tempoBpm).toBe(120)
    expect(beats.length).toBeGreaterThanOrEqual(22)
    for (const at of beats) {
      const toHit = (at / 7.5 - 0.25) % 0.5
      expect(Math.min(toHit, 0.5 - toHit)).toBeLessThanOrEqual(0.5 / 7.5 + 0.02)
    }
  })

  test('silence is silence', async () => {
    for (const options of [reference, corrected]) {
      const { rows, frames, tuning, beats } = await hear(new Float32Array(3 * RATE), options)
      expect(frames).toBe(23)
      expect(tuning).toBe(0)
      expect(beats).toEqual([])
      expect(rows.every((value) => value === 0)).toBe(true)
    }
  })

  test('both parts of a sound are the sound', async () => {
    const sound = drums(RATE)
    const { harmonic, percussive } = await separate(sound, atOnce)
    expect(
      worst(
        harmonic.map((value, i) => value + percussive[i]!),
        sound,
      ),
    ).toBeLessThan(1e-12)
  })

  test('a tone out of tune is heard as such, and in its pitch class', async () => {
    // 0.3 of a third of a semitone, on three strings so that more than one pitch is looked at
    const shift = 2 ** (0.3 / 36)
    const tones = [220, 440, 880].map((hz) => sine(hz * shift, RATE, 4))
    const { tuning, rows } = await hear(tones[0]!.map((value, n) => value + tones[1]![n]! + tones[2]![n]!))
    expect(Math.abs(tuning - 0.3)).toBeLessThanOrEqual(0.02)
    const classes = [...rows.subarray(15 * FEATURES + 40, 15 * FEATURES + 52)]
    expect(classes.indexOf(1)).toBe(9) // A
    expect(classes.filter((value) => value > 0.3).length).toBe(1)
  })

  test('pieces of any size, at any rate, come to the same as the whole', async () => {
    const whole = drums(22_050)
    const pieces = async function* () {
      for (let at = 0, size = 1; at < whole.length; at += size, size = (size * 7 + 3) % 5000)
        yield whole.subarray(at, at + size)
    }
    const one = await features(signal, whole, 22_050, reference)
    const many = await features(signal, pieces(), 22_050, reference)
    expect(many.rows).toEqual(one.rows)
    expect(one.frames).toBe(91)
  })
})

describe('resampler', () => {
  /** dB from 44.1 kHz to 3840 Hz of libsamplerate's medium converter. */
  const GAINS = [
    [100, 0],
    [1500, 0],
    [1650, -0.04],
    [1700, -0.74],
    [1760, -5.37],
    [1800, -12.93],
    [1860, -35.32],
    [1900, -64.25],
  ] as const
  test.each([22_050, 44_100, 48_000])('rolls off as the reference from %i Hz', (rateHz) => {
    for (const [hz, gainDb] of GAINS) {
      const out = resampled(sine(hz, rateHz, 2), rateHz, RATE).subarray(RATE / 2, (3 * RATE) / 2)
      const power = out.reduce((sum, value) => sum + value * value, 0) / out.length
      expect(10 * Math.log10(power / 0.125) - gainDb).toBeCloseTo(0, 1)
    }
    for (const hz of [1920, 2400, 5000])
      expect(
        worst(
          resampled(sine(hz, rateHz, 2), rateHz, RATE).subarray(RATE / 2, RATE),
          new Float32Array(RATE / 2),
        ),
      ).toBeLessThan(1e-6)
  })
  test('the number of samples is rounded down, and pieces do not matter', () => {
    const sound = sine(300, 44_100, 1).subarray(0, 12_345)
    const whole = resampled(sound, 44_100, RATE)
    expect(whole.length).toBe(Math.floor((12_345 * RATE) / 44_100))
    for (const piece of [1, 999, 5000]) expect(resampled(sound, 44_100, RATE, piece)).toEqual(whole)
    expect(resampled(sound, RATE, RATE)).toEqual(sound)
  })
  test('a rate that has no simple ratio to ours is as good', () => {
    for (const rateHz of [44_099, 11_024.5, 3000]) {
      const out = resampled(sine(440, rateHz, 3), rateHz, RATE).subarray(RATE, 2 * RATE)
      const exact = Float64Array.from(out, (_, n) => 0.5 * Math.sin((2 * Math.PI * 440 * (n + RATE)) / RATE))
      expect(worst(out, exact)).toBeLessThan(1e-5)
    }
  })
  test('what is no number is silence; what is no rate is refused', () => {
    const sound = Float32Array.of(NaN, Infinity, 0, -Infinity)
    expect(worst(resampled(sound, 44_100, 44_100), new Float32Array(4))).toBe(0)
    expect(worst(resampled(sound, 2000, RATE), new Float32Array(7))).toBe(0)
    for (const rateHz of [0, -1, NaN, Infinity])
      expect(() => resampler(rateHz, RATE)).toThrow(expect.objectContaining({ code: 'bad-input' }))
  })
})

describe('bad input and giving up', () => {
  test('music that is too short is refused', async () => {
    for (const length of [0, 1, 4096])
      await expect(hear(new Float32Array(length))).rejects.toMatchObject({ code: 'bad-input' })
    expect((await hear(new Float32Array(4097))).frames).toBe(9)
    expect(await fineBeats(signal, new Float32Array(10), RATE)).toEqual([])
  })
  test('progress only grows, and ends at 1', async () => {
    const told: number[] = []
    await features(signal, drums(22_050), 22_050, corrected, (done) => told.push(done))
    expect(told.length).toBeGreaterThan(20)
    expect(told).toEqual([...told].sort((a, b) => a - b))
    expect(told.at(-1)).toBe(1)
  })
  test('stops in the middle', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const told: number[] = []
    const stopped = features(controller.signal, drums(22_050), 22_050, corrected, (done) => {
      told.push(done)
      if (done > 0.4) controller.abort(reason)
    })
    await expect(stopped).rejects.toBe(reason)
    expect(told.at(-1)).toBeLessThan(1)
    await expect(features(controller.signal, drums(RATE), RATE, reference)).rejects.toBe(reason)
  })
})

interface Clip {
  readonly tuning_bins_of_36: number
  readonly tempo_bpm_7p5: number | null
  readonly tempo_bpm_60?: number
}

describe.skipIf(!hasReference)('the reference (needs ../shared/fixtures/danceba)', () => {
  const { clips } = hasReference
    ? (json('features/index.json') as { clips: Record<string, Clip> })
    : { clips: {} }
  const of = (clip: string, file: string) => floats(`features/${clip}/${file}.f32`)

  test('the sounds by formula are those of the reference', () => {
    expect(worst(drums(RATE), of('a', 'input_3840'))).toBeLessThan(1e-6)
    expect(worst(dense(RATE), of('b', 'input_3840'))).toBeLessThan(1e-6)
  })

  test.each(Object.keys(clips))('clip %s: every feature', async (name) => {
    const clip = clips[name]!
    const heard = await hear(of(name, 'input_3840'))
    const theirs = of(name, 'features')
    const error = (from: number, to: number) =>
      worst(columns(heard.rows, from, to), columns(theirs, from, to))
    expect(heard.frames).toBe(theirs.length / FEATURES)
    expect(error(0, 20)).toBeLessThanOrEqual(1e-3)
    expect(error(20, 40)).toBeLessThanOrEqual(5e-4)
    expect(error(40, 52)).toBeLessThanOrEqual(1e-4)
    expect(error(52, 53)).toBeLessThanOrEqual(1e-4)
    expect(error(53, 54)).toBe(0)
    expect(error(54, FEATURES)).toBeLessThanOrEqual(1e-5)
    const silent = (rows: Float32Array) => columns(rows, 52, 53).map((value) => value === 0)
    expect(silent(heard.rows)).toEqual(silent(theirs))
    if (columns(theirs, 52, 53).every((value) => value === 0))
      expect(columns(heard.rows, 54, FEATURES).every((value) => value === 0)).toBe(true)
    expect(heard.tuning).toBeCloseTo(clip.tuning_bins_of_36, 10)
    expect(heard.tempoBpm ?? null).toBe(clip.tempo_bpm_7p5)
    expect(heard.beats).toEqual(ints(`features/${name}/beat_frames.i32`))
  })

  test.each(Object.keys(clips))('clip %s: what lies between', async (name) => {
    const sound = of(name, 'input_3840')
    const bank = melBank(RATE, RATE / 2)
    const theirs = of(name, 'mel_db')
    const mel = new Float64Array(theirs.length)
    const { harmonic, percussive } = await separate(sound, atOnce, {
      hear: (power, t) => bank.apply(power, mel, t * MELS),
    })
    expect(worst(decibels(mel, 'greatest'), theirs)).toBeLessThanOrEqual(2e-4)
    expect(worst(harmonic, of(name, 'harmonic'))).toBeLessThanOrEqual(2e-6)
    expect(worst(percussive, of(name, 'percussive'))).toBeLessThanOrEqual(2e-6)
    const bands = await bandsOf(percussive, melBank(RATE, 11_025), GRID, atOnce)
    expect(worst(bands, of(name, 'percussive_mel_db'))).toBeLessThanOrEqual(2e-3)
    const magnitudes = await constantQ(harmonic, RATE, clips[name]!.tuning_bins_of_36, atOnce)
    expect(worst(magnitudes, of(name, 'cqt_magnitude'))).toBeLessThanOrEqual(1e-5)
  })

  test.each(['a', 'b', 'c', 'd'])('clip %s: onsets and beats at 60 frames a second', async (name) => {
    const sound = pcm(`features/${name}/input_30720.i16`)
    const { percussive } = await separate(sound, atOnce)
    const { onset, frames, tempoBpm } = await referenceRhythm(percussive, 30_720, atOnce)
    const theirs = of(name, 'onset_60')
    expect(worst(onset, theirs)).toBeLessThanOrEqual(1e-4)
    expect(onset.every((value, t) => theirs[t] !== 0 || value === 0)).toBe(true)
    expect(tempoBpm).toBe(clips[name]!.tempo_bpm_60)
    expect(frames).toEqual(ints(`features/${name}/beat_frames_60.i32`))
  })

  test('the same from the sound, as one call', async () => {
    const beats = await fineBeats(signal, pcm('features/a/input_30720.i16'), 30_720)
    expect(beats).toEqual(ints('features/a/beat_frames_60.i32'))
  })

  test.each(['a', 'c', 'd'])(
    'clip %s: corrected, its beats are those at 60 frames a second',
    async (name) => {
      const { frames } = await correctedRhythm(of(name, 'input_3840'), atOnce)
      const fine = ints(`features/${name}/beat_frames_60.i32`).map((frame) => frame / 8)
      /** A frame off at most: half of one from rounding, the rest is 70 ms, as beat trackers are judged. */
      const near = (at: number, others: readonly number[]) =>
        others.some((other) => Math.abs(other - at) <= 1.03)
      expect(frames.filter((at) => near(at, fine)).length).toBeGreaterThanOrEqual(0.95 * frames.length)
      expect(fine.filter((at) => near(at, frames)).length).toBeGreaterThanOrEqual(0.95 * fine.length)
      expect(frames.length).toBeGreaterThan(20)
    },
  )

  test.each([RATE, 30_720])('resampled to %i Hz', (rateHz) => {
    const native = pcm('features/resampler/native.i16')
    const ours = resampled(native, 44_100, rateHz, 4096)
    expect(worst(ours, floats(`features/resampler/resampled_${rateHz}.f32`))).toBeLessThanOrEqual(1e-5)
  })
})
