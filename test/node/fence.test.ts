/** @file The fence between folders stands: what the import table forbids is an error, what it allows is none. */
import { ESLint, Linter } from 'eslint'
import { expect, test } from 'vitest'

const eslint = new ESLint({ cwd: new URL('../..', import.meta.url).pathname })

const complaints = async (file: string, source: string): Promise<string[]> => {
  const config = (await eslint.calculateConfigForFile(file)) as { rules?: Linter.RulesRecord } | undefined
  const rule = config?.rules?.['no-restricted-imports'] ?? 'off'
  return new Linter()
    .verify(`import '${source}'`, [{ rules: { 'no-restricted-imports': rule } }])
    .map(({ message }) => message)
}

test.each([
  ['src/conversation/x.ts', '../shared/fault'],
  ['src/conversation/x.ts', '../engine/engines'],
  ['src/stage/x.ts', 'three'],
  ['src/stage/x.ts', '@pixiv/three-vrm'],
  ['src/app.ts', './stage/stage'],
  ['workers/voice.ts', '../src/shared/wire'],
  ['workers/voice.ts', './voice/flite/flite'],
  ['workers/motion.ts', '../src/motion/files'],
  ['src/dance/x.ts', 'mediabunny'],
  ['workers/voice/flite/x.ts', '../../../src/shared/wire'],
  ['workers/voice/flite/x.ts', '../../runtime/files'],
  ['workers/voice/flite/x.ts', '@bjorn3/browser_wasi_shim'],
  ['workers/danceba/network/x.ts', '../features/frames'],
  ['workers/danceba/network/x.ts', '../../runtime/gpu'],
  ['workers/danceba/features/x.ts', 'fft.js'],
])('%s may import %s', async (file, source) => {
  expect(await complaints(file, source)).toEqual([])
})

test.each([
  ['src/shared/x.ts', '../audio/speaker'],
  ['src/stage/x.ts', '../ui/say'],
  ['src/ui/parts/x.ts', '../../engine/host'],
  ['src/ui/x.ts', 'three'],
  ['src/audio/x.ts', 'comlink'],
  ['src/engine/x.ts', '../../workers/voice'],
  ['workers/voice.ts', './store'],
  ['workers/voice.ts', '../src/engine/host'],
  ['workers/voice.ts', '../src/motion/files'],
  ['workers/motion.ts', '../src/dance/film'],
  ['src/stage/x.ts', 'mediabunny'],
  ['workers/voice.ts', 'onnxruntime-web'],
  ['workers/voice/flite/x.ts', '../../lips/head-audio'],
  ['workers/voice/flite/x.ts', '../../../src/audio/lips'],
  ['workers/lips/x.ts', '@bjorn3/browser_wasi_shim'],
  ['workers/danceba/network/x.ts', '../../music/signal'],
  ['workers/danceba/network/x.ts', '../../../src/audio/lips'],
  ['workers/lips/x.ts', 'fft.js'],
])('%s may not import %s', async (file, source) => {
  expect((await complaints(file, source)).length).toBeGreaterThan(0)
})
