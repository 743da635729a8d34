/** @file The mixing desk: samples onto busses, ducking, and the master. Plain loops over samples; times in seconds. */
import type { Sample } from './samples'

/** Left and right. */
export type Bus = readonly [Float32Array, Float32Array]

/** Adds a sample; what lies past the end of the bus is dropped. `pan` -1 to 1. */
export const addTo = (bus: Bus, sample: Sample, frame: number, gain: number, pan: number) => {
  const angle = ((pan + 1) * Math.PI) / 4
  // stereo samples are balanced, mono ones panned; both keep their power, and 0 leaves stereo as it is
  const sides = sample.length === 2 ? Math.SQRT2 : 1
  add(bus[0], sample[0]!, frame, gain * sides * Math.cos(angle))
  add(bus[1], sample.at(-1)!, frame, gain * sides * Math.sin(angle))
}

/** Both channels onto a single one of half the rate: dark enough for a room, and half the work. */
export const addHalf = (bus: Float32Array, sample: Sample, frame: number, gain: number) => {
  const from = frame >> 1
  for (const data of sample) {
    const count = Math.min(data.length >> 1, bus.length - from)
    const share = gain / (2 * sample.length)
    for (let i = 0; i < count; i++) bus[from + i]! += (data[2 * i]! + data[2 * i + 1]!) * share
  }
}

const add = (into: Float32Array, data: Float32Array, frame: number, gain: number) => {
  const count = Math.min(data.length, into.length - frame)
  for (let i = 0; i < count; i++) into[frame + i]! += data[i]! * gain
}

/**
 * A bus steps back at each kick and returns until the next: the pumping of dance music, and room for the kick. In place; a
 * step of the iteration is one kick.
 */
export function* duck(
  bus: Bus,
  kicksS: readonly number[],
  depth: number,
  returnS: number,
  sampleRate: number,
): Generator<void> {
  const dip = Math.round(0.006 * sampleRate)
  const frames = Math.round(returnS * sampleRate)
  const curve = Float32Array.from({ length: dip + frames }, (_, i) =>
    i < dip ? 1 - (depth * i) / dip : 1 - depth * (0.5 + 0.5 * Math.cos((Math.PI * (i - dip)) / frames)),
  )
  const starts = kicksS.map((at) => Math.round(at * sampleRate) - dip).sort((a, b) => a - b)
  for (const [k, start] of starts.entries()) {
    const count = Math.min(curve.length, (starts[k + 1] ?? Infinity) - start)
    // a kick that comes before the return is over goes on from where the level is, or it would click
    const before = starts[k - 1] === undefined ? 1 : (curve[start - starts[k - 1]!] ?? 1)
    for (let i = Math.max(0, -start); i < count && start + i < bus[0].length; i++) {
      const gain = i < dip ? before + ((1 - depth - before) * i) / dip : curve[i]!
      bus[0][start + i]! *= gain
      bus[1][start + i]! *= gain
    }
    yield
  }
}

const BLOCK = 64

/**
 * The master, in place: no DC, a gentle compressor (2.5 : 1, both sides alike), and a ceiling that bends instead of
 * clipping. Our own, as browsers' compressors differ and come late by their look-ahead. Call it for consecutive stretches
 * with the state it gave back.
 */
export const master = (
  bus: Bus,
  from: number,
  to: number,
  sampleRate: number,
  state = MASTER_AT_REST,
): MasterState => {
  const { power, gain, dc } = state
  const rise = 1 - Math.exp(-BLOCK / (0.012 * sampleRate))
  const fall = 1 - Math.exp(-BLOCK / (0.18 * sampleRate))
  const pole = (2 * Math.PI * 12) / sampleRate
  let [level, before] = [power, gain]
  const offset = [...dc]
  for (let block = from; block < to; block += BLOCK) {
    const end = Math.min(to, block + BLOCK)
    let sum = 0
    for (let c = 0; c < 2; c++) {
      const data = bus[c]!
      let slow = offset[c]!
      for (let i = block; i < end; i++) {
        slow += pole * (data[i]! - slow)
        const x = data[i]! - slow
        data[i] = x
        sum += x * x
      }
      offset[c] = slow
    }
    const now = sum / (2 * (end - block))
    level += (now > level ? rise : fall) * (now - level)
    const over = level / THRESHOLD ** 2
    const after = over > 1 ? over ** ((1 / RATIO - 1) / 2) : 1
    for (let c = 0; c < 2; c++) {
      const data = bus[c]!
      for (let i = block; i < end; i++)
        data[i] = bend(data[i]! * (before + ((after - before) * (i - block)) / (end - block)))
    }
    before = after
  }
  return { power: level, gain: before, dc: [offset[0]!, offset[1]!] }
}

interface MasterState {
  readonly power: number
  readonly gain: number
  readonly dc: readonly [number, number]
}

const MASTER_AT_REST: MasterState = { power: 0, gain: 1, dc: [0, 0] }
const THRESHOLD = 0.22
const RATIO = 2.5

/** Linear up to 0.6, then ever flatter towards 0.95. */
const bend = (x: number) => {
  const size = Math.abs(x)
  if (size <= KNEE) return x
  return Math.sign(x) * (KNEE + (CEILING - KNEE) * Math.tanh((size - KNEE) / (CEILING - KNEE)))
}
const KNEE = 0.6
const CEILING = 0.95

/** Down to nothing at `toS`, along a cosine. */
export const fadeOut = (bus: Bus, fromS: number, toS: number, sampleRate: number) => {
  const [from, to] = [Math.round(fromS * sampleRate), Math.round(toS * sampleRate)]
  for (const data of bus)
    for (let i = Math.max(0, from); i < data.length; i++)
      data[i]! *= i < to ? (0.5 + 0.5 * Math.cos((Math.PI * (i - from)) / (to - from))) ** 2 : 0
}
