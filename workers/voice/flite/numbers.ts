/** @file Numbers as English words: counts, years, dates, times, money, measures, telephone numbers. */

/** What surrounds a number and decides how it is read. */
interface Place {
  /** The last word spoken before it. */
  readonly before: string
  /** A letter touches it, as in H2O. */
  readonly glued: boolean
}

/** A part of the text in words. Commas in `say` are pauses: only digits read one by one have them. */
interface NumberReading {
  readonly say: string
  /** UTF-16 code units. */
  readonly length: number
}

/** The number that begins at an index of folded text. */
export const readNumber = (plain: string, at: number, place: Place): NumberReading | undefined => {
  START.lastIndex = at
  if (!START.test(plain)) return undefined
  for (const [pattern, say] of place.glued ? GLUED_RULES : RULES) {
    pattern.lastIndex = at
    const match = pattern.exec(plain)
    const words = match && say(match, place)
    if (words) return { say: words, length: match[0].length }
  }
  return undefined
}

/** The number as people count: "2,000.5" is two thousand point five. */
export const cardinal = (number: string): string => {
  const [whole = '', decimals] = number.replaceAll(',', '').split('.')
  const words = integer(whole || '0')
  return decimals ? `${words} point ${digits(decimals)}` : words
}

export const ordinal = (number: string): string => {
  const words = integer(number.replaceAll(',', '')).split(' ')
  const last = words.pop()!
  return [...words, ORDINALS[last] ?? (last.endsWith('y') ? `${last.slice(0, -1)}ieth` : `${last}th`)].join(
    ' ',
  )
}

/** Four digits in pairs where English does so: 1984, 2026, 1905, 1900, but 2000 and 2005 as counts. */
const year = (number: string): string => {
  const value = Number(number)
  const [first, second] = [number.slice(0, 2), number.slice(2)]
  if (number.length !== 4 || value < 1010 || value > 2099 || value % 1000 < 10) return cardinal(number)
  if (second === '00') return `${integer(first)} hundred`
  return `${integer(first)} ${second.startsWith('0') ? `oh ${integer(second)}` : integer(second)}`
}

// ---- rules ---------------------------------------------------------------------------------------------------------

type Match = readonly (string | undefined)[]
type Rule = readonly [pattern: RegExp, say: (match: Match, place: Place) => string | undefined]

// Lengths in patterns are bounded: then no text, however odd, takes more than linear time.
const NUMBER = String.raw`(?:\d{1,3}(?:,\d{3}){1,6}(?![\d])|\d{1,18})(?:\.\d{1,40})?|\.\d{1,40}`
const MONTHS = 'january february march april may june july august september october november december'.split(
  ' ',
)
const MONTH = MONTHS.map((month) => {
  const name = month[0]!.toUpperCase() + month.slice(1)
  return `${name}|${name.slice(0, 3)}${month === 'september' ? 't?' : ''}\\b\\.?`
}).join('|')
const SCALE = 'hundred|thousand|million|billion|trillion|k|K|m|M|mn|bn|b|B|tn|T'
const SCALES: Readonly<Record<string, string>> = {
  k: 'thousand',
  m: 'million',
  mn: 'million',
  b: 'billion',
  bn: 'billion',
  t: 'trillion',
  tn: 'trillion',
}

type Currency = readonly [one: string, many: string, cent: string, cents: string]
const CURRENCIES: Readonly<Record<string, Currency>> = {
  $: ['dollar', 'dollars', 'cent', 'cents'],
  '€': ['euro', 'euros', 'cent', 'cents'],
  '£': ['pound', 'pounds', 'penny', 'pence'],
  '¥': ['yen', 'yen', 'sen', 'sen'],
  '₹': ['rupee', 'rupees', 'paisa', 'paise'],
  '₩': ['won', 'won', 'jeon', 'jeon'],
  '₽': ['ruble', 'rubles', 'kopek', 'kopeks'],
}
const COUNTRIES: Readonly<Record<string, string>> = {
  US: 'u s ',
  AU: 'australian ',
  A: 'australian ',
  CA: 'canadian ',
  C: 'canadian ',
  NZ: 'new zealand ',
  HK: 'hong kong ',
}
const COUNTRY = Object.keys(COUNTRIES).join('|')

/** What follows a number: symbol, the word for one and, where it is not that and an s, for many. Case counts. */
const UNITS = units(`
  mm millimeter, cm centimeter, dm decimeter, m meter, km kilometer, nm nanometer, μm micrometer, ft foot/feet,
  mi mile, nmi nautical mile, yd yard, yds yard, ha hectare, px pixel,
  μg microgram, mg milligram, g gram, kg kilogram, oz ounce, lb pound, lbs pound,
  ml milliliter, mL milliliter, cl centiliter, l liter, L liter, gal gallon,
  ns nanosecond, μs microsecond, ms millisecond, s second, sec second, secs second, min minute, mins minute,
  h hour, hr hour, hrs hour, yr year, yrs year,
  W watt, kW kilowatt, MW megawatt, GW gigawatt, Wh watt hour, kWh kilowatt hour, MWh megawatt hour,
  V volt, kV kilovolt, mA milli amp, mAh milli amp hour, Ω ohm, dB decibel, cal calorie, kcal kilocalorie,
  Hz hertz/hertz, kHz kilohertz/kilohertz, KHz kilohertz/kilohertz, MHz megahertz/megahertz, GHz gigahertz/gigahertz,
  kB kilobyte, KB kilobyte, MB megabyte, GB gigabyte, TB terabyte, PB petta byte, KiB kibibyte, MiB mebibyte, GiB gibibyte,
  kbps kilobit per second/kilobits per second, Mbps megabit per second/megabits per second,
  Gbps gigabit per second/gigabits per second, mph mile per hour/miles per hour, kph kilometer per hour/kilometers per hour,
  fps frame per second/frames per second, rpm rotation per minute/rotations per minute, bpm beat per minute/beats per minute,
  dpi dot per inch/dots per inch, ppm part per million/parts per million, % percent/percent,
  ° degree, °C degree celsius/degrees celsius, °F degree fahrenheit/degrees fahrenheit,
  °N degree north/degrees north, °S degree south/degrees south, °E degree east/degrees east, °W degree west/degrees west,
  ¢ cent, USD u s dollar, EUR euro, GBP pound, JPY yen/yen`)
const UNIT = Object.keys(UNITS)
  .sort((a, b) => b.length - a.length)
  .join('|')

const RULES: readonly Rule[] = [
  // 2026-11-20
  [/(\d{4})([-/])(\d\d)\2(\d\d)(?:T(?=\d\d:)|(?![-/\d]))/y, ([, y, , m, d]) => date(y!, m!, d!)],
  // 12/05/2026: the month first, as Americans write it, unless that cannot be; with dots the day first
  [
    /(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?![-/.]?\d)/y,
    ([, a, dot, b, y]) => (dot === '.' ? date(y!, b!, a!) : (date(y!, a!, b!) ?? date(y!, b!, a!))),
  ],
  [
    /(\d{1,2})\/(\d{1,2})\/(\d\d)(?![/\d])/y,
    ([, a, b, y]) => date(`20${y!}`, a!, b!) ?? date(`20${y!}`, b!, a!),
  ],
  // 10:30, 2:30pm, 14:05:10
  [
    /(\d{1,2}):([0-5]\d)(?::([0-5]\d)(?:\.\d{1,6})?)?(?:\s?([aApP])(?:\.\s?[mM]\.|[mM]\b))?(?!:?\d)/y,
    ([, h, m, s, half]) => time(h!, m!, s, half),
  ],
  [/(\d{1,2})\s?([aApP])(?:\.\s?[mM]\.|[mM]\b)/y, ([, h, half]) => `${cardinal(h!)} ${halfDay(half!)}`],
  // 10.30 pm
  [
    /(\d{1,2})\.([0-5]\d) ?([aApP])(?:\.\s?[mM]\.|[mM]\b)/y,
    ([, h, m, half]) => time(h!, m!, undefined, half),
  ],
  // 3:1
  [/(\d{1,4}):(\d{1,4})(?![:\d])/y, ([, a, b]) => `${cardinal(a!)} to ${cardinal(b!)}`],
  // 5'11"
  [
    /(\d{1,2})'\s?(\d{1,2})(?:"|''|(?!\w))/y,
    ([, ft, inches]) =>
      `${cardinal(ft!)} ${ft === '1' ? 'foot' : 'feet'} ${cardinal(inches!)} ${inches === '1' ? 'inch' : 'inches'}`,
  ],
  // Telephone, card and account numbers
  [
    /\d{1,3}(?:[-. ]\(?\d{1,5}\)?){2,5}(?!\d)/y,
    (match, { before }) => (before === 'plus' ? apart(match) : undefined),
  ],
  [/\d{3}(?=\) ?\d{3}[-. ]\d{4})/y, apart],
  [/\d{3}-\d{4}(?![-.]?\d)/y, apart],
  [/(?:1[-. ])?\d{3}([-. ])\d{3}[-. ]\d{4}(?!\d)/y, apart],
  [/0\d{2,4} \d{3,4} \d{3,4}(?!\d)/y, apart],
  [/\d{4}(?: \d{4}){2,4}(?!\d)/y, apart],
  [/\d{1,6}(?:-\d{1,7}){2,8}(?![-\d])/y, apart],
  // 1 000 000, 1.000.000, 1.5e-3, 0x1F
  [
    /(?<!\d )[1-9]\d{0,2}(?: \d{3}){2,5}(?! ?\d)|[1-9]\d{0,2}(?:\.\d{3}){1,4}\.000(?![.\d])/y,
    ([all]) => cardinal(all!.replace(/\D/g, '')),
  ],
  [
    /(\d{1,15}(?:\.\d{1,15})?)[eE]([-+]?)(\d{1,3})(?![\w.])/y,
    ([, number, sign, power]) =>
      `${cardinal(number!)} times ten to the power of ${sign === '-' ? 'minus ' : ''}${cardinal(power!)}`,
  ],
  [
    /0[xX]([\da-fA-F]{1,16})(?!\w)/y,
    ([, hex]) => `zero x ${Array.from(hex!.toLowerCase(), hexDigit).join(' ')}`,
  ],
  // 3.5.1, 192.168.0.1
  [/\d{1,6}(?:\.\d{1,6}){2,6}/y, ([all]) => all!.split('.').map(code).join(' point ')],
  // 2 1/2, 3/4, 24/7
  [
    /(\d{1,4}) (\d{1,2})\/(\d{1,2})(?![/\d])/y,
    ([, whole, a, b]) => {
      const part = fraction(a!, b!)
      return part && `${cardinal(whole!)} and ${part.replace(/^one (?=half|quarter)/, 'a ')}`
    },
  ],
  [/(\d{1,3})\/(\d{1,3})(?![/\d])/y, ([, a, b]) => slashed(a!, b!)],
  [/(\d{4})\/(\d\d|\d{4})(?![/\d])/y, ([, a, b]) => `${year(a!)} ${year(b!)}`],
  // $5-10 million, $3.50, US$2bn
  [
    new RegExp(
      String.raw`(${COUNTRY})?([$€£¥₹₩₽])\s?(${NUMBER})\s?[-–]\s?\2?(${NUMBER})(?:[ -]?(${SCALE})\b)?`,
      'y',
    ),
    ([, country, sign, a, b, scale]) => `${cardinal(a!)} to ${money(country, sign!, b!, scale)}`,
  ],
  [
    new RegExp(String.raw`(${COUNTRY})?([$€£¥₹₩₽])\s?(${NUMBER})(?:[ -]?(${SCALE})\b)?`, 'y'),
    ([, country, sign, amount, scale]) => money(country, sign!, amount!, scale),
  ],
  [
    new RegExp(`(${NUMBER}) ?([$€£¥₹₩₽])(?!\\d)`, 'y'),
    ([, amount, sign]) => money(undefined, sign!, amount!, undefined),
  ],
  // 22nd, 5 May, May 5
  [new RegExp(`(\\d{1,2})(?:st|nd|rd|th)?(?= (?:${MONTH})(?![a-z]))`, 'y'), ([, d], p) => dayBefore(d!, p)],
  [/(\d{1,3}(?:,\d{3}){1,4}|\d{1,15})(?:st|nd|rd|th)(?![a-z\d])/iy, ([, number]) => ordinal(number!)],
  [
    /(\d{1,2})(?![\d:%/°$€£]|[.,]\d| ?(?:am|pm)\b)/y,
    ([, d], { before }) =>
      MONTHS.includes(before) && Number(d) <= 31 && Number(d) > 0 ? ordinal(d!) : undefined,
  ],
  // 90s, 1990s, 1900s
  [/(\d0|[12]\d{2}0)s\b/y, ([, number]) => plural(year(number!))],
  [
    /(\d{3,12}|\d{1,2}(?=s of))s(?![a-z\d])/y,
    ([, number]) => plural(cardinal(number!).replace(/^one (?=[a-z]+$)/, '')),
  ],
  // 5 kg, 160km/h, 10-kg, 5 m², 20 °C, 50%
  [
    new RegExp(
      String.raw`(${NUMBER})([ -]?)(?:(sq) )?(${UNIT})(?:\^?([23]))?(?:\/(${UNIT})(?:\^?([23]))?)?(?![A-Za-z\d])`,
      'y',
    ),
    ([, amount, gap, sq, unit, power, per, perPower]) => {
      const single = amount === '1' || gap === '-' // a 10-kilogram bag
      const count = /^\d{4}$/.test(amount!) ? integer(amount!) : cardinal(amount!)
      const what = raised(UNITS[unit!]![single ? 0 : 1], sq ? '2' : power)
      return `${count} ${what}${per ? ` per ${raised(UNITS[per]![0], perPower)}` : ''}`
    },
  ],
  // 3x faster, 10k, 1.5M
  [new RegExp(`(${NUMBER})[x×](?![\\w\\d])`, 'y'), ([, number]) => `${cardinal(number!)} times`],
  [
    new RegExp(`(${NUMBER})([MB]|bn|mn)\\b`, 'y'),
    ([, number, scale]) => `${cardinal(number!)} ${scaleName(scale!)}`,
  ],
  // 007, 12345678901
  [/0\d{1,40}(?!\d|[.,]\d)/y, ([all]) => (all!.length > 4 ? grouped(all!) : digits(all!))],
  [/\d{10,40}/y, ([all]) => grouped(all!)],
  [/\d{4}(?!\d|[.,]\d)/y, ([all]) => year(all!)],
  [new RegExp(`(${NUMBER})s(?![a-z\\d])`, 'y'), ([, number]) => plural(cardinal(number!))],
  [new RegExp(NUMBER, 'y'), ([all]) => cardinal(all!)],
]

/** In H2O, MP3 and Boeing737. */
const GLUED_RULES: readonly Rule[] = [
  [/\d{1,6}(?:\.\d{1,6}){1,6}/y, ([all]) => all!.split('.').map(code).join(' point ')],

  [/\d{1,40}/y, ([all]) => (all!.length > 4 ? grouped(all!) : code(all!))],
]

const START = new RegExp(`\\d|\\.\\d|(?:${COUNTRY})?[$€£¥₹₩₽]\\s?\\.?\\d`, 'y')

// ---- words ---------------------------------------------------------------------------------------------------------

const DIGITS = 'zero one two three four five six seven eight nine'.split(' ')
const TEENS = 'ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(' ')
const TENS = '- - twenty thirty forty fifty sixty seventy eighty ninety'.split(' ')
const THOUSANDS = ['', ' thousand', ' million', ' billion', ' trillion', ' quadrillion']
const ORDINALS: Readonly<Record<string, string>> = {
  one: 'first',
  two: 'second',
  three: 'third',
  five: 'fifth',
  eight: 'eighth',
  nine: 'ninth',
  twelve: 'twelfth',
}

const integer = (number: string): string => {
  const significant = number.replace(/^0+(?=\d)/, '')
  if (significant.length > 18) return digits(significant)
  if (significant === '0') return 'zero'
  const words: string[] = []
  for (let end = significant.length, thousands = 0; end > 0; end -= 3, thousands++) {
    const three = Number(significant.slice(Math.max(0, end - 3), end))
    if (three) words.unshift(belowThousand(three) + THOUSANDS[thousands]!)
  }
  return words.join(' ')
}

const belowThousand = (n: number): string => {
  if (n >= 100) return `${DIGITS[Math.floor(n / 100)]!} hundred${n % 100 ? ` ${belowThousand(n % 100)}` : ''}`
  if (n >= 20) return TENS[Math.floor(n / 10)]! + (n % 10 ? ` ${DIGITS[n % 10]!}` : '')
  return n >= 10 ? TEENS[n - 10]! : DIGITS[n]!
}

const digits = (number: string) => Array.from(number, (digit) => DIGITS[Number(digit)]!).join(' ')

/** Digit by digit, a pause after every third. */
const grouped = (number: string) => {
  const groups: string[] = []
  let rest = number
  for (; rest.length > 4; rest = rest.slice(3)) groups.push(digits(rest.slice(0, 3)))
  return [...groups, digits(rest)].join(', ')
}

/** Digit by digit, a pause where something parts them. */
function apart([all]: Match): string {
  return all!
    .split(/\D+/)
    .map((group) => (group.length > 4 ? grouped(group) : digits(group)))
    .join(', ')
}

/** Short numbers that name something: 1 in 3.5.1, 737, 2049. */
const code = (number: string) => {
  if (number.startsWith('0') || number.length > 4) return digits(number)
  if (number.length < 3 || number.endsWith('00')) return cardinal(number)
  if (number.length === 4)
    return `${integer(number.slice(0, 2))} ${number[2] === '0' ? 'oh ' : ''}${integer(number.slice(2))}`
  const rest = number.slice(1)
  return `${digits(number[0]!)} ${rest.startsWith('0') ? `oh ${digits(rest[1]!)}` : integer(rest)}`
}

const hexDigit = (digit: string) => (digit === 'a' ? 'ay' : (DIGITS[Number(digit)] ?? digit))

const plural = (words: string) => {
  if (words.endsWith('y')) return `${words.slice(0, -1)}ies`
  return words.endsWith('x') ? `${words}es` : `${words}s`
}

const date = (y: string, m: string, d: string) => {
  const month = MONTHS[Number(m) - 1]
  return month && Number(d) >= 1 && Number(d) <= 31 ? `${month} ${ordinal(d)} ${year(y)}` : undefined
}

const dayBefore = (day: string, { before }: Place) =>
  Number(day) >= 1 && Number(day) <= 31 ? `${before === 'the' ? '' : 'the '}${ordinal(day)} of` : undefined

const time = (h: string, m: string, s: string | undefined, half: string | undefined) => {
  if (Number(h) > 24) return undefined
  const words = [cardinal(h)]
  if (m !== '00') words.push(m.startsWith('0') ? `oh ${integer(m)}` : integer(m))
  else if (!half) words.push(Number(h) >= 1 && Number(h) <= 12 ? "o'clock" : 'hundred')
  if (s && s !== '00') words.push(`and ${integer(s)} ${s === '01' ? 'second' : 'seconds'}`)
  if (half) words.push(halfDay(half))
  return words.join(' ')
}

const halfDay = (half: string) => (half.toLowerCase() === 'a' ? 'ay m' : 'p m')

/** m² is a square meter, but s² a second squared. */
const raised = (unit: string, power: string | undefined) => {
  if (!power) return unit
  const isLength = /meters?$|feet|foot|mile|yard|inch/.test(unit)
  return isLength
    ? `${power === '2' ? 'square' : 'cubic'} ${unit}`
    : `${unit} ${power === '2' ? 'squared' : 'cubed'}`
}

const fraction = (a: string, b: string) => {
  const [over, under] = [Number(a), Number(b)]
  if (over < 1 || over >= under || !(under <= 20 || under % 10 === 0 || Math.log2(under) % 1 === 0))
    return undefined
  const part = under === 2 ? 'half' : under === 4 ? 'quarter' : ordinal(b)
  return `${cardinal(a)} ${over === 1 ? part : part === 'half' ? 'halves' : `${part}s`}`
}

const slashed = (a: string, b: string) => {
  if (['24/7', '9/11', '50/50', '20/20'].includes(`${a}/${b}`)) return `${cardinal(a)} ${cardinal(b)}`
  return (
    fraction(a, b) ??
    `${cardinal(a)} ${b === '5' || b === '10' || b === '100' ? 'out of' : 'over'} ${cardinal(b)}`
  )
}

const scaleName = (scale: string) => SCALES[scale.toLowerCase()] ?? scale

const money = (country: string | undefined, sign: string, amount: string, scale: string | undefined) => {
  const [one, many, cent, cents] = CURRENCIES[sign]!
  const from = country ? COUNTRIES[country]! : ''
  if (scale) return `${cardinal(amount)} ${scaleName(scale)} ${from}${many}`
  const [whole = '', part = ''] = amount.split('.')
  if (part.length !== 2) return `${cardinal(amount)} ${from}${amount === '1' ? one : many}`
  const words: string[] = []
  if (Number(whole.replaceAll(',', '')) || part === '00')
    words.push(`${cardinal(whole)} ${from}${whole === '1' ? one : many}`)
  if (part !== '00') words.push(`${integer(part)} ${part === '01' ? cent : cents}`)
  return words.join(' and ')
}

function units(list: string): Readonly<Record<string, readonly [one: string, many: string]>> {
  return Object.fromEntries(
    list.split(',').map((entry) => {
      const [symbol = '', ...words] = entry.trim().split(' ')
      const [one = '', many = `${one}s`] = words.join(' ').split('/')
      return [symbol, [one, many]]
    }),
  )
}
