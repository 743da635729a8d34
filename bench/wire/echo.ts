/** @file The worker of the `wire` suite. */
import { handOver, serve } from '../../src/shared/wire'

export class Echo {
  async echo(_: AbortSignal, value: number) {
    return value
  }

  async *blocks(signal: AbortSignal, count: number) {
    for (let i = 0; i < count; i++) {
      signal.throwIfAborted()
      const samples = new Float32Array(16_000)
      yield handOver({ samples }, [samples.buffer])
    }
  }
}

self.addEventListener('message', ({ data, ports: [port] }: MessageEvent<unknown>) => {
  if (data !== 'bare' || !port) return
  port.onmessage = ({ data: asked }: MessageEvent<unknown>) => {
    if (asked !== 'block') return port.postMessage(asked)
    const samples = new Float32Array(16_000)
    port.postMessage(samples, [samples.buffer])
  }
})

serve(new Echo())
