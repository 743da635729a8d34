/**
 * @file A fake engine for manager.test.ts: it holds no model, and what becomes of a load is in the model's name and its backend.
 */
import type { Loaded, LoadStep, ModelEngine, Variant } from '../../src/shared/contracts'
import { Fault } from '../../src/shared/fault'
import { Feed } from '../../src/shared/feed'
import { serve } from '../../src/shared/wire'

export class Fickle implements ModelEngine {
  readonly #steps = new Feed<LoadStep>()

  async load(_: AbortSignal, variant: Variant, { proven = false } = {}): Promise<Loaded> {
    if (variant.kind !== 'local') throw new Fault('bad-input', 'not a model')
    const { model, backend } = variant
    this.#steps.push({ kind: 'reading', bytes: 1, of: 2 })
    if (model.startsWith('slow')) await new Promise((resolve) => setTimeout(resolve, 300))
    if (backend === 'webgpu' && model.startsWith('no-gpu')) throw broken('load-failed', 'self-test')
    if (model.startsWith('broken')) throw broken('load-failed', 'self-test')
    if (model.startsWith('no model')) throw broken('load-failed', 'config')
    if (model.startsWith('lost')) throw broken('device-lost')
    if (model.startsWith('stuck')) await new Promise(() => undefined)
    if (model.startsWith('foreign'))
      throw new Fault('unsupported', 'another task', { detail: { poisoned: true } })
    this.#steps.push({ kind: proven ? 'starting' : 'testing' })
    this.#steps.end()
    return { runsOn: backend, leavesDevice: false }
  }

  async *loading(): AsyncIterable<LoadStep> {
    yield* this.#steps
  }

  /** Something that takes a moment. */
  async work(): Promise<string> {
    await new Promise((resolve) => setTimeout(resolve, 100))
    return 'done'
  }
}

const broken = (code: 'load-failed' | 'device-lost', reason?: string) =>
  new Fault(code, 'on purpose', { detail: { poisoned: true, reason } })

serve(new Fickle())
