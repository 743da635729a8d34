/** @file A conversation, with somebody else in the model's place: what is asked, shown, said, kept and given up. */
import { expect, test } from 'vitest'
import { Talk, type Message, type TalkParts } from '../../src/conversation/talk.svelte'
import type { Answers } from '../../src/engine/chats'
import type { ReplyPart, Sampling, Turn } from '../../src/shared/contracts'
import { Fault } from '../../src/shared/fault'

/** A fake model: answers with the parts it is given, and remembers what it was asked. */
class FakeChat implements Answers {
  readonly asked: { readonly turns: readonly Turn[]; readonly sampling: Sampling }[] = []
  answer: (turns: readonly Turn[]) => readonly (ReplyPart | Fault | Promise<unknown>)[] = (turns) => [
    { kind: 'text', text: `You said: ` },
    { kind: 'text', text: turns.at(-1)!.text },
    end('stop'),
  ]

  async *reply(signal: AbortSignal, turns: readonly Turn[], sampling: Sampling) {
    this.asked.push({ turns, sampling })
    for (const part of this.answer(turns)) {
      const is = part instanceof Promise ? await Promise.race([part, given(signal)]) : part
      signal.throwIfAborted()
      if (is instanceof Fault) throw is
      yield is as ReplyPart
    }
  }
}

const end = (why: 'stop' | 'length'): ReplyPart => ({
  kind: 'end',
  why,
  promptTokens: 9,
  reusedTokens: 0,
  tokens: 3,
  forgotten: 0,
})
const given = (signal: AbortSignal) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
const never = new Promise(() => undefined)

const talkWith = (chat: Answers, change: Partial<TalkParts> = {}) => {
  const said: string[] = []
  const kept: { current: readonly Message[] } = { current: [] }
  const talk = new Talk({
    answerer: () => Promise.resolve({ name: 'Echo', chat }),
    say: async (text) => {
      for await (const part of text) said.push(part)
    },
    hush: () => undefined,
    sampling: () => ({ seed: 5 }),
    system: () => 'You are Pip.',
    memory: { read: () => kept.current, write: (all) => (kept.current = all) },
    ...change,
  })
  return { talk, said, kept }
}
const texts = ({ messages }: Talk) => messages.map(({ role, text, state }) => `${role} ${state}: ${text}`)

test('what is asked is answered, said as it comes, and kept', async () => {
  const chat = new FakeChat()
  const { talk, said, kept } = talkWith(chat)
  await talk.ask('hello')
  await talk.ask('again')
  expect(texts(talk)).toEqual([
    'user whole: hello',
    'assistant whole: You said: hello',
    'user whole: again',
    'assistant whole: You said: again',
  ])
  expect(chat.asked[1]!.turns.map(({ role, text }) => `${role}: ${text}`)).toEqual([
    'system: You are Pip.',
    'user: hello',
    'assistant: You said: hello',
    'user: again',
  ])
  expect(said).toEqual(['You said: ', 'hello', 'You said: ', 'again'])
  expect(talk.messages[1]!.cost).toMatchObject({ model: 'Echo', tokens: 3, forgotten: 0 })
  expect(new Set(kept.current.map(({ id }) => id)).size).toBe(4)
})

test('thoughts are shown, not said, and not told again', async () => {
  const chat = new FakeChat()
  chat.answer = () => [
    { kind: 'thought', text: 'Hm. ' },
    { kind: 'thought', text: 'Yes.' },
    { kind: 'text', text: 'Forty-two' },
    end('length'),
  ]
  const { talk, said } = talkWith(chat)
  await talk.ask('?')
  expect(talk.messages[1]).toMatchObject({ thought: 'Hm. Yes.', text: 'Forty-two', state: 'cut' })
  expect(said).toEqual(['Forty-two'])
  await talk.ask('?')
  expect(chat.asked[1]!.turns[2]).toEqual({ role: 'assistant', text: 'Forty-two' })
})

test('stopped, what was said stays; nothing stays of an answer that had not begun', async () => {
  const chat = new FakeChat()
  chat.answer = () => [{ kind: 'text', text: 'Once upon' }, never]
  const { talk } = talkWith(chat)
  const asking = talk.ask('a story')
  await expect.poll(() => talk.phase).toBe('answering')
  talk.stop()
  await asking
  expect([talk.phase, ...texts(talk)]).toEqual([
    'silent',
    'user whole: a story',
    'assistant stopped: Once upon',
  ])
  chat.answer = () => [never]
  const again = talk.ask('another')
  await expect.poll(() => talk.phase).toBe('reading')
  talk.stop()
  await again
  expect(texts(talk)).toHaveLength(3)
})

test('another question ends the answer to the one before', async () => {
  const chat = new FakeChat()
  chat.answer = (turns) =>
    turns.at(-1)!.text === 'one' ? [{ kind: 'text', text: 'First' }, never] : [end('stop')]
  const { talk } = talkWith(chat)
  const first = talk.ask('one')
  await expect.poll(() => talk.phase).toBe('answering')
  await talk.ask('two')
  await first
  expect(texts(talk).slice(0, 3)).toEqual(['user whole: one', 'assistant stopped: First', 'user whole: two'])
})

test('edited, the conversation goes on from there; retried, with another seed', async () => {
  const chat = new FakeChat()
  const { talk } = talkWith(chat)
  await talk.ask('one')
  await talk.ask('two')
  await talk.edit(talk.messages[0]!.id, 'uno')
  expect(texts(talk)).toEqual(['user whole: uno', 'assistant whole: You said: uno'])
  await talk.retry()
  expect(texts(talk)).toHaveLength(2)
  expect(chat.asked.map(({ sampling }) => sampling.seed)).toEqual([5, 5, 5, 6])
  await expect(talk.edit(77, 'nobody wrote this')).rejects.toThrow(Fault)
  talk.clear()
  expect(talk.messages).toEqual([])
  await talk.retry()
  expect(chat.asked).toHaveLength(4)
})

test('a fault in the middle keeps what was said and is told; the next question is answered', async () => {
  const chat = new FakeChat()
  const answer = chat.answer
  chat.answer = () => [{ kind: 'text', text: 'Half' }, new Fault('device-lost', 'the GPU went away')]
  const { talk } = talkWith(chat)
  await expect(talk.ask('?')).rejects.toThrow('went away')
  expect(texts(talk)).toEqual(['user whole: ?', 'assistant failed: Half'])
  chat.answer = answer
  await talk.ask('still there?')
  expect(texts(talk).at(-1)).toBe('assistant whole: You said: still there?')
})

test('an answer that is there stays whole though nobody could say it, and that is told', async () => {
  const { talk } = talkWith(new FakeChat(), {
    say: () => Promise.reject(new Fault('offline', 'the voice could not be fetched')),
  })
  await expect(talk.ask('hello')).rejects.toThrow('the voice')
  expect([talk.phase, ...texts(talk)]).toEqual([
    'silent',
    'user whole: hello',
    'assistant whole: You said: hello',
  ])
})

test('no model: the question stays and can be asked again', async () => {
  const chat = new FakeChat()
  let ready = false
  const { talk } = talkWith(chat, {
    answerer: () =>
      ready
        ? Promise.resolve({ name: 'Echo', chat })
        : Promise.reject(new Fault('load-failed', 'no model has been chosen')),
  })
  await expect(talk.ask('hello')).rejects.toThrow('no model')
  expect([talk.phase, ...texts(talk)]).toEqual(['silent', 'user whole: hello'])
  ready = true
  await talk.retry()
  expect(texts(talk)).toHaveLength(2)
})

test('a page that was closed in the middle has what was said until then', () => {
  const message: Message = { id: 4, role: 'assistant', text: 'And then', state: 'coming' }
  const { talk } = talkWith(new FakeChat(), { memory: { read: () => [message], write: () => undefined } })
  expect(texts(talk)).toEqual(['assistant stopped: And then'])
})
