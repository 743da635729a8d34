/** @file The browser's own voices behind the contract, on a synthesiser that does what browsers have been seen to do. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BrowserVoice } from '../../src/engine/built-in'

const never = new AbortController().signal
const delivery = { voice: 'anna', rate: 1.2, pitch: 0.9, volume: 0.5 }

/** A fake of `speechSynthesis`: a test says what becomes of an utterance. */
class FakeSynthesis extends EventTarget {
  speaking = false
  cancelled = 0
  said: SpeechSynthesisUtterance[] = []
  perform: (utterance: SpeechSynthesisUtterance) => void = () => undefined

  getVoices = () => [
    { voiceURI: 'anna', name: 'Anna', lang: 'de_DE', localService: true, default: true },
    { voiceURI: 'cloud', name: 'Cloud', lang: 'en-US', localService: false, default: false },
  ]
  speak = (utterance: SpeechSynthesisUtterance) => {
    this.speaking = true
    this.said.push(utterance)
    queueMicrotask(() => this.perform(utterance))
  }
  cancel = () => {
    this.speaking = false
    this.cancelled++
  }
}

/** Takes what the real one takes but a voice that is none. */
class FakeUtterance {
  voice: unknown
  lang = ''
  rate = 1
  pitch = 1
  volume = 1
  onstart: (() => void) | null = null
  onend: (() => void) | null = null
  onboundary: ((event: { name: string; charIndex: number; charLength?: number }) => void) | null = null
  onerror: ((event: { error: string }) => void) | null = null
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

let synthesis: FakeSynthesis
beforeEach(() => {
  synthesis = new FakeSynthesis()
  vi.stubGlobal('speechSynthesis', synthesis)
  vi.stubGlobal('SpeechSynthesisUtterance', FakeUtterance)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const perform = (act: (utterance: FakeUtterance) => void) => {
  synthesis.perform = (utterance) => act(utterance as unknown as FakeUtterance)
}
const say = async (text: string, signal = never, each: () => void = () => undefined) => {
  const words: string[] = []
  for await (const { from, to } of new BrowserVoice().speak(signal, text, delivery)) {
    words.push(text.slice(from, to))
    each()
  }
  return words
}

test('only voices of this device are offered', () => {
  expect(new BrowserVoice().voices).toEqual([{ id: 'anna', name: 'Anna', language: 'de-DE' }])
})

test('word by word, with the voice, rate, pitch and volume that are asked for', async () => {
  perform((utterance) => {
    utterance.onstart?.()
    utterance.onboundary?.({ name: 'sentence', charIndex: 0 })
    utterance.onboundary?.({ name: 'word', charIndex: 0, charLength: 5 })
    utterance.onboundary?.({ name: 'word', charIndex: 6, charLength: 4 })
    utterance.onboundary?.({ name: 'word', charIndex: 11 }) // Safari tells no length
    utterance.onend?.()
  })
  expect(await say('Guten Tag, Welt!')).toEqual(['Guten', 'Tag,', 'Welt!'])
  expect(synthesis.said[0]).toMatchObject({ lang: 'de_DE', rate: 1.2, pitch: 0.9, volume: 0.5 })
})

test('stopped, the browser is told to be silent at once', async () => {
  perform((utterance) => utterance.onstart?.())
  const stop = new AbortController()
  await expect(say('Guten Tag', stop.signal, () => stop.abort())).rejects.toMatchObject({
    name: 'AbortError',
  })
  expect(synthesis.cancelled).toBeGreaterThan(0)
  expect(synthesis.speaking).toBe(false)
})

test('a gesture is wanted: that is said, and is not the voice’s fault', async () => {
  perform((utterance) => utterance.onerror?.({ error: 'not-allowed' }))
  await expect(say('Guten Tag')).rejects.toMatchObject({ code: 'not-allowed', detail: { what: 'sound' } })
})

test('a voice that breaks off is a fault; one that another tab interrupts is at its end', async () => {
  perform((utterance) => utterance.onerror?.({ error: 'synthesis-failed' }))
  await expect(say('Guten Tag')).rejects.toMatchObject({
    code: 'unsupported',
    detail: { what: 'browser-voice' },
  })
  perform((utterance) => {
    utterance.onstart?.()
    utterance.onerror?.({ error: 'interrupted' })
  })
  expect(await say('Guten Tag')).toEqual(['Guten'])
})

test('a voice that sends no event at all is given up', async () => {
  vi.useFakeTimers()
  const said = expect(say('Guten Tag')).rejects.toMatchObject({ detail: { what: 'browser-voice' } })
  await vi.advanceTimersByTimeAsync(5000)
  await said
})

test('a voice that starts and never ends is given up', async () => {
  vi.useFakeTimers()
  perform((utterance) => utterance.onstart?.())
  const said = expect(say('Guten Tag')).rejects.toMatchObject({ detail: { what: 'browser-voice' } })
  await vi.advanceTimersByTimeAsync(10_000)
  await said
})

test('a voice that is no longer installed', async () => {
  const gone = new BrowserVoice().speak(never, 'Hello', { ...delivery, voice: 'gone' })
  await expect(gone[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'unsupported' })
})
