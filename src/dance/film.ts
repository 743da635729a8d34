/**
 * @file A dance as a film: the stage is moved frame by frame, as slowly as it must be, and every frame and every sample is
 * encoded; where the browser has no WebCodecs, it is recorded as it plays. MP4 where the browser encodes both H.264 and AAC,
 * else WebM.
 */
import {
  BufferTarget,
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  Mp4OutputFormat,
  Output,
  WebMOutputFormat,
  type AudioCodec,
  type VideoCodec,
} from 'mediabunny'
import type { Reel } from '../audio/reel'
import { breath } from '../shared/breath'
import { Fault } from '../shared/fault'
import { recordFilm } from './record'
import { soundOf } from './sound'

/** Where the picture comes from. */
export interface Camera {
  readonly canvas: HTMLCanvasElement
  /** Draw the dance at this second of the music, `stepS` after what was drawn before. */
  readonly draw: (timeS: number, stepS: number) => void
}

export interface FilmOrder {
  /** Pixels; even. */
  readonly width: number
  readonly height: number
  /** Frames a second. */
  readonly rate: number
  /** Seconds of the music. */
  readonly from: number
  readonly to: number
  /** All of the music. */
  readonly music: Reel
}

export interface Film {
  readonly file: Blob
  readonly ending: 'mp4' | 'webm'
}

/** Throws `unsupported` where the browser has no way to encode a picture. `onprogress` gets shares from 0 to 1. */
export const film = async (
  signal: AbortSignal,
  camera: Camera,
  order: FilmOrder,
  onprogress: (share: number) => void,
): Promise<Film> => {
  const sound = await soundOf(signal, order.music, order.from, order.to)
  const plan = await planOf(order, sound)
  if (!plan) return recordFilm(signal, camera, order, sound, onprogress)
  return encode(signal, camera, order, sound, plan, onprogress)
}

// ---- what this browser can do --------------------------------------------------------------------------------------

interface Plan {
  readonly ending: 'mp4' | 'webm'
  readonly video: { readonly codec: VideoCodec; readonly config: VideoEncoderConfig }
  readonly audio: { readonly codec: AudioCodec; readonly config: AudioEncoderConfig }
}

/** From the most to the least: H.264 High, Main and Baseline of level 4, VP9 of profile 0 and level 4. */
const PLANS: readonly {
  readonly ending: 'mp4' | 'webm'
  readonly video: VideoCodec
  readonly profile: string
  readonly audio: AudioCodec
  readonly voice: string
}[] = [
  ...['avc1.640028', 'avc1.4d0028', 'avc1.420028'].map(
    (profile) => ({ ending: 'mp4', video: 'avc', profile, audio: 'aac', voice: 'mp4a.40.2' }) as const,
  ),
  { ending: 'webm', video: 'vp9', profile: 'vp09.00.40.08', audio: 'opus', voice: 'opus' },
  { ending: 'webm', video: 'vp8', profile: 'vp8', audio: 'opus', voice: 'opus' },
]

/** Bits a second and pixel of a frame: 5 Mbit/s at 720p. */
const BITS_PER_PIXEL = 5e6 / (1280 * 720)
const SOUND_BITS = 160_000

const planOf = async (order: FilmOrder, sound: AudioBuffer): Promise<Plan | undefined> => {
  if (typeof VideoEncoder === 'undefined' || typeof AudioEncoder === 'undefined') return undefined
  const { width, height, rate: framerate } = order
  for (const { ending, video, profile, audio, voice } of PLANS) {
    const picture: VideoEncoderConfig = {
      codec: profile,
      width,
      height,
      framerate,
      bitrate: Math.round(BITS_PER_PIXEL * width * height),
    }
    const heard: AudioEncoderConfig = {
      codec: voice,
      sampleRate: sound.sampleRate,
      numberOfChannels: sound.numberOfChannels,
      bitrate: SOUND_BITS,
    }
    const can = await Promise.all([
      VideoEncoder.isConfigSupported(picture),
      AudioEncoder.isConfigSupported(heard),
    ]).catch(() => [])
    if (can.length && can.every(({ supported }) => supported))
      return { ending, video: { codec: video, config: picture }, audio: { codec: audio, config: heard } }
  }
  return undefined
}

// ---- encoding ------------------------------------------------------------------------------------------------------

/** A picture that needs none before it, for who seeks in the film. */
const KEY_S = 2
/** Frames that the encoder may have in hand; each holds a whole picture. */
const AHEAD = 4

const encode = async (
  signal: AbortSignal,
  camera: Camera,
  order: FilmOrder,
  sound: AudioBuffer,
  plan: Plan,
  onprogress: (share: number) => void,
): Promise<Film> => {
  const target = new BufferTarget()
  const format = plan.ending === 'mp4' ? new Mp4OutputFormat() : new WebMOutputFormat()
  const output = new Output({ format, target })
  const pictures = new EncodedVideoPacketSource(plan.video.codec)
  const sounds = new EncodedAudioPacketSource(plan.audio.codec)
  output.addVideoTrack(pictures, { frameRate: order.rate })
  output.addAudioTrack(sounds)
  const tracks = new Tracks(plan, pictures, sounds)
  try {
    await output.start()
    const frames = Math.max(1, Math.round((order.to - order.from) * order.rate))
    for (let frame = 0; frame < frames; frame++) {
      signal.throwIfAborted()
      camera.draw(order.from + frame / order.rate, 1 / order.rate)
      tracks.picture(camera.canvas, frame, order.rate)
      tracks.hear(sound, (frame + 1) / order.rate)
      await tracks.room()
      await breath()
      onprogress((frame + 1) / frames)
    }
    tracks.hear(sound, sound.duration)
    await tracks.end()
    signal.throwIfAborted()
    await output.finalize()
    return {
      file: new Blob([target.buffer!], { type: `video/${plan.ending}` }),
      ending: plan.ending,
    }
  } catch (e) {
    await output.cancel()
    if (e instanceof Fault || signal.aborted) throw e
    throw new Fault('unknown', 'the film could not be encoded', { cause: e })
  } finally {
    tracks.close()
  }
}

/** Both encoders, and what comes out of them on its way into the file, in order. */
class Tracks {
  readonly #video: VideoEncoder
  readonly #audio: AudioEncoder
  readonly #codec: VideoCodec
  #written: Promise<void> = Promise.resolve()
  #failed: unknown
  /** Samples that have been handed over. */
  #heard = 0

  constructor({ video, audio }: Plan, pictures: EncodedVideoPacketSource, sounds: EncodedAudioPacketSource) {
    const write = (add: () => Promise<void>) =>
      (this.#written = this.#written.then(add).catch((e: unknown) => this.#fail(e)))
    this.#codec = video.codec
    this.#video = new VideoEncoder({
      output: (chunk, meta) => void write(() => pictures.add(EncodedPacket.fromEncodedChunk(chunk), meta)),
      error: (e) => this.#fail(e),
    })
    this.#audio = new AudioEncoder({
      output: (chunk, meta) => void write(() => sounds.add(EncodedPacket.fromEncodedChunk(chunk), meta)),
      error: (e) => this.#fail(e),
    })
    this.#video.configure(video.config)
    this.#audio.configure(audio.config)
  }

  /** What is on the canvas, drawn in this very task. */
  picture(canvas: HTMLCanvasElement, index: number, rate: number) {
    this.#check()
    const micro = (frame: number) => Math.round((frame * 1e6) / rate)
    const frame = new VideoFrame(canvas, {
      timestamp: micro(index),
      duration: micro(index + 1) - micro(index),
      alpha: 'discard',
    })
    try {
      this.#video.encode(frame, { keyFrame: index % Math.round(KEY_S * rate) === 0 })
    } finally {
      frame.close()
    }
  }

  /** The sound as far as this second of the film. */
  hear(sound: AudioBuffer, untilS: number) {
    this.#check()
    const end = Math.min(sound.length, Math.round(untilS * sound.sampleRate))
    const count = end - this.#heard
    if (count <= 0) return
    const data = new Float32Array(count * sound.numberOfChannels)
    for (let channel = 0; channel < sound.numberOfChannels; channel++)
      sound.copyFromChannel(data.subarray(channel * count, (channel + 1) * count), channel, this.#heard)
    const samples = new AudioData({
      format: 'f32-planar',
      sampleRate: sound.sampleRate,
      numberOfChannels: sound.numberOfChannels,
      numberOfFrames: count,
      timestamp: Math.round((this.#heard * 1e6) / sound.sampleRate),
      data,
    })
    this.#audio.encode(samples)
    samples.close()
    this.#heard = end
  }

  /** Until the encoder has room for another picture. */
  async room(): Promise<void> {
    while (this.#video.encodeQueueSize > AHEAD && this.#failed === undefined)
      await new Promise<void>((resolve) => {
        this.#video.addEventListener('dequeue', () => resolve(), { once: true })
        // An encoder that has failed takes nothing more.
        setTimeout(resolve, 200)
      })
    this.#check()
  }

  async end(): Promise<void> {
    await Promise.all([this.#video.flush(), this.#audio.flush()])
    await this.#written
    this.#check()
  }

  close() {
    for (const encoder of [this.#video, this.#audio]) if (encoder.state !== 'closed') encoder.close()
  }

  #fail(e: unknown) {
    this.#failed ??= e
  }

  #check() {
    if (this.#failed !== undefined)
      throw new Fault('unknown', `${this.#codec} could not be encoded`, { cause: this.#failed })
  }
}
