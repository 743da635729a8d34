/**
 * @file Music slower or faster with its pitch kept (Signalsmith Stretch, MIT). It is given a minute at a time: a second copy
 * of a long piece would be a quarter of what a tab may hold.
 */
import create, { type StretchNode } from 'signalsmith-stretch'
import moduleUrl from 'signalsmith-stretch?url'
import type { Reel } from './reel'

/** One array at a time: signalsmith-stretch 1.3.2 reads wrongly across the border of two. */
const WINDOW_S = 60
/** A new window is given this long before the old one ends. */
const EARLY_S = 8

export class Stretcher {
  readonly node: StretchNode
  readonly #context: AudioContext
  #feed: (() => void) | undefined

  private constructor(context: AudioContext, node: StretchNode) {
    this.#context = context
    this.node = node
  }

  static async open(context: AudioContext): Promise<Stretcher> {
    create.moduleUrl = moduleUrl
    // It has an input that nothing is connected to: without one it breaks down while it rests.
    const options = { numberOfInputs: 1, numberOfOutputs: 1, outputChannelCount: [2] }
    return new Stretcher(context, await create(context, options))
  }

  /** From second `from` of the reel on, at a moment of the context; whatever sounded before ends there. */
  start(reel: Reel, from: number, rate: number, when: number) {
    const { sampleRate } = reel
    // The node believes that input runs at the context's rate: what runs at another is read that much faster.
    const ratio = sampleRate / this.#context.sampleRate
    let first = 0
    let end = 0
    /** Orders of one task arrive together, so that the node never reads a new window by the old clock. */
    const give = (timeS: number) => {
      first = Math.floor(Math.max(0, timeS) * sampleRate)
      end = Math.min(reel.filled, first + WINDOW_S * sampleRate)
      const channels = [0, 1].map((channel) => {
        const samples = new Float32Array(Math.max(0, end - first))
        reel.read(channel, first, samples)
        return samples
      })
      const input = (from * sampleRate - first) / this.#context.sampleRate
      void this.node.dropBuffers()
      void this.node.addBuffers(channels)
      void this.node.schedule({ output: when, active: true, input, rate: rate * ratio })
    }
    give(from - 1)
    this.#feed = () => {
      const heard = from + Math.max(0, this.#context.currentTime - when) * rate
      if (heard > end / sampleRate - EARLY_S && end < reel.filled) give(heard - 1)
    }
  }

  /** To be called several times a second. */
  feed() {
    this.#feed?.()
  }

  stop() {
    this.#feed = undefined
    void this.node.schedule({ output: this.#context.currentTime, active: false })
  }
}
