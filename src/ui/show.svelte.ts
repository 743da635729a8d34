/** @file What the audience sees: who is on stage, in which set and light; the join between the voice and the face. */
import type { Cast, Member } from '../cast/cast.svelte'
import type { Speech } from '../conversation/speech.svelte'
import type { Motion } from '../shared/contracts'
import type { Acting } from '../stage/avatar'
import type { Performing } from '../stage/dancing'
import type { Stage } from '../stage/stage'
import { Fault } from '../shared/fault'
import { shotAt } from '../dance/camera'
import { breath } from '../shared/breath'
import type { DanceFloor, Moment } from '../dance/dance.svelte'
import type { Shooting } from '../dance/filming.svelte'
import type { Settings } from './settings.svelte'

export interface ShowParts {
  readonly settings: Settings
  readonly cast: Cast
  readonly speech: Speech
  /** Of what is being heard: RMS, 0 to 1. */
  readonly level: () => number
  readonly dance: DanceFloor
}

/** `none`: there can be no picture here; everything else works. */
export type Curtain = 'closed' | 'open' | 'none'

/** Where something may lie over the picture, besides the bar at the top. */
export type Edge = 'right' | 'bottom'

/** Pixels of air above the head: the name of the app stands there. */
const TOP_BAR = 40

/** Before a film begins. */
const SETTLE_S = 1

/** A loud syllable's RMS; the body takes it as 1. */
const LOUD = 0.2

export class Show {
  readonly #parts: ShowParts
  // Asked for as early as possible: it is most of the app's code, and nothing is seen without it.
  readonly #module = import('../stage/stage')
  #stage: Stage | undefined
  #entrance: AbortController | undefined
  #clip: { readonly motion: Motion; readonly sinceMs: number } | undefined

  #curtain = $state.raw<Curtain>('closed')
  #entering = $state.raw<Member | undefined>(undefined)
  #onStage = $state.raw<Member | undefined>(undefined)
  #lost = $state.raw(false)
  #calm = $state(false)

  constructor(parts: ShowParts) {
    this.#parts = parts
    this.#module.catch(() => undefined) // whoever awaits `open` gets it
  }

  /** Less motion is asked for. */
  get calm() {
    return this.#calm
  }
  get curtain() {
    return this.#curtain
  }
  /** Who is on the way. */
  get entering() {
    return this.#entering
  }
  get onStage() {
    return this.#onStage
  }
  /** The GPU has lost the picture and it has not come back yet. */
  get lost() {
    return this.#lost
  }

  /** Build the stage and bring the chosen avatar on. Throws `unsupported` where there is no WebGL. */
  async open(canvas: HTMLCanvasElement): Promise<void> {
    const { settings, cast, speech, level, dance } = this.#parts
    const chosen = settings.avatar.current
    const lead = cast.find(chosen)
    // The bytes travel while the code is being compiled.
    const bytes = lead.id === chosen ? cast.bytes(never, lead) : undefined
    bytes?.catch(() => undefined)
    try {
      const { Stage } = await this.#module
      await painted() // making a WebGL context may hold the page up for half a second: not before it has been seen
      const stage = (this.#stage = new Stage(canvas))
      stage.onframe = (acting) => {
        speech.mouth(acting.mouth)
        acting.speaking = speech.phase === 'speaking'
        acting.loudness = acting.speaking ? Math.min(1, level() / LOUD) : 0
        const now = dance.now()
        this.#perform(stage, acting, now)
        // What somebody says shows before what they dance.
        acting.mood = now && speech.phase === 'silent' ? now.phrase.mood : speech.mood
      }
      stage.onlost = (lost) => (this.#lost = lost)
      this.#followSettings(stage)
    } catch (e) {
      this.#curtain = 'none'
      throw e instanceof Fault ? e : new Fault('load-failed', 'the stage could not be loaded', { cause: e })
    }
    await this.#openWith(bytes ? lead : undefined, bytes)
  }

  /**
   * Bring an avatar on stage; the one before stays if it cannot come. A second call while one is coming replaces it: then
   * the first gives false.
   */
  async bring(member: Member, bytes?: Promise<ArrayBuffer>): Promise<boolean> {
    if (!this.#stage) return false
    this.#entrance?.abort()
    const entrance = (this.#entrance = new AbortController())
    this.#entering = member
    try {
      await this.#stage.enter(
        entrance.signal,
        await (bytes ?? this.#parts.cast.bytes(entrance.signal, member)),
      )
      this.#onStage = member
      this.#parts.settings.avatar.current = member.id
      return true
    } catch (e) {
      if (entrance.signal.aborted) return false
      throw e
    } finally {
      if (this.#entrance === entrance) this.#entering = undefined
    }
  }

  #perform(stage: Stage, acting: Acting, now: Moment | undefined, narrow = false) {
    const { settings, dance } = this.#parts
    const { current } = settings.camera
    // Whoever travels leaves a narrow picture at once.
    const camera = narrow && current === 'fixed' ? 'follow' : current
    acting.performing = now ?? this.#clipNow()
    stage.shot =
      acting.performing && shotAt(camera, now && dance.score, acting.performing.time, dance.order.seed)
  }

  /**
   * The stage as the camera of a film of this many pixels that begins at a second of the music. Nobody speaks in it. Throws
   * `unsupported` where there is no picture.
   */
  async shoot(signal: AbortSignal, width: number, height: number, fromS: number): Promise<Shooting> {
    const stage = this.#stage
    if (!stage) throw new Fault('unsupported', 'no stage', { detail: { what: 'webgl' } })
    const filming = stage.film(width, height)
    const at = (time: number) => (acting: Acting) => {
      const now = this.#parts.dance.now(time)
      acting.mouth.fill(0)
      acting.speaking = false
      acting.loudness = 0
      acting.mood = now?.phrase.mood ?? 'neutral'
      this.#perform(stage, acting, now, width <= height)
    }
    try {
      // Whoever is to dance from the first frame on must have stopped whatever they were doing; hair and skirts hang.
      for (let step = SETTLE_S * 30; step > 0; step--) {
        filming.move(1 / 30, at(Math.max(0, fromS - step / 30)))
        await breath()
        signal.throwIfAborted()
      }
    } catch (e) {
      filming.end()
      throw e
    }
    const draw = (timeS: number, stepS: number) => filming.draw(stepS, at(timeS))
    return { canvas: filming.canvas, draw, end: filming.end }
  }

  /** Have this motion performed once, from its beginning; a dance to music goes before it. */
  perform(motion: Motion) {
    this.#clip = { motion, sinceMs: performance.now() }
  }

  #clipNow(): Performing | undefined {
    if (!this.#clip) return undefined
    const { motion, sinceMs } = this.#clip
    const at = (performance.now() - sinceMs) / 1000
    if (at <= motion.frames / motion.rate) return { motion, at, time: at }
    this.#clip = undefined
    return undefined
  }

  /** The face as it was drawn last: weights of the avatar's expressions by name. */
  expressions(): Readonly<Record<string, number>> {
    return this.#stage?.expressions() ?? {}
  }

  /** A small picture of who is on stage, as a data: URL. */
  async portrait(): Promise<string | undefined> {
    const blob = await this.#stage?.portrait(192)
    if (!blob) return undefined
    const bytes = new Uint8Array(await blob.arrayBuffer())
    return `data:${blob.type};base64,${btoa(String.fromCharCode(...bytes))}`
  }

  /**
   * For `{@attach}`: this element lies over an edge of the picture, and the avatar keeps clear of it. `edge` is asked at
   * each change, because a panel that is at the side on a desk is at the bottom on a phone.
   */
  cover(element: HTMLElement, edge: () => Edge): () => void {
    const measure = () => {
      const { top, left } = element.getBoundingClientRect()
      const at = edge()
      this.#covers.set(
        element,
        at === 'bottom' ? { bottom: innerHeight - top } : { right: innerWidth - left },
      )
      this.#inset()
    }
    const watcher = new ResizeObserver(measure)
    watcher.observe(element)
    watcher.observe(document.documentElement)
    return () => {
      watcher.disconnect()
      this.#covers.delete(element)
      this.#inset()
    }
  }

  readonly #covers = new Map<HTMLElement, Partial<Record<Edge, number>>>()
  #inset() {
    const insets = { top: TOP_BAR, right: 0, bottom: 0, left: 0 }
    for (const { right = 0, bottom = 0 } of this.#covers.values()) {
      insets.right = Math.max(insets.right, right)
      insets.bottom = Math.max(insets.bottom, bottom)
    }
    if (this.#stage) this.#stage.insets = insets
  }

  /** The person's own avatar may be damaged or gone by now: then the lead comes instead. */
  async #openWith(lead: Member | undefined, bytes: Promise<ArrayBuffer> | undefined): Promise<void> {
    const { cast, settings } = this.#parts
    const shelf = cast.open()
    shelf.catch(() => undefined) // nothing can be kept here: said when something is to be kept
    try {
      if (!lead) await shelf.catch(() => undefined)
      await this.bring(lead ?? cast.find(settings.avatar.current), bytes)
    } catch (e) {
      const first = cast.members[0]!
      if (lead?.id === first.id) {
        this.#curtain = 'none'
        throw e
      }
      await this.bring(first)
    }
    this.#curtain = 'open'
  }

  #followSettings(stage: Stage) {
    const { settings } = this.#parts
    const calm = matchMedia('(prefers-reduced-motion: reduce)')
    // The stage is no component: it is told of each change. It lives as long as the page, so nothing ends these.
    $effect.root(() => {
      $effect(() => void (stage.set = settings.set.current))
      $effect(() => void (stage.light = settings.light.current))
      $effect(() => void (stage.framing = settings.framing.current))
      $effect(() => {
        const { current } = settings.motion
        const set = () => {
          this.#calm = current === 'less' || (current === 'auto' && calm.matches)
          stage.liveliness = this.#calm ? 0.35 : 1
        }
        set()
        calm.addEventListener('change', set)
        return () => calm.removeEventListener('change', set)
      })
    })
    this.#inset()
  }
}

const never = new AbortController().signal

/** The page as it is has been drawn. A page in a hidden tab is not: then it is not worth waiting. */
const painted = () =>
  new Promise<void>((resolve) => {
    if (document.hidden) resolve()
    else requestAnimationFrame(() => setTimeout(resolve))
  })
