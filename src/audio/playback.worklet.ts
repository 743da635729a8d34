/**
 * @file The queue of clips on the audio thread: the only place that can stop sound within one quantum and that knows,
 * to the sample, what has been played.
 */
import { kernel, sampleAt, type Kernel } from '../shared/pcm'
import { scope } from './worklet-scope'
import type { PlaybackNews, PlaybackOrder } from './speaker'

const { sampleRate } = scope

/** 10 ms: shorter clicks, longer is heard as a tail. */
const FADE_S = 0.01

interface Clip {
  readonly id: number
  readonly samples: Float32Array
  /** Clip samples for each frame of the context. */
  readonly step: number
  readonly kernel: Kernel
  /** Frames of the context that the whole clip takes. */
  readonly frames: number
  /** Frames of silence due between the end of the clip before and this one. */
  readonly gap: number
}

class Playback extends scope.AudioWorkletProcessor {
  readonly #queue: Clip[] = []
  #current: Clip | undefined
  /** Frames of the current clip already played. */
  #played = 0
  /** The first frame after the last clip that ended. */
  #lastEnd = 0
  /** Frames left of a fade to silence; undefined while none is under way. */
  #fade: number | undefined

  constructor() {
    super()
    this.port.onmessage = ({ data }: MessageEvent<PlaybackOrder>) => {
      if (data.order === 'flush') this.#flush()
      else this.#enqueue(data)
    }
  }

  process(_: unknown, [output]: readonly (readonly Float32Array[])[]) {
    const channel = output![0]!
    for (let i = 0; i < channel.length;) {
      if (!this.#current && !this.#begin(scope.currentFrame + i, channel.length - i)) break
      i += this.#render(channel, i)
    }
    for (const other of output!.slice(1)) other.set(channel)
    return true
  }

  #enqueue({ id, samples, sampleRate: rate, gapS }: PlaybackOrder & { order: 'play' }) {
    this.#queue.push({
      id,
      samples,
      step: rate / sampleRate,
      kernel: kernelFor(rate),
      frames: Math.ceil((samples.length * sampleRate) / rate),
      gap: Math.round(gapS * sampleRate),
    })
  }

  /** What is queued will never be heard; what is heard now fades. Clips that come after this are played as usual. */
  #flush() {
    for (const { id } of this.#queue.splice(0))
      this.#tell({ news: 'ended', id, frame: scope.currentFrame, heardS: 0 })
    if (this.#current) this.#fade ??= Math.round(FADE_S * sampleRate)
  }

  /** Start the next clip if it is due within the `room` frames from `frame` on; otherwise leave them silent. */
  #begin(frame: number, room: number): boolean {
    const next = this.#queue[0]
    if (!next) return false
    const wait = this.#lastEnd + next.gap - frame
    if (wait >= room) return false
    this.#queue.shift()
    this.#current = next
    this.#played = -Math.max(0, wait)
    this.#tell({ news: 'started', id: next.id, frame: frame + Math.max(0, wait) })
    return true
  }

  /** Write the current clip from index `from` on; the number of frames written. */
  #render(channel: Float32Array, from: number): number {
    const clip = this.#current!
    const count = Math.min(channel.length - from, clip.frames - this.#played, this.#fade ?? Infinity)
    const fade = Math.round(FADE_S * sampleRate)
    for (let n = 0; n < count; n++) {
      const at = this.#played + n
      let value = at < 0 ? 0 : sampleAt(clip.samples, at * clip.step, clip.kernel)
      if (this.#fade !== undefined) value *= 0.5 - 0.5 * Math.cos((Math.PI * (this.#fade - n)) / fade)
      channel[from + n] = value
    }
    this.#played += count
    if (this.#fade !== undefined) this.#fade -= count
    if (this.#played === clip.frames || this.#fade === 0) this.#end(clip, scope.currentFrame + from + count)
    return count
  }

  #end(clip: Clip, frame: number) {
    this.#current = this.#fade = undefined
    this.#lastEnd = frame
    this.#tell({ news: 'ended', id: clip.id, frame, heardS: Math.max(0, this.#played) / sampleRate })
  }

  #tell(news: PlaybackNews) {
    this.port.postMessage(news)
  }
}

const kernels = new Map<number, Kernel>()
const kernelFor = (rate: number) => {
  const known = kernels.get(rate) ?? kernel(rate, sampleRate)
  kernels.set(rate, known)
  return known
}

scope.registerProcessor('playback', Playback)
