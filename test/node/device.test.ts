/** @file What is read from a browser's answers, and the report of it. `detect` itself: test/browser/device.test.ts. */
import { expect, test } from 'vitest'
import { formOf, gpuKey, readAgent } from '../../src/models/device'
import { report } from '../../src/models/report'
import { IPHONE, LAPTOP, SOFTWARE, WITHOUT_GPU } from '../fixtures/devices'

const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)'

test.each<[string, number, string, string, string]>([
  [
    `Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} Chrome/156.0.0.0 Safari/537.36`,
    0,
    'Chrome 156.0.0.0',
    'Linux',
    'desktop',
  ],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/156.0.0.0 Safari/537.36 Edg/156.0.1.2`,
    0,
    'Edge 156.0.1.2',
    'Windows',
    'desktop',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:150.0) Gecko/20100101 Firefox/150.0',
    0,
    'Firefox 150.0',
    'macOS',
    'desktop',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15',
    0,
    'Safari 26.1',
    'macOS',
    'desktop',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15',
    5,
    'Safari 26.1',
    'macOS',
    'tablet',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1',
    5,
    'Safari 26.1',
    'iOS',
    'phone',
  ],
  [
    `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/156.0.0.0 Mobile Safari/537.36`,
    5,
    'Chrome 156.0.0.0',
    'Android',
    'phone',
  ],
  [
    `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/156.0.0.0 Safari/537.36`,
    5,
    'Chrome 156.0.0.0',
    'Android',
    'tablet',
  ],
  ['', 0, 'unknown', 'unknown', 'desktop'],
])('%s', (agent, touchPoints, browser, system, form) => {
  expect(readAgent(agent)).toEqual({ browser, system })
  expect(formOf(agent, touchPoints)).toBe(form)
})

test('a verdict holds for a GPU and a version of the browser', () => {
  expect(gpuKey(LAPTOP)).toBe('nvidia lovelace Chrome 156')
  expect(gpuKey(SOFTWARE)).toBe('google swiftshader Chrome 156')
  expect(gpuKey(WITHOUT_GPU)).toBe('none')
})

test('the report says all of it, a line each', () => {
  const lines = report({ ...LAPTOP, storage: { ...LAPTOP.storage, usage: 1.25e9 } }, { App: '0.1.0' }).split(
    '\n',
  )
  expect(lines).toEqual([
    'App: 0.1.0',
    'Browser: Chrome 156.0.0.0',
    'System: Windows, desktop',
    'Processors: 8',
    'Memory: 16 GB, says the browser',
    'WebGPU: nvidia lovelace',
    '16-bit shaders: yes',
    'Subgroups: yes',
    'Features: shader-f16 subgroups timestamp-query',
    'maxBufferSize: 4294967296',
    'maxStorageBufferBindingSize: 2147483648',
    'maxStorageBuffersPerShaderStage: 10',
    'maxComputeWorkgroupStorageSize: 32768',
    'maxComputeInvocationsPerWorkgroup: 1024',
    'Cross-origin isolated: yes',
    'Storage: 1.3 GB of 300.0 GB used, the browser may clear it',
    'Built-in prompt: absent',
    'Built-in translator: absent',
    'Built-in speech-synthesis: available',
    'Built-in speech-recognition: absent',
  ])
})

test('what is not known is said to be unknown', () => {
  const text = report({
    ...IPHONE,
    gpu: { kind: 'none', why: 'no-api' },
    storage: { opfs: false, persisted: false },
  })
  expect(text).toContain('Memory: the browser does not say')
  expect(text).toContain('WebGPU: no: the browser has no WebGPU here')
  expect(text).toContain('Storage: the browser lets the page keep no files')
  expect(text).toContain('Cross-origin isolated: no')
  expect(report({ ...LAPTOP, storage: { opfs: true, persisted: true } })).toContain(
    'Storage: room unknown, kept for good',
  )
})
