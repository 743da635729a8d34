/** @file What an instrument of the house band is. */

/** Something that can be struck: builds the nodes of one note, which end by themselves. */
export interface Instrument {
  readonly channels: 1 | 2
  /** Seconds it sounds on after its note has ended. */
  readonly ringS: number
  readonly strike: (out: AudioNode, at: number, hz: number, lengthS: number) => void
}

/** Sounds from `at` until `until`, seconds. */
export const sing = <N extends AudioScheduledSourceNode>(source: N, at: number, until: number): N => {
  source.start(at)
  source.stop(until)
  return source
}
