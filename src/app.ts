/** @file The one place where everything is built and joined. */
import { AudioDevice } from './audio/device'
import { captureMicrophone, captureTab } from './audio/capture'
import { Player } from './audio/player'
import type { Reel } from './audio/reel'
import { Speaker } from './audio/speaker'
import { Cast, type Member } from './cast/cast.svelte'
import { Speech, type SpokenClip } from './conversation/speech.svelte'
import { DanceFloor } from './dance/dance.svelte'
import { Filming } from './dance/filming.svelte'
import { Engines } from './engine/engines'
import { FLITE } from './models/catalogue/flite'
import { Library } from './models/library.svelte'
import { Pwa } from './pwa/pwa.svelte'
import type { DanceStyle, MotionFormat, MotionPart, Phrase } from './shared/contracts'
import { Fault } from './shared/fault'
import { give } from './shared/wire'
import { wordsOf } from './ui/language.svelte'
import { Notices } from './ui/notices.svelte'
import { saveAs } from './ui/save'
import { sayFault } from './ui/say'
import { Settings } from './ui/settings.svelte'
import { Show } from './ui/show.svelte'
import type { Guest } from './guest.svelte'
import type { Studio } from './studio'

export class App {
  readonly settings = new Settings()
  readonly notices = new Notices()
  readonly pwa = new Pwa()
  readonly library = new Library()
  readonly engines = new Engines(this.library)
  readonly device = new AudioDevice()
  readonly speaker = new Speaker<SpokenClip>(this.device)
  readonly cast = new Cast(this.engines.store)
  readonly speech = new Speech({
    speaker: this.speaker,
    lips: this.engines.lips,
    voice: (signal) => this.engines.voice(signal, this.settings.voice.current.from),
    ahead: () => this.settings.voice.current.from === 'built-in',
    delivery: () => ({
      voice: this.settings.voice.current.id,
      rate: this.settings.rate.current,
      pitch: this.settings.pitch.current,
      volume: this.settings.volume.current,
    }),
  })
  readonly dance = new DanceFloor({
    player: new Player(this.device),
    music: this.engines.music,
    choreographer: this.engines.choreographer,
    guest: async (floor) =>
      this.settings.choreographer.current === 'danceba' ? (await this.guest()).cast(floor) : undefined,
  })
  readonly show = new Show({
    settings: this.settings,
    cast: this.cast,
    speech: this.speech,
    level: () => this.speaker.level,
    dance: this.dance,
  })

  readonly filming = new Filming()

  #studio: Promise<Studio> | undefined
  /** Sentences for faults of what is built later. */
  explain: ((thrown: unknown) => string | undefined) | undefined
  /** Models and the conversation with them, built when somebody first wants them. */
  studio(): Promise<Studio> {
    this.#studio ??= import('./studio').then(({ Studio }) => new Studio(this))
    this.#studio.catch(() => (this.#studio = undefined))
    return this.#studio
  }

  #guest: Promise<Guest> | undefined
  /** The guest choreographer, built in the same way. */
  guest(): Promise<Guest> {
    this.#guest ??= import('./guest.svelte').then(({ Guest }) => new Guest(this))
    this.#guest.catch(() => (this.#guest = undefined))
    return this.#guest
  }

  /** Ask whoever has been chosen to answer; what goes wrong is told. True when the question stands in the conversation. */
  async ask(text: string): Promise<boolean> {
    this.device.unlock()
    let asked = false
    try {
      const { talk } = await this.studio()
      asked = true
      await talk.ask(text)
    } catch (e) {
      this.tell(e)
      // Where there is no model, or none that runs, the way forward is a place to get one.
      if (e instanceof Fault && ['no-model', 'model-not-here', 'model'].includes(String(e.detail['what'])))
        location.hash = '#models'
    }
    return asked
  }

  /** The state of the built-in voice's file, for a progress bar. */
  readonly voiceFile = FLITE.variant.files[0]!

  /** The page is there: bring everything up, what is seen first before what is only wanted later. */
  async open(canvas: HTMLCanvasElement): Promise<void> {
    // A gesture may start the sound; the first one does, so that the first word need not wait for it.
    for (const kind of ['pointerdown', 'keydown'] as const)
      addEventListener(kind, () => this.device.unlock(), { capture: true, once: true })
    // Isolation needs the service worker at once; keeping files does not.
    const pwa = this.pwa.start()
    await this.show.open(canvas).catch((e: unknown) => this.tell(e))
    await idle()
    await pwa
    await this.pwa.keep()
    // Some pay for each megabyte: for them the voice is fetched when it is first used.
    if ((navigator as { connection?: { saveData?: boolean } }).connection?.saveData) return
    await idle()
    await this.engines.voice(never, 'built-in').catch(() => undefined) // asked for again, and explained, on first use
  }

  /** Say a text; what goes wrong is told. True when it was said, or stopped by the person. */
  async say(text: string): Promise<boolean> {
    try {
      await this.speech.say(text)
      const left = this.speech.unspoken.find(({ why }) => why !== 'symbols')
      if (left && this.speech.line?.text === text) {
        const { notice } = this.words
        const part = text.slice(left.from, left.to).trim()
        const what = part.length > 24 ? `${part.slice(0, 24)}…` : part
        this.notices.show({
          kind: 'info',
          text: left.why === 'script' ? notice.unspokenScript(what) : notice.unspokenFailed(what),
        })
      }
      return true
    } catch (e) {
      this.tell(e, () => void this.say(text))
      return false
    }
  }

  /** Files that were dropped or picked: an avatar comes on stage, to music it dances. */
  async receive(files: Iterable<File>): Promise<void> {
    const weights: File[] = []
    for (const file of files)
      try {
        if (/\.(pth?|ckpt|rar|zip)$/i.test(file.name)) weights.push(file)
        else if (/\.(vrm|glb)$/i.test(file.name)) await this.adopt(file)
        else if (/\.(bvh|vrma|fbx)$/i.test(file.name)) await this.performMotion(file)
        else if (
          /^(audio|video)\//.test(file.type) ||
          /\.(wav|mp3|ogg|oga|opus|m4a|aac|flac|webm|mp4|m4v|mov|mkv)$/i.test(file.name)
        )
          await this.danceTo(file)
        else throw new Fault('bad-input', file.name, { detail: { reason: 'not-avatar' } })
      } catch (e) {
        this.tell(e)
      }
    if (weights.length) this.attempt(this.guest().then((guest) => guest.take(weights)))
  }

  /** A new avatar of the person's own. */
  async adopt(file: File): Promise<void> {
    const { member, notKept } = await this.cast.add(never, file)
    let came: boolean
    try {
      came = await this.show.bring(member)
    } catch (e) {
      // The loader could not read what looked sound: it is not kept.
      await this.cast.remove(never, member)
      throw e
    }
    const { notice } = this.words
    if (notKept)
      this.notices.show({
        kind: 'info',
        text: `${notice.notKept(this.nameOf(member))}: ${notKept.code === 'no-room' ? notice.notKeptFull : notice.notKeptUnsupported}`,
      })
    const picture = came ? await this.show.portrait() : undefined
    if (picture) await this.cast.portray(never, this.cast.find(member.id), picture)
  }

  async bring(member: Member): Promise<void> {
    await this.show.bring(member).catch((e: unknown) => this.tell(e))
  }

  /** A recording of a voice: the avatar moves its lips to it. */
  async perform(file: File): Promise<void> {
    this.device.unlock()
    try {
      const { decode, mono } = await import('./audio/recording')
      const reel = await decode(never, file)
      await this.speech.perform(file.name, await mono(never, reel), reel.sampleRate)
    } catch (e) {
      this.tell(e)
    }
  }

  /** Music of the person's own. */
  async danceTo(file: File): Promise<void> {
    await this.#dance(file.name.replace(/\.\w+$/, ''), async (signal) => {
      const { decodeAtOnce } = await import('./audio/recording')
      return decodeAtOnce(signal, file)
    })
  }

  /** The dance as a file for other programs. */
  async saveDance(signal: AbortSignal, format: MotionFormat): Promise<void> {
    const { phrases, piece } = this.dance
    try {
      const lead = this.show.onStage ?? this.cast.members[0]!
      const avatar = format === 'glb' ? await this.cast.bytes(signal, lead) : undefined
      const file = await this.engines.motionFiles.write(
        signal,
        format,
        partsOf(phrases),
        phrases.at(-1)?.to ?? 0,
        avatar && give(avatar, [avatar]),
      )
      const name = saveAs(file, piece?.name ?? '', format)
      this.notices.show({ kind: 'info', text: this.words.notice.saved(name) })
    } catch (e) {
      this.tell(e)
    }
  }

  /** The dance, or the part of it that is repeated, as a film of this many pixels, with its sound. */
  async makeFilm(width: number, height: number): Promise<void> {
    const { loop, music, piece } = this.dance
    if (!music || !piece) return
    this.dance.pause()
    this.speech.stop()
    try {
      const order = {
        width,
        height,
        rate: FILM_RATE,
        from: loop?.from ?? 0,
        to: loop?.to ?? music.filledS,
        music,
      }
      const film = await this.filming.make(
        (signal) => this.show.shoot(signal, width, height, order.from),
        order,
      )
      if (!film) return
      const name = saveAs(film.file, piece.name, film.ending)
      this.notices.show({ kind: 'info', text: this.words.notice.saved(name) })
    } catch (e) {
      this.tell(e)
    }
  }

  #reading: AbortController | undefined
  /** A motion of another program's, performed once by whoever is on stage. */
  async performMotion(file: File): Promise<void> {
    this.#reading?.abort()
    const { signal } = (this.#reading = new AbortController())
    this.show.perform(await this.engines.motionFiles.read(signal, file))
  }

  /** Music that the app makes itself: there is a song for each style (`audio/band/songs.ts`). */
  async playBand(style: DanceStyle): Promise<void> {
    const open = async (signal: AbortSignal) => {
      const { performAtOnce, SONGS } = await import('./audio/band/band')
      const song = SONGS.find(({ id }) => id === style)
      if (!song) throw new Fault('bad-input', `no song for ${style}`)
      return performAtOnce(signal, song)
    }
    await this.#dance(this.words.dance.songs[style] ?? style, open, style)
  }

  /** Music that sounds elsewhere: in another tab, or in the room. Nothing of it is kept. */
  async danceLive(from: 'tab' | 'microphone'): Promise<void> {
    this.speech.stop()
    try {
      // At once, while the press of the button still counts as the person's wish.
      await this.dance.follow(this.words.dance.live[from], (signal) =>
        from === 'tab' ? captureTab(signal, this.device) : captureMicrophone(signal, this.device),
      )
    } catch (e) {
      this.tell(e)
    }
  }

  async #dance(
    name: string,
    open: (signal: AbortSignal) => Promise<Reel>,
    style?: DanceStyle,
  ): Promise<void> {
    this.device.unlock()
    this.speech.stop()
    try {
      await this.dance.begin(name, open, style)
    } catch (e) {
      this.tell(e, () => void this.dance.play())
    }
  }

  /** Who is on stage, by name. */
  get leadName(): string {
    return this.nameOf(this.show.onStage ?? this.cast.members[0]!)
  }

  nameOf(member: Member): string {
    return member.source === 'built-in' ? (this.words.avatar.builtIn[member.id] ?? member.id) : member.name
  }

  /** Reactive: what the interface says. */
  get words() {
    return wordsOf(this.settings)
  }

  /** What goes wrong is told; what went wrong before is being tried again. */
  attempt(work: Promise<unknown>) {
    this.notices.dismiss()
    void work.catch((e: unknown) => this.tell(e))
  }

  /** What went wrong and what to do; undefined for what is not worth a word. */
  sentence(thrown: unknown): string | undefined {
    return this.explain?.(thrown) ?? sayFault(this.words, thrown)
  }

  /** Tell the person what went wrong and what to do; `again` is offered where trying again is what to do. */
  tell(thrown: unknown, again?: () => void) {
    const text = this.sentence(thrown)
    if (text === undefined) return
    if (!(thrown instanceof Fault) || thrown.code === 'unknown') console.error(thrown)
    const waiting =
      thrown instanceof Fault && thrown.detail['what'] === 'sound' && thrown.code === 'not-allowed' && again
    this.notices.show({
      kind: 'error',
      text,
      ...(waiting && { action: { label: this.words.notice.allowSound, act: again } }),
    })
  }
}

const never = new AbortController().signal

/** One by one: a whole dance is megabytes, and to copy them at once would be felt. */
async function* partsOf(phrases: readonly Phrase[]): AsyncGenerator<MotionPart> {
  for (const { from, motion } of phrases) yield { from, motion }
}

/** Frames a second. */
const FILM_RATE = 30

/** When the page has nothing better to do. Safari has no idle callback. */
const idle = () =>
  new Promise<void>((resolve) => {
    if ('requestIdleCallback' in window) requestIdleCallback(() => resolve(), { timeout: 3000 })
    else setTimeout(resolve, 500)
  })
