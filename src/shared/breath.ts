/** Who waits for the thread, the first first: messages of a channel come in the order in which they were sent. */
const waiting: (() => void)[] = []
let channel: MessageChannel | undefined

/** One for all: to open and close a channel costs more than many messages. */
const opened = () => {
  const made = new MessageChannel()
  made.port1.onmessage = () => waiting.shift()?.()
  return made
}

/** Let the thread draw and answer what is waiting, then go on. Not a timer: those wait 4 ms each. */
export const breath = () =>
  new Promise<void>((resolve) => {
    channel ??= opened()
    waiting.push(resolve)
    channel.port2.postMessage(null)
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
