/**
 * @file The two containers of `torch.save`: a ZIP file since torch 1.6, and before that pickles with the raw data after them.
 * Either gives the object that was saved, and where in the file the elements of each storage lie.
 */
import { Fault } from '../../../src/shared/fault'
import { readBytes, uint64, viewOf } from './bytes'
import { storageFrom, type Where } from './globals'
import { readPickle } from './pickle'
import { refusal, shown } from './refusal'
import { ITEM_BYTES, under, type Storage, type Value } from './values'
import { locate, readEntry, readZip, type ZipEntry } from './zip'

/** The bytes of a storage. `crc`: their CRC-32, where the container has one. */
export interface Stored {
  readonly name: string
  readonly bytes: number
  readonly crc: number | undefined
  readonly locate: () => Promise<number>
}

export interface Saved {
  readonly container: 'zip' | 'legacy'
  readonly root: Value
  readonly stored: ReadonlyMap<string, Stored>
}

/** A generator with its optimizer has some 0.5 MB. */
const MOST_PICKLE = 8 * 2 ** 20
const MAGIC = 0x1950a86a20f9469cfc6cn
/** As long as the pickle of it is. */
const MAGIC_BYTES = 15
const LEGACY_PROTOCOL = 1001
const CHECKPOINT_NAME = /\.(pt|pth|ckpt|bin|rar)$/i

/** Every storage that a pickle mentions, by key; one Storage a key and type. */
class Storages {
  readonly all = new Map<string, Storage>()

  readonly load = (id: Value | undefined): Storage | undefined => {
    const storage = storageFrom(id)
    if (!storage) return undefined
    const name = `${storage.dtype} ${storage.length} ${storage.key}`
    const known = this.all.get(name) ?? storage
    this.all.set(name, known)
    return known
  }
}

/** What is declared against what is there. */
const fitting = (
  storages: Storages,
  stored: ReadonlyMap<string, Stored>,
  nameOf: (key: string) => string,
) => {
  for (const { key, dtype, length } of storages.all.values()) {
    const there = stored.get(key)
    const name = shown(nameOf(key))
    if (!there)
      throw refusal('damaged', `the data of ${name} are missing`, { entry: name, storage: shown(key) })
    if (there.bytes !== length * ITEM_BYTES[dtype])
      throw refusal('damaged', `${name} has ${there.bytes} bytes, not ${length} elements of ${dtype}`, {
        entry: name,
        storage: shown(key),
      })
  }
}

export const openZip = async (file: Blob): Promise<Saved> => {
  const entries = await readZip(file)
  const data = pickleIn(entries)
  const root = data.name.slice(0, -'data.pkl'.length)
  if (entries.has(`${root}constants.pkl`) || [...entries.keys()].some((n) => n.startsWith(`${root}code/`)))
    throw refusal('torchscript', 'a TorchScript program')
  await littleEndian(file, entries.get(`${root}byteorder`))
  const bytes = await readEntry(file, data, MOST_PICKLE)
  const storages = new Storages()
  const where: Where = (offset) => ({ entry: shown(data.name), offset })
  const { value, end } = readPickle(bytes, 0, storages.load, where)
  if (end !== bytes.length) throw refusal('damaged', 'something follows the pickle', where(end))
  const stored = new Map<string, Stored>()
  for (const { key } of storages.all.values()) {
    const entry = entries.get(`${root}data/${key}`)
    if (!entry) continue
    let at: Promise<number> | undefined
    const find = () => (at ??= locate(file, entry))
    stored.set(key, { name: entry.name, bytes: entry.bytes, crc: entry.crc, locate: find })
  }
  fitting(storages, stored, (key) => `${root}data/${key}`)
  return { container: 'zip', root: value, stored }
}

/** The entry that makes it a checkpoint. Names that leave the folder, and compressed entries, are refused. */
const pickleIn = (entries: ReadonlyMap<string, ZipEntry>): ZipEntry => {
  const names = [...entries.keys()]
  const found = names.filter((name) => /(^|[/\\])data\.pkl$/.test(name))
  if (found.length === 0) {
    const holds = names.filter((name) => CHECKPOINT_NAME.test(name)).slice(0, 8)
    throw refusal('zip', 'a zip file, but no checkpoint: there is no data.pkl in it', {
      holds: holds.map(shown),
      names: names.slice(0, 8).map(shown),
    })
  }
  for (const { name, plain } of entries.values()) {
    if (/^[/\\]|^\w:|\\|(^|\/)\.\.(\/|$)|\0/.test(name))
      throw refusal('unsafe', `a name that leads out of the file: ${shown(name)}`, { entry: shown(name) })
    if (!plain)
      throw refusal('unsupported', 'an entry is compressed', { entry: shown(name), compressed: true })
  }
  if (found.length > 1) throw refusal('damaged', 'more than one data.pkl', { entry: shown(found[1]!) })
  return entries.get(found[0]!)!
}

const littleEndian = async (file: Blob, entry: ZipEntry | undefined) => {
  if (!entry) return
  const order = new TextDecoder().decode(await readEntry(file, entry, 64))
  if (order.trim() !== 'little')
    throw refusal('unsupported', `its numbers are ${shown(order)}-endian`, { entry: shown(entry.name) })
}

/** Five pickles: magic number, protocol, what system it was, the object, the keys of storages; then the storages. */
export const openLegacy = async (file: Blob): Promise<Saved> => {
  const bytes = await readBytes(file, 0, Math.min(file.size, MOST_PICKLE))
  const where: Where = (offset) => ({ offset })
  const storages = new Storages()
  let at = 0
  const next = (load = storages.load): Value => {
    const { value, end } = readPickle(bytes, at, load, where)
    at = end
    return value
  }
  const none = () => undefined
  if (magicIn(() => next(none), file.size) !== MAGIC)
    throw refusal('other-format', 'a pickle, but none that torch wrote', { kind: 'pickle', offset: 0 })
  const protocol = plainOf(next(none))
  if (protocol !== LEGACY_PROTOCOL)
    throw refusal('unsupported', `a legacy checkpoint of protocol ${String(protocol)}`)
  if (plainOf(under(next(none), 'little_endian')) !== true)
    throw refusal('unsupported', 'its numbers are big-endian')
  const root = next()
  const keys = keysIn(next(none))
  const stored = await storedAfter(file, at, keys, storages)
  fitting(storages, stored, (key) => `storage ${key}`)
  return { container: 'legacy', root, stored }
}

/** The first pickle. Whatever else is in it, torch did not write it; but what is unsafe is said to be. */
const magicIn = (read: () => Value, size: number) => {
  try {
    return plainOf(read())
  } catch (thrown) {
    const reason = thrown instanceof Fault ? thrown.detail['reason'] : undefined
    if (reason === 'unsafe' || (reason === 'incomplete' && size < MAGIC_BYTES)) throw thrown
    return undefined
  }
}

const plainOf = (value: Value | undefined) => (value?.kind === 'scalar' ? value.value : undefined)

const keysIn = (value: Value): string[] => {
  const keys = value.kind === 'list' ? value.items.map(plainOf) : []
  if (value.kind === 'list' && keys.every((key) => typeof key === 'string')) return keys
  throw refusal('damaged', 'the list of storages is none')
}

/** An int64 with the number of elements before each storage. */
const storedAfter = async (file: Blob, from: number, keys: readonly string[], storages: Storages) => {
  const items = new Map<string, number>()
  for (const { key, dtype } of storages.all.values()) items.set(key, ITEM_BYTES[dtype])
  const stored = new Map<string, Stored>()
  let at = from
  for (const key of keys) {
    const item = items.get(key)
    if (item === undefined || stored.has(key))
      throw refusal('damaged', 'a storage that nothing points at', { storage: shown(key), offset: at })
    const data = at + 8
    if (data > file.size) throw endsEarly(file, key, data - file.size)
    const bytes = item * uint64(viewOf(await readBytes(file, at, data)), 0)
    if (data + bytes > file.size) throw endsEarly(file, key, data + bytes - file.size)
    stored.set(key, { name: `storage ${key}`, bytes, crc: undefined, locate: async () => data })
    at = data + bytes
  }
  if (at !== file.size) throw refusal('damaged', 'something follows the last storage', { offset: at })
  return stored
}

const endsEarly = (file: Blob, key: string, missing: number) =>
  refusal('incomplete', `the file ends within storage ${shown(key)}: ${missing} bytes are missing`, {
    storage: shown(key),
    missing,
    offset: file.size,
  })
