/**
 * @file The voices of Flite (Carnegie Mellon University), a small speech synthesiser: words in, samples with their words
 * and mouth shapes out.
 */
import type { Delivery, Mark, ModelFile, Sound, Voice } from '../../../src/shared/contracts'
import { Fault } from '../../../src/shared/fault'
import { readWav, resample } from '../../../src/shared/pcm'
import { handOver } from '../../../src/shared/wire'
import { readFile } from '../../runtime/files'
import { align } from './align'
import { Command, WAV } from './command'
import { parsePhones, visemesOf, type Phone } from './phones'
import { phrase, read, script } from './reading'

export const openFlite = async (signal: AbortSignal, files: readonly ModelFile[]): Promise<Flite> => {
  const bytes = await readFile(signal, files[0]!.url)
  const wasm = new Response(bytes, { headers: { 'content-type': 'application/wasm' } })
  const flite = new Flite(await WebAssembly.compileStreaming(wasm))
  // The first run of freshly compiled code takes twice as long: let it be a word that nobody waits for.
  flite.run({ voice: 'slt', rate: 1, pitch: 1 }, 'hello')
  return flite
}

interface Character {
  /** Factor that brings the voice's loud frames to the same RMS as the others' (measured; FULL_VOICE_RMS in audio/lips). */
  readonly gain: number
  /** The voice's mean fundamental frequency; undefined where Flite cannot change it (a mixed-excitation voice). */
  readonly f0Hz?: number
}

const CHARACTERS: Readonly<Record<string, Character>> = {
  slt: { gain: 0.9, f0Hz: 167 },
  rms: { gain: 1.5 },
  awb: { gain: 1.45, f0Hz: 122 },
  kal16: { gain: 2.8, f0Hz: 95 },
  kal: { gain: 1.15, f0Hz: 92 },
}

interface Run {
  readonly samples: Float32Array<ArrayBuffer>
  readonly sampleRate: number
  readonly phones: readonly Phone[]
}

export class Flite implements Pick<Voice, 'speak'> {
  readonly #module: WebAssembly.Module
  /** Ready for the next piece. */
  #next: Command | undefined

  constructor(module: WebAssembly.Module) {
    this.#module = module
  }

  async *speak(signal: AbortSignal, text: string, delivery: Delivery): AsyncIterable<Sound> {
    const reading = read(text)
    for (const part of reading.unspoken) yield { kind: 'unspoken', ...part }
    signal.throwIfAborted()
    if (reading.words.length === 0) return
    const { samples, sampleRate, phones } = this.run(delivery, script(reading))
    signal.throwIfAborted() // while Flite ran, nothing could be heard
    const spans = align(reading.words.map(phrase), phones)
    const marks = reading.words.flatMap(({ from, to }, i): Mark[] => {
      const span = spans[i]
      if (!span || span.end <= span.first) return []
      return [{ from, to, at: phones[span.first]!.at, until: phones[span.end - 1]!.until }]
    })
    yield handOver({ kind: 'pcm', samples, sampleRate, marks, visemes: visemesOf(phones) } as const, [
      samples.buffer,
    ])
    // Whoever waited has it by now: get ready for the next.
    this.#next ??= new Command(this.#module)
  }

  /** Say plain words. Throws `unknown` when Flite gives nothing that can be played. */
  run({ voice, rate, pitch }: Pick<Delivery, 'voice' | 'rate' | 'pitch'>, words: string): Run {
    const { gain, f0Hz } = CHARACTERS[voice] ?? CHARACTERS['slt']!
    // Where the pitch cannot be set, the voice speaks slower by the same factor and is played faster.
    const speedUp = f0Hz ? 1 : pitch
    const args = [
      '-voice',
      CHARACTERS[voice] ? voice : 'slt',
      '-psdur',
      '--setf',
      `duration_stretch=${speedUp / rate}`,
    ]
    if (f0Hz && pitch !== 1) args.push('--setf', `int_f0_target_mean=${f0Hz * pitch}`)
    const command = this.#next ?? new Command(this.#module)
    this.#next = undefined
    let result: ReturnType<Command['run']>
    try {
      result = command.run([...args, '-t', words, '-o', WAV])
    } catch (cause) {
      throw new Fault('unknown', `Flite broke down over: ${words.slice(0, 80)}`, { cause })
    }
    const { code, printed } = result
    const sound = readWav(result.wav)
    if (code !== 0 || !sound)
      throw new Fault('unknown', `Flite made no sound of: ${words.slice(0, 80)}`, {
        detail: { code, printed },
      })
    return level(trim(quicken({ ...sound, phones: parsePhones(printed) }, speedUp)), gain)
  }
}

/** Play faster by a factor, and so higher. */
const quicken = (
  { samples, sampleRate, phones }: ReturnType<typeof trim>,
  factor: number,
): ReturnType<typeof trim> =>
  factor === 1
    ? { samples, sampleRate, phones }
    : {
        samples: resample(samples, sampleRate * factor, sampleRate),
        sampleRate,
        phones: phones.map(({ name, at, until }) => ({ name, at: at / factor, until: until / factor })),
      }

/** What is kept of the silence before the first and after the last phone; the vocoder's sound overlaps it a little. */
const LEAD_S = 0.015
const TAIL_S = 0.06

/** Flite begins and ends with a fifth of a second of silence: pauses are the caller's business, and the start is urgent. */
const trim = ({ samples, sampleRate, phones }: Run): Run => {
  const spoken = phones.filter(({ name }) => name !== 'pau')
  const first = spoken[0]
  const last = spoken.at(-1)
  if (!first || !last) return { samples: samples.slice(0, 0), sampleRate, phones: [] }
  const from = Math.max(0, first.at - LEAD_S)
  const to = Math.min(samples.length / sampleRate, last.until + TAIL_S)
  return {
    samples: samples.slice(Math.round(from * sampleRate), Math.round(to * sampleRate)),
    sampleRate,
    phones: phones
      .map(({ name, at, until }) => ({ name, at: Math.max(0, at - from), until: Math.min(to, until) - from }))
      .filter(({ at, until }) => until > at),
  }
}

/** Loudness to the common level, in place; peaks beyond full scale are rounded off instead of cut. Ends fade for 5 ms. */
const level = (run: Run, gain: number): Run => {
  const { samples, sampleRate } = run
  const fade = Math.round(sampleRate * 0.005)
  for (let i = 0; i < samples.length; i++) {
    const edge = Math.min(1, i / fade, (samples.length - 1 - i) / fade)
    samples[i] = softClip(samples[i]! * gain) * edge
  }
  return run
}

/** Linear to 0.7, then bending towards 1. */
const softClip = (x: number) => {
  const over = Math.abs(x) - 0.7
  return over <= 0 ? x : Math.sign(x) * (0.7 + 0.3 * Math.tanh(over / 0.3))
}
