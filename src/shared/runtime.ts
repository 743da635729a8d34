/**
 * @file ONNX Runtime's WebAssembly, compiled once for all workers of a page: the first that needs it compiles it and hands it
 * over, and the page lends it to those that come later. Unpacking and compiling 27 MB is most of what starting one takes.
 */

const RUNTIME = 'proscenium:runtime'

interface Loan {
  readonly type: typeof RUNTIME
  readonly module: WebAssembly.Module | undefined
}

/** The page's end. */
class Runtime {
  #module: WebAssembly.Module | undefined

  /** What has been compiled so far goes to this worker, or comes from it. Before its first call. */
  lend(worker: Worker): Worker {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = ({ data }: MessageEvent<WebAssembly.Module>) => {
      this.#module ??= data
      port1.close()
    }
    worker.postMessage({ type: RUNTIME, module: this.#module } satisfies Loan, [port2])
    return worker
  }
}

/** That of this page. */
export const runtime = new Runtime()

let loan: Loan | undefined
let owner: MessagePort | undefined

/** The worker's end: listen. To be called at once, by a worker's own file: the loan is the first thing that comes. */
export const acceptRuntime = () =>
  self.addEventListener('message', ({ data, ports }: MessageEvent<unknown>) => {
    if (typeof data !== 'object' || data === null || !('type' in data) || data.type !== RUNTIME) return
    loan = data as Loan
    owner = ports[0]
  })

/** The runtime as the page has lent it; otherwise compiled now, and handed over to the page. */
export const takeRuntime = async (
  compile: () => Promise<WebAssembly.Module>,
): Promise<WebAssembly.Module> => {
  if (loan?.module) return loan.module
  const module = await compile()
  owner?.postMessage(module)
  return module
}
