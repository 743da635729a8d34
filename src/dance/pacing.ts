/** @file When music may begin that is danced while the dance is still being composed: as a video that is buffered. */

/** Where the ear is and where the dance is; seconds of the music. */
export interface Pace {
  readonly atS: number
  readonly madeS: number
  readonly endS: number
  /** Seconds of dance that are made in a second, and of music that are heard in one. */
  readonly speed: number
  readonly rate: number
}

/** No speed is as steady as it seems: so much of it is counted on. */
const STEADY = 0.9
/** In hand before anything begins. */
const LEAST_S = 1
/** In hand before music that had to wait goes on. */
const AGAIN_S = 4

/** It can be heard to its end without waiting: what is left to be made will be made sooner than what is left is heard. */
export const foreseen = ({ atS, madeS, endS, speed, rate }: Pace): boolean => {
  if (madeS >= endS) return true
  if (madeS < Math.min(endS, atS + LEAST_S * rate) || speed <= 0) return false
  return (endS - madeS) / (speed * STEADY) <= (endS - atS) / rate
}

/** Music that has had to wait goes on: there is enough of the dance for a while, or for all the rest. */
export const enough = (pace: Pace): boolean => pace.madeS >= pace.atS + AGAIN_S * pace.rate || foreseen(pace)
