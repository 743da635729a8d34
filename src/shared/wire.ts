/**
 * @file What may cross a thread, beyond what structured clone carries: a Fault, an AbortSignal, a stream.
 *
 * Imported by both ends, so that importing it is all either end has to do. Comlink looks only at the
 * arguments and the return value themselves, never inside them: a signal or a stream must be one of those.
 */
import {
  expose,
  transfer,
  transferHandlers,
  wrap,
  type Endpoint,
  type Remote,
  type TransferHandler,
} from 'comlink'
import { Fault, type FaultCode } from './fault'

export type { Remote }

/** The page's end. Wrap a worker once only: two wraps leave two listeners and promises that never settle. */
export const connect = <T>(endpoint: Endpoint): Remote<T> => wrap<T>(endpoint)

/** The worker's end. Call once, last, in a worker's own file. */
export const serve = (api: object) => {
  // A rejection nobody awaited is invisible outside a worker. Thrown from a timer it becomes an `error` event.
  self.addEventListener('unhandledrejection', ({ reason }) => {
    setTimeout(() => {
      throw reason
    })
  })
  self.addEventListener('message', ({ data, ports }: MessageEvent<unknown>) => {
    if (data !== PULSE) return
    const [port] = ports
    port!.onmessage = () => port!.postMessage(null)
  })
  expose(api)
}

/**
 * A line to the worker's event loop, apart from its calls: each message on the port is answered at once, unless
 * the thread is busy or dead. `Host` listens to it, because neither a hang nor a kill by the system is an event.
 */
export const takePulse = (worker: Worker): MessagePort => {
  const { port1, port2 } = new MessageChannel()
  worker.postMessage(PULSE, [port2])
  return port1
}

/** Mark an argument of a call so that its buffers are moved to the worker, not copied. */
export const give: <T extends object>(argument: T, buffers: Transferable[]) => T = transfer

/** Mark a streamed chunk so that its buffers are moved to the reader, not copied. The writer must not use them again. */
export const handOver = <T extends object>(chunk: T, buffers: Transferable[]): T => {
  handedOver.set(chunk, buffers)
  return chunk
}

const PULSE = 'proscenium:pulse'
const handedOver = new WeakMap<object, Transferable[]>()

interface WireFault {
  code: FaultCode
  message: string
  stack: string | undefined
  detail: Record<string, unknown>
  cause: WireFault | undefined
}

const encode = (thrown: unknown): WireFault => {
  const e = thrown instanceof Error ? thrown : new Error(String(thrown))
  return {
    code: codeOf(e),
    message: e.message,
    stack: e.stack,
    detail: e instanceof Fault ? e.detail : {},
    cause: e.cause === undefined ? undefined : encode(e.cause),
  }
}

const codeOf = (e: Error): FaultCode => {
  if (e instanceof Fault) return e.code
  if (e.name === 'AbortError') return 'aborted'
  if (e.name === 'QuotaExceededError') return 'no-room'
  // V8: "Array buffer allocation failed", "WebAssembly.Memory.grow(): Unable to grow", "could not allocate memory";
  // Gecko: "out of memory"; JSC: "Out of memory". A RangeError for any other reason names an index, a length or a size.
  if (e instanceof RangeError && /allocat|memory|unable to grow/i.test(e.message)) return 'out-of-memory'
  return 'unknown'
}

const decode = ({ code, message, stack, detail, cause }: WireFault): Fault => {
  const fault = new Fault(code, message, { detail, ...(cause && { cause: decode(cause) }) })
  if (stack) fault.stack = stack
  return fault
}

// Replaces Comlink's own handler, which keeps name, message and stack and drops every other property.
const builtin = transferHandlers.get('throw')!
const fault: TransferHandler<{ value: unknown }, WireFault> = {
  canHandle: (value): value is { value: unknown } => builtin.canHandle(value),
  serialize: ({ value }) => [encode(value), []],
  deserialize: (wire) => {
    throw decode(wire)
  },
}

const signal: TransferHandler<AbortSignal, MessagePort | null> = {
  canHandle: (value): value is AbortSignal => value instanceof AbortSignal,
  serialize(signal) {
    if (signal.aborted) return [null, []]
    const { port1, port2 } = new MessageChannel()
    signal.addEventListener('abort', () => port1.postMessage(null), { once: true })
    return [port2, [port2]]
  },
  deserialize(port) {
    if (!port) return AbortSignal.abort()
    const controller = new AbortController()
    port.onmessage = () => {
      controller.abort()
      port.close()
    }
    return controller.signal
  },
}

type Step = { done: boolean; value: unknown } | { fault: WireFault }

const take = async (iterator: AsyncIterator<unknown>, what: 'next' | 'return'): Promise<Step> => {
  try {
    const result = await iterator[what]?.()
    return { done: result?.done ?? true, value: result?.value as unknown }
  } catch (e) {
    return { fault: encode(e) }
  }
}

const buffersOf = (step: Step): Transferable[] => {
  if ('fault' in step || typeof step.value !== 'object' || step.value === null) return []
  return handedOver.get(step.value) ?? []
}

// Pull-based, one message each way a chunk: a slow reader slows the writer, and `break` stops it.
const stream: TransferHandler<AsyncIterable<unknown>, MessagePort> = {
  canHandle: (value): value is AsyncIterable<unknown> =>
    typeof value === 'object' && value !== null && Symbol.asyncIterator in value,
  serialize(source) {
    const { port1, port2 } = new MessageChannel()
    const iterator = source[Symbol.asyncIterator]()
    port1.onmessage = async ({ data }: MessageEvent<'next' | 'return'>) => {
      const step = await take(iterator, data)
      port1.postMessage(step, buffersOf(step))
      if ('fault' in step || step.done) port1.close()
    }
    return [port2, [port2]]
  },
  async *deserialize(port) {
    const next = () =>
      new Promise<Step>((resolve) => {
        port.onmessage = ({ data }: MessageEvent<Step>) => resolve(data)
        port.postMessage('next')
      })
    try {
      for (let step = await next(); ; step = await next()) {
        if ('fault' in step) throw decode(step.fault)
        if (step.done) return
        yield step.value
      }
    } finally {
      port.postMessage('return')
    }
  },
}

transferHandlers.set('throw', fault)
transferHandlers.set('signal', signal)
transferHandlers.set('stream', stream)
