/** @file Danceba's thread: its files, or its networks at work. A page has one for each, so that either can be ended alone. */
import { acceptRuntime } from '../src/shared/runtime'
import { serve } from '../src/shared/wire'
import { DancebaKeeper } from './danceba/keep/keeper'
import { openWeights } from './danceba/keep/weights'
import { DancebaThread } from './danceba/thread'

acceptRuntime()
serve(new DancebaThread({ files: new DancebaKeeper(), openWeights }))
