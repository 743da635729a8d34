/** @file The digest of a file while it comes, by SHA-256 or as git names its files; it can be laid down and taken up again. */
import { createSHA1, createSHA256 } from 'hash-wasm'
import type { ListedFile } from '../../src/shared/contracts'

/** What remains of hashing so far, base64: of each hash its state. */
export type DigestState = readonly string[]

type Hash = Awaited<ReturnType<typeof createSHA256>>

export class Digest {
  readonly #sha256: Hash
  /** git's own, where that is all that is known of the file. */
  readonly #sha1: Hash | undefined
  readonly #wanted: ListedFile['digest'] | undefined
  readonly #bytes: number

  private constructor(
    sha256: Hash,
    sha1: Hash | undefined,
    wanted: ListedFile['digest'] | undefined,
    bytes: number,
  ) {
    this.#sha256 = sha256
    this.#sha1 = sha1
    this.#wanted = wanted
    this.#bytes = bytes
    this.restart()
  }

  /** Of a file of so many bytes, which is to be the one that is listed; without `wanted` any file is right. */
  static async of(bytes: number, wanted?: ListedFile['digest']): Promise<Digest> {
    return new Digest(
      await createSHA256(),
      wanted?.kind === 'git' ? await createSHA1() : undefined,
      wanted,
      bytes,
    )
  }

  restart() {
    this.#sha256.init()
    // As git does: the kind of thing and its length come first.
    this.#sha1?.init().update(new TextEncoder().encode(`blob ${this.#bytes}\0`))
  }

  update(bytes: Uint8Array) {
    this.#sha256.update(bytes)
    this.#sha1?.update(bytes)
  }

  save(): DigestState {
    return this.#hashes.map((hash) => btoa(String.fromCharCode(...hash.save())))
  }

  /** False where the state is not one of these hashes, as another version may have left it: then it begins anew. */
  load(state: DigestState): boolean {
    try {
      this.#hashes.forEach((hash, i) =>
        hash.load(Uint8Array.from(atob(state[i] ?? ''), (c) => c.charCodeAt(0))),
      )
      return true
    } catch {
      this.restart()
      return false
    }
  }

  /** The SHA-256 of what came, or undefined where it is not the file that was listed. Only `restart` may follow. */
  finish(): string | undefined {
    const sha256 = this.#sha256.digest()
    const found = this.#sha1 ? this.#sha1.digest() : sha256
    return !this.#wanted || found === this.#wanted.hex ? sha256 : undefined
  }

  get #hashes() {
    return this.#sha1 ? [this.#sha256, this.#sha1] : [this.#sha256]
  }
}
