/** @file The keeper of Danceba's files on a poorer device, as its own name says (JSON of `Circumstances`). */
import { PATIENCE } from '../../src/shared/retry'
import { serve } from '../../src/shared/wire'
import { DancebaKeeper } from '../../workers/danceba/keep/keeper'
import { impoverish, type PoorDevice } from './poor-device'

export interface Circumstances extends PoorDevice {
  /** No OPFS, as in some private windows. */
  readonly noFolder?: boolean
  /** After so many readings the disk does not answer any more. */
  readonly stallAfter?: number
  /** Each reading takes so long. */
  readonly readMs?: number
}

const { noFolder, stallAfter, readMs, ...poor } = JSON.parse(self.name) as Circumstances

impoverish(poor)
if (noFolder)
  navigator.storage.getDirectory = () =>
    Promise.reject(new DOMException('not for this page', 'SecurityError'))
if (stallAfter !== undefined || readMs !== undefined) {
  const read = Reflect.get(Blob.prototype, 'arrayBuffer')
  let reads = 0
  Blob.prototype.arrayBuffer = async function (this: Blob) {
    if (reads++ >= (stallAfter ?? Infinity)) await new Promise(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, readMs ?? 0))
    return read.call(this)
  }
}

serve(new DancebaKeeper({ patience: { ...PATIENCE, tries: 3, firstMs: 10, longestMs: 50, stallMs: 400 } }))
