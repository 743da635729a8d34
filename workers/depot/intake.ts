/** @file A file coming in, from wherever: written and hashed block by block, and kept only when it is what it is to be. */
import type { ListedFile, Listing } from '../../src/shared/contracts'
import { Digest } from './digest'
import type { Part, Vault } from './vault'

/** Whose file it is, and which. */
export interface Wanted extends Pick<Listing, 'repo' | 'commit' | 'base'> {
  readonly file: ListedFile
}

/** After so many bytes it is made sure that they are there: what a crash costs at most. */
export const BLOCK_BYTES = 8 * 2 ** 20

export class Intake {
  readonly #wanted: Wanted
  readonly #part: Part
  readonly #digest: Digest
  readonly #blockBytes: number
  #written: number
  #saved: number

  private constructor(wanted: Wanted, part: Part, digest: Digest, blockBytes: number) {
    this.#wanted = wanted
    this.#part = part
    this.#digest = digest
    this.#blockBytes = blockBytes
    this.#written = this.#saved = part.label?.written ?? 0
  }

  /** Goes on where it was left. The caller holds the lock of its digest. */
  static async open(vault: Vault, wanted: Wanted, blockBytes: number): Promise<Intake> {
    const { bytes, digest: listed } = wanted.file
    const digest = await Digest.of(bytes, listed)
    const part = await vault.part(listed)
    const intake = new Intake(wanted, part, digest, blockBytes)
    if (part.label && !digest.load(part.label.state)) await intake.restart()
    return intake
  }

  get written(): number {
    return this.#written
  }

  /** The next bytes of it, which are the caller's again afterwards; what is too much is left. Throws `no-room`, and then goes on after what did fit. */
  async take(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const end = Math.min(bytes.length, this.#wanted.file.bytes - this.#written)
    for (let at = 0; at < end;) {
      const toBlock = this.#blockBytes - (this.#written % this.#blockBytes)
      const piece =
        at === 0 && end <= toBlock && end === bytes.length
          ? bytes
          : bytes.subarray(at, Math.min(end, at + toBlock))
      const writing = this.#part.write(piece)
      if (writing) await writing
      this.#digest.update(piece)
      this.#written += piece.length
      at += piece.length
      if (this.#written % this.#blockBytes === 0) await this.#save()
    }
  }

  get whole(): boolean {
    return this.#written === this.#wanted.file.bytes
  }

  /** All is taken: its SHA-256, or undefined where something else came, and it has to `restart`. */
  digest(): string | undefined {
    return this.#digest.finish()
  }

  /** It gets its final name. */
  async keep(sha256: string): Promise<void> {
    await this.#part.keep(sha256)
    this.#saved = this.#written
  }

  async restart(): Promise<void> {
    await this.#part.restart()
    this.#digest.restart()
    this.#written = this.#saved = 0
  }

  /**
   * No more for now; it goes on at this very byte. Also after `no-room`: a person who makes room would not like to fetch some
   * gigabytes once more, and one who does not wants to see what takes the room and remove it.
   */
  async close(): Promise<void> {
    // No room for a label: the last one counts.
    if (this.#written > this.#saved) await this.#save().catch(() => undefined)
    await this.#part.close()
  }

  async #save() {
    const { repo, commit, base, file } = this.#wanted
    await this.#part.save({
      repo,
      commit,
      base,
      path: file.path,
      of: file.bytes,
      digest: file.digest,
      written: this.#written,
      state: this.#digest.save(),
    })
    this.#saved = this.#written
  }
}
