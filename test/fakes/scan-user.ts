/** @file A worker that does scans on several threads, as Danceba's does, and says how they compare. */
import { scan } from '../../workers/danceba/scan/reference'
import { openScan } from '../../workers/danceba/scan/simd'
import { largest, scanCase } from '../fixtures/scans'

export interface ScanReport {
  readonly canShare: boolean
  readonly threads: number
  readonly fused: boolean
  /** From what is on paper, the largest of three scans. */
  readonly off: number
  /** Runs whose numbers were not those of the first. */
  readonly different: number
}

const SHAPE = { channels: 500, states: 128, steps: 28 }
const RUNS = 200

const report = async (threads: number): Promise<ScanReport> => {
  const scanner = await openScan(new AbortController().signal, SHAPE, threads)
  const cases = [1, 2, 3].map((seed) => scanCase(SHAPE, seed))
  const scans = cases.map(({ weights, input }) => ({
    ...input,
    weights: scanner.hold(weights),
    y: new Float32Array(SHAPE.channels * SHAPE.steps),
  }))
  scanner.run(scans)
  const first = scans.map(({ y }) => y.slice())
  const off = cases.map(({ weights, input }, i) => largest(first[i]!, scan(SHAPE, weights, input)))
  let different = 0
  for (let run = 0; run < RUNS; run++) {
    // Of one scan, two and three, so that a thread that comes late finds other work than it was called for.
    const some = scans.slice(0, 1 + (run % 3))
    for (const { y } of some) y.fill(NaN)
    scanner.run(some)
    if (some.some(({ y }, i) => largest(y, first[i]!) !== 0)) different++
  }
  scanner.close()
  return {
    canShare: typeof SharedArrayBuffer === 'function',
    threads: scanner.threads,
    fused: scanner.fused,
    off: Math.max(...off),
    different,
  }
}

addEventListener('message', ({ data }: MessageEvent<number>) => void report(data).then((r) => postMessage(r)))
