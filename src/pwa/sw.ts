/**
 * @file The service worker: the app without a network, and cross-origin isolation and the page's policy where the host sends
 * no headers. It keeps the app's own files and nothing else: no model of the hub's ever passes through it.
 *
 * [Note: First visit] At the first installation it takes over at once and keeps nothing yet, so that a page that needs
 * isolation can be reloaded before anybody has seen it; the page asks for the files later (`keep`), when it has time.
 *
 * [Note: Updates] A new version keeps all of its files before it waits; it takes over when the person says so (`take-over`)
 * or when no page of the old version is open. The files of the version before are kept one generation longer, for pages
 * that are still open in other tabs.
 */
import type { ServiceWorkerNews, ServiceWorkerOrder } from './orders'

declare const self: ServiceWorkerGlobalScope & {
  /** Put in by the build: every file of the app. Those with a hash in the name have no revision. */
  readonly __WB_MANIFEST: readonly { readonly url: string; readonly revision: string | null }[]
}

const MANIFEST = self.__WB_MANIFEST

/** Large files that are fetched when they are wanted; models/library.svelte.ts keeps them under this name. */
const FILES = 'files'
const later = (url: string) => url.endsWith('.bin')

/** FNV-1a over the manifest: one name a version. */
const VERSION = (() => {
  let hash = 0x811c9dc5
  for (const character of JSON.stringify(MANIFEST))
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0
  return hash.toString(16)
})()
const SHELL = `shell-${VERSION}`

const absolute = (url: string) => new URL(url, self.registration.scope).href
const INDEX = absolute('index.html')

self.addEventListener('install', (event) => {
  if (self.registration.active) event.waitUntil(keep())
  else event.waitUntil(self.skipWaiting())
})

self.addEventListener('activate', (event) => {
  event.waitUntil(Promise.all([tidy(), self.clients.claim()]))
})

self.addEventListener('message', (event) => {
  const { order } = event.data as ServiceWorkerOrder
  if (order === 'take-over') event.waitUntil(self.skipWaiting())
  else
    event.waitUntil(
      keep().then(
        () => event.source?.postMessage({ news: 'kept' } satisfies ServiceWorkerNews),
        () => event.source?.postMessage({ news: 'not-kept' } satisfies ServiceWorkerNews), // no network or no room: asked again at the next visit
      ),
    )
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  if (request.method !== 'GET' || new URL(request.url).origin !== self.location.origin) return
  event.respondWith(answer(request))
})

/** Kept files first: they belong together, and a version is never mixed with the next. */
const answer = async (request: Request): Promise<Response> => {
  const wanted = request.mode === 'navigate' ? INDEX : request
  const shell = await caches.open(SHELL)
  const found = (await shell.match(wanted)) ?? (await caches.match(wanted))
  return asFromGoodHost(found ?? (await fetch(request)))
}

/**
 * The policy that stands in the page. A worker does not have it from there, only from a header of its own script, and it is in
 * workers that models are fetched.
 */
let policy: Promise<string | undefined> | undefined
const policyOf = async () => {
  const page = (await caches.match(INDEX)) ?? (await fetch(INDEX))
  const written = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(await page.text())?.[1]
  return written?.replaceAll('&#39;', "'")
}

/**
 * What a good host would have sent. `require-corp` rather than `credentialless`, which Safari lacks; everything that comes
 * from elsewhere is fetched with CORS anyway.
 */
const asFromGoodHost = async (response: Response): Promise<Response> => {
  if (response.status === 0 || response.type === 'opaqueredirect') return response // cannot be rebuilt
  const headers = new Headers(response.headers)
  headers.set('Cross-Origin-Opener-Policy', 'same-origin')
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp')
  headers.set('Cross-Origin-Resource-Policy', 'same-origin')
  if ((headers.get('Content-Type') ?? '').includes('javascript')) {
    policy ??= policyOf()
    policy.catch(() => (policy = undefined))
    const known = await policy.catch(() => undefined)
    if (known && !headers.has('Content-Security-Policy')) headers.set('Content-Security-Policy', known)
  }
  const { status, statusText } = response
  return new Response(response.body, { status, statusText, headers })
}

/** Have every file of this version but the large ones; what an older version already has under the same name is copied. */
const keep = async () => {
  const shell = await caches.open(SHELL)
  const wanted = MANIFEST.filter(({ url }) => !later(url))
  await Promise.all(
    wanted.map(async ({ url, revision }) => {
      const href = absolute(url)
      if (await shell.match(href)) return
      const same = revision === null ? await caches.match(href) : undefined
      // Past the browser's own cache for files without a hash: they may have changed under the same name.
      const response = same ?? (await fetch(href, revision === null ? {} : { cache: 'reload' }))
      if (!response.ok) throw new Error(`${url} answered ${response.status}`)
      await shell.put(href, response)
    }),
  )
}

const tidy = async () => {
  const shells = (await caches.keys()).filter((name) => name.startsWith('shell-') && name !== SHELL)
  // Names come in the order of their making: the last of the others is the version before.
  await Promise.all(shells.slice(0, -1).map((name) => caches.delete(name)))
  const files = await caches.open(FILES)
  const known = new Set(MANIFEST.map(({ url }) => absolute(url)))
  for (const request of await files.keys()) if (!known.has(request.url)) await files.delete(request)
}
