/** @file What is kept of a checkpoint: its very numbers, rounded or in bytes as the layout says, in order, and stoppable. */
import { describe, expect, test } from 'vitest'
import { openCheckpoint } from '../../workers/danceba/checkpoint/checkpoint'
import { fromBfloat, fromHalf, toHalf } from '../../workers/danceba/checkpoint/half'
import { numberPieces } from '../../workers/danceba/checkpoint/read'
import { recognise } from '../../workers/danceba/checkpoint/recognise'
import { fill, type Read } from '../../workers/danceba/network/fill'
import {
  BLOCK,
  LayoutBuilder,
  layoutOf,
  type Layout,
  type Precision,
} from '../../workers/danceba/network/layout'
import { shapeOf, tensorsOf } from '../../workers/danceba/network/shape'
import { poseLayoutOf, tensorsOf as poseTensorsOf } from '../../workers/danceba/motion/vqvae'
import { blobOf, float32, torchZip, View, type Store, type Tree } from '../fixtures/checkpoints'
import { generatorModel } from '../fixtures/danceba-checkpoints'
import { PUBLISHED, PUBLISHED_POSES, SMALL, SMALL_POSES } from '../fixtures/danceba-sizes'
import { weights } from '../fixtures/danceba-weights'
import { worst } from '../fixtures/worst'

const never = new AbortController().signal

const SHAPE = SMALL
const model = generatorModel

const readerOf = async (tree: Tree, damage?: (bytes: Buffer) => void) => {
  const bytes = Buffer.concat([...torchZip(tree)])
  damage?.(bytes)
  const checkpoint = await openCheckpoint(never, blobOf([bytes]))
  const { tensors } = recognise(checkpoint)
  const read: Read = (name) => numberPieces(never, checkpoint, tensors.get(name)!)
  return { read, tensors }
}

const filled = async (layout: Layout, read: Read, signal = never) => {
  const file = new Uint8Array(layout.bytes)
  let end = 0
  await fill(signal, layout, read, (offset, bytes) => {
    expect(offset).toBeGreaterThanOrEqual(end) // in order
    file.set(bytes, offset)
    end = offset + bytes.length
  })
  return (name: string) => {
    const { file: segment, offset, bytes } = layout.tensor(name)
    const from = layout.segment(segment).offset + offset
    return file.slice(from, from + bytes).buffer
  }
}

describe('out of a checkpoint', () => {
  const exact = /A_log|\.D$|bias|norm|ln\d|RMS|pos_emb|conv1d|position_scale/
  const kept = async (precision: Precision, tree: Tree = model(SHAPE)) => {
    const { read, tensors } = await readerOf(tree)
    const shape = shapeOf((name) => tensors.get(name), SHAPE.heads)
    expect(shape).toEqual(SHAPE)
    const layout = layoutOf(shape, precision)
    return { layout, at: await filled(layout, read) }
  }

  test('fp32 is what was saved', async () => {
    const { layout, at } = await kept('fp32')
    for (const { name, form, type } of layout.segments.flatMap(({ tensors }) => tensors)) {
      expect(type).toBe('float')
      const data = new Float32Array(at(name))
      if (form === 'as-is') expect(data, name).toEqual(weights(name, data.length))
    }
  })

  test.each(['fp16', 'int8'] as const)(
    '%s rounds matrices, and nothing that has to stay',
    async (precision) => {
      const { layout, at } = await kept(precision)
      const all = layout.segments.flatMap(({ tensors }) => tensors)
      for (const { name, type, form } of all) {
        if (exact.test(name)) expect(type, name).toBe('float')
        if (form !== 'half') continue
        const data = fromHalf(new Uint16Array(at(name)))
        const right = weights(name, data.length)
        expect(worst(data, right), name).toBeLessThanOrEqual(2 ** -15)
      }
      expect(all.some(({ form }) => form === 'half')).toBe(true)
      expect(all.some(({ form }) => form === 'int8')).toBe(precision === 'int8')
    },
  )

  test('the published ones are as large as they are known to be', () => {
    const count = (shapes: Iterable<readonly number[]>) =>
      [...shapes].reduce((sum, shape) => sum + shape.reduce((product, size) => product * size, 1), 0)
    const statistics = 3 * 2 * 768
    const unused = 2 * 768 // a norm
    const generator = count([...tensorsOf(PUBLISHED)].map(([, dims]) => dims))
    expect(generator - statistics + unused).toBe(250_727_425)
    expect(4 * count(poseTensorsOf(PUBLISHED_POSES).map(({ dims }) => dims))).toBe(262_371_628)
    // Three heads of rhythm rows are folded, and what is between tensors is less than that saves.
    const bytes = (['fp32', 'fp16', 'int8'] as const).map((precision) => layoutOf(PUBLISHED, precision).bytes)
    expect(bytes[0]).toBeLessThan(4 * generator)
    expect(bytes[1]! / bytes[0]!).toBeLessThan(0.6)
    expect(bytes[2]! / bytes[1]!).toBeLessThan(0.7)
  })

  test('poses have no form in bytes', () => {
    const shape = SMALL_POSES
    const [bytes, half] = (['int8', 'fp16'] as const).map((precision) => poseLayoutOf(shape, precision))
    expect(bytes).toEqual(half)
    const kinds = half!.segments.flatMap(({ tensors }) => tensors.map(({ name, type }) => [type, name]))
    expect(kinds.filter(([type]) => type === 'float16').length).toBeGreaterThan(100)
    for (const [type, name] of kinds) if (/bias$|bottleneck/.test(name!)) expect(type).toBe('float')
    expect(kinds.length).toBe(poseTensorsOf(shape).length)
  })

  test('int8 is within half a step of each output channel', async () => {
    const { layout, at } = await kept('int8')
    const name = 'gpt_head.blocks.0.mamba_3.in_proj.weight'
    expect(layout.tensor(name)).toMatchObject({ type: 'int8', dims: [128, 112] })
    const saved = weights(name, 112 * 128)
    const [values, scales] = [new Int8Array(at(name)), new Float32Array(at(`${name}.scales`))]
    for (let out = 0; out < 112; out++) {
      const row = saved.subarray(out * 128, out * 128 + 128)
      const most = row.reduce((a, b) => Math.max(a, Math.abs(b)), 0)
      expect(scales[out]).toBe(Math.fround(most / 127))
      const back = row.map((_, i) => values[i * 112 + out]! * scales[out]!)
      expect(worst(back, row)).toBeLessThanOrEqual((most / 127) * 0.50001)
    }
  })

  test('channels of zeros stay zeros', async () => {
    const name = 'gpt_base.blocks.0.mlp.0.weight'
    const zeros = { [`module.${name}`]: float32([80, 128], (i) => (i < 256 ? 0 : 1e-42)) }
    const { at } = await kept('int8', { ...model(SHAPE), ...zeros })
    expect(new Set(new Int8Array(at(name)))).toEqual(new Set([0]))
    expect(new Set(new Float32Array(at(`${name}.scales`)))).toEqual(new Set([1]))
  })

  test('other types of numbers', async () => {
    const name = 'gpt_base.cond_emb.bias'
    const half = toHalf(new Uint32Array(weights(name, 128).buffer))
    const store: Store = {
      key: 'half',
      dtype: 'float16',
      length: 128,
      bytes: () => new Uint8Array(half.buffer),
    }
    const { at } = await kept('fp32', { ...model(SHAPE), [`module.${name}`]: new View(store, [128]) })
    expect(new Float32Array(at(name))).toEqual(fromHalf(half))
  })
})

describe('in pieces', () => {
  const read: Read = async function* (name) {
    const all = weights(name, 70 * 200)
    for (let row = 0; row < 70; row += 23) yield all.slice(row * 200, Math.min(70, row + 23) * 200)
  }
  const layoutFor = (precision: Precision) =>
    new LayoutBuilder(precision).matrix('w', 70, 200).half('x', [70, 200]).segment('s').build()

  test.each(['fp32', 'fp16', 'int8', 'q8'] as const)('%s is the same as at once', async (precision) => {
    const layout = layoutFor(precision)
    const pieces = await filled(layout, read)
    const whole = await filled(layout, (name) => weights(name, 70 * 200))
    for (const { name } of layout.segments[0]!.tensors)
      expect(new Uint8Array(pieces(name)), name).toEqual(new Uint8Array(whole(name)))
  })

  test('q8 is within half a step of each block', async () => {
    const at = await filled(layoutFor('q8'), read)
    const [values, scales] = [new Uint8Array(at('w')), new Float32Array(at('w.scales'))]
    const saved = weights('w', 70 * 200)
    expect(scales.length).toBe(70 * 7)
    const off = Array.from(values, (value, i) => {
      const [row, column] = [Math.floor(i / (7 * BLOCK)), i % (7 * BLOCK)]
      const right = column < 200 ? saved[row * 200 + column]! : 0
      return Math.abs(value - 128 - right / scales[Math.floor(i / BLOCK)]!)
    })
    expect(Math.max(...off)).toBeLessThanOrEqual(0.50001)
  })

  test('the next one is read while this one is written', async () => {
    const order: string[] = []
    const watched: Read = async function* () {
      for (let piece = 0; piece < 3; piece++) {
        order.push(`read ${piece}`)
        yield new Float32Array(4)
      }
    }
    const layout = new LayoutBuilder('fp32').exact('x', [3, 4]).segment('s').build()
    let written = 0
    await fill(never, layout, watched, async () => {
      const piece = written++
      await new Promise((resolve) => setTimeout(resolve, 5))
      order.push(`written ${piece}`)
    })
    expect(order).toEqual(['read 0', 'read 1', 'written 0', 'read 2', 'written 1', 'written 2'])
  })

  test('too few of them, or broken rows', async () => {
    const few: Read = () => new Float32Array(69 * 200)
    for (const precision of ['fp32', 'int8', 'q8'] as const)
      await expect(filled(layoutFor(precision), few)).rejects.toThrow(RangeError)
    const broken: Read = async function* () {
      yield new Float32Array(300)
    }
    await expect(filled(layoutFor('int8'), broken)).rejects.toMatchObject({
      detail: { reason: 'too-complex', tensor: 'w' },
    })
  })

  test('what would be too large to turn', async () => {
    const layout = new LayoutBuilder('int8').matrix('w', 70_000, 1000).segment('s').build()
    await expect(
      fill(
        never,
        layout,
        () => new Float32Array(1000),
        () => undefined,
      ),
    ).rejects.toMatchObject({
      detail: { reason: 'too-complex', tensor: 'w' },
    })
  })
})

describe('it ends early', () => {
  const layout = layoutOf(SHAPE, 'fp16')

  test.each([NaN, -Infinity])(
    'values that are no numbers are refused by the name of their tensor: %f',
    async (value) => {
      const bad = { 'module.gpt_head.RMS_f.weight': float32([128], (i) => (i === 9 ? value : 1)) }
      const { read } = await readerOf({ ...model(SHAPE), ...bad })
      await expect(filled(layout, read)).rejects.toMatchObject({
        detail: { what: 'checkpoint', reason: 'not-finite', tensor: 'gpt_head.RMS_f.weight' },
      })
    },
  )

  test.each([
    ['gpt_head.blocks.0.mamba_2.A_log', [56, 8], 100, 'gpt_head.blocks.0.mamba_2.A_log'],
    ['gpt_base.pos_emb.pos_emb_2.bn2.running_var', [128], -1, 'gpt_base.pos_emb.pos_emb_2.linear2.weight'],
  ] as const)('so are those that become none: %s', async (name, shape, value, tensor) => {
    const { read } = await readerOf({ ...model(SHAPE), [`module.${name}`]: float32(shape, () => value) })
    await expect(filled(layout, read)).rejects.toMatchObject({ detail: { reason: 'not-finite', tensor } })
  })

  test('a wrong checksum ends it before it is whole', async () => {
    const { read } = await readerOf(model(SHAPE), (bytes) => {
      bytes[bytes.indexOf(Buffer.from(weights('gpt_head.head_down.weight', 4).buffer))]! ^= 1
    })
    await expect(filled(layout, read)).rejects.toMatchObject({ detail: { reason: 'damaged' } })
  })

  test('stopped between two pieces', async () => {
    const stop = new AbortController()
    const { read } = await readerOf(model(SHAPE))
    let writes = 0
    const attempt = fill(stop.signal, layout, read, () => {
      if (++writes === 3) stop.abort()
    })
    await expect(attempt).rejects.toThrow(/abort/)
    expect(writes).toBe(3)
  })
})

describe('16-bit numbers', () => {
  test('every half comes back as it was', () => {
    const all = Uint16Array.from(Array(65536).keys()).filter((h) => (h & 0x7c00) !== 0x7c00)
    const back = toHalf(new Uint32Array(fromHalf(all).buffer))
    // There are two zeros.
    expect(back.map((h) => (h === 0x8000 ? 0 : h))).toEqual(all.map((h) => (h === 0x8000 ? 0 : h)))
  })

  test.each([
    [1 + 2 ** -11, 1], // a tie goes to the even one
    [1 + 3 * 2 ** -11, 1 + 2 ** -9],
    [65519, 65504],
    [1e9, 65504],
    [-1e9, -65504],
    [2 ** -25, 0],
    [2 ** -25 * 1.001, 2 ** -24],
    [3 * 2 ** -25, 2 ** -23],
    [2 ** -14 - 2 ** -26, 2 ** -14],
    [1e-30, 0],
  ])('%f becomes %f', (value, half) => {
    expect(fromHalf(toHalf(new Uint32Array(new Float32Array([value]).buffer)))[0]).toBe(half)
  })

  test('bfloat16 is the upper half', () => {
    expect([...fromBfloat(new Uint16Array([0x3f80, 0xc000, 0x0000]))]).toEqual([1, -2, 0])
  })
})
