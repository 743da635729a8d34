/** What a page carries when a test or a measurement looks at it. */
import type { App } from '../src/app'
import type { Heard } from '../scripts/ears.js'

declare global {
  /** The app itself: src/main.ts. */
  var proscenium: App
  /** What has been played so far: scripts/ears.js. */
  var heard: Heard
}
