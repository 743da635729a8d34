/**
 * The paint box: one atlas holds every colour of a character, so that a whole body is a single draw call.
 *
 * A "ramp" is a strip of the atlas. Along u runs a design coordinate chosen by the part (root to tip of a lock, height
 * above the hem, signed distance to a colour border), along v the baked occlusion. Hard stops in u give printed edges
 * that are sharp whatever the mesh resolution, because the coordinate is interpolated and the texture does the
 * threshold. A "print" is a free picture (an iris, a soft blush). Three textures share the layout: the lit colour, the
 * MToon shade colour, and the gloss (how much of the vinyl highlight and rim light the material takes).
 */

import { encodePng } from './png.js'
import { clamp, mix } from './sdf.js'

/** @typedef {[number, number, number]} Rgb 0-255, sRGB */
/**
 * @typedef {object} Stop
 * @property {number} at 0..1 along u
 * @property {string} lit hex colour
 * @property {string} shade hex colour
 * @property {number} [alpha]
 */
/**
 * @typedef {object} Ramp
 * @property {Stop[]} stops
 * @property {boolean} [hard] printed edges halfway between the stops instead of a gradient
 * @property {number} [gloss] 0..1
 * @property {number} [occlusion] how dark the deepest crevice gets, 0..1
 * @property {number} [glow] share of the lit colour that shines by itself
 */
/**
 * @typedef {object} Print
 * @property {number} size pixels
 * @property {(u: number, v: number) => { lit: Rgb, shade: Rgb, alpha: number }} paint u to the right, v up, both -1..1
 * @property {number} [gloss]
 * @property {number} [glow]
 */

const RAMP_WIDTH = 128
const RAMP_HEIGHT = 16
const WIDTH = 512
const HEIGHT = 256

/** @param {string} hex @returns {Rgb} */
export const rgb = (hex) => {
  const n = parseInt(hex.slice(1), 16)
  return [n >> 16, (n >> 8) & 255, n & 255]
}

/** @param {Rgb} a @param {Rgb} b @param {number} t @returns {Rgb} */
export const mixRgb = (a, b, t) => [mix(a[0], b[0], t), mix(a[1], b[1], t), mix(a[2], b[2], t)]

/** A ramp of one colour. @param {string} lit @param {string} shade @param {Partial<Ramp>} [more] @returns {Ramp} */
export const flat = (lit, shade, more = {}) => ({ stops: [{ at: 0, lit, shade }], ...more })

/**
 * @param {Ramp} ramp
 * @param {number} u
 * @returns {{ lit: Rgb, shade: Rgb, alpha: number }}
 */
function rampColour(ramp, u) {
  const { stops } = ramp
  const of = (/** @type {Stop} */ s) => ({ lit: rgb(s.lit), shade: rgb(s.shade), alpha: s.alpha ?? 1 })
  if (u <= stops[0].at) return of(stops[0])
  for (let i = 1; i < stops.length; i++) {
    const a = stops[i - 1]
    const b = stops[i]
    if (u > b.at) continue
    const t = (u - a.at) / (b.at - a.at)
    // A hard edge is one and a half texels wide, so that it stays free of stairs.
    const e = 0.75 / RAMP_WIDTH / (b.at - a.at)
    const k = ramp.hard ? clamp((t - 0.5) / (2 * e) + 0.5) : t
    const [from, to] = [of(a), of(b)]
    return {
      lit: mixRgb(from.lit, to.lit, k),
      shade: mixRgb(from.shade, to.shade, k),
      alpha: mix(from.alpha, to.alpha, k),
    }
  }
  return of(stops[stops.length - 1])
}

export class Atlas {
  /**
   * @param {Record<string, Ramp>} ramps
   * @param {Record<string, Print>} prints
   */
  constructor(ramps, prints) {
    this.ramps = ramps
    this.prints = prints
    this.lit = new Uint8ClampedArray(WIDTH * HEIGHT * 4)
    this.shade = new Uint8ClampedArray(WIDTH * HEIGHT * 4).fill(255)
    this.gloss = new Uint8ClampedArray(WIDTH * HEIGHT * 4).fill(255)
    this.glow = new Uint8ClampedArray(WIDTH * HEIGHT * 4)
    this.glows = [...Object.values(ramps), ...Object.values(prints)].some((c) => c.glow)
    /** @type {Map<string, { x: number, y: number, w: number, h: number }>} */
    this.places = new Map()
    let slot = 0
    for (const [name, ramp] of Object.entries(ramps)) {
      const place = {
        x: (slot >> 4) * RAMP_WIDTH,
        y: (slot & 15) * RAMP_HEIGHT,
        w: RAMP_WIDTH,
        h: RAMP_HEIGHT,
      }
      if (slot++ >= 32) throw new Error('the atlas is out of ramps')
      this.places.set(name, place)
      this.#paintRamp(ramp, place)
    }
    let x = RAMP_WIDTH * 2
    let y = 0
    let row = 0
    for (const [name, print] of Object.entries(prints)) {
      if (x + print.size > WIDTH) {
        x = RAMP_WIDTH * 2
        y += row
        row = 0
      }
      if (y + print.size > HEIGHT) throw new Error('the atlas is out of room for prints')
      const place = { x, y, w: print.size, h: print.size }
      this.places.set(name, place)
      this.#paintPrint(print, place)
      x += print.size
      row = Math.max(row, print.size)
    }
  }

  /** @param {Ramp} ramp @param {{ x: number, y: number, w: number, h: number }} place */
  #paintRamp(ramp, place) {
    const deep = ramp.occlusion ?? 0.55
    for (let j = 0; j < place.h; j++)
      for (let i = 0; i < place.w; i++) {
        const u = clamp((i - 1) / (place.w - 3))
        const open = clamp((place.h - 2 - j) / (place.h - 3))
        const { lit, shade, alpha } = rampColour(ramp, u)
        // Occlusion leans on the shade colour first: crevices get richer, not greyer.
        const dark = (1 - open) * deep
        const litHere = mixRgb(lit, mixRgb(shade, [0, 0, 0], dark * 0.35), Math.min(1, dark * 1.3))
        const shadeHere = mixRgb(shade, [20, 8, 30], dark * 0.5)
        this.#put(
          place.x + i,
          place.y + j,
          litHere,
          shadeHere,
          alpha * 255,
          ramp.gloss ?? 0.25,
          ramp.glow ?? 0,
        )
      }
  }

  /** @param {Print} print @param {{ x: number, y: number, w: number, h: number }} place */
  #paintPrint(print, place) {
    const n = 4
    for (let j = 0; j < place.h; j++)
      for (let i = 0; i < place.w; i++) {
        const lit = [0, 0, 0]
        const shade = [0, 0, 0]
        let alpha = 0
        let weight = 0
        for (let s = 0; s < n * n; s++) {
          const u = ((i + ((s % n) + 0.5) / n - 1) / (place.w - 2)) * 2 - 1
          const v = 1 - ((j + (Math.floor(s / n) + 0.5) / n - 1) / (place.h - 2)) * 2
          const c = print.paint(u, v)
          const w = c.alpha + 1e-4
          for (let k = 0; k < 3; k++) {
            lit[k] += c.lit[k] * w
            shade[k] += c.shade[k] * w
          }
          alpha += c.alpha
          weight += w
        }
        this.#put(
          place.x + i,
          place.y + j,
          /** @type {Rgb} */ (lit.map((c) => c / weight)),
          /** @type {Rgb} */ (shade.map((c) => c / weight)),
          (alpha / (n * n)) * 255,
          print.gloss ?? 0,
          print.glow ?? 0,
        )
      }
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {Rgb} lit
   * @param {Rgb} shade
   * @param {number} a 0-255
   * @param {number} gloss
   * @param {number} glow
   */
  #put(x, y, lit, shade, a, gloss, glow) {
    const o = (y * WIDTH + x) * 4
    this.lit.set([...lit, a], o)
    this.shade.set([...shade, 255], o)
    this.gloss.set([gloss * 255, gloss * 255, gloss * 255, 255], o)
    this.glow.set([lit[0] * glow, lit[1] * glow, lit[2] * glow, 255], o)
  }

  /**
   * Texture coordinates (glTF: v down) of a place on a ramp.
   * @param {string} ramp
   * @param {number} along 0..1
   * @param {number} open 1 in the open, 0 in the deepest crevice
   * @returns {[number, number]}
   */
  at(ramp, along, open) {
    const p = this.#place(ramp)
    return [
      (p.x + 1.5 + clamp(along) * (p.w - 3)) / WIDTH,
      (p.y + 1.5 + (1 - clamp(open)) * (p.h - 3)) / HEIGHT,
    ]
  }

  /** @param {string} print @param {number} u -1..1 @param {number} v -1..1, up @returns {[number, number]} */
  on(print, u, v) {
    const p = this.#place(print)
    return [(p.x + 1 + ((u + 1) / 2) * (p.w - 2)) / WIDTH, (p.y + 1 + ((1 - v) / 2) * (p.h - 2)) / HEIGHT]
  }

  /** @param {string} name */
  #place(name) {
    const p = this.places.get(name)
    if (!p) throw new Error(`nothing called ${name} in the atlas`)
    return p
  }

  /** @returns {{ lit: Buffer, shade: Buffer, gloss: Buffer, glow: Buffer | null }} PNG files */
  encode() {
    return {
      lit: encodePng(WIDTH, HEIGHT, this.lit),
      shade: encodePng(WIDTH, HEIGHT, this.shade),
      gloss: encodePng(WIDTH, HEIGHT, this.gloss),
      glow: this.glows ? encodePng(WIDTH, HEIGHT, this.glow) : null,
    }
  }
}

/**
 * The vinyl highlight, a matcap that MToon adds on top (scaled by the gloss and tinted by the lights): a soft window
 * high on one side and a faint bounce below.
 * @returns {Buffer} PNG file
 */
export function vinylMatcap() {
  const size = 128
  const px = new Uint8ClampedArray(size * size * 4)
  for (let j = 0; j < size; j++)
    for (let i = 0; i < size; i++) {
      const x = ((i + 0.5) / size) * 2 - 1
      const y = 1 - ((j + 0.5) / size) * 2
      const r = Math.hypot(x, y)
      // A rounded window, its edge softened; the reflection sits where a key light from above would.
      const wx = (x + 0.36) / 0.2
      const wy = (y - 0.52) / 0.14
      const w = (Math.abs(wx) ** 2.6 + Math.abs(wy) ** 2.6) ** (1 / 2.6)
      const window = 1 - smooth(0.55, 1.35, w)
      const bounce = smooth(0.72, 0.98, r) * smooth(-0.1, -0.9, y) * 0.3
      const broad = Math.max(0, 1 - Math.hypot(x + 0.3, y - 0.45) / 0.9) ** 2 * 0.22
      const c = 255 * clamp(window * 0.75 + bounce + broad)
      px.set([c, c, c, 255], (j * size + i) * 4)
    }
  return encodePng(size, size, px)
}

/** @param {number} a @param {number} b @param {number} x */
function smooth(a, b, x) {
  const t = clamp((x - a) / (b - a))
  return t * t * (3 - 2 * t)
}
