/** @file Chance that is the same every time: a song sounds alike on every visit, and tests can compare. */

/** Numbers from 0 to 1, from a seed (mulberry32). */
export const dice = (seed: number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** White noise, -1 to 1. */
export const whiteNoise = (frames: number, seed: number): Float32Array<ArrayBuffer> => {
  const roll = dice(seed)
  const noise = new Float32Array(frames)
  for (let i = 0; i < frames; i++) noise[i] = roll() * 2 - 1 // four times as fast as Float32Array.from
  return noise
}

/** What a room answers to a click: dense noise that dies away, its treble first, different in each ear. */
export const roomResponse = (sampleRate: number, seconds: number): AudioBuffer => {
  const frames = Math.round(seconds * sampleRate)
  const predelay = Math.round(0.018 * sampleRate) // so that the dry sound keeps its edge
  const room = new AudioBuffer({ numberOfChannels: 2, length: frames + predelay, sampleRate })
  for (let channel = 0; channel < 2; channel++) {
    const noise = whiteNoise(frames, 101 + channel)
    const data = room.getChannelData(channel)
    let dark = 0
    let rumble = 0
    for (let i = 0; i < frames; i++) {
      const t = i / frames
      dark += (0.75 - 0.6 * Math.sqrt(t)) * (noise[i]! - dark)
      rumble += 0.03 * (dark - rumble) // a room that holds bass is mud
      data[predelay + i] = (dark - rumble) * 10 ** (-3 * t) * Math.min(1, i / 200) * Math.min(1, (1 - t) * 8)
    }
  }
  return room
}
