/** @file What is said leaves the loudspeaker here: a queue of clips that knows what has been heard and can fall silent at once. */
import { heardTime, type AudioDevice } from './device'

/** To the worklet. */
export type PlaybackOrder =
  | {
      readonly order: 'play'
      readonly id: number
      readonly samples: Float32Array
      readonly sampleRate: number
      readonly gapS: number
    }
  | { readonly order: 'flush' }

/** From the worklet. `frame` counts the context's frames; `heardS` is how much of a clip was played. */
export type PlaybackNews =
  | { readonly news: 'started'; readonly id: number; readonly frame: number }
  | { readonly news: 'ended'; readonly id: number; readonly frame: number; readonly heardS: number }

export interface Clip {
  readonly samples: Float32Array
  readonly sampleRate: number
  /** Silence due after the clip before; waiting that was longer anyway counts. */
  readonly gapS: number
}

/** A clip on its way through the loudspeaker. */
export interface Playing<C extends Clip = Clip> {
  readonly clip: C
  /** When its first sample left for the loudspeaker. */
  readonly started: Promise<void>
  /** How much of it was played, in seconds; less than its length if it was flushed. */
  readonly ended: Promise<number>
}

interface Entry<C extends Clip> extends Playing<C> {
  /** Frames of the context. The end is known when it is rendered, which is before it is heard. */
  startFrame?: number
  endFrame?: number
  readonly start: () => void
  readonly end: (heardS: number) => void
}

/** Sound hardware is given back after this much silence. */
const REST_MS = 60_000

export class Speaker<C extends Clip = Clip> {
  readonly #device: AudioDevice
  #graph:
    { context: AudioContext; node: AudioWorkletNode; gain: GainNode; analyser: AnalyserNode } | undefined
  readonly #entries = new Map<number, Entry<C>>()
  #lastId = 0
  #volume = 1
  #resting: ReturnType<typeof setTimeout> | undefined

  constructor(device: AudioDevice) {
    this.#device = device
  }

  /** Queue a clip behind all others. Throws `not-allowed` while the browser lets no sound start. */
  async play(signal: AbortSignal, clip: C): Promise<Playing<C>> {
    const context = await this.#device.running(signal)
    clearTimeout(this.#resting)
    const { node } = this.#connect(context)
    const id = ++this.#lastId
    const started = Promise.withResolvers<undefined>()
    const ended = Promise.withResolvers<number>()
    const entry: Entry<C> = {
      clip,
      started: started.promise,
      ended: ended.promise,
      start: () => started.resolve(undefined),
      end: ended.resolve,
    }
    this.#entries.set(id, entry)
    const { samples, sampleRate, gapS } = clip
    node.port.postMessage({ order: 'play', id, samples, sampleRate, gapS } satisfies PlaybackOrder)
    return entry
  }

  /** Silence: within one quantum the sound begins to fade, for 10 ms, and nothing that was queued is heard. */
  flush() {
    this.#graph?.node.port.postMessage({ order: 'flush' } satisfies PlaybackOrder)
  }

  /** What is being heard now, and how far into it in seconds. */
  heard(): { readonly clip: C; readonly at: number } | undefined {
    if (!this.#graph || this.#entries.size === 0) return undefined
    const now = heardTime(this.#graph.context) * this.#graph.context.sampleRate
    for (const [id, { clip, startFrame, endFrame }] of this.#entries) {
      if (endFrame !== undefined && endFrame <= now) this.#entries.delete(id)
      else if (startFrame === undefined || startFrame > now) return undefined
      else return { clip, at: (now - startFrame) / this.#graph.context.sampleRate }
    }
    return undefined
  }

  /** Seconds of sound that are still to be heard. */
  get aheadS(): number {
    let ahead = 0
    for (const { clip, endFrame } of this.#entries.values())
      if (endFrame === undefined) ahead += clip.gapS + clip.samples.length / clip.sampleRate
    return ahead - (this.heard()?.at ?? 0)
  }

  /** 0 to 1; changes glide, so that they do not click. */
  set volume(volume: number) {
    this.#volume = volume
    if (this.#graph) this.#graph.gain.gain.setTargetAtTime(volume, this.#graph.context.currentTime, 0.015)
  }

  /** The level of what is being played now: RMS, 0 to 1. */
  get level(): number {
    if (!this.#graph) return 0
    const { analyser } = this.#graph
    analyser.getFloatTimeDomainData(window20ms)
    let sum = 0
    for (const x of window20ms) sum += x * x
    return Math.sqrt(sum / window20ms.length)
  }

  #connect(context: AudioContext) {
    if (this.#graph) return this.#graph
    const node = new AudioWorkletNode(context, 'playback', { numberOfInputs: 0, outputChannelCount: [1] })
    const gain = new GainNode(context, { gain: this.#volume })
    const analyser = new AnalyserNode(context, { fftSize: window20ms.length, smoothingTimeConstant: 0 })
    node.connect(gain).connect(analyser).connect(context.destination)
    node.port.onmessage = ({ data }: MessageEvent<PlaybackNews>) => this.#hear(data)
    return (this.#graph = { context, node, gain, analyser })
  }

  #hear(news: PlaybackNews) {
    const entry = this.#entries.get(news.id)
    if (!entry) return
    if (news.news === 'started') {
      entry.startFrame = news.frame
      entry.start()
      return
    }
    entry.endFrame = news.frame
    entry.end(news.heardS)
    if ([...this.#entries.values()].every(({ endFrame }) => endFrame !== undefined))
      this.#resting = setTimeout(() => void this.#device.rest(), REST_MS)
  }
}

/** 1024 samples: 21 ms at 48 kHz. */
const window20ms = new Float32Array(1024)
