/**
 * @file The text of a Biovision hierarchy: joints with offsets and channels, then rows of numbers. In any order of
 * channels; what a row lacks at the end of a cut-off file is left out.
 */
import { IDENTITY, multiply, rotate, turn, type Quat } from './quaternion'
import type { RecordedJoint, RecordedPose } from './recording'
import { refuse } from './refuse'
import { add, X, Y, Z, type Vec } from './vector'

export interface BvhJoint extends RecordedJoint {
  readonly channels: readonly string[]
  /** Where its channels begin in a row. */
  readonly firstValue: number
  readonly ends: Vec[]
}

export interface BvhFile {
  readonly joints: readonly BvhJoint[]
  readonly frames: number
  readonly frameS: number
  /** Numbers a row. */
  readonly width: number
  readonly values: Float32Array
}

/** More joints than any skeleton has, more numbers than a tab should hold. */
const MOST = { joints: 2000, values: 60e6 }

export const parseBvh = (text: string): BvhFile => {
  const motion = text.search(/^\s*MOTION\s*$/m)
  if (!/^\s*HIERARCHY\b/.test(text)) return refuse('format', 'no BVH: it does not begin with HIERARCHY')
  const joints = new Hierarchy(motion < 0 ? text : text.slice(0, motion)).read()
  if (motion < 0) return refuse('no-motion', 'no MOTION part')
  const width = joints.reduce((sum, { channels }) => sum + channels.length, 0)
  const head = /MOTION\s+Frames:\s*(\d+)\s+Frame\s+Time:\s*([\d.eE+-]+)/.exec(
    text.slice(motion, motion + 400),
  )
  if (!head) return refuse('format', 'no number of frames, or no frame time')
  const frameS = Number(head[2])
  if (!(frameS > 1e-4 && frameS < 10)) return refuse('format', `a frame of ${frameS} s`)
  const wanted = Number(head[1]) * width
  if (wanted > MOST.values) return refuse('format', `${wanted} numbers`)
  const body = text.slice(motion + head.index + head[0].length)
  const values = new Float32Array(wanted)
  let count = 0
  for (const [number] of body.matchAll(/\S+/g)) {
    if (count === wanted) break
    const value = Number(number)
    if (!Number.isFinite(value)) return refuse('broken', `${number} among the numbers`)
    values[count++] = value
  }
  const frames = Math.floor(count / Math.max(1, width))
  if (frames === 0) return refuse('no-motion', 'not one whole frame')
  return { joints, frames, frameS, width, values: values.subarray(0, frames * width) }
}

class Hierarchy {
  readonly #words: readonly string[]
  #next = 1

  constructor(text: string) {
    this.#words = text.match(/\S+/g) ?? []
  }

  read(): BvhJoint[] {
    const joints: BvhJoint[] = []
    const open: number[] = []
    let width = 0
    let inEnd = false
    while (this.#next < this.#words.length) {
      const word = this.#word()
      if (word === 'ROOT' || word === 'JOINT') {
        const name = this.#until('{')
        if (joints.length && open.length === 0) refuse('no-humanoid', 'more than one root')
        const [offset, channels] = [this.#offset(), this.#channels()]
        joints.push({ name, parent: open.at(-1) ?? -1, offset, channels, firstValue: width, ends: [] })
        width += channels.length
        open.push(joints.length - 1)
        if (joints.length > MOST.joints) refuse('format', 'too many joints')
      } else if (word === 'End') {
        this.#until('{')
        const parent = joints[open.at(-1) ?? -1] ?? refuse('broken', 'an end without a joint')
        parent.ends.push(this.#offset())
        inEnd = true
      } else if (word === '}') {
        if (inEnd) inEnd = false
        else if (open.pop() === undefined) refuse('broken', 'one brace too many')
      } else refuse('format', `${word.slice(0, 40)} in the hierarchy`)
    }
    if (open.length || !joints.length) refuse('truncated', 'the hierarchy does not end')
    return joints
  }

  #word(): string {
    return this.#words[this.#next++] ?? refuse('truncated', 'the hierarchy ends early')
  }

  /** Names may have spaces (`Bip01 L Thigh`). */
  #until(stop: string): string {
    const words: string[] = []
    for (let word = this.#word(); word !== stop; word = this.#word()) words.push(word)
    return words.join(' ')
  }

  #offset(): Vec {
    if (this.#word() !== 'OFFSET') refuse('format', 'a joint without an offset')
    return [this.#number(), this.#number(), this.#number()]
  }

  #number(): number {
    const value = Number(this.#word())
    return Number.isFinite(value) ? value : refuse('broken', 'an offset that is no number')
  }

  #channels(): string[] {
    // A joint that does not move may leave them out.
    if (this.#words[this.#next] !== 'CHANNELS') return []
    this.#next++
    const channels = Array.from({ length: this.#number() }, () => this.#word().toLowerCase())
    const odd = channels.find((channel) => !/^[xyz](position|rotation)$/.test(channel))
    return odd ? refuse('format', `a channel called ${odd}`) : channels
  }
}

const AXES: Readonly<Record<string, Vec>> = { x: X, y: Y, z: Z }

/** Of a frame; of -1, with every rotation zero. Rotations apply from the last channel to the first. */
export const poseOf = ({ joints, values, width }: BvhFile, frame: number): RecordedPose => {
  const places: Vec[] = []
  const turns: Quat[] = []
  for (const { parent, offset, channels, firstValue } of joints) {
    let local = IDENTITY
    const move: [number, number, number] = [0, 0, 0]
    channels.forEach((channel, i) => {
      const value = frame < 0 ? 0 : values[frame * width + firstValue + i]!
      if (channel.endsWith('rotation'))
        local = multiply(local, turn(AXES[channel[0]!]!, (value * Math.PI) / 180))
      else move['xyz'.indexOf(channel[0]!)] = value
    })
    // Where a place is given, it stands for the offset; some exporters write zeros for joints that do not move.
    const moved = frame >= 0 && (move[0] !== 0 || move[1] !== 0 || move[2] !== 0) ? move : offset
    places.push(parent < 0 ? moved : add(places[parent]!, rotate(turns[parent]!, moved)))
    turns.push(parent < 0 ? local : multiply(turns[parent]!, local))
  }
  return { places, turns }
}

/** Whole rates are written as rounded times: 0.016667 are 60 frames a second. */
export const rateOf = ({ frameS }: BvhFile): number => {
  const rate = 1 / frameS
  return Math.abs(rate - Math.round(rate)) < 0.005 * rate ? Math.round(rate) : rate
}
