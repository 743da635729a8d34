/**
 * @file The memory that the threads of a scan share: words they agree by, jobs, room for what is read and written, and what is
 * kept from run to run. Channels lie in groups of four and states in fours; what is missing to that is zero.
 */
import { Fault } from '../../../src/shared/fault'
import type { Rows, ScanInput, ScanShape, ScanWeights } from './scan'

/** Addresses of the words that threads change, each in a cache line of its own. */
export const WORD = {
  /** Counts the runs: who has nothing to do waits for it to change. */
  run: 0,
  /** Blocks of work that nobody has taken. */
  left: 64,
  /** Blocks of work that are finished. */
  done: 128,
} as const

/** A run has at most so many scans at once: one for each of music, upper and lower body. */
export const MOST_JOBS = 3

const JOBS = 192
const JOB_BYTES = 64
const SCRATCH = JOBS + MOST_JOBS * JOB_BYTES

const PAGE_BYTES = 65536
/** 256 MiB, the most that the kernel is built for (scripts/vite-plugins.js). */
const MOST_PAGES = 4096
/** As in kernel/scan.ts. */
const BLOCK_GROUPS = 8

/** Columns between rows: without it, rows of 3072 channels fall onto the same few lines of the cache. */
const APART = 16

/** Where the parts of held weights lie: bytes. */
export interface HeldWeights {
  readonly rates: number
  readonly skip: number
  readonly bias: number
}

interface Slot {
  readonly u: number
  readonly delta: number
  readonly z: number
  readonly B: number
  readonly C: number
  readonly y: number
}

export class ScanMemory {
  readonly memory: WebAssembly.Memory
  /** Blocks of work in one job. */
  readonly blocks: number
  readonly #shape: ScanShape
  readonly #groups: number
  readonly #states: number
  readonly #stride: number
  readonly #slots: readonly Slot[]
  #end: number

  /** @throws Fault `out-of-memory`. */
  constructor(shape: ScanShape, threads: number) {
    this.#shape = shape
    this.#groups = Math.ceil(shape.channels / 4)
    this.#states = Math.ceil(shape.states / 4) * 4
    this.#stride = this.#groups * 4 + APART
    this.blocks = Math.ceil(this.#groups / BLOCK_GROUPS)
    this.#end = this.scratch(threads)
    this.memory = orOutOfMemory(
      () => new WebAssembly.Memory({ initial: 1, maximum: MOST_PAGES, shared: true }),
    )
    const wide = shape.steps * this.#stride
    const narrow = shape.steps * this.#states
    this.#slots = Array.from({ length: MOST_JOBS }, () => ({
      u: this.#take(wide),
      delta: this.#take(wide),
      z: this.#take(wide),
      B: this.#take(narrow),
      C: this.#take(narrow),
      y: this.#take(wide),
    }))
  }

  /** Address of what a thread keeps for itself: three vectors a step. */
  scratch(thread: number): number {
    return SCRATCH + thread * inLines(this.#shape.steps * 48)
  }

  /** Address of the jobs. */
  get jobs(): number {
    return JOBS
  }

  get words(): Int32Array {
    return new Int32Array(this.memory.buffer)
  }

  hold({ A, D, bias }: ScanWeights): HeldWeights {
    const { channels } = this.#shape
    const held = { rates: this.addState(), skip: this.#take(channels), bias: this.#take(channels) }
    this.#writeStates(held.rates, A, Math.LOG2E)
    this.#floats.set(D, held.skip / 4)
    this.#floats.set(bias, held.bias / 4)
    return held
  }

  /** Room for (channels × states), all zero. */
  addState(): number {
    return this.#take(this.#groups * 4 * this.#states)
  }

  clearState(address: number) {
    const from = address / 4
    this.#floats.fill(0, from, from + this.#groups * 4 * this.#states)
  }

  /** (channels × states). */
  readState(address: number): Float32Array {
    const { channels, states } = this.#shape
    const floats = this.#floats
    const values = new Float32Array(channels * states)
    for (let i = 0; i < values.length; i++) values[i] = floats[this.#placeOf(address, i)]!
    return values
  }

  /** @param values - (channels × states). */
  writeState(address: number, values: Float32Array) {
    this.#writeStates(address, values, 1)
  }

  /** @param state - Address of the states before the first step, which those after the last replace; 0 for none. */
  writeJob(index: number, input: ScanInput, weights: HeldWeights, state: number) {
    const { channels, states } = this.#shape
    const slot = this.#slots[index]!
    const { steps, u, delta, z, B, C } = input
    this.#writeRows(slot.u, u, steps, channels, this.#stride)
    this.#writeRows(slot.delta, delta, steps, channels, this.#stride)
    if (z) this.#writeRows(slot.z, z, steps, channels, this.#stride)
    this.#writeRows(slot.B, B, steps, states, this.#states)
    this.#writeRows(slot.C, C, steps, states, this.#states)
    // In the order of the constants of kernel/scan.ts.
    const job = [
      steps,
      this.#groups,
      this.#states,
      this.#stride * 4,
      weights.rates,
      weights.skip,
      weights.bias,
    ]
    const place = [slot.u, slot.delta, z ? slot.z : 0, slot.B, slot.C, slot.y, state, state]
    this.words.set([...job, ...place], (JOBS + index * JOB_BYTES) / 4)
  }

  /** @param y - (steps × channels), written. */
  readOutput(index: number, steps: number, y: Float32Array) {
    const { channels } = this.#shape
    const floats = this.#floats
    const from = this.#slots[index]!.y / 4
    for (let t = 0; t < steps; t++) {
      const row = from + t * this.#stride
      y.set(floats.subarray(row, row + channels), t * channels)
    }
  }

  get #floats(): Float32Array {
    return new Float32Array(this.memory.buffer) // a new one each time: growing replaces the buffer
  }

  #take(floats: number): number {
    const address = this.#end
    this.#end = address + inLines(floats * 4)
    const missing = this.#end - this.memory.buffer.byteLength
    if (missing > 0) orOutOfMemory(() => this.memory.grow(Math.ceil(missing / PAGE_BYTES)))
    return address
  }

  #writeRows(
    address: number,
    { data, offset = 0, stride }: Rows,
    steps: number,
    width: number,
    apart: number,
  ) {
    const floats = this.#floats
    for (let t = 0; t < steps; t++) {
      const row = offset + t * (stride ?? width)
      floats.set(data.subarray(row, row + width), address / 4 + t * apart)
    }
  }

  #writeStates(address: number, values: Float32Array, factor: number) {
    const floats = this.#floats
    for (let i = 0; i < values.length; i++) floats[this.#placeOf(address, i)] = values[i]! * factor
  }

  /** Four channels of a state lie together: [channels / 4][states][4]. */
  #placeOf(address: number, index: number): number {
    const channel = Math.floor(index / this.#shape.states)
    const state = index - channel * this.#shape.states
    return address / 4 + ((channel >> 2) * this.#states + state) * 4 + (channel & 3)
  }
}

const inLines = (bytes: number) => Math.ceil(bytes / 64) * 64

const orOutOfMemory = <T>(make: () => T): T => {
  try {
    return make()
  } catch (cause) {
    throw new Fault('out-of-memory', 'there is no memory for the scans', { cause })
  }
}
