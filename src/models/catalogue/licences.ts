/** @file Licences that several models have. */
import type { Licence } from '../model'

export const APACHE: Licence = { name: 'Apache-2.0', commercial: true }
export const MIT: Licence = { name: 'MIT', commercial: true }
export const LFM: Licence = {
  name: 'LFM Open License v1.0',
  commercial: true,
  note: 'Free of charge for companies below the revenue that the licence names.',
}
export const GEMMA: Licence = {
  name: 'Gemma',
  commercial: true,
  note: 'Subject to the Gemma terms of use and their list of prohibited uses.',
}
