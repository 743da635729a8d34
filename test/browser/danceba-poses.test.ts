/** @file Danceba's auto-encoder of poses: the reference's numbers, and that pieces make the same dance as the whole. */
import { afterEach, describe, expect, test } from 'vitest'
import { PoseDecoder } from '../../workers/danceba/motion/decoder'
import { PoseEncoder } from '../../workers/danceba/motion/encoder'
import { Path, POSE, posesOf } from '../../workers/danceba/motion/pose'
import {
  poseLayoutOf,
  poseShapeOf,
  reachOf,
  tensorsOf,
  type PoseShape,
} from '../../workers/danceba/motion/vqvae'
import type { Pair } from '../../workers/danceba/network/decode'
import type { Precision } from '../../workers/danceba/network/layout'
import { makeDevice } from '../../workers/runtime/gpu'
import {
  floats,
  hasReference,
  json,
  referenceOf,
  stored,
  WITHOUT,
  type Checkpoint,
} from '../fixtures/danceba-network'
import { makeWeights, values } from '../fixtures/danceba-weights'
import { worst } from '../fixtures/worst'

const never = new AbortController().signal

const opened: { release(): Promise<void> }[] = []
afterEach(async () => {
  for (const each of opened.splice(0)) await each.release()
})

const optionsFor = async (checkpoint: Checkpoint, precision: Precision = 'fp32') => {
  const shape = poseShapeOf(checkpoint.table)
  const layout = poseLayoutOf(shape, precision)
  return { shape, layout, file: await stored(layout, checkpoint) }
}
const kept = <T extends { release(): Promise<void> }>(made: T): T => {
  opened.push(made)
  return made
}

async function* coming(pairs: readonly Pair[]) {
  for (const pair of pairs) yield pair
}
const paired = (up: readonly number[], down: readonly number[]): Pair[] =>
  up.map((code, i) => ({ up: code, down: down[i]! }))

const SHAPE: PoseShape = { width: 8, codes: 16, stages: 3, depth: 3 }
const shapes = new Map(tensorsOf(SHAPE).map(({ name, dims }) => [name, dims]))
const tiny: Checkpoint = {
  table: (name) => {
    const shape = shapes.get(name)
    return shape && { shape }
  },
  weights: (name) => makeWeights(name, { shape: shapes.get(name)!, rule: 'uniform', m: 0, a: 0.3 }),
}

/** Convolution in plain double precision: channels × frames, out × in × taps, zeros beyond the ends. */
const plainConv = (x: number[][], name: string, taps: number, dilation: number): number[][] => {
  const w = tiny.weights(`${name}.weight`)
  const b = tiny.weights(`${name}.bias`)
  const reach = ((taps - 1) / 2) * dilation
  return Array.from(b, (bias, out) =>
    x[0]!.map((_, frame) => {
      let sum = bias
      for (let into = 0; into < x.length; into++)
        for (let tap = 0; tap < taps; tap++)
          sum += w[(out * x.length + into) * taps + tap]! * (x[into]![frame - reach + tap * dilation] ?? 0)
      return sum
    }),
  )
}

/** The same, transposed: four taps, twice as many frames. */
const plainDoubled = (x: number[][], name: string): number[][] => {
  const w = tiny.weights(`${name}.weight`)
  const b = tiny.weights(`${name}.bias`)
  return Array.from(b, (bias, out) =>
    Array.from({ length: x[0]!.length * 2 }, (_, frame) => {
      let sum = bias
      for (let into = 0; into < x.length; into++)
        for (let tap = 0; tap < 4; tap++) {
          const from = (frame + 1 - tap) / 2
          sum += w[(into * b.length + out) * 4 + tap]! * (Number.isInteger(from) ? (x[into]![from] ?? 0) : 0)
        }
      return sum
    }),
  )
}

const plainDecoder = (name: string, codebook: string, codes: readonly number[]): number[][] => {
  const book = tiny.weights(codebook)
  const relu = (x: number[][]) => x.map((row) => row.map((value) => Math.max(0, value)))
  const model = `${name}.level_blocks.0.model`
  const vectors = Array.from({ length: SHAPE.width }, (_, i) =>
    codes.map((code) => book[code * SHAPE.width + i]!),
  )
  let x = plainConv(vectors, `${model}.0`, 3, 1)
  for (let stage = 1; stage <= SHAPE.stages; stage++) {
    ;[9, 3, 1].forEach((dilation, i) => {
      const block = `${model}.${stage}.0.model.${i}.model`
      const inner = plainConv(relu(x), `${block}.1`, 3, dilation)
      const added = plainConv(relu(inner), `${block}.3`, 1, 1)
      x = x.map((row, channel) => row.map((value, frame) => value + added[channel]![frame]!))
    })
    x = plainDoubled(x, `${model}.${stage}.1`)
  }
  return plainConv(x, `${name}.out`, 3, 1)
}

const v = values('tiny codes')
const CODES = Array.from({ length: 90 }, (_, i) => Math.floor(((v(i) + 1) / 2) * SHAPE.codes))
const PAIRS = paired(CODES, CODES.toReversed())

describe('a tiny auto-encoder', () => {
  test('says what does not fit', () => {
    expect(poseShapeOf(tiny.table)).toEqual(SHAPE)
    const name = 'vqvae_up.decoders.0.out.weight'
    // The model that was trained with 22 joints: two fewer in the upper half.
    const fork = (asked: string) => (asked === name ? { shape: [39, 8, 3] } : tiny.table(asked))
    expect(() => poseShapeOf(fork)).toThrow(`${name} is 39 × 8 × 3, where 45 × 8 × 3 is needed`)
    expect(() => poseShapeOf(() => undefined)).toThrow('the checkpoint has no vqvae_up.bottleneck')
  })

  test('decodes as plain arithmetic does', async () => {
    const decoder = kept(await PoseDecoder.open(never, await optionsFor(tiny)))
    const pairs = PAIRS.slice(0, 5)
    const [up, down] = [pairs.map((pair) => pair.up), pairs.map((pair) => pair.down)]
    const flat = (rows: number[][]) => Float32Array.from(rows.flat())
    const wanted = posesOf(
      flat(plainDecoder('vqvae_up.decoders.0', 'vqvae_up.bottleneck.level_blocks.0.k', up)),
      flat(plainDecoder('vqvae_down.decoders.0', 'vqvae_down.bottleneck.level_blocks.0.k', down)),
      flat(plainDecoder('vqvae_down.decoders_root.0', 'vqvae_down.bottleneck.level_blocks.0.k', down)),
    )
    const poses = await decoder.decode(pairs)
    expect(poses.length).toBe(5 * 8 * POSE)
    expect(worst(poses, wanted)).toBeLessThan(1e-4)
  })

  test('hears a code 25 codes away at most, and that far it does', async () => {
    expect(reachOf(SHAPE)).toBe(25)
    const decoder = kept(await PoseDecoder.open(never, await optionsFor(tiny)))
    const before = await decoder.decode(PAIRS)
    const changed = PAIRS.map((pair, i) =>
      i === 45 ? { up: (pair.up + 1) % 16, down: (pair.down + 1) % 16 } : pair,
    )
    const after = await decoder.decode(changed)
    const differs = Array.from({ length: PAIRS.length * 8 }, (_, frame) => frame).filter(
      (frame) =>
        worst(before.slice(frame * POSE, (frame + 1) * POSE), after.slice(frame * POSE, (frame + 1) * POSE)) >
        0,
    )
    // As the field of its convolutions says: 198 frames before its own first one, 205 after.
    expect(differs[0]).toBeGreaterThanOrEqual(45 * 8 - 198)
    expect(differs.at(-1)).toBeLessThanOrEqual(45 * 8 + 205)
    expect(differs.length).toBeGreaterThan(8)
  })

  test.for([1, 7, 16, 200])('in pieces of %i codes it is the same dance', async (piece) => {
    const decoder = kept(await PoseDecoder.open(never, await optionsFor(tiny)))
    const whole = new Path().walk(await decoder.decode(PAIRS))
    const pieces: number[] = []
    for await (const part of decoder.stream(never, coming(PAIRS), piece)) pieces.push(...part)
    expect(worst(pieces, whole)).toBeLessThan(2e-5)
  })

  test('stops between pieces', async () => {
    const decoder = kept(await PoseDecoder.open(never, await optionsFor(tiny)))
    const stop = new AbortController()
    const stream = decoder.stream(stop.signal, coming(PAIRS), 8)
    await stream.next()
    stop.abort()
    await expect(stream.next()).rejects.toThrow(/abort/)
  })
})

interface Decoded {
  readonly up: number[]
  readonly down: number[]
}

describe('the reference', () => {
  const TOLERANCE = 1e-4

  test('decodes to its poses', { timeout: 300_000 }, async ({ skip }) => {
    if (!hasReference) return skip(WITHOUT)
    const { decode } = await json<{ decode: Record<string, Decoded> }>('vqvae/index.json')
    const decoder = kept(await PoseDecoder.open(never, await optionsFor(await referenceOf('vqvae'))))
    for (const [name, { up, down }] of Object.entries(decode)) {
      const pose = await decoder.decode(paired(up, down))
      expect(worst(pose, await floats(`vqvae/decode-${name}-pose.f32`)), name).toBeLessThan(TOLERANCE)
      const absolute = await floats(`vqvae/decode-${name}-absolute.f32`)
      const pieces: number[] = []
      for await (const part of decoder.stream(never, coming(paired(up, down)), 24)) pieces.push(...part)
      expect(worst(pieces, absolute), name).toBeLessThan(TOLERANCE)
    }
  })

  test('encodes to its codes', { timeout: 300_000 }, async ({ skip }) => {
    if (!hasReference) return skip(WITHOUT)
    const { encode } = await json<{ encode: Record<string, Decoded> }>('vqvae/index.json')
    const encoder = kept(await PoseEncoder.open(never, await optionsFor(await referenceOf('vqvae'))))
    for (const [name, codes] of Object.entries(encode)) {
      const { up, down } = await encoder.encode(await floats(`vqvae/encode-${name}-pose.f32`))
      expect(worst(up.latent, await floats(`vqvae/encode-${name}-latent-up.f32`)), name).toBeLessThan(1e-3)
      expect(worst(down.latent, await floats(`vqvae/encode-${name}-latent-down.f32`)), name).toBeLessThan(
        1e-3,
      )
      expect([...up.codes]).toEqual(codes.up)
      expect([...down.codes]).toEqual(codes.down)
    }
  })

  test('encodes to its codes on WebGPU', { timeout: 600_000 }, async ({ skip }) => {
    if (!hasReference) return skip(WITHOUT)
    const { encode } = await json<{ encode: Record<string, Decoded> }>('vqvae/index.json')
    const device = await makeDevice()
    const options = await optionsFor(await referenceOf('vqvae'))
    const encoder = kept(await PoseEncoder.open(never, { ...options, device }))
    const { up, down } = await encoder.encode(await floats('vqvae/encode-odd-pose.f32'))
    expect(worst(up.latent, await floats('vqvae/encode-odd-latent-up.f32'))).toBeLessThan(1e-3)
    expect(worst(down.latent, await floats('vqvae/encode-odd-latent-down.f32'))).toBeLessThan(1e-3)
    expect({ up: [...up.codes], down: [...down.codes] }).toMatchObject({
      up: encode['odd']!.up,
      down: encode['odd']!.down,
    })
    await encoder.release()
    opened.length = 0
    device.destroy()
  })

  test(
    'decodes to nearly its poses from weights in half precision',
    { timeout: 300_000 },
    async ({ skip }) => {
      if (!hasReference) return skip(WITHOUT)
      const { decode } = await json<{ decode: Record<string, Decoded> }>('vqvae/index.json')
      const options = await optionsFor(await referenceOf('vqvae'), 'fp16')
      const decoder = kept(await PoseDecoder.open(never, options))
      const { up, down } = decode['main']!
      const wanted = await floats('vqvae/decode-main-pose.f32')
      expect(worst(await decoder.decode(paired(up, down)), wanted)).toBeLessThan(5e-3)
    },
  )
})
