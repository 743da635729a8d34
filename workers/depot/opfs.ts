/**
 * @file The folder `weights` of OPFS: `<sha256>` is a whole file; `<digest>.part` what has come so far, `<digest>.part.json`
 * its label; `repos/<name>.json` the records.
 */
import type { ListedFile } from '../../src/shared/contracts'
import {
  accessTo,
  fileIn,
  handleIn,
  hasAccess,
  removeFrom,
  textIn,
  writeAll,
  writeText,
  type Access,
  type FileHandle,
} from '../runtime/opfs'
import { openWeights, WEIGHTS } from '../runtime/weights'
import type { Label, Part, Vault } from './vault'

/**
 * Undefined where files cannot be written in place and renamed: a copy of some gigabytes for want of a new name would need
 * their room twice.
 */
export const openFolder = async (): Promise<Vault | undefined> => {
  try {
    const root = await navigator.storage.getDirectory()
    const folder = await root.getDirectoryHandle(WEIGHTS, { create: true })
    const repos = await folder.getDirectoryHandle('repos', { create: true })
    return hasAccess() && 'move' in FileSystemFileHandle.prototype ? new Folder(folder, repos) : undefined
  } catch {
    return undefined // no OPFS, or not for this page (private windows)
  }
}

/** Labels are written over each other in one stroke, so all of one file must be equally long. */
const LABEL_BYTES = 1024

class Folder implements Vault {
  readonly #files: FileSystemDirectoryHandle
  readonly #repos: FileSystemDirectoryHandle

  constructor(files: FileSystemDirectoryHandle, repos: FileSystemDirectoryHandle) {
    this.#files = files
    this.#repos = repos
  }

  async has(sha256: string) {
    return (await fileIn(this.#files, sha256)) !== undefined
  }

  open(sha256: string) {
    return openWeights(sha256)
  }

  async whole() {
    const names = new Set<string>()
    for await (const name of this.#files.keys()) if (/^[0-9a-f]{64}$/.test(name)) names.add(name)
    return names
  }

  async begun() {
    const labels = new Map<string, Label | undefined>()
    for await (const name of this.#files.keys()) {
      const [, digest] = /^(.+)\.part(?:\.json)?$/.exec(name) ?? []
      if (digest && !labels.has(digest)) labels.set(digest, await this.#label(digest))
    }
    return labels
  }

  async part({ hex }: ListedFile['digest']) {
    const label = await this.#label(hex)
    const file = await handleIn(this.#files, `${hex}.part`)
    const access = await accessTo(file)
    // Cut off before its bytes reached the disk, or the label is of a file that has been renamed already.
    const usable = label && access.getSize() >= label.written ? label : undefined
    access.truncate(usable?.written ?? 0)
    return new FolderPart(this.#files, hex, file, access, usable)
  }

  async forget(digest: string) {
    await removeFrom(this.#files, `${digest}.part`)
    await removeFrom(this.#files, `${digest}.part.json`)
  }

  remove(sha256: string) {
    return removeFrom(this.#files, sha256)
  }

  async records() {
    const texts = new Map<string, string>()
    for await (const file of this.#repos.keys()) {
      if (!file.endsWith('.json')) continue
      const text = await this.record(file.slice(0, -5))
      if (text !== undefined) texts.set(file.slice(0, -5), text)
    }
    return texts
  }

  async record(name: string) {
    return textIn(this.#repos, `${name}.json`)
  }

  async writeRecord(name: string, text: string) {
    const handle = await handleIn(this.#repos, `${name}.json.new`)
    await writeText(handle, text)
    await handle.move(this.#repos, `${name}.json`)
  }

  async removeRecord(name: string) {
    await removeFrom(this.#repos, `${name}.json.new`)
    await removeFrom(this.#repos, `${name}.json`)
  }

  async #label(digest: string): Promise<Label | undefined> {
    const text = await textIn(this.#files, `${digest}.part.json`)
    if (text === undefined) return undefined
    try {
      return JSON.parse(text) as Label
    } catch {
      return undefined // cut off while it was written
    }
  }
}

class FolderPart implements Part {
  readonly label: Label | undefined
  readonly #folder: FileSystemDirectoryHandle
  readonly #digest: string
  readonly #file: FileHandle
  readonly #access: Access
  #size: number
  #labels: Access | undefined

  constructor(
    folder: FileSystemDirectoryHandle,
    digest: string,
    file: FileHandle,
    access: Access,
    label: Label | undefined,
  ) {
    this.#folder = folder
    this.#digest = digest
    this.#file = file
    this.#access = access
    this.label = label
    this.#size = label?.written ?? 0
  }

  write(bytes: Uint8Array<ArrayBuffer>) {
    writeAll(this.#access, bytes, this.#size)
    this.#size += bytes.length
  }

  async restart() {
    this.#labels?.close()
    this.#labels = undefined
    await removeFrom(this.#folder, `${this.#digest}.part.json`)
    this.#access.truncate(0)
    this.#size = 0
  }

  async save(label: Label) {
    // First the bytes, then the word that they are there. What is beyond them is of a write that did not fit.
    if (this.#access.getSize() > this.#size) this.#access.truncate(this.#size)
    this.#access.flush()
    this.#labels ??= await accessTo(await handleIn(this.#folder, `${this.#digest}.part.json`))
    const text = new TextEncoder().encode(JSON.stringify(label))
    const padded = new Uint8Array(Math.ceil(text.length / LABEL_BYTES) * LABEL_BYTES).fill(32)
    padded.set(text)
    writeAll(this.#labels, padded, 0)
    this.#labels.flush()
  }

  async keep(sha256: string) {
    this.#access.flush()
    await this.close()
    await this.#file.move(this.#folder, sha256)
  }

  async close() {
    this.#labels?.close()
    this.#labels = undefined
    this.#access.close()
  }
}
