/**
 * @file An FBX clip (Mixamo's and others') as a motion: the skeleton, how it stands at rest, and the curves of one animation.
 * Meshes, materials and cameras are not looked at.
 */
import type { Motion } from '../shared/contracts'
import { curvesOf, type Curves } from './fbx-curves'
import { parseFbx } from './fbx-file'
import { Scene, turned, type Frame, type Model } from './fbx-scene'
import { within, type Place } from './glb-file'
import { IDENTITY, inverse, multiply, normalize, rotate, type Quat } from './quaternion'
import { motionOf, type RecordedJoint, type RecordedPose } from './recording'
import { refuse } from './refuse'
import { add, sub, type Vec } from './vector'

/** Frames a second at which curves are read; their keys may lie anywhere. */
const RATE = 60
/** Ten minutes: longer than any dance, and what a tab can hold. */
const MOST_S = 600

/** Throws `bad-input` with a reason. */
export const readFbx = async (bytes: Uint8Array<ArrayBuffer>): Promise<Motion> => {
  const scene = new Scene(parseFbx(bytes))
  const models = scene.skeleton()
  if (!models.length) refuse('no-humanoid', 'no skeleton')
  const curves = await curvesOf(scene, models)
  const times = [...curves.values()].flatMap((tracks) =>
    Object.values(tracks).flatMap((track) => [track.begin, track.end]),
  )
  const from = times.reduce((a, b) => Math.min(a, b), Infinity)
  const duration = times.reduce((a, b) => Math.max(a, b), -Infinity) - from
  if (!(duration > 0)) refuse('no-motion', 'nothing moves the skeleton')
  if (duration > MOST_S) refuse('format', `an animation of ${duration} s`)
  const rest = poseAt(models, curves, undefined)
  const frames = Array.from({ length: Math.floor(duration * RATE + 1e-6) + 1 }, (_, frame) => {
    const { places, turns } = poseAt(models, curves, from + frame / RATE)
    return { places, turns: turns.map((q, i) => normalize(multiply(q, inverse(rest.turns[i]!)))) }
  })
  return motionOf({
    joints: jointsOf(models, rest),
    rate: RATE,
    frames,
    rest: { places: rest.places, turns: models.map(() => IDENTITY) },
  })
}

const placeOf = (frame: Frame, translation: Vec, rotation: Quat): Place => {
  const q = multiply(multiply(frame.before, rotation), frame.after)
  const inner = rotate(q, sub(frame.scalingShift, frame.pivot))
  return {
    turn: q,
    move: add(add(add(translation, frame.offset), frame.pivot), inner),
    size: frame.scaling,
  }
}

/** In the world, along the axes of the file; at rest where no time is given. */
const poseAt = (models: readonly Model[], curves: Curves, seconds: number | undefined): RecordedPose => {
  const places: Place[] = []
  for (const { id, parent, frame } of models) {
    const tracks = seconds === undefined ? undefined : curves.get(id)
    const translation = tracks?.translation?.at(seconds!) ?? frame.translation
    const rotation = tracks?.rotation?.at(seconds!) ?? turned(frame.rotation, frame.order)
    const local = placeOf(frame, translation, rotation)
    places.push(parent < 0 ? local : within(places[parent]!, local))
  }
  return { places: places.map(({ move }) => move), turns: places.map(({ turn: q }) => q) }
}

const jointsOf = (models: readonly Model[], { places }: RecordedPose): RecordedJoint[] =>
  models.map(({ name, parent }, i) => ({
    name,
    parent,
    offset: parent < 0 ? places[i]! : sub(places[i]!, places[parent]!),
    ends: [],
  }))
