/**
 * @file Pickles (protocols 2 to 5) read as data. The machine knows what `torch.save` writes and refuses the rest by opcode and
 * offset; nothing is imported or called beyond the table in `globals`. Every length is checked against the bytes that are
 * there before anything is made, and what may be made is limited. Source of the opcodes: Python's pickletools.
 */
import { viewOf, uint64 } from './bytes'
import { findGlobal, make, type Where } from './globals'
import { refusal } from './refusal'
import type { Key, Scalar, Sequence, Storage, Value } from './values'

/** Far beyond what a state dict and its optimizer need (some 5 containers and 40 steps a tensor), and below 100 MB. */
const LIMITS = { steps: 1_000_000, stack: 20_000, containers: 200_000, memo: 200_000, integerBytes: 32 }

export interface Pickle {
  readonly value: Value
  /** Where the next byte after it is. */
  readonly end: number
}

type Load = (id: Value | undefined) => Storage | undefined

/**
 * Reads one pickle from `bytes`, beginning at `start`. `load` makes a storage of a persistent id, or returns undefined for what
 * is none. `where` puts an offset in `bytes` into the detail of a Fault. Throws `damaged`, `unsafe`, `unsupported`,
 * `too-complex`, and `incomplete` where the bytes end first.
 */
export const readPickle = (bytes: Uint8Array, start: number, load: Load, where: Where): Pickle => {
  const machine = new Machine(bytes, start, load, where)
  while (machine.step());
  return { value: machine.result(), end: machine.at }
}

class Machine {
  at: number
  readonly #bytes: Uint8Array
  readonly #view: DataView
  /** Where the opcode that is being done stands. */
  #from = 0
  #steps = 0
  #containers = 0
  #stack: Value[] = []
  /** How high the stack was at each MARK. */
  #marks: number[] = []
  readonly #memo = new Map<number, Value>()
  readonly #load: Load
  readonly #where: Where

  constructor(bytes: Uint8Array, start: number, load: Load, where: Where) {
    this.#bytes = bytes
    this.#load = load
    this.#where = where
    this.#view = viewOf(bytes)
    this.at = start
  }

  /** One opcode; false after STOP. */
  step(): boolean {
    this.#from = this.at
    const opcode = this.uint8()
    if (opcode === STOP) return false
    const act = ACTS.get(opcode)
    if (!act) throw this.damaged(`opcode 0x${opcode.toString(16)}, which no checkpoint has`)
    act(this)
    this.#limit(++this.#steps, LIMITS.steps, 'steps')
    return true
  }

  result(): Value {
    const value = this.pop()
    if (this.#stack.length || this.#marks.length) throw this.damaged('something is left over at its end')
    return value
  }

  damaged(what: string) {
    return refusal('damaged', `the pickle is damaged: ${what}`, this.#where(this.#from))
  }

  #limit(count: number, most: number, of: string) {
    if (count > most) throw refusal('too-complex', `more than ${most} ${of}`, this.#where(this.#from))
  }

  // Reading

  take(length: number): Uint8Array {
    const { at } = this
    if (length > this.#bytes.length - at) {
      const whole = `${length} bytes are said to follow, ${this.#bytes.length - at} do`
      throw refusal('incomplete', `the pickle ends early: ${whole}`, this.#where(this.#from))
    }
    this.at += length
    return this.#bytes.subarray(at, at + length)
  }

  uint8() {
    if (this.at < this.#bytes.length) return this.#bytes[this.at++]!
    throw refusal('incomplete', 'the pickle ends without STOP', this.#where(this.at))
  }

  uint16() {
    return viewOf(this.take(2)).getUint16(0, true)
  }

  uint32() {
    return viewOf(this.take(4)).getUint32(0, true)
  }

  int32() {
    return this.uint32() | 0
  }

  uint64() {
    const { at } = this
    this.take(8)
    return uint64(this.#view, at)
  }

  float64() {
    return viewOf(this.take(8)).getFloat64(0) // the one big-endian number
  }

  text(length: number): string {
    const bytes = this.take(length)
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    } catch {
      throw this.damaged('a text that is not UTF-8')
    }
  }

  line(): string {
    const end = this.#bytes.indexOf(10, this.at)
    if (end < 0 || end - this.at > 500) throw this.damaged('a line without an end')
    const line = this.text(end - this.at)
    this.at++
    return line
  }

  /** Two's complement, little-endian, of any length. */
  integer(length: number): number | bigint {
    this.#limit(length, LIMITS.integerBytes, 'bytes in an integer')
    const bytes = this.take(length)
    let value = 0n
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!)
    return plain(BigInt.asIntN(length * 8, value))
  }

  // The stack

  push(value: Value) {
    this.#stack.push(value)
    this.#limit(this.#stack.length, LIMITS.stack, 'values at once')
  }

  scalar<T extends Scalar['type']>(type: T, value: Extract<Scalar, { type: T }>['value']) {
    this.push({ kind: 'scalar', type, value } as Scalar)
  }

  sequence(kind: Sequence['kind'], items: Value[]) {
    this.#limit(++this.#containers, LIMITS.containers, 'containers')
    this.push({ kind, items })
  }

  dict() {
    this.#limit(++this.#containers, LIMITS.containers, 'containers')
    this.push({ kind: 'dict', entries: new Map() })
  }

  pop(): Value {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw this.damaged('it takes more than there is')
    return this.#stack.pop()!
  }

  top(): Value {
    const value = this.pop()
    this.#stack.push(value)
    return value
  }

  mark() {
    this.#marks.push(this.#stack.length)
    this.#limit(this.#marks.length, LIMITS.stack, 'marks at once')
  }

  /** All since the last MARK. */
  popMark(): Value[] {
    const from = this.#marks.pop()
    if (from === undefined) throw this.damaged('no MARK')
    return this.#stack.splice(from)
  }

  popMany(count: number): Value[] {
    return Array.from({ length: count }, () => this.pop()).reverse()
  }

  put(index: number) {
    this.#memo.set(index, this.top())
    this.#limit(this.#memo.size, LIMITS.memo, 'remembered values')
  }

  memoise() {
    this.put(this.#memo.size)
  }

  get(index: number) {
    const value = this.#memo.get(index)
    if (!value) throw this.damaged(`nothing is remembered under ${index}`)
    this.push(value)
  }

  // Names, and what is built

  global(module: string, name: string) {
    this.push(findGlobal(`${module}.${name}`, this.#from, this.#where))
  }

  stackGlobal() {
    const name = this.pop()
    const module = this.pop()
    if (name.kind !== 'scalar' || module.kind !== 'scalar') throw this.damaged('a global without a name')
    this.global(String(module.value), String(name.value))
  }

  call(keywords = false) {
    if (keywords) this.pop()
    const args = this.pop()
    const callee = this.pop()
    if (callee.kind !== 'global') throw this.damaged('a call of what is no function')
    if (args.kind !== 'tuple') throw this.damaged('a call without arguments')
    this.#limit(++this.#containers, LIMITS.containers, 'containers')
    this.push(make(callee, args.items, this.#where))
  }

  /** The attributes of an object: `_metadata` of an OrderedDict, those of an EasyDict again. None of them is of use. */
  build() {
    this.pop()
    if (this.top().kind !== 'dict') throw this.damaged('attributes of what has none')
  }

  persistent() {
    const storage = this.#load(this.pop())
    if (!storage) throw this.damaged('a reference to what is no storage')
    this.push(storage)
  }

  append(items: readonly Value[], kind: 'list' | 'set') {
    const target = this.top()
    if (target.kind !== kind) throw this.damaged(`items for what is no ${kind}`)
    for (const item of items) target.items.push(item)
  }

  setItems(items: readonly Value[]) {
    const target = this.top()
    if (target.kind !== 'dict' || items.length % 2) throw this.damaged('entries for what is no dictionary')
    for (let i = 0; i < items.length; i += 2) target.entries.set(this.#key(items[i]!), items[i + 1]!)
  }

  #key(value: Value): Key {
    if (value.kind !== 'scalar' || value.type === 'bytes')
      throw this.damaged('a key that is no text or number')
    return value.value
  }

  protocol() {
    const version = this.uint8()
    if (version < 2 || version > 5) throw this.damaged(`protocol ${version}`)
  }
}

const plain = (value: bigint): number | bigint =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value

const STOP = 0x2e

/** `I`: a decimal line, or 00 and 01 for false and true. */
const decimal = (m: Machine) => {
  const line = m.line()
  if (line === '00' || line === '01') return m.scalar('bool', line === '01')
  if (!/^[+-]?\d{1,20}$/.test(line)) throw m.damaged('a number that is none')
  m.scalar('int', plain(BigInt(line.replace('+', ''))))
}

const ACTS = new Map<number, (m: Machine) => void>([
  [0x80, (m) => m.protocol()],
  [0x95, (m) => void m.uint64()], // FRAME
  [0x28, (m) => m.mark()],
  [0x30, (m) => void m.pop()],
  [0x31, (m) => void m.popMark()],
  [0x32, (m) => m.push(m.top())], // DUP
  // Scalars
  [0x4e, (m) => m.scalar('none', null)],
  [0x88, (m) => m.scalar('bool', true)],
  [0x89, (m) => m.scalar('bool', false)],
  [0x4a, (m) => m.scalar('int', m.int32())],
  [0x4b, (m) => m.scalar('int', m.uint8())],
  [0x4d, (m) => m.scalar('int', m.uint16())],
  [0x8a, (m) => m.scalar('int', m.integer(m.uint8()))],
  [0x8b, (m) => m.scalar('int', m.integer(m.uint32()))],
  [0x49, decimal],
  [0x47, (m) => m.scalar('float', m.float64())],
  [0x58, (m) => m.scalar('str', m.text(m.uint32()))],
  [0x8c, (m) => m.scalar('str', m.text(m.uint8()))],
  [0x8d, (m) => m.scalar('str', m.text(m.uint64()))],
  [0x54, (m) => m.scalar('str', m.text(m.uint32()))], // of Python 2
  [0x55, (m) => m.scalar('str', m.text(m.uint8()))],
  [0x42, (m) => m.scalar('bytes', m.take(m.uint32()))],
  [0x43, (m) => m.scalar('bytes', m.take(m.uint8()))],
  [0x8e, (m) => m.scalar('bytes', m.take(m.uint64()))],
  // Containers
  [0x5d, (m) => m.sequence('list', [])],
  [0x61, (m) => m.append([m.pop()], 'list')],
  [0x65, (m) => m.append(m.popMark(), 'list')],
  [0x29, (m) => m.sequence('tuple', [])],
  [0x74, (m) => m.sequence('tuple', m.popMark())],
  [0x85, (m) => m.sequence('tuple', m.popMany(1))],
  [0x86, (m) => m.sequence('tuple', m.popMany(2))],
  [0x87, (m) => m.sequence('tuple', m.popMany(3))],
  [0x7d, (m) => m.dict()],
  [0x73, (m) => m.setItems(m.popMany(2))],
  [0x75, (m) => m.setItems(m.popMark())],
  [0x8f, (m) => m.sequence('set', [])],
  [0x90, (m) => m.append(m.popMark(), 'set')],
  [0x91, (m) => m.sequence('set', m.popMark())],
  // What was seen before
  [0x71, (m) => m.put(m.uint8())],
  [0x72, (m) => m.put(m.uint32())],
  [0x94, (m) => m.memoise()],
  [0x68, (m) => m.get(m.uint8())],
  [0x6a, (m) => m.get(m.uint32())],
  // Names
  [0x63, (m) => m.global(m.line(), m.line())],
  [0x93, (m) => m.stackGlobal()],
  [0x52, (m) => m.call()],
  [0x81, (m) => m.call()], // NEWOBJ
  [0x92, (m) => m.call(true)], // NEWOBJ_EX
  [0x62, (m) => m.build()],
  [0x51, (m) => m.persistent()],
])
