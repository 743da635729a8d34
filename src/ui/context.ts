/** @file How components reach what src/app.ts has built: handed down, not imported. */
import { createContext } from 'svelte'
import type { App } from '../app'

export const [getApp, setApp] = createContext<App>()
