/**
 * @file How the house band's music is written down.
 *
 * A character of a bar is a sixteenth (a quarter of a beat); bars are parted by spaces, a short one is filled up with rests,
 * and all are repeated through a section. `.` rests, `-` holds the note before; after a lone `/` a line rests for good. A
 * section says which lines play, so that the arrangement can be read at a glance.
 */
import type { DrumName, PatchName } from './instruments'

export type Line = {
  readonly db: number
  /** -1 left to 1 right. */
  readonly pan?: number
  /** How much goes into the room, 0 to 1. */
  readonly room?: number
  /** Steps back with every kick. */
  readonly ducks?: boolean
  /** Quieter repeats, alternating between the sides: how many sixteenths apart. */
  readonly echo?: number
} & (
  | {
      /** `X` accent, `x` stroke, `o` ghost. `fill` is the last bar of a section instead. */
      readonly kind: 'beat'
      readonly on: DrumName
      readonly plays: string
      readonly fill?: string
    }
  | {
      /**
       * On the chord: 1 root, 2 and 4 and 6 steps above it, 3 5 7 its own, 8 octave, 0 the fifth below; `<` and `>` lead
       * into the next chord's root by a semitone from below and from above. The root lies in the octave from `from` up.
       */
      readonly kind: 'bass'
      readonly on: PatchName
      readonly plays: string
      readonly from: number
    }
  | {
      /** All notes of the chord near MIDI note `around`, led so that each voice moves as little as possible. */
      readonly kind: 'chords'
      readonly on: PatchName
      readonly plays: string
      readonly around: number
    }
  | {
      /** One note of that voicing at a time: 0 the lowest; past the highest it goes on an octave up. */
      readonly kind: 'arp'
      readonly on: PatchName
      readonly plays: string
      readonly around: number
    }
  | {
      /** `e5/4` is a quarter's E, `./4` its rest; `|` only helps the eye. Repeated through a section. */
      readonly kind: 'tune'
      readonly on: PatchName
      readonly plays: string
    }
)

export interface Part {
  readonly name: string
  readonly bars: number
  /** One chord a bar, repeated; `F,G` are two halves of a bar. */
  readonly chords: string
  /** Names of lines. */
  readonly plays: string
  /** Of everything in it, dB. */
  readonly db?: number
  /** The pitched lines are heard through a low-pass that glides between these, Hz. */
  readonly sweep?: readonly [number, number]
}

/** A piece as it is written. It ends on the downbeat of its last part. */
export interface Writing {
  readonly bpm: number
  readonly beatsPerBar: number
  /** Where an offbeat falls between two beats: 0.5 straight, 0.67 a triplet's swing. */
  readonly swing: number
  /** How far players stray from the grid: standard deviation, seconds. */
  readonly looseS: number
  /** What a kick takes from lines that duck, 0 to 1. */
  readonly duck: number
  /** How long the room rings, seconds. */
  readonly roomS: number
  /** Of the whole, so that all songs are equally loud. */
  readonly db: number
  readonly lines: Readonly<Record<string, Line>>
  readonly form: readonly Part[]
}

export interface Song extends Writing {
  readonly id: 'groove' | 'pop' | 'house' | 'disco' | 'robot' | 'waltz'
  readonly lengthS: number
}

/** A writing is complete when its length is known. */
export const song = (id: Song['id'], writing: Writing): Song => ({
  id,
  ...writing,
  lengthS: timeline(writing).at(-1)!.toS,
})

/** The last downbeat, which everybody plays and lets ring. */
export const ending = (bass: PatchName, from: number, chords: PatchName, around: number, db = -13) =>
  ({
    lastKick: { kind: 'beat', on: 'kick', plays: 'X /', db: -7.5 },
    lastCrash: { kind: 'beat', on: 'crash', plays: 'X /', db: -10, room: 0.3 },
    lastBass: { kind: 'bass', on: bass, plays: '1--------- /', from, db: -12 },
    lastChord: { kind: 'chords', on: chords, plays: 'X----------- /', around, db, room: 0.5 },
  }) as const satisfies Record<string, Line>
/** Its lines, for the last part. */
export const ENDING = 'lastKick lastCrash lastBass lastChord'

/** Parts with their times, in seconds. */
export const timeline = (
  writing: Writing,
): { readonly part: Part; readonly fromS: number; readonly toS: number }[] => {
  const barS = (writing.beatsPerBar * 60) / writing.bpm
  let bar = 0
  return writing.form.map((part) => ({ part, fromS: bar * barS, toS: (bar += part.bars) * barS }))
}
