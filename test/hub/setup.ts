/** @file Before the tests in the browser: a hub beside them, with repositories that are made here. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { float32, torchLegacy, torchZip } from '../fixtures/checkpoints'
import { generatorTree, posesTree } from '../fixtures/danceba-checkpoints'
import { SMALL, SMALL_POSES } from '../fixtures/danceba-sizes'
import { buildModel } from './build.js'
import { startHubServer } from './hub-server.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** The address of the hub, with a slash at its end, and of one whose links to the storage have expired at once. */
    hub: { readonly host: string; readonly expiring: string }
  }
}

/** Bytes that look like weights: no two blocks alike, the same in each run. */
const noise = (bytes: number, seed: number) => {
  const data = new Uint32Array(Math.ceil(bytes / 4))
  let state = seed
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    data[i] = state
  }
  return new Uint8Array(data.buffer, 0, bytes)
}

const REPOS: Record<string, Record<string, string | Uint8Array>> = {
  'test/model': {
    'config.json': '{ "model_type": "llama" }\n',
    'empty.txt': '',
    'onnx/model_q4.onnx': noise(1_000_003, 1),
    'onnx/model.onnx': noise(700_000, 2),
    'voices/a name.bin': noise(5000, 3),
  },
  // The same file as above, under another name.
  'test/twin': {
    'weights.onnx': noise(1_000_003, 1),
    'config.json': '<!doctype html><title>Sign in</title>',
  },
  // Danceba's two checkpoints, and what else people drop.
  'test/danceba': {
    'epoch_0.pt': Buffer.concat([...torchZip(generatorTree(SMALL))]),
    'epoch_500.pt': torchLegacy(posesTree(SMALL_POSES)),
    'weights.rar': Buffer.concat([Buffer.from('Rar!\x1a\x07\x00'), noise(5_000_000, 4)]),
    'page.pt': '<!doctype html><title>Sign in</title>',
    'other.pt': torchLegacy({ 'conv1.weight': float32([4, 3], Number) }),
  },
  'test/chat': Object.fromEntries(buildModel('chat')),
  'test/many': Object.fromEntries(
    Array.from({ length: 25 }, (_, i) => [`voices/${i}.bin`, noise(1000 + i, i)]),
  ),
}

export default async ({ provide }: TestProject) => {
  const root = mkdtempSync(join(tmpdir(), 'hub-'))
  for (const [repo, files] of Object.entries(REPOS))
    for (const [path, content] of Object.entries(files)) {
      const file = join(root, repo, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, content)
    }
  const hub = await startHubServer({ root })
  const expiring = await startHubServer({ root, linkLifetimeSeconds: -1 })
  provide('hub', { host: hub.host, expiring: expiring.host })
  return async () => {
    await Promise.all([hub.close(), expiring.close()])
    rmSync(root, { recursive: true })
  }
}
