/** @file The voice's thread. Each engine of this kind is a module of its own in voice/, loaded when it is asked for. */
import type { Delivery, Loaded, Sound, Variant, Voice } from '../src/shared/contracts'
import { Fault } from '../src/shared/fault'
import { serve } from '../src/shared/wire'

/** What an engine in voice/ offers: its thread does the loading. */
type LocalVoice = Pick<Voice, 'speak'>

class VoiceThread implements Voice {
  #model: string | undefined
  #voice: Promise<LocalVoice> | undefined

  async load(signal: AbortSignal, variant: Variant): Promise<Loaded> {
    if (variant.kind !== 'local') throw new Fault('bad-input', `no ${variant.kind} voice runs in a worker`)
    if (!this.#voice || this.#model !== variant.model) {
      this.#model = variant.model
      const voice = open(signal, variant)
      this.#voice = voice
      voice.catch(() => {
        if (this.#voice === voice) this.#voice = undefined // the next load tries again
      })
    }
    await this.#voice
    return { runsOn: variant.backend, leavesDevice: false }
  }

  async *speak(signal: AbortSignal, text: string, delivery: Delivery): AsyncIterable<Sound> {
    if (!this.#voice) throw new Fault('load-failed', 'no voice has been loaded')
    yield* (await this.#voice).speak(signal, text, delivery)
  }
}

const open = async (signal: AbortSignal, variant: Variant & { kind: 'local' }): Promise<LocalVoice> => {
  switch (variant.model) {
    case 'flite':
      return (await import('./voice/flite/flite')).openFlite(signal, variant.files)
    default:
      throw new Fault('unsupported', `no voice engine for ${variant.model}`)
  }
}

serve(new VoiceThread())
