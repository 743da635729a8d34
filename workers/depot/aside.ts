/**
 * @file An intake in a thread of its own. Hashing and writing are slower than a good network: in the thread that reads it they
 * would hold it up, and two files would wait for each other's flushes.
 */
import { connect, give, type Remote } from '../../src/shared/wire'
import { Intake, type Taking, type Wanted } from './intake'
import { openVault } from './vaults'

/** The thread's end. */
export class IntakeThread {
  #intake: Intake | undefined
  /** Ends when all that was taken is written. What comes after something that did not fit fails as that did. */
  #writing: Promise<void> = Promise.resolve()

  /** Bytes that are here already. */
  async open(wanted: Wanted, blockBytes: number): Promise<number> {
    this.#intake = await Intake.open(await openVault(), wanted, blockBytes)
    this.#writing = Promise.resolve()
    return this.#intake.written
  }

  /** The first `length` bytes. Gives the memory back. */
  async take(bytes: Uint8Array<ArrayBuffer>, length: number): Promise<Uint8Array<ArrayBuffer>> {
    this.#writing = this.#writing.then(() => this.#open.take(bytes.subarray(0, length)))
    await this.#writing
    return give(bytes, [bytes.buffer])
  }

  digest() {
    return this.#open.digest()
  }

  keep(sha256: string) {
    return this.#open.keep(sha256)
  }

  restart() {
    return this.#open.restart()
  }

  /** Bytes that are here. */
  async close(): Promise<number> {
    const intake = this.#open
    this.#intake = undefined
    await intake.close()
    return intake.written
  }

  get #open(): Intake {
    if (!this.#intake) throw new Error('no file has been opened')
    return this.#intake
  }
}

/** What is sent at once. */
const CHUNK_BYTES = 2 ** 19
/** Chunks that are on their way: one is worked on while the next one waits. */
const MOST_WAITING = 2

export class IntakeAside implements Taking {
  readonly #thread: Thread
  readonly #bytes: number
  readonly #spare: Uint8Array<ArrayBuffer>[] = []
  #written: number
  #chunk = new Uint8Array(CHUNK_BYTES)
  #filled = 0
  #waiting: Promise<void>[] = []

  private constructor(thread: Thread, bytes: number, written: number) {
    this.#thread = thread
    this.#bytes = bytes
    this.#written = written
  }

  /** As `Intake.open`. */
  static async open(wanted: Wanted, blockBytes: number): Promise<IntakeAside> {
    const thread = threads.pop()?.wake() ?? new Thread()
    try {
      const written = await thread.remote.open(wanted, blockBytes)
      return new IntakeAside(thread, wanted.file.bytes, written)
    } catch (e) {
      thread.rest()
      throw e
    }
  }

  get written(): number {
    return this.#written
  }

  get whole(): boolean {
    return this.#written === this.#bytes
  }

  async take(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const end = Math.min(bytes.length, this.#bytes - this.#written)
    for (let at = 0; at < end;) {
      const piece = bytes.subarray(at, Math.min(end, at + CHUNK_BYTES - this.#filled))
      this.#chunk.set(piece, this.#filled)
      this.#filled += piece.length
      this.#written += piece.length
      at += piece.length
      if (this.#filled === CHUNK_BYTES) await this.#send()
    }
  }

  async digest(): Promise<string | undefined> {
    await this.#settle()
    return this.#thread.remote.digest()
  }

  async keep(sha256: string): Promise<void> {
    await this.#thread.remote.keep(sha256)
  }

  async restart(): Promise<void> {
    this.#filled = 0
    await Promise.all(this.#waiting)
    await this.#thread.remote.restart()
    this.#written = 0
  }

  async close(): Promise<void> {
    await this.#settle().catch(() => undefined) // thrown already, or nothing that anybody waits for any more
    this.#written = await this.#thread.remote.close()
    this.#thread.rest()
  }

  async #settle() {
    if (this.#filled > 0) await this.#send()
    await Promise.all(this.#waiting)
  }

  async #send() {
    const { remote } = this.#thread
    const chunk = this.#chunk
    const sent = remote.take(give(chunk, [chunk.buffer]), this.#filled).then((back) => {
      this.#spare.push(back)
      this.#waiting = this.#waiting.filter((one) => one !== sent)
    })
    sent.catch(() => undefined) // awaited with the next one, and those after it
    this.#waiting.push(sent)
    this.#filled = 0
    if (this.#waiting.length >= MOST_WAITING) await this.#waiting[0]
    this.#chunk = this.#spare.pop() ?? new Uint8Array(CHUNK_BYTES)
  }
}

/** A thread that nobody needs stays for a while: the next file is often not far. */
const REST_MS = 5000
const threads: Thread[] = []

class Thread {
  readonly remote: Remote<IntakeThread>
  readonly #worker: Worker
  #resting: ReturnType<typeof setTimeout> | undefined

  constructor() {
    this.#worker = new Worker(new URL('../intake.ts', import.meta.url), { type: 'module', name: 'intake' })
    // It falls with this thread, whose host hears of it: a call to a dead worker would wait for ever.
    this.#worker.addEventListener('error', (event) => {
      throw new Error(event.message || 'the intake failed to start')
    })
    this.remote = connect<IntakeThread>(this.#worker)
  }

  wake(): this {
    clearTimeout(this.#resting)
    return this
  }

  rest() {
    threads.push(this)
    this.#resting = setTimeout(() => {
      threads.splice(threads.indexOf(this), 1)
      this.#worker.terminate()
    }, REST_MS)
  }
}
