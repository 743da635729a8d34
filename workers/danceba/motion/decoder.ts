/** @file Codes to poses: the whole at once, or piece by piece while they come, with exactly the same result. */
import { openSession, Tensor, type Session } from '../../runtime/sessions'
import type { Layout } from '../network/layout'
import type { Pair } from '../network/decode'
import { Path, POSE, posesOf } from './pose'
import { decoderGraph, reachOf, type PoseShape } from './vqvae'

export interface PoseOptions {
  readonly shape: PoseShape
  readonly layout: Layout
  /** The weights, as `layout` says. */
  readonly file: Blob
  readonly threads?: number | undefined
  readonly device?: GPUDevice | undefined
}

export class PoseDecoder {
  readonly #session: Session
  readonly #shape: PoseShape

  private constructor(session: Session, shape: PoseShape) {
    this.#session = session
    this.#shape = shape
  }

  static async open(signal: AbortSignal, options: PoseOptions): Promise<PoseDecoder> {
    const { shape, layout } = options
    const graph = decoderGraph(shape, layout)
    const data = dataOf(options, graph.segments)
    const asWritten = layout.precision !== 'fp32'
    return new PoseDecoder(await openSession(signal, graph.model, { ...options, data, asWritten }), shape)
  }

  /** Poses, frames × 72: of the pelvis how it moves until the next frame, of the others where they are from it. */
  async decode(pairs: readonly Pair[]): Promise<Float32Array<ArrayBuffer>> {
    const codes = (half: keyof Pair) =>
      new Tensor(
        'int32',
        Int32Array.from(pairs, (pair) => pair[half]),
        [pairs.length],
      )
    const out = await this.#session.run({ up: codes('up'), down: codes('down') })
    const [up, down, root] = ['pose_up', 'pose_down', 'root'].map((name) => out[name]!.data as Float32Array)
    return posesOf(up!, down!, root!)
  }

  /**
   * Joints in space, frames × 24 × 3, in pieces of `piece` codes, or of as many as it says when so many are done. A piece is
   * decoded as soon as the codes that are still heard in it are there, together with these and with those before: beyond them
   * nothing changes it.
   */
  async *stream(
    signal: AbortSignal,
    pairs: AsyncIterable<Pair>,
    piece: number | ((done: number) => number) = 16,
  ): AsyncGenerator<Float32Array<ArrayBuffer>> {
    const sizeAt = typeof piece === 'number' ? () => piece : piece
    const reach = reachOf(this.#shape)
    const path = new Path()
    const seen: Pair[] = []
    let [done, dropped] = [0, 0] // counted from the first code of all; `seen` begins at `dropped`
    const take = async (to: number) => {
      signal.throwIfAborted()
      const from = Math.max(dropped, done - reach)
      seen.splice(0, from - dropped)
      dropped = from
      const poses = await this.decode(seen.slice(0, to + reach - dropped))
      signal.throwIfAborted()
      const frames = 2 ** this.#shape.stages * POSE
      const wanted = poses.slice((done - dropped) * frames, (to - dropped) * frames)
      done = to
      return path.walk(wanted)
    }
    for await (const pair of pairs) {
      seen.push(pair)
      const to = done + sizeAt(done)
      if (dropped + seen.length >= to + reach) yield await take(to)
    }
    while (done < dropped + seen.length)
      yield await take(Math.min(done + sizeAt(done), dropped + seen.length))
  }

  release(): Promise<void> {
    return this.#session.release()
  }
}

/** Segments of the file under their names. */
export const dataOf = ({ layout, file }: PoseOptions, segments: readonly string[]) =>
  segments.map((name) => {
    const { offset, bytes } = layout.segment(name)
    return { path: name, data: file.slice(offset, offset + bytes) }
  })
