/** @file Where text is cut into pieces to speak, and that nothing of it is lost. */
import { expect, test } from 'vitest'
import { firstPiece, pieces, Sentences } from '../../src/conversation/sentences'

const cut = (text: string) => pieces(text).map((piece) => piece.text)

test.each<[string, string[]]>([
  ['Hello there.', ['Hello there.']],
  ['', []],
  [' \n\t ', []],
  ['No punctuation', ['No punctuation']],
  ['One. Two! Three?', ['One.', 'Two!', 'Three?']],
  // The first clause goes ahead; later sentences stay whole.
  ['Well hello, my friend. I came, I saw, I sang.', ['Well hello,', 'my friend.', 'I came, I saw, I sang.']],
  ['Yes, of course I will come.', ['Yes, of course I will come.']], // one word is no clause
  // Not the end of a sentence.
  ['Dr. Smith paid $3.50 to Mr. J. R. Ewing.', ['Dr. Smith paid $3.50 to Mr. J. R. Ewing.']],
  ['See example.com or a.b@c.org now.', ['See example.com or a.b@c.org now.']],
  ['Bread, milk etc. Then home.', ['Bread, milk etc.', 'Then home.']],
  ['We met at 5 p.m. on Monday.', ['We met at 5 p.m. on Monday.']],
  ['1. Open the door\n2. Go in', ['1. Open the door', '2. Go in']],
  ['Version 3.5.1 is out.', ['Version 3.5.1 is out.']],
  // Quotes and brackets go with what they close.
  ['"Go!" she said. (He went.) Fine.', ['"Go!"', 'she said.', '(He went.)', 'Fine.']],
  ['Hmm... maybe not. Well… Yes.', ['Hmm... maybe not.', 'Well…', 'Yes.']],
  ['Wait — what is that?', ['Wait — what is that?']],
  ['I know — you told me.', ['I know —', 'you told me.']],
  // Lines and paragraphs.
  ['A title\n\nThen the text\nand a line', ['A title', 'Then the text', 'and a line']],
  // Chinese and Japanese need no spaces.
  ['你好。今天天气很好，我们去公园吧！好吗？', ['你好。', '今天天气很好，我们去公园吧！', '好吗？']],
  // A long first sentence without a mark is broken where a speaker breathes.
  [
    'The quick brown fox jumps over the lazy dog while the small cat sleeps near the warm fire tonight',
    ['The quick brown fox jumps over the lazy dog', 'while the small cat sleeps near the warm fire tonight'],
  ],
  [
    'Seven enormous purple elephants gracefully danced around several astonished tourists yesterday',
    ['Seven enormous purple elephants gracefully', 'danced around several astonished tourists yesterday'],
  ],
])('%s', (text, expected) => {
  expect(cut(text)).toEqual(expected)
})

test('pauses follow the marks', () => {
  const pauses = pieces('Come along, now. Go: there.\n\nEnd').map(({ pauseS }) => pauseS)
  expect(pauses).toEqual([0.12, 0.4, 0.75, 0.4])
})

test('no piece is too long, whatever comes', () => {
  const texts = [
    'a'.repeat(1000),
    'word '.repeat(500),
    '👩‍👩‍👧‍👦'.repeat(200),
    '很'.repeat(900),
    'e\u0301'.repeat(3000),
    '\u0301'.repeat(500),
  ]
  for (const text of texts) {
    const all = pieces(text)
    expect(Math.max(...all.map((piece) => piece.text.length))).toBeLessThanOrEqual(180)
    expect(
      all
        .map((piece) => piece.text)
        .join('')
        .replace(/\s/g, ''),
    ).toBe(text.replace(/\s/g, ''))
  }
  // An emoji made of eleven code units is never cut in two.
  for (const { text } of pieces('👩‍👩‍👧‍👦'.repeat(200))) expect(text.length % 11).toBe(0)
})

/** Numbers between 0 and 1 that are the same in every run (mulberry32). */
const seeded = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}

test('in whatever slices text arrives, nothing is lost, and indices point at it', () => {
  const random = seeded(7)
  const alphabet = [
    'word',
    'Dr.',
    ' ',
    '  ',
    '.',
    '. ',
    ', ',
    '!',
    '? ',
    '\n',
    '\n\n',
    '…',
    '很好',
    '。',
    '—',
    ' - ',
    '3.14',
    '👩‍👧',
    '\ud800',
    '"',
    ') ',
    'and ',
    'a b c d e ',
  ]
  for (let run = 0; run < 300; run++) {
    let text = ''
    while (text.length < random() * 600) text += alphabet[Math.floor(random() * alphabet.length)]!
    const sentences = new Sentences()
    const got = []
    for (let at = 0; at < text.length;) {
      const size = 1 + Math.floor(random() * 12)
      got.push(...sentences.push(text.slice(at, at + size)))
      at += size
    }
    got.push(...sentences.end())
    let last = 0
    for (const piece of got) {
      expect(text.slice(piece.from, piece.to)).toBe(piece.text)
      expect(text.slice(last, piece.from).trim()).toBe('')
      last = piece.to
    }
    expect(text.slice(last).trim()).toBe('')
  }
})

test('in slices or at once, the cuts are the same', () => {
  const text =
    'Good morning, everyone. Today we met Dr. Jones, who paid 3.50 for tea... and left. "Why?" I asked. Nobody knew!\n\nThe end.'
  for (const size of [1, 3, 10]) {
    const sentences = new Sentences()
    const got = []
    for (let at = 0; at < text.length; at += size) got.push(...sentences.push(text.slice(at, at + size)))
    got.push(...sentences.end())
    expect(got).toEqual(pieces(text))
  }
})

test('the first piece alone is the first of all', () => {
  const texts = [
    '',
    ' ',
    'Hi',
    'Well hello, my friend. And so on.',
    'word '.repeat(400),
    'x'.repeat(5000),
    '\n\n A. B.',
    'so... and on it goes',
  ]
  for (const text of texts) expect(firstPiece(text)).toEqual(pieces(text)[0])
})

test('the first piece is out before the rest has arrived', () => {
  const sentences = new Sentences()
  expect(sentences.push('Well hello, ').map(({ text }) => text)).toEqual(['Well hello,'])
})

test('a hundred thousand characters without a mark take no time worth noticing', () => {
  const began = performance.now()
  expect(pieces('lorem ipsum '.repeat(8334)).length).toBeGreaterThan(500)
  expect(pieces('x'.repeat(100_000)).length).toBeGreaterThan(500)
  console.info(`200,000 characters: ${Math.round(performance.now() - began)} ms`)
})
