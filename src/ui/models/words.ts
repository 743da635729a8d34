/** @file What is said of models, in the language of the page. Reactive. */
import type { App } from '../../app'
import type { HoldUp } from '../../models/meter'
import type { Placement, Reason } from '../../models/placement'
import { languageOf } from '../language.svelte'
import { modelWords, type ModelWords } from '../words/models'

export const wordsOfModels = ({ settings }: App): ModelWords => modelWords[languageOf(settings)]

/** Bytes that are known, or about. */
export const sizeOf = (words: ModelWords, { bytes, about }: { bytes: number; about: boolean }): string =>
  about ? words.about(words.size(bytes)) : words.size(bytes)

/** Why nothing comes just now. */
export const sayHoldUp = ({ shelf }: ModelWords, holdUp: HoldUp): string =>
  holdUp.kind === 'retry' ? shelf[holdUp.why](holdUp.seconds) : shelf[holdUp.kind]

/** Reasons that hold for every model on a device: said once. */
export const OF_DEVICE: ReadonlySet<Reason['why']> = new Set([
  'forced',
  'no-gpu',
  'software-gpu',
  'one-thread',
  'memory-unknown',
])

/** Reasons that concern this model, the weightiest first: neither what is said once, nor what changes nothing for a person. */
export const telling = ({ runs, reasons }: Placement): readonly Reason[] => {
  const cardless = reasons.some(({ why }) => why === 'no-gpu' || why === 'software-gpu')
  const idle = ({ why }: Reason) =>
    OF_DEVICE.has(why) || (cardless && why === 'feature-missing') || (runs && why === 'files-missing')
  const own = reasons.filter((reason) => !idle(reason))
  return runs || own.length ? own : reasons
}
