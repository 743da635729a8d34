/** @file The page of the `dance` suite in which the analyser and the choreographer are judged, without the app around them. */
import type { DanceOrder, Phrase, Score } from '../../src/shared/contracts'
import { PerspectiveCamera, Vector3 } from 'three'
import { Avatar } from '../../src/stage/avatar'
import { loadVrm } from '../../src/stage/load'
import dot from '../../public/avatars/dot.vrm?url'
import fenn from '../../public/avatars/fenn.vrm?url'
import pip from '../../public/avatars/pip.vrm?url'
import { joined } from '../../test/fixtures/dancer'
import { alignment, distance, jitter, kinetics, readTake, type Places } from '../../test/fixtures/movement'
import { makeScore } from '../../test/fixtures/scores'
import { beatF, compose, inPieces, TRACKS } from '../../test/fixtures/tracks'
import { choreograph } from '../../workers/dance/choreographer'
import { analyse } from '../../workers/music/analyse'

const SEEDS = Array.from({ length: 10 }, (_, i) => i + 1)
/** Adults' hips stand so high: what is measured in hips' heights becomes centimetres. */
const HIPS_CM = 90
const AVATARS = [pip, fenn, dot]
/** From standing to dancing is no step. */
const SETTLED_S = 1
const { signal } = new AbortController()

const scoreOf = async (samples: Float32Array, sampleRate: number): Promise<Score> => {
  let last: Score | undefined
  for await (const score of analyse(signal, inPieces(samples), sampleRate, samples.length / sampleRate))
    last = score
  if (!last) throw new Error('no score')
  return last
}

const dance = (score: Score, order: Partial<DanceOrder> = {}): Phrase[] => [
  ...choreograph(score, { style: 'auto', seed: 1, energy: 1, mirror: false, rerolls: {}, ...order }, 0),
]

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** Tracks whose beats are known: mean F-measure, and how many have the right tempo. */
const beats = async () => {
  const rows: { f: number; tempo: boolean }[] = []
  for (const order of TRACKS) {
    const track = compose(order)
    const score = await scoreOf(track.samples, track.sampleRate)
    rows.push({ f: beatF(track.beats, score.beats), tempo: Math.abs(score.tempoBpm / track.bpm - 1) < 0.04 })
  }
  return {
    f: mean(rows.map(({ f }) => f)),
    tempo: mean(rows.map(({ tempo }) => Number(tempo))),
    tracks: rows.length,
  }
}

/** Recordings as files, base64: the beat alignment of three dances to each in which a beat is found. */
const align = async (files: readonly string[]) => {
  const each: number[] = []
  for (const file of files) {
    const bytes = Uint8Array.from(atob(file), (c) => c.charCodeAt(0))
    const buffer = await new OfflineAudioContext(1, 1, 44_100).decodeAudioData(bytes.buffer)
    const mono = new Float32Array(buffer.length)
    for (let c = 0; c < buffer.numberOfChannels; c++)
      buffer.getChannelData(c).forEach((x, i) => (mono[i]! += x / buffer.numberOfChannels))
    const score = await scoreOf(mono, buffer.sampleRate)
    if (!score.beats.length) continue
    each.push(mean(SEEDS.slice(0, 3).map((seed) => alignment(joined(dance(score, { seed })), score.beats))))
  }
  return { mean: mean(each), of: each.length }
}

/**
 * On the avatars that ship, as they are drawn: how far the sole under the ball of a planted foot goes in a contact, and how far
 * that of any foot comes below the floor; centimetres, as if their hips stood at those of adults.
 */
const planted = async () => {
  const contacts: number[] = []
  let below = 0
  for (const [i, url] of AVATARS.entries()) {
    const vrm = await loadVrm(signal, await (await fetch(url)).arrayBuffer())
    const avatar = new Avatar(vrm)
    const camera = new PerspectiveCamera()
    const hips = vrm.humanoid.getRawBoneNode('hips')!.getWorldPosition(new Vector3()).y
    const soles = (['left', 'right'] as const).map((side) => {
      const foot = vrm.humanoid.getRawBoneNode(`${side}Foot`)!
      const toes = vrm.humanoid.getRawBoneNode(`${side}Toes`)!.getWorldPosition(new Vector3())
      return { foot, sole: foot.worldToLocal(toes.setY(0)) }
    })
    const now = new Vector3()
    for (const { motion, from } of dance(makeScore(), { seed: i + 1 })) {
      const down: (Vector3 | undefined)[] = [undefined, undefined]
      const most = [0, 0]
      for (let frame = 0; frame < motion.frames; frame++) {
        const at = frame / motion.rate
        avatar.acting.performing = { motion, at, time: from + at }
        avatar.move(1 / motion.rate, camera, 1)
        if (from + at < SETTLED_S) continue
        soles.forEach(({ foot, sole }, side) => {
          foot.localToWorld(now.copy(sole)).multiplyScalar(HIPS_CM / hips)
          below = Math.max(below, -now.y)
          const start = down[side]
          if (motion.feet?.[frame * 12 + side * 6 + 5] !== 1) {
            if (start) contacts.push(most[side]!)
            down[side] = undefined
            most[side] = 0
          } else if (start) most[side] = Math.max(most[side]!, Math.hypot(now.x - start.x, now.z - start.z))
          else down[side] = now.clone()
        })
      }
      down.forEach((start, side) => start && contacts.push(most[side]!))
    }
  }
  return { slide: mean(contacts), furthest: Math.max(...contacts), below, contacts: contacts.length }
}

/** Seconds for which nothing moves while the music plays, at most. */
const freeze = () => {
  let longest = 0
  for (const seed of SEEDS) {
    const score = makeScore()
    const { places, frames, joints, times } = joined(dance(score, { seed }))
    let still = 0
    for (let f = 1; f < frames && times[f]! < score.beats.at(-1)!; f++) {
      let sum = 0
      for (let i = f * joints * 3; i < (f + 1) * joints * 3; i++)
        sum += Math.abs(places[i]! - places[i - joints * 3]!)
      still = sum / joints < 0.0005 ? still + 1 : 0
      longest = Math.max(longest, still / 60)
    }
  }
  return longest
}

/** Beside captured dances, as BVH files. */
const besidePeople = (takes: readonly string[]) => {
  const people: Places[] = takes.map(readTake)
  const dances = SEEDS.map((seed) => joined(dance(makeScore(), { seed })))
  const theirs = people.map(kinetics)
  // As long as the takes are, from quiet parts of the song and from loud ones.
  const varied = [600, 1560, 2160, 3000, 4080].map((from) =>
    distance(
      dances.map((one) =>
        kinetics({ ...one, frames: 400, places: one.places.subarray(from * one.joints * 3) }),
      ),
      theirs,
    ),
  )
  return {
    jitter: mean(dances.map(jitter)) / mean(people.map(jitter)),
    diversity: mean(varied) / distance(theirs, theirs),
  }
}

const judgement = { beats, align, planted, freeze, besidePeople }
export type Judgement = typeof judgement
Object.assign(globalThis, { judgement })
