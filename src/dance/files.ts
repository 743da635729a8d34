/** @file A dance as a file for other programs, and files of other programs as a motion. */
import { readBvh } from '../motion/bvh'
import { writeBvh } from '../motion/bvh-write'
import { centred, join } from '../motion/clip'
import { addAnimation } from '../motion/glb'
import { grounded } from '../motion/ground'
import { positionsJson, positionsNpz } from '../motion/positions'
import { readVrma, skeletonOfVrma, writeVrma } from '../motion/vrma'
import type { Motion, Phrase } from '../shared/contracts'

/** VRM animation, Biovision hierarchy, the avatar with the animation in it, and joint positions in Danceba's layout. */
export type DanceFormat = 'vrma' | 'bvh' | 'glb' | 'json' | 'npz'

const TYPES: Readonly<Record<DanceFormat, string>> = {
  vrma: 'model/gltf-binary',
  bvh: 'text/plain',
  glb: 'model/gltf-binary',
  json: 'application/json',
  npz: 'application/zip',
}

/** `avatar`: the bytes of who is on stage, for the format that has it in it. */
export const danceFile = async (
  format: DanceFormat,
  phrases: readonly Phrase[],
  avatar: () => Promise<ArrayBuffer>,
): Promise<Blob> => {
  const motion = join(phrases.map((phrase) => phrase.motion))
  return new Blob([await write(format, motion, avatar)], { type: TYPES[format] })
}

const write = async (format: DanceFormat, motion: Motion, avatar: () => Promise<ArrayBuffer>) => {
  switch (format) {
    case 'vrma':
      return writeVrma(motion)
    case 'bvh':
      return writeBvh(motion)
    case 'glb':
      return addAnimation(new Uint8Array(await avatar()), motion, 'dance')
    case 'json':
      return positionsJson(motion)
    case 'npz':
      return positionsNpz(motion)
  }
}

/** A .bvh or .vrma file. Throws `bad-input` with a reason. */
export const readMotion = async (file: File): Promise<Motion> => {
  if (/\.bvh$/i.test(file.name)) return centred(readBvh(await file.text()))
  const bytes = new Uint8Array(await file.arrayBuffer())
  return centred(grounded(readVrma(bytes), skeletonOfVrma(bytes)))
}
