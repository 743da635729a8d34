/** @file What is said of Danceba, in the language of the page. Reactive. */
import type { App } from '../../app'
import { languageOf } from '../language.svelte'
import { checkpointWords } from '../words/danceba'
import { guestWords, type GuestWords } from '../words/guest'

export const wordsOfGuest = ({ settings }: App): GuestWords => guestWords[languageOf(settings)]

export const wordsOfCheckpoints = ({ settings }: App) => checkpointWords[languageOf(settings)]
