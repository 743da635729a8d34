/** @file What the depot needs of a place for files; `opfs.ts` and `cache.ts` are the two there are. */
import type { ListedFile, Listing } from '../../src/shared/contracts'
import type { DigestState } from './digest'

/** A file that is on its way: whose it is, and how far it has come. */
export interface Label extends Pick<Listing, 'repo' | 'commit' | 'base'> {
  readonly path: string
  /** Bytes of the whole file. */
  readonly of: number
  readonly digest: ListedFile['digest']
  /** Bytes that are safely here. */
  readonly written: number
  /** The digest of those. */
  readonly state: DigestState
}

/** A file while it is written. One at a time over all tabs: whoever has it holds the lock of its digest. */
export interface Part {
  /** How far it had come before; undefined when it begins. What was written after that is cut off. */
  readonly label: Label | undefined
  /** All of it is written, or `no-room` is thrown. The bytes are the caller's again when it has ended. */
  write(bytes: Uint8Array<ArrayBuffer>): void | Promise<void>
  /** From the beginning. */
  restart(): Promise<void>
  /** What is written so far will be here after a crash, too. */
  save(label: Label): Promise<void>
  /** It is whole, and this is its SHA-256. The label stays until `forget`, so that a crash before the record loses nothing. */
  keep(sha256: string): Promise<void>
  /** No more for now. */
  close(): Promise<void>
}

export interface Vault {
  has(sha256: string): Promise<boolean>
  open(sha256: string): Promise<Blob>
  /** SHA-256 of every whole file. */
  whole(): Promise<ReadonlySet<string>>
  /** Digests of everything that was begun, with its label, if it has one that can be read. */
  begun(): Promise<ReadonlyMap<string, Label | undefined>>
  /** Where it was left. Of Cache Storage from the beginning, as a page cannot add to what is there. */
  part(digest: ListedFile['digest']): Promise<Part>
  /** What is left of the writing of a file: its bytes so far and its label. */
  forget(digest: string): Promise<void>
  remove(sha256: string): Promise<void>
  /** Names of records and their text. */
  records(): Promise<ReadonlyMap<string, string>>
  record(name: string): Promise<string | undefined>
  /** Either the old one or the new one is there, whatever happens. */
  writeRecord(name: string, text: string): Promise<void>
  removeRecord(name: string): Promise<void>
}
