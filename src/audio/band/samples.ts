/** @file Every distinct note of an instrument, played once and kept: mixing samples is far cheaper than a graph of thousands of nodes. */
import type { Instrument } from './instrument'
import { instrument } from './instruments'
import type { DrumName, PatchName } from './instruments'

/** One note as it sounds, at full strength; one channel or two. */
export type Sample = readonly Float32Array[]

/** What a sample depends on. Lengths are in steps of 20 ms, so that swing does not make a new sample of every note. */
export const sampleKey = (midi: number, lengthS: number) => `${midi}:${Math.round(lengthS * 50)}`

/** Nodes that wait for their time cost as much as those that sound: a reel grows slow with the square of its length. */
const REEL_NOTES = 10
/** Notes begin just inside a render quantum: modulation sounds different by where in it an oscillator starts. */
const QUANTUM = 128

/** All of an instrument's notes, some to a rendering, one after the other, then cut apart. Rests between them. */
export const record = async (
  name: PatchName | DrumName,
  sampleRate: number,
  notes: readonly { readonly midi: number; readonly lengthS: number }[],
  rest: () => Promise<void>,
): Promise<ReadonlyMap<string, Sample>> => {
  const keys = [...new Set(notes.map(({ midi, lengthS }) => sampleKey(midi, lengthS)))]
  const reels: Promise<(readonly [string, Sample])[]>[] = []
  for (let i = 0; i < keys.length; i += REEL_NOTES) {
    await rest()
    reels.push(reel(instrument(name), sampleRate, keys.slice(i, i + REEL_NOTES)))
  }
  return new Map((await Promise.all(reels)).flat())
}

const reel = async (
  { channels, ringS, strike }: Instrument,
  sampleRate: number,
  keys: readonly string[],
): Promise<(readonly [string, Sample])[]> => {
  let frames = 0
  const slots = keys.map((key) => {
    const [midi = 0, fiftieths = 0] = key.split(':').map(Number)
    const from = frames
    const lengthS = fiftieths / 50
    frames += QUANTUM * Math.ceil(((lengthS + ringS + 0.02) * sampleRate) / QUANTUM)
    return { key, midi, lengthS, from, to: frames }
  })
  const context = new OfflineAudioContext(channels, frames, sampleRate)
  for (const { midi, lengthS, from } of slots)
    strike(context.destination, (from + 0.01) / sampleRate, 440 * 2 ** ((midi - 69) / 12), lengthS)
  const sound = await context.startRendering()
  const cut = (from: number, to: number) =>
    Array.from({ length: channels }, (_, c) => sound.getChannelData(c).subarray(from, to))
  return slots.map(({ key, from, to }) => [key, trim(cut(from, to), sampleRate)] as const)
}

/** Without the silence at its end, and faded there so that nothing clicks. */
const trim = (sample: Sample, sampleRate: number): Sample => {
  let to = sample[0]!.length
  while (to > 1 && sample.every((data) => Math.abs(data[to - 1]!) < 3e-4)) to--
  const fade = Math.min(to, Math.round(0.004 * sampleRate))
  return sample.map((data) => {
    for (let i = 0; i < fade; i++) data[to - 1 - i]! *= i / fade
    return data.subarray(0, to)
  })
}
