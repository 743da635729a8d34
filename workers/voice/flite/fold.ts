/** @file Any text as ASCII and a few signs, each character with the place in the text it came from. */

/** `plain[i]` stands for `text[from[i], to[i])`; UTF-16 indices, ascending. */
export interface Folded {
  /** ASCII, the signs of `KEPT`, lone Greek letters, and the two marks below. */
  readonly plain: string
  readonly from: readonly number[]
  readonly to: readonly number[]
}

// Noncharacters: no text that means anything has them.
/** Stands for a letter of a script that the voice has no sounds for. */
export const FOREIGN = '\ufdd0'
/** Stands for an emoji or another sign that nobody reads aloud. */
export const SYMBOL = '\ufdd1'

export const fold = (text: string): Folded => {
  const plain: string[] = []
  const from: number[] = []
  const to: number[] = []
  let next = 0
  for (const char of text) {
    const at = next
    next += char.length
    const last = plain.length - 1
    let as = isKeycap(text, at) ? SYMBOL : char > '~' && isLoneGreek(text, at) ? char : foldChar(char)
    if (as === JOINED) {
      // An accent belongs to its letter, a joiner to its emoji, a vowel sign to its foreign letter.
      const isInvisible = INVISIBLE.test(char)
      if (to[last] === at && (!isInvisible || plain[last] === FOREIGN || plain[last] === SYMBOL))
        to[last] = next
      continue
    }
    if (VULGAR_FRACTION.test(char) && isDigit(plain[last])) as = ` ${as}` // 2½ is not 21/2
    if (as.startsWith('^') && as.length > 1 && SUPERSCRIPT.test(text[at - 1] ?? '')) as = as.slice(1)
    for (const one of as) {
      plain.push(one)
      from.push(at)
      to.push(next)
    }
  }
  return { plain: plain.join(''), from, to }
}

/** Comes out of `foldChar` for what has no place of its own. */
const JOINED = '\ufdd2'
const KEPT = '€£¥¢₹₩₽°×÷±≤≥≠≈∞√μΩ§‰–—•'
const VULGAR_FRACTION = /[¼-¾⅐-⅞↉]/
const SUPERSCRIPT = /[⁰¹²³⁴-⁹]/
const INVISIBLE = /[\p{Cc}\p{Cf}]/u
const LONE_GREEK = 'αβγδεζηθικλμνξοπρστυφχψωΓΔΘΛΞΠΣΦΨΩ'

/** What NFKD and the general categories get wrong, or do not know. */
const CHARS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Array.from(KEPT, (sign) => [sign, sign])),
  '\n': '\n',
  '\t': ' ',
  '\v': '\n',
  '\f': '\n',
  '\r': ' ', // comes with a line feed
  '\x85': '\n',
  '\u2028': '\n',
  '\u2029': '\n',
  ...each('‘’‚‛′ʹʼʻˈ＇´', "'"),
  ...each('‐‑−﹣－⁃', '-'),
  ...each('‒', '–'),
  ...each('―⸺⸻〜～', '—'),
  ...each('‣◦▪▫●○■□·∙⋅', '•'),
  ...each('⁄∕', '/'),
  ...each('、،﹑､', ','),
  ...each('。｡۔।॥։', '.'),
  ...each('；؛', ';'),
  ...each('؟', '?'),
  ...each('♯', '#'),
  ...each('∗', '*'),
  ...each('º˚', '°'),
  ...each('µ', 'μ'),
  ...each('Ω', 'Ω'),
  ...each('⩽', '≤'),
  ...each('⩾', '≥'),
  ...each('¯¨¸℠℗†‡¶※', SYMBOL),
  ...each('øØ', 'o'),
  ...each('łŁ', 'l'),
  ...each('đĐ', 'd'),
  ...each('ħĦ', 'h'),
  ...each('ŧŦ', 't'),
  ...each('ıȷ', 'i'),
  ...each('əƏɐ', 'a'),
  ...each('ɛƐ', 'e'),
  ...each('ɔƆ', 'o'),
  ...each('ŋŊ', 'ng'),
  ...each('æ', 'ae'),
  ...each('Æ', 'Ae'),
  ...each('œ', 'oe'),
  ...each('Œ', 'Oe'),
  ...each('ß', 'ss'),
  ...each('ẞ', 'SS'),
  ...each('ðÐþ', 'th'),
  ...each('Þ', 'Th'),
}

function each(chars: string, as: string): Record<string, string> {
  return Object.fromEntries(Array.from(chars, (char) => [char, as]))
}

/** A text has few different characters, and their properties are slow to ask for. */
const seen = new Map<string, string>()

const foldChar = (char: string): string => {
  if (char >= ' ' && char <= '~') return char
  const known = CHARS[char] ?? seen.get(char)
  if (known !== undefined) return known
  const as = foldByProperties(char)
  if (seen.size < 10_000) seen.set(char, as)
  return as
}

const foldByProperties = (char: string): string => {
  if (char > '\u02ff' && /\p{Lo}/u.test(char)) return FOREIGN // by far the most
  if (/\p{Extended_Pictographic}/u.test(char)) return SYMBOL
  if (/\p{M}/u.test(char) || INVISIBLE.test(char)) return JOINED
  const parts = char.normalize('NFKD')
  if (SUPERSCRIPT.test(char)) return `^${parts}`
  if (parts !== char) return Array.from(parts, foldChar).join('').replaceAll(JOINED, '')
  if (/\p{Z}/u.test(char)) return ' '
  if (/\p{Ps}/u.test(char)) return '('
  if (/\p{Pe}/u.test(char)) return ')'
  if (/\p{Pd}/u.test(char)) return '—'
  if (/\p{P}/u.test(char)) return '"'
  return /[\p{L}\p{N}]/u.test(char) ? FOREIGN : SYMBOL
}

/** 1️⃣ is an ordinary digit with a box around it. */
const isKeycap = (text: string, at: number) => {
  const next = text.charCodeAt(at + 1)
  return next === 0x20e3 || (next === 0xfe0f && text.charCodeAt(at + 2) === 0x20e3)
}

/** A Greek letter that stands for itself, as in "Δx" or "5 π": none beside it, no Greek word before or after it. */
const isLoneGreek = (text: string, at: number) => {
  const greekAt = (offset: number) => isGreek(text.charCodeAt(at + offset))
  return (
    LONE_GREEK.includes(text[at]!) &&
    ![-1, 1].some(greekAt) &&
    ![-1, 1].some((side) => text[at + side] === ' ' && greekAt(2 * side) && greekAt(3 * side))
  )
}

const isGreek = (code: number) => (code >= 0x370 && code <= 0x3ff) || (code >= 0x1f00 && code <= 0x1fff)
const isDigit = (char: string | undefined) => char !== undefined && char >= '0' && char <= '9'
