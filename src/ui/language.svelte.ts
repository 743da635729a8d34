/** @file Which language the interface speaks. English is there at once; another table is fetched by those who read it. */
import type { Settings } from './settings.svelte'
import { en, type Words } from './words/en'

export type Language = 'en' | 'zh'

/** Each by its own name. */
export const LANGUAGES: Readonly<Record<Language, string>> = { en: 'English', zh: '简体中文' }

/** The chosen language, or the first of the person's that there is, or English. */
export const languageOf = (settings: Settings): Language => {
  const { current } = settings.language
  if (current !== 'auto') return current
  return navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag === 'en' || tag === 'zh') ?? 'en'
}

let zh = $state.raw<Words | undefined>(undefined)
let coming: Promise<void> | undefined

/** The words of the chosen language are there. Without a network, and never fetched, it stays English. */
export const haveWords = async (settings: Settings): Promise<void> => {
  if (languageOf(settings) !== 'zh' || zh) return
  coming ??= import('./words/zh').then((table) => void (zh = table.zh))
  await coming.catch(() => (coming = undefined))
}

/** Reactive: what the interface says. */
export const wordsOf = (settings: Settings): Words => {
  if (languageOf(settings) === 'en') return en
  if (!zh) void haveWords(settings)
  return zh ?? en
}

/** Reactive: what moves are called, by their English names; nothing where the interface speaks English. */
export const movesOf = async (settings: Settings): Promise<Readonly<Record<string, string>>> =>
  languageOf(settings) === 'zh' ? (await import('./words/moves.zh')).moves : {}

/** Reactive: BCP 47, for `lang` attributes and number formats. */
export const tagOf = (settings: Settings): string => (languageOf(settings) === 'zh' ? 'zh-CN' : 'en')
