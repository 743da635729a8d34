/** @file What a frame costs the page, whether anything holds it up, and whether anything is left behind. */
import { trace } from './trace.js'
import { median, newPage, plainPage, quantile, raise, settle } from './visit.js'

/** @typedef {import('./visit.js').Page} Page */

const SECONDS = 8
const LONG =
  'This is a long story about a small town by the sea, where the lighthouse keeper sang to the ships every evening. ' +
  'Nobody knew where she had learned the songs, but the sailors swore that they could hear them for many miles. ' +
  'One night the fog came in so thick that even the gulls lost their way, and still she sang until the morning.'

/** @type {import('./run.js').Suite} */
export const suite = async ({ launch, say }) => {
  const server = await raise()
  const browser = await launch()
  const page = await newPage(await browser.newContext({ viewport: { width: 1280, height: 720 } }))
  await settle(page, server.url)
  // What happens once (shaders of a gesture's first frame, tiers of the compiler) is not what a frame costs.
  await page.waitForTimeout(3000)
  const idle = await trace(page, browser, () => page.waitForTimeout(SECONDS * 1000))
  await page.getByRole('textbox').fill(LONG)
  await page.waitForTimeout(400)
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => globalThis.proscenium.speech.phase === 'speaking')
  const speaking = await trace(page, browser, () => page.waitForTimeout(SECONDS * 1000))
  await page.getByRole('button', { name: 'Stop' }).click()
  await page.context().close()
  const quiet = await plainPage(await browser.newContext({ viewport: { width: 1280, height: 720 } }))
  await settle(quiet, server.url)
  const heap = await heapGrowth(quiet, say)
  await browser.close()
  await server.close()
  const script = 'script on the main thread between two animation frames (trace, all top-level tasks), median'
  return {
    scriptIdle: {
      value: median(idle.scriptMs),
      unit: 'ms',
      bar: 4,
      how: `${script} over ${SECONDS} s, avatar idle`,
    },
    scriptSpeaking: {
      value: median(speaking.scriptMs),
      unit: 'ms',
      bar: 4,
      how: 'the same while it speaks',
    },
    scriptSpeakingP95: {
      value: quantile(speaking.scriptMs, 0.95),
      unit: 'ms',
      how: 'the same, 95th percentile',
    },
    longestTaskSpeaking: {
      value: speaking.longestMs,
      unit: 'ms',
      bar: 50,
      how: 'the longest task of the main thread while it speaks (trace)',
    },
    frameSpeaking: {
      value: median(speaking.frameMs),
      unit: 'ms',
      how: 'from frame to frame while it speaks, median',
    },
    heapGrowth: {
      value: heap.late.held / heap.early.held,
      unit: '×',
      bar: 1.1,
      how: `what the page holds after a collection (heap snapshot, machine code left out): after 200 utterances and 20 changes of avatar (${mega(heap.late.held)}) by after 20 and 2 (${mega(heap.early.held)})`,
    },
    heapGrowthWithCode: {
      value: heap.late.used / heap.early.used,
      unit: '×',
      how: `the same with what V8 has compiled by then, which grows until everything is compiled (${mega(heap.late.used)} by ${mega(heap.early.used)}; Runtime.getHeapUsage)`,
    },
  }
}

/** @param {Page} page @param {(line: string) => void} say */
const heapGrowth = async (page, say) => {
  const client = await page.context().newCDPSession(page)
  const heap = async () => {
    for (let i = 0; i < 3; i++) await client.send('HeapProfiler.collectGarbage')
    const { usedSize } = await client.send('Runtime.getHeapUsage')
    return { used: usedSize, held: await held(client) }
  }
  /** @param {number} utterances @param {number} changes */
  const work = async (utterances, changes) => {
    for (let i = 0; i < utterances; i++) {
      await page.evaluate((n) => globalThis.proscenium.say(`Number ${n}.`), i)
      if (i % Math.round(utterances / changes) === 0)
        await page.evaluate(async () => {
          const { cast, show, bring } = globalThis.proscenium
          const { members } = cast
          const next = members[(members.findIndex(({ id }) => id === show.onStage?.id) + 1) % members.length]
          if (next) await bring.call(globalThis.proscenium, next)
        })
    }
  }
  say('  (200 utterances and 20 changes of avatar: some minutes)')
  await work(20, 2)
  const early = await heap()
  await work(180, 18)
  const late = await heap()
  return { early, late }
}

/**
 * Bytes of all objects in a heap snapshot but V8's own code objects.
 * @param {import('playwright').CDPSession} client
 */
const held = async (client) => {
  /** @type {string[]} */
  const chunks = []
  const collect = (/** @type {{ chunk: string }} */ { chunk }) => void chunks.push(chunk)
  client.on('HeapProfiler.addHeapSnapshotChunk', collect)
  await client.send('HeapProfiler.takeHeapSnapshot', {})
  client.off('HeapProfiler.addHeapSnapshotChunk', collect)
  /** @type {{ snapshot: { meta: { node_fields: string[], node_types: string[][] } }, nodes: number[] }} */
  const { snapshot, nodes } = JSON.parse(chunks.join(''))
  const { node_fields: fields, node_types: types } = snapshot.meta
  const code = types[0]?.indexOf('code')
  const [type, size] = [fields.indexOf('type'), fields.indexOf('self_size')]
  let bytes = 0
  for (let i = 0; i < nodes.length; i += fields.length)
    if (nodes[i + type] !== code) bytes += nodes[i + size] ?? 0
  return bytes
}

const mega = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(1)} MB`
