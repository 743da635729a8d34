/** @file The depot on a poorer device and with less patience, as its own name says (JSON of `Circumstances`). */
import { DepotThread } from '../../workers/depot/depot'
import { PATIENCE, type Patience } from '../../src/shared/retry'
import { serve } from '../../src/shared/wire'
import { impoverish, type PoorDevice } from './poor-device'

export interface Circumstances extends PoorDevice {
  readonly blockBytes?: number
  readonly patience?: Partial<Patience>
}

const { blockBytes = 65_536, patience, ...poor } = JSON.parse(self.name) as Circumstances

impoverish(poor)
serve(
  new DepotThread({
    blockBytes,
    patience: { ...PATIENCE, tries: 3, firstMs: 10, longestMs: 50, stallMs: 400, ...patience },
  }),
)
