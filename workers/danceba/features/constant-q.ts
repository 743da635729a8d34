/**
 * @file A spectrum with the same number of bins in each octave (librosa 0.8.1's `cqt`; Schörkhuber and Klapuri, "Constant-Q
 * transform toolbox for music processing", 2010): one octave at a time, from the top, with the sound halved in between.
 */
import { halved } from './decimate'
import { fourier } from './fourier'
import { GRID, framesIn, hann, spectra, type Pace } from './frames'

export const BINS_PER_OCTAVE = 36
const OCTAVES = 5
export const CQT_BINS = OCTAVES * BINS_PER_OCTAVE
/** Hz: C1. */
const LOWEST_HZ = 32.70319566257483
/** Cycles of each bin's filter: so that neighbours are told apart. */
const CYCLES = 1 / (2 ** (1 / BINS_PER_OCTAVE) - 1)
/** Holds the longest filter of 378 samples. */
const SIZE = 512
/** Of the magnitudes of a filter's spectrum: its smallest bins up to that part of the sum are left out. */
const LEFT_OUT = 0.01

/** Samples below which the lowest octave cannot be mirrored. */
export const SHORTEST = 2 ** (OCTAVES - 1) * (SIZE / 2) + 1

/**
 * Magnitudes: for every frame of 512 samples 180 bins from C1 up. `tuning` in bins, `rateHz` 3840: at other rates five octaves
 * would not end where the sound does.
 */
export const constantQ = async (
  samples: Float64Array,
  rateHz: number,
  tuning: number,
  pace: Pace,
): Promise<Float64Array> => {
  const lowest = LOWEST_HZ * 2 ** (tuning / BINS_PER_OCTAVE)
  const filters = filtersOf(lowest * 2 ** (OCTAVES - 1), rateHz)
  const frames = framesIn(samples.length)
  const out = new Float64Array(frames * CQT_BINS)
  let octave = samples
  for (let i = 0; i < OCTAVES; i++, octave = halved(octave)) {
    const sound = spectra(octave, { window: SIZE, hop: GRID.hop >> i }, 'flat')
    const base = CQT_BINS - (i + 1) * BINS_PER_OCTAVE
    for (let t = 0; t < frames; t++) {
      const spectrum = sound.at(t)
      filters.forEach((filter, k) => {
        const hz = lowest * 2 ** ((base + k) / BINS_PER_OCTAVE)
        const loudness = 2 ** (i / 2) / Math.sqrt((CYCLES * rateHz) / hz)
        out[t * CQT_BINS + base + k] = loudness * response(filter, spectrum)
      })
      await pace((i + (t + 1) / frames) / OCTAVES)
    }
  }
  return out
}

/** Part of a spectrum, interleaved, from bin `first` on; what is left out inside is 0. */
interface Filter {
  readonly first: number
  readonly spectrum: Float64Array
}

const response = ({ first, spectrum: filter }: Filter, spectrum: Float64Array): number => {
  let [re, im] = [0, 0]
  const from = 2 * first
  for (let i = 0; i < filter.length; i += 2) {
    const [a, b] = [filter[i]!, filter[i + 1]!]
    const [c, d] = [spectrum[from + i]!, spectrum[from + i + 1]!]
    re += a * c - b * d
    im += a * d + b * c
  }
  return Math.sqrt(re * re + im * im)
}

/** Those of one octave from `lowestHz` on: windowed complex waves. They serve each octave at its own rate. */
const filtersOf = (lowestHz: number, rateHz: number): Filter[] => {
  const transform = fourier(SIZE)
  return Array.from({ length: BINS_PER_OCTAVE }, (_, k) => {
    const hz = lowestHz * 2 ** (k / BINS_PER_OCTAVE)
    const length = (CYCLES * rateHz) / hz
    const [from, to] = [Math.floor(-length / 2), Math.floor(length / 2)]
    const window = hann(to - from)
    const sum = window.reduce((total, value) => total + value, 0)
    const pad = Math.floor((SIZE - window.length) / 2)
    const wave = (phase: number) => {
      const x = new Float64Array(SIZE)
      for (let i = 0; i < window.length; i++)
        x[pad + i] =
          ((window[i]! * length) / (sum * SIZE)) * Math.cos((2 * Math.PI * hz * (from + i)) / rateHz - phase)
      return x
    }
    const spectrum = transform.forward(wave(0)).slice()
    const sines = transform.forward(wave(Math.PI / 2))
    for (let i = 0; i < spectrum.length; i += 2) {
      spectrum[i]! -= sines[i + 1]!
      spectrum[i + 1]! += sines[i]!
    }
    return sparse(spectrum)
  })
}

/** Without its smallest bins. */
const sparse = (spectrum: Float64Array): Filter => {
  const bins = spectrum.length / 2
  const magnitudes = Float64Array.from({ length: bins }, (_, k) =>
    Math.hypot(spectrum[2 * k]!, spectrum[2 * k + 1]!),
  )
  const total = magnitudes.reduce((sum, value) => sum + value, 0)
  let [threshold, sum] = [0, 0]
  for (const magnitude of magnitudes.slice().sort()) {
    threshold = magnitude
    if ((sum += magnitude) >= LEFT_OUT * total) break
  }
  for (let k = 0; k < bins; k++) if (magnitudes[k]! < threshold) spectrum.fill(0, 2 * k, 2 * k + 2)
  const first = magnitudes.findIndex((magnitude) => magnitude >= threshold)
  const last = magnitudes.findLastIndex((magnitude) => magnitude >= threshold)
  return { first, spectrum: spectrum.slice(2 * first, 2 * last + 2) }
}
