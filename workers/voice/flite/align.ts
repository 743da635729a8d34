/**
 * @file Which phones belong to which word. Flite prints the phones of a whole utterance without its words, but English
 * spelling says enough about sound to find where words end: the cheapest way to read the letters as these phones.
 */
import type { Phone } from './phones'

/** The phones of a word: from `first` up to, not including, `end`. */
export interface Span {
  readonly first: number
  readonly end: number
}

/**
 * For each word its phones, in order. `words` are what Flite was given, as `phrase` of `reading` writes them: one or more
 * plain words, then the punctuation mark if there is one, because a pause is likely there. Every phone except pauses
 * belongs to exactly one word; a word may get none.
 */
export const align = (words: readonly string[], phones: readonly Phone[]): readonly Span[] => {
  if (words.length === 0) return []
  const names = phones.map(({ name }) => (name === 'ah' ? 'aa' : name)) // which of the two depends on the voice
  const units = words.flatMap(unitsOf)
  const { arrive, leave } = cheapestPath(units, names)
  const spans: Span[] = []
  let begin = 0
  units.forEach((unit, i) => {
    if (unit !== END && unit !== PAUSE) return
    spans.push(withoutPauses(begin, leave[i]!, names))
    begin = arrive[i + 1]!
  })
  return spans
}

const withoutPauses = (begin: number, end: number, names: readonly string[]): Span => {
  let [from, to] = [begin, end]
  while (from < to && names[from] === 'pau') from++
  while (from < to && names[to - 1] === 'pau') to--
  return { first: from, end: to }
}

// ---- letters -------------------------------------------------------------------------------------------------------

/** A letter; in upper case one that stands alone and is said by its name. Or one of these three. */
type Unit = string

/** Between the plain words of a word. */
const GAP = ' '
/** After a word, and after a word with a punctuation mark. */
const END = '|'
const PAUSE = ','

const isVowel = (unit: Unit) => 'aeiouy'.includes(unit)

const unitsOf = (word: string): Unit[] => {
  const say = word.replace(/[,.?]+$/, '')
  const letters = say.replace(/(?<![a-z'])[a-z](?![a-z])/g, (letter) => letter.toUpperCase())
  return [...letters.split(''), say === word ? END : PAUSE]
}

/**
 * The sounds that letters stand for, one spelling and its readings at a time, + between phones in a row. It need not be
 * complete: what is missing costs something and no more.
 */
const SOUNDS = `
a: ae ey aa ax ao eh ih er; e: eh iy ax ih ey; i: ih ay iy ax y; o: aa ow ao ax uw uh ih w+aa;
u: aa uw uh ax ih eh w y+uw y+ax y+er; y: iy ay ih ax y;
ai: ey eh ax ay ih; ay: ey ay iy eh; au: ao aa ow; aw: ao; augh: ao ae+f; ea: iy eh ey ax; ee: iy ih; ei: iy ey ay ih;
eigh: ey ay; eu: uw y+uw y+er; ew: uw y+uw ow; ey: iy ey; eye: ay; ia: ax iy+ax ay+ax; ie: iy ay eh ih;
io: ax iy+ow ay+ax; igh: ay; oa: ow ao; oe: ow uw iy; oi: oy; oy: oy; oo: uw uh aa ao; ou: aw aa ax uw ow ao uh er;
ow: ow aw; ough: ow uw ao aa+f ao+f aw; ui: ih uw ay w+iy w+ih; ue: uw y+uw eh; uy: ay;
ar: aa+r er eh+r ao+r; er: er eh+r ih+r; ir: er ih+r ay+r; or: ao+r er; ur: er uh+r y+er; yr: er ih+r; re: er r;
air: eh+r; are: eh+r er aa+r; ear: ih+r er eh+r aa+r; eer: ih+r; ere: ih+r eh+r er; ire: ay+r ay+er; oor: ao+r;
ore: ao+r; our: aw+er aw+r ao+r er; ure: er y+er uh+r y+uh+r;
b: b; bb: b; c: k s sh ch; cc: k k+s ch; ce: s sh; ch: ch k sh; ci: sh; ck: k; cz: ch; d: d t jh; dd: d; dg: jh; dge: jh;
dj: jh; f: f v; ff: f; g: g jh zh; ge: jh zh; gg: g jh; gh: g f; gn: n; gu: g g+w; gue: g; h: hh; j: jh y hh zh; k: k;
kk: k; kn: n; l: l ax+l; le: ax+l l; ll: l y; m: m ax+m; mb: m; mm: m; mn: m; n: n ng ax+n; ng: ng ng+g n+jh n+g;
nk: ng+k; nn: n; p: p; ph: f; pp: p; ps: s; q: k; qu: k+w k; que: k; r: r er; rh: r; rr: r er; s: s z sh zh; sc: s s+k;
sch: s+k sh; sh: sh; si: zh sh; ss: s sh z; ssi: sh; su: sh+uh zh+ax zh+uw; t: t d ch sh; tch: ch; th: th dh t;
ti: sh ch; ts: t+s; tt: t; tu: ch+ax ch+uw ch+er; tz: t+s; v: v f; vv: v; w: w v; wh: w hh; wr: r; x: k+s g+z z k+sh;
z: z s t+s zh; zz: z t+s; cian: sh+ax+n; sion: zh+ax+n sh+ax+n; tion: sh+ax+n ch+ax+n; ed: t d ax+d ih+d;
es: z s ax+z ih+z; 's: z s ax+z ih+z`

/** What a letter is called. Flite also spells words that it cannot pronounce. */
const LETTER_NAMES = `
a: ey ax; b: b+iy; c: s+iy; d: d+iy; e: iy; f: eh+f; g: jh+iy; h: ey+ch; i: ay; j: jh+ey; k: k+ey; l: eh+l; m: eh+m;
n: eh+n; o: ow; p: p+iy; q: k+y+uw; r: aa+r; s: eh+s; t: t+iy; u: y+uw; v: v+iy; w: d+aa+b+ax+l+y+uw; x: eh+k+s; y: w+ay;
z: z+iy`

/** A way to read some letters: how many, as which phones, at what cost. */
interface Way {
  readonly letters: number
  readonly phones: readonly string[]
  readonly cost: number
}

// What anything but a spelling of the table costs. Found by trial on some hundred sentences; none of them is delicate.
const COST = {
  letterName: 0.8,
  silentE: 0.5,
  silentVowel: 1,
  silentConsonant: 1.2,
  otherVowel: 0.8,
  otherConsonant: 2.5,
  vowelForConsonant: 3,
  addedGlide: 1.2,
  addedPhone: 2,
  pauseInWord: 8,
  pauseWithoutMark: 1.5,
  markWithoutPause: 2,
}

const WAYS: ReadonlyMap<string, readonly Way[]> = (() => {
  const ways = new Map<string, Way[]>()
  const add = (spelling: string, readings: string, cost: number) => {
    const list = readings
      .split(' ')
      .map((phones) => ({ letters: spelling.length, phones: phones.split('+'), cost }))
    ways.set(spelling, [...(ways.get(spelling) ?? []), ...list])
  }
  const each = (table: string, use: (spelling: string, readings: string) => void) => {
    for (const [, spelling, readings] of table.matchAll(/([a-z']+): ([a-z+ ]+)/g)) use(spelling!, readings!)
  }
  each(SOUNDS, (spelling, readings) => add(spelling, readings, 0))
  each(LETTER_NAMES, (letter, name) => {
    add(letter.toUpperCase(), name, 0)
    add(letter, name, COST.letterName)
  })
  return ways
})()
const LONGEST_SPELLING = 4

const VOWELS: ReadonlySet<string> = new Set('aa ae ao aw ax ay eh er ey ih iy ow oy uh uw'.split(' '))

// ---- the cheapest path ---------------------------------------------------------------------------------------------

/** For each number of units read: how many phones had been said by then, and how many when the next unit was begun. */
interface Path {
  readonly arrive: Int32Array
  readonly leave: Int32Array
}

/** Letters and phones run side by side; where they are further apart than this, nobody looks. */
const BAND_PHONES = 24

/** Viterbi's algorithm over units read (i) and phones said (j), near the diagonal only. */
const cheapestPath = (units: readonly Unit[], phones: readonly string[]): Path => {
  const { starts, width } = bandOf(units, phones.length)
  const best = new Float32Array((units.length + 1) * width).fill(Infinity)
  const cameBy = new Uint8Array(best.length) // units × 16 + phones
  const relax = (i: number, j: number, unitCount: number, phoneCount: number, cost: number) => {
    const column = j + phoneCount - starts[i + unitCount]!
    const k = (i + unitCount) * width + column
    if (column < 0 || column >= width || cost >= best[k]!) return
    best[k] = cost
    cameBy[k] = unitCount * 16 + phoneCount
  }
  best[0] = 0
  units.forEach((unit, i) => {
    const ways = waysAt(units, i)
    const silence = costOfSilence(unit)
    const end = Math.min(phones.length + 1, starts[i]! + width)
    for (let j = starts[i]!; j < end; j++) {
      const cost = best[i * width + j - starts[i]!]!
      if (cost === Infinity) continue
      relax(i, j, 1, 0, cost + silence)
      const phone = phones[j]
      if (phone === undefined) continue
      relax(i, j, 0, 1, cost + costOfAdding(phone, i))
      relax(i, j, 1, 1, cost + costOfPairing(unit, phone))
      for (const way of ways)
        if (isSaid(way.phones, phones, j)) relax(i, j, way.letters, way.phones.length, cost + way.cost)
    }
  })
  const arrive = new Int32Array(units.length + 1)
  const leave = new Int32Array(units.length + 1)
  for (let i = units.length, j = phones.length, later = true; i > 0 || j > 0;) {
    const by = cameBy[i * width + j - starts[i]!]!
    if (later) leave[i] = j
    arrive[i] = j
    later = by >= 16
    i -= by >> 4
    j -= by & 15
  }
  return { arrive, leave }
}

/** For each number of units read the first phone in the band, and how many phones it spans. */
const bandOf = (units: readonly Unit[], phoneCount: number) => {
  const expected = units.map((unit) => (isBorder(unit) ? 0 : (waysOf(unit)[0]?.phones.length ?? 1)))
  const perUnit = phoneCount / Math.max(1, sum(expected))
  const half = BAND_PHONES + Math.ceil(perUnit * 8) // more than any unit's step, so that the band hangs together
  let centre = 0
  const starts = [0, ...expected.map((count) => Math.max(0, Math.round((centre += count * perUnit)) - half))]
  return { starts, width: 2 * half + 1 }
}

const waysOf = (spelling: string): readonly Way[] => WAYS.get(spelling) ?? []

const waysAt = (units: readonly Unit[], i: number): readonly Way[] => {
  const ways: Way[] = []
  let spelling = ''
  for (let k = i; k < i + LONGEST_SPELLING && k < units.length && !isBorder(units[k]!); k++)
    ways.push(...waysOf((spelling += units[k]!)))
  return ways
}

const isSaid = (way: readonly string[], phones: readonly string[], at: number) => {
  for (let k = 0; k < way.length; k++) if (phones[at + k] !== way[k]) return false
  return true
}

const costOfAdding = (phone: string, unitsRead: number) => {
  if (phone === 'pau') return unitsRead === 0 ? 0 : COST.pauseInWord
  return phone === 'ax' || phone === 'y' ? COST.addedGlide : COST.addedPhone
}

const costOfSilence = (unit: Unit) => {
  if (unit === PAUSE) return COST.markWithoutPause
  if (isBorder(unit) || unit === "'") return 0
  if (unit === 'e') return COST.silentE
  return isVowel(unit) ? COST.silentVowel : COST.silentConsonant
}

const costOfPairing = (unit: Unit, phone: string) => {
  if (isBorder(unit)) return phone !== 'pau' ? Infinity : unit === PAUSE ? 0 : COST.pauseWithoutMark
  if (phone === 'pau') return Infinity
  if (isVowel(unit) !== VOWELS.has(phone)) return COST.vowelForConsonant
  return isVowel(unit) ? COST.otherVowel : COST.otherConsonant
}

const isBorder = (unit: Unit) => unit === END || unit === PAUSE || unit === GAP
const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)
