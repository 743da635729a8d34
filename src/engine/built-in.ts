/** @file The browser's own engines behind the same contracts. They live on the page: workers do not have them. */
import { createSubscriber } from 'svelte/reactivity'
import type { Delivery, Loaded, Spoken, Variant, Voice } from '../shared/contracts'
import { Fault } from '../shared/fault'

export interface BrowserVoiceInfo {
  readonly id: string
  readonly name: string
  /** BCP 47. */
  readonly language: string
}

/** Long enough for a voice that loads on first use. */
const START_MS = 5000
/** The slowest speech in view, at rate 1; only a voice that has died takes longer. */
const MS_PER_CHARACTER = 250

/**
 * `speechSynthesis`. It plays by itself: no samples, only word boundaries. Voices that send the text to a server are left
 * out. Chrome has been seen to send no events at all, hence the watchdogs.
 */
export class BrowserVoice implements Voice {
  readonly #subscribe = createSubscriber((update) => {
    const synthesis = 'speechSynthesis' in globalThis ? speechSynthesis : undefined
    // Voices arrive late: an empty list at first is normal.
    synthesis?.addEventListener('voiceschanged', update)
    return () => synthesis?.removeEventListener('voiceschanged', update)
  })

  /** Reactive. Voices on this device only. */
  get voices(): readonly BrowserVoiceInfo[] {
    this.#subscribe()
    return localVoices().map(({ voiceURI, name, lang }) => ({
      id: voiceURI,
      name,
      language: lang.replace('_', '-'),
    }))
  }

  async load(signal: AbortSignal, variant: Variant): Promise<Loaded> {
    signal.throwIfAborted()
    if (
      variant.kind !== 'built-in' ||
      variant.api !== 'speech-synthesis' ||
      !('speechSynthesis' in globalThis)
    )
      throw new Fault('unsupported', 'this browser has no voices of its own', {
        detail: { what: 'browser-voice' },
      })
    return { runsOn: 'browser', leavesDevice: false }
  }

  async *speak(
    signal: AbortSignal,
    text: string,
    { voice, rate, pitch, volume }: Delivery,
  ): AsyncIterable<Spoken> {
    signal.throwIfAborted()
    const utterance = new SpeechSynthesisUtterance(text)
    const chosen = localVoices().find(({ voiceURI }) => voiceURI === voice)
    if (!chosen)
      throw new Fault('unsupported', 'that voice is no longer there', { detail: { what: 'browser-voice' } })
    Object.assign(utterance, { voice: chosen, lang: chosen.lang, rate, pitch, volume })
    yield* boundaries(signal, utterance)
  }
}

const localVoices = () =>
  'speechSynthesis' in globalThis ? speechSynthesis.getVoices().filter((voice) => voice.localService) : []

/** Speak, and yield each word as it is begun; the first event stands for the first word where a voice tells no others. */
async function* boundaries(signal: AbortSignal, utterance: SpeechSynthesisUtterance): AsyncGenerator<Spoken> {
  const { text } = utterance
  const queue: (Spoken | 'end' | Fault)[] = []
  let wake: (() => void) | undefined
  const put = (item: Spoken | 'end' | Fault) => {
    queue.push(item)
    wake?.()
  }
  const dead = (detail: string) => () =>
    put(new Fault('unsupported', `the browser's voice ${detail}`, { detail: { what: 'browser-voice' } }))
  let watchdog = setTimeout(dead('did not start'), START_MS)
  utterance.onstart = () => {
    clearTimeout(watchdog)
    watchdog = setTimeout(dead('did not end'), START_MS + (MS_PER_CHARACTER * text.length) / utterance.rate)
    put({ kind: 'spoken', from: 0, to: /^\s*\S+/.exec(text)?.[0].length ?? text.length })
  }
  utterance.onboundary = ({ name, charIndex, charLength }) => {
    if (name === 'sentence' || charIndex === 0) return
    const length = charLength || (/^\S+/.exec(text.slice(charIndex))?.[0].length ?? 1)
    put({ kind: 'spoken', from: charIndex, to: charIndex + length })
  }
  utterance.onend = () => put('end')
  utterance.onerror = ({ error }) =>
    put(
      error === 'canceled' || error === 'interrupted'
        ? 'end'
        : new Fault(
            error === 'not-allowed' ? 'not-allowed' : 'unsupported',
            `the browser's voice: ${error}`,
            {
              detail: { what: error === 'not-allowed' ? 'sound' : 'browser-voice' },
            },
          ),
    )
  const stop = () => {
    speechSynthesis.cancel()
    put('end')
  }
  signal.addEventListener('abort', stop, { once: true })
  try {
    speechSynthesis.speak(utterance)
    for (;;) {
      const item = queue.shift()
      if (item === 'end') break
      if (item instanceof Fault) throw item
      if (item) yield item
      else await new Promise<void>((resolve) => (wake = resolve))
    }
    signal.throwIfAborted()
  } finally {
    clearTimeout(watchdog)
    signal.removeEventListener('abort', stop)
    utterance.onstart = utterance.onboundary = utterance.onend = utterance.onerror = null
    // Left half-way (an error, a loop that was broken out of): nothing of it may go on being said.
    if (speechSynthesis.speaking) speechSynthesis.cancel()
  }
}
