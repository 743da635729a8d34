/** @file Smoothing that keeps peaks: a parabola through nine neighbouring values (Savitzky and Golay 1964). */

/** Weights of the middle of nine values for a second-degree fit, over 231 (table I of the paper). */
const WEIGHTS = [-21, 14, 39, 54, 59, 54, 39, 14, -21].map((weight) => weight / 231)
const REACH = 4

/** `channels` values a frame, each smoothed over time; beyond the ends the motion goes on as its mirror image. */
export const smoothed = (values: Float32Array, channels: number): Float32Array => {
  const frames = values.length / channels
  const into = new Float32Array(values.length)
  for (let frame = 0; frame < frames; frame++)
    for (let channel = 0; channel < channels; channel++) {
      let sum = 0
      for (let k = -REACH; k <= REACH; k++)
        sum += WEIGHTS[k + REACH]! * beyond(values, channels, frames, frame + k, channel)
      into[frame * channels + channel] = sum
    }
  return into
}

/** Outside the clip: as far on the other side of its first or last value (point reflection keeps the speed there). */
const beyond = (
  values: Float32Array,
  channels: number,
  frames: number,
  frame: number,
  channel: number,
): number => {
  const value = (f: number) => values[Math.min(frames - 1, Math.max(0, f)) * channels + channel]!
  if (frame < 0) return 2 * value(0) - value(-frame)
  if (frame >= frames) return 2 * value(frames - 1) - value(2 * (frames - 1) - frame)
  return value(frame)
}
