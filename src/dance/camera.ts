/**
 * @file Where the camera is while somebody dances: it stands, follows, or cuts from shot to shot as a music video does, on
 * bars, sooner where the music is loud, to a low and wide picture where it breaks loose.
 */
import type { Score } from '../shared/contracts'

export type CameraWork = 'fixed' | 'follow' | 'cuts'

/** As the stage takes it (stage/view.ts). */
export interface CameraShot {
  readonly framing: 'bust' | 'full'
  readonly yaw: number
  readonly pitch: number
  readonly zoom: number
  readonly drift: number
  readonly follow: boolean
  readonly cut: boolean
}

const shot = (
  framing: 'bust' | 'full',
  yawDeg: number,
  pitchDeg: number,
  zoom: number,
  driftDeg: number,
) => ({
  framing,
  yaw: (yawDeg * Math.PI) / 180,
  pitch: (pitchDeg * Math.PI) / 180,
  zoom,
  drift: (driftDeg * Math.PI) / 180,
  follow: true,
  cut: true,
})

const FRONT = { ...shot('full', 0, 2, 1, 0), cut: false }
const FIXED: CameraShot = { ...FRONT, follow: false }
const FOLLOWING: CameraShot = FRONT

/** Where the music breaks loose. */
const DROP = shot('full', 0, -4, 1.06, 0)
/** In an order in which neighbours, and those `STRIDE` apart, differ much. */
const SHOTS: readonly CameraShot[] = [
  shot('full', 26, 3, 1, -1.4),
  shot('bust', -14, 2, 1.12, 1),
  shot('full', 0, 18, 1.12, 1.2),
  shot('full', -30, 1, 0.94, 1.5),
  shot('bust', 20, 4, 1.2, -1),
  shot('full', 12, -4, 0.98, 1.2),
  shot('full', -8, 8, 1.18, 0.8),
]
/** Shares no factor with the number of shots: all of them come before one comes again. */
const STRIDE = 3

/** Bars a shot lasts, in a loud and in a quiet part; and what is loud, as energy of a section. */
const BARS = { loud: 2, quiet: 4 }
const LOUD = 0.55
/** So much more energy than in the section before is a drop. */
const RISE = 0.2
/** A beat that is found a moment late is still the first of its section. Seconds. */
const EARLY_S = 0.06

/** The shot at a moment of the music; the same object for as long as it lasts. `seed`: other shots for another dance. */
export const shotAt = (
  work: CameraWork,
  score: Score | undefined,
  timeS: number,
  seed: number,
): CameraShot => {
  if (work === 'fixed') return FIXED
  if (work === 'follow' || !score?.downbeats.length) return FOLLOWING
  const at = score.sections.findLastIndex(({ from }) => from <= timeS)
  const section = score.sections[at]
  if (!section) return FOLLOWING
  const { downbeats } = score
  let bars = 0
  for (let i = after(downbeats, section.from - EARLY_S); i < downbeats.length && downbeats[i]! <= timeS; i++)
    bars++
  const loud = section.energy >= LOUD
  const index = Math.floor(Math.max(0, bars - 1) / (loud ? BARS.loud : BARS.quiet))
  const before = score.sections[at - 1]
  if (index === 0 && before && section.energy - before.energy >= RISE) return DROP
  const first = seed + 2 * at + section.label.charCodeAt(0)
  return SHOTS[(first + STRIDE * index) % SHOTS.length]!
}

/** The first of `times` that is not before `timeS`. */
const after = (times: Float32Array, timeS: number) => {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (times[middle]! < timeS) low = middle + 1
    else high = middle
  }
  return low
}
