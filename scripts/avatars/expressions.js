/**
 * The expressions of the cast: one set of gestures for eyes and brows, with mouths to measure for every face.
 *
 * Expressions add up, vertex by vertex, so each of them is a modest change from rest: the lids of a smile leave room
 * for a blink, and its mouth leaves room for a vowel.
 */

import { brows, eyes } from './face.js'

/** @typedef {import('./face.js').FaceState} FaceState */
/** @typedef {import('./face.js').MouthState} MouthState */
/** @typedef {'happy' | 'angry' | 'sad' | 'relaxed' | 'surprised' | 'aa' | 'ih' | 'ou' | 'ee' | 'oh'} MouthName */

/**
 * @param {Record<MouthName, Partial<MouthState>>} mouths
 * @param {number} [brow] scale of the brows' movements
 * @returns {Record<string, (s: FaceState) => void>}
 */
export function performer(mouths, brow = 1) {
  const mouth = (/** @type {FaceState} */ s, /** @type {MouthName} */ name) =>
    Object.assign(s.mouth, mouths[name])
  /** @param {FaceState} s */
  const happy = (s) => {
    eyes(s, { cheek: 0.66, lid: 0.06 })
    brows(s, { up: 0.005 * brow, bend: 0.004 * brow })
    mouth(s, 'happy')
    s.blush = { size: 1.18, up: 0.004 }
  }
  return {
    happy,
    angry: (s) => {
      eyes(s, { inner: 0.24, cheek: 0.15, iris: 0.95 })
      brows(s, { up: -0.012 * brow, in: 0.008 * brow, tilt: 0.012 * brow, bend: -0.004 * brow })
      mouth(s, 'angry')
    },
    sad: (s) => {
      eyes(s, { outer: 0.2, lid: 0.06, cheek: 0.1, iris: 1.04 })
      brows(s, { up: 0.004 * brow, in: 0.004 * brow, tilt: -0.013 * brow })
      mouth(s, 'sad')
    },
    relaxed: (s) => {
      eyes(s, { lid: 0.5, cheek: 0.12 })
      brows(s, { up: 0.003 * brow, tilt: -0.003 * brow })
      mouth(s, 'relaxed')
      s.blush = { size: 1.08, up: 0.001 }
    },
    surprised: (s) => {
      eyes(s, { wide: 1, iris: 0.8 })
      brows(s, { up: 0.007 * brow, bend: 0.004 * brow, in: -0.003 * brow })
      mouth(s, 'surprised')
    },
    blink: (s) => eyes(s, { close: 1 }),
    blinkLeft: (s) => Object.assign(s.eyes.left, { close: 1 }),
    blinkRight: (s) => Object.assign(s.eyes.right, { close: 1 }),
    aa: (s) => mouth(s, 'aa'),
    ih: (s) => mouth(s, 'ih'),
    ou: (s) => mouth(s, 'ou'),
    ee: (s) => mouth(s, 'ee'),
    oh: (s) => mouth(s, 'oh'),
    // The lids go with the gaze, as they do in life.
    lookUp: (s) => {
      eyes(s, { lookY: 1, wide: 0.15 })
      brows(s, { up: 0.004 * brow })
    },
    lookDown: (s) => eyes(s, { lookY: -1, lid: 0.22 }),
    lookLeft: (s) => eyes(s, { lookX: 1 }),
    lookRight: (s) => eyes(s, { lookX: -1 }),
    joy: (s) => {
      happy(s)
      eyes(s, { joy: 1, cheek: 0, lid: 0 })
    },
  }
}

/**
 * How the expressions get along. Wide eyes and shut-eyed laughter leave nothing for a blink to do; everything else adds
 * up well.
 * @type {import('./vrm.js').Character['overrides']}
 */
export const OVERRIDES = {
  surprised: { overrideBlink: 'blend' },
  joy: { overrideBlink: 'block', overrideLookAt: 'block' },
}
