/** @file How one word is said: as a word, letter by letter, or respelled where Flite would get it wrong. */
import { LETTERED, LETTERED_IN_CAPITALS, RESPELLED, SHORT_WORDS } from './lexicon'

/** What surrounds a word and decides how it is said. */
interface Company {
  /** Words in capitals on either side: then capitals mean loud, not letter by letter. */
  readonly shouted: boolean
  /** A digit or an ampersand touches it, as in MP3 and R&D. */
  readonly besideSign: boolean
  /** The last word spoken before it. */
  readonly before: string
}

/** Plain words for a run of ASCII letters with apostrophes inside. */
export const sayWord = (raw: string, company: Company): string => {
  const lower = raw.toLowerCase()
  const known = respelled(lower)
  if (known) return known
  if (/(.)\1\1/.test(lower) && raw.length > 3)
    return respelled(lower.replace(/(.)\1{2,}/g, '$1$1')) ?? sayWord(unstretched(raw), company)
  const [, owner, ending] = /^(.+)('(?:s|ll|d|ve))$/i.exec(raw) ?? []
  if (owner && ending) return sayWord(owner, company) + ending.toLowerCase()
  if (/^(?:ha){2,}h?$/.test(lower))
    return 'ha ha ha'.slice(0, Math.max(5, Math.floor(lower.length / 2) * 3 - 1))
  if (/^[A-Z]{2,}s$/.test(raw) || (lower.endsWith('s') && LETTERED.has(lower.slice(0, -1))))
    return `${spell(lower.slice(0, -1))}'s`
  if (inLetters(raw, lower, company)) return spell(lower)
  if (lower === 'read') return PERFECT.test(company.before) ? 'red' : 'reed'
  return lower
}

/** Letter by letter, each as its name. */
export const spell = (letters: string): string =>
  Array.from(letters, (letter) => (letter === 'a' ? 'ay' : letter)).join(' ')

/** Could an English word look like this, or is it letters put together? */
const isPronounceable = (lower: string): boolean => SYLLABLES.test(lower)

/** Is it in capitals because everything around it is: a word, not the name of something? */
export const isShout = (capitals: string): boolean => {
  const lower = capitals.toLowerCase()
  if (LETTERED.has(lower) || LETTERED_IN_CAPITALS.has(lower)) return false
  return SHORT_WORDS.has(lower) || (lower.length > 3 && isPronounceable(lower))
}

const inLetters = (raw: string, lower: string, { shouted, besideSign }: Company) => {
  const isName = raw.length === 2 && /^[A-Z][a-z]/.test(raw) // Io, Os, Ai Weiwei
  if ((LETTERED.has(lower) && !isName) || !/[aeiou]|.y/.test(lower)) return true
  if (besideSign && (raw.length === 1 || (raw.length < 4 && raw === raw.toUpperCase()))) return true
  if (raw.length === 1 || raw !== raw.toUpperCase() || raw.includes("'")) return false
  if (LETTERED_IN_CAPITALS.has(lower)) return !shouted
  if (SHORT_WORDS.has(lower)) return false
  return !isPronounceable(lower) || (raw.length < 4 && !shouted)
}

/** sooo, nooo, seee, yesss, cooool: back to one letter at the end, and in the middle to what is usual there. */
const unstretched = (raw: string) =>
  raw
    .replace(/(?<=[tbmwz])(o)\1{2,}$|(e)\2{2,}$|(?<!w)([eo])\3{2,}(?=[^aeiou](?!e$))/gi, (run) =>
      run.slice(0, 2),
    )
    .replace(/(.)\1{2,}$/i, '$1')
    .replace(/([lmnprst])\1{2,}/gi, '$1$1')
    .replace(/(.)\1{2,}/gi, '$1')

const respelled = (lower: string) => {
  const one = lower.endsWith('s') ? RESPELLED.get(lower.slice(0, -1)) : undefined
  return RESPELLED.get(lower) ?? (one && `${one}s`)
}

const PERFECT =
  /^(?:have|has|had|having|i've|you've|we've|they've|was|were|is|are|been|being|be|get|got|never|he|she|it|just|already|well)$/

const anyOf = (list: string) => list.replaceAll(' ', '|')
const ONSET = anyOf(
  `b bl br c ch chl chr cl cr d dr dw f fl fr g gh gl gn gr h j k kl kn kr l m n p ph pl pr ps qu r rh s sc sch scr sh shr sk sl sm sn sp sph spl spr squ st str sw t th thr tr tw v w wh wr x y z`,
)
const CODA = anyOf(
  `b bs c ch ck cks ct cts d dd ds f ff ffs ft fth fts g gh ght ghts gs h k ks l lb ld lds lf lk lks ll lls lm lms lp lps ls lt lth lts m mb mbs mp mps mpt mpts ms n nc nch nct nd nds ng ngs ngth ngths nk nks nn ns nt nts nth p ph pp ps pt pth pts r rb rbs rch rd rds rf rk rks rl rld rlds rls rm rms rn rns rp rps rr rs rsh rst rt rth rts s sh sk sks sm sms sp ss st sts t tch th ths ts tt v w wd wk wl wls wn wns ws x xt y z zz`,
)
const SYLLABLES = new RegExp(`^(?:${ONSET})?(?:[aeiouy]+[^aeiouy]{1,3}(?=[aeiouy]))*[aeiouy]+(?:${CODA})?$`)
