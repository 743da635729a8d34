/**
 * @file Contracts, as types only: what a worker, a browser built-in or a remote endpoint must offer to be an engine,
 * and what they exchange. One interface a capability. What an engine cannot do is missing from the catalogue, never an
 * exception at the call.
 *
 * The rules of the wire apply: a signal comes first, and a signal or a stream is an argument or a return value itself,
 * never part of an object. Times are seconds unless named otherwise; text indices are UTF-16 code units.
 */
import type { Viseme } from './visemes'

// ---- engines -------------------------------------------------------------------------------------------------------

/** Where an engine runs. The catalogue holds these as data, `placement` picks one, `engines` builds it. */
export type Variant =
  | {
      readonly kind: 'local'
      readonly model: string
      readonly backend: 'webgpu' | 'wasm'
      readonly files: readonly ModelFile[]
    }
  | { readonly kind: 'built-in'; readonly api: BuiltIn }
  | { readonly kind: 'remote'; readonly protocol: 'openai'; readonly baseUrl: string; readonly model: string }

/** The browser's own engines. All of them exist on the page only, never in a worker. */
export type BuiltIn = 'prompt' | 'translator' | 'speech-synthesis' | 'speech-recognition'

export interface ModelFile {
  /** Where it comes from; of a hub's, at a commit. Engines ask for it by this name, and read what is kept. */
  readonly url: string
  /** Its place in the repository, such as `onnx/model_q4.onnx`; a hub's address says it after `resolve/<commit>/`. */
  readonly path?: string
  readonly bytes: number
  /** Lower-case hexadecimal; absent where the file is part of the app itself and comes from its own origin. */
  readonly sha256?: string
}

/** What the person is told about an engine in use. `leavesDevice` lights the sign for as long as it is used. */
export interface Loaded {
  readonly runsOn: 'webgpu' | 'wasm' | 'browser' | 'remote'
  readonly leavesDevice: boolean
}

export interface Engine {
  /** Fetch, compile and warm up whatever is missing. Calling it again with the same variant costs nothing. */
  load(signal: AbortSignal, variant: Variant): Promise<Loaded>
}

/** What a load that is under way is doing. */
export type LoadStep =
  /** So much of the model has been read from the device. */
  | { readonly kind: 'reading'; readonly bytes: number; readonly of: number }
  /** It is being put where it runs, and says its first word. */
  | { readonly kind: 'starting' }
  /** It shows that it computes here what it is to compute. */
  | { readonly kind: 'testing' }

/** An engine whose model may be any of a kind, on whatever device: it may take long to load, and fail. */
export interface ModelEngine extends Engine {
  /**
   * As every engine's. `proven`: it has passed its self-test on this device, this way, so a warm-up is enough. Throws
   * `bad-input` (reason `gone`) for files that are not here and `unsupported` without a GPU or for a model of another kind;
   * after `load-failed` (reason `self-test` or `config`, or none), `out-of-memory` and `device-lost` the worker is of no use.
   */
  load(signal: AbortSignal, variant: Variant, options?: { readonly proven?: boolean }): Promise<Loaded>
  /** The steps of the load that is under way, from where it is; it ends when that does. One reader. */
  loading(signal: AbortSignal): AsyncIterable<LoadStep>
}

// ---- talk ----------------------------------------------------------------------------------------------------------

export interface Turn {
  readonly role: 'system' | 'user' | 'assistant'
  readonly text: string
}

/** How words are chosen. What is absent is as the model's own configuration has it. */
export interface Sampling {
  /** 0 always takes the likeliest. */
  readonly temperature?: number
  readonly topK?: number
  /** Of the likeliest words, as many as together have this probability. */
  readonly topP?: number
  /** No word that is less than so many times as likely as the likeliest. */
  readonly minP?: number
  /** 1 or more: how much less likely a word is that was there before. */
  readonly repetitionPenalty?: number
  /** The same seed, turns and sampling give the same answer. */
  readonly seed?: number
  readonly maxTokens?: number
  /** Of models that may: whether to think before the answer. */
  readonly thinking?: boolean
}

/**
 * A piece of an answer, in order: thoughts that are not part of it, the answer itself, and at its end how it ended and what
 * it cost.
 */
export type ReplyPart =
  | { readonly kind: 'thought'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'end'
      /** `length`: `maxTokens` or the context was used up. */
      readonly why: 'stop' | 'length'
      /** Tokens of the whole prompt, those of them that were still known from the turns before, and of the answer. */
      readonly promptTokens: number
      readonly reusedTokens: number
      readonly tokens: number
      /** Turns at the beginning that were left out, because the context holds no more. */
      readonly forgotten: number
    }

export interface Chat extends ModelEngine {
  /**
   * The answer to the last turn. Turns that were known from the answer before are not read again. Throws `aborted` when the
   * signal fires: what was said until then is known, and the next reply goes on from it.
   */
  reply(signal: AbortSignal, turns: readonly Turn[], sampling: Sampling): AsyncIterable<ReplyPart>
}

export interface Vision extends Engine {
  /** What is to be seen, in pieces. Several images are the frames of a video, in order; they are moved, not copied. */
  describe(signal: AbortSignal, images: readonly ImageBitmap[], question: string): AsyncIterable<string>
}

export interface Translate extends Engine {
  /** One sentence. Languages are BCP 47 tags. */
  translate(signal: AbortSignal, text: string, from: string, to: string): AsyncIterable<string>
}

// ---- hear ----------------------------------------------------------------------------------------------------------

export interface Vad extends Engine {
  /** How likely a frame of 512 samples (16 kHz mono) is speech, 0 to 1. Frames of one stream, in order. */
  hear(frame: Float32Array): Promise<number>
  /** A new stream begins. */
  reset(): Promise<void>
}

export interface Ears extends Engine {
  /** 16 kHz mono. Partial texts replace each other until one is final. */
  hear(
    signal: AbortSignal,
    samples: Float32Array,
    language?: string,
  ): AsyncIterable<{ readonly text: string; readonly final: boolean }>
}

// ---- speak ---------------------------------------------------------------------------------------------------------

export interface Voice extends Engine {
  /** Speak one piece of text: a clause or a sentence. Indices in what comes back are into this `text`. */
  speak(signal: AbortSignal, text: string, delivery: Delivery): AsyncIterable<Sound>
}

export interface Delivery {
  /** The id of a voice of this engine. */
  readonly voice: string
  /** Factors, 1 as the voice is: tempo and fundamental frequency. */
  readonly rate: number
  readonly pitch: number
  /** 0 to 1, for a voice that plays by itself; the loudness of samples is the speaker's business. */
  readonly volume: number
}

/**
 * What a voice gives. Most give samples, which `speaker` queues, taps and can cut off. A browser voice plays by itself
 * and hands out no samples: all that is known is how much of the text is leaving the loudspeaker, and the mouth
 * follows the text. `unspoken` is a part of the text that this voice cannot say and leaves out.
 */
export type Sound = Pcm | Spoken | Unspoken

export interface Pcm {
  readonly kind: 'pcm'
  /** Mono, -1 to 1. */
  readonly samples: Float32Array
  readonly sampleRate: number
  /** Words as they come; empty where the engine does not know. */
  readonly marks: readonly Mark[]
  /** Mouth shapes where the engine knows its phonemes; without them the mouth follows the sound itself. */
  readonly visemes?: readonly VisemeCue[]
}

/** The browser has begun to say `text[from, to)`; a word as a rule. */
export interface Spoken {
  readonly kind: 'spoken'
  readonly from: number
  readonly to: number
}

export interface Unspoken {
  readonly kind: 'unspoken'
  readonly from: number
  readonly to: number
  /**
   * `script`: letters this voice has no sounds for. `symbols`: emoji and signs, which nobody expects to be read.
   * `failed`: the engine broke down over it.
   */
  readonly why: 'script' | 'symbols' | 'failed'
}

/** The moment at which a part of the text is spoken: seconds from the start of the sound, indices into the text. */
export interface Mark {
  readonly at: number
  readonly until: number
  readonly from: number
  readonly to: number
}

/** A phoneme's mouth shape; seconds from the start of the sound. Cues follow each other without overlap. */
export interface VisemeCue {
  readonly at: number
  readonly until: number
  readonly viseme: Viseme
  /** How much of the shape, 0 to 1: a stressed vowel opens wider than a reduced one. */
  readonly strength: number
}

export interface Lips {
  /** The mouth shapes of a voice of which only the sound is known. Mono samples, at any rate. */
  read(signal: AbortSignal, samples: Float32Array, sampleRate: number): Promise<readonly VisemeCue[]>
}

// ---- move ----------------------------------------------------------------------------------------------------------

/**
 * A clip of movement on the humanoid skeleton, ready to be performed by any avatar. Axes as in stage/rig.ts: +Y up, the
 * dancer faces +Z, its left is +X; a T-pose has no rotation anywhere. Lengths are in units of the hips' height above the
 * floor at rest, so that a child and a giant take steps of their own size.
 */
export interface Motion {
  /** Frames a second. */
  readonly rate: number
  readonly frames: number
  /** VRM humanoid bone names; rotations and this list go together. */
  readonly joints: readonly string[]
  /** `frames × joints × 4`: local rotations (x, y, z, w) relative to a T-pose. */
  readonly rotations: Float32Array
  /** `frames × 3`: where the hips are; standing at rest is (0, 1, 0). */
  readonly root: Float32Array
  /**
   * `frames × 2 × 6`, the left foot and the right: how far the ankle is from where it stands at rest (x, y, z), without what
   * the pitch lifts it; the yaw of the foot about the ankle (radians, toes to the left positive); its pitch (toes down
   * positive, about the ball of the foot, which stays where it is); and how much it carries (1 planted, 0 in the air). Where it is given, an avatar's legs are solved onto it, so that feet do not slide
   * on legs of another length.
   */
  readonly feet?: Float32Array
}

/**
 * What an analyser hears in music; times are seconds from the start. Scores of one analysis grow: what lies before
 * `settled` is the same in all later ones, so that a dance may be composed on it.
 */
export interface Score {
  /**
   * Of the music as a whole, as far as it is known: a figure to be shown, which may still change. The tempo of a moment is that
   * of its beats. 0 where there is no beat: silence, noise, speech.
   */
  readonly tempoBpm: number
  /** 4, or 3 for a waltz; decided with the first settled beats. */
  readonly beatsPerBar: number
  /** In order. Where the music has no beat for a while, as in a break, they go on at its tempo. */
  readonly beats: Float32Array
  /** How strongly each beat is played, 0 to 1; same length as `beats`. */
  readonly strengths: Float32Array
  /** Those of `beats` that begin a bar. */
  readonly downbeats: Float32Array
  /** Where an offbeat falls between two beats: 0.5 straight, 0.67 a triplet's swing; decided with the first settled beats. */
  readonly swing: number
  /** Parts of the music, without gaps. The same label means that they sound alike. */
  readonly sections: readonly Section[]
  /** Loudness as it is felt, 0 to 1 over the music so far, ten values a second. */
  readonly energy: Float32Array
  /** The same for parts of the spectrum: below 150 Hz (the kick, the bass), up to 2.5 kHz (voices), above (cymbals). */
  readonly bands: { readonly low: Float32Array; readonly mid: Float32Array; readonly high: Float32Array }
  /** How far into the music this score reaches, and up to where it will not change any more. */
  readonly upTo: number
  readonly settled: number
  readonly complete: boolean
}

export interface Section {
  readonly from: number
  readonly to: number
  /** A, B, C … in order of appearance. */
  readonly label: string
  /** Mean energy of its first eight seconds, 0 to 1: that of the whole is not known while it lasts. */
  readonly energy: number
}

export interface Music {
  /**
   * Mono samples in, piece by piece, at most `lengthS` seconds of them; growing scores out, the last one complete. The first
   * comes when some thirteen seconds are there. Pieces are used up: their memory is given back at once.
   */
  analyse(
    signal: AbortSignal,
    pieces: AsyncIterable<Float32Array<ArrayBuffer>>,
    sampleRate: number,
    lengthS: number,
  ): AsyncIterable<Score>
  /**
   * Follow what sounds now. Mono samples arrive at `port` as Float32Arrays, without gaps; second 0 of the scores is the first
   * sample. The first score comes when a beat is found, about one a second follows, until `signal` aborts. They look ahead:
   * beats and energy are foretold, and `settled` lies beyond `upTo`; a tempo that drifts bends the beats behind `settled`.
   */
  follow(signal: AbortSignal, port: MessagePort, sampleRate: number): AsyncIterable<Score>
}

/** `auto` is chosen from the music. */
export type DanceStyle = 'groove' | 'pop' | 'house' | 'disco' | 'robot' | 'waltz'

/** How the person wants it danced. */
export interface DanceOrder {
  readonly style: DanceStyle | 'auto'
  readonly seed: number
  /** 1 as the music asks; 0.5 small and calm, 1.5 as large as it gets. */
  readonly energy: number
  /** Left and right exchanged. */
  readonly mirror: boolean
  /** By the index of a phrase: how often it was asked to be made anew. */
  readonly rerolls: Readonly<Record<number, number>>
}

/** A piece of the dance: eight beats as a rule (six in a waltz). They follow each other without a gap. */
export interface Phrase {
  readonly index: number
  /** Seconds of the music. */
  readonly from: number
  readonly to: number
  /** Of the house choreographer's. */
  readonly style?: DanceStyle
  /** What is danced and when, for the timeline; nothing where nobody has names for it. */
  readonly moves: readonly { readonly name: string; readonly from: number; readonly to: number }[]
  readonly mood: 'neutral' | 'happy' | 'relaxed' | 'surprised'
  /** Its frames begin at `from`; the last one lies at `to` or just before it. */
  readonly motion: Motion
}

export interface Dance {
  /**
   * The phrases from number `first` on, as far as the score is settled (all of them when it is complete). The same score and
   * order give the same dance, whether it is composed at once or in pieces.
   */
  compose(signal: AbortSignal, score: Score, order: DanceOrder, first: number): AsyncIterable<Phrase>
}

// ---- danceba -------------------------------------------------------------------------------------------------------

/** The two networks that Danceba is: what chooses codes to music, and what makes poses of codes. */
export type DancebaPart = 'generator' | 'poses'

/**
 * In which numbers the generator's matrices are kept; poses are kept in fp16 or fp32. Whatever would suffer (norms, step sizes,
 * decays) is fp32 in all of them. Both 8-bit forms are as small: `int8` is multiplied as bytes, which processors do fast and
 * browsers' GPUs do not do, `q8` as fp32, which is for GPUs.
 */
export type DancebaPrecision = 'fp32' | 'fp16' | 'int8' | 'q8'

/** What a checkpoint was found to hold: for the person to see before and after it is taken. */
export interface DancebaFound {
  readonly part: DancebaPart
  /** Of the file. */
  readonly bytes: number
  /** Of what is taken out of it. */
  readonly parameters: number
  readonly tensors: number
  readonly epoch?: number
  /** Sizes of the network by their names: width, layers, codes … */
  readonly sizes: Readonly<Record<string, number>>
  /** Paths of leaves that are not needed, the first thousand of them; how many there are beyond. */
  readonly unused: readonly string[]
  readonly moreUnused?: number
}

/** A part that is here, converted. */
export interface DancebaKept extends DancebaFound {
  readonly precision: DancebaPrecision
  readonly keptBytes: number
  /** Milliseconds since 1970. */
  readonly addedMs: number
}

export type DancebaTaking =
  | { readonly kind: 'found'; readonly name: string; readonly found: DancebaFound }
  /** Another tab is writing. It is waited for. */
  | { readonly kind: 'elsewhere' }
  /** So much of a file at an address has come; `of` where the server says it. */
  | {
      readonly kind: 'fetched'
      readonly address: string
      readonly name: string
      readonly bytes: number
      readonly of?: number
    }
  /** It will be asked again in so many seconds. */
  | {
      readonly kind: 'waiting'
      readonly address: string
      readonly name: string
      readonly seconds: number
      readonly why: 'offline' | 'busy' | 'broken'
    }
  /** So many bytes of what is kept of it are written. */
  | { readonly kind: 'bytes'; readonly part: DancebaPart; readonly bytes: number; readonly of: number }
  | { readonly kind: 'kept'; readonly kept: DancebaKept }

/** The files of Danceba: checkpoints in, converted weights kept on the device. The only one that writes them. */
export interface DancebaFiles {
  /** What is here. What a closed tab left half done is cleared away. */
  kept(signal: AbortSignal): Promise<readonly DancebaKept[]>
  /**
   * Checkpoints, in any order and told apart by what is in them. All are looked at before anything is written. A part that is here
   * already is replaced when the new one is whole. Throws `bad-input` (`detail.what` is `checkpoint`, with a reason and the file's
   * `name`), `no-room` (`needed` and `free`, before anything is written), `unsupported` where nothing can be kept.
   */
  take(
    signal: AbortSignal,
    files: readonly { readonly name: string; readonly file: Blob }[],
    precision: DancebaPrecision,
  ): AsyncIterable<DancebaTaking>
  /**
   * The same of files at addresses that let pages read them (CORS) and that this page may ask (its policy). They are fetched to disk
   * first, and are there only until they are taken. Also throws `load-failed` (reasons `not-found`, `busy`, `refused`, `changed`),
   * `not-allowed` (`policy`, `gated`, `forbidden`) and `offline`, which is also what a server without CORS comes to.
   */
  takeFrom(
    signal: AbortSignal,
    addresses: readonly string[],
    precision: DancebaPrecision,
  ): AsyncIterable<DancebaTaking>
  remove(signal: AbortSignal): Promise<void>
}

/** How a dance is composed. */
export interface DancebaOrder {
  /** `exact`: every step sees its window anew, as in the reference. `fast`: steps go on from what was computed before; an approximation. */
  readonly mode: 'exact' | 'fast'
  /** 0: always the likeliest code, the reference's own way. */
  readonly temperature: number
  /** Draw only among so many of the likeliest; 0 for all. */
  readonly topK: number
  readonly seed: number
  /** The codes that everything begins with. */
  readonly start: { readonly up: number; readonly down: number }
  /** To how many frames a full window is cut (1 to 28). 28: none is cut, it moves on by one. */
  readonly sampleShift: number
  /** At most so many seconds; all of the music without. */
  readonly lengthS?: number
}

/** What was heard in the music. */
export interface DancebaHeard {
  /** 7.5 a second. */
  readonly frames: number
  readonly tempoBpm?: number
  /** Seconds. */
  readonly beats: readonly number[]
}

export type DancebaHearing =
  /** 0 to 1. */
  | { readonly kind: 'hearing'; readonly done: number }
  | { readonly kind: 'heard'; readonly heard: DancebaHeard }

export type DancebaStep =
  /** So many steps of all are chosen, so many in the last second. */
  | { readonly kind: 'steps'; readonly done: number; readonly of: number; readonly perSecond: number }
  /** The next part of the motion, without gaps from second 0 of the music. */
  | { readonly kind: 'motion'; readonly part: MotionPart }

/** Danceba at work. One order at a time. */
export interface Danceba {
  /**
   * Bring both parts where they run. Cheap when they are there. Throws `bad-input` (reason `gone`) where one of them is not kept,
   * `unsupported` without a GPU, `out-of-memory`, `device-lost`, `load-failed`.
   */
  load(
    signal: AbortSignal,
    backend: 'webgpu' | 'wasm',
  ): AsyncIterable<{ readonly bytes: number; readonly of: number }>
  /**
   * The features of mono music, piece by piece at `sampleRate`; they stay here for `compose`. `corrected` wakes the columns of
   * rhythm where the reference's are silent on dense music: a deviation. Throws `bad-input` for less than 1.1 seconds.
   */
  hear(
    signal: AbortSignal,
    pieces: AsyncIterable<Float32Array<ArrayBuffer>>,
    sampleRate: number,
    lengthS: number,
    onset: 'reference' | 'corrected',
  ): AsyncIterable<DancebaHearing>
  /** The dance to what was heard last. Throws `bad-input` (reason `gone`) where nothing was heard or loaded, or for an order that makes no sense. */
  compose(signal: AbortSignal, order: DancebaOrder): AsyncIterable<DancebaStep>
}

/** Files of a motion: VRM animation, Biovision hierarchy, an avatar with it, joint positions as dance models have them. */
export type MotionFormat = 'vrma' | 'bvh' | 'glb' | 'json' | 'npz'

/** A motion and the second at which it begins. */
export interface MotionPart {
  readonly from: number
  readonly motion: Motion
}

export interface MotionFiles {
  /**
   * Parts of a dance, in order and of the same joints, as one file that begins at second 0 and ends at `toS`. `avatar` is a
   * VRM file, for the format that has one in it.
   */
  write(
    signal: AbortSignal,
    format: MotionFormat,
    parts: AsyncIterable<MotionPart>,
    toS: number,
    avatar?: ArrayBuffer,
  ): Promise<Blob>
  /** A BVH, VRMA or FBX file; throws `bad-input` with a reason. */
  read(signal: AbortSignal, file: Blob): Promise<Motion>
}

// ---- models --------------------------------------------------------------------------------------------------------

/** What a model is for. */
export type Task = 'chat' | 'see' | 'hear' | 'speak' | 'translate' | 'dance' | 'turn'

/** Precision of weights, as files on the hub are named: `model_q4f16.onnx`, and `model.onnx` for fp32. */
export type Dtype = 'fp32' | 'fp16' | 'q8' | 'int8' | 'uint8' | 'q4' | 'q4f16' | 'bnb4' | 'q8f16' | 'uint8f16'

/** A file of a repository, as the hub lists it. */
export interface ListedFile {
  readonly path: string
  readonly bytes: number
  /** Lower-case hexadecimal. Large files have a SHA-256; of small ones only git's own SHA-1 of them is known. */
  readonly digest: { readonly kind: 'sha256' | 'git'; readonly hex: string }
}

/** A repository at one commit: what it holds does not change any more. */
export interface Listing {
  readonly repo: string
  readonly commit: string
  /** Address of a file: this, then its path. */
  readonly base: string
  readonly files: readonly ListedFile[]
}

/** A file that is here, whole and verified. */
export interface KeptFile {
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

/** What is here of a repository. */
export interface KeptRepo {
  readonly repo: string
  readonly commit: string
  readonly base: string
  readonly files: readonly KeptFile[]
  /** Asked for and not whole yet, of some not a byte. */
  readonly partial: readonly { readonly path: string; readonly bytes: number; readonly of: number }[]
  /** Milliseconds since 1970. */
  readonly usedMs: number
}

export type FetchStep =
  /** So much of a file is here. Some ten a second for each file that is on its way. */
  | { readonly kind: 'bytes'; readonly path: string; readonly bytes: number; readonly of: number }
  /** It will be tried again in so many seconds. */
  | {
      readonly kind: 'waiting'
      readonly path: string
      readonly seconds: number
      readonly why: 'offline' | 'busy' | 'broken'
    }
  /** Another tab is fetching it; what comes of that comes here, too. */
  | { readonly kind: 'elsewhere'; readonly path: string }
  /** So many come at once, and no more: it waits until another one is here. */
  | { readonly kind: 'queued'; readonly path: string }
  | { readonly kind: 'kept'; readonly file: KeptFile }

/**
 * The files of models on this device, each once and under the SHA-256 of its bytes, whatever repository it belongs to. The only
 * one that writes them. What is on its way survives a crash, a closed tab and a new version of the app.
 */
export interface Depot {
  list(signal: AbortSignal): Promise<readonly KeptRepo[]>
  /**
   * Have these files of a repository. What is here is not fetched, what was begun goes on where it was cut off. Ends when
   * all are here. Throws `no-room`, `not-allowed` (`detail.reason`: `gated` or `forbidden`), `load-failed` (`not-found`,
   * `changed`, `corrupt`, `refused`, or `busy`: the server turns one away), or `offline` after some tries; that is also what a
   * server comes to whose answers no page may read. `token` is sent to the first address only.
   */
  fetch(
    signal: AbortSignal,
    listing: Listing,
    paths: readonly string[],
    options?: { readonly token?: string },
  ): AsyncIterable<FetchStep>
  /**
   * Files from a folder of the person's own; verified against the listing where there is one: throws `load-failed` with
   * `not-found` for what it does not list, and `corrupt` for another file than is listed.
   */
  add(
    signal: AbortSignal,
    repo: Pick<Listing, 'repo' | 'commit' | 'base'> & { readonly files?: readonly ListedFile[] },
    files: readonly { readonly path: string; readonly file: Blob }[],
  ): AsyncIterable<FetchStep>
  /** A file that is here, read from disk as it is read. Throws `bad-input` with reason `gone` when it is not. */
  read(signal: AbortSignal, file: Pick<KeptFile, 'sha256'>): Promise<Blob>
  /** It was used now: what has not been used for long is the first that one may do without. */
  use(signal: AbortSignal, repo: Pick<KeptRepo, 'repo' | 'commit'>): Promise<void>
  /**
   * All of a repository or these files of it (one of several precisions, say), also what was begun. Files that other
   * repositories hold as well stay.
   */
  remove(
    signal: AbortSignal,
    repo: Pick<KeptRepo, 'repo' | 'commit'>,
    paths?: readonly string[],
  ): Promise<void>
  /** All that is whole, as one file to be carried to another machine: a TAR, piece by piece. */
  pack(signal: AbortSignal): AsyncIterable<Uint8Array<ArrayBuffer>>
  /**
   * What another machine has packed; every file is verified. Throws `bad-input` with reason `not-a-pack`, or `load-failed` with
   * `corrupt`.
   */
  unpack(signal: AbortSignal, file: Blob): AsyncIterable<FetchStep>
}

// ---- keep ----------------------------------------------------------------------------------------------------------

/** What may be kept on the device. A shelf is a kind of thing: avatars now; weights, voices and motions later. */
export type Shelf = 'avatars'

/** A kept file and what is known about it. The id is the SHA-256 of its bytes, so the same file is never kept twice. */
export interface Kept {
  readonly id: string
  readonly shelf: Shelf
  readonly name: string
  readonly bytes: number
  /** Milliseconds since 1970. */
  readonly addedMs: number
  /** A small picture of it: a data: URL. */
  readonly picture?: string
}

/** The only one that writes files. Everything is on disk when a call has resolved. */
export interface Store {
  /** What is on a shelf, oldest first. Throws `unsupported` where the browser lets no page keep files. */
  list(signal: AbortSignal, shelf: Shelf): Promise<readonly Kept[]>
  /** Throws `no-room` when the device is full; then nothing of it is left behind. */
  put(signal: AbortSignal, shelf: Shelf, name: string, file: Blob): Promise<Kept>
  /** The file itself, read from disk as it is read; throws `bad-input` when there is none. */
  get(signal: AbortSignal, kept: Kept): Promise<Blob>
  /** Change what is known about it, never what it is. */
  amend(
    signal: AbortSignal,
    kept: Kept,
    change: { readonly name?: string; readonly picture?: string },
  ): Promise<Kept>
  remove(signal: AbortSignal, kept: Kept): Promise<void>
}
