/** @file `npm start`: everything from a bare clone to a running app. PORT chooses another port than 4173. */
import { install, requireNode } from './install.js'

requireNode()
install()
// Only now: these need packages.
const { build, dist } = await import('./build.js')
const { serve } = await import('./serve.js')

await build()
const port = Number(process.env['PORT'] ?? 4173)
try {
  const { url } = await serve({ folder: dist, port })
  console.log(`Proscenium is on stage at ${url} (Ctrl+C ends it)`)
} catch (e) {
  if (/** @type {NodeJS.ErrnoException} */ (e).code !== 'EADDRINUSE') throw e
  console.error(`Port ${port} is taken, perhaps by another Proscenium. Set PORT to use another one.`)
  process.exit(1)
}
