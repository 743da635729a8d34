/**
 * @file The skeleton that is danced on: VRM's bones in the proportions of an adult, in hips' heights. Other avatars take the
 * rotations as they are; their legs are solved again from where the feet are.
 */
const arm = (side: 'left' | 'right') =>
  [
    `${side}Shoulder`,
    `${side}UpperArm`,
    `${side}LowerArm`,
    `${side}Hand`,
    ...['Thumb', 'Index', 'Middle', 'Ring', 'Little'].flatMap((finger) => [
      `${side}${finger}Proximal`,
      `${side}${finger}${finger === 'Thumb' ? 'Distal' : 'Intermediate'}`,
    ]),
  ] as const
const leg = (side: 'left' | 'right') => [`${side}UpperLeg`, `${side}LowerLeg`, `${side}Foot`, `${side}Toes`]

/** In the order in which `Figure` writes them. */
export const JOINTS: readonly string[] = [
  'hips',
  'spine',
  'chest',
  'upperChest',
  'neck',
  'head',
  ...arm('left'),
  ...arm('right'),
  ...leg('left'),
  ...leg('right'),
]

export const HIP_HALF = 0.1
export const THIGH = 0.48
export const SHIN = 0.45
export const ANKLE = 0.07
/** The ball of the foot lies this far before the ankle. */
export const BALL = 0.13
