/** @file Licences that several models have. */
import type { Licence } from '../model'

export const APACHE: Licence = { name: 'Apache-2.0', commercial: true }
export const MIT: Licence = { name: 'MIT', commercial: true }
// Whether money may be earned with these, and by whom, is for their texts to say.
export const LFM: Licence = { name: 'LFM Open License v1.0' }
export const GEMMA: Licence = { name: 'Gemma' }
