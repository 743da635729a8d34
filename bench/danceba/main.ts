/** @file The page of the `danceba` suite: one worker at a time, with the app's own modules of Danceba in it. */
import { Host } from '../../src/engine/host'
import type { DancebaBench } from './worker'

const host = new Host<DancebaBench>(
  'danceba',
  () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }),
  { hangMs: 600_000 }, // weights are made without a pause
)

globalThis.dancebaBench = {
  call: (method, ...args) =>
    (host.api[method] as unknown as (...given: unknown[]) => Promise<never>)(...args),
  take: (precision) => host.api.take(document.querySelector('input')!.files![0]!, precision),
}
