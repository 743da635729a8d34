/** @file What a choreographer offers to the dance floor, and the floor to a choreographer: whoever it is. */
import type { Reel } from '../audio/reel'
import type { DanceOrder, Phrase, Score } from '../shared/contracts'

/** Where a dance is made for one piece of music. */
export interface Floor {
  /** All of the music, where it was recorded; it may still be growing. */
  readonly music: Reel | undefined
  /** The same for another thread, as it grows: mono, at half the rate. `seen` gets each piece before it goes. */
  pieces(
    signal: AbortSignal,
    music: Reel,
    seen?: (piece: Float32Array, sampleRate: number) => void,
  ): AsyncIterable<Float32Array<ArrayBuffer>>
  /** Seconds of the music that have been heard. */
  readonly clock: number
  /** 1 as it was recorded. */
  readonly rate: number
  readonly order: DanceOrder
  /** The dance that is being made, as far as it is: in order, without gaps. */
  readonly making: readonly Phrase[]
  /** Seconds up to where there is something to dance: of this dance, or of the one that it replaces. */
  readonly reachS: number
  /** Another dance is danced where this one has not come yet. */
  readonly replacing: boolean
  /** Somebody wants to hear the music, and does unless it is `held`. */
  readonly playing: boolean
  readonly held: boolean

  /** The dance as far as it is made. `whole`: no more will come. */
  put(phrases: readonly Phrase[], whole?: boolean): void
  /** A new dance begins; the one that there is stays until it is there. */
  again(): void
  /** It may be danced from now on; until then the piece is being listened to. True the first time. */
  open(): boolean
  /** Throws as `Player.play`. */
  play(): Promise<void>
  /** The music waits for the dance, and goes on. */
  hold(on: boolean): void
}

/** Makes the dance to one piece. */
export interface Choreographer {
  readonly name: 'house' | 'danceba'
  /** More of the music is known. Resolves when all that can be made of it is; with a complete score that is the whole dance. */
  heard(signal: AbortSignal, score: Score): Promise<void>
  /** The floor's order has changed. */
  change(signal: AbortSignal, score: Score): Promise<void>
  /** The music goes on: called some twenty times a second while it is to. */
  follow?(): void
  /** Nothing more is wanted of it. */
  leave(): void
}
