/** @file The thread of motion files: a dance of three minutes is megabytes of text, and nobody is to notice them. */
import { readMotion, writeMotion } from '../src/motion/files'
import { sequence } from '../src/motion/sequence'
import { breath } from '../src/shared/breath'
import type { Motion, MotionFiles, MotionFormat, MotionPart } from '../src/shared/contracts'
import { give, serve } from '../src/shared/wire'

class MotionThread implements MotionFiles {
  async write(
    signal: AbortSignal,
    format: MotionFormat,
    parts: AsyncIterable<MotionPart>,
    toS: number,
    avatar?: ArrayBuffer,
  ): Promise<Blob> {
    const all: MotionPart[] = []
    for await (const part of parts) {
      signal.throwIfAborted()
      all.push(part)
    }
    const motion = sequence(all, 0, toS)
    await listen(signal)
    const file = writeMotion(format, motion, avatar && new Uint8Array(avatar))
    await listen(signal)
    return file
  }

  async read(signal: AbortSignal, file: Blob): Promise<Motion> {
    const bytes = new Uint8Array(await file.arrayBuffer())
    await listen(signal)
    const motion = await readMotion(bytes)
    await listen(signal)
    const { rotations, root, feet } = motion
    return give(motion, [rotations.buffer, root.buffer, ...(feet ? [feet.buffer] : [])])
  }
}

/** An abort is a message, and messages come in between tasks only. */
const listen = async (signal: AbortSignal) => {
  await breath()
  signal.throwIfAborted()
}

serve(new MotionThread())
