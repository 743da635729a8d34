/** @file What the person has chosen, remembered on this device: one versioned value a key, the same in every open tab. */
import { createSubscriber } from 'svelte/reactivity'

/** A value in localStorage that components can watch. Where nothing can be kept it lives as long as the page. */
export class Persisted<T> {
  readonly #key: string
  readonly #initial: T
  readonly #parse: (stored: unknown) => T | undefined
  readonly #subscribe: () => void
  #notify: () => void = () => undefined
  #value: T

  /** `parse` gets what was stored, by whatever version, and gives undefined for what it cannot use. */
  constructor(key: string, initial: T, parse: (stored: unknown) => T | undefined) {
    this.#key = `proscenium.${key}`
    this.#initial = initial
    this.#parse = parse
    this.#value = this.#read()
    this.#subscribe = createSubscriber((update) => {
      this.#notify = update
      const other = ({ key }: StorageEvent) => {
        if (key !== this.#key && key !== null) return
        this.#value = this.#read()
        update()
      }
      window.addEventListener('storage', other)
      return () => window.removeEventListener('storage', other)
    })
  }

  get current(): T {
    this.#subscribe()
    return this.#value
  }

  set current(value: T) {
    this.#value = value
    try {
      localStorage.setItem(this.#key, JSON.stringify(value))
    } catch {
      // No room, or storage is switched off: it is remembered until the page is closed.
    }
    this.#notify()
  }

  reset() {
    this.current = this.#initial
  }

  #read(): T {
    try {
      const stored = localStorage.getItem(this.#key)
      return (stored === null ? undefined : this.#parse(JSON.parse(stored))) ?? this.#initial
    } catch {
      return this.#initial // switched off, or written by something else
    }
  }
}

const oneOf =
  <T extends string>(...values: readonly T[]) =>
  (stored: unknown): T | undefined =>
    values.find((value) => value === stored)

const within =
  (low: number, high: number) =>
  (stored: unknown): number | undefined =>
    typeof stored === 'number' && stored >= low && stored <= high ? stored : undefined

const text = (stored: unknown): string | undefined => (typeof stored === 'string' ? stored : undefined)

/** Which voice, and whose: one that ships with the app or one of the browser's. */
export interface ChosenVoice {
  readonly from: 'built-in' | 'browser'
  readonly id: string
}

const chosenVoice = (stored: unknown): ChosenVoice | undefined => {
  const { from, id } = (stored ?? {}) as Partial<Record<string, unknown>>
  return (from === 'built-in' || from === 'browser') && typeof id === 'string' ? { from, id } : undefined
}

/** Ranges of the sliders: factors. */
export const RATE = { low: 0.5, high: 2 }
export const PITCH = { low: 0.6, high: 1.8 }

export class Settings {
  readonly voice = new Persisted<ChosenVoice>('voice.1', { from: 'built-in', id: 'slt' }, chosenVoice)
  readonly rate = new Persisted('rate.1', 1, within(RATE.low, RATE.high))
  readonly pitch = new Persisted('pitch.1', 1, within(PITCH.low, PITCH.high))
  readonly volume = new Persisted('volume.1', 1, within(0, 1))
  readonly avatar = new Persisted('avatar.1', 'pip', text)
  readonly set = new Persisted('set.1', 'theatre', oneOf('theatre', 'studio', 'night', 'clear'))
  readonly light = new Persisted('light.1', 'day', oneOf('day', 'spotlight', 'neon'))
  readonly framing = new Persisted('framing.1', 'bust', oneOf('face', 'bust', 'full'))
  readonly camera = new Persisted('camera.1', 'follow', oneOf('fixed', 'follow', 'cuts'))
  readonly choreographer = new Persisted('choreographer.1', 'house', oneOf('house', 'danceba'))
  /** The guest choreographer's, which reads them itself. */
  readonly danceba = new Persisted<unknown>('danceba.1', undefined, (stored) => stored)
  /** What Enter does with what was typed: it is said, or it is answered. */
  readonly mode = new Persisted('mode.1', 'say', oneOf('say', 'talk'))
  readonly language = new Persisted('language.1', 'auto', oneOf('auto', 'en', 'zh'))
  readonly theme = new Persisted('theme.1', 'auto', oneOf('auto', 'light', 'dark'))
  readonly motion = new Persisted('motion.1', 'auto', oneOf('auto', 'full', 'less'))
  readonly captions = new Persisted('captions.1', true, (stored) =>
    typeof stored === 'boolean' ? stored : undefined,
  )
}
