/**
 * @file HeadAudio (Mika Suominen, MIT): mouth shapes from sound, by MFCCs and Gaussian prototypes of phonemes. Run over
 * the whole clip before it is played instead of beside it in an audio worklet as it was meant: the same numbers, no
 * latency, nothing on the audio thread, and the mouth knows what comes next, which co-articulation needs.
 */
import model from '@met4citizen/headaudio/dist/model-en-mixed.bin?inline'
import * as parameters from '@met4citizen/headaudio/modules/parameters.mjs'
import { Processor, type ProcessorNews, type Prototype } from '@met4citizen/headaudio/modules/processor.mjs'
import type { VisemeCue } from '../../src/shared/contracts'
import { resample } from '../../src/shared/pcm'
import type { Viseme } from '../../src/shared/visemes'

/** HeadAudio's numbers for the shapes. */
const ORDER: readonly Viseme[] = [
  'aa',
  'E',
  'I',
  'O',
  'U',
  'PP',
  'SS',
  'TH',
  'DD',
  'FF',
  'kk',
  'nn',
  'RR',
  'CH',
  'sil',
]

/** The majority vote over six frames of 16 ms answers for a frame this much earlier than the newest. */
const VOTE_LAG_S = 0.04

/** What the shapes are worth when nothing is known but the sound: vowels follow the loudness on top of this. */
const STRENGTH = 0.85

/** Mouth shapes of a mono sound, in order, at any rate. */
export const readLips = (samples: Float32Array, sampleRate: number): VisemeCue[] => {
  // It only knows how to go down to its own rate.
  if (sampleRate < parameters.AUDIO_SAMPLE_RATE)
    return readLips(
      resample(new Float32Array(samples), sampleRate, parameters.AUDIO_SAMPLE_RATE),
      parameters.AUDIO_SAMPLE_RATE,
    )
  const cues: VisemeCue[] = []
  const say = (at: number, until: number, viseme: Viseme) => {
    const last = cues.at(-1)
    if (last?.viseme === viseme && at - last.until < 0.02) cues[cues.length - 1] = { ...last, until }
    else
      cues.push({
        at: Math.max(at, last?.until ?? 0),
        until,
        viseme,
        strength: viseme === 'sil' ? 1 : STRENGTH,
      })
  }
  const onmessage = (news: ProcessorNews) => {
    if (news.event !== 'viseme' || news.viseme === null) return
    const middle = news.t - VOTE_LAG_S
    say(Math.max(0, middle - HOP_S / 2), Math.max(0, middle + HOP_S / 2), ORDER[news.viseme] ?? 'sil')
  }
  const processor = new Processor({ sampleRate }, { port: { onmessage: null, postMessage: onmessage } })
  processor.classifier.import({ model: prototypes(), reset: true })
  processor.process(samples)
  // The last words are still in the analysis window: half a second of silence brings them out.
  processor.process(new Float32Array(sampleRate / 2))
  return cues.filter(({ at, until }) => until > at)
}

const HOP_S = parameters.MFCC_SAMPLES_HOP / parameters.AUDIO_SAMPLE_RATE

let known: readonly Prototype[] | undefined

const prototypes = () => (known ??= decode(bytesOf(model)))

/** The model is a row of records: eight bytes of names, then mean and inverse covariance as 32-bit floats. */
const decode = (bytes: Uint8Array<ArrayBuffer>): Prototype[] => {
  const { RECORD_OFFSET, RECORD_MU_OFFSET, RECORD_SIGMAINVLOWER_OFFSET } = parameters
  return Array.from({ length: Math.floor(bytes.length / RECORD_OFFSET) }, (_, i) => {
    const at = i * RECORD_OFFSET
    return {
      group: bytes[at + 5]!,
      viseme: bytes[at + 7]!,
      mu: new Float32Array(bytes.buffer, at + RECORD_MU_OFFSET, parameters.RECORD_MU_LEN),
      sigmaInvLower: new Float32Array(
        bytes.buffer,
        at + RECORD_SIGMAINVLOWER_OFFSET,
        parameters.RECORD_SIGMAINVLOWER_LEN,
      ),
    }
  })
}

const bytesOf = (dataUrl: string) =>
  Uint8Array.from(atob(dataUrl.slice(dataUrl.indexOf(',') + 1)), (character) => character.charCodeAt(0))
