/**
 * @file Rhythm rows of the windows to come. They depend on the music alone, so that they are computed ahead of the codes: some
 * windows in one product. Those of all windows of a song of three minutes would take 360 MB, these take 4.
 */
import type { RhythmRows } from './positional'

/** Windows at a time. */
const AHEAD = 16

/** Computes rhythm rows of several windows from the phases of each. */
export interface RhythmSource {
  rhythm(phases: readonly Float32Array[]): Promise<RhythmRows[]>
}

/** Rows of the window of step k, asked for one after the other; there are `steps`, and the phases of each are known. */
export const rhythmAhead = (
  network: RhythmSource,
  steps: number,
  phasesOfStep: (k: number) => Float32Array,
): ((k: number) => Promise<RhythmRows>) => {
  let from = 0
  let rows: readonly RhythmRows[] = []
  return async (k) => {
    if (!rows[k - from]) {
      from = k
      const count = Math.min(AHEAD, steps - k)
      rows = await network.rhythm(Array.from({ length: count }, (_, i) => phasesOfStep(k + i)))
    }
    return rows[k - from]!
  }
}
