/** @file Danceba: its files kept, its dances composed. */
import { acceptRuntime } from '../src/shared/runtime'
import { serve } from '../src/shared/wire'
import { DancebaKeeper } from './danceba/keep/keeper'
import { openWeights } from './danceba/keep/weights'
import { DancebaThread } from './danceba/thread'

acceptRuntime()
serve(new DancebaThread({ files: new DancebaKeeper(), openWeights }))
