/** @file What a model still knows of a conversation: the turns that fit into its context, and the tokens it has read already. */
import type { Turn } from '../../src/shared/contracts'
import { Fault } from '../../src/shared/fault'

/** A prompt that fits. */
export interface Fitted<P> {
  readonly prompt: P
  /** Turns at the beginning that are left out; those of the system stay. */
  readonly forgotten: number
}

/**
 * The latest turns that fit into `budget` tokens, together with the system's. Once some must go, so many go that a quarter of
 * the budget is free again: with each turn that is left out, all others have to be read anew. For the same reason at least
 * `atLeast` are left out, if the conversation goes on for which so many were the last time. What is left begins with the
 * person. Throws `bad-input`, reason `too-long`, where the last turn alone does not fit.
 */
export const fit = <P extends { readonly tokens: readonly number[] }>(
  turns: readonly Turn[],
  budget: number,
  render: (turns: readonly Turn[]) => P,
  atLeast = 0,
): Fitted<P> => {
  const system = turns.filter(({ role }) => role === 'system')
  const talk = turns.filter(({ role }) => role !== 'system')
  let forgotten = Math.min(atLeast, lastBeginning(talk))
  let prompt = render([...system, ...talk.slice(forgotten)])
  const enough = prompt.tokens.length <= budget ? budget : (budget * 3) / 4
  while (prompt.tokens.length > enough && forgotten < lastBeginning(talk)) {
    forgotten = nextBeginning(talk, forgotten)
    prompt = render([...system, ...talk.slice(forgotten)])
  }
  if (prompt.tokens.length > budget)
    throw new Fault('bad-input', 'the last turn does not fit into the context', {
      detail: { reason: 'too-long', tokens: prompt.tokens.length, budget },
    })
  return { prompt, forgotten }
}

/** The next turn of the person's after this one: templates want them to take turns, beginning with the person. */
const nextBeginning = (talk: readonly Turn[], after: number): number => {
  const next = talk.findIndex(({ role }, i) => i > after && role === 'user')
  return next < 0 ? talk.length - 1 : next
}

const lastBeginning = (talk: readonly Turn[]) =>
  Math.max(
    0,
    talk.findLastIndex(({ role }) => role === 'user'),
  )

/** How many tokens at the beginning are the same. */
export const commonPrefix = (a: readonly number[], b: readonly number[]): number => {
  const end = Math.min(a.length, b.length)
  let i = 0
  while (i < end && a[i] === b[i]) i++
  return i
}

/** What has been read: its text as the template rendered it and the model went on, and its tokens. */
export interface Known {
  readonly text: string
  readonly tokens: readonly number[]
}

/**
 * The tokens of a rendered prompt. Where it goes on from what is known, those that are known stay as they are, for the model
 * need not have cut its answer into the tokens that the tokeniser cuts the same text into.
 */
export const tokensOf = (
  text: string,
  known: Known,
  encode: (text: string) => readonly number[],
): readonly number[] =>
  known.tokens.length && text.startsWith(known.text)
    ? [...known.tokens, ...encode(text.slice(known.text.length))]
    : encode(text)
