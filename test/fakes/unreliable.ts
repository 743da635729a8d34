/** @file A fake chat worker: echoes the last turn word by word, and fails on demand in each way that a worker can. */
import type { Engine, Loaded, Turn } from '../../src/shared/contracts'
import { Fault } from '../../src/shared/fault'
import { handOver, serve } from '../../src/shared/wire'

export interface Unreliable extends Engine {
  reply(signal: AbortSignal, turns: readonly Turn[]): AsyncIterable<string>
  boom(kind: 'fault' | 'plain' | 'timer' | 'wait' | 'hang' | 'reject' | 'memory'): Promise<void>
  aborted(): Promise<boolean>
  /** Typed arrays, handed over or copied; the reader asks afterwards how many bytes the writer still holds. */
  blocks(signal: AbortSignal, count: number, handed: boolean): AsyncIterable<{ block: Float32Array }>
  left(): Promise<number>
}

class FakeChat implements Unreliable {
  #last: AbortSignal | undefined
  #given: Float32Array[] = []

  async load(signal: AbortSignal): Promise<Loaded> {
    signal.throwIfAborted()
    return { runsOn: 'wasm', leavesDevice: false }
  }

  async *reply(signal: AbortSignal, turns: readonly Turn[]) {
    this.#last = signal
    for (const word of turns.at(-1)!.text.split(' ')) {
      await new Promise((r) => setTimeout(r, 5))
      signal.throwIfAborted()
      yield word
    }
  }

  async boom(kind: Parameters<Unreliable['boom']>[0]) {
    switch (kind) {
      case 'fault':
        throw new Fault('out-of-memory', 'no room', { detail: { needed: 7 }, cause: new Error('inner') })
      case 'plain':
        throw new TypeError('plain')
      case 'timer':
        setTimeout(() => {
          throw new Error('later')
        })
        break
      case 'reject':
        void Promise.reject(new Error('nobody awaited'))
        break
      case 'memory':
        for (const blocks: ArrayBuffer[] = []; ;) blocks.push(new ArrayBuffer(2 ** 33))
      case 'hang':
        for (;;); // nothing but terminate() ends this
      case 'wait':
    }
    await new Promise(() => undefined)
  }

  async aborted() {
    return this.#last?.aborted ?? false
  }

  async *blocks(signal: AbortSignal, count: number, handed: boolean) {
    for (let n = 0; n < count; n++) {
      signal.throwIfAborted()
      const block = new Float32Array(1000).fill(n)
      this.#given.push(block)
      yield handed ? handOver({ block }, [block.buffer]) : { block }
    }
  }

  async left() {
    return this.#given.reduce((bytes, block) => bytes + block.byteLength, 0)
  }
}

serve(new FakeChat())
