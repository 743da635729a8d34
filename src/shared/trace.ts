/** @file Moments worth measuring, on the browser's own timeline: its profiler shows them and an observer collects them. */

/** Something has happened. `of` says to what it belongs: an utterance, a load. */
export const moment = (name: string, of: string) => {
  performance.mark(name, { detail: of })
  // Observers and the profiler have it by now; kept marks would only grow.
  performance.clearMarks(name)
}
