/** @file What a page may ask of the service worker, and what it hears back. */

export type ServiceWorkerOrder = { readonly order: 'keep' } | { readonly order: 'take-over' }

export interface ServiceWorkerNews {
  readonly news: 'kept' | 'not-kept'
}
