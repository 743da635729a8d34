/** @file Mouth shapes read from sound alone, on real speech. */
import { expect, test } from 'vitest'
import { readWav } from '../../src/shared/pcm'
import { readLips } from '../../workers/lips/head-audio'
import { WAV } from '../../workers/voice/flite/command'
import { runFlite } from './flite-command'

test('silence is a closed mouth', () => {
  expect(readLips(new Float32Array(16000), 16000).filter(({ viseme }) => viseme !== 'sil')).toEqual([])
})

test('speech moves the mouth while it lasts, in order, and rests around it', () => {
  const { wav, phones } = runFlite('My mother made a warm apple pie, and we all ate.', WAV)
  const { samples, sampleRate } = readWav(wav)!
  const padded = new Float32Array(samples.length + sampleRate)
  padded.set(samples, sampleRate / 2)
  const cues = readLips(padded, sampleRate)
  cues.slice(1).forEach((cue, i) => expect(cue.at).toBeGreaterThanOrEqual(cues[i]!.until - 1e-6))
  const moving = cues.filter(({ viseme }) => viseme !== 'sil')
  const spoken = phones.filter(({ name }) => name !== 'pau').reduce((s, { at, until }) => s + until - at, 0)
  const moved = moving.reduce((s, { at, until }) => s + until - at, 0)
  expect(moved / spoken).toBeGreaterThan(0.7)
  expect(moved / spoken).toBeLessThan(1.3)
  const end = 0.5 + samples.length / sampleRate
  expect(moving[0]!.at).toBeGreaterThan(0.4)
  expect(moving.at(-1)!.until).toBeLessThan(end + 0.2)
  expect(new Set(moving.map(({ viseme }) => viseme)).size).toBeGreaterThan(3)
})
