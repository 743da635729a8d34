/** @file Mouth shapes by the names of the Oculus set: the common denominator of avatars and of analysers. */

/** The order in which weights are kept in arrays. */
export const VISEMES = [
  'sil',
  'PP', // p b m
  'FF', // f v
  'TH', // th
  'DD', // t d
  'kk', // k g
  'CH', // ch j sh
  'SS', // s z
  'nn', // n l
  'RR', // r
  'aa', // father
  'E', // bed
  'I', // sit, see
  'O', // bought, go
  'U', // book, too
] as const

export type Viseme = (typeof VISEMES)[number]

/** How far the jaw is open in each shape, 0 to 1: the one number of a mouth that a meter or a measurement wants. */
export const OPENNESS: Readonly<Record<Viseme, number>> = {
  sil: 0,
  PP: 0,
  FF: 0.1,
  TH: 0.25,
  DD: 0.25,
  kk: 0.3,
  CH: 0.2,
  SS: 0.1,
  nn: 0.25,
  RR: 0.3,
  aa: 1,
  E: 0.65,
  I: 0.4,
  O: 0.75,
  U: 0.35,
}
