/** @file Danceba's thread: its files, its networks where they run, and what it composes. Heavy code comes when it is needed. */
import type {
  Danceba,
  DancebaFiles,
  DancebaHearing,
  DancebaKept,
  DancebaOrder,
  DancebaPrecision,
  DancebaStep,
  DancebaTaking,
} from '../../src/shared/contracts'
import { Fault, type FaultCode } from '../../src/shared/fault'
import type { Heard } from './compose/hearing'
import type { Backend, Machine, MachineOptions, Weights } from './compose/machine'
import { Lane } from './lane'

export interface Parts {
  readonly files: DancebaFiles
  /** Throws nothing for what is not kept: it is missing then. */
  readonly openWeights: (signal: AbortSignal) => Promise<Weights>
  /** Where a GPU device comes from, if not from the browser: for tests. */
  readonly device?: MachineOptions['device']
}

interface Running {
  readonly machine: Machine
  /** Which weights run where: another word for others. */
  readonly what: string
}

export class DancebaThread implements Danceba, DancebaFiles {
  readonly #parts: Parts
  readonly #loading = new Lane('waits')
  readonly #hearing = new Lane('stops')
  readonly #composing = new Lane('stops')
  #running: Running | undefined
  #heard: Heard | undefined

  constructor(parts: Parts) {
    this.#parts = parts
  }

  kept(signal: AbortSignal): Promise<readonly DancebaKept[]> {
    return this.#parts.files.kept(signal)
  }

  take(
    signal: AbortSignal,
    files: readonly { readonly name: string; readonly file: Blob }[],
    precision: DancebaPrecision,
  ): AsyncIterable<DancebaTaking> {
    return this.#parts.files.take(signal, files, precision)
  }

  takeFrom(
    signal: AbortSignal,
    addresses: readonly string[],
    precision: DancebaPrecision,
  ): AsyncIterable<DancebaTaking> {
    return this.#parts.files.takeFrom(signal, addresses, precision)
  }

  async remove(signal: AbortSignal): Promise<void> {
    await this.#unload()
    await this.#parts.files.remove(signal)
  }

  load(
    signal: AbortSignal,
    backend: Backend,
  ): AsyncIterable<{ readonly bytes: number; readonly of: number }> {
    return this.#loading.run<{ readonly bytes: number; readonly of: number }>(
      signal,
      async (signal, tell) => {
        const weights = await this.#parts.openWeights(signal)
        if (!weights.generator || !weights.poses) await this.#unload()
        const { generator = gone('generator'), poses = gone('poses') } = weights
        const what = [backend, ...[generator, poses].map(nameOf)].join(' ')
        if (this.#running?.what === what) return
        // Two do not fit.
        await this.#unload()
        const { Machine } = await import('./compose/machine')
        const { device } = this.#parts
        const options = { backend, weights: { generator, poses }, tell, ...(device && { device }) }
        this.#running = { machine: await Machine.open(signal, options), what }
      },
    )
  }

  hear(
    signal: AbortSignal,
    pieces: AsyncIterable<Float32Array<ArrayBuffer>>,
    sampleRate: number,
    lengthS: number,
    onset: 'reference' | 'corrected',
  ): AsyncIterable<DancebaHearing> {
    return this.#hearing.run<DancebaHearing>(signal, async (signal, tell) => {
      this.#heard = undefined
      const { hear } = await import('./compose/hearing')
      const heard = await hear(signal, pieces, sampleRate, { onset, lengthS }, (done) =>
        tell({ kind: 'hearing', done }),
      )
      this.#heard = heard
      tell({ kind: 'heard', heard: heard.heard })
    })
  }

  compose(signal: AbortSignal, order: DancebaOrder): AsyncIterable<DancebaStep> {
    return this.#composing.run<DancebaStep>(signal, async (signal, tell) => {
      const running = this.#running ?? gone('network')
      const heard = this.#heard ?? gone('music')
      const { compose } = await import('./compose/compose')
      try {
        await compose(signal, running.machine, heard, order, tell)
      } catch (fault) {
        if (!signal.aborted && !(fault instanceof Fault && SOUND.has(fault.code))) this.#drop(running)
        throw fault
      }
    })
  }

  async #unload(): Promise<void> {
    await this.#composing.clear()
    const running = this.#running
    this.#running = undefined
    await running?.machine.release()
  }

  /** What has failed in the middle is not used again; nor is it released, for that may never end. Its worker is of no more use. */
  #drop(running: Running) {
    if (this.#running === running) this.#running = undefined
  }
}

/** After these, a machine is what it was. */
const SOUND: ReadonlySet<FaultCode> = new Set(['aborted', 'bad-input', 'unsupported'])

/** What there must be before something else can be done. */
const gone = (part: 'generator' | 'poses' | 'network' | 'music'): never => {
  throw new Fault('bad-input', `there is no ${part}`, { detail: { what: 'danceba', reason: 'gone', part } })
}

/** Other weights have another name, also where another tab has brought them. */
const nameOf = ({ layout, file }: Required<Weights>['generator' | 'poses']): string =>
  [layout.precision, file.size, file instanceof File ? `${file.name} ${file.lastModified}` : ''].join(' ')
