/** @file What a pickle of a checkpoint can hold: plain data, and tensors that point at storages. Nothing of it is code. */

/** Element types, as in `torch.FloatStorage` and so on. */
export type Dtype =
  'float32' | 'float64' | 'float16' | 'bfloat16' | 'int64' | 'int32' | 'int16' | 'int8' | 'uint8' | 'bool'

export const ITEM_BYTES: Record<Dtype, number> = {
  float32: 4,
  float64: 8,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
}

/** A run of elements, shared by the tensors that point at it. `length` in elements. */
export interface Storage {
  readonly kind: 'storage'
  readonly key: string
  readonly dtype: Dtype
  readonly length: number
}

/** A view of a storage: element (i, j, ...) is at `offset` + i * stride[0] + j * stride[1] + ..., counted in elements. */
export interface Tensor {
  readonly kind: 'tensor'
  readonly storage: Storage
  readonly dtype: Dtype
  readonly offset: number
  readonly shape: readonly number[]
  readonly stride: readonly number[]
}

/** Integers beyond 2^53 are bigint. */
export type Scalar =
  | { readonly kind: 'scalar'; readonly type: 'int'; readonly value: number | bigint }
  | { readonly kind: 'scalar'; readonly type: 'float'; readonly value: number }
  | { readonly kind: 'scalar'; readonly type: 'str'; readonly value: string }
  | { readonly kind: 'scalar'; readonly type: 'bool'; readonly value: boolean }
  | { readonly kind: 'scalar'; readonly type: 'none'; readonly value: null }
  | { readonly kind: 'scalar'; readonly type: 'bytes'; readonly value: Uint8Array }

export type Key = string | number | bigint | boolean | null

/** Of any class: `dict`, `OrderedDict`, `EasyDict`. A Map, so that no key means anything to JavaScript. */
export interface Dict {
  readonly kind: 'dict'
  readonly entries: Map<Key, Value>
}

export interface Sequence {
  readonly kind: 'list' | 'tuple' | 'set'
  readonly items: Value[]
}

/** A lazy layer's parameter that was never used: it has no shape and no data. */
export interface Uninitialised {
  readonly kind: 'uninitialised'
}

/** A name that the pickle mentions, and where. It is looked up in a table here, never imported. */
export interface Global {
  readonly kind: 'global'
  readonly name: string
  readonly at: number
}

export type Value = Scalar | Sequence | Dict | Tensor | Storage | Uninitialised | Global

/** How many elements; may exceed what its storage has, where a stride is 0. */
export const countOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1)

/** The value under a text key, if `value` is a dictionary and has it. */
export const under = (value: Value | undefined, key: string): Value | undefined =>
  value?.kind === 'dict' ? value.entries.get(key) : undefined
