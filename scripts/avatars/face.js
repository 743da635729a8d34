/**
 * Printed faces. Every feature is a flat drawing, a set of 2D shapes in face space (x to the character's left, y up, in
 * metres), laid on the head along z and lifted a hair's breadth. All of it is one mesh that is drawn without depth
 * writes, so the order of the triangles is the painter's order and nothing can z-fight.
 *
 * Openings are cut by masks: below lies the whole eye (white, iris, highlights) or the whole mouth (dark, tongue,
 * teeth), above it a patch in the colour of the skin with a hole in it. Expressions only move the rim of the hole, so
 * the iris can never leave the eye, any lid shape is possible, and sums of expressions (a smile and a vowel, a wink and
 * a glance) stay well formed.
 *
 * A morph target is the difference between two drawings, both laid on the head.
 */

import { clamp, frontOf, mix, normalAt, smoothstep } from './sdf.js'

/** @typedef {import('./sdf.js').Solid} Solid */
/** @typedef {import('./sdf.js').Vec3} Vec3 */
/** @typedef {[number, number, number]} Spot x, y and extra lift in metres */
/** @typedef {(u: number, v: number) => [number, number]} UvOn */

/**
 * @typedef {object} EyeState
 * @property {number} close 0 open, 1 shut along the lower arc
 * @property {number} joy 0 open, 1 shut along the upper arc (^ ^)
 * @property {number} cheek how far the lower lid is pushed up, 0..1
 * @property {number} lid how far the upper lid is lowered evenly, 0..1
 * @property {number} inner lowers the inner end of the upper lid (stern)
 * @property {number} outer lowers the outer end of the upper lid (sorrowful)
 * @property {number} wide enlarges the opening
 * @property {number} lookX towards the character's left, -1..1
 * @property {number} lookY up, -1..1
 * @property {number} iris scale of the iris
 */
/**
 * @typedef {object} BrowState
 * @property {number} up metres
 * @property {number} in metres towards the nose
 * @property {number} tilt inner end down is positive, metres
 * @property {number} bend extra arch, metres
 */
/**
 * @typedef {object} MouthState
 * @property {number} x metres
 * @property {number} y metres
 * @property {number} width half width, metres
 * @property {number} smile height of the corners over the middle, metres
 * @property {number} cat depth of the two bows of an animal's lip, metres
 * @property {number} up how far the upper lip rises at the middle, metres
 * @property {number} down how far the lower lip drops at the middle, metres
 * @property {number} square exponent of the opening: 2 is round, 3 is boxy
 * @property {number} teeth height of the upper teeth, metres
 * @property {number} tongue how far the tongue rises over the lower lip, metres
 */
/**
 * @typedef {object} FaceState
 * @property {{ left: EyeState, right: EyeState }} eyes
 * @property {{ left: BrowState, right: BrowState }} brows
 * @property {MouthState} mouth
 * @property {{ size: number, up: number }} blush
 */
/**
 * @typedef {object} EyeDesign
 * @property {number} x centre of the left eye
 * @property {number} y
 * @property {number} width half width
 * @property {number} up height above the centre
 * @property {number} down height below the centre
 * @property {number} tilt how much higher the outer corner is
 * @property {number} round exponent of the outline, 2 is an ellipse
 * @property {[number, number]} iris half width and half height
 * @property {[number, number]} irisAt offset of the iris from the centre (x towards the nose)
 * @property {[number, number, number]} travel how far the iris moves sideways, up, down
 * @property {number} margin how far the mask reaches beyond the opening
 * @property {{ at: [number, number], size: [number, number] }[]} glints in units of the iris, x to the character's left
 * @property {[number, number]} lash thickness at the inner end and at its thickest
 * @property {number} wing length of the outer flick
 * @property {number} shut height of the closed line relative to the centre, metres
 * @property {number} sag how far the closed line hangs, metres
 * @property {boolean} crease
 * @property {boolean} [floats] the whole eye glides with the gaze, like a picture on a screen
 */
/**
 * @typedef {object} BrowDesign
 * @property {number} x centre of the left brow
 * @property {number} y
 * @property {number} width half width
 * @property {number} arch
 * @property {number} slope outer end up is positive
 * @property {[number, number, number]} thick inner, middle, outer half thickness
 */
/**
 * @typedef {object} MouthDesign
 * @property {number} line half thickness of the lip line
 * @property {number} [fangs] length of two pointed teeth, as a share of the height of the teeth
 * @property {number} [philtrum] height of the top of a line from the nose to the lip
 * @property {{ width: number, up: number, down: number }} field the area the open mouth may take, from the rest position
 */
/**
 * @typedef {object} FaceDesign
 * @property {Solid} surface what the face is printed on
 * @property {number} lift metres
 * @property {EyeDesign} eye
 * @property {BrowDesign} [brow]
 * @property {MouthDesign} mouth
 * @property {{ x: number, y: number, size: [number, number] }} [blush]
 * @property {FaceState} rest
 * @property {Record<string, (s: FaceState) => void>} expressions each changes a copy of the rest state
 */
/**
 * @typedef {object} FacePaint texture coordinates of the bare face, of the flat colours, and of the prints
 * @property {(p: Vec3, n: Vec3, how: { lit: number, fade: number }) => [number, number]} skin `lit` 1 leaves the baked
 *   occlusion out, `fade` 1 is transparent
 * @property {[number, number]} white
 * @property {[number, number]} lash
 * @property {[number, number]} line
 * @property {[number, number]} brow
 * @property {[number, number]} mouth
 * @property {[number, number]} tongue
 * @property {[number, number]} teeth
 * @property {UvOn} iris
 * @property {UvOn} glint
 * @property {UvOn} blush
 * @property {UvOn} lidShade
 */
/**
 * @typedef {object} FaceMesh
 * @property {Vec3[]} positions
 * @property {Vec3[]} normals
 * @property {[number, number][]} uvs
 * @property {string[]} bones
 * @property {number[]} indices
 * @property {Record<string, { positions: Map<number, Vec3>, normals: Map<number, Vec3> }>} morphs
 */
/**
 * @typedef {object} Layer
 * @property {(s: FaceState) => Spot[]} draw
 * @property {number[]} triangles
 * @property {(i: number, p: Vec3, n: Vec3) => [number, number]} uv
 * @property {string} bone
 */

/** @returns {EyeState} */
export const openEye = () => ({
  close: 0,
  joy: 0,
  cheek: 0,
  lid: 0,
  inner: 0,
  outer: 0,
  wide: 0,
  lookX: 0,
  lookY: 0,
  iris: 1,
})
/** @returns {BrowState} */
export const calmBrow = () => ({ up: 0, in: 0, tilt: 0, bend: 0 })

/** Applies a change to both eyes. @param {FaceState} s @param {Partial<EyeState>} change */
export const eyes = (s, change) => {
  Object.assign(s.eyes.left, change)
  Object.assign(s.eyes.right, change)
}
/** @param {FaceState} s @param {Partial<BrowState>} change */
export const brows = (s, change) => {
  Object.assign(s.brows.left, change)
  Object.assign(s.brows.right, change)
}

/**
 * The paint of a face from an atlas that uses the customary names.
 * @param {import('./atlas.js').Atlas} atlas
 * @param {FacePaint['skin']} skin
 * @returns {FacePaint}
 */
export function facePaint(atlas, skin) {
  const flat = (/** @type {string} */ name) => atlas.at(name, 0, 1)
  const print = (/** @type {string} */ name) => (/** @type {number} */ u, /** @type {number} */ v) =>
    atlas.on(name, u, v)
  return {
    skin,
    white: flat('white'),
    lash: flat('lash'),
    line: flat('line'),
    brow: flat('brow'),
    mouth: flat('mouth'),
    tongue: flat('tongue'),
    teeth: flat('teeth'),
    iris: print('iris'),
    glint: print('glint'),
    blush: print('blush'),
    lidShade: print('lidShade'),
  }
}

/** Where a ray along -z meets the surface. @param {Solid} surface @returns {(x: number, y: number) => { p: Vec3, n: Vec3 }} */
export function projector(surface) {
  const middle = (surface.min[2] + surface.max[2]) / 2
  return (x, y) => {
    const z = frontOf(surface, x, y)
    if (z < middle) throw new Error(`the face reaches round the head at ${x.toFixed(3)}, ${y.toFixed(3)}`)
    return { p: [x, y, z], n: normalAt(surface, x, y, z) }
  }
}

/** |sin| and |cos| bent into a superellipse. @param {number} v @param {number} round */
const bent = (v, round) => Math.sign(v) * Math.abs(v) ** (2 / round)

/**
 * The loop of a mask: along the upper rim, around the far corner, back along the lower rim and around the near corner.
 * Every point of the rim has an angle on the outer edge. At the corners one point of the rim fans out over a wedge of
 * the outer edge, so that no triangle folds over when the corners turn up or down.
 * @param {number} steps along each rim
 * @param {number} wedge half the angle of the fan, radians
 * @returns {{ index: number, upper: boolean, angle: number }[]} angle counts from the near corner over the top
 */
function maskLoop(steps, wedge) {
  const loop = []
  const extra = 4
  for (let i = 0; i <= steps; i++)
    loop.push({ index: i, upper: true, angle: wedge + ((Math.PI - 2 * wedge) * i) / steps })
  for (let i = 1; i < extra; i++)
    loop.push({ index: steps, upper: i < extra / 2, angle: Math.PI - wedge + (2 * wedge * i) / extra })
  for (let i = steps; i >= 0; i--)
    loop.push({ index: i, upper: false, angle: -wedge - ((Math.PI - 2 * wedge) * i) / steps })
  for (let i = 1; i < extra; i++)
    loop.push({ index: 0, upper: i > extra / 2, angle: -wedge + (2 * wedge * i) / extra })
  return loop
}

/** Points on each lid. */
const LID = 28
/**
 * Rings of a mask, from the rim to the hem. The hem and the fade-out beyond it stay put when the rim moves, so that what
 * lies below never shows through the fade.
 */
const RINGS = [0, 0.22, 0.6, 1]
/** Where the hem lies in the margin of a mask, and how far the parts below reach into it. */
const HEM = 0.84
const UNDER = 0.6

/**
 * The rim of one eye: upper and lower lid from the inner to the outer corner, relative to the eye's centre, x outwards.
 * @param {EyeDesign} e
 * @param {EyeState} s
 * @param {number} side 1 is left, -1 is right
 * @returns {{ upper: [number, number][], lower: [number, number][] }}
 */
function lids(e, s, side) {
  /** @type {[number, number][]} */
  const upper = []
  /** @type {[number, number][]} */
  const lower = []
  const grow = 1 + s.wide * 0.14
  const w = e.width * (1 + s.wide * 0.05)
  for (let i = 0; i <= LID; i++) {
    const a = (Math.PI * i) / LID
    const cx = -bent(Math.cos(a), e.round)
    const sy = bent(Math.sin(a), e.round)
    const x = cx * w
    const t = (cx + 1) / 2
    const corner = e.tilt * cx
    let top = corner + sy * e.up * grow
    let low = corner - sy * e.down * (1 + s.wide * 0.06)
    const height = e.up + e.down
    // Lowered and raised lids follow flat arcs through the corners.
    const arch = 1 - cx * cx
    top = mix(top, corner + Math.sqrt(arch) * e.up * 0.2, s.lid)
    top -= s.inner * height * (1 - t) ** 1.3 * sy
    top -= s.outer * height * t ** 1.3 * sy
    low = mix(low, corner - Math.sqrt(arch) * e.down * 0.3 + arch * e.down * 0.75, s.cheek)
    const shut = corner * 0.6 + e.shut - e.sag * arch
    const smile = corner * 0.4 - e.down * 0.28 + arch * (e.up + e.down) * 0.42
    // Shut eyes are a little narrower than open ones; the corners slide along.
    const slide = mix(x, x * 0.96, s.close)
    const c = clamp(s.close)
    const j = clamp(s.joy)
    top = mix(mix(top, smile, j), shut, c)
    low = mix(mix(low, smile - 2e-4, j), shut - 2e-4, c)
    upper.push([slide, top])
    lower.push([slide, low])
  }
  if (e.floats) {
    const dx = s.lookX * e.travel[0]
    const dy = s.lookY * (s.lookY > 0 ? e.travel[1] : e.travel[2])
    for (const p of [...upper, ...lower]) {
      p[0] += dx * side
      p[1] += dy
    }
  }
  return { upper, lower }
}

/** Unit normals of a polyline, to the left of its direction. @param {[number, number][]} line @returns {[number, number][]} */
function lineNormals(line) {
  return line.map((_, i) => {
    const a = line[Math.max(i - 1, 0)]
    const b = line[Math.min(i + 1, line.length - 1)]
    const l = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1
    return [-(b[1] - a[1]) / l, (b[0] - a[0]) / l]
  })
}

/** Triangles of a grid of `rows` x `cols` vertices, row by row. @param {number} rows @param {number} cols @param {boolean} [closed] */
function grid(rows, cols, closed = false) {
  const out = []
  const last = closed ? cols : cols - 1
  for (let r = 0; r < rows - 1; r++)
    for (let c = 0; c < last; c++) {
      const n = (c + 1) % cols
      const [a, b, d, e] = [r * cols + c, r * cols + n, (r + 1) * cols + c, (r + 1) * cols + n]
      out.push(a, b, d, b, e, d)
    }
  return out
}

/**
 * A disc of rings around a centre; `at` gives the place for polar coordinates.
 * @param {number} rings
 * @param {number} spokes
 */
function disc(rings, spokes) {
  /** @type {[number, number][]} unit-disc coordinates */
  const unit = [[0, 0]]
  const triangles = []
  for (let r = 1; r <= rings; r++)
    for (let s = 0; s < spokes; s++) {
      const a = (2 * Math.PI * s) / spokes
      unit.push([(Math.cos(a) * r) / rings, (Math.sin(a) * r) / rings])
      const n = (s + 1) % spokes
      const here = 1 + (r - 1) * spokes
      if (r === 1) triangles.push(0, here + s, here + n)
      else {
        const below = here - spokes
        triangles.push(below + s, here + s, below + n, below + n, here + s, here + n)
      }
    }
  return { unit, triangles }
}

/** @param {FaceDesign} design @param {FacePaint} paint @returns {Layer[]} in painter's order */
function layers(design, paint) {
  const { eye: e, mouth: m } = design
  /** @type {Layer[]} */
  const out = []
  const flatUv = (/** @type {[number, number]} */ uv) => () => uv
  const sides = /** @type {const} */ (['left', 'right'])
  const sign = { left: 1, right: -1 }
  /** From eye space (x outwards) to face space. */
  const place = (
    /** @type {'left' | 'right'} */ side,
    /** @type {number} */ x,
    /** @type {number} */ y,
    lift = 0,
  ) => /** @type {Spot} */ ([sign[side] * (e.x + x), e.y + y, lift])

  for (const side of sides) {
    const white = disc(3, 28)
    out.push({
      draw: () =>
        white.unit.map(([u, v]) =>
          place(
            side,
            u * (e.width + e.margin * UNDER),
            v * ((v > 0 ? e.up : e.down) + e.margin * UNDER),
            -6e-4,
          ),
        ),
      triangles: white.triangles,
      uv: flatUv(paint.white),
      bone: 'head',
    })
  }
  const irisCentre = (/** @type {'left' | 'right'} */ side, /** @type {EyeState} */ s) => {
    const x = -e.irisAt[0] + sign[side] * s.lookX * e.travel[0]
    const y = e.irisAt[1] + s.lookY * (s.lookY > 0 ? e.travel[1] : e.travel[2])
    return [x, y]
  }
  for (const side of sides) {
    const d = disc(3, 28)
    out.push({
      draw: ({ eyes: { [side]: s } }) => {
        const [cx, cy] = irisCentre(side, s)
        const narrow = 1 - 0.05 * Math.abs(s.lookX)
        return d.unit.map(([u, v]) =>
          place(side, cx + u * e.iris[0] * s.iris * narrow, cy + v * e.iris[1] * s.iris, -3e-4),
        )
      },
      triangles: d.triangles,
      // The picture is not mirrored with the eye: light comes from one side.
      // Kept off the very edge of the print, which extrapolated edge samples would reach over.
      uv: (i) => paint.iris(d.unit[i][0] * sign[side] * 0.97, d.unit[i][1] * 0.97),
      bone: `${side}Eye`,
    })
  }
  for (const side of e.floats ? [] : sides) {
    // The shadow of the upper lid on the eye.
    out.push({
      draw: ({ eyes: { [side]: s } }) => {
        const { upper } = lids(e, s, sign[side])
        const depth = (e.up + e.down) * 0.2
        return [
          ...upper.map(([x, y]) => place(side, x * 1.06, y + 0.004)),
          ...upper.map(([x, y]) => place(side, x, y - depth)),
        ]
      },
      triangles: grid(2, LID + 1),
      uv: (i) => paint.lidShade(0, i <= LID ? 1 : -1),
      bone: 'head',
    })
  }
  for (const side of sides)
    for (const g of e.glints) {
      const d = disc(1, 16)
      out.push({
        draw: ({ eyes: { [side]: s } }) => {
          const [cx, cy] = irisCentre(side, { ...s, lookX: s.lookX * 0.35, lookY: s.lookY * 0.35 })
          const k = s.iris
          return d.unit.map(([u, v]) =>
            place(
              side,
              cx + sign[side] * (g.at[0] * e.iris[0] * k + u * g.size[0] * e.iris[0]),
              cy + g.at[1] * e.iris[1] * k + v * g.size[1] * e.iris[1],
            ),
          )
        },
        triangles: d.triangles,
        uv: (i) => paint.glint(...d.unit[i]),
        bone: 'head',
      })
    }
  for (const side of sides) {
    const loop = maskLoop(LID, 0.3)
    out.push({
      draw: ({ eyes: { [side]: s } }) => {
        const rim = lids(e, s, sign[side])
        const edge = (/** @type {number} */ angle, /** @type {number} */ margin) => [
          -bent(Math.cos(angle), e.round) * (e.width + margin),
          bent(Math.sin(angle), e.round) * ((Math.sin(angle) > 0 ? e.up : e.down) + margin),
        ]
        return [
          ...RINGS.flatMap((r) =>
            loop.map(({ index, upper, angle }) => {
              const [x, y] = (upper ? rim.upper : rim.lower)[index]
              const [ox, oy] = edge(angle, e.margin * HEM)
              return place(side, mix(x, ox, r), mix(y, oy, r))
            }),
          ),
          ...loop.map(({ angle }) => {
            const [x, y] = edge(angle, e.margin)
            return place(side, x, y, -3e-4)
          }),
        ]
      },
      triangles: grid(RINGS.length + 1, loop.length, true),
      // The rim travels over the eye, so it must not carry the shadow of the fringe along.
      uv: (i, p, n) => {
        const ring = Math.floor(i / loop.length)
        return paint.skin(p, n, { lit: 1 - (RINGS[ring] ?? 1), fade: ring === RINGS.length ? 1 : 0 })
      },
      bone: 'head',
    })
  }
  if (e.crease)
    for (const side of sides) {
      out.push({
        draw: ({ eyes: { [side]: s } }) => {
          const { upper } = lids(e, { ...s, close: s.close * 0.55, joy: s.joy * 0.6 }, sign[side])
          const line = upper.slice(3, LID - 1)
          const n = lineNormals(line)
          return [1, -1].flatMap((o) =>
            line.map(([x, y], i) => {
              const t = i / (line.length - 1)
              const half = 4.5e-4 * Math.sin(Math.PI * t) ** 0.6 * o
              return place(side, x * 0.94 + n[i][0] * half, y + e.up * 0.2 + n[i][1] * half)
            }),
          )
        },
        triangles: grid(2, LID - 4),
        uv: flatUv(paint.line),
        bone: 'head',
      })
    }
  for (const side of sides) {
    // Lower lash line: a thin stroke that gathers towards the outer corner.
    out.push({
      draw: ({ eyes: { [side]: s } }) => {
        const { lower } = lids(e, s, sign[side])
        const line = lower.slice(5)
        const n = lineNormals(line)
        // A lid that is pushed up needs a firmer line than one at rest.
        const firm = 0.5 * Math.max(s.cheek, s.joy)
        return [1, -1].flatMap((o) =>
          line.map(([x, y], i) => {
            const t = i / (line.length - 1)
            const body = 0.5 * smoothstep(0.12, 0.9, t) + firm * Math.sin(Math.PI * t) ** 0.7
            const half = e.lash[0] * body * (1 - s.close) * (e.floats ? s.joy : 1) * o
            return place(side, x + n[i][0] * half, y + n[i][1] * half)
          }),
        )
      },
      triangles: grid(2, LID - 4),
      uv: flatUv(paint.lash),
      bone: 'head',
    })
    // Upper lash line: swells towards the outer corner, where it throws a flick.
    out.push({
      draw: ({ eyes: { [side]: s } }) => {
        const { upper } = lids(e, s, sign[side])
        const n = lineNormals(upper)
        const [thin, thick] = e.lash
        const rise = mix(mix(0.62, 0.25, clamp(s.close)), -0.15, clamp(s.joy))
        // An eye on a screen has no lashes; its line only shows once it is shut.
        const shown = e.floats ? clamp(Math.max(s.close, s.joy)) : 1
        const width = (/** @type {number} */ t) =>
          shown *
          (thin * smoothstep(-0.02, 0.14, t) + (thick - thin) * smoothstep(0.1, 0.6, t)) *
          mix(1, 0.3, smoothstep(0.78, 1, t))
        const outerEdge = upper.map(([x, y], i) => {
          const t = i / LID
          const w = width(t)
          const flick = e.wing * smoothstep(0.66, 0.9, t) ** 2 * smoothstep(0.99, 0.9, t)
          return place(side, x + n[i][0] * w + flick * 0.85, y + n[i][1] * w + flick * rise)
        })
        const innerEdge = upper.map(([x, y], i) => {
          const w = width(i / LID) * 0.3
          return place(side, x - n[i][0] * w, y - n[i][1] * w)
        })
        return [...outerEdge, ...innerEdge]
      },
      triangles: grid(2, LID + 1),
      uv: flatUv(paint.lash),
      bone: 'head',
    })
  }

  // The mouth.
  const rest = design.rest.mouth
  const field = m.field
  const loop = maskLoop(LIP, 0.8)
  const fieldAt = (/** @type {number} */ angle, /** @type {number} */ scale, /** @type {number} */ lift) =>
    /** @type {Spot} */ ([
      rest.x - Math.cos(angle) * field.width * scale,
      rest.y + Math.sin(angle) * (Math.sin(angle) > 0 ? field.up : field.down) * scale,
      lift,
    ])
  const darkRings = [0.92, 0.6, 0.25, 0]
  out.push({
    draw: () => darkRings.flatMap((r) => loop.map(({ angle }) => fieldAt(angle, r, -6e-4))),
    triangles: grid(darkRings.length, loop.length, true),
    uv: flatUv(paint.mouth),
    bone: 'head',
  })
  out.push({
    // The tongue: a hill on the lower lip, which hides its foot.
    draw: ({ mouth: s }) => {
      const { lower } = lips(s)
      const bottom = Math.min(...lower.map((q) => q[1]))
      const half = s.width * 0.66
      return [
        ...lower.map(([x, y]) => {
          const u = (x - s.x) / half
          const hill = bottom + s.tongue * Math.sqrt(Math.max(0, 1 - u * u)) - 0.001
          return /** @type {Spot} */ ([x, Math.max(hill, y - 0.001), -4e-4])
        }),
        ...lower.map(([x, y]) => /** @type {Spot} */ ([x, y - 0.0025, -4e-4])),
      ]
    },
    triangles: grid(2, LIP + 1),
    uv: flatUv(paint.tongue),
    bone: 'head',
  })
  out.push({
    draw: ({ mouth: s }) => {
      const { upper } = lips(s)
      return [
        ...upper.map(([x, y]) => /** @type {Spot} */ ([x, y + 0.004, -3e-4])),
        ...upper.map(([x, y], i) => {
          const t = Math.sin((Math.PI * i) / LIP)
          const fang = (m.fangs ?? 0) * Math.max(0, 1 - Math.abs(Math.abs(i / LIP - 0.5) - 0.27) / 0.065)
          return /** @type {Spot} */ ([
            x,
            y + 0.0035 - (s.teeth + 0.0035) * t ** 0.35 - s.teeth * fang,
            -3e-4,
          ])
        }),
      ]
    },
    triangles: grid(2, LIP + 1),
    uv: flatUv(paint.teeth),
    bone: 'head',
  })
  out.push({
    draw: ({ mouth: s }) => {
      const rim = lips(s)
      return [
        ...RINGS.flatMap((r) =>
          loop.map(({ index, upper, angle }) => {
            const [x, y] = (upper ? rim.upper : rim.lower)[index]
            const [ox, oy] = fieldAt(angle, 0.95, 0)
            return /** @type {Spot} */ ([mix(x, ox, r), mix(y, oy, r), 0])
          }),
        ),
        ...loop.map(({ angle }) => fieldAt(angle, 1, -3e-4)),
      ]
    },
    triangles: grid(RINGS.length + 1, loop.length, true),
    uv: (i, p, n) => paint.skin(p, n, { lit: 0, fade: Math.floor(i / loop.length) === RINGS.length ? 1 : 0 }),
    bone: 'head',
  })
  for (const which of /** @type {const} */ (['lower', 'upper'])) {
    // Each lip carries half of the line. Shut, the halves make one stroke with tapered ends.
    out.push({
      draw: ({ mouth: s }) => {
        const line = lips(s)[which]
        const n = lineNormals(line)
        const out = which === 'upper' ? 1 : -1
        return [1, -0.35].flatMap((o) =>
          line.map(([x, y], i) => {
            const t = i / LIP
            const taper = smoothstep(-0.02, 0.16, t) * smoothstep(1.02, 0.84, t)
            const ends = mix(taper, 1, clamp((s.up + s.down) / 0.012))
            const half = m.line * mix(0.3, 1, ends) * o * out
            // The ends reach past the corner a little, so that the two halves of the line close up.
            const past = (i === 0 ? -1 : i === LIP ? 1 : 0) * m.line * 0.4 * clamp((s.up + s.down) / 0.012)
            return /** @type {Spot} */ ([
              x + n[i][0] * half + n[i][1] * past,
              y + n[i][1] * half - n[i][0] * past,
              0,
            ])
          }),
        )
      },
      triangles: grid(2, LIP + 1),
      uv: flatUv(paint.line),
      bone: 'head',
    })
  }
  if (m.philtrum !== undefined) {
    const top = m.philtrum
    out.push({
      draw: ({ mouth: s }) => {
        const { upper } = lips(s)
        const lip = upper[LIP / 2][1] + m.line * 0.5
        return [-1, 1].flatMap((o) =>
          [0, 0.33, 0.66, 1].map(
            (t) => /** @type {Spot} */ ([s.x * (1 - t) + o * m.line * 0.55, mix(lip, top, t), 0]),
          ),
        )
      },
      triangles: grid(2, 4),
      uv: flatUv(paint.line),
      bone: 'head',
    })
  }
  if (design.blush) {
    const b = design.blush
    for (const side of sides) {
      const d = disc(2, 20)
      out.push({
        draw: ({ blush: s }) =>
          d.unit.map(
            ([u, v]) =>
              /** @type {Spot} */ ([
                sign[side] * (b.x + u * b.size[0] * s.size),
                b.y + s.up + v * b.size[1] * s.size,
                0,
              ]),
          ),
        triangles: d.triangles,
        uv: (i) => paint.blush(d.unit[i][0] * 0.94, d.unit[i][1] * 0.94),
        bone: 'head',
      })
    }
  }
  if (design.brow) {
    const b = design.brow
    const steps = 14
    for (const side of sides)
      out.push({
        draw: ({ brows: { [side]: s } }) => {
          /** @type {[number, number][]} */
          const line = []
          for (let i = 0; i <= steps; i++) {
            // Denser towards the ends, which are round.
            const c = -Math.cos((Math.PI * i) / steps)
            line.push([
              b.x - s.in + c * b.width,
              b.y + s.up + c * (b.slope + s.tilt) + (1 - c * c) * (b.arch + s.bend),
            ])
          }
          const n = lineNormals(line)
          return [1, -1].flatMap((o) =>
            line.map(([x, y], i) => {
              const t = (1 - Math.cos((Math.PI * i) / steps)) / 2
              const body =
                t < 0.5 ? mix(b.thick[0], b.thick[1], t * 2) : mix(b.thick[1], b.thick[2], t * 2 - 1)
              const rim = Math.min(1, Math.min(t, 1 - t) / 0.16)
              const ends = Math.sqrt(1 - (1 - rim) ** 2)
              const half = body * ends * o
              return /** @type {Spot} */ ([sign[side] * (x + n[i][0] * half), y + n[i][1] * half, 0])
            }),
          )
        },
        triangles: grid(2, steps + 1),
        uv: flatUv(paint.brow),
        bone: 'head',
      })
  }
  return out
}

const LIP = 24

/** The rim of the mouth, from the character's right corner to the left one. @param {MouthState} s */
function lips(s) {
  /** @type {[number, number][]} */
  const upper = []
  /** @type {[number, number][]} */
  const lower = []
  for (let i = 0; i <= LIP; i++) {
    const a = (Math.PI * i) / LIP
    const c = -bent(Math.cos(a), s.square)
    const h = bent(Math.sin(a), s.square)
    const base = s.y + s.smile * (c * c - 0.5) - s.cat * Math.abs(Math.sin(Math.PI * c)) ** 1.3
    upper.push([s.x + c * s.width, base + s.up * h])
    // An open mouth is round below, however the upper lip is bowed.
    const flat = base + s.cat * Math.abs(Math.sin(Math.PI * c)) ** 1.3
    const open = clamp(s.down / 0.012)
    lower.push([s.x + c * s.width, mix(base, flat, open) - s.down * h - 1e-4])
  }
  return { upper, lower }
}

/** @param {FaceDesign} design @param {FacePaint} paint @returns {FaceMesh} */
export function buildFace(design, paint) {
  const project = projector(design.surface)
  /** @type {FaceMesh} */
  const mesh = { positions: [], normals: [], uvs: [], bones: [], indices: [], morphs: {} }
  const lay = (/** @type {Spot} */ [x, y, lift]) => {
    const { p, n } = project(x, y)
    const up = design.lift + lift
    return { p: /** @type {Vec3} */ ([p[0] + n[0] * up, p[1] + n[1] * up, p[2] + n[2] * up]), n }
  }
  checkRoom(design)
  const states = Object.entries(design.expressions).map(([name, change]) => {
    const s = structuredClone(design.rest)
    change(s)
    mesh.morphs[name] = { positions: new Map(), normals: new Map() }
    return { name, s }
  })
  for (const layer of layers(design, paint)) {
    const first = mesh.positions.length
    const rest = layer.draw(design.rest)
    const drawings = states.map(({ s }) => layer.draw(s))
    const laid = rest.map(lay)
    for (const [i, { p, n }] of laid.entries()) {
      mesh.positions.push(p)
      mesh.normals.push(n)
      mesh.uvs.push(layer.uv(i, p, n))
      mesh.bones.push(layer.bone)
    }
    for (let t = 0; t < layer.triangles.length; t += 3) {
      const [a, b, c] = [0, 1, 2].map((k) => layer.triangles[t + k])
      // Drawings are mirrored, so every triangle is turned to face the viewer on its own. Some have no area at rest (a
      // line that only shows when the eye is shut): the drawing in which the triangle is largest decides.
      let turn = 0
      for (const spots of [rest, ...drawings]) {
        const cross =
          (spots[b][0] - spots[a][0]) * (spots[c][1] - spots[a][1]) -
          (spots[b][1] - spots[a][1]) * (spots[c][0] - spots[a][0])
        if (Math.abs(cross) > Math.abs(turn) * (spots === rest ? 1 : 4)) turn = cross
      }
      mesh.indices.push(first + a, ...(turn < 0 ? [first + c, first + b] : [first + b, first + c]))
    }
    for (const [k, { name }] of states.entries())
      for (const [i, spot] of drawings[k].entries()) {
        if (Math.hypot(spot[0] - rest[i][0], spot[1] - rest[i][1], spot[2] - rest[i][2]) < 2e-6) continue
        const { p, n } = lay(spot)
        mesh.morphs[name].positions.set(first + i, diff(p, laid[i].p))
        mesh.morphs[name].normals.set(first + i, diff(n, laid[i].n))
      }
  }
  return mesh
}

/**
 * Expressions add up, so it is their sums that have to stay in bounds: an iris that looks up and aside must stay behind
 * its mask, and an emotion with a vowel on the dark patch inside the mouth.
 * @param {FaceDesign} design
 */
function checkRoom(design) {
  const { rest, eye: e, mouth: m, expressions } = design
  if (!e.floats)
    for (const [lookX, lookY] of [-1, 0, 1].flatMap((x) => [-1, 0, 1].map((y) => [x, y])))
      for (let a = 0; a < 2 * Math.PI; a += 0.1) {
        const x = lookX * e.travel[0] - e.irisAt[0] + Math.cos(a) * e.iris[0]
        const y = lookY * (lookY > 0 ? e.travel[1] : e.travel[2]) + e.irisAt[1] + Math.sin(a) * e.iris[1]
        const u = Math.abs(x) / (e.width + e.margin * HEM)
        const v = Math.abs(y) / ((y > 0 ? e.up : e.down) + e.margin * HEM)
        if (u ** e.round + v ** e.round > 1) throw new Error('the iris looks out from behind its mask')
      }
  const mouthOf = (/** @type {string} */ name) => {
    const s = structuredClone(rest)
    expressions[name]?.(s)
    return s.mouth
  }
  for (const emotion of ['neutral', 'happy', 'angry', 'sad', 'relaxed', 'surprised'])
    for (const vowel of ['aa', 'ih', 'ou', 'ee', 'oh']) {
      const [a, b] = [mouthOf(emotion), mouthOf(vowel)]
      const y = a.y + b.y - 2 * rest.mouth.y
      const reach = 0.92
      const low = a.down + b.down - y - (a.smile + b.smile - rest.mouth.smile) * -0.5
      const high = a.up + b.up + y
      const wide = a.width + b.width - rest.mouth.width
      if (low > m.field.down * reach) throw new Error(`${emotion} + ${vowel} opens the mouth too far down`)
      if (high > m.field.up * reach) throw new Error(`${emotion} + ${vowel} opens the mouth too far up`)
      if (wide > m.field.width * reach) throw new Error(`${emotion} + ${vowel} makes the mouth too wide`)
      if (wide < 0.004) throw new Error(`${emotion} + ${vowel} makes the mouth too narrow`)
    }
}

/** @param {Vec3} a @param {Vec3} b @returns {Vec3} */
const diff = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]]

/**
 * The head is hollowed a little under eyes and mouth. Half-way through a morph the rim cuts the corner of the curved
 * face; without the hollow it would dive under the skin.
 * @param {FaceDesign} design
 * @param {number} depth
 * @returns {(x: number, y: number, z: number) => number}
 */
export function hollow(design, depth) {
  const { eye: e, mouth: m, rest } = design
  const bowl = (/** @type {number} */ r) => depth * smoothstep(0.95, 0.45, r)
  return (x, y, z) => {
    if (z < (design.surface.min[2] + design.surface.max[2]) / 2) return 0
    const dy = y - e.y
    const eye = Math.hypot(
      (Math.abs(x) - e.x) / (e.width + e.margin),
      dy / ((dy > 0 ? e.up : e.down) + e.margin),
    )
    const my = y - rest.mouth.y
    const mouth = Math.hypot((x - rest.mouth.x) / m.field.width, my / (my > 0 ? m.field.up : m.field.down))
    return bowl(eye) + bowl(mouth)
  }
}
