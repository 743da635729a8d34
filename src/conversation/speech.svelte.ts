/**
 * @file Saying a text: pieces to the voice, sound to the speaker, and what has been heard back to captions and face.
 *
 * The life of an utterance: text → `sentences` → a piece at a time to the voice's thread → `speaker` queues the sound →
 * `heard` on the audio clock → word, mouth and mood. One AbortController an utterance; a new one ends the old one.
 */
import { LEVELS_PER_SECOND, shapeMouth, type LipTrack } from '../audio/lips'
import { visemesOfText } from '../audio/spelling'
import type { Clip, Playing, Speaker } from '../audio/speaker'
import type { Ready } from '../engine/engines'
import type { Delivery, Lips, Mark, Pcm, Sound, Unspoken, Voice } from '../shared/contracts'
import { Fault } from '../shared/fault'
import { envelope, toInt16, wavHeader } from '../shared/pcm'
import { moment } from '../shared/trace'
import { moodCues, type Mood, type MoodCue } from './moods'
import { firstPiece, pieces, Sentences, type Piece } from './sentences'

/** Silent, or on its way: `preparing` until the first sound leaves the loudspeaker. */
export type SpeechPhase = 'silent' | 'preparing' | 'speaking'

/** A text that is or was said. */
export interface Line {
  readonly id: number
  readonly text: string
  /** Not read from `text` but played: a recording; `text` is its name. */
  readonly recorded: boolean
}

/** A part of a line's text: UTF-16 indices, half-open. */
export interface Span {
  readonly from: number
  readonly to: number
}

export interface SpeechParts {
  readonly speaker: Speaker<SpokenClip>
  /** The voice the person has chosen, ready; asked for again at each piece of an utterance, as `delivery` is. */
  readonly voice: (signal: AbortSignal) => Promise<Ready<Voice>>
  readonly delivery: () => Delivery
  /** Whether that voice gives samples, which can be made ahead; one that plays by itself would be heard. */
  readonly ahead: () => boolean
  readonly lips: Ready<Lips>
}

export interface SpokenClip extends Clip {
  readonly track: LipTrack
  /** Indices into the whole text of the line. */
  readonly marks: readonly Mark[]
  readonly piece: Span
}

/** Sound made ahead of the ear. More would only be thrown away when a speech is stopped. */
const AHEAD_S = 12
/** Captions and moods follow the sound at this pace; the mouth follows every frame. */
const FOLLOW_MS = 33

export class Speech {
  readonly #parts: SpeechParts
  #controller: AbortController | undefined
  #lastId = 0
  #cues: readonly MoodCue[] = []
  #ahead:
    | {
        readonly of: string
        readonly controller: AbortController
        readonly sounds: Promise<readonly Sound[]>
      }
    | undefined
  #spelled: { readonly track: LipTrack; readonly sinceMs: number } | undefined

  #phase = $state.raw<SpeechPhase>('silent')
  #line = $state.raw<Line | undefined>(undefined)
  #piece = $state.raw<Span | undefined>(undefined)
  #word = $state.raw<Span | undefined>(undefined)
  #unspoken = $state.raw<readonly Unspoken[]>([])
  #mood = $state.raw<Mood>('neutral')

  constructor(parts: SpeechParts) {
    this.#parts = parts
  }

  get phase() {
    return this.#phase
  }
  /** What is being said, or was said last. */
  get line() {
    return this.#line
  }
  /** The part of the line that is being heard: a clause or a sentence. */
  get piece() {
    return this.#piece
  }
  /** The word that is being heard. */
  get word() {
    return this.#word
  }
  /** What of the line the voice leaves out, as far as it is known. */
  get unspoken() {
    return this.#unspoken
  }
  /** What the line's emoji ask of the face now. */
  get mood() {
    return this.#mood
  }

  /**
   * Say a text, instead of whatever is being said. Resolves when it has been heard, or when `stop` or another text ends
   * it; throws a Fault when it could not be said.
   */
  async say(text: string): Promise<void> {
    await this.#perform({ text, recorded: false }, (signal, line) =>
      this.#speak(signal, line.id, pieces(text)),
    )
  }

  /** The same with a text that is still being written: each piece is said as soon as it is certain. */
  async follow(text: AsyncIterable<string>): Promise<void> {
    await this.#perform({ text: '', recorded: false }, (signal, line) =>
      this.#speak(signal, line.id, this.#arriving(signal, line, text)),
    )
  }

  async *#arriving(signal: AbortSignal, line: Line, text: AsyncIterable<string>): AsyncGenerator<Piece> {
    const sentences = new Sentences()
    let whole = ''
    for await (const part of text) {
      signal.throwIfAborted()
      whole += part
      this.#line = { ...line, text: whole }
      this.#cues = moodCues(whole)
      yield* sentences.push(part)
    }
    yield* sentences.end()
  }

  /** Let the mouth follow a recording of a voice: mono samples. Otherwise as `say`. */
  async perform(name: string, samples: Float32Array, sampleRate: number): Promise<void> {
    await this.#perform({ text: name, recorded: true }, async (signal) => {
      const span = { from: 0, to: name.length }
      const mark = { at: 0, until: samples.length / sampleRate, ...span }
      const clip = await this.#clip(signal, { kind: 'pcm', samples, sampleRate, marks: [mark] }, span, 0)
      await this.#heard(signal, [await this.#parts.speaker.play(signal, clip)])
    })
  }

  /**
   * The person is writing this, and may want it said in a moment: make its first piece ahead. Costs the voice's thread some
   * 30 ms; what is made is used only if the text still begins with the same piece, in the same voice.
   */
  prepare(text: string): void {
    const first = firstPiece(text)
    const delivery = this.#parts.delivery()
    const of = JSON.stringify([first?.text, delivery])
    if (this.#phase !== 'silent' || !first || this.#ahead?.of === of || !this.#parts.ahead()) return
    this.#ahead?.controller.abort()
    const controller = new AbortController()
    const sounds = Array.fromAsync(this.#make(controller.signal, first, delivery))
    sounds.catch(() => undefined) // made again, and explained, when it is to be said
    this.#ahead = { of, controller, sounds }
  }

  /**
   * What the voice makes of a piece. A voice whose thread dies over it is started again, once; a piece over which it breaks
   * down is left out, and the rest is said.
   */
  async *#make(signal: AbortSignal, { text }: Piece, delivery: Delivery): AsyncGenerator<Sound> {
    for (let attempt = 1; ; attempt++) {
      let yielded = false
      try {
        const voice = await this.#parts.voice(signal)
        for await (const sound of await voice.speak(signal, text, delivery)) {
          yielded = true
          yield sound
        }
        return
      } catch (e) {
        if (!(e instanceof Fault) || yielded) throw e
        if (e.code === 'unknown') {
          yield { kind: 'unspoken', from: 0, to: text.length, why: 'failed' }
          return
        }
        if (e.code !== 'worker-died' || attempt === 2) throw e
      }
    }
  }

  /** What was made ahead of this piece, if it was. What failed ahead is made again when its turn comes, and explained if it fails then. */
  async #made(piece: Piece, delivery: Delivery): Promise<readonly Sound[] | undefined> {
    const ahead = this.#ahead
    this.#ahead = undefined
    if (ahead?.of === JSON.stringify([piece.text, delivery])) return ahead.sounds.catch(() => undefined)
    ahead?.controller.abort()
    return undefined
  }

  /** Silence, at once. */
  stop() {
    this.#controller?.abort()
    this.#controller = undefined
    this.#parts.speaker.flush()
    this.#spelled = undefined
    this.#piece = this.#word = undefined
    this.#mood = 'neutral'
    this.#phase = 'silent'
  }

  /** Write the mouth as it is to be now; weights in the order of VISEMES. Called in every frame. */
  mouth(into: Float32Array): void {
    const heard = this.#parts.speaker.heard()
    if (heard) shapeMouth(heard.clip.track, heard.at, into)
    else if (this.#spelled)
      shapeMouth(this.#spelled.track, (performance.now() - this.#spelled.sinceMs) / 1000, into)
    else into.fill(0)
  }

  /**
   * The whole text as a WAV file, without playing it. `progress` is told the share that is done. Throws `unsupported`
   * for a voice that gives no samples, `bad-input` when there is nothing to say.
   */
  async record(signal: AbortSignal, text: string, progress: (share: number) => void): Promise<Blob> {
    if (!this.#parts.ahead())
      throw new Fault('unsupported', 'a browser voice cannot be recorded', { detail: { what: 'recording' } })
    const delivery = this.#parts.delivery()
    const parts: BlobPart[] = []
    let count = 0
    let sampleRate = 0
    let pauseS = 0
    for (const piece of pieces(text)) {
      for await (const sound of this.#make(signal, piece, delivery)) {
        if (sound.kind !== 'pcm') continue
        sampleRate = sound.sampleRate
        const silence = count ? Math.round((pauseS / delivery.rate) * sampleRate) : 0
        const samples = toInt16(sound.samples)
        parts.push(new Int16Array(silence), samples)
        count += silence + samples.length
        pauseS = 0
      }
      pauseS += piece.pauseS
      progress(piece.to / text.length)
    }
    if (count === 0) throw new Fault('bad-input', 'nothing to say', { detail: { reason: 'nothing-to-say' } })
    return new Blob([wavHeader(count, sampleRate), ...parts], { type: 'audio/wav' })
  }

  async #perform(
    { text, recorded }: Omit<Line, 'id'>,
    act: (signal: AbortSignal, line: Line) => Promise<void>,
  ): Promise<void> {
    this.stop()
    const controller = (this.#controller = new AbortController())
    const { signal } = controller
    const line = { id: ++this.#lastId, text, recorded }
    moment('said', String(line.id))
    this.#line = line
    this.#unspoken = []
    this.#cues = recorded ? [] : moodCues(text)
    this.#phase = 'preparing'
    const following = setInterval(() => this.#follow(), FOLLOW_MS)
    try {
      await act(signal, line)
    } catch (e) {
      if (!signal.aborted) throw e
    } finally {
      clearInterval(following)
      if (this.#controller === controller) this.stop()
    }
  }

  async #speak(signal: AbortSignal, id: number, text: Iterable<Piece> | AsyncIterable<Piece>): Promise<void> {
    const playing: Playing[] = []
    let pauseS = 0
    let spoke = false
    for await (const piece of text) {
      await this.#room(signal)
      // Asked for each piece: the person may take another voice in the middle. One that plays by itself does not talk into
      // what is still to be heard.
      const delivery = this.#parts.delivery()
      if (!this.#parts.ahead()) await this.#heard(signal, playing)
      for await (const sound of (await this.#made(piece, delivery)) ?? this.#make(signal, piece, delivery)) {
        signal.throwIfAborted()
        switch (sound.kind) {
          case 'pcm': {
            const clip = await this.#clip(signal, sound, piece, pauseS / delivery.rate)
            const next = await this.#parts.speaker.play(signal, clip)
            if (!spoke) void next.started.then(() => moment('sound', String(id)))
            playing.push(next)
            break
          }
          case 'spoken':
            this.#hearSpelled(piece, sound, delivery.rate)
            break
          case 'unspoken':
            this.#unspoken = [
              ...this.#unspoken,
              { ...sound, from: sound.from + piece.from, to: sound.to + piece.from },
            ]
        }
        if (sound.kind !== 'unspoken') {
          spoke = true
          pauseS = 0
        }
      }
      pauseS += piece.pauseS
    }
    if (spoke) await this.#heard(signal, playing)
    else {
      const mood = this.#cues.at(-1)?.mood
      if (!mood) throw new Fault('bad-input', 'nothing to say', { detail: { reason: 'nothing-to-say' } })
      // Nothing but emoji: the face says it.
      this.#mood = mood
      await pause(signal, 2500)
    }
  }

  async #clip(signal: AbortSignal, sound: Pcm, piece: Span, gapS: number): Promise<SpokenClip> {
    const { samples, sampleRate } = sound
    const visemes = sound.visemes ?? (await this.#parts.lips.read(signal, samples, sampleRate))
    const marks = sound.marks.map((mark) => ({
      ...mark,
      from: mark.from + piece.from,
      to: mark.to + piece.from,
    }))
    const levels = envelope(samples, sampleRate, LEVELS_PER_SECOND)
    return { samples, sampleRate, gapS, track: { visemes, levels }, marks, piece }
  }

  /** A word of a voice that plays by itself has begun. */
  #hearSpelled(piece: Piece, { from, to }: Sound & { kind: 'spoken' }, rate: number) {
    this.#phase = 'speaking'
    this.#piece = piece
    this.#reach({ from: piece.from + from, to: piece.from + to })
    this.#spelled = {
      track: { visemes: visemesOfText(piece.text.slice(from, to), rate) },
      sinceMs: performance.now(),
    }
  }

  #follow() {
    const heard = this.#parts.speaker.heard()
    if (!heard) return
    const { clip, at } = heard
    this.#phase = 'speaking'
    if (this.#piece !== clip.piece) this.#piece = clip.piece
    let word: Mark | undefined
    for (const mark of clip.marks) if (mark.at <= at + FOLLOW_MS / 2000) word = mark
    if (word && word.from !== this.#word?.from) this.#reach(word)
  }

  /** The voice has come to this word: what stands before it in the text has happened. */
  #reach({ from, to }: Span) {
    this.#word = { from, to }
    // An emoji behind the last word of a piece belongs to that word, so that it shows while there is still a voice.
    const next = this.#line!.text.slice(to).search(/[\p{L}\p{N}]/u)
    const reached = next < 0 ? Infinity : to + next
    this.#mood = this.#cues.findLast(({ at }) => at < reached)?.mood ?? 'neutral'
  }

  /** Wait until little enough is queued. */
  async #room(signal: AbortSignal) {
    while (this.#parts.speaker.aheadS > AHEAD_S) await pause(signal, 100)
  }

  async #heard(signal: AbortSignal, playing: readonly Playing[]) {
    await Promise.race([Promise.all(playing.map(({ ended }) => ended)), aborted(signal)])
  }
}

const pause = (signal: AbortSignal, ms: number) =>
  Promise.race([new Promise<void>((resolve) => setTimeout(resolve, ms)), aborted(signal)])

const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    if (signal.aborted) reject(new Fault('aborted', 'stopped'))
    signal.addEventListener('abort', () => reject(new Fault('aborted', 'stopped')), { once: true })
  })
