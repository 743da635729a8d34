/** @file Mounts the app, and shows what nothing else has caught. */
import { mount } from 'svelte'
import './app.css'
import Root from './App.svelte'
import { App } from './app'
import { haveWords } from './ui/language.svelte'

const app = new App()

// For the console, for scripts of streamers, for tests: `proscenium.say('Hello')`.
Object.assign(globalThis, { proscenium: app })

addEventListener('unhandledrejection', ({ reason }) => app.tell(reason))
addEventListener('error', ({ error }: ErrorEvent) => {
  if (error) app.tell(error) // without one it is a resource that failed, or the browser's own remark
})

// Nobody is to see the wrong language first.
await haveWords(app.settings)
mount(Root, { target: document.getElementById('app')!, props: { app } })
