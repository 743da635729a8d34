/**
 * @file Text as it arrives → pieces to speak, each as soon as it is certain: the first is a clause, so that the voice
 * can begin; later ones are whole sentences, because they sound better.
 */

export interface Piece {
  readonly text: string
  /** Where it stands in everything pushed so far: UTF-16 indices, half-open. */
  readonly from: number
  readonly to: number
  /** The silence that its last mark asks for, in seconds at normal tempo. */
  readonly pauseS: number
}

export class Sentences {
  #held = ''
  /** Index in the whole text of the first held character. */
  #at = 0
  #count = 0

  /** The pieces that are certain now. */
  push(text: string): Piece[] {
    this.#held += text
    return this.#take(false)
  }

  /** The text is complete: what is left, in pieces. */
  end(): Piece[] {
    return this.#take(true)
  }

  #take(complete: boolean): Piece[] {
    const pieces: Piece[] = []
    let from = 0
    for (;;) {
      const cut = findCut(this.#held, from, limitOf(this.#count), this.#count === 0, complete)
      if (!cut) break
      const piece = trimmed(this.#held, from, cut.to, this.#at, cut.pauseS)
      if (piece) {
        pieces.push(piece)
        this.#count++
      }
      from = cut.to
    }
    this.#held = this.#held.slice(from)
    this.#at += from
    return pieces
  }
}

/** The pieces of a text that is known as a whole. */
export const pieces = (text: string): Piece[] => {
  const sentences = new Sentences()
  return [...sentences.push(text), ...sentences.end()]
}

/** The first of them, without a look at the rest. */
export const firstPiece = (text: string): Piece | undefined => {
  // Enough to decide about a first piece, whatever follows.
  const head = text.slice(0, 2 * WINDOW)
  const sentences = new Sentences()
  return sentences.push(head)[0] ?? (head.length === text.length ? sentences.end()[0] : undefined)
}

/**
 * Characters a piece may have. The first is short for a quick start; while it is heard (60 characters: about 4 s) there is
 * time for a longer one. 180 is about 12 s of speech: what a voice may be busy with when it is interrupted.
 */
const LIMITS = [60, 110] as const
const LIMIT = 180
const limitOf = (count: number) => LIMITS[count] ?? LIMIT

/** A first clause of less would leave the voice waiting for the second. */
const FIRST_MIN = 8

const PAUSE_S = {
  soft: 0,
  comma: 0.12,
  dash: 0.18,
  colon: 0.22,
  sentence: 0.4,
  line: 0.45,
  paragraph: 0.75,
} as const

interface Cut {
  /** Index after the last character of the piece. */
  readonly to: number
  readonly pauseS: number
}

interface Boundary extends Cut {
  readonly ends: 'sentence' | 'clause'
}

/** Where the piece that begins at `from` ends, or undefined while that cannot be known. */
const findCut = (
  text: string,
  from: number,
  limit: number,
  first: boolean,
  complete: boolean,
): Cut | undefined => {
  let clause: Boundary | undefined
  for (const boundary of boundaries(text, from, complete)) {
    const length = boundary.to - from
    if (length > limit) break
    if (boundary.ends === 'sentence') return boundary
    if (first && length >= FIRST_MIN && wordsIn(text, from, boundary.to) >= 2) return boundary
    clause = boundary
  }
  // A first sentence without a comma within reach must not keep the voice waiting: break it where a speaker might.
  if (first && text.length - from > SOFT_FROM && !endsWithin(text, from, SOFT_FROM, complete)) {
    const soft = softBreak(text, from)
    if (soft) return { to: soft, pauseS: PAUSE_S.soft }
  }
  if (text.length - from > limit) return clause ?? { to: wordBreak(text, from, limit), pauseS: PAUSE_S.soft }
  return complete && text.length > from ? { to: text.length, pauseS: PAUSE_S.sentence } : undefined
}

/** A sentence up to this length is spoken in one go; 40 characters are about 2.5 s. */
const SOFT_FROM = 40

const endsWithin = (text: string, from: number, length: number, complete: boolean) => {
  if (complete && text.length - from <= length) return true
  for (const { to } of boundaries(text, from, complete)) return to - from <= length
  return false
}

// Latin marks end something only before white space (3.14, example.com); Chinese and Japanese ones always do.
const BOUNDARY = new RegExp(
  [
    '(?<paragraph>\\s*\\n\\s*\\n\\s*)',
    '(?<line>\\s*\\n\\s*)',
    '(?<stop>(?:[.!?…]+[\\p{Pe}\\p{Pf}"\']*)(?=\\s|$)|[。！？｡]+[\\p{Pe}\\p{Pf}]*)',
    '(?<comma>,(?=\\s|$)|[，、､])',
    '(?<colon>[;:](?=\\s|$)|[；：])',
    '(?<dash>\\s[–—-]{1,3}(?=\\s)|—)',
  ].join('|'),
  'gu',
)

/** How far ahead to look for a mark: beyond any limit, so that a text without marks is not read to its end each time. */
const WINDOW = 300

function* boundaries(text: string, from: number, complete: boolean): Generator<Boundary> {
  const window = text.slice(from, from + WINDOW)
  for (const { index, 0: mark, groups } of window.matchAll(BOUNDARY)) {
    const to = from + index + mark.length
    // What follows a mark decides: "3." may become "3.14", "so..." go on, and a full stop end a paragraph.
    const follows = /\S/.exec(text.slice(to, from + WINDOW))
    if (!follows && !complete && !groups!['comma'] && !groups!['colon']) return
    if (to === text.length && !complete) return
    const { stop, paragraph, line, comma, colon } = groups!
    if (paragraph) yield { to, ends: 'sentence', pauseS: PAUSE_S.paragraph }
    else if (line) yield { to, ends: 'sentence', pauseS: PAUSE_S.line }
    else if (comma) yield { to, ends: 'clause', pauseS: PAUSE_S.comma }
    else if (colon) yield { to, ends: 'clause', pauseS: PAUSE_S.colon }
    else if (!stop) yield { to, ends: 'clause', pauseS: PAUSE_S.dash }
    else if (/^(\.{2,}|…)/.test(stop) && /^\s+\p{Ll}/u.test(text.slice(to, to + 4)))
      yield { to, ends: 'clause', pauseS: PAUSE_S.colon } // "well... maybe"
    else if (!isAbbreviation(text, from, from + index, stop)) {
      const newlines = text.slice(to, to + (follows?.index ?? 0)).match(/\n/g)?.length ?? 0
      yield { to, ends: 'sentence', pauseS: [PAUSE_S.sentence, PAUSE_S.line][newlines] ?? PAUSE_S.paragraph }
    }
  }
}

const ABBREVIATIONS = new Set(
  'mr mrs ms dr prof st sr jr vs etc fig no vol pp ca al approx dept est inc ltd co corp gen col sgt capt lt rev hon jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun e.g i.e a.m p.m u.s u.k'.split(
    ' ',
  ),
)

/** A single full stop after an abbreviation, an initial ("J. R. R.") or a list's number at the start of a line. */
const isAbbreviation = (text: string, from: number, at: number, stop: string) => {
  if (stop !== '.') return false
  const before = /[\p{L}\p{N}.]+$/u.exec(text.slice(Math.max(from, at - 12), at))?.[0] ?? ''
  if (/^\p{Lu}$/u.test(before) && before !== 'I') return true
  if (/^\d{1,2}$/.test(before) && /(^|\n)\s*$/.test(text.slice(from, at - before.length))) return true
  if (!ABBREVIATIONS.has(before.toLowerCase())) return false
  // "… etc. The next sentence": a capital after an abbreviation that may end a sentence ends it.
  return !(
    /^(etc|a\.m|p\.m|inc|ltd|co|corp|jr|sr)$/i.test(before) && /^\s+\p{Lu}/u.test(text.slice(at + 1, at + 5))
  )
}

/** Words before which English draws breath, the better ones first. Other languages break at a mark or at the limit. */
const BREATHS = [
  /\s(?=(?:and|but|or|so|because|while|when|where|which|who|that|if|as|than|until|although|though|before|after)\s)/gi,
  /\s(?=(?:in|on|at|to|of|for|with|from|by|into|over|under|through|about|between|near|like)\s)/gi,
]

const softBreak = (text: string, from: number): number | undefined => {
  const head = text.slice(from, from + limitOf(0))
  for (const breaths of BREATHS)
    for (const { index } of head.matchAll(breaths))
      if (wordsIn(head, 0, index) >= 4 && index <= 48) return from + index + 1
  // Nowhere to breathe: after the fifth word.
  const fifth = /^\s*(?:\S+\s+){5}/.exec(head)?.[0].length
  return fifth && fifth < head.length ? from + fifth : undefined
}

/** The last white space before the limit, or a place between two characters as a reader sees them. */
const wordBreak = (text: string, from: number, limit: number): number => {
  const head = text.slice(from, from + limit)
  const space = /^[\s\S]*\s/.exec(head)?.[0].length ?? 0
  if (space > limit / 2) return from + space
  let end = 0
  // One more than the limit, so that a character that crosses it is seen whole; a "character" of 40 units is none.
  for (const { index, segment } of graphemes.segment(text.slice(from, from + limit + 40))) {
    if (index + segment.length > limit) break
    end = index + segment.length
  }
  return from + (end || limit)
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

const wordsIn = (text: string, from: number, to: number) => text.slice(from, to).match(/\S+/g)?.length ?? 0

const trimmed = (text: string, from: number, to: number, base: number, pauseS: number): Piece | undefined => {
  const raw = text.slice(from, to)
  const start = from + (raw.length - raw.trimStart().length)
  const end = from + raw.trimEnd().length
  if (start >= end) return undefined
  return { text: text.slice(start, end), from: base + start, to: base + end, pauseS }
}
