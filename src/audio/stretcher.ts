/**
 * @file Music slower or faster with its pitch kept (Signalsmith Stretch, MIT). It is given a minute at a time: a second copy
 * of a long piece would be a quarter of what a tab may hold.
 */
import create, { type StretchNode } from 'signalsmith-stretch'
import moduleUrl from 'signalsmith-stretch?url'

/** One array at a time: signalsmith-stretch 1.3.2 reads wrongly across the border of two. */
const WINDOW_S = 60
/** A new window is given this long before the old one ends. */
const EARLY_S = 8
const FEED_MS = 1000

export class Stretcher {
  readonly node: StretchNode
  readonly #context: AudioContext
  #feeding: ReturnType<typeof setInterval> | undefined

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

  /** From second `from` of the buffer on, at a moment of the context; whatever sounded before ends there. */
  start(buffer: AudioBuffer, from: number, rate: number, when: number) {
    clearInterval(this.#feeding)
    const { sampleRate, numberOfChannels } = buffer
    // The node believes that input runs at the context's rate: what runs at another is read that much faster.
    const ratio = sampleRate / this.#context.sampleRate
    let first = 0
    /** Orders of one task arrive together, so that the node never reads a new window by the old clock. */
    const give = (timeS: number) => {
      first = Math.floor(Math.max(0, timeS) * sampleRate)
      const channels = [0, Math.min(1, numberOfChannels - 1)].map((channel) =>
        buffer.getChannelData(channel).slice(first, first + WINDOW_S * sampleRate),
      )
      const input = (from * sampleRate - first) / this.#context.sampleRate
      void this.node.dropBuffers()
      void this.node.addBuffers(channels)
      void this.node.schedule({ output: when, active: true, input, rate: rate * ratio })
    }
    give(from - 1)
    this.#feeding = setInterval(() => {
      const heard = from + Math.max(0, this.#context.currentTime - when) * rate
      if (heard > first / sampleRate + WINDOW_S - EARLY_S) give(heard - 1)
    }, FEED_MS)
  }

  stop() {
    clearInterval(this.#feeding)
    void this.node.schedule({ output: this.#context.currentTime, active: false })
  }
}
