/** @file What the main thread does, from the browser's own timeline. */

/** @typedef {{ name: string, ph: string, ts: number, dur?: number, tid: number, pid: number }} TraceEvent */

/**
 * The main thread while something goes on: script a frame, frames, the longest task; all in ms.
 * @param {import('playwright').Page} page @param {import('playwright').Browser} browser @param {() => Promise<void>} work
 */
export const trace = async (page, browser, work) => {
  await browser.startTracing(page, {
    categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'toplevel', 'v8'],
  })
  await work()
  const { traceEvents } = /** @type {{ traceEvents: TraceEvent[] }} */ (
    JSON.parse((await browser.stopTracing()).toString())
  )
  const frame = traceEvents.find(({ name }) => name === 'FireAnimationFrame')
  const main = traceEvents
    .filter(({ pid, tid, ph }) => ph === 'X' && pid === frame?.pid && tid === frame.tid)
    .sort((a, b) => a.ts - b.ts)
  const frames = main.filter(({ name }) => name === 'FireAnimationFrame').map(({ ts }) => ts)
  // Several callbacks may belong to one frame: they come within a few milliseconds.
  const starts = frames.filter((ts, i) => i === 0 || ts - (frames[i - 1] ?? 0) > 4000)
  const script = main.filter(({ name }) =>
    [
      'FireAnimationFrame',
      'FunctionCall',
      'EvaluateScript',
      'TimerFire',
      'EventDispatch',
      'RunMicrotasks',
      'v8.callFunction',
    ].includes(name),
  )
  const scriptMs = starts.slice(0, -1).map((start, i) => {
    const end = starts[i + 1] ?? 0
    let until = 0
    let spent = 0
    for (const { ts, dur = 0 } of script)
      // Nested ones are part of the one around them.
      if (ts >= start && ts < end && ts >= until) {
        until = ts + dur
        spent += dur
      }
    return spent / 1000
  })
  const tasks = main.filter(({ name }) => name === 'RunTask' || name === 'ThreadControllerImpl::RunTask')
  return {
    scriptMs,
    frameMs: starts.slice(1).map((ts, i) => (ts - (starts[i] ?? 0)) / 1000),
    longestMs: Math.max(0, ...tasks.map(({ dur = 0 }) => dur)) / 1000,
  }
}
