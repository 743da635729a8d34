/** @file Every distinct note of an instrument, played once and kept: mixing samples is far cheaper than a graph of thousands of nodes. */
import type { Instrument } from './instrument'
import { instrument } from './instruments'
import type { Note } from './reading'

/** One note as it sounds, at full strength; one channel or two. */
export type Sample = readonly Float32Array[]

/** Nodes that wait for their time cost as much as those that sound: a reel grows slow with the square of its length. */
const REEL_NOTES = 10
/** Notes begin just inside a render quantum: modulation sounds different by where in it an oscillator starts. */
const QUANTUM = 128
/** Each rendering is a thread: as many as there are cores would starve the page for a tenth of a second. */
const AT_ONCE = Math.max(1, Math.min(4, navigator.hardwareConcurrency - 1))

/** What a sample depends on. */
interface Take {
  readonly on: Note['line']['on']
  readonly midi: number
  /** Lengths are in steps of 20 ms, so that swing does not make a new sample of every note. */
  readonly fiftieths: number
}

const takeOf = ({ line, midi, lengthS }: Note): Take => ({
  on: line.on,
  midi,
  fiftieths: Math.round(lengthS * 50),
})
const keyOf = ({ on, midi, fiftieths }: Take) => `${on} ${midi} ${fiftieths}`

export class Tape {
  readonly #sampleRate: number
  readonly #samples = new Map<string, Sample>()

  constructor(sampleRate: number) {
    this.#sampleRate = sampleRate
  }

  /** The sound of a note that has been recorded. */
  of(note: Note): Sample {
    return this.#samples.get(keyOf(takeOf(note)))!
  }

  /** Of these notes those that are not on it yet: an instrument's notes some to a rendering, one after the other, then cut apart. */
  async record(
    notes: readonly Note[],
    rest: () => Promise<void>,
    progress: (share: number) => void,
  ): Promise<void> {
    const takes = new Map(notes.map(takeOf).map((take) => [keyOf(take), take]))
    const missing = [...takes].filter(([key]) => !this.#samples.has(key)).map(([, take]) => take)
    const reels = [...Map.groupBy(missing, ({ on }) => on).values()].flatMap(inReels)
    let next = 0
    let done = 0
    const work = async () => {
      while (next < reels.length) {
        const reel = reels[next++]!
        await rest()
        for (const [key, sample] of await render(reel, this.#sampleRate)) this.#samples.set(key, sample)
        progress(++done / reels.length)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
  }
}

const inReels = (takes: readonly Take[]): Take[][] =>
  Array.from({ length: Math.ceil(takes.length / REEL_NOTES) }, (_, i) =>
    takes.slice(i * REEL_NOTES, (i + 1) * REEL_NOTES),
  )

/** One instrument's. */
const render = async (takes: readonly Take[], sampleRate: number): Promise<[string, Sample][]> => {
  const { channels, ringS, strike }: Instrument = instrument(takes[0]!.on)
  let frames = 0
  const slots = takes.map((take) => {
    const from = frames
    const lengthS = take.fiftieths / 50
    frames += QUANTUM * Math.ceil(((lengthS + ringS + 0.02) * sampleRate) / QUANTUM)
    return { take, lengthS, from, to: frames }
  })
  const context = new OfflineAudioContext(channels, frames, sampleRate)
  for (const { take, lengthS, from } of slots)
    strike(context.destination, (from + 0.01) / sampleRate, 440 * 2 ** ((take.midi - 69) / 12), lengthS)
  const sound = await context.startRendering()
  const cut = (from: number, to: number) =>
    Array.from({ length: channels }, (_, c) => sound.getChannelData(c).subarray(from, to))
  return slots.map(({ take, from, to }) => [keyOf(take), trim(cut(from, to), sampleRate)])
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
