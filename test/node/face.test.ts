/** @file What reaches the face from a text: emoji as moods, and letters as mouth shapes where there is no sound to read. */
import { expect, test } from 'vitest'
import { visemesOfText } from '../../src/audio/spelling'
import { moodCues } from '../../src/conversation/moods'
import { parsePhones, visemesOf } from '../../workers/voice/flite/phones'

test('emoji are cues where they stand; those that say nothing to a face are none', () => {
  expect(moodCues('Oh 😭 no. 🚗 Wow 🎉!')).toEqual([
    { at: 3, mood: 'sad' },
    { at: 17, mood: 'happy' },
  ])
  expect(moodCues('No emoji here, © and ™ are none either.')).toEqual([])
})

test('a skin tone or a variation selector changes no mood', () => {
  expect(moodCues('👍🏽').map(({ mood }) => mood)).toEqual(['happy'])
  expect(moodCues('❤️').map(({ mood }) => mood)).toEqual(['happy'])
})

const shapes = (word: string) => visemesOfText(word, 1).map(({ viseme }) => viseme)

test('letters become shapes, groups before single ones, accents aside', () => {
  expect(shapes('mother')).toEqual(['PP', 'O', 'TH', 'E', 'RR'])
  expect(shapes('Schön')).toEqual(['CH', 'O', 'nn'])
  expect(shapes('')).toEqual([])
})

test('other scripts move the mouth too: a syllable a character', () => {
  const cues = visemesOfText('你好', 1)
  expect(cues.length).toBe(4)
  expect(cues.at(-1)!.until).toBeCloseTo(0.4)
})

test('shapes follow each other without a hole, and faster speech is shorter', () => {
  const cues = visemesOfText('conversation', 1)
  cues.slice(1).forEach((cue, i) => expect(cue.at).toBe(cues[i]!.until))
  expect(visemesOfText('conversation', 2).at(-1)!.until).toBeCloseTo(cues.at(-1)!.until / 2)
})

test('Flite’s phones: each lasts from the end of the one before; a diphthong has two shapes', () => {
  const phones = parsePhones('pau:0.100 m:0.180 ay:0.400 pau:0.500')
  expect(phones.map(({ name, at, until }) => [name, at, until])).toEqual([
    ['pau', 0, 0.1],
    ['m', 0.1, 0.18],
    ['ay', 0.18, 0.4],
    ['pau', 0.4, 0.5],
  ])
  const cues = visemesOf(phones)
  expect(cues.map(({ viseme }) => viseme)).toEqual(['sil', 'PP', 'aa', 'I', 'sil'])
  expect(cues[2]!.until).toBe(cues[3]!.at)
})
