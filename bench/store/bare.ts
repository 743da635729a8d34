/** @file The worker that fetches and throws away: what there is to be had from this server, network and browser. */
import { serve } from '../../src/shared/wire'

export class Bare {
  /** Milliseconds until all of them have come, two at once as the depot does with large files. */
  async fetch(_: AbortSignal, urls: readonly string[]): Promise<number> {
    const began = performance.now()
    const left = [...urls]
    const one = async () => {
      for (let url = left.shift(); url; url = left.shift()) {
        const reader = (await fetch(url, { cache: 'no-store' })).body!.getReader()
        while (!(await reader.read()).done);
      }
    }
    await Promise.all([one(), one()])
    return performance.now() - began
  }
}

serve(new Bare())
