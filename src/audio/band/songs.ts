/** @file The house band's book. */
import { disco } from './disco'
import { groove } from './groove'
import { house } from './house'
import { pop } from './pop'
import { robot } from './robot'
import { waltz } from './waltz'
import type { Song } from './writing'

export type { Song }

export const SONGS: readonly Song[] = [groove, pop, house, disco, robot, waltz]
