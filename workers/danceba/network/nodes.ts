/**
 * @file What `onnx` writes, read again: the nodes of a model, the sizes of its tensors and the numbers of its small constants
 * (onnx.proto of ONNX 1.17; numbers below are its field ids).
 */

export interface Node {
  readonly type: string
  /** '' where one is left out. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Integers and lists of them only. */
  readonly attributes: Readonly<Record<string, readonly number[]>>
}

export interface Stored {
  readonly dims: readonly number[]
  /** Of one number of it. */
  readonly bytes: number
  /** Of constants inside the model that are whole numbers. */
  readonly integers?: readonly number[]
}

export interface Model {
  readonly nodes: readonly Node[]
  readonly stored: ReadonlyMap<string, Stored>
  /** Sizes of what is given to it; words stand for sizes that differ from run to run. */
  readonly inputs: ReadonlyMap<string, readonly (number | string)[]>
}

/** Bytes of a number by `TensorProto.DataType`. */
const BYTES: Partial<Record<number, number>> = { 1: 4, 2: 1, 3: 1, 6: 4, 7: 8, 9: 1, 10: 2 }
const INT64 = 7

export const readModel = (bytes: Uint8Array): Model => {
  const graph = messageOf(one(messageOf(bytes), 7))
  const stored = all(graph, 5).map((tensor): [string, Stored] => {
    const fields = messageOf(tensor)
    const type = Number(fields.get(2)![0])
    const raw = fields.get(9)?.[0]
    const integers =
      type === INT64 && raw instanceof Uint8Array ? [...new BigInt64Array(raw.slice().buffer)] : []
    return [
      textOf(one(fields, 8)),
      { dims: numbers(fields, 1), bytes: BYTES[type]!, ...(raw && { integers: integers.map(Number) }) },
    ]
  })
  return {
    nodes: all(graph, 1).map(nodeOf),
    stored: new Map(stored),
    inputs: new Map(all(graph, 11).map(inputOf)),
  }
}

const nodeOf = (bytes: Uint8Array): Node => {
  const fields = messageOf(bytes)
  const attributes = all(fields, 5).map((each): [string, readonly number[]] => {
    const attribute = messageOf(each)
    return [textOf(one(attribute, 1)), [...numbers(attribute, 3), ...numbers(attribute, 8)]]
  })
  return {
    type: textOf(one(fields, 4)),
    inputs: all(fields, 1).map(textOf),
    outputs: all(fields, 2).map(textOf),
    attributes: Object.fromEntries(attributes),
  }
}

/** ValueInfoProto → TypeProto → its tensor → TensorShapeProto → dimensions. */
const inputOf = (bytes: Uint8Array): [string, readonly (number | string)[]] => {
  const fields = messageOf(bytes)
  const tensor = messageOf(one(messageOf(one(fields, 2)), 1))
  const dims = all(messageOf(one(tensor, 2)), 1).map((each) => {
    const dim = messageOf(each)
    return dim.has(2) ? textOf(one(dim, 2)) : Number(dim.get(1)![0])
  })
  return [textOf(one(fields, 1)), dims]
}

type Fields = ReadonlyMap<number, readonly (bigint | Uint8Array)[]>

/** Fields of a protobuf message by their ids, those that come again in their order. */
const messageOf = (bytes: Uint8Array): Fields => {
  const fields = new Map<number, (bigint | Uint8Array)[]>()
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]!
      value |= BigInt(byte & 127) << shift
      if (byte < 128) return BigInt.asIntN(64, value)
    }
  }
  const take = (length: number) => bytes.subarray(at, (at += length))
  while (at < bytes.length) {
    const tag = Number(varint())
    const value = (tag & 7) === 0 ? varint() : take((tag & 7) === 5 ? 4 : Number(varint()))
    const found = fields.get(tag >> 3)
    if (found) found.push(value)
    else fields.set(tag >> 3, [value])
  }
  return fields
}

const decoder = new TextDecoder()
const textOf = (bytes: Uint8Array) => decoder.decode(bytes)
const all = (fields: Fields, id: number) => (fields.get(id) ?? []) as readonly Uint8Array[]
const one = (fields: Fields, id: number): Uint8Array => all(fields, id)[0]!
const numbers = (fields: Fields, id: number): number[] => (fields.get(id) ?? []).map(Number)
