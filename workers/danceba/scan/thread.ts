/** @file One thread's part in a scan: the kernel on the shared memory, and the wait for work. */
import { WORD } from './memory'

/** What a thread is told once, as it begins. */
export interface ThreadStart {
  readonly module: WebAssembly.Module
  readonly memory: WebAssembly.Memory
  /** Address of the jobs, blocks of one job, address of what is this thread's own. */
  readonly jobs: number
  readonly blocks: number
  readonly scratch: number
}

/** The kernel of a thread: does what nobody else has taken, and returns when all is taken. */
export const join = async ({ module, memory, jobs, blocks, scratch }: ThreadStart): Promise<() => void> => {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } })
  const work = exports['work'] as (
    left: number,
    done: number,
    jobs: number,
    blocks: number,
    own: number,
  ) => void
  return () => work(WORD.left, WORD.done, jobs, blocks, scratch)
}

/** Works at every run, until the thread is ended: it never goes back to its event loop. */
export const help = async (start: ThreadStart, ready: () => void): Promise<never> => {
  const work = await join(start)
  const words = new Int32Array(start.memory.buffer, 0, WORD.left)
  let seen = Atomics.load(words, WORD.run)
  ready()
  for (;;) {
    Atomics.wait(words, WORD.run, seen)
    seen = Atomics.load(words, WORD.run)
    work()
  }
}
