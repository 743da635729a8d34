import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { align } from '../../workers/voice/flite/align'
import { phrase, read } from '../../workers/voice/flite/reading'
import { runFlite } from './flite-command'

const corpus = new URL('../../../shared/data/translation/flores-dev/en.txt', import.meta.url)

const OWN = `
Hello there, friend.
The quick brown fox jumps over the lazy dog.
She sells seashells by the seashore, doesn't she?
I thought though that through thorough thought we'd get through.
One of us wants to own one once.
Six thick thistle sticks, and six thick thistles stick.
The NASA and FBI people read HTML on their PCs.
It costs $3.50, or €20 for 1,234 of them.
On 12/05/2026 at 10:30 we meet in St. Louis.
Please call +1 555 123 4567 or write to ada@example.com.
Queue up quietly, the choir's colonel said in a quaint voice.
Knights know gnomes gnaw knobs.
Wednesday's weather was awfully awkward.
A, B, C, D, E, F, G, H, I, J, K, L, M.
N O P Q R S T U V W X Y Z.
What time's this, and who's there?
My avatar isn't an emoji.
I'm sorry, you're right: they're here.
He had had a bad bed.
This sunny seaside, this Sunday.
Both these things that those thieves thought.
Eight ate eighty-eight apples at eight.
Yes!
No. Why? Because.
Look, a bird! Is it a plane? It's a kite.
Hmm, wow, haha, oh no.
The rhythm of the isthmus astonished the asthmatic chauffeur.
Llamas and xylophones puzzled Zoë and Müller.
He ran an errand in an area near an era.
We were away a year ago.
Sure, sugar is sweet, but issues are tissue.
Her measure of pleasure was a treasure of leisure.
The judge's bridges and the boxes' edges.
Cats, dogs, horses and houses.
Looked, wanted, begged, needed, stopped.
Use the unit, you youthful Europeans.
The end of the hour is ours.
Version 3.5.1 runs at 1920x1080 with 60 fps.
Louis XIV and Henry VIII never met in World War II.
Go to https://www.example.com/docs and click OK.
`
const sentences = OWN.trim().split('\n')

test('words get their own phones, as Flite pauses between them', { timeout: 240_000 }, () => {
  const hasCorpus = existsSync(corpus)
  if (!hasCorpus) console.warn(`No ${corpus.pathname}: only the sentences of this file are tried.`)
  const lines = hasCorpus ? readFileSync(corpus, 'utf8').trim().split('\n') : []
  const tally = { borders: 0, exact: 0, near: 0, eachMs: [] as number[] }
  for (const sentence of [...sentences, ...lines.filter((_, i) => i % 4 === 1)]) {
    const { words } = read(sentence)
    // Every word a phrase of its own: Flite pauses after each, and so shows which phones are whose.
    const apart = runFlite(words.map(({ say }) => say).join('. ') + '.').phones
    // Without the pauses that the sentence does not ask for, it is what Flite says of the sentence as a whole.
    const phones = []
    const firsts: number[] = []
    for (const [i, phone] of apart.entries()) {
      const begins = phone.name !== 'pau' && apart[i - 1]?.name === 'pau'
      if (begins) firsts.push(phones.length)
      if (phone.name !== 'pau' || words[firsts.length - 1]?.pause !== 'none') phones.push(phone)
    }
    expect(firsts, sentence).toHaveLength(words.length)
    const started = performance.now()
    const spans = align(words.map(phrase), phones)
    tally.eachMs.push(performance.now() - started)
    expectPartition(spans, phones)
    for (const [i, first] of firsts.entries()) {
      if (i === 0) continue
      const off = Math.abs(spans[i]!.first - first)
      tally.borders++
      if (off === 0) tally.exact++
      if (off <= 1) tally.near++
    }
  }
  tally.eachMs.sort((a, b) => a - b)
  const { borders, exact, near, eachMs } = tally
  const median = eachMs[eachMs.length >> 1]!
  console.info(
    `${borders} borders: ${percent(exact / borders)} exact, ${percent(near / borders)} within one; ${median.toFixed(2)} ms`,
  )
  expect(exact / borders).toBeGreaterThan(0.98)
  expect(near / borders).toBeGreaterThan(0.99)
  expect(median).toBeLessThan(20) // 1 ms on an idle machine
})

test('whole utterances, as they are spoken', { timeout: 60_000 }, () => {
  for (const sentence of sentences) {
    const { words } = read(sentence)
    const { phones } = runFlite(words.map(phrase).join(' '))
    const spans = align(words.map(phrase), phones)
    expectPartition(spans, phones)
    for (const [i, { first, end }] of spans.entries()) {
      expect(end, `${words[i]!.say} in ${sentence}`).toBeGreaterThan(first)
      if (words[i]!.pause !== 'none' && i < spans.length - 1) expect(phones[end]!.name).toBe('pau')
    }
  }
})

test.each([
  ['no words', [], 'pau', []],
  ['no phones', ['hello', 'there'], '', ['', '']],
  ['silence only', ['hello,', 'there'], 'pau pau', ['', '']],
  [
    'several words at once',
    ['in nineteen', 'ten'],
    'pau ih n n ay n t iy n t eh n pau',
    ['ih n n ay n t iy n', 't eh n'],
  ],
  [
    'letters',
    ['f b i', 'w', 'ay i'],
    'eh f b iy ay d aa b ax l y uw ey ay',
    ['eh f b iy ay', 'd aa b ax l y uw', 'ey ay'],
  ],
  ['a pause where none was due', ['go', 'on'], 'pau g ow pau aa n', ['g ow', 'aa n']],
  ['no pause where one was due', ['so,', 'oh.'], 's ow ow', ['s ow', 'ow']],
  ['more words than phones', ['a', 'b', 'c'], 's iy', ['', '', 's iy']],
  ['more phones than letters', ['a'], 's iy '.repeat(300).trim(), ['s iy '.repeat(300).trim()]],
  ['what it has no rule for', ['!?', 'ok'], 'x y ow k ey', [undefined, undefined]],
] as const)('%s', (_, words, names, expected) => {
  const phones = names.split(' ').flatMap((name, i) => (name ? [{ name, at: i, until: i + 1 }] : []))
  const spans = align(words, phones)
  expectPartition(spans, phones)
  expect(spans).toHaveLength(expected.length)
  spans.forEach(({ first, end }, i) => {
    const said = phones.slice(first, end).map(({ name }) => name)
    if (expected[i] !== undefined) expect(said.join(' ')).toBe(expected[i])
  })
})

test('any words and any phones', () => {
  const names = 'aa ae ah ax b ch d dh eh er ey f iy k l m n ng ow p r s t uw w y z pau pau'.split(' ')
  let seed = 1
  const below = (n: number) => (seed = (seed * 48271) % 2147483647) % n // Lehmer's generator
  const some = <T>(count: number, one: () => T) => Array.from({ length: count }, one)
  for (let round = 0; round < 500; round++) {
    const letter = () => "abcdefghijklmnopqrstuvwxyz' w"[below(29)]!
    const words = some(1 + below(12), () => some(below(20), letter).join('') + ['', ',', '.', '?'][below(4)]!)
    const phones = some(below(round % 2 ? 400 : 20), () => ({
      name: names[below(names.length)]!,
      at: 0,
      until: 0,
    }))
    const spans = align(words, phones)
    expect(spans).toHaveLength(words.length)
    expectPartition(spans, phones)
  }
})

/** In order, none twice, and none but pauses left over. */
const expectPartition = (
  spans: readonly { first: number; end: number }[],
  phones: readonly { name: string }[],
) => {
  let at = 0
  for (const { first, end } of spans) {
    expect(first).toBeGreaterThanOrEqual(at)
    expect(end).toBeGreaterThanOrEqual(first)
    expect(phones.slice(at, first).every(({ name }) => name === 'pau')).toBe(true)
    at = end
  }
  if (spans.length > 0) expect(phones.slice(at).every(({ name }) => name === 'pau')).toBe(true)
  else expect(spans).toEqual([])
}

const percent = (share: number) => `${(100 * share).toFixed(2)} %`
