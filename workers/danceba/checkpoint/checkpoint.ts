/**
 * @file A PyTorch checkpoint as a list of leaves by path, over a file that stays where it is: opening one reads its directory and
 * its pickle, some hundred kilobytes of a gigabyte.
 */
import { readBytes } from './bytes'
import { openLegacy, openZip, type Stored } from './containers'
import { refusal, shown } from './refusal'
import { sniff, SNIFFED } from './sniff'
import { ITEM_BYTES, countOf, type Dict, type Key, type Sequence, type Tensor, type Value } from './values'

/** Whatever is no container; storages and names only where a file is odd. */
export type Leaf = Exclude<Value, Sequence | Dict>

export interface Checkpoint {
  readonly file: Blob
  readonly container: 'zip' | 'legacy'
  /** What was saved, as it was. May share parts with itself: walk `leaves` instead. */
  readonly root: Value
  /** By path (`/model/module.gpt_base.cond_emb.weight`), in the order of the file. Items of sets are not listed. */
  readonly leaves: ReadonlyMap<string, Leaf>
  readonly stored: ReadonlyMap<string, Stored>
}

const MOST_DEPTH = 100
const MOST_PARTS = 200_000
const LONGEST_KEY = 1000
const MOST_RANK = 16
/** Of a tensor; the largest here has 4.7 million. */
const MOST_ELEMENTS = 2 ** 31

/**
 * Opens a checkpoint. Nothing of its tensors is read, but where they lie is checked against the file.
 * Throws `bad-input` with a Reason for every file that is none, is damaged, or wants more than plain data.
 */
export const openCheckpoint = async (signal: AbortSignal, file: Blob): Promise<Checkpoint> => {
  signal.throwIfAborted()
  const kind = sniff(await readBytes(file, 0, Math.min(SNIFFED, file.size)), file.size)
  const saved = await (kind === 'zip' ? openZip(file) : openLegacy(file))
  signal.throwIfAborted()
  return { file, ...saved, leaves: leavesOf(saved.root) }
}

interface Visit {
  readonly value: Value
  readonly path: string
  readonly depth: number
}

const leavesOf = (root: Value): ReadonlyMap<string, Leaf> => {
  const leaves = new Map<string, Leaf>()
  const due: Visit[] = [{ value: root, path: '', depth: 0 }]
  let parts = 0
  for (let visit = due.pop(); visit; visit = due.pop()) {
    const { value, path, depth } = visit
    if (++parts > MOST_PARTS || depth > MOST_DEPTH)
      throw refusal('too-complex', `more than ${MOST_PARTS} parts, or ${MOST_DEPTH} within each other`)
    if (!('items' in value || 'entries' in value)) {
      if (value.kind === 'tensor') checkTensor(value, path)
      if (leaves.has(path)) throw refusal('damaged', `two parts are named ${shown(path)}`)
      leaves.set(path, value)
      continue
    }
    const inner = partsOf(value)
    if (due.length + inner.length > MOST_PARTS) throw refusal('too-complex', `more than ${MOST_PARTS} parts`)
    for (const [key, part] of inner.reverse())
      due.push({ value: part, path: `${path}/${named(key)}`, depth: depth + 1 })
  }
  return leaves
}

const partsOf = (value: Sequence | Dict): [Key, Value][] => {
  if (value.kind === 'dict') return [...value.entries]
  return value.kind === 'set' ? [] : value.items.map((item, i) => [i, item])
}

const named = (key: Key): string => {
  const name = String(key)
  if (name.length > LONGEST_KEY) throw refusal('too-complex', `a name of ${name.length} characters`)
  return name
}

/** Every element lies in the storage. */
const checkTensor = ({ storage, offset, shape, stride }: Tensor, path: string) => {
  const wrong = (what: string) =>
    refusal('damaged', `${shown(path)} ${what}`, { tensor: shown(path), storage: shown(storage.key) })
  if (shape.length > MOST_RANK) throw wrong(`has ${shape.length} dimensions`)
  if ([offset, ...shape, ...stride].some((number) => number < 0)) throw wrong('has a negative size or step')
  if (countOf(shape) > MOST_ELEMENTS || countOf(shape.map((n) => n || 1)) > Number.MAX_SAFE_INTEGER)
    throw wrong(`has more than ${MOST_ELEMENTS} elements`)
  if (shape.includes(0)) return
  const last = offset + shape.reduce((sum, size, i) => sum + (size - 1) * stride[i]!, 0)
  if (last >= storage.length) throw wrong(`needs element ${last} of a storage of ${storage.length}`)
}

/** How many bytes its elements take in a row. */
export const bytesOf = ({ dtype, shape }: Pick<Tensor, 'dtype' | 'shape'>) =>
  countOf(shape) * ITEM_BYTES[dtype]
