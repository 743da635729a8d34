/** @file The parts of HeadAudio that are used: the package has no types of its own. */

declare module '@met4citizen/headaudio/modules/parameters.mjs' {
  export const AUDIO_SAMPLE_RATE: number
  export const MFCC_SAMPLES_HOP: number
  export const RECORD_OFFSET: number
  export const RECORD_MU_OFFSET: number
  export const RECORD_MU_LEN: number
  export const RECORD_SIGMAINVLOWER_OFFSET: number
  export const RECORD_SIGMAINVLOWER_LEN: number
}

declare module '@met4citizen/headaudio/modules/processor.mjs' {
  export interface Prototype {
    readonly group: number
    readonly viseme: number
    readonly mu: Float32Array
    readonly sigmaInvLower: Float32Array
  }

  /** `t` is the middle of the frame, in seconds from the start. */
  export type ProcessorNews =
    | { readonly event: 'viseme'; readonly viseme: number | null; readonly t: number; readonly d: number }
    | { readonly event: 'started' | 'ended'; readonly t: number }

  export class Processor {
    constructor(
      options: { readonly sampleRate: number },
      worklet: { port: { onmessage: null; postMessage: (news: ProcessorNews) => void } },
    )
    readonly classifier: { import(data: { model: readonly Prototype[]; reset: boolean }): void }
    process(samples: Float32Array): void
  }
}

declare module '@met4citizen/headaudio/dist/model-en-mixed.bin?inline' {
  /** A data: URL in base64. */
  const url: string
  export default url
}
