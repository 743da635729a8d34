/** @file The thread that hears music: what is to be danced to is found from its samples. */
import type { Music } from '../src/shared/contracts'
import { serve } from '../src/shared/wire'
import { analyse } from './music/analyse'
import { follow } from './music/follow'

class MusicThread implements Music {
  analyse(
    signal: AbortSignal,
    pieces: AsyncIterable<Float32Array<ArrayBuffer>>,
    sampleRate: number,
    lengthS: number,
  ) {
    return analyse(signal, pieces, sampleRate, lengthS)
  }

  follow(signal: AbortSignal, port: MessagePort, sampleRate: number) {
    return follow(signal, port, sampleRate)
  }
}

serve(new MusicThread())
