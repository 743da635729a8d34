/** @file How far Danceba's parts are from the reference's numbers, in tolerances: 1 is what is allowed. */
import { FEATURES, features } from '../../workers/danceba/features/features'
import { PoseDecoder } from '../../workers/danceba/motion/decoder'
import { PoseEncoder } from '../../workers/danceba/motion/encoder'
import { positionalGraph } from '../../workers/danceba/network/graphs'
import { Network, type Logits, type Window } from '../../workers/danceba/network/network'
import { positionalRows } from '../../workers/danceba/network/positional'
import type { ScanInput } from '../../workers/danceba/scan/scan'
import { openSession, Tensor } from '../../workers/runtime/sessions'
import { casesOf } from '../../test/fixtures/danceba-cases'
import { scanOnDevice } from '../../test/fixtures/on-device'
import { scanOnProcessor, transposed } from '../../test/fixtures/scans'
import { worst } from '../../test/fixtures/worst'
import { floats, has, must } from './reference'
import { generator, poses } from './weights'
import type { Place } from './place'
import { openNetwork } from './place'

const never = new AbortController().signal

export interface Deviation {
  /** The worst deviation over its tolerance. */
  readonly worst: number
  /** How many lists of numbers were compared. */
  readonly compared: number
}

/** A tolerance that nothing but equality holds. */
const EQUAL = 1e-9

/** Collects the worst. */
class Tally {
  #worst = 0
  #compared = 0

  add(ours: ArrayLike<number>, theirs: ArrayLike<number>, tolerance: number) {
    this.#compared++
    this.#worst = Math.max(this.#worst, worst(ours, theirs) / tolerance)
  }

  get result(): Deviation {
    return { worst: this.#worst, compared: this.#compared }
  }
}

export const { musicOf, windowOfCase } = casesOf({ floats, json: must })

const joined = ({ up, down }: Logits) => Float32Array.of(...up, ...down)
const scaleName = (scale: number) => (scale === 0 ? 'ps00' : 'ps01')

/** Columns of a row and their tolerance: MFCC, their slopes, chroma, onset, beat, tempogram. */
const COLUMNS = [
  [0, 20, 1e-3],
  [20, 40, 5e-4],
  [40, 52, 1e-4],
  [52, 53, 1e-4],
  [53, 54, EQUAL],
  [54, FEATURES, 1e-5],
] as const

const columns = (rows: Float32Array, from: number, to: number) =>
  rows.filter((_, i) => i % FEATURES >= from && i % FEATURES < to)
const silences = (rows: Float32Array) => Array.from(columns(rows, 52, 53), (value) => Number(value === 0))
const silent = (rows: Float32Array) => Array.from(columns(rows, 54, FEATURES), (value) => Number(value === 0))

/** The front end, which is the same wherever the networks run. */
export const featureParity = async (): Promise<Deviation> => {
  const tally = new Tally()
  for (const clip of ['a', 'b', 'c', 'd', 'e', 'f']) {
    const sound = await floats(`features/${clip}/input_3840.f32`)
    const { rows } = await features(never, sound, 3840, { onset: 'reference' })
    const wanted = await floats(`features/${clip}/features.f32`)
    for (const [from, to, tolerance] of COLUMNS)
      tally.add(columns(rows, from, to), columns(wanted, from, to), tolerance)
    // Where the reference hears nothing, nothing may be heard: exactly.
    tally.add(silences(rows), silences(wanted), EQUAL)
    if (!silences(wanted).includes(0)) tally.add(silent(rows), silent(wanted), EQUAL)
  }
  return tally.result
}

/** Rhythm rows before their scale, from the reference's phases and from our own. */
export const rowParity = async ({ device, threads }: Place): Promise<Deviation> => {
  const tally = new Tally()
  const { shape, layout, file } = await generator('fp32', 1, 1)
  const graph = positionalGraph(shape, layout)
  const { offset, bytes } = layout.segment('positional')
  const data = [{ path: 'positional', data: file.slice(offset, offset + bytes) }]
  const session = await openSession(never, graph.model, { data, device, threads })
  const rowsOf = async ({ phase, up }: Window) => {
    const frames = phase.length / shape.bins
    const out = await session.run({ phase: new Tensor('float32', phase, [frames, shape.bins]) })
    return positionalRows({ projected: out['rows']!.data as Float32Array, frames }, up.length)
  }
  for (const name of ['t1', 't5', 't17', 't28', 't28a']) {
    tally.add(await rowsOf(await windowOfCase(name)), await floats(`gpt/pre/${name}.f32`), 5e-5)
    const even = (await has(`gpt/pre/${name}-even0.f32`)) ? '-even0' : ''
    tally.add(await rowsOf(await windowOfCase(name, true)), await floats(`gpt/pre/${name}${even}.f32`), 1e-3)
  }
  await session.release()
  return tally.result
}

/** Rows after each stage, ONNX Runtime doing the scans. Of the last two only the rows that are read: the streams that dance. */
export const stageParity = async (
  { device, threads }: Place,
  blocks: readonly number[],
): Promise<Deviation> => {
  const tally = new Tally()
  for (const count of blocks)
    for (const scale of [0, 0.1]) {
      const stages = new Map<string, Float32Array>()
      const watch = (stage: string, rows: Float32Array) => stages.set(stage, rows)
      const from = await generator('fp32', count, scale)
      const network = await Network.open(never, { ...from, device, threads, watch })
      await network.logits(await windowOfCase('t5'), true)
      await network.release()
      for (const [stage, rows] of stages) {
        const wanted = await floats(`gpt/v${count}/${scaleName(scale)}/t5-hidden-${stage}.f32`)
        tally.add(rows, wanted.slice(-rows.length), 2e-4)
      }
    }
  return tally.result
}

export interface LogitsOrder {
  readonly blocks: number
  readonly scale: number
  readonly cases: readonly string[]
}

/** Logits of all frames of a window, the scans by the app's own kernels. */
export const logitParity = async (place: Place, orders: readonly LogitsOrder[]): Promise<Deviation> => {
  const tally = new Tally()
  for (const { blocks, scale, cases } of orders) {
    const network = await openNetwork(await generator('fp32', blocks, scale), place)
    const tolerance = blocks > 2 ? 5e-4 : 2e-4
    const folder = `gpt/v${blocks}/${scaleName(scale)}`
    for (const name of cases) {
      const logits = joined(await network.logits(await windowOfCase(name), true))
      tally.add(logits, await floats(`${folder}/${name}-logits.f32`), tolerance)
      const even = `${folder}-even0/${name}-logits.f32`
      if (scale === 0 || !(await has(even))) continue
      tally.add(
        joined(await network.logits(await windowOfCase(name, true), true)),
        await floats(even),
        tolerance,
      )
    }
    await network.release()
  }
  return tally.result
}

/** Both of the reference's scans, with and without their gate, and the states that they leave. */
export const scanParity = async ({ device, threads }: Place): Promise<Deviation> => {
  const tally = new Tally()
  for (const [channels, states, steps] of [
    [16, 8, 20],
    [64, 128, 28],
  ] as const) {
    const part = (name: string) => floats(`gpt/scan${channels}x${states}x${steps}/${name}.f32`)
    // The reference has its channels and states as rows.
    const rows = async (name: string, width: number) => ({
      data: transposed(await part(name), width, steps),
    })
    const [u, delta, z] = await Promise.all(['u', 'delta', 'z'].map((name) => rows(name, channels)))
    const [B, C] = await Promise.all(['B', 'C'].map((name) => rows(name, states)))
    const weights = { A: await part('A'), D: await part('D'), bias: await part('delta_bias') }
    const shape = { channels, states, steps }
    const input = { steps, u: u!, delta: delta!, B: B!, C: C! }
    const run = (input: ScanInput) => {
      const one = { shape, weights, input }
      return device ? scanOnDevice(device, one) : scanOnProcessor(one, threads)
    }
    const gated = await run({ ...input, z: z! })
    const plain = await run(input)
    tally.add(gated.y, (await rows('y', channels)).data, 2e-5)
    tally.add(plain.y, (await rows('y_ungated', channels)).data, 2e-5)
    tally.add(gated.state, await part('last_state'), 2e-6)
  }
  return tally.result
}

interface Codes {
  readonly up: number[]
  readonly down: number[]
}

/** Poses of codes. */
export const decodeParity = async (place: Place, names: readonly string[]): Promise<Deviation> => {
  const tally = new Tally()
  const { decode } = await must<{ decode: Record<string, Codes> }>('vqvae/index.json')
  const decoder = await PoseDecoder.open(never, { ...(await poses('fp32')), ...place })
  for (const name of names) {
    const { up, down } = decode[name]!
    const pairs = up.map((code, i) => ({ up: code, down: down[i]! }))
    tally.add(await decoder.decode(pairs), await floats(`vqvae/decode-${name}-pose.f32`), 1e-4)
  }
  await decoder.release()
  return tally.result
}

/** Codes of poses, and what they are before they are rounded to codes. A code that differs counts as infinitely far. */
export const encodeParity = async (place: Place, names: readonly string[]): Promise<Deviation> => {
  const tally = new Tally()
  const { encode } = await must<{ encode: Record<string, Codes> }>('vqvae/index.json')
  const encoder = await PoseEncoder.open(never, { ...(await poses('fp32')), ...place })
  for (const name of names) {
    const made = await encoder.encode(await floats(`vqvae/encode-${name}-pose.f32`))
    for (const half of ['up', 'down'] as const) {
      tally.add(made[half].latent, await floats(`vqvae/encode-${name}-latent-${half}.f32`), 1e-3)
      tally.add(made[half].codes, encode[name]![half], EQUAL)
    }
  }
  await encoder.release()
  return tally.result
}
