/** @file Mounts the app, and shows what nothing else has caught. */
import { mount } from 'svelte'
import './app.css'
import Root from './App.svelte'
import { App } from './app'

const app = new App()

// For the console, for scripts of streamers, for tests: `proscenium.say('Hello')`.
Object.assign(globalThis, { proscenium: app })

addEventListener('unhandledrejection', ({ reason }) => app.tell(reason))
addEventListener('error', ({ error }: ErrorEvent) => {
  if (error) app.tell(error) // without one it is a resource that failed, or the browser's own remark
})

mount(Root, { target: document.getElementById('app')!, props: { app } })
