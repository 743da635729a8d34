/** @file A Biovision hierarchy as a motion. */
import type { Motion } from '../shared/contracts'
import { parseBvh, poseOf, rateOf } from './bvh-file'
import { motionOf } from './recording'

export const readBvh = (text: string): Motion => {
  const file = parseBvh(text)
  return motionOf({
    joints: file.joints,
    rate: rateOf(file),
    frames: Array.from({ length: file.frames }, (_, frame) => poseOf(file, frame)),
    rest: poseOf(file, -1),
  })
}
