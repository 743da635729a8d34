/** @file Motions as files of other programs, both ways: what the `motion` thread does. */
import type { Motion, MotionFormat } from '../shared/contracts'
import { Fault } from '../shared/fault'
import { readBvh } from './bvh'
import { writeBvh } from './bvh-write'
import { centred } from './clip'
import { readFbx } from './fbx'
import { addAnimation } from './glb'
import { grounded } from './ground'
import { onFeet } from './legs'
import { positionsJson, positionsNpz } from './positions'
import { refuse } from './refuse'
import { CANONICAL } from './skeleton'
import { readVrma, skeletonOfVrma, writeVrma } from './vrma'

/** By MIME type, for who opens them. */
const TYPES: Readonly<Record<MotionFormat, string>> = {
  vrma: 'model/gltf-binary',
  bvh: 'text/plain',
  glb: 'model/gltf-binary',
  json: 'application/json',
  npz: 'application/zip',
}

/** `avatar`: the bytes of a VRM, for the format that has it in it; the motion is called after what it is. */
export const writeMotion = (format: MotionFormat, motion: Motion, avatar?: Uint8Array): Blob =>
  new Blob([write(format, motion, avatar)], { type: TYPES[format] })

const write = (format: MotionFormat, motion: Motion, avatar: Uint8Array | undefined) => {
  switch (format) {
    case 'vrma':
      return writeVrma(onFeet(motion, CANONICAL))
    case 'bvh':
      return writeBvh(onFeet(motion, CANONICAL))
    case 'glb':
      if (!avatar) throw new Fault('bad-input', 'no avatar to put it into', { detail: { what: 'avatar' } })
      return addAnimation(avatar, motion, 'dance')
    case 'json':
      return positionsJson(motion)
    case 'npz':
      return positionsNpz(motion)
  }
}

/** What a file begins with tells what it is, whatever it is called. Throws `bad-input` with a reason. */
export const readMotion = async (bytes: Uint8Array<ArrayBuffer>): Promise<Motion> => {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 1024)).replace(/^ï»¿/, '')
  const text = () => new TextDecoder().decode(bytes)
  if (start.startsWith('glTF')) return centred(grounded(readVrma(bytes), skeletonOfVrma(bytes)))
  if (/^\s*HIERARCHY\b/.test(start)) return centred(readBvh(text()))
  if (start.startsWith('Kaydara FBX Binary') || /^\s*;\s*FBX|FBXHeaderExtension/m.test(start))
    return centred(await readFbx(bytes))
  return refuse('format', 'neither BVH nor VRMA nor FBX')
}
