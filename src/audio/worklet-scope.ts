/** @file The globals of an audio worklet, as far as ours use them. Imported, not ambient: on the page they do not exist. */

export interface WorkletProcessor {
  readonly port: MessagePort
}

interface WorkletScope {
  readonly AudioWorkletProcessor: new () => WorkletProcessor
  readonly registerProcessor: (name: string, processor: new () => WorkletProcessor) => void
  /** Hz */
  readonly sampleRate: number
  /** The context's frame number of the first sample of the block being made. */
  readonly currentFrame: number
}

export const scope = globalThis as unknown as WorkletScope
