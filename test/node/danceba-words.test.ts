/** @file Every reason for which a checkpoint is not taken, or nothing is danced, has its sentence, in every language. */
import { expect, test } from 'vitest'
import { checkpointWords, danceWords } from '../../src/ui/words/danceba'
import { ORDER_REASONS } from '../../workers/danceba/compose/order'
import { REASONS } from '../../workers/danceba/checkpoint/refusal'

const full = {
  ...{
    kind: '7z',
    holds: ['a.pt'],
    global: 'os.system',
    entry: 'archive/data.pkl',
    tensor: 'D',
    found: ['w (3)'],
  },
  ...{ missing: ['x (3)'], differing: ['y (4): 5'], count: 2, joints: 22, model: 'gpt', other: 'b.pt' },
}

test.each(Object.entries(checkpointWords))('in %s', (_, words) => {
  expect(Object.keys(words).sort()).toEqual([...REASONS].sort())
  for (const sentence of Object.values(words)) {
    expect(sentence(full)).toMatch(/[.。]$/)
    expect(sentence(full)).not.toMatch(/undefined|NaN/)
  }
})

test.each(Object.entries(danceWords))('why there is no dance, in %s', (_, words) => {
  expect(Object.keys(words).sort()).toEqual(['gone', 'too-short', ...ORDER_REASONS].sort())
  const detail = { value: -1, most: 15, leastS: 1.08 }
  for (const part of ['music', 'network', 'poses', 'generator'])
    for (const sentence of Object.values(words)) {
      expect(sentence({ ...detail, part })).toMatch(/[.。]$/)
      expect(sentence({ ...detail, part })).not.toMatch(/undefined|NaN/)
    }
})
