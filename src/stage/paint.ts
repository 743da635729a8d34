/** @file The sets, painted: walls 2048 × 1024 (left to right as seen from the camera), floors 1024², a soft shadow. */

export type PaintedSet = 'theatre' | 'studio' | 'night'

export const paintWall = (set: PaintedSet) => canvas(2048, 1024, WALLS[set])
export const paintFloor = (set: PaintedSet) => canvas(1024, 1024, FLOORS[set])

/** Darkest under the feet, nothing at the rim. */
export const paintShadow = () =>
  canvas(256, 256, (pen, width, height) => {
    const soft = pen.createRadialGradient(width / 2, height / 2, 0, width / 2, height / 2, width / 2)
    for (const [at, alpha] of [
      [0, 0.55],
      [0.25, 0.42],
      [0.55, 0.16],
      [0.8, 0.04],
      [1, 0],
    ] as const)
      soft.addColorStop(at, `rgb(14 8 30 / ${alpha})`)
    pen.fillStyle = soft
    pen.fillRect(0, 0, width, height)
  })

type Paint = (pen: CanvasRenderingContext2D, width: number, height: number) => void

const canvas = (width: number, height: number, paint: Paint) => {
  const element = document.createElement('canvas')
  element.width = width
  element.height = height
  const pen = element.getContext('2d')!
  paint(pen, width, height)
  return element
}

const gradient = (
  pen: CanvasRenderingContext2D,
  height: number,
  stops: readonly (readonly [number, string])[],
) => {
  const fill = pen.createLinearGradient(0, 0, 0, height)
  for (const [at, colour] of stops) fill.addColorStop(at, colour)
  return fill
}

/** A wall goes around the stage: what is to be round on it is painted narrow (stage/scenery.ts, 18.3 m by 4.6 m). */
const NARROW = 0.5

const disc = (pen: CanvasRenderingContext2D, x: number, y: number, radius: number) => {
  pen.beginPath()
  pen.ellipse(x, y, radius * NARROW, radius, 0, 0, 2 * Math.PI)
  pen.fill()
}

/** Light that falls from above on the middle of the wall. */
const pool = (
  pen: CanvasRenderingContext2D,
  x: number,
  y: number,
  rx: number,
  ry: number,
  colour: string,
  alpha: number,
) => {
  pen.save()
  pen.translate(x, y)
  pen.scale(1, ry / rx)
  const light = pen.createRadialGradient(0, 0, 0, 0, 0, rx)
  for (const [at, share] of [
    [0, 1],
    [0.4, 0.62],
    [0.75, 0.18],
    [1, 0],
  ] as const)
    light.addColorStop(at, `rgb(${colour} / ${alpha * share})`)
  pen.fillStyle = light
  pen.fillRect(-rx, -rx, 2 * rx, 2 * rx)
  pen.restore()
}

/** The same numbers in every session: a set does not change its folds between visits. */
const noise = (seed: number) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
  return seed / 2 ** 32
}

const WALLS: Readonly<Record<PaintedSet, Paint>> = {
  /** A velvet curtain: folds of uneven width, a golden hem, warm light on the middle. */
  theatre(pen, width, height) {
    const random = noise(11)
    pen.fillStyle = '#4a0f22'
    pen.fillRect(0, 0, width, height)
    for (let x = 0; x < width;) {
      const fold = 34 + random() * 30
      const cloth = pen.createLinearGradient(x, 0, x + fold, 0)
      cloth.addColorStop(0, '#3a0819')
      cloth.addColorStop(0.22, '#7d1a35')
      cloth.addColorStop(0.42, '#b02a49')
      cloth.addColorStop(0.56, '#9a2240')
      cloth.addColorStop(0.82, '#5d1129')
      cloth.addColorStop(1, '#350717')
      pen.fillStyle = cloth
      pen.fillRect(x, 0, fold + 1, height)
      x += fold
    }
    // Heavier and darker towards the top, and a hem with a fringe just above the floor.
    pen.fillStyle = gradient(pen, height, [
      [0, 'rgb(16 2 14 / 0.85)'],
      [0.35, 'rgb(16 2 14 / 0.35)'],
      [0.8, 'rgb(16 2 14 / 0)'],
      [1, 'rgb(16 2 14 / 0.45)'],
    ])
    pen.fillRect(0, 0, width, height)
    const hem = height - 66
    for (let x = 0; x < width; x += 2) {
      // Light runs over the folds of the gold, and each thread of the fringe catches its own.
      const glow = 0.55 + 0.45 * Math.sin((x / width) * 160 + Math.sin(x / 60))
      const gold = (light: number) => `rgb(${150 + 90 * light} ${98 + 72 * light} ${40 + 40 * light})`
      pen.fillStyle = gold(0.25 + 0.5 * glow)
      pen.fillRect(x, hem, 2, 24)
      pen.fillStyle = gold(0.5 + 0.5 * glow)
      pen.fillRect(x, hem + 3, 2, 4)
      pen.fillRect(x, hem + 17, 2, 3)
      pen.fillStyle = gold((0.15 + 0.5 * random()) * (0.6 + 0.6 * glow))
      pen.fillRect(x, hem + 24, 2, 17 + 3 * glow + 3 * random())
    }
    pool(pen, width / 2, height * 0.62, 760, 560, '255 196 138', 0.34)
  },

  /** A seamless paper backdrop in peach and lilac. */
  studio(pen, width, height) {
    pen.fillStyle = gradient(pen, height, [
      [0, '#c3b4ee'],
      [0.45, '#f3c9d8'],
      [0.8, '#ffe3cf'],
      [1, '#ffe9d6'],
    ])
    pen.fillRect(0, 0, width, height)
    pool(pen, width / 2, height * 0.6, 800, 520, '255 255 255', 0.55)
  },

  /** A clear night: stars, a large moon, hills far away. */
  night(pen, width, height) {
    const random = noise(5)
    pen.fillStyle = gradient(pen, height, [
      [0, '#0b1038'],
      [0.5, '#27266e'],
      [0.82, '#6a4a9c'],
      [1, '#c77ba5'],
    ])
    pen.fillRect(0, 0, width, height)
    for (let i = 0; i < 520; i++) {
      const y = random() ** 1.5 * height * 0.86
      const size = 0.7 + random() ** 3 * 2.6
      pen.fillStyle = `rgb(255 ${235 + random() * 20} ${205 + random() * 50} / ${0.35 + random() * 0.65})`
      disc(pen, random() * width, y, size * 1.3)
    }
    const [moonX, moonY] = [width * 0.61, height * 0.36]
    pool(pen, moonX, moonY, 300 * NARROW, 300, '255 236 196', 0.4)
    pen.fillStyle = '#fff3d4'
    disc(pen, moonX, moonY, 96)
    pen.fillStyle = 'rgb(232 206 168 / 0.55)'
    for (const [x, y, r] of [
      [-30, -20, 20],
      [24, 16, 28],
      [-8, 46, 13],
      [40, -36, 11],
    ] as const)
      disc(pen, moonX + x * NARROW, moonY + y, r)
    for (const [base, swing, colour, seed] of [
      [0.86, 34, '#3b2c77', 1],
      [0.92, 26, '#261c58', 4],
      [0.975, 14, '#170f3d', 9],
    ] as const) {
      pen.fillStyle = colour
      pen.beginPath()
      pen.moveTo(0, height)
      for (let x = 0; x <= width; x += 8)
        pen.lineTo(x, height * base + swing * (Math.sin(x / 171 + seed) + 0.6 * Math.sin(x / 67 + 2 * seed)))
      pen.lineTo(width, height)
      pen.fill()
    }
  },
}

const FLOORS: Readonly<Record<PaintedSet, Paint>> = {
  /** Boards that run towards the audience, polished, with the spot of the follow light. */
  theatre(pen, width, height) {
    const random = noise(3)
    for (let x = 0; x < width; x += 42) {
      const warmth = random()
      pen.fillStyle = `rgb(${112 + 26 * warmth} ${66 + 18 * warmth} ${42 + 10 * warmth})`
      pen.fillRect(x, 0, 41, height)
      pen.strokeStyle = 'rgb(60 28 18 / 0.2)'
      for (let grain = 0; grain < 4; grain++) {
        const at = x + 4 + random() * 34
        pen.beginPath()
        pen.moveTo(at, 0)
        pen.bezierCurveTo(
          at + random() * 8 - 4,
          height / 3,
          at + random() * 8 - 4,
          (2 * height) / 3,
          at,
          height,
        )
        pen.stroke()
      }
      pen.fillStyle = 'rgb(38 16 12 / 0.75)'
      pen.fillRect(x + 40, 0, 2, height)
      pen.fillRect(x, random() * height, 41, 2)
    }
    vignette(pen, width, '30 8 22', 0.85)
    pool(pen, width / 2, height / 2, 330, 330, '255 220 160', 0.42)
  },

  studio(pen, width, height) {
    pen.fillStyle = '#ffe9d6'
    pen.fillRect(0, 0, width, height)
    pool(pen, width / 2, height / 2, 420, 420, '255 255 255', 0.5)
    vignette(pen, width, '255 233 214', 1)
  },

  night(pen, width, height) {
    pen.fillStyle = '#2b2160'
    pen.fillRect(0, 0, width, height)
    pool(pen, width / 2, height / 2, 430, 430, '170 150 240', 0.55)
    vignette(pen, width, '23 15 61', 1)
  },
}

/** The floor meets the wall in this colour. */
const vignette = (pen: CanvasRenderingContext2D, size: number, colour: string, alpha: number) => {
  const rim = pen.createRadialGradient(size / 2, size / 2, size * 0.16, size / 2, size / 2, size / 2)
  rim.addColorStop(0, `rgb(${colour} / 0)`)
  rim.addColorStop(1, `rgb(${colour} / ${alpha})`)
  pen.fillStyle = rim
  pen.fillRect(0, 0, size, size)
}
