/** @file The thread that hears music: what is to be danced to is found from its samples. */
import type { Music } from '../src/shared/contracts'
import { serve } from '../src/shared/wire'
import { analyse } from './music/analyse'

class MusicThread implements Music {
  analyse(signal: AbortSignal, samples: Float32Array, sampleRate: number) {
    return analyse(signal, samples, sampleRate)
  }
}

serve(new MusicThread())
