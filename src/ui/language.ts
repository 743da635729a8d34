/** @file Which language the interface speaks. */
import type { Settings } from './settings.svelte'
import { en, type Words } from './words/en'
import { zh } from './words/zh'

export const LANGUAGES = { en, zh } as const

/** The chosen language, or the first of the person's that there is, or English. */
export const languageOf = (settings: Settings): keyof typeof LANGUAGES => {
  const { current } = settings.language
  if (current !== 'auto') return current
  return navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag === 'en' || tag === 'zh') ?? 'en'
}

/** Reactive: what the interface says. */
export const wordsOf = (settings: Settings): Words => LANGUAGES[languageOf(settings)]

/** Reactive: what moves are called, by their English names; nothing where the interface speaks English. */
export const movesOf = async (settings: Settings): Promise<Readonly<Record<string, string>>> =>
  languageOf(settings) === 'zh' ? (await import('./words/moves.zh')).moves : {}

/** Reactive: BCP 47, for `lang` attributes and number formats. */
export const tagOf = (settings: Settings): string => (languageOf(settings) === 'zh' ? 'zh-CN' : 'en')
