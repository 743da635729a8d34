/** @file The device that this test runs on, as the page sees it. */
import { expect, test, vi } from 'vitest'
import { detect } from '../../src/models/device'

const { signal } = new AbortController()

test('finds what this browser has', async () => {
  const device = await detect(signal)
  expect(device.cores).toBe(navigator.hardwareConcurrency)
  expect(device.isolated).toBe(crossOriginIsolated)
  expect(device.storage).toMatchObject({ opfs: true })
  expect(device.storage.quota).toBeGreaterThan(0)
  expect(device.builtIn['speech-synthesis']).toBe('available')
  expect(device.browser).toMatch(/^Chrome \d/)
  expect(device.form).toBe('desktop')
  if (device.gpu.kind === 'webgpu') {
    expect(device.gpu.software).toBe(true)
    expect(device.gpu.limits.maxBufferSize).toBeGreaterThan(2 ** 27)
  } else expect(device.gpu.why).toMatch(/no-api|no-adapter/)
})

test('a browser that breaks down over a question is one that lacks the thing', async () => {
  const ask = vi.spyOn(navigator.storage, 'estimate').mockRejectedValue(new TypeError('refused'))
  const device = await detect(signal)
  expect(device.storage.quota).toBeUndefined()
  ask.mockRestore()
})

test('stops when it is told to', async () => {
  await expect(detect(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
})
