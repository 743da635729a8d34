/** @file Work in a worker that tells of itself, as a stream of steps. */

/**
 * What the work tells, until it ends or throws. A reader that is slow gets the latest progress, not all of it: no step that a
 * later one `outdates`. One that leaves stops the work, and learns nothing more before the work has laid down what it held.
 */
export async function* told<Step extends object>(
  signal: AbortSignal,
  work: (signal: AbortSignal, tell: (step: Step) => void) => Promise<void>,
  outdates: (step: Step, before: Step) => boolean,
): AsyncGenerator<Step, void> {
  signal.throwIfAborted()
  const steps: Step[] = []
  const state = { ended: false }
  let wake = () => {
    // Nobody waits yet.
  }
  const tell = (step: Step) => {
    const older = steps.findIndex((before) => outdates(step, before))
    if (older < 0) steps.push(step)
    else steps[older] = step
    wake()
  }
  const scope = within(signal)
  const done = work(scope.signal, tell).finally(() => {
    state.ended = true
    wake()
  })
  done.catch(() => undefined) // thrown below, when everything has been told
  try {
    for (;;) {
      for (let step = steps.shift(); step; step = steps.shift()) yield step
      if (state.ended) break
      await new Promise<void>((resolve) => (wake = resolve))
    }
    await done
  } finally {
    scope.stop()
    await done.catch(() => undefined)
  }
}

/** A signal that also ends for a reason of one's own. `stop` when the work is over, too: it lets go of the outer one. */
export const within = (outer: AbortSignal) => {
  const own = new AbortController()
  const stop = () => {
    outer.removeEventListener('abort', stop)
    own.abort(outer.aborted ? outer.reason : undefined)
  }
  if (outer.aborted) stop()
  else outer.addEventListener('abort', stop)
  return { signal: own.signal, stop }
}

/** The work, some ten times a second however often it is asked for. */
export const pacer = (work: () => void) => {
  let last = -Infinity
  return () => {
    const now = performance.now()
    if (now - last < 100) return
    last = now
    work()
  }
}
