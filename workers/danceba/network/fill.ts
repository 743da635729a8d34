/** @file A checkpoint's tensors as the file of a layout has them: rounded, quantised, folded. */
import { ahead } from '../checkpoint/ahead'
import { demandFinite } from '../checkpoint/numbers'
import type { Layout } from './layout'
import { makingsOf, type Values } from './making'

/**
 * Values of a tensor of the checkpoint by its name, without `module.`, in row-major order: all at once, or in pieces of whole
 * rows of the first dimension.
 */
export type Read = (name: string) => Float32Array | Promise<Float32Array> | AsyncIterable<Values>

/** `offset` is from the start of the file. The bytes are the writer's only until it has ended. */
export type Write = (offset: number, bytes: Uint8Array<ArrayBuffer>) => Promise<void> | void

/**
 * Write the whole file, tensor after tensor from its start to its end, but for the zeros between them. The next piece is read
 * while one is converted and written; a few pieces are in memory, or one matrix in bytes. Throws `bad-input`: `not-finite` with the
 * name of the tensor that has such values.
 */
export const fill = async (signal: AbortSignal, layout: Layout, read: Read, write: Write): Promise<void> => {
  for await (const { segment, making, source, piece } of ahead(inputs(layout, read))) {
    signal.throwIfAborted()
    if (piece) demandFinite(piece, source)
    for (const { stored, at, bytes } of piece ? making.take(source, piece) : making.end())
      await write(segment.offset + stored.offset + at, bytes)
  }
}

/** Every piece of every source; after the last one of what is made of them, none. */
async function* inputs({ segments }: Layout, read: Read) {
  for (const segment of segments)
    for (const making of makingsOf(segment.tensors)) {
      for (const source of making.sources)
        for await (const piece of piecesOf(read(source))) yield { segment, making, source, piece }
      yield { segment, making, source: '', piece: undefined }
    }
}

async function* piecesOf(values: ReturnType<Read>): AsyncGenerator<Values, void> {
  if (Symbol.asyncIterator in values) yield* values
  else yield new Float32Array(await values)
}
