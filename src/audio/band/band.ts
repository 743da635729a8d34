/** @file The house band: plays one of its songs into a buffer, so that there is music before anybody has brought a file. */
import { pace } from '../../shared/breath'
import { Reel } from '../reel'
import type { Bus } from './mix'
import { addHalf, addTo, duck, fadeOut, master } from './mix'
import { roomResponse } from './noise'
import { read } from './reading'
import type { Note } from './reading'
import { Tape } from './samples'
import { timeline } from './writing'
import type { Song } from './writing'

export { SONGS } from './songs'
export type { Song } from './songs'

/** That of most sound hardware, so that nothing is resampled while it plays. */
const RATE = 48_000
/** How long the page may be kept from drawing, milliseconds. */
const SLICE_MS = 8
/** Enough for an analyser to find the beat in, and long before it is over there is more. */
const BEGINNING_S = 14

/** The whole song, stereo. `progress` is told the share done, 0 to 1. Rejects as soon as the signal fires. */
export const perform = (
  signal: AbortSignal,
  song: Song,
  progress?: (share: number) => void,
): Promise<AudioBuffer> => unlessAborted(signal, play(signal, song, song.lengthS, new Tape(RATE), progress))

/** Only its first seconds, in a fraction of the time: what `perform` begins with, its last notes cut off. */
export const performIntro = (signal: AbortSignal, song: Song, seconds: number): Promise<AudioBuffer> =>
  unlessAborted(signal, play(signal, song, Math.min(seconds, song.lengthS), new Tape(RATE)))

/** The song as soon as there is something to hear of it; the rest follows. */
export const performAtOnce = async (signal: AbortSignal, song: Song): Promise<Reel> => {
  const tape = new Tape(RATE)
  const reel = new Reel(song.lengthS, RATE, 2)
  const intro = await unlessAborted(signal, play(signal, song, BEGINNING_S, tape))
  // The whole begins with the same samples, but for the last: only there is it known what kick comes next.
  reel.wind(busOf(intro).map((side) => side.subarray(0, (BEGINNING_S - 0.1) * RATE)))
  unlessAborted(signal, play(signal, song, song.lengthS, tape))
    .then((whole) => reel.windAll(signal, busOf(whole)))
    .catch((e: unknown) => reel.end(e))
  return reel
}

const play = async (
  signal: AbortSignal,
  song: Song,
  untilS: number,
  tape: Tape,
  progress: (share: number) => void = () => undefined,
): Promise<AudioBuffer> => {
  signal.throwIfAborted()
  const rest = pace(signal, SLICE_MS)
  const notes = withEchoes(read(song), song.bpm).filter(({ atS }) => atS < untilS)
  await tape.record(notes, rest, (share) => progress(0.5 * share))

  const frames = Math.round(untilS * RATE)
  const stereo = () => new AudioBuffer({ numberOfChannels: 2, length: frames, sampleRate: RATE })
  const [still, ducking] = [stereo(), stereo()]
  const room = new AudioBuffer({ length: Math.ceil(frames / 2), sampleRate: RATE / 2 })
  const [stillBus, duckingBus, roomBus] = [busOf(still), busOf(ducking), room.getChannelData(0)]
  for (const [i, note] of notes.entries()) {
    const { line, atS, strength, pan } = note
    const sample = tape.of(note)
    const frame = Math.round(atS * RATE)
    addTo(line.ducks ? duckingBus : stillBus, sample, frame, strength, pan)
    if (line.room) addHalf(roomBus, sample, frame, strength * line.room)
    await rest()
    progress(0.5 + (0.25 * i) / notes.length)
  }
  const walls = roomResponse(room.sampleRate, song.roomS)
  await rest()
  const echoing = inRoom(room, walls)
  const kicks = notes.filter(({ line }) => line.kind === 'beat' && line.on === 'kick').map(({ atS }) => atS)
  for (const _ of duck(duckingBus, kicks, song.duck, Math.min(0.34, 45 / song.bpm), RATE)) await rest()

  const sound = await mixdown(song, still, ducking, await echoing)
  progress(0.9)
  const bus = busOf(sound)
  let state: ReturnType<typeof master> | undefined
  for (let from = 0; from < frames; from += RATE) {
    state = master(bus, from, Math.min(frames, from + RATE), RATE, state)
    await rest()
  }
  const barS = (60 / song.bpm) * song.beatsPerBar
  fadeOut(bus, song.lengthS - barS, song.lengthS - 0.06, RATE)
  progress(1)
  return sound
}

type Placed = Note & { readonly pan: number }

/** Echoes are notes too: cheaper than a delay over the whole song. */
const withEchoes = (notes: readonly Note[], bpm: number): Placed[] =>
  notes.flatMap((note) => {
    const { echo, pan = 0 } = note.line
    if (!echo) return [{ ...note, pan }]
    return [0, 1, 2].map((n) => ({
      ...note,
      atS: note.atS + (n * echo * 15) / bpm,
      strength: note.strength * 0.38 ** n,
      pan: n === 0 ? pan : n % 2 ? -0.7 : 0.7,
    }))
  })

/** What comes back from the room. */
const inRoom = (sent: AudioBuffer, walls: AudioBuffer) => {
  const context = new OfflineAudioContext(2, sent.length, sent.sampleRate)
  const source = new AudioBufferSourceNode(context, { buffer: sent })
  const room = new ConvolverNode(context, { buffer: walls })
  source.connect(room).connect(context.destination)
  source.start()
  return context.startRendering()
}

/** Both busses, the ducking one behind the sweeps of the form, and the room's answer. */
const mixdown = (song: Song, still: AudioBuffer, ducking: AudioBuffer, room: AudioBuffer) => {
  const context = new OfflineAudioContext(2, still.length, RATE)
  const source = (buffer: AudioBuffer) => {
    const node = new AudioBufferSourceNode(context, { buffer })
    node.start()
    return node
  }
  source(still).connect(context.destination)
  source(room).connect(context.destination)
  const sweep = new BiquadFilterNode(context, { type: 'lowpass', frequency: OPEN_HZ, Q: 0.8 })
  for (const { part, fromS, toS } of timeline(song)) {
    if (!part.sweep) continue
    sweep.frequency.setValueAtTime(part.sweep[0], fromS)
    sweep.frequency.exponentialRampToValueAtTime(part.sweep[1], toS - 0.02)
    sweep.frequency.setValueAtTime(OPEN_HZ, toS)
  }
  source(ducking).connect(sweep).connect(context.destination)
  return context.startRendering()
}

const OPEN_HZ = 20_000

const busOf = (buffer: AudioBuffer): Bus => [buffer.getChannelData(0), buffer.getChannelData(1)]

/** A rendering cannot be stopped; its result is dropped. */
const unlessAborted = <T>(signal: AbortSignal, work: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
