/**
 * @file What is around the avatar: the set behind it, the floor under it, the light on it. Sets are painted once on a
 * canvas, so that drawing one costs a texture look-up, on software renderers too.
 */
import {
  AmbientLight,
  CanvasTexture,
  CircleGeometry,
  Color,
  CylinderGeometry,
  DirectionalLight,
  Group,
  Mesh,
  MeshBasicMaterial,
  SRGBColorSpace,
  type Scene,
} from 'three'
import { Spring } from './easing'
import { paintFloor, paintShadow, paintWall, type PaintedSet } from './paint'

export type SetName = PaintedSet | 'clear'
export type LightName = 'day' | 'spotlight' | 'neon'

interface LightPlan {
  readonly ambient: { readonly colour: string; readonly strength: number }
  readonly key: LampPlan
  readonly rim: LampPlan
  /** What the light makes of walls and floor. */
  readonly wall: string
}

interface LampPlan {
  readonly colour: string
  readonly strength: number
  /** Where it shines from, in metres around the avatar. */
  readonly from: readonly [number, number, number]
}

/** Strengths in three's units, where a white surface under a lamp of π is white. */
const LIGHTS: Readonly<Record<LightName, LightPlan>> = {
  day: {
    ambient: { colour: '#dfe8ff', strength: 1.15 },
    key: { colour: '#fff4e2', strength: 2.3, from: [1.2, 2.4, 2.6] },
    rim: { colour: '#ffffff', strength: 0.7, from: [-1.6, 1.8, -2] },
    wall: '#ffffff',
  },
  spotlight: {
    ambient: { colour: '#6f63a8', strength: 0.75 },
    key: { colour: '#ffe0a8', strength: 3, from: [0.5, 3.2, 2.2] },
    rim: { colour: '#ff9a5c', strength: 1.4, from: [-1.8, 2.2, -1.8] },
    wall: '#8a7d9c',
  },
  neon: {
    ambient: { colour: '#4450b8', strength: 1.15 },
    key: { colour: '#ff86d4', strength: 2.1, from: [2.4, 1.4, 1.6] },
    rim: { colour: '#3df5ff', strength: 2.2, from: [-2.2, 1.6, -0.6] },
    wall: '#8a76e6',
  },
}

/** Metres. Only the inside is drawn, so the camera may stand outside; towards it the wall is open. */
const WALL = { radius: 3.5, height: 4.6, openDeg: 60 }

export class Scenery {
  readonly #group = new Group()
  readonly #ambient = new AmbientLight()
  readonly #key = new DirectionalLight()
  readonly #rim = new DirectionalLight()
  readonly #wall: Mesh<CylinderGeometry, MeshBasicMaterial>
  readonly #floor: Mesh<CircleGeometry, MeshBasicMaterial>
  readonly #shadow: Mesh<CircleGeometry, MeshBasicMaterial>
  readonly #tints = { ambient: new Glide(), key: new Glide(), rim: new Glide(), wall: new Glide() }
  #light: LightPlan = LIGHTS.day
  #set: SetName = 'clear'

  constructor(scene: Scene) {
    const open = (WALL.openDeg * Math.PI) / 180
    // A cylinder's angle 0 is +Z, towards the camera.
    const cylinder = new CylinderGeometry(
      WALL.radius,
      WALL.radius,
      WALL.height,
      48,
      1,
      true,
      open / 2,
      2 * Math.PI - open,
    )
    // Turned inside out, rather than drawn from the back: so all that is painted shares one shader.
    this.#wall = new Mesh(cylinder.scale(-1, 1, 1), painted())
    // Its foot is under the floor: two polygons with other corners would leave slits between them.
    this.#wall.position.y = WALL.height / 2 - 0.06
    this.#wall.renderOrder = -3
    this.#floor = flat(WALL.radius, -2)
    this.#wall.visible = this.#floor.visible = false
    this.#shadow = flat(0.5, -1)
    this.#shadow.position.y = 0.002
    this.#shadow.material.map = paintTexture(paintShadow())
    this.#group.add(this.#wall, this.#floor, this.#shadow)
    scene.add(this.#group, this.#ambient, this.#key, this.#key.target, this.#rim, this.#rim.target)
  }

  /** Whether set, floor and shadow are drawn. */
  get visible() {
    return this.#group.visible
  }
  set visible(visible: boolean) {
    this.#group.visible = visible
  }

  set set(name: SetName) {
    if (name === this.#set) return
    this.#set = name
    for (const mesh of [this.#wall, this.#floor]) {
      mesh.material.map?.dispose()
      mesh.material.map = null
      mesh.visible = name !== 'clear'
    }
    if (name === 'clear') return
    this.#wall.material.map = paintTexture(paintWall(name))
    this.#floor.material.map = paintTexture(paintFloor(name))
    this.#wall.material.needsUpdate = this.#floor.material.needsUpdate = true
  }

  set light(name: LightName) {
    this.#light = LIGHTS[name]
  }

  /** Put the light where the avatar is and the shadow under it. `spread`: half the width of its stance, in metres. */
  stand(height: number, spread: number) {
    for (const lamp of [this.#key, this.#rim]) lamp.target.position.set(0, height * 0.6, 0)
    this.#shadow.scale.setScalar(spread * 3.6)
  }

  /** Where the avatar's weight is: the shadow follows it, and fades as it rises. */
  move(dt: number, x: number, z: number, lift: number) {
    this.#shadow.position.x = x
    this.#shadow.position.z = z
    this.#shadow.material.opacity = Math.max(0.2, 0.85 - lift * 4)
    const { ambient, key, rim, wall } = this.#light
    this.#tints.ambient.toward(ambient.colour, ambient.strength, dt, this.#ambient)
    this.#tints.key.toward(key.colour, key.strength, dt, this.#key)
    this.#tints.rim.toward(rim.colour, rim.strength, dt, this.#rim)
    this.#tints.wall.toward(wall, 1, dt)
    this.#wall.material.color.copy(this.#tints.wall.colour)
    this.#floor.material.color.copy(this.#tints.wall.colour)
    this.#key.position.set(...key.from)
    this.#rim.position.set(...rim.from)
  }

  dispose() {
    this.#group.removeFromParent()
    for (const mesh of [this.#wall, this.#floor, this.#shadow]) {
      mesh.material.map?.dispose()
      mesh.material.dispose()
      mesh.geometry.dispose()
    }
  }
}

/** A colour and a strength on their way to others: light changes as on a dimmer. */
class Glide {
  readonly colour = new Color()
  readonly #springs = [new Spring(), new Spring(), new Spring(), new Spring()] as const
  #lit = false

  toward(colour: string, strength: number, dt: number, lamp?: { color: Color; intensity: number }) {
    aim.set(colour)
    const [r, g, b, s] = this.#springs
    if (!this.#lit) {
      this.#lit = true
      r.jump(aim.r)
      g.jump(aim.g)
      b.jump(aim.b)
      s.jump(strength)
    }
    this.colour.setRGB(r.toward(aim.r, 5, dt), g.toward(aim.g, 5, dt), b.toward(aim.b, 5, dt))
    s.toward(strength, 5, dt)
    if (!lamp) return
    lamp.color.copy(this.colour)
    lamp.intensity = s.value
  }
}

const aim = new Color()

/** Drawn in the order of `renderOrder`, before the avatar, which is opaque and knows nothing of it. */
const painted = () => new MeshBasicMaterial({ transparent: true, depthWrite: false })

const flat = (radius: number, order: number) => {
  const mesh = new Mesh(new CircleGeometry(radius, 48), painted())
  mesh.rotation.x = -Math.PI / 2
  mesh.renderOrder = order
  return mesh
}

const paintTexture = (canvas: HTMLCanvasElement) => {
  const texture = new CanvasTexture(canvas)
  texture.colorSpace = SRGBColorSpace
  texture.anisotropy = 4
  return texture
}
