/**
 * @file The face: mouth shapes, blinks and moods, mixed so that none of them pushes another through the skin. An avatar
 * is used to the full: the 52 ARKit shapes or the 15 Oculus shapes where it has them, else VRM's five vowels.
 */
import type { VRM } from '@pixiv/three-vrm'
import { OPENNESS, VISEMES, type Viseme } from '../shared/visemes'
import { between, ease, Spring } from './easing'

export type FaceMood = 'neutral' | 'happy' | 'sad' | 'angry' | 'relaxed' | 'surprised'

const MOODS = ['happy', 'sad', 'angry', 'relaxed', 'surprised'] as const

/** Lids fall faster than they rise (about 80 and 170 ms). */
const CLOSE_S = 0.08
const OPEN_S = 0.17

type Shapes = Readonly<Partial<Record<string, number>>>

export class Face {
  readonly #vrm: VRM
  readonly #mouth: Mouth
  readonly #moods = Object.fromEntries(MOODS.map((mood) => [mood, new Spring()])) as Record<
    (typeof MOODS)[number],
    Spring
  >
  #blinkAt = between(1, 3)
  #blinked = 0
  #again = false
  readonly #open = new Spring()

  constructor(vrm: VRM) {
    this.#vrm = vrm
    this.#mouth = mouthOf(vrm)
  }

  /** Close the eyes for a moment, soon: with a wide glance, or when startled. */
  blinkSoon(time: number) {
    if (time > this.#blinked + 0.7 && this.#blinkAt > time) this.#blinkAt = time
  }

  /**
   * `weights`: the mouth, in the order of VISEMES. `smile`: how friendly the face is at rest, 0 to 1.
   */
  move(time: number, dt: number, weights: Float32Array, mood: FaceMood, smile: number) {
    const { expressionManager: manager } = this.#vrm
    if (!manager) return
    let open = 0
    VISEMES.forEach((viseme, i) => (open += weights[i]! * OPENNESS[viseme]))
    this.#open.toward(Math.min(1, open), 18, dt)
    for (const name of MOODS) {
      const rest = name === 'relaxed' && mood === 'neutral' ? smile : 0
      const weight = this.#moods[name].toward(name === mood ? 1 : rest, 5, dt)
      // A smile of full strength and an open mouth together tear most models' lips: the mood gives way while it speaks.
      manager.setValue(name, weight * (1 - 0.55 * this.#open.value))
    }
    this.#mouth(weights)
    // Moods that narrow the eyes leave less to close: both in full push the lids into the cheeks.
    const narrowed = Math.max(0.75 * this.#moods.happy.value, 0.4 * this.#moods.relaxed.value)
    const shown = manager.getExpression('happy')?.overrideBlink === 'none' ? 1 - narrowed : 1
    manager.setValue('blink', this.#lids(time) * shown)
  }

  /** How far the lids are down, 0 to 1. */
  #lids(time: number): number {
    const since = time - this.#blinkAt
    if (since > CLOSE_S + OPEN_S) {
      this.#blinked = time
      // Every few seconds, and now and then twice.
      this.#again = !this.#again && Math.random() < 0.14
      this.#blinkAt = time + (this.#again ? 0.09 : between(1.8, 5.5))
    }
    return since < 0 ? 0 : Math.min(ease(since, 0, CLOSE_S), 1 - ease(since, CLOSE_S, CLOSE_S + OPEN_S))
  }
}

/** Writes weights in the order of VISEMES to whatever mouth the avatar has. */
type Mouth = (weights: Float32Array) => void

/** Which mouth an avatar has, by the names of its expressions. */
const mouthOf = (vrm: VRM): Mouth => {
  const manager = vrm.expressionManager
  if (!manager) return () => undefined
  const own = new Map(
    Object.keys(manager.expressionMap).map((name) => [name.toLowerCase().replace(/[_\s]/g, ''), name]),
  )
  const oculus = VISEMES.map((viseme) => own.get(`viseme${viseme.toLowerCase()}`))
  if (oculus.every((name, i) => name !== undefined || VISEMES[i] === 'sil'))
    return (weights) => oculus.forEach((name, i) => name && manager.setValue(name, weights[i]!))
  const kind = own.has('jawopen') && own.has('mouthfunnel') && own.has('mouthpucker') ? ARKIT : VOWELS
  const totals = new Map<string, number>()
  for (const shapes of Object.values(kind))
    for (const shape of Object.keys(shapes)) {
      const name = own.get(shape.toLowerCase())
      if (name) totals.set(name, 0)
    }
  const rows = VISEMES.map((viseme) =>
    Object.entries(kind[viseme]).flatMap(([shape, amount]): [string, number][] => {
      const name = own.get(shape.toLowerCase())
      return name && amount ? [[name, amount]] : []
    }),
  )
  return (weights) => {
    for (const name of totals.keys()) totals.set(name, 0)
    rows.forEach((row, i) => {
      for (const [name, amount] of row) totals.set(name, totals.get(name)! + amount * weights[i]!)
    })
    for (const [name, total] of totals) manager.setValue(name, Math.min(1, total))
  }
}

/** VRM's five vowels. A row sums to at most 1, so their mixture does too. */
const VOWELS: Readonly<Record<Viseme, Shapes>> = {
  sil: {},
  PP: {},
  FF: { ih: 0.12 },
  TH: { ih: 0.2, aa: 0.1 },
  DD: { ih: 0.22, aa: 0.08 },
  kk: { ih: 0.16, aa: 0.16 },
  CH: { ou: 0.35, ih: 0.15 },
  SS: { ih: 0.3, ee: 0.1 },
  nn: { ih: 0.2, aa: 0.1 },
  RR: { ou: 0.3, aa: 0.15 },
  aa: { aa: 1 },
  E: { ee: 0.7, aa: 0.2 },
  I: { ih: 0.75, ee: 0.2 },
  O: { oh: 0.95 },
  U: { ou: 0.9 },
}

/** ARKit's shapes; amounts after the usual Oculus-to-ARKit tables, softened. */
const ARKIT: Readonly<Record<Viseme, Shapes>> = {
  sil: {},
  PP: {
    mouthClose: 0.12,
    mouthPressLeft: 0.4,
    mouthPressRight: 0.4,
    mouthRollLower: 0.25,
    mouthRollUpper: 0.25,
  },
  FF: { jawOpen: 0.06, mouthRollLower: 0.55, mouthUpperUpLeft: 0.25, mouthUpperUpRight: 0.25 },
  TH: { jawOpen: 0.18, tongueOut: 0.25 },
  DD: { jawOpen: 0.16, mouthLowerDownLeft: 0.2, mouthLowerDownRight: 0.2 },
  kk: { jawOpen: 0.22, mouthStretchLeft: 0.1, mouthStretchRight: 0.1 },
  CH: { jawOpen: 0.1, mouthFunnel: 0.5, mouthPucker: 0.25, mouthShrugUpper: 0.2 },
  SS: {
    jawOpen: 0.06,
    mouthStretchLeft: 0.35,
    mouthStretchRight: 0.35,
    mouthLowerDownLeft: 0.15,
    mouthLowerDownRight: 0.15,
  },
  nn: { jawOpen: 0.16, mouthStretchLeft: 0.1, mouthStretchRight: 0.1 },
  RR: { jawOpen: 0.14, mouthFunnel: 0.3, mouthPucker: 0.2 },
  aa: {
    jawOpen: 0.68,
    mouthLowerDownLeft: 0.2,
    mouthLowerDownRight: 0.2,
    mouthUpperUpLeft: 0.1,
    mouthUpperUpRight: 0.1,
  },
  E: {
    jawOpen: 0.36,
    mouthStretchLeft: 0.3,
    mouthStretchRight: 0.3,
    mouthSmileLeft: 0.15,
    mouthSmileRight: 0.15,
  },
  I: {
    jawOpen: 0.2,
    mouthStretchLeft: 0.35,
    mouthStretchRight: 0.35,
    mouthSmileLeft: 0.25,
    mouthSmileRight: 0.25,
  },
  O: { jawOpen: 0.42, mouthFunnel: 0.6, mouthPucker: 0.1 },
  U: { jawOpen: 0.16, mouthFunnel: 0.25, mouthPucker: 0.65 },
}
