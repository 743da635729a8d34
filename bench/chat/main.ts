/** @file The page of the `chat` suite: our chat's worker and the bare library, in turns, on the same model. */
import { transfer } from 'comlink'
import { Host } from '../../src/engine/host'
import type { Chat, Turn } from '../../src/shared/contracts'
import { keep } from '../../test/hub/keep'
import type { Bare } from './bare'

export interface Figures {
  /** Tokens a second, of a run of ours and of the bare one beside it. */
  readonly pairs: readonly (readonly [ours: number, bare: number])[]
  /** Milliseconds to the first piece of the answer, by turn of a conversation, from the first on; one list a conversation. */
  readonly firsts: readonly (readonly number[])[]
  /** Milliseconds from a new worker to a model that has said its first token. */
  readonly load: number
}

interface Question {
  /** Addresses of a model's files by their paths. */
  readonly story: Record<string, string>
  readonly talk: Record<string, string>
}

declare global {
  var measure: (question: Question) => Promise<Figures>
}

const PAIRS = 40
/** Half of the context of the model that tells stories. */
const TOKENS = 250
const CONVERSATIONS = 16
const TURNS = 20

const { signal } = new AbortController()
const startChat = () =>
  new Host<Chat>(
    'chat',
    () => new Worker(new URL('../../workers/chat.ts', import.meta.url), { type: 'module' }),
  )
const bare = new Host<Bare>(
  'bare',
  () => new Worker(new URL('./bare.ts', import.meta.url), { type: 'module' }),
)

const fetched = async (files: Record<string, string>) => {
  const all = new Map<string, Uint8Array<ArrayBuffer>>()
  for (const [path, url] of Object.entries(files))
    all.set(path, new Uint8Array(await (await fetch(url)).arrayBuffer()))
  return keep(all, 'wasm')
}

/** Tokens a second from the call to the end, and what was said. */
const ours = async (chat: Host<Chat>, turns: readonly Turn[]) => {
  const start = performance.now()
  let text = ''
  for await (const part of await chat.api.reply(signal, turns, { temperature: 0, maxTokens: TOKENS })) {
    if (part.kind === 'end') return { speed: (part.tokens / (performance.now() - start)) * 1000, text }
    text += part.text
  }
  throw new Error('an answer without an end')
}

const theirs = async (turns: readonly Turn[]) => {
  const { port1, port2 } = new MessageChannel()
  let text = ''
  port1.onmessage = ({ data }: MessageEvent<string>) => (text += data)
  const start = performance.now()
  const tokens = await bare.api.reply(turns, TOKENS, transfer(port2, [port2]))
  const speed = (tokens / (performance.now() - start)) * 1000
  await new Promise((resolve) => setTimeout(resolve, 50)) // pieces come by a port of their own
  port1.close()
  return { speed, text }
}

const conversation = async (chat: Host<Chat>, seed: number): Promise<number[]> => {
  const firsts: number[] = []
  const turns: Turn[] = [{ role: 'system', text: `Conversation ${seed}. Answer in a few words.` }]
  for (let i = 0; i < TURNS; i++) {
    turns.push({ role: 'user', text: `And number ${i + 10}?` })
    const start = performance.now()
    let first: number | undefined
    let text = ''
    for await (const part of await chat.api.reply(signal, turns, { temperature: 0.7, seed, maxTokens: 24 }))
      if (part.kind === 'text') {
        first ??= performance.now() - start
        text += part.text
      }
    turns.push({ role: 'assistant', text })
    firsts.push(first!)
  }
  return firsts
}

globalThis.measure = async ({ story, talk }) => {
  const [storyteller, talker] = [await fetched(story), await fetched(talk)]
  const first = startChat()
  await first.api.load(signal, storyteller) // compiled once, as on any visit but the first
  first.stop()

  const chat = startChat()
  const start = performance.now()
  await chat.api.load(signal, storyteller)
  const load = performance.now() - start
  await bare.api.load(signal, storyteller)
  const turns: Turn[] = [{ role: 'user', text: 'Once upon a time' }]
  const pairs: [number, number][] = []
  for (let i = -2; i < PAIRS; i++) {
    const [a, b] =
      i % 2
        ? [await ours(chat, turns), await theirs(turns)]
        : ([await theirs(turns), await ours(chat, turns)].reverse() as [
            Awaited<ReturnType<typeof ours>>,
            Awaited<ReturnType<typeof theirs>>,
          ])
    if (a.text.trim() !== b.text.trim()) throw new Error(`they say different things:\n${a.text}\n${b.text}`)
    if (i >= 0) pairs.push([a.speed, b.speed])
  }
  bare.stop()

  await chat.api.load(signal, talker)
  await conversation(chat, 0)
  const firsts: number[][] = []
  for (let i = 1; i <= CONVERSATIONS; i++) firsts.push(await conversation(chat, i))
  chat.stop()
  return { pairs, firsts, load }
}
