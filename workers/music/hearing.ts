/**
 * @file From samples to what is heard in each hundredth of a second: onsets in three parts of the spectrum, loudness,
 * pitch classes, timbre. Every value depends on the sound around it and before it only, never on what comes later, so
 * that what was once computed stays.
 *
 * Onsets: log-compressed mel spectrum, half-wave rectified difference against a maximum-filtered earlier frame (Böck and
 * Widmer, "Maximum filter vibrato suppression for onset detection", 2013). Mel: Slaney's, as in librosa.
 */
import FFT from 'fft.js'
import { decimate, REACH as FILTER_REACH, type Sound } from './decimate'

/** Frames a second, about: the hop is a whole number of samples. */
const FRAMES_PER_SECOND = 100
/** Seconds. Short enough to tell sixteenths apart, long enough for a bass drum. */
const WINDOW_S = 0.0464
/** Pitches need a window four times as long, and no more than one in so many frames. */
export const CHROMA_EVERY = 5
const CHROMA_WINDOWS = 4
const MEL_BANDS = 40
const MEL_RANGE_HZ = [30, 10_000] as const
/** Where low ends and where high begins, Hz (contract of `Score.bands`). */
const SPLIT_HZ = [150, 2500] as const
/** Onsets of a bass drum reach a little further up than the band that is shown. */
const LOW_ONSET_HZ = 220
const CHROMA_RANGE_HZ = [70, 2100] as const
export const TIMBRES = 8
/** How much louder than quiet parts the loud parts of a spectrum may be before logarithms take over. */
const COMPRESSION = 60
/** Seconds in which the ear gets used to a level, and the level below which it never does (mean mel magnitude). */
const ADAPTATION_S = 8
const FAINT = 2e-4
/** Frames between the two that an onset is the difference of. */
const LAG = 2

export interface Heard {
  /** Frames a second, exactly; frame i is centred at i / rate. */
  readonly rate: number
  /** How many frames there are in the whole sound, or there is room for. */
  readonly frames: number
  /** How many have been heard so far. */
  readonly upTo: number
  /** Onset strength below 220 Hz, up to 2.5 kHz, above. */
  readonly onsets: readonly [Float32Array, Float32Array, Float32Array]
  /** Mean squares: K-weighted as ITU-R BS.1770 does it, and of the bands of `Score.bands`. */
  readonly loudness: Float32Array
  readonly bands: readonly [Float32Array, Float32Array, Float32Array]
  /** One row every CHROMA_EVERY frames: 12 pitch classes from C, and TIMBRES log band levels. */
  readonly chroma: Float32Array
  readonly timbre: Float32Array
}

/** The frames `from` to `to` as if they were all of the music; `from` is a multiple of CHROMA_EVERY. Nothing is copied. */
export const excerpt = (heard: Heard, from: number, to: number): Heard => {
  const [first, last] = [from / CHROMA_EVERY, Math.ceil(to / CHROMA_EVERY)]
  const parts = (of: Heard['onsets']) =>
    of.map((part) => part.subarray(from, to)) as unknown as Heard['onsets']
  return {
    rate: heard.rate,
    frames: to - from,
    upTo: to - from,
    onsets: parts(heard.onsets),
    loudness: heard.loudness.subarray(from, to),
    bands: parts(heard.bands),
    chroma: heard.chroma.subarray(first * 12, last * 12),
    timbre: heard.timbre.subarray(first * TIMBRES, last * TIMBRES),
  }
}

/** The frame at or before a moment at which an excerpt may begin. */
export const excerptStart = (heard: Heard, seconds: number): number =>
  Math.max(0, Math.floor((seconds * heard.rate) / CHROMA_EVERY)) * CHROMA_EVERY

/**
 * An ear that hears a sound piece by piece, `memoryS` seconds of it at most: what is not forgotten in time is not heard. A
 * frame needs the samples of the tenth of a second after it.
 */
export const ear = (sound: Sound, sampleRate: number, memoryS: number) => {
  const decimated = decimate(sound, sampleRate)
  const hop = Math.max(1, Math.round(decimated.rate / FRAMES_PER_SECOND))
  const size = 2 ** Math.max(5, Math.round(Math.log2(decimated.rate * WINDOW_S)))
  const wide = size * CHROMA_WINDOWS
  const framesIn = (samples: number) => Math.floor(Math.ceil(samples / decimated.factor) / hop)
  const frames = framesIn(Math.round(memoryS * sampleRate))
  const rows = Math.ceil(frames / CHROMA_EVERY)
  const heard = {
    rate: decimated.rate / hop,
    frames,
    upTo: 0,
    onsets: [new Float32Array(frames), new Float32Array(frames), new Float32Array(frames)] as const,
    loudness: new Float32Array(frames),
    bands: [new Float32Array(frames), new Float32Array(frames), new Float32Array(frames)] as const,
    chroma: new Float32Array(rows * 12),
    timbre: new Float32Array(rows * TIMBRES),
  }
  const near = spectrum(size)
  const far = spectrum(wide)
  const mels = melBands(decimated.rate, size)
  const classes = pitchClasses(decimated.rate, wide)
  const weights = kWeights(decimated.rate, size)
  const edges = SPLIT_HZ.map((f) => Math.min(size / 2, Math.round((f * size) / decimated.rate)))
  const before: Float32Array[] = Array.from({ length: LAG + 1 }, () => new Float32Array(MEL_BANDS))
  const compressed = new Float32Array(MEL_BANDS)
  const earlier = new Float32Array(MEL_BANDS)
  /** Of Parseval's theorem: a Hann window has a mean square of 3/8, and half of the spectrum is not looked at. */
  const toMeanSquare = 2 / (size * size * 0.375)
  const decay = Math.exp(-1 / (heard.rate * ADAPTATION_S))
  let level = FAINT
  let piece = new Float32Array(0)
  let forgotten = 0

  const hearFrame = (frame: number, at: number) => {
    const power = near(piece, at - size / 2)
    let loudness = 0
    const sums = [0, 0, 0]
    for (let k = 1; k < power.length; k++) {
      loudness += power[k]! * weights[k]!
      sums[k < edges[0]! ? 0 : k < edges[1]! ? 1 : 2]! += power[k]!
    }
    heard.loudness[frame] = loudness * toMeanSquare
    sums.forEach((sum, band) => (heard.bands[band as 0 | 1 | 2][frame] = sum * toMeanSquare))

    const now = before[(forgotten + frame) % before.length]!
    let mean = 0
    for (let m = 0; m < MEL_BANDS; m++) {
      const { first, weights: share } = mels[m]!
      let sum = 0
      for (let k = 0; k < share.length; k++) sum += power[first + k]! * share[k]!
      now[m] = Math.sqrt(sum * toMeanSquare)
      mean += now[m]! / MEL_BANDS
    }
    level = Math.max(FAINT, mean, level * decay)
    const past = before[(forgotten + frame + 1) % before.length]!
    for (let m = 0; m < MEL_BANDS; m++) {
      compressed[m] = Math.log(1 + (COMPRESSION * now[m]!) / level)
      earlier[m] = Math.log(1 + (COMPRESSION * past[m]!) / level)
    }
    const flux = [0, 0, 0]
    const counts = [0, 0, 0]
    for (let m = 0; m < MEL_BANDS; m++) {
      const least = Math.max(earlier[m - 1] ?? 0, earlier[m]!, earlier[m + 1] ?? 0)
      const band = mels[m]!.centreHz < LOW_ONSET_HZ ? 0 : mels[m]!.centreHz < SPLIT_HZ[1] ? 1 : 2
      flux[band]! += Math.max(0, compressed[m]! - least)
      counts[band]!++
    }
    flux.forEach((sum, band) => (heard.onsets[band as 0 | 1 | 2][frame] = sum / Math.max(1, counts[band]!)))

    if (frame % CHROMA_EVERY !== 0) return
    const row = frame / CHROMA_EVERY
    const tones = far(piece, at - wide / 2)
    const toTones = 2 / (wide * wide * 0.375)
    for (const { bin, pitch, weight } of classes)
      heard.chroma[row * 12 + pitch]! += weight * Math.sqrt(tones[bin]! * toTones)
    for (let t = 0; t < TIMBRES; t++) {
      const [from, to] = [t, t + 1].map((i) => Math.round((i * MEL_BANDS) / TIMBRES)) as [number, number]
      let sum = 0
      for (let m = from; m < to; m++) sum += now[m]!
      heard.timbre[row * TIMBRES + t] = Math.log(1e-5 + sum / (to - from))
    }
  }

  return {
    heard: heard as Heard,
    /** Hear so many frames more, or as many as there are. */
    hear: (count: number) => {
      const to = Math.min(frames, heard.upTo + count)
      if (to <= heard.upTo) return
      const from = (forgotten + heard.upTo) * hop - wide / 2
      // The same memory each time: what is thrown away for ten minutes of music is 70 MB.
      const length = (to - heard.upTo - 1) * hop + wide
      if (piece.length < length) piece = new Float32Array(length)
      decimated.read(from, piece.subarray(0, length))
      for (let frame = heard.upTo; frame < to; frame++) hearFrame(frame, (forgotten + frame) * hop - from)
      heard.upTo = to
    },
    /** How many frames so many samples are, with silence after them. */
    framesIn,
    /** How many frames can be heard in all when so many samples have come. */
    ready: (samples: number) =>
      Math.max(0, Math.floor((samples / decimated.factor - wide / 2 - FILTER_REACH) / hop)),
    /** Forget the first frames, a multiple of CHROMA_EVERY: frames are counted from the first that is remembered. */
    forget: (count: number) => {
      const rowsGone = count / CHROMA_EVERY
      for (const curve of [...heard.onsets, heard.loudness, ...heard.bands]) curve.copyWithin(0, count)
      heard.chroma.copyWithin(0, rowsGone * 12).fill(0, (rows - rowsGone) * 12)
      heard.timbre.copyWithin(0, rowsGone * TIMBRES)
      heard.upTo -= count
      forgotten += count
    },
  }
}

/** A function that gives the power spectrum of the Hann-windowed samples at a place; its answer is overwritten. */
const spectrum = (size: number) => {
  const fft: { realTransform: (out: Float64Array, data: Float64Array) => void } = new FFT(size)
  const window = Float64Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size))
  const data = new Float64Array(size)
  const out = new Float64Array(2 * size)
  const power = new Float32Array(size / 2)
  return (samples: Float32Array, from: number): Float32Array => {
    for (let i = 0; i < size; i++) data[i] = samples[from + i]! * window[i]!
    fft.realTransform(out, data)
    for (let k = 0; k < power.length; k++) power[k] = out[2 * k]! ** 2 + out[2 * k + 1]! ** 2
    return power
  }
}

const toMel = (f: number) => (f < 1000 ? (3 * f) / 200 : 15 + (27 * Math.log(f / 1000)) / Math.log(6.4))
const fromMel = (mel: number) =>
  mel < 15 ? (200 * mel) / 3 : 1000 * Math.exp(((mel - 15) * Math.log(6.4)) / 27)

/** Triangles over the bins, each at least one bin wide. Bands above the Nyquist frequency hear nothing. */
const melBands = (rate: number, size: number) => {
  const [low, high] = MEL_RANGE_HZ.map(toMel) as [number, number]
  const edge = (i: number) => (fromMel(low + ((high - low) * i) / (MEL_BANDS + 1)) * size) / rate
  return Array.from({ length: MEL_BANDS }, (_, m) => {
    const [from, centre, to] = [edge(m), edge(m + 1), edge(m + 2)]
    const first = Math.max(1, Math.min(Math.ceil(from), Math.round(centre)))
    const last = Math.min(size / 2 - 1, Math.max(Math.floor(to), Math.round(centre)))
    const weights = Float32Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => {
      const k = first + i
      return Math.max(
        k === Math.round(centre) ? 0.5 : 0,
        Math.min((k - from) / (centre - from), (to - k) / (to - centre)),
      )
    })
    return { first, weights, centreHz: (centre * rate) / size }
  })
}

/** Each bin's pitch class, weighted by how near it is to a tempered pitch (A = 440 Hz) and how little it is an overtone. */
const pitchClasses = (rate: number, size: number) => {
  const first = Math.ceil((CHROMA_RANGE_HZ[0] * size) / rate)
  const last = Math.min(size / 2 - 1, Math.floor((CHROMA_RANGE_HZ[1] * size) / rate))
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => {
    const frequency = ((first + i) * rate) / size
    const midi = 69 + 12 * Math.log2(frequency / 440)
    const nearest = Math.round(midi)
    const octaves = Math.log2(frequency / 300)
    return {
      bin: first + i,
      pitch: ((nearest % 12) + 12) % 12,
      weight: Math.exp(-8 * (midi - nearest) ** 2 - 0.25 * octaves ** 2),
    }
  })
}

/** The gain of BS.1770's two filters as a power: a high-pass at 38 Hz, a shelf of 4 dB above 1.7 kHz. */
const kWeights = (rate: number, size: number) =>
  Float32Array.from({ length: size / 2 }, (_, k) => {
    const f = (k * rate) / size
    const pass = f ** 4 / (f ** 2 + 38 ** 2) ** 2
    const rise = f ** 4 / (f ** 4 + 1700 ** 4)
    return pass * (1 + (10 ** 0.4 - 1) * rise)
  })
