/** @file The page's side of the service worker: isolation, files for offline use, a new version when there is one. */
import type { ServiceWorkerNews, ServiceWorkerOrder } from './orders'

/** Whether the app's own files are here for a visit without a network. */
export type OfflineState = 'unknown' | 'keeping' | 'kept' | 'failed' | 'never'

/** Asked for a new version this often, and whenever the page is looked at again. */
const ASK_MS = 60 * 60_000

/** Remembers, in this tab, that the reload for isolation has been made: once is all it gets. */
const RELOADED = 'proscenium.isolated'

/** Remembers, in this tab, that a new version has been let in. */
const UPDATING = 'proscenium.updating'
/**
 * Chromium may hold a new version back until the page lets go of the old one, for minutes: after this, ms, the page does. Should
 * it come back with the old one, the new one takes over within the second time.
 */
const HELD_MS = 2000
const TAKES_OVER_MS = 10_000

interface InstallPrompt extends Event {
  prompt(): Promise<unknown>
}

export class Pwa {
  #offline = $state.raw<OfflineState>('unknown')
  #waiting = $state.raw<ServiceWorker | undefined>(undefined)
  #installPrompt = $state.raw<InstallPrompt | undefined>(undefined)

  get offline() {
    return this.#offline
  }
  /** A new version has been fetched and waits to be let in. */
  get updateReady() {
    return this.#waiting !== undefined
  }
  /** The browser would install the app if asked. */
  get installable() {
    return this.#installPrompt !== undefined
  }

  constructor() {
    window.addEventListener('beforeinstallprompt', (event) => {
      event.preventDefault()
      this.#installPrompt = event as InstallPrompt
    })
    window.addEventListener('appinstalled', () => (this.#installPrompt = undefined))
  }

  /**
   * Register. Where the host sends no isolation headers, the page is reloaded once as soon as the service worker can add
   * them, unless somebody has already begun to use it: then the next visit is isolated.
   */
  async start(): Promise<void> {
    if (!('serviceWorker' in navigator) || import.meta.env.DEV) {
      this.#offline = 'never'
      return
    }
    try {
      const registration = await navigator.serviceWorker.register(new URL('sw.js', document.baseURI))
      this.#watch(registration)
      if (sessionStorage.getItem(UPDATING))
        reloadWhenTakenOver({ signal: AbortSignal.timeout(TAKES_OVER_MS) })
      sessionStorage.removeItem(UPDATING)
      if (!crossOriginIsolated) await this.#isolate()
    } catch {
      this.#offline = 'never' // a private window, or a policy: the app works, and is not there without a network
    }
  }

  /** Have the app's files kept, now that there is time for it. */
  async keep(): Promise<void> {
    if (this.#offline !== 'unknown' || !('serviceWorker' in navigator)) return
    const { active } = await navigator.serviceWorker.ready
    if (!active) return
    this.#offline = 'keeping'
    navigator.serviceWorker.addEventListener('message', ({ data }: MessageEvent<ServiceWorkerNews>) => {
      if (data.news === 'kept') this.#offline = 'kept'
      if (data.news === 'not-kept') this.#offline = 'failed'
    })
    navigator.serviceWorker.startMessages()
    active.postMessage({ order: 'keep' } satisfies ServiceWorkerOrder)
  }

  /** Let the new version in: the page is reloaded when it has taken over. */
  update() {
    sessionStorage.setItem(UPDATING, '1')
    reloadWhenTakenOver()
    this.#waiting?.postMessage({ order: 'take-over' } satisfies ServiceWorkerOrder)
    setTimeout(() => location.reload(), HELD_MS)
  }

  async install(): Promise<void> {
    await this.#installPrompt?.prompt()
    this.#installPrompt = undefined
  }

  #watch(registration: ServiceWorkerRegistration) {
    const look = () => {
      // Without a controller this is the first installation, not an update.
      if (registration.waiting && navigator.serviceWorker.controller) this.#waiting = registration.waiting
    }
    look()
    registration.addEventListener('updatefound', () =>
      registration.installing?.addEventListener('statechange', look),
    )
    const ask = () => void registration.update().catch(() => undefined) // offline: asked again later
    setInterval(ask, ASK_MS)
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) ask()
    })
  }

  async #isolate(): Promise<void> {
    const used = new AbortController()
    const use = () => used.abort()
    for (const kind of ['pointerdown', 'keydown', 'drop'])
      addEventListener(kind, use, { once: true, capture: true })
    await navigator.serviceWorker.ready
    if (!navigator.serviceWorker.controller)
      await new Promise((resolve) =>
        navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }),
      )
    const [arrival] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
    if (used.signal.aborted || arrival?.type === 'reload' || sessionStorage.getItem(RELOADED)) return
    sessionStorage.setItem(RELOADED, '1')
    location.reload()
  }
}

const reloadWhenTakenOver = (until: Pick<AddEventListenerOptions, 'signal'> = {}) => {
  const reload = () => location.reload()
  navigator.serviceWorker.addEventListener('controllerchange', reload, { once: true, ...until })
}
