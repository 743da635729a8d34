/** @file Which pitches sound, and where they change. */
import { CHROMA_EVERY, type Heard } from './hearing'
import { cosine } from './signal'

/** Mean of the pitch classes between two frames, less what is common to all of them. */
export const chromaBetween = (heard: Heard, from: number, to: number): Float32Array => {
  const sum = new Float32Array(12)
  const first = Math.ceil(Math.max(0, from) / CHROMA_EVERY)
  const last = Math.min(Math.max(first + 1, to / CHROMA_EVERY), heard.upTo / CHROMA_EVERY)
  for (let row = first; row < last; row++)
    for (let pitch = 0; pitch < 12; pitch++) sum[pitch]! += Math.sqrt(heard.chroma[row * 12 + pitch]!)
  const least = Math.min(...sum)
  return sum.map((v) => v - 0.9 * least)
}

/** How different the pitches before and after a frame are, 0 to 1, `reach` frames on each side. */
export const harmonyChange = (heard: Heard, at: number, reach: number): number =>
  1 - cosine(chromaBetween(heard, at - reach, at - 3), chromaBetween(heard, at + 2, at + reach))
