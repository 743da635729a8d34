/** @file The page's one AudioContext: made and started by the first gesture, because browsers allow it no earlier. */
import { Fault } from '../shared/fault'
import playback from './playback.worklet.ts?worker&url'

/** Longer than any browser takes to start its sound; a context that is not allowed to start stays silent for ever. */
const START_MS = 1500

export class AudioDevice {
  #context: AudioContext | undefined
  #worklets: Promise<void> | undefined
  readonly #holders = new Set<object>()

  /** Call from within a gesture, as early as possible: then the first word need not wait for the sound to start. */
  unlock() {
    const context = this.#open()
    if (context.state !== 'running') context.resume().catch(() => undefined) // `running` reports what came of it
  }

  /** The context, running, its worklets loaded. Throws `not-allowed` while the browser waits for a gesture. */
  async running(signal: AbortSignal): Promise<AudioContext> {
    const context = this.#open()
    signal.throwIfAborted()
    await this.#worklets
    if (context.state !== 'running') {
      const late = new Promise((resolve) => setTimeout(resolve, START_MS))
      await Promise.race([context.resume().catch(() => undefined), late])
      signal.throwIfAborted()
    }
    // Read again: resume() has changed it, which TypeScript cannot know.
    if (context.state !== 'running')
      throw new Fault('not-allowed', 'the browser lets no sound start yet', { detail: { what: 'sound' } })
    return context
  }

  /** Somebody plays, and may be silent for a while: the hardware is not given back before `release`. */
  hold(who: object) {
    this.#holders.add(who)
  }

  release(who: object) {
    this.#holders.delete(who)
  }

  /** Give the sound hardware back until the next `running`. */
  async rest() {
    if (this.#context?.state === 'running' && this.#holders.size === 0) await this.#context.suspend()
  }

  #open(): AudioContext {
    if (this.#context) return this.#context
    if (!('AudioContext' in window) || !('AudioWorkletNode' in window))
      throw new Fault('unsupported', 'no AudioContext or no AudioWorklet', { detail: { what: 'sound' } })
    const context = new AudioContext({ latencyHint: 'interactive' })
    this.#worklets = context.audioWorklet.addModule(playback)
    this.#worklets.catch(() => undefined) // whoever awaits `running` gets it
    return (this.#context = context)
  }
}

/** The context's time of the sound that leaves the hardware now: behind `currentTime` by the output latency. */
export const heardTime = (context: AudioContext): number => {
  const { contextTime, performanceTime } = context.getOutputTimestamp()
  // Safari and a context that has just started report zeros.
  if (!contextTime || !performanceTime)
    return context.currentTime - (context.outputLatency || context.baseLatency)
  return contextTime + (performance.now() - performanceTime) / 1000
}
