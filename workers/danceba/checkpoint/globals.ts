/**
 * @file The names a checkpoint may mention, exactly, and what is made of them. All others are refused: a pickle is a program,
 * and this is the list of what it may call. Written for what `torch.save` of a state dict with an EasyDict mentions.
 */
import { refusal, shown } from './refusal'
import type { Dtype, Global, Storage, Tensor, Uninitialised, Value } from './values'

type Make = (args: readonly Value[]) => Value | undefined

const UNINITIALISED: Uninitialised = { kind: 'uninitialised' }
const emptyDict: Make = (args) => (args.length === 0 ? { kind: 'dict', entries: new Map() } : undefined)
const lazy: Make = () => UNINITIALISED
const set: Make = ([items, ...more]) =>
  items?.kind === 'list' && more.length === 0 ? { kind: 'set', items: items.items } : undefined

const int = (value: Value | undefined): number | undefined =>
  value?.kind === 'scalar' && value.type === 'int' && typeof value.value === 'number'
    ? value.value
    : undefined

const ints = (value: Value | undefined): number[] | undefined => {
  if (value?.kind !== 'tuple') return undefined
  const numbers = value.items.map(int)
  return numbers.every((number) => number !== undefined) ? numbers : undefined
}

/** `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks[, metadata])`. Bounds are checked by who lists it. */
const tensor: Make = (args) => {
  const [storage, first, size, steps] = args
  const offset = int(first)
  const shape = ints(size)
  const stride = ints(steps)
  if (args.length < 6 || args.length > 7 || storage?.kind !== 'storage') return undefined
  if (offset === undefined || !shape || shape.length !== stride?.length) return undefined
  return { kind: 'tensor', storage, dtype: storage.dtype, offset, shape, stride } satisfies Tensor
}

const parameter: Make = ([data, ...more]) => (data?.kind === 'tensor' && more.length === 2 ? data : undefined)

const MAKERS = new Map<string, Make>([
  ['collections.OrderedDict', emptyDict],
  ['easydict.EasyDict', emptyDict],
  ['__builtin__.set', set],
  ['builtins.set', set],
  ['torch._utils._rebuild_tensor_v2', tensor],
  ['torch._utils._rebuild_parameter', parameter],
  ['torch.nn.parameter.UninitializedParameter', lazy],
  ['torch.nn.parameter.UninitializedBuffer', lazy],
])

const STORAGES = new Map<string, Dtype>([
  ['torch.FloatStorage', 'float32'],
  ['torch.DoubleStorage', 'float64'],
  ['torch.HalfStorage', 'float16'],
  ['torch.BFloat16Storage', 'bfloat16'],
  ['torch.LongStorage', 'int64'],
  ['torch.IntStorage', 'int32'],
  ['torch.ShortStorage', 'int16'],
  ['torch.CharStorage', 'int8'],
  ['torch.ByteStorage', 'uint8'],
  ['torch.BoolStorage', 'bool'],
])

export type Where = (offset: number) => Record<string, unknown>

/** The name, if it is one of the list. Throws `unsafe`, or `unsupported` for storages of other types, with where it stands. */
export const findGlobal = (name: string, at: number, where: Where): Global => {
  if (MAKERS.has(name) || STORAGES.has(name)) return { kind: 'global', name, at }
  const detail = { global: shown(name), ...where(at) }
  if (/^torch\.\w+Storage$/.test(name))
    throw refusal('unsupported', `elements of ${name} cannot be read`, detail)
  throw refusal(
    'unsafe',
    `the file wants to call ${shown(name)}, which is none of what a checkpoint needs`,
    detail,
  )
}

/** What calling an allowed name makes. Throws `damaged` for arguments it does not take. */
export const make = (callee: Global, args: readonly Value[], where: Where): Value => {
  const made = MAKERS.get(callee.name)?.(args)
  if (made) return made
  throw refusal('damaged', `${callee.name} with arguments it does not take`, {
    global: callee.name,
    ...where(callee.at),
  })
}

/** What `('storage', class, key, location, length[, None])` points at; undefined if it is none. */
export const storageFrom = (id: Value | undefined): Storage | undefined => {
  if (id?.kind !== 'tuple' || id.items.length < 5 || id.items.length > 6) return undefined
  const [tag, type, key, , count, part] = id.items
  const dtype = type?.kind === 'global' ? STORAGES.get(type.name) : undefined
  const length = int(count)
  if (tag?.kind !== 'scalar' || tag.value !== 'storage' || !dtype) return undefined
  if (key?.kind !== 'scalar' || typeof key.value !== 'string') return undefined
  if (length === undefined || length < 0) return undefined
  // Torch before 0.4 could point at a part of another storage.
  if (part && !(part.kind === 'scalar' && part.type === 'none')) return undefined
  return { kind: 'storage', key: key.value, dtype, length }
}
