/**
 * @file What is captured, on the audio thread: mono, cut into chunks, posted to whoever listens at the other end of a port.
 * Nothing is played.
 */
import { scope } from './worklet-scope'
import type { CaptureNews, CaptureOrder } from './capture'

/** Some 30 ms, in whole render quanta. */
const CHUNK = 128 * Math.round((0.03 * scope.sampleRate) / 128)

class Capture extends scope.AudioWorkletProcessor {
  #to: MessagePort | undefined
  #chunk = new Float32Array(CHUNK)
  #filled = 0
  #over = false

  constructor() {
    super()
    this.port.onmessage = ({ data }: MessageEvent<CaptureOrder>) => {
      if (data.order === 'end') this.#end()
      else this.#begin(data.to)
    }
  }

  process([input]: readonly (readonly Float32Array[])[]) {
    if (!this.#to) return !this.#over
    // A source that rests has no channel: the chunk keeps its zeros there, so that time goes on without a gap.
    const [channel] = input!
    if (channel) this.#chunk.set(channel, this.#filled)
    this.#filled += 128
    if (this.#filled === CHUNK) this.#send(this.#to)
    return true
  }

  /** Orders arrive between two quanta: the next one is the first that is kept. */
  #begin(to: MessagePort) {
    this.#to = to
    this.port.postMessage({ news: 'began', frame: scope.currentFrame } satisfies CaptureNews)
  }

  #send(to: MessagePort) {
    to.postMessage(this.#chunk, [this.#chunk.buffer])
    this.#chunk = new Float32Array(CHUNK)
    this.#filled = 0
  }

  #end() {
    this.#to?.close()
    this.#to = undefined
    this.#over = true
  }
}

scope.registerProcessor('capture', Capture)
