/** What the suites put beside the app in the page that they measure. */
import type { Judgement } from './dance/main'
import type { DancebaBench } from './danceba/worker'
import type { Bench } from './store/main'

declare global {
  /** The app's own marks, as they came. */
  var marks: { name: string; of: string; at: number }[]
  /** How far the mouth is open in each frame, 0 to 1. */
  var mouths: { at: number; open: number }[]
  /** When a file was dropped, ms on the page's clock. */
  var dropped: number
  /** bench/dance/main.ts. */
  var judgement: Judgement | undefined
  /** bench/danceba/main.ts: asks the worker, which the first call starts. */
  var dancebaBench: {
    call: <Method extends keyof DancebaBench>(
      method: Method,
      ...args: Parameters<DancebaBench[Method]>
    ) => Promise<Awaited<ReturnType<DancebaBench[Method]>>>
    /** Milliseconds until the file that was chosen is kept. */
    take: (precision: 'fp32' | 'fp16' | 'int8') => Promise<number>
  }
  /** bench/store/main.ts. */
  var storeBench: Bench
  var tools: {
    timeOf: (frame: number) => number
    leftAt: (frame: number) => number
    loud: (level: number, which: 'first' | 'last') => number
    pressed: number
  }
}
