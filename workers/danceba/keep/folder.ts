/**
 * @file The folder `danceba` of OPFS: `<part>.<n>.weights` is what was made of a checkpoint, and is whole when there is a
 * `<part>.<n>.json` that says so. That is written last, so a part that was cut off has none, or one that cannot be read. Of two
 * that are whole the one with the higher number counts. `visit.<n>` is a checkpoint that is being fetched and taken. Whoever writes or removes holds the lock.
 */
import type { DancebaKept, DancebaPart } from '../../../src/shared/contracts'
import { Fault } from '../../../src/shared/fault'
import {
  accessTo,
  fileIn,
  handleIn,
  hasAccess,
  removeFrom,
  resize,
  textIn,
  whenFree,
  writeAll,
  writeText,
  type Access,
} from '../../runtime/opfs'
import { planAgain, printOf, type Plan } from './plan'

const FOLDER = 'danceba'
const NAME = /^(generator|poses)\.(\d+)\.json$/

/** A part that is here. */
export interface Whole {
  /** Of its files, without what they end with. */
  readonly name: string
  readonly kept: DancebaKept
  readonly plan: Plan
  readonly file: Blob
}

export class Folder {
  readonly #files: FileSystemDirectoryHandle
  /** Visiting files of this thread. */
  readonly #visiting = new Set<string>()

  private constructor(files: FileSystemDirectoryHandle) {
    this.#files = files
  }

  /** Throws `unsupported` where files cannot be written in place. */
  static async open(): Promise<Folder> {
    try {
      const root = await navigator.storage.getDirectory()
      if (hasAccess()) return new Folder(await root.getDirectoryHandle(FOLDER, { create: true }))
    } catch (cause) {
      throw unsupported(cause) // no OPFS, or not for this page (private windows)
    }
    throw unsupported()
  }

  /** For readers: undefined where there is none. */
  static async find(): Promise<Folder | undefined> {
    try {
      const root = await navigator.storage.getDirectory()
      return new Folder(await root.getDirectoryHandle(FOLDER))
    } catch {
      return undefined
    }
  }

  /** Of each part the latest that is whole. */
  async whole(): Promise<ReadonlyMap<DancebaPart, Whole>> {
    const numbers = new Map<DancebaPart, number>()
    const found = new Map<DancebaPart, Whole>()
    for await (const file of this.#files.keys()) {
      const [, part, number] = NAME.exec(file) ?? []
      if (part === undefined || Number(number) < (numbers.get(part as DancebaPart) ?? 0)) continue
      const whole = await this.#read(`${part}.${number}`)
      if (whole?.kept.part !== part) continue
      numbers.set(whole.kept.part, Number(number))
      found.set(whole.kept.part, whole)
    }
    return found
  }

  /** Everything else is removed, but for what is held open for a moment longer. */
  async sweep(): Promise<void> {
    const whole = [...(await this.whole()).values()].map(({ name }) => name)
    for (const file of await this.#names())
      if (!whole.includes(file.replace(/\.\w+$/, '')) && !this.#visiting.has(file))
        await this.#remove(file).catch(() => undefined)
  }

  async clear(): Promise<void> {
    for (const file of await this.#names()) await this.#remove(file)
  }

  /** So many bytes for a part that is to come. Throws `no-room`. */
  async draft(part: DancebaPart, bytes: number): Promise<Draft> {
    const numbers = (await this.#names()).map((file) => Number(/\.(\d+)\./.exec(file)?.[1] ?? 0))
    const name = `${part}.${Math.max(0, ...numbers) + 1}`
    const draft = new Draft(this.#files, name, await accessTo(await handleIn(this.#files, `${name}.weights`)))
    try {
      draft.resize(bytes)
      return draft
    } catch (e) {
      await draft.drop()
      throw e
    }
  }

  /** A file that `write` writes, for as long as it is read. Nothing of it stays. */
  async visit<R>(write: (access: Access) => Promise<void>, read: (file: Blob) => Promise<R>): Promise<R> {
    const name = `visit.${this.#visiting.size + 1}`
    this.#visiting.add(name)
    try {
      const handle = await handleIn(this.#files, name)
      const access = await accessTo(handle)
      try {
        access.truncate(0)
        await write(access)
      } finally {
        access.close()
      }
      return await read(await handle.getFile())
    } finally {
      await this.#remove(name)
      this.#visiting.delete(name)
    }
  }

  async #read(name: string): Promise<Whole | undefined> {
    const text = await textIn(this.#files, `${name}.json`)
    const file = await fileIn(this.#files, `${name}.weights`)
    const whole = parsed(text ?? '')
    return file && whole?.plan.layout.bytes === file.size ? { name, file, ...whole } : undefined
  }

  async #names() {
    const names: string[] = []
    for await (const name of this.#files.keys()) names.push(name)
    return names
  }

  #remove(name: string) {
    return whenFree(name, () => removeFrom(this.#files, name))
  }
}

/** A part while it is written. */
export class Draft {
  readonly #folder: FileSystemDirectoryHandle
  readonly #name: string
  readonly #access: Access

  constructor(folder: FileSystemDirectoryHandle, name: string, access: Access) {
    this.#folder = folder
    this.#name = name
    this.#access = access
  }

  resize(bytes: number) {
    resize(this.#access, bytes)
  }

  /** Throws `no-room`. */
  write(bytes: Uint8Array<ArrayBuffer>, at: number) {
    writeAll(this.#access, bytes, at)
  }

  /** It is whole: first its bytes reach the disk, then the word that they are there. */
  async keep(plan: Plan, kept: DancebaKept): Promise<void> {
    this.#access.flush()
    this.#access.close()
    const record: Entry = { kept, print: printOf(plan) }
    await writeText(await handleIn(this.#folder, `${this.#name}.json`), JSON.stringify(record))
  }

  /** It never was. */
  async drop(): Promise<void> {
    this.#access.close()
    await removeFrom(this.#folder, `${this.#name}.json`)
    await removeFrom(this.#folder, `${this.#name}.weights`)
  }
}

interface Entry {
  readonly kept: DancebaKept
  readonly print: number
}

/** Undefined for what was cut off while it was written, and for what another version of the app laid out otherwise. */
const parsed = (text: string): Pick<Whole, 'kept' | 'plan'> | undefined => {
  try {
    const { kept, print } = JSON.parse(text) as Entry
    const plan = planAgain(kept, kept.precision)
    return plan && printOf(plan) === print ? { kept, plan } : undefined
  } catch {
    return undefined
  }
}

const unsupported = (cause?: unknown) =>
  new Fault('unsupported', 'this browser lets the page keep no files', { detail: { what: 'storage' }, cause })
