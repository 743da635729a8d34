/**
 * @file The stage: renderer, camera, light and one loop. One avatar at a time; everything it holds is given back when it
 * leaves.
 *
 * WebGL, not WebGPU: three-vrm's materials are surest there, and the GPU's other queue is left to the models.
 */
import { Raycaster, Scene, Vector2, WebGLRenderer } from 'three'
import { Fault } from '../shared/fault'
import { moment } from '../shared/trace'
import { Avatar, type Acting } from './avatar'
import { Governor } from './governor'
import { hideOutlines, loadVrm } from './load'
import { Scenery, type LightName, type SetName } from './scenery'
import { View, type Framing, type Insets, type Shot } from './view'

/** The stage while it is filmed: nothing moves but by these, and the picture shows what the film will. */
export interface Filming {
  readonly canvas: HTMLCanvasElement
  /** Everything moves on by so many seconds, with this acting. Without being drawn: to come to rest before the film begins. */
  readonly move: (dt: number, act: (acting: Acting) => void) => void
  readonly draw: (dt: number, act: (acting: Acting) => void) => void
  /** The picture is the screen's again. */
  readonly end: () => void
}

/** A longer step is taken as this one: after a hidden tab nothing leaps. Six frames a second still keep time. */
const LONGEST_STEP_S = 0.16

export class Stage {
  readonly #canvas: HTMLCanvasElement
  readonly #renderer: WebGLRenderer
  /** Drawn by the processor: outlines are left out and every other frame, for the sake of what else it has to do. */
  readonly #software: boolean
  readonly #scene = new Scene()
  readonly #view = new View()
  readonly #scenery: Scenery
  readonly #governor: Governor
  readonly #ending = new AbortController()
  #avatar: Avatar | undefined
  #frame = 0
  #lastMs = 0
  #lost = false
  /** Frames still to be left out before the picture gets its new size. */
  #drain: number | undefined
  #liveliness = 1
  #insets: Insets = { top: 0, right: 0, bottom: 0, left: 0 }
  /** Pixels of the film that is being made. */
  #film: { readonly width: number; readonly height: number } | undefined

  /** Called before each frame is drawn: the place to say what the avatar expresses. */
  onframe: (acting: Acting) => void = () => undefined
  /** The picture is gone (a driver restarted, too many tabs) or back. */
  onlost: (lost: boolean) => void = () => undefined

  /** Throws `unsupported` where there is no WebGL. */
  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas
    this.#software = drawsInSoftware()
    this.#renderer = open(canvas, !this.#software)
    this.#renderer.setClearAlpha(0)
    // Asking for a shader's log waits until it is compiled, one after the other, for half a second in software.
    this.#renderer.debug.checkShaderErrors = import.meta.env.DEV
    // A software renderer is paid for each pixel by the cores that make speech: it begins small and may never be sharp.
    this.#governor = this.#software
      ? new Governor(0.35, 1, 0.5, SOFTWARE_PACE)
      : new Governor(0.5, Math.min(2, devicePixelRatio))
    this.#scenery = new Scenery(this.#scene)
    this.#listen()
    this.#resize()
  }

  set set(name: SetName) {
    this.#scenery.set = name
  }
  set light(name: LightName) {
    this.#scenery.light = name
  }
  set framing(framing: Framing) {
    this.#view.framing = framing
  }
  /** Where the camera is to be while somebody dances. */
  set shot(shot: Shot | undefined) {
    this.#view.shot = shot
  }
  set insets(insets: Insets) {
    this.#insets = insets
    if (this.#film) this.#showWhole()
    else this.#view.insets = insets
  }
  /** 1, or less where less motion is asked for. */
  set liveliness(liveliness: number) {
    this.#liveliness = liveliness
  }

  /**
   * Bring an avatar on stage, from bytes that cast/vrm-file has passed. The one before stays until this one is ready, and
   * stays for good if it cannot be read.
   */
  async enter(signal: AbortSignal, bytes: ArrayBuffer): Promise<void> {
    moment('enter', 'avatar')
    const vrm = await loadVrm(signal, bytes)
    moment('parsed', 'avatar')
    if (this.#software) hideOutlines(vrm.scene)
    const avatar = new Avatar(vrm)
    // Shaders are compiled while the old avatar is still moving; the first frame of the new one is then drawn at once.
    this.#scene.add(vrm.scene)
    vrm.scene.visible = this.#avatar === undefined
    avatar.move(1 / 60, this.#view.camera, this.#liveliness)
    this.#view.frame(avatar.figure)
    this.#scenery.stand(avatar.figure.top, Math.min(0.3, avatar.figure.halfWidth * 0.5))
    try {
      await this.#renderer.compileAsync(vrm.scene, this.#view.camera, this.#scene)
      signal.throwIfAborted()
    } catch (e) {
      avatar.dispose()
      throw e
    }
    this.#avatar?.dispose()
    this.#avatar = avatar
    vrm.scene.visible = true
    avatar.greet()
    this.#run() // from the first avatar on: nobody looks at an empty stage
    // After the frame that shows it.
    requestAnimationFrame(() => requestAnimationFrame(() => moment('visible', 'avatar')))
  }

  /** The avatar's expressions as they were drawn last, by name: what a test or a curious person may look at. */
  expressions(): Readonly<Record<string, number>> {
    const manager = this.#avatar?.vrm.expressionManager
    return Object.fromEntries(
      Object.keys(manager?.expressionMap ?? {}).map((name) => [name, manager!.getValue(name) ?? 0]),
    )
  }

  /** A portrait of the avatar as it stands now, square, without the set. */
  async portrait(size: number): Promise<Blob> {
    const { width, height } = this.#canvas
    const side = Math.min(width, height)
    const wasVisible = this.#scenery.visible
    this.#scenery.visible = false
    this.#renderer.setViewport(0, 0, side / this.#governor.ratio, side / this.#governor.ratio)
    this.#renderer.render(this.#scene, this.#view.portraitCamera())
    this.#scenery.visible = wasVisible
    const taken = createImageBitmap(this.#canvas, 0, height - side, side, side)
    this.#resize()
    const bitmap = await taken
    const canvas = new OffscreenCanvas(size, size)
    canvas.getContext('2d')!.drawImage(bitmap, 0, 0, size, size)
    bitmap.close()
    return canvas.convertToBlob({ type: 'image/webp', quality: 0.85 })
  }

  /** Draw a film of this size instead of the screen, moment by moment. Throws `device-lost` when the picture is lost. */
  film(width: number, height: number): Filming {
    cancelAnimationFrame(this.#frame)
    this.#film = { width, height }
    this.#showWhole()
    this.#view.insets = { top: 0, right: 0, bottom: 0, left: 0 }
    this.#resize()
    return {
      canvas: this.#canvas,
      move: (dt, act) => this.#move(dt, act),
      draw: (dt, act) => {
        if (this.#lost) throw new Fault('device-lost', 'the picture was lost')
        this.#move(dt, act)
        this.#renderer.render(this.#scene, this.#view.camera)
      },
      end: () => {
        if (!this.#film) return
        this.#film = undefined
        this.#canvas.style.objectFit = this.#canvas.style.padding = ''
        this.#view.insets = this.#insets
        this.#resize()
        if (!this.#ending.signal.aborted && !document.hidden) this.#run()
      },
    }
  }

  /** The canvas keeps its place on the page; what is filmed is seen in it as a whole, where nothing covers it. */
  #showWhole() {
    const { top, right, bottom, left } = this.#insets
    this.#canvas.style.objectFit = 'contain'
    this.#canvas.style.padding = `${top}px ${right}px ${bottom}px ${left}px`
  }

  dispose() {
    this.#ending.abort()
    cancelAnimationFrame(this.#frame)
    this.#avatar?.dispose()
    this.#scenery.dispose()
    this.#renderer.dispose()
  }

  #run() {
    cancelAnimationFrame(this.#frame)
    if (!this.#film) this.#frame = requestAnimationFrame(this.#draw)
  }

  readonly #draw = (nowMs: number) => {
    this.#frame = requestAnimationFrame(this.#draw)
    const ms = nowMs - this.#lastMs
    if (this.#software && ms < SOFTWARE_FRAME_MS) return
    this.#lastMs = nowMs
    if (this.#lost) return
    if (this.#governor.frame(ms)) this.#drain = this.#software ? DRAIN_FRAMES : 0
    if (this.#drain !== undefined && this.#drain-- > 0) return
    if (this.#drain !== undefined) {
      this.#drain = undefined
      this.#resize()
    }
    this.#move(Math.min(LONGEST_STEP_S, Math.max(0, ms / 1000)), this.onframe)
    this.#renderer.render(this.#scene, this.#view.camera)
  }

  #move(dt: number, act: (acting: Acting) => void) {
    const avatar = this.#avatar
    if (avatar) act(avatar.acting)
    this.#view.move(dt, avatar?.weight ?? MIDDLE)
    if (avatar) {
      avatar.move(dt, this.#view.camera, this.#liveliness)
      const { x, z, lift } = avatar.weight
      this.#scenery.move(dt, x, z, lift)
    } else this.#scenery.move(dt, 0, 0, 0)
  }

  #listen() {
    const { signal } = this.#ending
    const watcher = new ResizeObserver(() => this.#resize())
    watcher.observe(this.#canvas)
    signal.addEventListener('abort', () => watcher.disconnect())
    // A hidden page gets no animation frames anyway; cancelled, it cannot get one late either.
    document.addEventListener(
      'visibilitychange',
      () => {
        cancelAnimationFrame(this.#frame)
        if (!document.hidden && this.#avatar) this.#run()
      },
      { signal },
    )
    this.#canvas.addEventListener(
      'webglcontextlost',
      (event) => {
        event.preventDefault() // else it is never given back
        this.#lost = true
        this.onlost(true)
      },
      { signal },
    )
    this.#canvas.addEventListener(
      'webglcontextrestored',
      () => {
        this.#lost = false
        this.#resize()
        this.onlost(false)
      },
      { signal },
    )
    this.#followPointer(signal)
  }

  /** The eyes follow the pointer wherever it is on the page; dragging on the stage walks around the avatar. */
  #followPointer(signal: AbortSignal) {
    const fingers = new Map<number, Vector2>()
    let moved = 0
    window.addEventListener(
      'pointermove',
      ({ clientX, clientY }) => {
        const { left, top, width, height } = this.#canvas.getBoundingClientRect()
        this.#avatar?.notice(((clientX - left) / width) * 2 - 1, 1 - ((clientY - top) / height) * 2)
      },
      { signal, passive: true },
    )
    const canvas = this.#canvas
    canvas.addEventListener(
      'pointerdown',
      (event) => {
        canvas.setPointerCapture(event.pointerId)
        fingers.set(event.pointerId, new Vector2(event.clientX, event.clientY))
        moved = 0
      },
      { signal },
    )
    canvas.addEventListener(
      'pointermove',
      ({ pointerId, clientX, clientY }) => {
        const finger = fingers.get(pointerId)
        if (!finger) return
        const before = spread(fingers)
        const [dx, dy] = [clientX - finger.x, clientY - finger.y]
        finger.set(clientX, clientY)
        moved += Math.hypot(dx, dy)
        if (fingers.size > 1) this.#view.zoom(before / Math.max(1, spread(fingers)))
        else this.#view.orbit(-dx * 0.006, dy * 0.004)
      },
      { signal },
    )
    for (const kind of ['pointerup', 'pointercancel'] as const)
      canvas.addEventListener(
        kind,
        (event) => {
          fingers.delete(event.pointerId)
          if (kind === 'pointerup' && moved < 6) this.#touch(event)
        },
        { signal },
      )
    canvas.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault()
        this.#view.zoom(Math.exp(event.deltaY * 0.001))
      },
      { signal, passive: false },
    )
    canvas.addEventListener('dblclick', () => this.#view.reset(), { signal })
    canvas.addEventListener('keydown', (event) => this.#steer(event), { signal })
  }

  #touch({ clientX, clientY }: PointerEvent) {
    if (!this.#avatar) return
    const { left, top, width, height } = this.#canvas.getBoundingClientRect()
    pointer.set(((clientX - left) / width) * 2 - 1, 1 - ((clientY - top) / height) * 2)
    raycaster.setFromCamera(pointer, this.#view.camera)
    if (raycaster.intersectObject(this.#avatar.vrm.scene, true).length) this.#avatar.poke()
  }

  #steer(event: KeyboardEvent) {
    const step = 0.14
    const steps: Readonly<Record<string, () => void>> = {
      ArrowLeft: () => this.#view.orbit(-step, 0),
      ArrowRight: () => this.#view.orbit(step, 0),
      ArrowUp: () => this.#view.orbit(0, step),
      ArrowDown: () => this.#view.orbit(0, -step),
      '+': () => this.#view.zoom(0.9),
      '=': () => this.#view.zoom(0.9),
      '-': () => this.#view.zoom(1.1),
      '0': () => this.#view.reset(),
      Enter: () => this.#avatar?.poke(),
    }
    const act = steps[event.key]
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    act()
  }

  #resize() {
    const { clientWidth, clientHeight } = this.#canvas
    const { width, height } = this.#film ?? { width: clientWidth, height: clientHeight }
    this.#renderer.setPixelRatio(this.#film ? 1 : this.#governor.ratio)
    this.#renderer.setSize(width, height, false)
    this.#view.resize(width, height)
  }
}

/** 30 frames a second on a screen of 60 Hz, with room for a timer that is early. */
const SOFTWARE_FRAME_MS = 26
/**
 * Changing the size waits for all that is still being drawn, which in software holds the page up for some 45 ms: two
 * frames are left out first, and it finds nothing to wait for.
 */
const DRAIN_FRAMES = 2
const SOFTWARE_PACE = { slowMs: 42, fastMs: 34.5 }

/** Where nobody has gone away from. */
const MIDDLE = { x: 0, z: 0 }

const raycaster = new Raycaster()
const pointer = new Vector2()

/** How far two fingers are apart. */
const spread = (fingers: ReadonlyMap<number, Vector2>) => {
  const [a, b] = fingers.values()
  return a && b ? a.distanceTo(b) : 1
}

const open = (canvas: HTMLCanvasElement, antialias: boolean) => {
  try {
    return new WebGLRenderer({ canvas, alpha: true, antialias, powerPreference: 'high-performance' })
  } catch (cause) {
    throw new Fault('unsupported', 'no WebGL', { detail: { what: 'webgl' }, cause })
  }
}

/** By the renderer's name: SwiftShader (Chromium), llvmpipe (Mesa), Microsoft's basic renderer, Apple's. */
const drawsInSoftware = () => {
  const gl = document.createElement('canvas').getContext('webgl2')
  const info = gl?.getExtension('WEBGL_debug_renderer_info')
  const name = info ? String(gl!.getParameter(info.UNMASKED_RENDERER_WEBGL)) : ''
  gl?.getExtension('WEBGL_lose_context')?.loseContext()
  return /swiftshader|llvmpipe|basic render|software/i.test(name)
}
