/**
 * @file What sounds elsewhere, live: a tab's sound or the microphone, for the analyser's ears alone. It is not played, not
 * kept, and does not leave the device.
 */
import { Fault } from '../shared/fault'
import worklet from './capture.worklet.ts?worker&url'
import { heardTime, type AudioDevice } from './device'

/** To the worklet. */
export type CaptureOrder = { readonly order: 'begin'; readonly to: MessagePort } | { readonly order: 'end' }
/** From the worklet: which of the context's frames is the first sample. */
export interface CaptureNews {
  readonly news: 'began'
  readonly frame: number
}

export interface Capture {
  /** Receives mono Float32Arrays of some 30 ms, without gaps. To be transferred to the thread that listens. */
  readonly port: MessagePort
  /** Hz. */
  readonly sampleRate: number
  /**
   * Seconds from the first sample to the one that a person hears now. For a microphone it is a little ahead of what has
   * arrived at the port, for a tab a little behind it.
   */
  readonly nowS: () => number
  /** Let the hardware go; no more chunks. Also done when the signal fires. */
  readonly close: () => void
  /** The person has stopped sharing, or the microphone is gone; it is closed by then. Not called after `close`. */
  onended: () => void
}

type Source = 'tab-sound' | 'microphone'

/** What helps speech in a call ruins music. */
const MUSIC: MediaTrackConstraints = {
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
}

/** Not in TypeScript's library yet. */
interface DisplayOptions extends DisplayMediaStreamOptions {
  readonly controller: { setFocusBehavior: (behaviour: 'no-focus-change') => void }
  readonly selfBrowserSurface: 'exclude'
  readonly systemAudio: 'include'
}

/**
 * The sound of a tab that the person picks (or of the whole screen, where the system offers it). Call from within a gesture.
 * Throws `unsupported` (`what: 'tab-sound'`) where the browser cannot, `not-allowed` (`what: 'tab-sound'`) where the person
 * will not, `bad-input` (`reason: 'no-tab-sound'`) where what is shared comes without its sound.
 */
export const captureTab = async (signal: AbortSignal, device: AudioDevice): Promise<Capture> => {
  device.unlock()
  // Other browsers share pictures only. Those that share sound have this class: nobody is asked in vain.
  const Controller = Reflect.get(window, 'CaptureController') as
    (new () => DisplayOptions['controller']) | undefined
  if (!Controller)
    throw new Fault('unsupported', 'tabs have no sound here', { detail: { what: 'tab-sound' } })
  const controller = new Controller()
  // Whoever wants to see somebody dance stays here, instead of being taken to the tab that plays.
  controller.setFocusBehavior('no-focus-change')
  const options: DisplayOptions = {
    audio: MUSIC,
    video: true, // sound alone cannot be asked for
    controller,
    selfBrowserSurface: 'exclude',
    systemAudio: 'include',
  }
  const stream = await ask('tab-sound', () => navigator.mediaDevices.getDisplayMedia(options))
  return capture(signal, device, 'tab-sound', stream)
}

/**
 * The microphone, as it hears music. Throws `unsupported` (`what: 'microphone'`) where there is none, `not-allowed`
 * (`what: 'microphone'`) where the person will not.
 */
export const captureMicrophone = async (signal: AbortSignal, device: AudioDevice): Promise<Capture> => {
  device.unlock()
  const stream = await ask('microphone', () => navigator.mediaDevices.getUserMedia({ audio: MUSIC }))
  return capture(signal, device, 'microphone', stream)
}

/** `mediaDevices` is missing on pages that are not secure. */
const ask = (what: Source, get: () => Promise<MediaStream>): Promise<MediaStream> =>
  Promise.try(get).catch((cause: unknown) => {
    const refused = cause instanceof DOMException && cause.name === 'NotAllowedError'
    throw new Fault(refused ? 'not-allowed' : 'unsupported', String(cause), { detail: { what }, cause })
  })

const capture = async (
  signal: AbortSignal,
  device: AudioDevice,
  source: Source,
  stream: MediaStream,
): Promise<Capture> => {
  const release = () => {
    for (const track of stream.getTracks()) track.stop()
    device.release(stream)
  }
  try {
    signal.throwIfAborted()
    const [track] = stream.getAudioTracks()
    if (!track) throw new Fault('bad-input', 'shared without sound', { detail: { reason: 'no-tab-sound' } })
    for (const picture of stream.getVideoTracks()) picture.enabled = false
    device.hold(stream)
    const context = await device.running(signal)
    await context.audioWorklet.addModule(worklet) // again costs nothing
    signal.throwIfAborted()
    return await listen(signal, context, source, track, release)
  } catch (e) {
    release()
    throw e
  }
}

const listen = async (
  signal: AbortSignal,
  context: AudioContext,
  kind: Source,
  track: MediaStreamTrack,
  release: () => void,
): Promise<Capture> => {
  const source = new MediaStreamAudioSourceNode(context, { mediaStream: new MediaStream([track]) })
  const node = new AudioWorkletNode(context, 'capture', {
    numberOfInputs: 1,
    numberOfOutputs: 1,
    channelCount: 1, // both sides averaged
    channelCountMode: 'explicit',
  })
  // Its output is silent; but what leads nowhere is not asked for sound in every browser.
  source.connect(node).connect(context.destination)
  const order = (order: CaptureOrder, ports: Transferable[] = []) => node.port.postMessage(order, ports)
  const began = new Promise<number>((resolve) => {
    node.port.onmessage = ({ data }: MessageEvent<CaptureNews>) => resolve(data.frame / context.sampleRate)
  })
  const { port1, port2 } = new MessageChannel()
  order({ order: 'begin', to: port2 }, [port2])

  const close = () => {
    signal.removeEventListener('abort', close)
    track.onended = null
    order({ order: 'end' })
    source.disconnect()
    node.disconnect()
    release()
  }
  signal.addEventListener('abort', close, { once: true })
  const startS = await began
  signal.throwIfAborted()
  const delayS = (track.getSettings() as { latency?: number }).latency ?? 0
  // A microphone hears the room before its sound comes here; a tab's sound comes here before it is heard.
  const aheadS = () => delayS + (kind === 'microphone' ? context.outputLatency || context.baseLatency : 0)
  const capture: Capture = {
    port: port1,
    sampleRate: context.sampleRate,
    nowS: () => Math.max(0, heardTime(context) + aheadS() - startS),
    close,
    onended: () => undefined,
  }
  track.onended = () => {
    close()
    capture.onended()
  }
  return capture
}
