/**
 * @file The selective scan on the processor: WebAssembly SIMD, on several threads where memory can be shared.
 *
 * A run is cut into blocks of 32 channels, which threads take from a common counter: nobody waits for a thread that sleeps, only
 * for blocks that have been begun.
 */
import baseline from './kernel/scan.ts?assembled'
import relaxed from './kernel/scan.ts?assembled=relaxed-simd'
import { Fault } from '../../../src/shared/fault'
import { MOST_JOBS, ScanMemory, WORD, type HeldWeights } from './memory'
import { checkInput, checkWeights, type ScanInput, type ScanShape, type ScanWeights } from './scan'
import { join, type ThreadStart } from './thread'

/** What a scan left behind, for the next one to go on from; zeros at first. */
export interface ScanState {
  /** (channels × states), a copy. */
  read(): Float32Array
  /** @param values - (channels × states). */
  write(values: Float32Array): void
  clear(): void
}

export interface Scan extends ScanInput {
  readonly weights: HeldWeights
  /** Where it goes on from, and what it leaves; from zeros and without a trace unless given. */
  readonly state?: ScanState
  /** (steps × channels), written. */
  readonly y: Float32Array
}

export interface Scanner {
  /** How many work at once. */
  readonly threads: number
  /** Whether a product and its sum are one instruction. */
  readonly fused: boolean
  /** Keeps weights where the threads read them: 4 bytes a number, until the scanner is closed. */
  hold(weights: ScanWeights): HeldWeights
  /** As much memory as A. */
  addState(): ScanState
  /**
   * Does scans that do not depend on each other, and returns when their outputs are written: it waits for the other threads.
   *
   * @throws Fault `bad-input` where sizes do not agree, `worker-died` where a thread has stopped in the middle.
   */
  run(scans: readonly Scan[]): void
  /** Ends the threads. Nothing can be run any more. */
  close(): void
}

/** A block takes a thousandth of it, on a thread that gets a processor at all. */
const PATIENCE_MS = 10_000

/**
 * Threads and memory for scans of one shape.
 *
 * @param threads - How many should work, this one included; one does where memory cannot be
 * shared (without isolation), and on the thread of a page, which may not wait.
 * @throws Fault `unsupported` without WebAssembly SIMD, `out-of-memory`, `load-failed` where a thread does not start; the reason
 * of the signal.
 */
export const openScan = async (signal: AbortSignal, shape: ScanShape, threads: number): Promise<Scanner> => {
  signal.throwIfAborted()
  const fused = WebAssembly.validate(relaxed)
  const module = await compile(fused ? relaxed : baseline)
  const count = canShare() ? Math.max(1, Math.floor(threads)) : 1
  const memory = new ScanMemory(shape, count)
  const start = (thread: number): ThreadStart => ({
    module,
    memory: memory.memory,
    jobs: memory.jobs,
    blocks: memory.blocks,
    scratch: memory.scratch(thread),
  })
  const work = await join(start(0))
  const workers: Worker[] = []
  try {
    const began = Array.from({ length: count - 1 }, (_, i) => startThread(signal, start(i + 1), workers))
    await Promise.all(began)
  } catch (error) {
    for (const worker of workers) worker.terminate()
    throw error
  }
  return new SimdScanner(shape, memory, work, workers, fused)
}

class SimdScanner implements Scanner {
  readonly threads: number
  readonly fused: boolean
  readonly #shape: ScanShape
  readonly #memory: ScanMemory
  readonly #work: () => void
  readonly #workers: readonly Worker[]
  readonly #states = new WeakMap<ScanState, number>()

  constructor(
    shape: ScanShape,
    memory: ScanMemory,
    work: () => void,
    workers: readonly Worker[],
    fused: boolean,
  ) {
    this.#shape = shape
    this.#memory = memory
    this.#work = work
    this.#workers = workers
    this.threads = workers.length + 1
    this.fused = fused
  }

  hold(weights: ScanWeights): HeldWeights {
    checkWeights(this.#shape, weights)
    return this.#memory.hold(weights)
  }

  addState(): ScanState {
    const memory = this.#memory
    const address = memory.addState()
    const state: ScanState = {
      read: () => memory.readState(address),
      write: (values) => memory.writeState(address, values),
      clear: () => memory.clearState(address),
    }
    this.#states.set(state, address)
    return state
  }

  run(scans: readonly Scan[]) {
    for (const scan of scans) this.#check(scan)
    for (let i = 0; i < scans.length; i += MOST_JOBS) this.#runSome(scans.slice(i, i + MOST_JOBS))
  }

  close() {
    for (const worker of this.#workers) worker.terminate()
  }

  #check(scan: Scan) {
    checkInput(this.#shape, scan)
    const { length } = scan.y
    const expected = scan.steps * this.#shape.channels
    if (length !== expected)
      throw new Fault('bad-input', `y of a scan has ${length} numbers, not ${expected}`, {
        detail: { name: 'y', length, expected },
      })
    if (scan.state && !this.#states.has(scan.state))
      throw new Fault('bad-input', 'the state of a scan is of another scanner')
  }

  #runSome(scans: readonly Scan[]) {
    for (const [i, scan] of scans.entries())
      this.#memory.writeJob(i, scan, scan.weights, (scan.state && this.#states.get(scan.state)) ?? 0)
    const { words, blocks } = this.#memory
    // A thread that comes late from the run before may take a block as soon as `left` is set: it comes last.
    Atomics.store(words, WORD.done / 4, 0)
    Atomics.store(words, WORD.left / 4, scans.length * blocks)
    if (this.#workers.length > 0) {
      Atomics.add(words, WORD.run / 4, 1)
      Atomics.notify(words, WORD.run / 4)
    }
    this.#work()
    waitFor(words, WORD.done / 4, scans.length * blocks)
    for (const [i, { steps, y }] of scans.entries()) this.#memory.readOutput(i, steps, y)
  }
}

const waitFor = (words: Int32Array, index: number, wanted: number) => {
  for (;;) {
    const now = Atomics.load(words, index)
    if (now === wanted) return
    if (Atomics.wait(words, index, now, PATIENCE_MS) === 'timed-out')
      throw new Fault('worker-died', 'a thread of the scan has stopped')
  }
}

/** A page that is not isolated has no SharedArrayBuffer to send, Node no Worker of this kind, and a page must not wait. */
const canShare = () =>
  typeof SharedArrayBuffer === 'function' && typeof Worker === 'function' && !('document' in globalThis)

const compile = async (bytes: Uint8Array<ArrayBuffer>) => {
  try {
    return await WebAssembly.compile(bytes)
  } catch (cause) {
    throw new Fault('unsupported', 'this browser has no WebAssembly SIMD', { cause })
  }
}

const startThread = (signal: AbortSignal, start: ThreadStart, workers: Worker[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('../../scan.ts', import.meta.url), { type: 'module', name: 'scan' })
    workers.push(worker)
    const abort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', abort, { once: true })
    worker.onerror = ({ message }) =>
      reject(new Fault('load-failed', 'a thread of the scan did not start', { detail: { message } }))
    worker.onmessage = () => {
      signal.removeEventListener('abort', abort)
      resolve()
    }
    worker.postMessage(start)
  })
