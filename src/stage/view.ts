/** @file Where the camera stands: it frames any avatar by itself, in the part of the picture that nothing covers. */
import { MathUtils, PerspectiveCamera, Vector3 } from 'three'
import { Spring } from './easing'

/** How much of the avatar is in the picture. */
export type Framing = 'face' | 'bust' | 'full'

/** Pixels at each edge of the picture that something lies over. */
export interface Insets {
  readonly top: number
  readonly right: number
  readonly bottom: number
  readonly left: number
}

/** Heights above the ground and half the width, in metres; of the avatar at rest. */
export interface Figure {
  readonly top: number
  readonly eyes: number
  readonly hips: number
  readonly halfWidth: number
}

/** Where a camera is while somebody dances, seen from the front of the stage; `yaw` to the dancer's left, `pitch` upwards. */
export interface Shot {
  readonly framing: Framing
  /** Radians. */
  readonly yaw: number
  readonly pitch: number
  /** Less than 1 is closer. */
  readonly zoom: number
  /** Radians a second that the camera walks around the dancer while the shot lasts. */
  readonly drift: number
  /** Go with who dances, wherever they travel. */
  readonly follow: boolean
  /** Be there at once; otherwise the camera glides. */
  readonly cut: boolean
}

/** A long lens: faces look best from further away. Vertical, in degrees. */
const LENS_DEG = 22
const HALF_LENS = Math.tan((LENS_DEG / 2) * MathUtils.DEG2RAD)
const YAW_LIMIT = 62 * MathUtils.DEG2RAD
const PITCH_LIMIT = { low: -6 * MathUtils.DEG2RAD, high: 34 * MathUtils.DEG2RAD }
const ZOOM_LIMIT = { near: 0.45, far: 1.7 }
/** Of the free part of the picture; the rest is air around the figure. */
const FILL = 0.9
/** A dancer's reach above the head and to the sides, as parts of the height: arms go up and out. */
const REACH = { up: 0.14, side: 0.34 }
/** Seconds a shot drifts at most. */
const DRIFT_S = 12

export class View {
  readonly camera = new PerspectiveCamera(LENS_DEG, 1, 0.05, 60)
  #figure: Figure = { top: 1.6, eyes: 1.45, hips: 0.85, halfWidth: 0.35 }
  #framing: Framing = 'bust'
  #insets: Insets = { top: 0, right: 0, bottom: 0, left: 0 }
  #size = { width: 1, height: 1 }
  #orbit = { yaw: 0, pitch: 0, zoom: 1 }
  readonly #at = { height: new Spring(), distance: new Spring(), x: new Spring(), y: new Spring() }
  readonly #turn = { yaw: new Spring(), pitch: new Spring(), zoom: new Spring(1) }
  readonly #subject = { x: new Spring(), z: new Spring() }
  #shot: Shot | undefined
  /** Seconds that the shot has lasted. */
  #shotS = 0
  #cut = true

  /** Another avatar: the camera is there at once. */
  frame(figure: Figure) {
    this.#figure = figure
    this.#cut = true
  }

  set framing(framing: Framing) {
    this.#framing = framing
    this.#orbit.zoom = 1
  }

  set insets(insets: Insets) {
    this.#insets = insets
  }

  /** While somebody dances; undefined leaves the picture to the person. The same object is the same shot. */
  set shot(shot: Shot | undefined) {
    if (shot === this.#shot) return
    this.#shot = shot
    this.#shotS = 0
    if (shot?.cut) this.#cut = true
  }

  resize(width: number, height: number) {
    this.#size = { width: Math.max(1, width), height: Math.max(1, height) }
    this.camera.aspect = this.#size.width / this.#size.height
    this.#cut = true
  }

  /** Walk around the avatar, within limits: radians to the right and upwards. */
  orbit(yaw: number, pitch: number) {
    this.#orbit.yaw = MathUtils.clamp(this.#orbit.yaw + yaw, -YAW_LIMIT, YAW_LIMIT)
    this.#orbit.pitch = MathUtils.clamp(this.#orbit.pitch + pitch, PITCH_LIMIT.low, PITCH_LIMIT.high)
  }

  /** Closer (less than 1) or further away (more). */
  zoom(factor: number) {
    this.#orbit.zoom = MathUtils.clamp(this.#orbit.zoom * factor, ZOOM_LIMIT.near, ZOOM_LIMIT.far)
  }

  /** Back to the front. */
  reset() {
    this.#orbit = { yaw: 0, pitch: 0, zoom: 1 }
  }

  /** For a square picture of the head and shoulders, whatever the stage shows now. */
  portraitCamera(): PerspectiveCamera {
    const { top, eyes } = this.#figure
    const head = top - eyes
    const [low, high] = [eyes - head * 1.9, top + head * 0.25]
    const camera = new PerspectiveCamera(LENS_DEG, 1, 0.05, 60)
    camera.position.set(0, (low + high) / 2, (high - low) / 2 / HALF_LENS)
    camera.updateMatrixWorld()
    return camera
  }

  /** `subject`: where on the floor the avatar is, in metres from the middle. */
  move(dt: number, subject: { readonly x: number; readonly z: number }) {
    const shot = this.#shot
    this.#shotS = Math.min(DRIFT_S, this.#shotS + dt)
    const { low, high, halfWidth } = this.#box()
    const { width, height } = this.#size
    const { top, right, bottom, left } = this.#insets
    const freeWidth = Math.max(0.3 * width, width - left - right)
    const freeHeight = Math.max(0.3 * height, height - top - bottom)
    const forHeight = (high - low) / 2 / HALF_LENS / (freeHeight / height)
    const forWidth = halfWidth / (HALF_LENS * this.camera.aspect) / (freeWidth / width)
    const distance = Math.max(forHeight, forWidth) / FILL
    this.#lead(this.#at.height, (low + high) / 2, 5, dt)
    this.#lead(this.#at.distance, distance, 5, dt)
    // The middle of what is free, from the middle of the picture, in pixels.
    this.#lead(this.#at.x, (left - right) / 2, 5, dt)
    this.#lead(this.#at.y, (top - bottom) / 2, 5, dt)
    const { yaw, pitch, zoom } = this.#orbit
    const drifted = shot ? shot.drift * this.#shotS : 0
    this.#lead(this.#turn.yaw, yaw + drifted + (shot?.yaw ?? 0), 10, dt)
    this.#lead(this.#turn.pitch, pitch + (shot?.pitch ?? 0), 10, dt)
    this.#lead(this.#turn.zoom, zoom * (shot?.zoom ?? 1), 10, dt)
    // Slower than the dancer: who sways stays in the middle, who travels is followed.
    this.#lead(this.#subject.x, shot?.follow ? subject.x : 0, 2.2, dt)
    this.#lead(this.#subject.z, shot?.follow ? subject.z : 0, 2.2, dt)
    this.#cut = false
    this.#place()
  }

  /** What is to be seen, closer up when zoomed in: then the camera rises towards the face. */
  #box() {
    const { top, eyes, hips, halfWidth } = this.#figure
    const head = top - eyes
    switch (this.#shot?.framing ?? this.#framing) {
      case 'face':
        return { low: eyes - head * 1.25, high: top + head * 0.12, halfWidth: halfWidth * 0.62 }
      case 'bust':
        return { low: hips * 0.8, high: top + head * 0.1, halfWidth }
      case 'full':
        return this.#shot
          ? { low: -0.06, high: top * (1 + REACH.up), halfWidth: Math.max(halfWidth, top * REACH.side) }
          : { low: -0.04, high: top + head * 0.08, halfWidth }
    }
  }

  #place() {
    const { yaw, pitch, zoom } = this.#turn
    const distance = this.#at.distance.value * zoom.value
    const [x, z] = [this.#subject.x.value, this.#subject.z.value]
    // Zooming in keeps the face in the picture, not the belt.
    const near = MathUtils.clamp((1 - this.#orbit.zoom) / (1 - ZOOM_LIMIT.near), 0, 1)
    const height = MathUtils.lerp(
      this.#at.height.value,
      this.#figure.eyes,
      (this.#shot?.framing ?? this.#framing) === 'face' ? 0 : near,
    )
    target.set(x, height, z)
    this.camera.position.set(
      x + Math.sin(yaw.value) * Math.cos(pitch.value) * distance,
      height + Math.sin(pitch.value) * distance,
      z + Math.cos(yaw.value) * Math.cos(pitch.value) * distance,
    )
    this.camera.lookAt(target)
    const { width, height: pixels } = this.#size
    this.camera.setViewOffset(width, pixels, -this.#at.x.value, -this.#at.y.value, width, pixels)
  }

  #lead(spring: Spring, target: number, speed: number, dt: number) {
    if (this.#cut) spring.jump(target)
    else spring.toward(target, speed, dt)
  }
}

const target = new Vector3()
