/** @file Poses to codes: how a dance can begin where a motion is. */
import { openSession, Tensor, type Session } from '../../runtime/sessions'
import { dataOf, type PoseOptions } from './decoder'
import { channelsOf, POSE } from './pose'
import { codebook, encoderGraph, LOWER, UPPER, type Half } from './vqvae'

export interface Encoded {
  readonly codes: Int32Array
  /** Before it is rounded to a code: codes × width. */
  readonly latent: Float32Array
}

export class PoseEncoder {
  readonly #session: Session
  readonly #books: Readonly<Record<Half, Float32Array>>

  private constructor(session: Session, books: Readonly<Record<Half, Float32Array>>) {
    this.#session = session
    this.#books = books
  }

  static async open(signal: AbortSignal, options: PoseOptions): Promise<PoseEncoder> {
    const { shape, layout } = options
    const graph = encoderGraph(shape, layout)
    const data = dataOf(options, graph.segments)
    const session = await openSession(signal, graph.model, { ...options, data })
    const codes = await dataOf(options, ['codes'])[0]!.data.arrayBuffer()
    const book = (half: Half) =>
      new Float32Array(codes, layout.tensor(codebook(half)).offset, shape.codes * shape.width)
    return new PoseEncoder(session, { up: book('up'), down: book('down') })
  }

  /** Of every eight whole frames of poses (frames × 72), both codes. Where the pelvis is does not count. */
  async encode(pose: Float32Array): Promise<Readonly<Record<Half, Encoded>>> {
    const frames = pose.length / POSE
    const input = (joints: readonly number[]) => {
      const channels = channelsOf(pose, joints)
      if (joints[0] === 0) channels.fill(0, 0, 3 * frames)
      return new Tensor('float32', channels, [joints.length * 3, frames])
    }
    const out = await this.#session.run({ pose_up: input(UPPER), pose_down: input(LOWER) })
    return { up: this.#nearest('up', out['latent_up']!), down: this.#nearest('down', out['latent_down']!) }
  }

  release(): Promise<void> {
    return this.#session.release()
  }

  #nearest(half: Half, { data, dims }: Tensor): Encoded {
    const book = this.#books[half]
    const [width, count] = dims as readonly [number, number]
    const values = data as Float32Array
    const latent = Float32Array.from(values, (_, i) => values[(i % width) * count + Math.floor(i / width)]!)
    const codes = Int32Array.from({ length: count }, (_, i) =>
      nearest(latent.subarray(i * width, (i + 1) * width), book),
    )
    return { codes, latent }
  }
}

/** The row of the codebook with the least squared distance; of equal ones the first. */
const nearest = (vector: Float32Array, book: Float32Array): number => {
  const width = vector.length
  let best = 0
  let least = Infinity
  for (let code = 0; code * width < book.length; code++) {
    let distance = 0
    for (let i = 0; i < width; i++) distance += (vector[i]! - book[code * width + i]!) ** 2
    if (distance >= least) continue
    least = distance
    best = code
  }
  return best
}
