/** @file Gestures as data: what the arms and the trunk do and when. Angles in degrees, times in seconds. */

/**
 * One arm, as the left one; the right one is its mirror. Zero is the arm hanging at the side.
 * `out`: away from the body. `front`: forwards. `twist`: the elbow's direction, positive turns the palm up.
 * `bend`: the elbow. `wrist`: the hand towards the palm (positive) or back. `hand`: the forearm's roll. `curl`: the fingers.
 */
export interface ArmPose {
  readonly out?: number
  readonly front?: number
  readonly twist?: number
  readonly bend?: number
  readonly wrist?: number
  readonly hand?: number
  readonly curl?: number
}

/** The trunk and head on top of what they do anyway. `lean`: forwards. `tilt`: towards the left. `turn`: to the left. */
export interface TrunkPose {
  readonly lean?: number
  readonly tilt?: number
  readonly turn?: number
  readonly headLean?: number
  readonly headTilt?: number
  readonly headTurn?: number
  readonly shrug?: number
  /** Up on the toes or down in the knees, in shares of the hips' height. */
  readonly lift?: number
}

export interface Key {
  readonly at: number
  readonly left?: ArmPose
  readonly right?: ArmPose
  readonly trunk?: TrunkPose
}

/** Keys in order; between them springs lead the way. What a key does not name goes back to rest. */
export interface Gesture {
  readonly keys: readonly Key[]
  readonly lengthS: number
}

// Wide and a little forwards, so that the hand is seen beside a large head, not behind it.
const raised: ArmPose = { out: 64, front: 12, twist: 82, bend: 50, hand: 10, curl: 2 }

export const WAVE: Gesture = {
  lengthS: 2.4,
  keys: [
    { at: 0, left: { ...raised, bend: 66 }, trunk: { tilt: -3, headTilt: 7, lift: 0.01 } },
    { at: 0.42, left: { ...raised, bend: 24 }, trunk: { tilt: -4, headTilt: 8 } },
    { at: 0.72, left: { ...raised, bend: 76 }, trunk: { tilt: -2, headTilt: 7 } },
    { at: 1.02, left: { ...raised, bend: 24 }, trunk: { tilt: -4, headTilt: 8 } },
    { at: 1.32, left: { ...raised, bend: 74 }, trunk: { tilt: -2, headTilt: 6 } },
    { at: 1.62, left: { ...raised, out: 52, bend: 44 }, trunk: { tilt: -2, headTilt: 4 } },
  ],
}

/** Somebody has poked the avatar: a start, then a laugh. */
export const STARTLE: Gesture = {
  lengthS: 1.7,
  keys: [
    {
      at: 0,
      left: { out: 24, front: 30, bend: 95, wrist: -25, twist: 20 },
      right: { out: 24, front: 30, bend: 95, wrist: -25, twist: 20 },
      trunk: { lean: -7, headLean: -6, shrug: 14, lift: 0.03 },
    },
    {
      at: 0.5,
      left: { out: 14, front: 28, bend: 112, wrist: 15, twist: 10 },
      right: { out: 14, front: 28, bend: 112, wrist: 15, twist: 10 },
      trunk: { lean: 4, headLean: 5, headTilt: 6, shrug: 8, lift: -0.02 },
    },
    { at: 0.85, trunk: { lean: 1, headTilt: -4, shrug: 4 } },
  ],
}

/** Strokes that go with speech; one is made at the start of a phrase or on a loud syllable. */
export const BEATS: readonly Gesture[] = [
  {
    lengthS: 1.3,
    keys: [
      { at: 0, left: { out: 16, front: 24, twist: 30, bend: 84, wrist: -12, curl: 10 }, trunk: { turn: 2 } },
      {
        at: 0.32,
        left: { out: 14, front: 20, twist: 34, bend: 62, wrist: 12, curl: 8 },
        trunk: { turn: 2, headLean: 3 },
      },
      { at: 0.7, left: { out: 12, front: 12, twist: 20, bend: 50 } },
    ],
  },
  {
    lengthS: 1.3,
    keys: [
      {
        at: 0,
        right: { out: 16, front: 24, twist: 30, bend: 84, wrist: -12, curl: 10 },
        trunk: { turn: -2 },
      },
      {
        at: 0.32,
        right: { out: 14, front: 20, twist: 34, bend: 62, wrist: 12, curl: 8 },
        trunk: { turn: -2, headLean: 3 },
      },
      { at: 0.7, right: { out: 12, front: 12, twist: 20, bend: 50 } },
    ],
  },
  {
    // Both palms open: "here it is".
    lengthS: 1.9,
    keys: [
      {
        at: 0,
        left: { out: 14, front: 20, twist: 45, bend: 80, hand: 20 },
        right: { out: 14, front: 20, twist: 45, bend: 80, hand: 20 },
      },
      {
        at: 0.35,
        left: { out: 30, front: 16, twist: 60, bend: 70, hand: 35, curl: 2 },
        right: { out: 30, front: 16, twist: 60, bend: 70, hand: 35, curl: 2 },
        trunk: { headTilt: 4, shrug: 3 },
      },
      {
        at: 1.1,
        left: { out: 20, front: 12, twist: 40, bend: 50 },
        right: { out: 20, front: 12, twist: 40, bend: 50 },
      },
    ],
  },
  {
    // A hand on the heart.
    lengthS: 2,
    keys: [
      {
        at: 0,
        right: { out: 10, front: 34, twist: -18, bend: 118, wrist: 8, curl: 14 },
        trunk: { headTilt: -4, lean: 2 },
      },
      { at: 1.1, right: { out: 10, front: 28, twist: -6, bend: 100, wrist: 4 }, trunk: { headTilt: -3 } },
    ],
  },
  {
    // A shrug: "who knows?"
    lengthS: 1.5,
    keys: [
      {
        at: 0,
        left: { out: 24, front: 10, twist: 62, bend: 82, hand: 40 },
        right: { out: 24, front: 10, twist: 62, bend: 82, hand: 40 },
        trunk: { shrug: 12, headTilt: 7 },
      },
      {
        at: 0.8,
        left: { out: 14, bend: 46, twist: 30 },
        right: { out: 14, bend: 46, twist: 30 },
        trunk: { headTilt: 3 },
      },
    ],
  },
]

/** What one does while waiting: seldom, and never the same twice running. */
export const IDLES: readonly Gesture[] = [
  // Hands behind the back, up on the toes and down.
  {
    lengthS: 4.2,
    keys: [
      {
        at: 0,
        left: { out: 14, front: -26, bend: 34, twist: -34 },
        right: { out: 14, front: -26, bend: 34, twist: -34 },
      },
      {
        at: 0.9,
        left: { out: 14, front: -30, bend: 36, twist: -36 },
        right: { out: 14, front: -30, bend: 36, twist: -36 },
        trunk: { lift: 0.015, headTilt: 8, tilt: 2 },
      },
      {
        at: 2,
        left: { out: 14, front: -30, bend: 36, twist: -36 },
        right: { out: 14, front: -30, bend: 36, twist: -36 },
        trunk: { headTilt: -7, tilt: -2 },
      },
    ],
  },
  // A look at one's own hand.
  {
    lengthS: 3.4,
    keys: [
      {
        at: 0,
        right: { out: 12, front: 30, twist: 26, bend: 96, wrist: 10, curl: 12 },
        trunk: { headLean: 9, headTurn: -14 },
      },
      {
        at: 1.1,
        right: { out: 12, front: 30, twist: 50, bend: 100, wrist: -14, curl: 0 },
        trunk: { headLean: 8, headTurn: -14, headTilt: -5 },
      },
      { at: 2.2, right: { out: 10, front: 12, bend: 40 } },
    ],
  },
  // A small stretch: shoulders up, chest out, a breath.
  {
    lengthS: 3.2,
    keys: [
      {
        at: 0,
        left: { out: 20, front: -14, bend: 14 },
        right: { out: 20, front: -14, bend: 14 },
        trunk: { shrug: 9, lean: -4, headLean: -7, lift: 0.01 },
      },
      { at: 1.3, trunk: { lean: 1, headLean: 3, lift: -0.008 } },
    ],
  },
  // The head to one side: "and now?"
  {
    lengthS: 2.8,
    keys: [
      { at: 0, trunk: { headTilt: 11, headTurn: 5, tilt: 2 } },
      { at: 1.7, trunk: { headTilt: -3 } },
    ],
  },
  // Feet and shoulders to a tune nobody else hears.
  {
    lengthS: 4.4,
    keys: [0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5].map((at, i) => ({
      at,
      left: { out: 10, front: 14, bend: 52, twist: 8, curl: 22 },
      right: { out: 10, front: 14, bend: 52, twist: 8, curl: 22 },
      trunk: {
        tilt: i % 2 ? 5 : -5,
        headTilt: i % 2 ? 5 : -5,
        turn: i % 2 ? 4 : -4,
        lift: i % 2 ? 0 : -0.014,
      },
    })),
  },
]
