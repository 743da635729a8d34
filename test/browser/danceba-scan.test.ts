/** @file The selective scan where only a browser can do it: on several threads, and on a GPU device. */
import { afterAll, describe, expect, test } from 'vitest'
import { costOf, openGpuScan, type GpuScan } from '../../workers/danceba/scan/gpu'
import { scan } from '../../workers/danceba/scan/reference'
import type { Rows, ScanShape } from '../../workers/danceba/scan/scan'
import { makeDevice } from '../../workers/runtime/gpu'
import type { ScanReport } from '../fakes/scan-user'
import { onDevice, scanOnDevice } from '../fixtures/on-device'
import { array, largest, scanCase } from '../fixtures/scans'

const { signal } = new AbortController()

describe('on threads', () => {
  test.each([1, 3])('%i of them come to what is on paper, every time', async (threads) => {
    const worker = new Worker(new URL('../fakes/scan-user.ts', import.meta.url), { type: 'module' })
    const report = await new Promise<ScanReport>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<ScanReport>) => resolve(data)
      worker.onerror = ({ message }) => reject(new Error(message))
      worker.postMessage(threads)
    })
    worker.terminate()
    expect(report).toMatchObject({ threads: report.canShare ? threads : 1, different: 0 })
    expect(report.off).toBeLessThan(2e-5)
  })

  test('this browser shares memory, so that more than one was tried', () => {
    expect(typeof SharedArrayBuffer).toBe('function')
  })
})

const device = await makeDevice()
const { submit, upload, uploadInput, output, read } = onDevice(device)

describe('on a GPU', () => {
  afterAll(() => device.destroy())

  test.each<[ScanShape, string]>([
    [{ channels: 96, states: 128, steps: 28 }, 'as Danceba'],
    [{ channels: 70, states: 8, steps: 20 }, 'two threads a channel, and channels left over'],
    [{ channels: 5, states: 4, steps: 1 }, 'one thread a channel'],
    [{ channels: 16, states: 128, steps: 100 }, 'more steps than a window has'],
  ])('%o: %s', async (shape) => {
    const one = scanCase(shape)
    const state = new Float64Array(shape.channels * shape.states)
    const right = scan(shape, one.weights, one.input, state)
    device.pushErrorScope('validation')
    const made = await scanOnDevice(device, one)
    expect(await device.popErrorScope()).toBeNull()
    expect(largest(made.y, right)).toBeLessThan(2e-5)
    expect(largest(made.state, state)).toBeLessThan(2e-6)
  })

  test('several in one pass, of columns of the same buffers, without a gate; and on from where one stopped', async () => {
    const shape = { channels: 16, states: 16, steps: 6 }
    const { weights, input } = scanCase(shape, 3)
    const scanner = await openGpuScan(signal, device, shape)
    // As a layer leaves it: rows of u, delta, B, C and more.
    const width = 72
    const table = array(6 * width, () => NaN)
    const columns = { u: 0, delta: 16, B: 32, C: 52 }
    const put = (name: keyof typeof columns, columnsOf: number) => {
      for (let t = 0; t < 6; t++) {
        const row = input[name].data.subarray(t * columnsOf, (t + 1) * columnsOf)
        table.set(row, t * width + columns[name])
      }
    }
    for (const name of ['u', 'delta', 'B', 'C'] as const) put(name, 16)
    const data = upload(table)
    const rows = (name: keyof typeof columns, from: number): Rows<GPUBuffer> => ({
      data,
      offset: from * width + columns[name],
      stride: width,
    })
    const part = (from: number, steps: number, state?: GPUBuffer): GpuScan => ({
      steps,
      u: rows('u', from),
      delta: rows('delta', from),
      B: rows('B', from),
      C: rows('C', from),
      weights: held,
      y: output(steps * 16),
      ...(state && { state }),
    })
    const held = scanner.hold(weights)
    const state = scanner.addState()
    const scans = [part(0, 6), part(0, 2, state), part(2, 4, state)]
    submit((pass) => scanner.encode(pass, scans))
    const [whole, first, second] = await Promise.all(scans.map(({ y }) => read(y)))
    const { z: _, ...ungated } = input
    expect(largest(whole!, scan(shape, weights, ungated))).toBeLessThan(2e-5)
    expect([...first!, ...second!]).toEqual([...whole!])
    scanner.close()
  })

  test('refuses what does not fit, by name', async () => {
    const shape = { channels: 8, states: 4, steps: 3 }
    const odd = { ...shape, states: 6 }
    await expect(openGpuScan(signal, device, odd)).rejects.toThrow('scans of 6 states')
    const scanner = await openGpuScan(signal, device, shape)
    const { weights, input } = scanCase(shape)
    const one = { ...uploadInput(input), weights: scanner.hold(weights), y: output(24) }
    const encode = (scan: GpuScan) => () => submit((pass) => scanner.encode(pass, [scan]))
    expect(encode({ ...one, steps: 4 })).toThrow('4 steps')
    expect(encode({ ...one, u: { ...one.u, offset: 1 } })).toThrow('u of a scan ends at 25')
    expect(encode({ ...one, B: { ...one.B, offset: 1 } })).toThrow(
      'B of a scan does not lie on multiples of 4',
    )
    expect(encode({ ...one, y: output(20) })).toThrow('y of a scan')
    scanner.close()
  })

  test('moves 3 MB and computes 11 million states a scan of Danceba', () => {
    const cost = costOf({ channels: 3072, states: 128, steps: 28 }, 28)
    expect(cost.bytes).toBe(4 * (4 * 86_016 + 2 * 3584 + 393_216 + 4 * 3072))
    expect(cost.operations).toBe(6 * 11_010_048 + 24 * 86_016)
    expect(cost.exponentials).toBe(11_010_048 + 2 * 86_016)
  })
})
