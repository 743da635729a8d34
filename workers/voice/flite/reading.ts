/** @file Text as people type it, read as plain English words, each with the part of the text that it reads. */
import { FOREIGN, fold, SYMBOL } from './fold'
import {
  ABBREVIATIONS,
  BEFORE_NUMBER,
  CALENDAR,
  COUNTED,
  DOTTED,
  LABELLED,
  REGNAL,
  SHORTENED,
  SLASHED,
  STARTERS,
  TITLES,
} from './lexicon'
import { cardinal, ordinal, readNumber } from './numbers'
import { Page } from './page'
import { isShout, sayWord, spell } from './saying'
import { SIGN_NAMES, SIGNS, UNREAD } from './signs'

export interface SpokenWord {
  /** One or more plain words, [a-z'] and single spaces: what Flite is given. */
  readonly say: string
  /** The part of the text that it reads: UTF-16 indices, half-open. */
  readonly from: number
  readonly to: number
  /** The break after it. */
  readonly pause: Pause
}

export type Pause = 'none' | 'comma' | 'stop' | 'question'

export interface Reading {
  readonly words: readonly SpokenWord[]
  /** Parts of the text that are left out, ascending; white space and punctuation are neither spoken nor unspoken. */
  readonly unspoken: readonly Unspoken[]
}

export interface Unspoken {
  readonly from: number
  readonly to: number
  /** `script`: letters that the voice has no sounds for. `symbols`: emoji, signs, markup. */
  readonly why: 'script' | 'symbols'
}

/** Never throws, whatever the text; takes time linear in its length. */
export const read = (text: string): Reading => {
  const page = new Page(fold(text))
  while (page.at < page.plain.length) {
    const char = page.char()
    const rules = /[A-Za-z]/.test(char) ? WORD_RULES : /\d/.test(char) ? NUMBER_RULES : OTHER_RULES
    if (!rules.some((rule) => rule(page))) page.leaveOut(1)
  }
  return { words: page.words, unspoken: page.unspoken }
}

/** What Flite is given: the words with , . or ? where a pause is due. ASCII. */
export const script = ({ words }: Reading): string => words.map(phrase).join(' ')

/** One word as it stands in the script. */
export const phrase = ({ say, pause }: SpokenWord): string => say + MARKS[pause]

const MARKS: Readonly<Record<Pause, string>> = { none: '', comma: ',', stop: '.', question: '?' }

// ---- rules: each reads something at the page's place and goes on after it, or leaves it to the next one -------------

type Rule = (page: Page) => boolean

/** White space. A new line is a breath; a paragraph or the next item of a list, a full stop. */
const gap: Rule = (page) => {
  const [space] = page.match(/[ \n]+/y) ?? []
  if (!space) return false
  page.pass(space.length)
  if (!space.includes('\n')) return true
  if (/\n *\n/.test(space) || page.match(/(?:[-*+•>#]|\d{1,3}[.)]) /y)) page.pause('stop')
  else if (!/[a-z]/.test(page.char())) page.pause('comma')
  return true
}

/** What the voice has no sounds for: other scripts, emoji, smileys. */
const unspeakable: Rule = (page) => {
  const here = page.char()
  if (here === FOREIGN) return page.leaveOut(page.match(FOREIGN_RUN)![0]!.length, 'script')
  const pattern =
    here === SYMBOL ? SYMBOL_RUN : /[:;8=xX<^\-oOT]/.test(here) && startsChunk(page) ? SMILEY : undefined
  const [symbols] = (pattern && page.match(pattern)) ?? []
  if (!symbols) return false
  page.pause('comma')
  return page.leaveOut(symbols.length)
}
const FOREIGN_RUN = new RegExp(`${FOREIGN}+`, 'y')
const SYMBOL_RUN = new RegExp(`${SYMBOL}+`, 'y')
const SMILEY =
  /(?:[:;]['^]?[-o]?[()[\]{}|DPpOoSs3*/\\]|8-\)|=[()DP]|[xX]D|<\/?3|\^_*\^|-_+-|[oO]_[oO]|T_T)(?=[\s.,!?)]|$)/y

const startsChunk = (page: Page) => /^[\s\ufdd0\ufdd1]?$/.test(page.char(-1))

const startsLine = (page: Page) => {
  const indent = page.behind(9)
  return /\n *$/.test(indent) || (page.at < 9 && /^ *$/.test(indent))
}

/** Markdown, HTML and what else programs leave in texts. */
const markup: Rule = (page) => {
  if (!/[<&\]`#*+\-_=~>|•[]/.test(page.char())) return false
  if (startsLine(page)) {
    const [mark] =
      page.match(
        /(?:([-*_=~#])\1{2,}(?= *(?:\n|$))|#{1,6} |[-*+•] (?:\[[ xX]\] )?|>(?: |$)|[|:\- ]+(?=\n))/y,
      ) ?? []
    if (mark) return page.pass(mark.length)
  }
  const [dropped] =
    page.match(/```+\w{0,20}|<(?:[a-z/!][^<>\n]{0,300})>|\]\([^()\s]{1,400}(?: "[^"\n]{0,200}")?\)/iy) ?? []
  if (dropped) return page.leaveOut(dropped.length)
  const [entity, name = ''] = page.match(/&(#?\w{2,8});/y) ?? []
  if (!entity) return false
  const words = ENTITIES.get(name)
  return words ? page.say(words, entity.length) : page.pass(entity.length)
}
const ENTITIES = new Map([
  ['amp', 'and'],
  ['lt', 'less than'],
  ['gt', 'greater than'],
])

/** https://example.com/docs, ada@example.com: the host, and as much of the path as anyone wants to hear. */
const address: Rule = (page) => {
  if (/[\w.@/+-]/.test(page.char(-1)) || !/[\w+.-]/.test(page.char())) return false
  const [all = '', scheme = ''] = page.match(ADDRESS) ?? []
  let length = all.length
  while (`.,;:!?'")]}*_`.includes(all[length - 1] ?? ' ')) length-- // the sentence's, not the address's
  const [readable] = READABLE.exec(all.slice(scheme.length, length)) ?? []
  if (!readable) return false
  const host = /^[^/]*/.exec(readable)![0].length
  for (const { 0: part, index } of readable.matchAll(/[a-z]{1,40}|\d{1,40}|[^]/gi)) {
    const words = addressSign(part, index < host) ?? sayPart(part)
    const start = page.at + scheme.length + index
    if (words) page.sayAt(words, index === 0 ? page.at : start, start + part.length)
  }
  page.coverTo(page.at + length)
  return page.pass(length)
}
const ADDRESS =
  /((?:https?|ftps?|wss?|file):\/\/(?:www\.)?|mailto:|www\.)[^\s<>"`\ufdd0\ufdd1]{1,4000}|[\w.+-]{1,64}@(?:[a-z\d-]{1,63}\.){1,6}[a-z]{2,24}(?![\w@])|(?:[a-z\d-]{1,63}\.){1,6}[a-z]{2,24}(?::\d{1,5})?\/[^\s<>"`\ufdd0\ufdd1]{0,4000}/iy
/** Without the query, and without what looks like an identifier and all that follows. */
const READABLE = /^[^/?#]+(?:\/(?![^/?#]*\d{5})[^/?#]{1,24}(?=[/?#]|$)){0,3}/
const ADDRESS_SIGNS: Readonly<Record<string, string>> = { '.': 'dot', '/': 'slash', '@': 'at', '+': 'plus' }
const HOST_SIGNS: Readonly<Record<string, string>> = { '-': 'dash', _: 'underscore', ':': 'colon' }
const addressSign = (part: string, inHost: boolean) =>
  /\w\w/.test(part) ? undefined : (ADDRESS_SIGNS[part] ?? (inHost ? HOST_SIGNS[part] : undefined))
const sayPart = (part: string) => {
  if (/\d/.test(part)) return readNumber(part, 0, { before: '', glued: true })?.say.replaceAll(',', '')
  return /[a-z]/i.test(part) ? sayWord(part, ALONE) : undefined
}
const ALONE = { shouted: false, besideSign: false, before: '' }

const number: Rule = (page) => {
  if (!/[\d.$€£¥₹₩₽A-Z]/.test(page.char())) return false
  const glued = /(?:^|\D)[A-Za-z]$/.test(page.behind(2)) // but 2026-11-20T14:05
  if (page.char() === '.' && /\w/.test(page.char(-1))) return false
  const reading = readNumber(page.plain, page.at, { before: page.before(), glued })
  if (!reading) return false
  const { say, length } = reading
  const groups = say.split(', ')
  if (groups.length === 1) {
    page.say(say, length)
    if (page.char(-1) === '.' && endsSentence(page)) page.pause('stop') // 5 p.m.
    return true
  }
  // Digit by digit: each group of words reads as many digits of the text.
  const digitAt = [...page.plain.slice(page.at, page.at + length).matchAll(/\d/g)].map(
    ({ index }) => page.at + index,
  )
  let done = 0
  for (const group of groups) {
    if (done > 0) page.pause('comma')
    const first = digitAt[done]!
    done += group.split(' ').length
    page.sayAt(group, first, digitAt[done - 1]! + 1)
  }
  return page.pass(length)
}

/** Dr. Smith, 5 Jan., e.g., the U.S., w/o, J. Smith. */
const abbreviation: Rule = (page) => {
  if (!/[A-Za-z]/.test(page.char()) || /[\w@#]/.test(page.char(-1))) return false
  const [slashed = ''] = page.match(/(?<!\/)[A-Za-z]{1,3}\/[A-Za-z]{0,3}(?![A-Za-z/])/y) ?? []
  const pair = SLASHED.get(slashed.toLowerCase())
  return pair ? page.say(pair, slashed.length) : dottedLetters(page) || initial(page) || shortened(page)
}

const dottedLetters: Rule = (page) => {
  const [all, dot, ending] =
    page.match(/(?:[A-Za-z]|Ph)(?:\.[A-Za-z]){1,8}(?![A-Za-z\d])(\.?)('?s(?![a-z]))?/y) ?? []
  if (!all) return false
  const key = all
    .slice(0, all.length - (ending?.length ?? 0))
    .replaceAll('.', '')
    .toLowerCase()
  page.say((ABBREVIATIONS.get(key) ?? spell(key)) + (ending ? "'s" : ''), all.length)
  if (dot && endsSentence(page)) page.pause('stop')
  return true
}

const initial: Rule = (page) => {
  const [, letter, next] = page.match(/([A-HJ-Z])\. ?(?=([A-Z][a-z]*))/y) ?? []
  if (!letter || !next || STARTERS.has(next) || LABELLED.has(page.before())) return false
  return page.say(spell(letter.toLowerCase()), 2)
}

const shortened: Rule = (page) => {
  const [all, raw, dot] = page.match(/([A-Za-z]{1,6})(\.?)(?![A-Za-z\d'])/y) ?? []
  const words = all && SHORTENED.has(raw!.toLowerCase()) && expansion(page, raw!, dot === '.')
  if (!words) return false
  page.say(page.before() === 'per' ? words.replace(/s$/, '') : words, all.length)
  if (dot && endsSentence(page)) page.pause('stop')
  return true
}

const expansion = (page: Page, raw: string, dotted: boolean): string | undefined => {
  const lower = raw.toLowerCase()
  const length = raw.length + (dotted ? 1 : 0)
  const isCapitalised = /^[A-Z]/.test(raw)
  const [, name] = page.match(/ ([A-Z][a-z]+)/y, length) ?? []
  const isTitle = isCapitalised && name !== undefined && !STARTERS.has(name)
  if (lower === 'dr' && !isTitle && /[A-Z][a-z]+ $/.test(page.behind(20))) return 'drive'
  if (isTitle && TITLES.has(lower)) return TITLES.get(lower)
  const beforeNumber = page.match(/,? ?#?\d/y, length) !== undefined
  if (dotted && beforeNumber && BEFORE_NUMBER.has(lower)) return BEFORE_NUMBER.get(lower)
  const afterNumber = page.before() === 'of' || /\d(?:st|nd|rd|th)? $/.test(page.behind(4))
  if (isCapitalised && (dotted || beforeNumber || afterNumber) && CALENDAR.has(lower))
    return CALENDAR.get(lower)
  if (dotted && DOTTED.has(lower)) return DOTTED.get(lower)
  const isName = !dotted && raw.length === 2 && raw === raw.toUpperCase() // IE, HR
  return isName ? undefined : ABBREVIATIONS.get(lower)
}

/** Is a full stop that belongs to an abbreviation also the sentence's? */
const endsSentence = (page: Page) => {
  const found = page.match(/["')\]]* *(?:$|\n|([A-Z][a-z]*))/y)
  return found !== undefined && (found[1] === undefined || STARTERS.has(found[1]))
}

/** Henry VIII, Chapter IV, World War II. */
const numeral: Rule = (page) => {
  if (!/[IVXLC]/.test(page.char())) return false
  const [all, before = '', roman, owner = ''] =
    page.match(/(?<=(?<![A-Za-z])([A-Za-z]{0,20}) ?)([IVXLC]{1,8})('s)?(?![A-Za-z\d'])/y) ?? []
  if (!all || !roman || !/^C{0,3}(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})$/.test(roman)) return false
  const value = String(romanValue(roman))
  const isPronoun = roman === 'I' && page.match(/ [a-z]/y, 1) !== undefined // "Mary I think"
  if (REGNAL.has(before.toLowerCase()) && !isPronoun)
    return page.say(`the ${ordinal(value)}${owner}`, all.length)
  const isCounted = COUNTED.has(before.toLowerCase()) && !isPronoun
  const isAfterName = /^(?:II|IX)$/.test(roman) && /^[A-Z][a-z]/.test(before)
  const isNothingElse = /^X*V?I+$|^X+I?V$|^X+IX$/.test(roman) && roman.length > 2
  return isCounted || isAfterName || isNothingElse ? page.say(cardinal(value) + owner, all.length) : false
}

const romanValue = (roman: string) => {
  const values = Array.from(roman, (letter) => ({ I: 1, V: 5, X: 10, L: 50, C: 100 })[letter]!)
  return values.reduce((sum, value, i) => sum + (value < (values[i + 1] ?? 0) ? -value : value), 0)
}

/** A run of letters, with the apostrophes inside. */
const word: Rule = (page) => {
  const [raw] =
    page.match(
      /'(?:tis|twas|em|cause|til|till|n|bout)(?![A-Za-z])'?|(?:([A-Za-z])\1*){1,28}(?:'[A-Za-z]{1,10}){0,3}/iy,
    ) ?? []
  if (!raw) return false
  const next = page.char(raw.length)
  const besideSign = /[\d&]/.test(page.char(-1)) || /[\d&]/.test(next)
  if (raw === 'v' && /\d/.test(next)) return page.say('version', 1)
  if (page.match(/(?<=\d)x(?=\d)|(?<=\d )x(?= \d)/y)) return page.say('by', 1)
  if (raw === 'A' && isLetterA(page)) return page.say(spell('a'), 1)
  const [suffix] = (raw.length === 1 ? page.match(/\+\+|#(?![A-Za-z\d#])/y, 1) : undefined) ?? []
  if (suffix) {
    const name = suffix === '#' ? 'sharp' : 'plus plus' // C#, C++
    return page.say(`${spell(raw.toLowerCase())} ${name}`, 1 + suffix.length)
  }
  const shouted = raw.length > 1 && raw === raw.toUpperCase() && isAmongCapitals(page, raw.length)
  const company = { shouted, besideSign, before: page.before() }
  for (const { 0: part, index } of partsOf(raw)) {
    const start = page.at + index
    page.sayAt(sayWord(part, company), start, start + part.length)
  }
  return page.pass(raw.length)
}

/** camelCase and names such as YouTube in their parts, if they are not known as they are. */
const partsOf = (raw: string) => {
  const isWhole = !/[a-z][A-Z]|[A-Z]{2}[a-z]{2}/.test(raw) || /^Mc[A-Z]|^[A-Z]{2,}s$|^PhD/.test(raw)
  return raw.matchAll(isWhole ? /[^]+/g : /[A-Z]+(?![a-z])|[A-Z]?[a-z]+(?:'[a-z]+)*|[A-Z]/g)
}

/** "Plan A", "A+", but "A plan", "A Tale". */
const isLetterA = (page: Page) => {
  if (/[+\-"')&]/.test(page.char(1)) || page.char(-1) === '&') return true
  const last = page.words.at(-1)
  return last?.pause === 'none' && !page.match(/ [A-Z]/y, 1) && /[a-z\d] $/.test(page.behind(2))
}

const isAmongCapitals = (page: Page, length: number) => {
  const [, after] = page.match(/[^A-Za-z\d\n]{1,3}([A-Z]{2,20})(?![a-z])/y, length) ?? []
  const [, before] = /(?:^|[^A-Za-z])([A-Z]{2,20})[^A-Za-z\d\n]{1,3}$/.exec(page.behind(24)) ?? []
  return [before, after].some((neighbour) => neighbour && isShout(neighbour))
}

/** Punctuation and signs: the first pattern that matches decides. */
const sign: Rule = (page) => {
  const here = page.char()
  for (const [pattern, words, pause] of SIGNS[here] ?? [[ANY, SIGN_NAMES[here] ?? UNREAD]]) {
    const [all] = page.match(pattern) ?? []
    if (!all) continue
    if (words) page.say(words, all.length)
    else if (words === UNREAD) page.leaveOut(all.length)
    else page.pass(all.length)
    if (pause) page.pause(pause)
    return true
  }
  return false
}
const ANY = /[^]/y

// The first one that applies reads on.
const WORD_RULES: readonly Rule[] = [unspeakable, number, address, abbreviation, numeral, word]
const NUMBER_RULES: readonly Rule[] = [unspeakable, address, number]
const OTHER_RULES: readonly Rule[] = [gap, unspeakable, markup, address, number, word, sign]
