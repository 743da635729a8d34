/** Let the thread draw and answer what is waiting, then go on. Not a timer: those wait 4 ms each. */
export const breath = () =>
  new Promise<void>((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })

/**
 * For work of many steps, awaited after each of them: lets the thread breathe when `sliceMs` are used up, and throws when the
 * signal has fired.
 */
export const pace = (signal: AbortSignal, sliceMs: number): (() => Promise<void>) => {
  let until = performance.now() + sliceMs
  return async () => {
    if (performance.now() < until) return
    await breath()
    signal.throwIfAborted()
    until = performance.now() + sliceMs
  }
}
