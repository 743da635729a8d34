/**
 * @file Ears on the loudspeaker, for tests and measurements: everything that a page plays is also led to a recorder. An
 * audio worklet, so that a busy page loses nothing; loaded with the app's own worklet, whose loading the app awaits.
 */

/**
 * What a page has played: `heard` on its globalThis.
 * @typedef {{
 *   context: AudioContext | undefined,
 *   sampleRate: number,
 *   blocks: { frame: number, samples: Float32Array }[],
 * }} Heard
 */

/** To be served beside the app: its policy lets no script come from anywhere else. */
export const RECORDER_PATH = '/__recorder.js'
export const RECORDER = `registerProcessor('recorder', class extends AudioWorkletProcessor {
  process([input]) {
    if (input[0]) this.port.postMessage({ frame: currentFrame, samples: input[0].slice() })
    return true
  }
})`

/** To be run in the page before anything else. */
export const giveEars = () => {
  /** @type {Heard} */
  const heard = { context: undefined, sampleRate: 0, blocks: [] }
  Object.assign(globalThis, { heard })
  const { addModule } = AudioWorklet.prototype
  /** @this {AudioWorklet} @param {[string | URL, WorkletOptions?]} module */
  AudioWorklet.prototype.addModule = async function (...module) {
    await addModule.apply(this, module)
    await addModule.call(this, new URL('__recorder.js', document.baseURI).href)
  }
  /** Without its overloads: to a node or to a parameter. */
  const connect = /** @type {(this: AudioNode, ...args: unknown[]) => AudioNode} */ (
    /** @type {unknown} */ (AudioNode.prototype.connect)
  )
  /** @this {AudioNode} @param {unknown} to @param {unknown[]} rest */
  const tapped = function (to, ...rest) {
    if (to instanceof AudioDestinationNode && this.context instanceof AudioContext) {
      heard.context = this.context
      heard.sampleRate = this.context.sampleRate
      const recorder = new AudioWorkletNode(this.context, 'recorder', { numberOfOutputs: 0 })
      recorder.port.onmessage = ({ data }) => heard.blocks.push(data)
      connect.call(this, recorder)
    }
    return connect.call(this, to, ...rest)
  }
  AudioNode.prototype.connect = /** @type {typeof AudioNode.prototype.connect} */ (tapped)
}
