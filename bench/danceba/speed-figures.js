/** @file Parts of the `danceba` suite: steps, memory, the time for features. */
import { watchMemory } from '../memory.js'
import { median } from '../visit.js'

/** @typedef {import('../danceba.js').Part} Part @typedef {import('../run.js').Figure} Figure */

const STEPS = 9
const WARM = 2
const PRECISIONS = /** @type {const} */ (['fp32', 'fp16', 'int8'])
/** Seconds a step at most. */
const BARS = { fp32: 0.9, fp16: undefined, int8: 0.7 }
/** Megabytes at most. */
const ROOMS = { fp32: 1600, fp16: 900, int8: 900 }

/** @type {Part} */
export const steps = async ({ call, fresh, say }) => {
  /** @type {Record<string, Figure>} */
  const figures = {}
  for (const precision of PRECISIONS) {
    await fresh()
    const { stepsMs, scansMs } = await call('time', 'wasm', precision, WARM, STEPS)
    say(`  (${precision}: ${stepsMs.map((ms) => Math.round(ms)).join(', ')} ms)`)
    const bar = BARS[precision]
    figures[`step.${precision}`] = {
      value: median(stepsMs) / 1000,
      unit: 's',
      ...(bar !== undefined && { bar }),
      how: `one exact step: window of 28 frames, 6 + 6 + 1 blocks, phases and all scans in it, WASM, 2 threads; median of ${STEPS} after ${WARM}`,
    }
    if (precision === 'fp32')
      figures['step.scans'] = {
        value: median(scansMs) / 1000,
        unit: 's',
        bar: 0.35,
        how: 'the 18 scans of such a step, on the same 2 threads, copying included; median of the same steps',
      }
  }
  return figures
}

/** @type {Part} */
export const memory = async ({ call, fresh, page }) => {
  /** @type {Record<string, Figure>} */
  const figures = {}
  for (const precision of PRECISIONS) {
    await fresh()
    const watch = await watchMemory(page())
    await call('load', 'wasm', precision)
    const loading = watch.most()
    await call('compose', 1)
    watch.most()
    await call('compose', 4)
    watch.stop()
    figures[`memory.${precision}`] = {
      value: watch.most(),
      unit: 'MB',
      bar: ROOMS[precision],
      how: 'resident memory of the page’s process, highest in steps with a full window and the decoding of poses between them, less what the empty page has; WASM',
    }
    figures[`loading.${precision}`] = {
      value: loading,
      unit: 'MB',
      how: 'the same, highest while both networks are loaded from the files of the device',
    }
  }
  return figures
}

/** @type {Part} */
export const featureTime = async ({ call }) => {
  /** @type {number[]} */
  const times = []
  for (let i = 0; i < 3; i++) times.push((await call('timeFeatures', 180)) / 1000)
  return {
    features: {
      value: median(times),
      unit: 's',
      bar: 6,
      how: '438 features a frame of three minutes of mono sound at 44.1 kHz, resampling included, one thread; median of 3',
    },
  }
}
