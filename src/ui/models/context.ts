/** @file What the components of models and of the conversation share, once the studio is there. */
import { createContext } from 'svelte'
import type { Studio } from '../../studio'

export const [getStudio, setStudio] = createContext<Studio>()
