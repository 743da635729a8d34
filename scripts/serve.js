/** @file Serves dist/ as a good static host would: right types, compression, caching by name, isolation headers. */
import { createServer } from 'node:http'
import compression from 'compression'
import sirv from 'sirv'
import { HEADERS } from './headers.js'

export { HEADERS }

/** Files whose name carries a hash of their content. */
const HASHED = /^\/assets\/.+-[\w-]{8}\.\w+$/
/** By what the answer says it is; .vrm has no type of its own, and half of it is air. */
const COMPRESSIBLE = /^(text|application\/(javascript|json|manifest)|image\/svg)|vrm/

/**
 * `scripts`: JavaScript that is answered under a path instead of what the folder has there, for tests.
 * @param {{ folder: string, port: number, headers?: Record<string, string>, scripts?: Map<string, string> }} options
 * @returns {Promise<{ url: string, close: () => Promise<void> }>} port 0 takes any free one
 */
export const serve = async ({ folder, port, headers = HEADERS, scripts = new Map() }) => {
  const files = sirv(folder, {
    dev: true, // reads the disk each time: a new build needs no restart
    etag: true,
    setHeaders: (response, path) => {
      if (path.endsWith('.vrm')) response.setHeader('Content-Type', 'model/vrm')
      response.setHeader(
        'Cache-Control',
        HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache',
      )
    },
  })
  const compress = compression({
    filter: (_, response) => COMPRESSIBLE.test(String(response.getHeader('Content-Type'))),
  })
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    const script = scripts.get(new URL(request.url ?? '/', 'http://localhost').pathname)
    if (script !== undefined) {
      response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(script)
      return
    }
    // Both are middleware in the manner of Express, and ask of a request and a response only what Node's have.
    const [asked, answer] = /** @type {Parameters<typeof compress>} */ (
      /** @type {unknown} */ ([request, response])
    )
    compress(asked, answer, () =>
      files(request, response, () => {
        response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('Nothing is here.\n')
      }),
    )
  })
  await new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, 'localhost', () => resolve(undefined))
  })
  const address = server.address()
  if (!address || typeof address === 'string') throw new Error('the server has no port')
  return {
    url: `http://localhost:${address.port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
