/** @file The thread of the built-in choreographer. A phrase is composed when it is asked for. */
import { breath } from '../src/shared/breath'
import type { Dance, DanceOrder, Phrase, Score } from '../src/shared/contracts'
import { handOver, serve } from '../src/shared/wire'
import { choreograph } from './dance/choreographer'

class DanceThread implements Dance {
  async *compose(signal: AbortSignal, score: Score, order: DanceOrder, first: number): AsyncIterable<Phrase> {
    signal.throwIfAborted()
    for (const phrase of choreograph(score, order, first)) {
      const { rotations, root, feet } = phrase.motion
      yield handOver(phrase, [rotations.buffer, root.buffer, ...(feet ? [feet.buffer] : [])])
      // An abort is a message, and messages come in between tasks only.
      await breath()
      signal.throwIfAborted()
    }
  }
}

serve(new DanceThread())
