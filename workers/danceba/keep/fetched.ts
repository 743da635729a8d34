/** @file A checkpoint that comes over the network: to disk as it comes, a gigabyte of it, and only while it is taken. */
import { Fault } from '../../../src/shared/fault'
import type { Patience } from '../../../src/shared/retry'
import { download, type Sink, type Why } from '../../runtime/download'
import { demandRoom, resize, writeAll, type Access } from '../../runtime/opfs'
import { refusal, shown } from '../checkpoint/refusal'
import { sniff, SNIFFED } from '../checkpoint/sniff'

export interface Tell {
  /** `of`: where the server says it. */
  bytes(bytes: number, of: number | undefined): void
  waiting(seconds: number, why: Why): void
}

/** What a person calls the file at an address. Throws `bad-input`, reason `address`, for what is none. */
export const nameAt = (address: string): string => {
  const url = URL.parse(address)
  if (!url || !/^https?:$/.test(url.protocol))
    throw refusal('address', `${shown(address)} is no address of a file`, { name: shown(address) })
  const last = url.pathname.split('/').at(-1) ?? ''
  return shown(last === '' ? url.host : decoded(last))
}

const decoded = (text: string) => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * All of it into a file. Where the connection breaks it goes on where it was. Throws `load-failed` (not found, refused, changed
 * meanwhile), `not-allowed`, `offline`, `no-room`, and `bad-input` as soon as its beginning is that of something else.
 */
export const fetched = async (
  signal: AbortSignal,
  url: string,
  access: Access,
  patience: Patience,
  tell: Tell,
): Promise<void> => {
  const path = nameAt(url)
  const into = new Into(access, path)
  await download(signal, { url, path }, into, async () => true, patience, {
    bytes: () => tell.bytes(into.written, into.of),
    waiting: (seconds, why) => tell.waiting(seconds, why),
  })
  access.flush()
}

class Into implements Sink {
  written = 0
  of: number | undefined
  readonly #access: Access
  readonly #path: string

  constructor(access: Access, path: string) {
    this.#access = access
    this.#path = path
  }

  get whole() {
    return this.written === this.of
  }

  async begins(bytes: number | undefined) {
    if (bytes === undefined || bytes === this.of) return
    if (this.of !== undefined)
      throw new Fault('load-failed', `${this.#path} had ${this.of} bytes, and has ${bytes} now`, {
        detail: { what: 'model', reason: 'changed', path: this.#path },
      })
    await demandRoom(bytes - this.written)
    this.of = bytes
  }

  async take(bytes: Uint8Array<ArrayBuffer>) {
    const piece = bytes.subarray(0, (this.of ?? Infinity) - this.written)
    writeAll(this.#access, piece, this.written)
    const before = this.written
    this.written += piece.length
    // A gigabyte that is an archive is not waited for.
    if (before < SNIFFED && this.written >= SNIFFED) this.#sniff()
  }

  async restart() {
    resize(this.#access, 0)
    this.written = 0
  }

  ends() {
    this.of ??= this.written
  }

  #sniff() {
    const start = new Uint8Array(SNIFFED)
    this.#access.read(start, { at: 0 })
    sniff(start, this.of ?? Number.MAX_SAFE_INTEGER)
  }
}
