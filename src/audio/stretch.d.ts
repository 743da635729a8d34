/** What is used of signalsmith-stretch, which brings no types. */
declare module 'signalsmith-stretch' {
  export interface StretchNode extends AudioWorkletNode {
    /** A change at a moment of the context (`output`, seconds): where in the input it then is, how fast, whether at all. */
    schedule(change: { output: number; active: boolean; input?: number; rate?: number }): Promise<void>
    /** More of the input, one array a channel; resolves to its new end in seconds. */
    addBuffers(channels: Float32Array[]): Promise<number>
    /** Forget what comes before that second of the input. */
    dropBuffers(toSeconds?: number): Promise<unknown>
    latency(): Promise<number>
  }
  const create: {
    (context: AudioContext, options: AudioWorkletNodeOptions): Promise<StretchNode>
    /** Where the worklet's code comes from; without it, from a blob: URL, which the page's policy forbids. */
    moduleUrl?: string
  }
  export default create
}

declare module 'signalsmith-stretch?url' {
  const url: string
  export default url
}
