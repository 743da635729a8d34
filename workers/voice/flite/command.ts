/** @file One run of the Flite command: a WASI program runs once, from its arguments to its exit, on files in memory. */
import { ConsoleStdout, File, OpenFile, PreopenDirectory, WASI } from '@bjorn3/browser_wasi_shim'

/** The one file it may write. */
export const WAV = '/out.wav'

export class Command {
  readonly #wav = new File([])
  readonly #wasi: WASI
  readonly #instance: WebAssembly.Instance
  #printed = ''

  /** Instantiating takes some 10 ms, most of it copying the voices: best done before there is anything to say. */
  constructor(module: WebAssembly.Module) {
    const ascii = new TextDecoder('latin1')
    const out = new ConsoleStdout((bytes) => (this.#printed += ascii.decode(bytes)))
    const files = [
      new OpenFile(new File([])),
      out,
      out,
      new PreopenDirectory('/', new Map([[WAV.slice(1), this.#wav]])),
    ]
    this.#wasi = new WASI([], [], files, { debug: false })
    this.#instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: this.#wasi.wasiImport })
  }

  /** Once only. A WebAssembly trap is thrown as it comes. `wav` is empty unless `-o` names `WAV`. */
  run(args: readonly string[]): {
    readonly code: number
    readonly printed: string
    readonly wav: Uint8Array
  } {
    this.#wasi.args = ['flite', ...args]
    const code = this.#wasi.start(this.#instance as Parameters<WASI['start']>[0])
    return { code, printed: this.#printed, wav: this.#wav.data }
  }
}
