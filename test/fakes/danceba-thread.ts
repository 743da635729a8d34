/** @file Danceba's thread with a small Danceba in it; what is kept of it can be taken away and exchanged. */
import type { DancebaFiles } from '../../src/shared/contracts'
import { Fault } from '../../src/shared/fault'
import { acceptRuntime } from '../../src/shared/runtime'
import { serve } from '../../src/shared/wire'
import type { Weights } from '../../workers/danceba/compose/machine'
import type { Precision } from '../../workers/danceba/network/layout'
import { DancebaThread } from '../../workers/danceba/thread'
import { smallWeights } from '../fixtures/danceba-small'

let weights: Promise<Weights> = smallWeights()

const nothing = (): never => {
  throw new Fault('unsupported', 'nothing is taken here')
}

const files: DancebaFiles = {
  kept: async () => [],
  take: () => nothing(),
  takeFrom: () => nothing(),
  remove: async () => {
    weights = Promise.resolve({})
  },
}

/** What a test asks beside the contract. */
export class TriedThread extends DancebaThread {
  constructor() {
    super({ files, openWeights: () => weights })
  }

  async put(precision: Precision, only?: keyof Weights): Promise<void> {
    const all = await smallWeights(precision)
    weights = Promise.resolve(only ? { [only]: all[only] } : all)
  }
}

acceptRuntime()
serve(new TriedThread())
