/** @file Punctuation and signs: which are read, as what, and which are pauses. */
import { GREEK } from './lexicon'
import type { Pause } from './reading'

/** Goes into `unspoken`; punctuation, in contrast, is SILENT, and nobody misses it. */
export const UNREAD = ''
const SILENT = undefined

type SignReading = readonly [pattern: RegExp, words?: string | undefined, pause?: Pause]

// Looks behind are a few characters long: then they take no time.
/** By the first character; the first pattern that matches decides. */
export const SIGNS: Readonly<Record<string, readonly SignReading[]>> = {
  '.': [
    [/\.{2,}(?= ?[a-z])/y, SILENT, 'comma'],
    [/\.{2,}/y, SILENT, 'stop'],
    [/(?<=\d)\.(?=\d)/y, 'point'],
    [/(?<![\w)])\.(?=\/\w)/y, 'dot'],
    [/(?<=[A-Za-z\d])\.(?=[a-z\d])|(?<=[A-Z])\.(?=[A-Z])|(?<![A-Za-z\d)"'])\.(?=[a-z])/y, 'dot'],
    [/\./y, SILENT, 'stop'],
  ],
  '!': [
    [/!+\?[!?]*/y, SILENT, 'question'],
    [/!+/y, SILENT, 'stop'],
  ],
  '?': [[/[!?]+/y, SILENT, 'question']],
  ',': [[/,+/y, SILENT, 'comma']],
  ';': [[/;+/y, SILENT, 'comma']],
  ':': [[/:+/y, SILENT, 'comma']],
  '|': [[/\|+/y, SILENT, 'comma']],
  '•': [[/•/y, SILENT, 'comma']],
  '(': [[/(?<![A-Za-z\d])\(/y, SILENT, 'comma'], [/\(/y]],
  ')': [[/\)(?![A-Za-z\d])/y, SILENT, 'comma'], [/\)/y]],
  '[': [[/\[/y]],
  ']': [[/\]/y]],
  '"': [[/"+/y]],
  "'": [[/'+/y]],
  '`': [[/`+/y]],
  _: [[/_+/y]],
  '-': [
    [/-+>/y, UNREAD, 'comma'],
    [/-{2,}/y, SILENT, 'comma'],
    [/(?<=\d)-(?=\d{1,9}(?:\.\d{1,9})? ?=)|(?<=\d )-(?= \d)|(?<![A-Za-z\d)])-(?=\.?\d|[$€£¥]\d)/y, 'minus'],
    [/(?<=[\d%])-(?=[\d$€£¥])/y, 'to'],
    [/(?<= )-/y, SILENT, 'comma'],
    [/-/y],
  ],
  '–': [
    [/(?<=[\d%] ?)–(?= ?[\d$€£¥])/y, 'to'],
    [/(?<![A-Za-z\d)])–(?=\.?\d)/y, 'minus'],
    [/(?<=[A-Za-z])–(?=[A-Za-z])/y],
    [/–+/y, SILENT, 'comma'],
  ],
  '—': [
    [/(?<=\d)—(?=\d)/y, 'to'],
    [/—+/y, SILENT, 'comma'],
  ],
  '/': [
    [/(?<=\d )\/(?= \d)/y, 'divided by'],
    // Between digits, and in paths: /usr, src/index.ts, a/b/c
    [/(?<=\d)\/(?=\d)|(?<![\w)])\/(?=\w)|(?<=\/[\w.-]{1,30})\/(?=\w)|\/(?=[\w-]{1,30}[./]\w)/y, 'slash'],
    [/(?<=\d)\/(?=[a-z])/y, 'per'],
    [/\/+/y],
  ],
  '\\': [
    [/(?<=\w:?)\\(?=\w)/y, 'backslash'],
    [/\\+/y, UNREAD],
  ],
  '&': [[/&+/y, 'and']],
  '@': [
    [/@(?= ?\w)/y, 'at'],
    [/@/y, UNREAD],
  ],
  '#': [
    [/#(?=\d)/y, 'number'],
    [/#(?=[A-Za-z])/y, 'hashtag'],
    [/#+/y, UNREAD],
  ],
  '+': [
    [/\+(?= ?[\w$€£.])|(?<=\w)\+(?!\w)/y, 'plus'],
    [/\++/y, UNREAD],
  ],
  '=': [
    [/=+>/y, UNREAD, 'comma'],
    [/(?<=[\w)%!"'] ?)={1,3}(?= ?[\w$€£"'(.-])/y, 'equals'],
    [/=+/y, UNREAD],
  ],
  '<': [
    [/(?<=[\d%)] ?|\b[A-Za-z] ?)<=(?= ?-?[\w.])/y, 'less than or equal to'],
    [/(?<=[\d%)] ?|\b[A-Za-z] ?)<(?= ?-?[\w.])|<(?= ?\d)/y, 'less than'],
    [/<+/y, UNREAD],
  ],
  '>': [
    [/(?<=[\d%)] ?|\b[A-Za-z] ?)>=(?= ?-?[\w.])/y, 'greater than or equal to'],
    [/(?<=[\d%)] ?|\b[A-Za-z] ?)>(?= ?-?[\w.])|>(?= ?\d)/y, 'greater than'],
    [/>+/y, UNREAD],
  ],
  '*': [[/(?<=\d)\*\*(?=\d)/y, 'to the power of'], [/(?<=\d ?)\*(?= ?\d)/y, 'times'], [/\*+/y]],
  '^': [
    [/\^2(?!\d)/y, 'squared'],
    [/\^3(?!\d)/y, 'cubed'],
    [/\^(?=-?\w)/y, 'to the power of'],
    [/\^+/y, UNREAD],
  ],
  '~': [[/~(?= ?[\d$€£])/y, 'about'], [/~~/y], [/~+/y, UNREAD]],
  '×': [
    [/(?<=\d)×(?=\d)/y, 'by'],
    [/×/y, 'times'],
  ],
}

/** Signs that are always read. */
export const SIGN_NAMES: Readonly<Record<string, string>> = {
  '%': 'percent',
  '‰': 'per mille',
  '°': 'degrees',
  '§': 'section',
  $: 'dollars',
  '€': 'euros',
  '£': 'pounds',
  '¥': 'yen',
  '₹': 'rupees',
  '₩': 'won',
  '₽': 'rubles',
  '¢': 'cents',
  '÷': 'divided by',
  '±': 'plus or minus',
  '≤': 'less than or equal to',
  '≥': 'greater than or equal to',
  '≠': 'is not equal to',
  '≈': 'is about',
  '∞': 'infinity',
  '√': 'the square root of',
  ...GREEK,
}
