/** @file Mouth shapes of a word from its letters, for voices whose sound cannot be read. Rough, and lively enough. */
import type { VisemeCue } from '../shared/contracts'
import type { Viseme } from '../shared/visemes'

/** Letters, the longer groups first, and the shape that they make in most European languages. */
const LETTERS: readonly (readonly [RegExp, Viseme])[] = [
  [/^(th)/, 'TH'],
  [/^(sh|ch|tsch|sch|j)/, 'CH'],
  [/^(ph|f|v)/, 'FF'],
  [/^(oo|ou|ew|ue|u|w)/, 'U'],
  [/^(ee|ea|ie|i|y)/, 'I'],
  [/^(ai|ay|ei|ey|e)/, 'E'],
  [/^(oa|oe|o)/, 'O'],
  [/^(au|aw|a)/, 'aa'],
  [/^([pbm])/, 'PP'],
  [/^([td])/, 'DD'],
  [/^([szcx])/, 'SS'],
  [/^([nl])/, 'nn'],
  [/^(r)/, 'RR'],
  [/^(ck|[kgqh])/, 'kk'],
]
const VOWELS = new Set<Viseme>(['aa', 'E', 'I', 'O', 'U'])

/** Seconds at normal tempo; a syllable of a consonant and a vowel takes a fifth of a second. */
const VOWEL_S = 0.13
const CONSONANT_S = 0.07

/** Shapes from the start of the word on. Letters of other scripts become open syllables, one a character. */
export const visemesOfText = (word: string, rate: number): VisemeCue[] => {
  const cues: VisemeCue[] = []
  let at = 0
  const add = (viseme: Viseme) => {
    const until = at + (VOWELS.has(viseme) ? VOWEL_S : CONSONANT_S) / rate
    cues.push({ at, until, viseme, strength: VOWELS.has(viseme) ? 0.8 : 1 })
    at = until
  }
  let rest = word.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '')
  while (rest) {
    const found = LETTERS.find(([letters]) => letters.test(rest))
    const letters = found ? found[0].exec(rest)![0] : String.fromCodePoint(rest.codePointAt(0)!)
    if (found) add(found[1])
    else if (/[\p{L}\p{N}]/u.test(letters)) {
      add('DD')
      add(OTHER[letters.codePointAt(0)! % OTHER.length]!)
    }
    rest = rest.slice(letters.length)
  }
  return cues
}

/** Vowels for syllables of which only the character is known. */
const OTHER: readonly Viseme[] = ['aa', 'E', 'I', 'O', 'U']
