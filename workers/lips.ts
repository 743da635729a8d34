/** @file The thread that reads mouth shapes from the sound of a voice, where nothing else is known of it. */
import type { Lips } from '../src/shared/contracts'
import { serve } from '../src/shared/wire'
import { readLips } from './lips/head-audio'

class LipsThread implements Lips {
  async read(signal: AbortSignal, samples: Float32Array, sampleRate: number) {
    signal.throwIfAborted()
    return readLips(samples, sampleRate)
  }
}

serve(new LipsThread())
