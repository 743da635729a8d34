/** @file The pure parts of a chat: which token, what is a thought, what still fits, what is known already. */
import { describe, expect, test } from 'vitest'
import type { Turn } from '../../src/shared/contracts'
import { commonPrefix, fit, tokensOf } from '../../workers/chat/context'
import { Detokeniser } from '../../workers/chat/detokeniser'
import { choiceOf, choose, randomOf, type Choice } from '../../workers/runtime/sampling'
import { ThoughtSplitter, thoughtBegunBy, type Said } from '../../workers/chat/thoughts'

const neutral: Choice = { temperature: 1, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 }
const logits = (...probabilities: number[]) => Float32Array.from(probabilities, Math.log)

/** Which tokens ever come out, and how often. */
const drawn = (values: () => Float32Array, choice: Choice, times = 2000, seen: number[] = []) => {
  const random = randomOf(7)
  const counts = new Map<number, number>()
  for (let i = 0; i < times; i++) {
    const token = choose(values(), choice, seen, random)
    counts.set(token, (counts.get(token) ?? 0) + 1)
  }
  return counts
}
const tokensDrawn = (values: () => Float32Array, choice: Choice) =>
  [...drawn(values, choice).keys()].sort((a, b) => a - b)

describe('sampling', () => {
  const five = () => logits(0.1, 0.4, 0.05, 0.3, 0.15)

  test('temperature 0 takes the likeliest', () => {
    expect(tokensDrawn(five, { ...neutral, temperature: 0 })).toEqual([1])
    expect(tokensDrawn(five, { ...neutral, topK: 1 })).toEqual([1])
  })

  test('without filters, as often as they are likely', () => {
    const counts = drawn(five, neutral, 20_000)
    for (const [token, p] of [0.1, 0.4, 0.05, 0.3, 0.15].entries())
      expect(counts.get(token)! / 20_000).toBeCloseTo(p, 1)
  })

  test('top-k, top-p and min-p leave what they should', () => {
    expect(tokensDrawn(five, { ...neutral, topK: 2 })).toEqual([1, 3])
    expect(tokensDrawn(five, { ...neutral, topP: 0.7 })).toEqual([1, 3])
    expect(tokensDrawn(five, { ...neutral, topP: 0.71 })).toEqual([1, 3, 4])
    expect(tokensDrawn(five, { ...neutral, topP: 0 })).toEqual([1])
    expect(tokensDrawn(five, { ...neutral, minP: 0.3 })).toEqual([1, 3, 4])
    expect(tokensDrawn(five, { ...neutral, minP: 1 })).toEqual([1])
    // Top-p is of what top-k leaves: 0.4 is 57 % of the two.
    expect(tokensDrawn(five, { ...neutral, topK: 2, topP: 0.55 })).toEqual([1])
  })

  test('temperature sharpens and flattens', () => {
    const cold = drawn(five, { ...neutral, temperature: 0.3 })
    const hot = drawn(five, { ...neutral, temperature: 3 })
    expect(cold.get(1)!).toBeGreaterThan(hot.get(1)!)
    expect(hot.get(2)!).toBeGreaterThan(cold.get(2) ?? 0)
  })

  test('a token that was there is less likely, whether its logit is above or below zero', () => {
    const choice = { ...neutral, temperature: 0, repetitionPenalty: 1.5 }
    expect(choose(Float32Array.of(2, 1.9), choice, [0, 0], randomOf(1))).toBe(1)
    expect(choose(Float32Array.of(-1.9, -2), choice, [0], randomOf(1))).toBe(1)
  })

  test('what is ruled out never comes; what is no number is a fault', () => {
    const some = () => Float32Array.of(-Infinity, 0, -Infinity, 0)
    expect(tokensDrawn(some, neutral)).toEqual([1, 3])
    for (const bad of [[NaN, 1], [1, NaN], [Infinity, 1], [-Infinity, -Infinity], []])
      expect(() => choose(Float32Array.from(bad), neutral, [], randomOf(1))).toThrow('no numbers')
  })

  test('the same seed gives the same, another gives another', () => {
    const run = (seed?: number) => {
      const random = randomOf(seed)
      return Array.from({ length: 40 }, () => choose(five(), neutral, [], random)).join('')
    }
    expect(run(3)).toBe(run(3))
    expect(new Set([run(3), run(4), run(-3), run(0.5), run(2 ** 40), run(), run()]).size).toBe(7)
  })

  test('any filters leave a token that is allowed', () => {
    const random = randomOf(11)
    for (let round = 0; round < 500; round++) {
      const values = Float32Array.from({ length: 1 + Math.floor(random() * 60) }, () => random() * 20 - 10)
      const choice: Choice = {
        temperature: random() * 2,
        topK: Math.floor(random() * 5),
        topP: random(),
        minP: random(),
        repetitionPenalty: 1,
      }
      const token = choose(values.slice(), choice, [], random)
      const order = [...values.keys()].sort((a, b) => values[b]! - values[a]!)
      const rank = order.indexOf(token)
      if (choice.topK) expect(rank).toBeLessThan(choice.topK)
      if (choice.temperature > 0.01)
        expect(Math.exp((values[token]! - values[order[0]!]!) / choice.temperature)).toBeGreaterThanOrEqual(
          choice.minP - 1e-6,
        )
    }
  })

  test('what is not asked for is as the model has it', () => {
    const model = { do_sample: true, temperature: 0.6, top_k: 20, top_p: 0.95 }
    expect(choiceOf({}, model)).toEqual({
      temperature: 0.6,
      topK: 20,
      topP: 0.95,
      minP: 0,
      repetitionPenalty: 1,
    })
    expect(choiceOf({ temperature: 0, topP: 2 }, model)).toMatchObject({ temperature: 0, topP: 1 })
    expect(choiceOf({}, { temperature: 0.6 }).temperature).toBe(0) // it says what, but not that
  })
})

describe('thoughts', () => {
  const joined = (said: readonly Said[]) => ({
    thought: said.flatMap(({ kind, text }) => (kind === 'thought' ? text : [])).join(''),
    text: said.flatMap(({ kind, text }) => (kind === 'text' ? text : [])).join(''),
  })
  const split = (pieces: readonly string[], close?: string) => {
    const splitter = new ThoughtSplitter(close)
    return joined([...pieces.flatMap((piece) => splitter.push(piece)), ...splitter.end()])
  }

  const cases: readonly [string, string | undefined, { thought: string; text: string }][] = [
    ['Hello.', undefined, { thought: '', text: 'Hello.' }],
    ['<think>\nHm, so.\n</think>\n\nHello.', undefined, { thought: 'Hm, so.', text: 'Hello.' }],
    ['\n<think>\n\n</think>\n\nHello.', undefined, { thought: '', text: 'Hello.' }],
    ['Hm, so. 1 < 2.\n</think>\nHello.', '</think>', { thought: 'Hm, so. 1 < 2.', text: 'Hello.' }],
    ['<think>never an end </thin', undefined, { thought: 'never an end </thin', text: '' }],
    ['<thi', undefined, { thought: '', text: '<thi' }],
    ['<b>bold</b>', undefined, { thought: '', text: '<b>bold</b>' }],
    [
      'The tag <think> opens, </think> closes.',
      undefined,
      { thought: '', text: 'The tag <think> opens, </think> closes.' },
    ],
    ['[THINK]so[/THINK]Yes. ', undefined, { thought: 'so', text: 'Yes. ' }],
    ['  indented', undefined, { thought: '', text: '  indented' }],
    ['', undefined, { thought: '', text: '' }],
    ['<think>a</think>b<think>c</think>', undefined, { thought: 'a', text: 'b<think>c</think>' }],
  ]

  test.each(cases)('%j', (answer, close, expected) => {
    expect(split([answer], close)).toEqual(expected)
  })

  test('however it is cut', () => {
    const random = randomOf(5)
    for (const [answer, close, expected] of cases)
      for (let round = 0; round < 50; round++) {
        const pieces: string[] = []
        for (let at = 0; at < answer.length;) {
          const next = at + 1 + Math.floor(random() * 4)
          pieces.push(answer.slice(at, next))
          at = next
        }
        expect(split(pieces, close)).toEqual(expected)
      }
  })

  test('a prompt that ends inside a thought', () => {
    expect(thoughtBegunBy('<|assistant|>\n<think>\n')).toBe('</think>')
    expect(thoughtBegunBy('<|assistant|>\n<think>\n\n</think>\n\n')).toBeUndefined()
  })
})

describe('tokens into text', () => {
  const bytes = (text: string) => [...new TextEncoder().encode(text)]
  const decode = (tokens: readonly number[]) => new TextDecoder().decode(Uint8Array.from(tokens))
  /** As SentencePiece does: the space before the first word is not part of the text. */
  const words = (tokens: readonly number[]) =>
    tokens
      .map((t) => ` w${t}`)
      .join('')
      .slice(1)

  test.each(['plain words', 'Grüße, 世界 🎉👩‍👩‍👧', '\u0000\n\t', 'é'.repeat(30)])('%j', (text) => {
    const pieces = new Detokeniser(decode)
    const given = [...bytes(text).map((byte) => pieces.push(byte)), pieces.end()]
    expect(given.join('')).toBe(text)
    for (const piece of given) expect(piece).not.toContain('\ufffd')
  })

  test('a decoder that drops the first space', () => {
    const pieces = new Detokeniser(words)
    const tokens = Array.from({ length: 40 }, (_, i) => i)
    expect(tokens.map((token) => pieces.push(token)).join('') + pieces.end()).toBe(words(tokens))
  })

  test('bytes that are no character come out in the end', () => {
    const pieces = new Detokeniser(decode)
    const given = [0xf0, 0x9f, 0x41].map((byte) => pieces.push(byte)).join('') + pieces.end()
    expect(given).toBe(decode([0xf0, 0x9f, 0x41]))
    expect(Array.from({ length: 20 }, () => pieces.push(0x80)).join('')).not.toBe('')
  })
})

describe('the context', () => {
  const turn = (role: Turn['role'], text: string): Turn => ({ role, text })
  const render = (turns: readonly Turn[]) => ({
    tokens: turns.flatMap(({ text }) => Array.from(text, (c) => c.codePointAt(0)!)),
    turns,
  })
  const talk = (count: number) =>
    Array.from({ length: count }, (_, i) => turn(i % 2 ? 'assistant' : 'user', String(i % 10).repeat(10)))
  const system = turn('system', 'be brief')

  test('what fits stays whole', () => {
    const turns = [system, ...talk(5)]
    expect(fit(turns, 58, render)).toMatchObject({ forgotten: 0, prompt: { turns } })
  })

  test('the oldest go, in pairs, the system stays, and room is left for turns to come', () => {
    const turns = [system, ...talk(9)]
    const { prompt, forgotten } = fit(turns, 80, render)
    expect(forgotten).toBe(4)
    expect(prompt.turns).toEqual([system, ...turns.slice(5)])
    // Two turns later the same are left out, so that what has been read stays read.
    const later = [...turns, turn('assistant', '9'.repeat(10)), turn('user', '0'.repeat(10))]
    expect(fit(later, 80, render, forgotten)).toMatchObject({ forgotten: 4 })
  })

  test('a last turn that is too long is refused', () => {
    expect(() => fit([system, turn('user', 'x'.repeat(90))], 80, render)).toThrow('does not fit')
  })

  test('whatever comes: it fits, ends with the last turn, and begins with the person', () => {
    const random = randomOf(23)
    for (let round = 0; round < 300; round++) {
      const turns = talk(1 + 2 * Math.floor(random() * 12)).map((t) => ({
        ...t,
        text: t.text.repeat(1 + random() * 4),
      }))
      const { prompt, forgotten } = fit([system, ...turns], 60, render, Math.floor(random() * 4) * 2)
      expect(prompt.tokens.length).toBeLessThanOrEqual(60)
      expect(prompt.turns.at(-1)).toEqual(turns.at(-1))
      expect(prompt.turns[1]!.role).toBe('user')
      expect(prompt.turns.length).toBe(turns.length + 1 - forgotten)
    }
  })

  test('what two lists have in common', () => {
    expect(commonPrefix([1, 2, 3], [1, 2, 4, 5])).toBe(2)
    expect(commonPrefix([], [1])).toBe(0)
    expect(commonPrefix([1, 2], [1, 2])).toBe(2)
  })

  test('known tokens stay as the model made them', () => {
    const encode = (text: string) => Array.from(text, (c) => c.codePointAt(0)!)
    const known = { text: 'ab', tokens: [1000] }
    expect(tokensOf('abc', known, encode)).toEqual([1000, 99])
    expect(tokensOf('acb', known, encode)).toEqual([97, 99, 98])
    expect(tokensOf('ab', { text: '', tokens: [] }, encode)).toEqual([97, 98])
  })
})
