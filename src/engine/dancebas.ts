/** @file The two lives of Danceba's worker: one keeps its files, one composes, so that neither waits for the other. */
import type { Danceba, DancebaFiles } from '../shared/contracts'
import { runtime } from '../shared/runtime'
import type { Engines } from './engines'
import type { Host } from './host'

const spawn = (name: string) => () =>
  runtime.lend(new Worker(new URL('../../workers/danceba.ts', import.meta.url), { type: 'module', name }))

/** Opening a network of a gigabyte, or a step on one slow core, without a pulse. */
const HANG_MS = 120_000

export class Dancebas {
  readonly files: Host<DancebaFiles>
  readonly composer: Host<Danceba>

  constructor(engines: Engines) {
    this.files = engines.host('danceba-files', spawn('danceba-files'), HANG_MS)
    this.composer = engines.host('danceba', spawn('danceba'), HANG_MS)
  }
}
