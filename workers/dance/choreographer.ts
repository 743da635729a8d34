/** @file From a score to phrases: cut the music, plan the moves, weave them into tracks, write the frames. */
import type { DanceOrder, Motion, Phrase, Score } from '../../src/shared/contracts'
import { Figure, type Moment } from './figure'
import { plan, type Part, type Plan } from './grammar'
import { cut } from './timeline'
import { ARM, CARRIAGE, type Move } from './moves/vocabulary'
import { weave, type Woven } from './weave'

const RATE = 60
/** Forearms and hands come a little after the upper arm, the head after the trunk: what hangs, follows. */
const HANDS_LATE_S = 0.03
const HEAD_LATE_S = 0.015

/** Nothing is planned from what was composed before: phrase n is the same whichever is asked for first. */
export function* choreograph(score: Score, order: DanceOrder, first: number): Generator<Phrase> {
  const passages = cut(score)
  const plans = plan(passages, order)
  const woven = weave(plans, order.seed)
  // The last frames of a phrase are on their way to the next one, so it must be known.
  const known = score.complete ? plans.length : plans.length - 1
  const figure = new Figure()
  for (let i = Math.max(0, first); i < known; i++) {
    const { passage, style, mood } = plans[i]!
    yield {
      index: i,
      from: passage.from,
      to: passage.to,
      style,
      moves: named(plans[i]!),
      mood,
      motion: frames(figure, plans[i]!, woven, order),
    }
  }
}

const frames = (figure: Figure, { passage }: Plan, woven: Woven, order: DanceOrder): Motion => {
  const count = Math.floor((passage.to - passage.from) * RATE + 1e-4) + 1
  const width = figure.joints.length * 4
  const rotations = new Float32Array(count * width)
  const root = new Float32Array(count * 3)
  const feet = new Float32Array(count * 12)
  const turned = woven.turned[passage.index]!
  for (let f = 0; f < count; f++) {
    const time = passage.from + f / RATE
    read(woven, time, turned, order.mirror)
    figure.write(moment, rotations, f * width, root, f * 3)
    for (let i = 0; i < 2; i++) {
      const foot = moment.feet[i]!
      const at = f * 12 + i * 6
      feet[at] = foot.x
      feet[at + 1] = foot.y
      feet[at + 2] = foot.z
      feet[at + 3] = foot.yaw
      feet[at + 4] = foot.pitch
      feet[at + 5] = foot.carries
    }
  }
  return { rate: RATE, frames: count, joints: figure.joints, rotations, root, feet }
}

// ---- a moment ------------------------------------------------------------------------------------------------------

const newFoot = () => ({ x: 0, y: 0, z: 0, yaw: 0, pitch: 0, carries: 1 })
const moment: Moment = {
  carriage: new Float64Array(CARRIAGE.length),
  left: new Float64Array(ARM.length),
  right: new Float64Array(ARM.length),
  feet: [newFoot(), newFoot()],
  x: 0,
  z: 0,
  face: 0,
}
const HEAD_FROM = CARRIAGE.indexOf('headLean')
const ELBOW_FROM = ARM.indexOf('bend')

const read = ({ carriage, left, right, walked }: Woven, time: number, turned: number, mirror: boolean) => {
  for (let c = 0; c < CARRIAGE.length; c++) {
    const at = c < HEAD_FROM ? time : time - HEAD_LATE_S
    moment.carriage[c] = carriage[0]![c]!.read(at) + carriage[1]![c]!.read(at) + carriage[2]![c]!.read(at)
  }
  for (let c = 0; c < ARM.length; c++) {
    const at = c < ELBOW_FROM ? time : time - HANDS_LATE_S
    const [l, r] = [left[c]!.read(at), right[c]!.read(at)]
    moment.left[c] = mirror ? r : l
    moment.right[c] = mirror ? l : r
  }
  const [footLeft, footRight] = moment.feet
  walked.left.read(time, mirror ? footRight : footLeft)
  walked.right.read(time, mirror ? footLeft : footRight)
  moment.x = walked.x.read(time)
  moment.z = walked.z.read(time)
  moment.face = walked.face.read(time) - turned
  for (const foot of moment.feet) foot.yaw -= (turned * Math.PI) / 180
  alive(time)
  if (mirror) reflect()
}

/** Nobody stands still: slow waves that never come together. */
const alive = (time: number) => {
  const c = moment.carriage
  const breath = Math.sin(time * 1.7)
  c[0]! += 0.35 * Math.sin(time * 0.83 + 1)
  c[7]! += 0.8 * Math.sin(time * 0.61 + 2)
  c[8]! += 1.1 * Math.sin(time * 0.47)
  c[9]! += 0.7 * breath
  c[12]! += 1.2 * Math.sin(time * 0.91 + 4)
  c[14]! += 1.8 * Math.sin(time * 0.53 + 3)
  for (const [arm, phase] of ARMS_ALIVE) {
    arm[0]! += 1.2 * Math.sin(time * 0.77 + phase)
    arm[3]! += 1.6 * Math.sin(time * 0.93 + 2 * phase)
  }
}
const ARMS_ALIVE = [
  [moment.left, 0],
  [moment.right, 2],
] as const

/** Left and right exchanged; arms and feet have changed places already. */
const reflect = () => {
  const c = moment.carriage
  for (const channel of [0, 3, 4, 7, 8, 13, 14]) c[channel] = -c[channel]!
  const shrug = c[10]!
  c[10] = c[11]!
  c[11] = shrug
  moment.x = -moment.x
  moment.face = -moment.face
  for (const foot of moment.feet) {
    foot.x = -foot.x
    foot.yaw = -foot.yaw
  }
}

// ---- names ---------------------------------------------------------------------------------------------------------

/** The timeline shows feet and arms; what the hips and the head do is seen. */
const named = ({ feet, arms, pose, passage, stretch }: Plan): Phrase['moves'] => {
  if (pose) return [{ name: pose.move.name, from: passage.from, to: passage.to }]
  const { beats } = passage
  const at = (beat: number) => {
    const music = Math.min(beats.length - 1, beat * stretch)
    const whole = Math.min(beats.length - 2, Math.floor(music))
    return beats[whole]! + (music - whole) * (beats[whole + 1]! - beats[whole]!)
  }
  return [...feet, ...arms]
    .map(({ move, from, to }: Part<Move>) => ({ name: move.name, from: at(from), to: at(to) }))
    .sort((a, b) => a.from - b.from)
}
