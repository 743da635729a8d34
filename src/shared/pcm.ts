/** @file Sound as samples: mono, 32-bit float, -1 to 1. Resampling, loudness, joining, WAV. */

/** How samples at one rate are read at another: a Kaiser-windowed sinc (Smith, "Digital Audio Resampling", 2002). */
export interface Kernel {
  /** Input samples on each side that have a say in an output sample. */
  readonly reach: number
  /** Half of the symmetric impulse response, `TABLE_PER_SAMPLE` entries an input sample. */
  readonly table: Float32Array
}

/** Reach when upsampling: a transition band of about 0.3 of the Nyquist frequency with the window below. */
const HALF_TAPS = 16
/** Kaiser's beta: stop band about -80 dB. */
const BETA = 8
/** With linear reading between entries the error stays below the window's. */
const TABLE_PER_SAMPLE = 512

export const kernel = (fromRate: number, toRate: number): Kernel => {
  const cutoff = Math.min(1, toRate / fromRate)
  const reach = Math.ceil(HALF_TAPS / cutoff)
  const table = new Float32Array(reach * TABLE_PER_SAMPLE + 2)
  for (let i = 0; i < table.length; i++) {
    const x = i / TABLE_PER_SAMPLE
    const window = x >= reach ? 0 : besselI0(BETA * Math.sqrt(1 - (x / reach) ** 2)) / besselI0(BETA)
    const phase = Math.PI * cutoff * x
    table[i] = window * cutoff * (phase === 0 ? 1 : Math.sin(phase) / phase)
  }
  return { reach, table }
}

const besselI0 = (x: number) => {
  let sum = 1
  for (let k = 1, term = 1; term > 1e-12 * sum; k++) sum += term *= (x / (2 * k)) ** 2
  return sum
}

/** The sound at a moment between samples, counted in samples; silence before the start and after the end. No allocation. */
export const sampleAt = (samples: Float32Array, at: number, { reach, table }: Kernel): number => {
  const first = Math.max(0, Math.floor(at) - reach + 1)
  const last = Math.min(samples.length - 1, Math.floor(at) + reach)
  let sum = 0
  for (let k = first; k <= last; k++) {
    const position = Math.abs(at - k) * TABLE_PER_SAMPLE
    const i = Math.floor(position)
    const a = table[i]!
    sum += samples[k]! * (a + (position - i) * (table[i + 1]! - a))
  }
  return sum
}

/** A whole sound at another rate: `round(length · toRate / fromRate)` samples. */
export const resample = (
  samples: Float32Array<ArrayBuffer>,
  fromRate: number,
  toRate: number,
): Float32Array<ArrayBuffer> => {
  if (fromRate === toRate) return samples
  const step = fromRate / toRate
  const filter = kernel(fromRate, toRate)
  return Float32Array.from({ length: Math.round(samples.length / step) }, (_, n) =>
    sampleAt(samples, n * step, filter),
  )
}

export const rms = (samples: Float32Array, from = 0, to = samples.length): number => {
  let sum = 0
  for (let i = from; i < to; i++) sum += samples[i]! ** 2
  return to > from ? Math.sqrt(sum / (to - from)) : 0
}

/** Loudness over time: the RMS of each frame of `1 / perSecond` seconds. */
export const envelope = (samples: Float32Array, sampleRate: number, perSecond = 100): Float32Array => {
  const frame = sampleRate / perSecond
  return Float32Array.from({ length: Math.ceil(samples.length / frame) }, (_, i) =>
    rms(samples, Math.round(i * frame), Math.min(samples.length, Math.round((i + 1) * frame))),
  )
}

/** The 44 bytes before the samples of a mono, 16-bit PCM WAV file. */
export const wavHeader = (sampleCount: number, sampleRate: number): ArrayBuffer => {
  const header = new ArrayBuffer(44)
  const view = new DataView(header)
  const word = (at: number, text: string) => {
    for (let i = 0; i < 4; i++) view.setUint8(at + i, text.charCodeAt(i))
  }
  const bytes = sampleCount * 2
  word(0, 'RIFF')
  view.setUint32(4, 36 + bytes, true)
  word(8, 'WAVE')
  word(12, 'fmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true) // PCM
  view.setUint16(22, 1, true) // mono
  view.setUint32(24, sampleRate, true)
  view.setUint32(28, sampleRate * 2, true)
  view.setUint16(32, 2, true)
  view.setUint16(34, 16, true)
  word(36, 'data')
  view.setUint32(40, bytes, true)
  return header
}

/** 16-bit little-endian samples, as WAV holds them; what is louder than full scale is clipped. */
export const toInt16 = (samples: Float32Array): Int16Array<ArrayBuffer> =>
  Int16Array.from(samples, (x) => Math.round(Math.max(-1, Math.min(1, x)) * 32767))

/**
 * The samples of a 16-bit mono PCM WAV file. Chunks it does not know are passed over, and a size of -1 or one that
 * runs past the end (a program that wrote to a pipe) means: to the end.
 */
export const readWav = (
  bytes: Uint8Array,
): { samples: Float32Array<ArrayBuffer>; sampleRate: number } | undefined => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const word = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4))
  if (bytes.length < 44 || word(0) !== 'RIFF' || word(8) !== 'WAVE') return undefined
  let sampleRate = 0
  for (let at = 12; at + 8 <= bytes.length;) {
    const size = Math.min(view.getUint32(at + 4, true), bytes.length - at - 8)
    if (word(at) === 'fmt ') {
      if (view.getUint16(at + 8, true) !== 1 || view.getUint16(at + 10, true) !== 1) return undefined
      sampleRate = view.getUint32(at + 12, true)
    }
    if (word(at) === 'data') {
      const samples = new Float32Array(size >> 1)
      for (let i = 0; i < samples.length; i++) samples[i] = view.getInt16(at + 8 + 2 * i, true) / 32768
      return sampleRate ? { samples, sampleRate } : undefined
    }
    at += 8 + size + (size & 1)
  }
  return undefined
}
