/** @file How a worker reads a file of a model: from what the page has kept, else from where it came. */
import { Fault } from '../../src/shared/fault'

/** The file's bytes as they come, unpacked where it was shipped compressed. */
export const readFile = async (
  signal: AbortSignal,
  url: string,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> => {
  const response = (await kept(url)) ?? (await fetched(signal, url))
  if (!response.body) throw new Fault('load-failed', `nothing came from ${url}`)
  return unpacked(response.body)
}

/**
 * Have a file of the app's own on the device, so that it is there without a network: in the cache that the service worker
 * answers from and tidies. Only files that the build has named for it. What fails here costs nothing but a download the next time.
 */
export const keepFile = async (url: string): Promise<void> => {
  try {
    if (!url.endsWith('.bin') || !('caches' in self) || (await caches.match(url))) return
    await (await caches.open('files')).add(url)
  } catch {
    // full, forbidden or offline
  }
}

/** Cache Storage is missing on plain http other than localhost: then the browser's own cache has to do. */
const kept = (url: string) => ('caches' in self ? caches.match(url) : undefined)

const fetched = async (signal: AbortSignal, url: string) => {
  let response: Response
  try {
    response = await fetch(url, { signal })
  } catch (cause) {
    signal.throwIfAborted()
    throw new Fault('offline', `could not reach ${url}`, { cause })
  }
  if (!response.ok) throw new Fault('load-failed', `${url} answered ${response.status}`)
  return response
}

/** Gzip is recognised by its first two bytes (RFC 1952): some hosts unpack on the way, and say nothing. */
const unpacked = async (body: ReadableStream<Uint8Array<ArrayBuffer>>) => {
  const reader = body.getReader()
  const first = await reader.read()
  const packed = !first.done && first.value[0] === 0x1f && first.value[1] === 0x8b
  const whole = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      if (first.done) controller.close()
      else controller.enqueue(first.value)
    },
    async pull(controller) {
      const { done, value } = await reader.read()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: (reason) => reader.cancel(reason),
  })
  return packed ? whole.pipeThrough(new DecompressionStream('gzip')) : whole
}
