/**
 * Looks at avatars: renders contact sheets of VRM files in headless Chromium with three.js and three-vrm.
 *
 *   node scripts/avatars/look.js public/avatars/pip.vrm --out /tmp/sheets
 *   node scripts/avatars/look.js pip.vrm --sheets turn,faces --cell 420
 *
 * Sheets: turn, faces, blends, poses, lights, motion, hands, profile, small. The tool also prints what three-vrm found
 * in the file and every warning of the page. `--shots file.json` renders a sheet of your own: an array of shots as they
 * are defined in SHEETS below.
 */

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright'
import { chromiumFlags, requireBrowser } from '../browser.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/**
 * @typedef {object} Shot
 * @property {string} label
 * @property {string} [pose] name of a pose
 * @property {Record<string, [number, number, number]>} [bones] extra rotations in degrees
 * @property {Record<string, number>} [face] expression weights
 * @property {[number, number]} [gaze] yaw and pitch in degrees for the look-at
 * @property {number} [yaw] of the camera around the avatar, degrees
 * @property {number} [pitch] of the camera, degrees
 * @property {'body' | 'head' | 'face' | 'hand' | 'tiny' | 'feet'} [frame]
 * @property {[number, number, number]} [at] looks at this place instead of the frame's
 * @property {number} [span] metres across the picture
 * @property {[string, string]} [backdrop] colours of a gradient behind the avatar, top and bottom
 * @property {'neutral' | 'stage' | 'spotlight' | 'neon' | 'dim' | 'warm' | 'shadow'} [light]
 * @property {string} [motion] name of a motion, simulated with springs up to `time`
 * @property {number} [time] seconds
 * @property {number} [fps]
 */

const EXPRESSIONS = [
  'neutral',
  'happy',
  'angry',
  'sad',
  'relaxed',
  'surprised',
  'blink',
  'blinkLeft',
  'blinkRight',
  'aa',
  'ih',
  'ou',
  'ee',
  'oh',
  'lookUp',
  'lookDown',
  'lookLeft',
  'lookRight',
]

/** @type {Record<string, Shot[]>} */
const SHEETS = {
  turn: [
    { label: 'front', yaw: 0 },
    { label: 'three-quarter', yaw: 35 },
    { label: 'side', yaw: 90 },
    { label: 'back three-quarter', yaw: 145 },
    { label: 'back', yaw: 180 },
    { label: 'T-pose', pose: 'tpose' },
    { label: 'from below', yaw: 25, pitch: -22 },
    { label: 'from above', yaw: -25, pitch: 30 },
  ],
  profile: [
    { label: 'face', frame: 'face' },
    { label: 'face 25', frame: 'face', yaw: 25 },
    { label: 'face 50', frame: 'face', yaw: 50 },
    { label: 'face 75', frame: 'face', yaw: 75 },
    { label: 'face 90', frame: 'face', yaw: 90 },
    { label: 'face from below', frame: 'face', pitch: -25 },
    { label: 'face from above', frame: 'face', pitch: 30 },
    { label: 'happy 60', frame: 'face', yaw: -60, face: { happy: 1 } },
  ],
  faces: EXPRESSIONS.map((e) => ({ label: e, frame: 'face', face: e === 'neutral' ? {} : { [e]: 1 } })),
  blends: [
    { label: 'blink 0.25', frame: 'face', face: { blink: 0.25 } },
    { label: 'blink 0.5', frame: 'face', face: { blink: 0.5 } },
    { label: 'blink 0.75', frame: 'face', face: { blink: 0.75 } },
    { label: 'happy + aa', frame: 'face', face: { happy: 1, aa: 1 } },
    { label: 'happy + ih', frame: 'face', face: { happy: 1, ih: 1 } },
    { label: 'happy + ou', frame: 'face', face: { happy: 1, ou: 1 } },
    { label: 'happy + ee', frame: 'face', face: { happy: 1, ee: 1 } },
    { label: 'happy + oh', frame: 'face', face: { happy: 1, oh: 1 } },
    { label: 'happy + blink', frame: 'face', face: { happy: 1, blink: 1 } },
    { label: 'happy 0.5', frame: 'face', face: { happy: 0.5 } },
    { label: 'happy 0.5 + aa 0.5', frame: 'face', face: { happy: 0.5, aa: 0.5 } },
    { label: 'sad + aa', frame: 'face', face: { sad: 1, aa: 1 } },
    { label: 'sad + blink', frame: 'face', face: { sad: 1, blink: 1 } },
    { label: 'angry + aa', frame: 'face', face: { angry: 1, aa: 1 } },
    { label: 'angry + ee', frame: 'face', face: { angry: 1, ee: 1 } },
    { label: 'angry + blink', frame: 'face', face: { angry: 1, blink: 1 } },
    { label: 'relaxed + oh', frame: 'face', face: { relaxed: 1, oh: 1 } },
    { label: 'relaxed + blink', frame: 'face', face: { relaxed: 1, blink: 1 } },
    { label: 'surprised + oh', frame: 'face', face: { surprised: 1, oh: 1 } },
    { label: 'surprised + aa', frame: 'face', face: { surprised: 1, aa: 1 } },
    { label: 'surprised + blink', frame: 'face', face: { surprised: 1, blink: 1 } },
    { label: 'aa 0.5 + oh 0.5', frame: 'face', face: { aa: 0.5, oh: 0.5 } },
    { label: 'aa 0.4', frame: 'face', face: { aa: 0.4 } },
    { label: 'gaze left up', frame: 'face', gaze: [40, -30] },
    { label: 'gaze right down', frame: 'face', gaze: [-40, 30] },
    { label: 'gaze left, happy', frame: 'face', gaze: [40, 0], face: { happy: 1 } },
    { label: 'gaze down, blink 0.5', frame: 'face', gaze: [0, 30], face: { blink: 0.5 } },
    { label: 'joy', frame: 'face', face: { joy: 1 } },
  ],
  poses: [
    { label: 'rest', pose: 'rest' },
    { label: 'arms up', pose: 'armsUp', motion: 'still', time: 1 },
    { label: 'arms crossed', pose: 'crossed', motion: 'still', time: 1 },
    { label: 'arms crossed side', pose: 'crossed', yaw: 50, motion: 'still', time: 1 },
    { label: 'arms forward', pose: 'forward', yaw: 40, motion: 'still', time: 1 },
    { label: 'wave', pose: 'wave', motion: 'still', time: 1, face: { happy: 1 } },
    { label: 'sitting', pose: 'sit', motion: 'still', time: 1 },
    { label: 'sitting side', pose: 'sit', yaw: 70, motion: 'still', time: 1 },
    { label: 'stride', pose: 'stride', yaw: 60, motion: 'still', time: 1 },
    { label: 'stride front', pose: 'stride', motion: 'still', time: 1 },
    { label: 'head 60', pose: 'headTurn', motion: 'still', time: 1 },
    { label: 'twist', pose: 'twist', motion: 'still', time: 1 },
    { label: 'lunge', pose: 'lunge', motion: 'still', time: 1 },
    { label: 'elbows', pose: 'elbows', motion: 'still', time: 1 },
    { label: 'bow', pose: 'bow', yaw: 60, motion: 'still', time: 1 },
    { label: 'kick', pose: 'kick', yaw: 50, motion: 'still', time: 1 },
  ],
  lights: [
    ...['neutral', 'stage', 'spotlight', 'neon', 'dim', 'warm', 'shadow'].map((light) => ({
      label: light,
      light: /** @type {Shot['light']} */ (light),
      yaw: 20,
    })),
    ...['stage', 'spotlight', 'neon', 'dim', 'warm', 'shadow'].map((light) => ({
      label: `face, ${light}`,
      light: /** @type {Shot['light']} */ (light),
      frame: /** @type {const} */ ('head'),
      yaw: -20,
    })),
  ],
  hands: [
    { label: 'open', pose: 'tpose', frame: 'hand', pitch: 35 },
    { label: 'open below', pose: 'tpose', frame: 'hand', pitch: -40 },
    { label: 'relaxed', pose: 'tpose', frame: 'hand', pitch: 35, bones: fingers(25, 10) },
    { label: 'fist', pose: 'tpose', frame: 'hand', pitch: 35, bones: fingers(80, 35) },
    { label: 'fist below', pose: 'tpose', frame: 'hand', pitch: -40, bones: fingers(80, 35) },
    {
      label: 'point',
      pose: 'tpose',
      frame: 'hand',
      pitch: 35,
      bones: { ...fingers(80, 35), ...straight('Index') },
    },
    { label: 'fist front', pose: 'tpose', frame: 'hand', pitch: 0, bones: fingers(80, 35) },
    { label: 'wrist bent', pose: 'tpose', frame: 'hand', bones: { leftHand: [0, 0, -60] } },
  ],
  motion: [
    ...[0.25, 0.5, 0.75, 1, 1.25, 1.5].map((time) => ({ label: `spin ${time}`, motion: 'spin', time })),
    ...[0.2, 0.35, 0.5, 0.65, 0.8, 2].map((time) => ({ label: `jump ${time}`, motion: 'jump', time })),
    ...[0.5, 1, 1.5, 2].map((time) => ({ label: `sway ${time} 30 Hz`, motion: 'sway', time, fps: 30 })),
    ...[0.5, 1, 1.5, 2].map((time) => ({ label: `walk ${time}`, motion: 'walk', time, yaw: 40 })),
  ],
  small: [
    { label: 'tiny', frame: 'tiny' },
    { label: 'tiny happy', frame: 'tiny', face: { happy: 1 } },
    { label: 'tiny angry', frame: 'tiny', face: { angry: 1 } },
    { label: 'tiny sad', frame: 'tiny', face: { sad: 1 } },
    { label: 'tiny surprised', frame: 'tiny', face: { surprised: 1 } },
    { label: 'tiny relaxed', frame: 'tiny', face: { relaxed: 1 } },
    { label: 'tiny aa', frame: 'tiny', face: { aa: 1 } },
    { label: 'tiny side', frame: 'tiny', yaw: 75 },
  ],
}

/** @param {number} bend @param {number} thumb degrees */
function fingers(bend, thumb) {
  /** @type {Record<string, [number, number, number]>} */
  const bones = {}
  for (const f of ['Index', 'Middle', 'Ring', 'Little'])
    for (const j of ['Proximal', 'Intermediate', 'Distal']) bones[`left${f}${j}`] = [0, 0, -bend]
  bones.leftThumbMetacarpal = [0, thumb * 0.4, 0]
  bones.leftThumbProximal = [0, thumb, 0]
  bones.leftThumbDistal = [0, thumb * 1.3, 0]
  return bones
}

/** @param {string} finger */
function straight(finger) {
  /** @type {Record<string, [number, number, number]>} */
  const bones = {}
  for (const j of ['Proximal', 'Intermediate', 'Distal']) bones[`left${finger}${j}`] = [0, 0, 0]
  return bones
}

/** The viewer's page; its script is `look-page.js`. */
const PAGE = `<!doctype html><meta charset="utf-8">
<style>body{margin:0;background:#888}canvas{display:block}</style>
<script type="importmap">{"imports":{
  "three":"/node_modules/three/build/three.module.js",
  "three/addons/":"/node_modules/three/examples/jsm/",
  "@pixiv/three-vrm":"/node_modules/@pixiv/three-vrm/lib/three-vrm.module.js"
}}</script>
<script type="module" src="/scripts/avatars/look-page.js"></script>`

const TYPES = {
  '.js': 'text/javascript',
  '.html': 'text/html',
  '.vrm': 'model/gltf-binary',
  '.map': 'application/json',
}

/**
 * A page with the viewer in it. The files of the repository are served under /, the avatars under /file/.
 * @param {string[]} files
 */
export async function openViewer(files) {
  const server = createServer(async (req, res) => {
    const url = decodeURIComponent(new URL(req.url ?? '/', 'http://localhost').pathname)
    try {
      if (url === '/') return res.setHeader('content-type', 'text/html').end(PAGE)
      if (url === '/favicon.ico') return res.end()
      const file = url.startsWith('/file/') ? files[Number(url.slice(6))] : path.join(ROOT, url)
      const type = TYPES[/** @type {keyof TYPES} */ (path.extname(file))] ?? 'application/octet-stream'
      res.setHeader('content-type', type).end(await readFile(file))
    } catch {
      res.statusCode = 404
      res.end()
    }
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(null)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const browser = await chromium.launch({ executablePath: requireBrowser(), args: chromiumFlags })
  const page = await browser.newPage()
  /** @type {string[]} */
  const complaints = []
  page.on('console', (m) => {
    // Software GL reports every read-back as a stall.
    if (m.type() === 'log' || m.text().includes('GPU stall')) return
    complaints.push(`[${m.type()}] ${m.text()}`)
  })
  page.on('pageerror', (e) => complaints.push(`[page] ${e.stack ?? e}`))
  await page.goto(`http://127.0.0.1:${port}/`)
  await page.waitForFunction('window.look')
  const call = (/** @type {string} */ name, /** @type {unknown[]} */ args) =>
    page.evaluate(`window.look.${name}(...${JSON.stringify(args)})`)
  return {
    /** What three-vrm found in the file with the given index. @param {number} i */
    load: (i) => call('load', [`/file/${i}`]),
    /** A contact sheet as a PNG file. @param {Shot[]} shots @param {number} cell @param {number} columns */
    sheet: async (shots, cell, columns) => bytesOf(await call('sheet', [shots, cell, columns])),
    /**
     * One picture as a file.
     * @param {Shot} shot
     * @param {number} size
     * @param {'image/png' | 'image/webp'} type
     */
    portrait: async (shot, size, type) => bytesOf(await call('portrait', [shot, size, type])),
    complaints,
    close: async () => {
      await browser.close()
      server.close()
    },
  }
}

/** @param {unknown} dataUrl */
function bytesOf(dataUrl) {
  const text = String(dataUrl)
  return Buffer.from(text.slice(text.indexOf(',') + 1), 'base64')
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: 'string', default: '.' },
      sheets: { type: 'string', default: Object.keys(SHEETS).join(',') },
      shots: { type: 'string' },
      cell: { type: 'string', default: '360' },
      columns: { type: 'string' },
    },
  })
  if (!positionals.length) throw new Error('name at least one .vrm file')
  const files = positionals.map((f) => path.resolve(f))
  await mkdir(values.out, { recursive: true })
  /** @type {[string, Shot[]][]} */
  const wanted = values.shots
    ? [[path.basename(values.shots, '.json'), JSON.parse(await readFile(values.shots, 'utf8'))]]
    : values.sheets.split(',').map((name) => {
        if (!SHEETS[name]) throw new Error(`no sheet is called ${name}`)
        return [name, SHEETS[name]]
      })
  const viewer = await openViewer(files)
  try {
    for (const [i, file] of files.entries()) {
      console.log(path.basename(file), JSON.stringify(await viewer.load(i)))
      for (const [name, shots] of wanted) {
        const columns = Number(values.columns ?? Math.min(shots.length, shots.length > 16 ? 6 : 4))
        const out = path.join(values.out, `${path.basename(file, '.vrm')}-${name}.png`)
        await writeFile(out, await viewer.sheet(shots, Number(values.cell), columns))
        console.log(out)
      }
    }
  } finally {
    await viewer.close()
    for (const line of viewer.complaints) console.log(line)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
