/** @file All that the house band plays on, by name. */
import { DRUMS, drum } from './drums'
import type { DrumName } from './drums'
import type { Instrument } from './instrument'
import { PATCHES, voice } from './synthesiser'
import type { PatchName } from './synthesiser'

export type { DrumName, PatchName }

export const instrument = (name: PatchName | DrumName): Instrument =>
  name in DRUMS ? drum(DRUMS[name as DrumName], name.length * 17) : voice(PATCHES[name as PatchName])
