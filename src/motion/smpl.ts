/**
 * @file The 24 joints in whose positions dance models speak (SMPL, Loper et al. 2015; AIST++): +Y up, the body faces +Z,
 * its left is +X, metres.
 */
import type { Vec } from './vector'
import { add } from './vector'

/** Each joint's bone in VRM; the hands' tips (22, 23) are directions only, and there is nothing above the head joint. */
export const SMPL_BONES: readonly (string | undefined)[] = [
  ...['hips', 'leftUpperLeg', 'rightUpperLeg', 'spine', 'leftLowerLeg', 'rightLowerLeg', 'chest'],
  ...['leftFoot', 'rightFoot', 'upperChest', 'leftToes', 'rightToes', 'neck', 'leftShoulder'],
  ...['rightShoulder', 'head', 'leftUpperArm', 'rightUpperArm', 'leftLowerArm', 'rightLowerArm'],
  ...['leftHand', 'rightHand'],
  undefined,
  undefined,
]

export const SMPL_JOINTS = 24

// prettier-ignore
export const SMPL_PARENTS: readonly number[] = [
  -1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21,
]

/** The soles lie this far below the pelvis of the mean body in its T-pose. */
export const SMPL_HIPS_M = 0.973

/**
 * Offsets from the parents of the mean body, as in the forward kinematics of EDGE (Tseng et al. 2022, vis.py), to a tenth
 * of a millimetre. Not symmetric; what is computed relative to this T-pose must have its very slants.
 */
const OFFSETS: readonly Vec[] = [
  [0, SMPL_HIPS_M, 0],
  [0.0586, -0.0823, -0.0177],
  [-0.0603, -0.0905, -0.0135],
  [0.0044, 0.1244, -0.0384],
  [0.0435, -0.3865, 0.008],
  [-0.0433, -0.3837, -0.0048],
  [0.0045, 0.138, 0.0268],
  [-0.0148, -0.4269, -0.0374],
  [0.0191, -0.42, -0.0346],
  [-0.0023, 0.056, 0.0029],
  [0.0411, -0.0603, 0.122],
  [-0.0348, -0.0621, 0.1303],
  [-0.0134, 0.2116, -0.0335],
  [0.0717, 0.114, -0.0189],
  [-0.083, 0.1125, -0.0237],
  [0.0101, 0.0889, 0.0504],
  [0.1229, 0.0452, -0.019],
  [-0.1132, 0.0469, -0.0085],
  [0.2553, -0.0156, -0.0229],
  [-0.2601, -0.0144, -0.0313],
  [0.2657, 0.0127, -0.0074],
  [-0.2691, 0.0068, -0.006],
  [0.0867, -0.0106, -0.0156],
  [-0.0888, -0.0087, -0.0101],
]

/** Where the joints of the mean body are in its T-pose. */
export const SMPL_REST: readonly Vec[] = SMPL_PARENTS.reduce<Vec[]>(
  (places, parent, i) => [...places, parent < 0 ? OFFSETS[i]! : add(places[parent]!, OFFSETS[i]!)],
  [],
)

/** Which way an arm's or a leg's bone points in everybody's T-pose: its own axis, not the body's slants. */
export const limbWay = (bone: string): Vec | undefined =>
  /(Upper|Lower)Leg$/.test(bone)
    ? [0, -1, 0]
    : /(Upper|Lower)Arm$/.test(bone)
      ? [bone.startsWith('left') ? 1 : -1, 0, 0]
      : undefined
