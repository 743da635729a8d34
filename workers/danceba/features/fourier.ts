/** @file Fourier transforms of real numbers, in double precision. Spectra are interleaved: real, imaginary, real, ... */
import FFT from 'fft.js'

export interface Fourier {
  readonly size: number
  /** size/2 + 1: from DC to Nyquist. */
  readonly bins: number
  /** The spectrum of `size` numbers, 2 x bins values, not normalised. It is overwritten by the next call. */
  readonly forward: (x: Float64Array) => Float64Array
  /** The `size` numbers of which this is the spectrum. They are overwritten by the next call. */
  readonly inverse: (spectrum: Float64Array) => Float64Array
}

/** `size`: a power of two, 4 at least. */
export const fourier = (size: number): Fourier => {
  const transform = new FFT(size)
  const out = new Float64Array(2 * size)
  const whole = new Float64Array(2 * size)
  const real = new Float64Array(size)
  const half = out.subarray(0, size + 2)
  return {
    size,
    bins: size / 2 + 1,
    forward: (x) => {
      transform.realTransform(out, x)
      return half
    },
    inverse: (spectrum) => {
      whole.set(spectrum.subarray(0, size + 2))
      transform.completeSpectrum(whole)
      transform.inverseTransform(out, whole)
      for (let i = 0; i < size; i++) real[i] = out[2 * i]!
      return real
    },
  }
}
