/**
 * @file A sound file, or the sound of a video, decoded piece by piece (mediabunny over WebCodecs). What browsers offer for it,
 * `decodeAudioData`, holds a song three times over and stops the page while it copies.
 */
import {
  ADTS,
  AudioSampleSink,
  BlobSource,
  FLAC,
  Input,
  MATROSKA,
  MP3,
  MP4,
  OGG,
  QTFF,
  WAVE,
  WEBM,
} from 'mediabunny'

/** One side or two, of equal length. */
export interface Block {
  /** Hz. What a decoder makes of a file may run at twice the rate that its header names. */
  readonly sampleRate: number
  readonly sides: readonly Float32Array[]
}

export interface SoundFile {
  /** As its last packet says; no promise where a file was cut off. */
  readonly lengthS: number
  readonly blocks: () => AsyncGenerator<Block, void>
  readonly close: () => void
}

/** `none`: there is no sound in it. Undefined where this way of decoding does not know the format, or the browser the codec. */
export const openSound = async (file: Blob): Promise<SoundFile | 'none' | undefined> => {
  if (!('AudioDecoder' in window)) return undefined
  const input = new Input({
    source: new BlobSource(file),
    formats: [MP3, WAVE, OGG, FLAC, MP4, QTFF, MATROSKA, WEBM, ADTS],
  })
  try {
    const track = (await input.canRead()) ? await input.getPrimaryAudioTrack() : undefined
    if (!track || !(await track.canDecode())) {
      input.dispose()
      return track === null ? 'none' : undefined
    }
    return {
      lengthS: await track.computeDuration(),
      blocks: () => blocksOf(new AudioSampleSink(track)),
      close: () => input.dispose(),
    }
  } catch {
    input.dispose()
    return undefined
  }
}

/** Each block lies where the one before lay: it is to be used at once. */
async function* blocksOf(sink: AudioSampleSink): AsyncGenerator<Block, void> {
  let planes: readonly Float32Array[] = []
  for await (const sample of sink.samples()) {
    const { sampleRate, numberOfChannels, numberOfFrames, timestamp } = sample
    if (planes.length !== numberOfChannels || planes[0]!.length < numberOfFrames)
      planes = Array.from({ length: numberOfChannels }, () => new Float32Array(numberOfFrames))
    planes.forEach((plane, planeIndex) => sample.copyTo(plane, { format: 'f32-planar', planeIndex }))
    sample.close()
    // What a codec needs to get going lies before the start.
    const early = Math.min(numberOfFrames, Math.max(0, Math.round(-timestamp * sampleRate)))
    const sides = mixDown(planes.map((plane) => plane.subarray(early, numberOfFrames)))
    if (early < numberOfFrames) yield { sampleRate, sides }
  }
}

/** What of each channel goes to the left and to the right (ITU-R BS.775, 3 dB less, without the deep effects). */
const MIXES: Readonly<Record<number, readonly [left: readonly number[], right: readonly number[]]>> = {
  // L R, SL SR
  4: [
    [0.7, 0, 0.5, 0],
    [0, 0.7, 0, 0.5],
  ],
  // L R C, SL SR
  5: [
    [0.7, 0, 0.5, 0.5, 0],
    [0, 0.7, 0.5, 0, 0.5],
  ],
  // L R C LFE, SL SR
  6: [
    [0.7, 0, 0.5, 0, 0.5, 0],
    [0, 0.7, 0.5, 0, 0, 0.5],
  ],
  // L R C LFE, BL BR, SL SR
  8: [
    [0.7, 0, 0.5, 0, 0.35, 0, 0.35, 0],
    [0, 0.7, 0.5, 0, 0, 0.35, 0, 0.35],
  ],
}

/** Two sides at most. Of channels whose places are not known, the average. */
export const mixDown = (channels: readonly Float32Array[]): readonly Float32Array[] => {
  const { length: count } = channels
  if (count <= 2) return channels
  const mixes = MIXES[count] ?? [channels.map(() => 1 / count)]
  return mixes.map((mix) => {
    const side = new Float32Array(channels[0]!.length)
    mix.forEach((share, c) => {
      const channel = channels[c]!
      if (share) for (let i = 0; i < side.length; i++) side[i]! += share * channel[i]!
    })
    return side
  })
}
