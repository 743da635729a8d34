/** @file Live sound on its way to the analyser: whole, on a clock, and let go of. The browser's questions are answered by a fake. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  captureMicrophone,
  captureTab,
  type Capture,
  type CaptureNews,
  type CaptureOrder,
} from '../../src/audio/capture'
import worklet from '../../src/audio/capture.worklet.ts?worker&url'
import { AudioDevice } from '../../src/audio/device'
import { rms } from '../../src/shared/pcm'

const never = new AbortController().signal
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** What the fake hears. */
const hum = () => {
  const context = new AudioContext()
  const source = new OscillatorNode(context)
  const out = new MediaStreamAudioDestinationNode(context, { channelCount: 2 })
  source.connect(out)
  source.start()
  return { context, stream: out.stream }
}

let fake: ReturnType<typeof hum>
beforeEach(() => (fake = hum()))
afterEach(async () => {
  vi.restoreAllMocks()
  await fake.context.close()
})

const microphone = (answer: () => Promise<MediaStream>) =>
  vi.spyOn(navigator.mediaDevices, 'getUserMedia').mockImplementation(answer)
const tab = (answer: () => Promise<MediaStream>) =>
  vi.spyOn(navigator.mediaDevices, 'getDisplayMedia').mockImplementation(answer)

/** All that arrives at the port. */
const listen = ({ port }: Capture) => {
  const chunks: Float32Array[] = []
  port.onmessage = ({ data }: MessageEvent<Float32Array>) => chunks.push(data)
  return chunks
}

test('no sample is lost on the way from the audio thread, and the first is the one that is named', async () => {
  // Rendered offline, where a busy machine loses nothing before it gets there.
  const RATE = 48_000
  const context = new OfflineAudioContext(1, 2 * RATE, RATE)
  await context.audioWorklet.addModule(worklet)
  const node = new AudioWorkletNode(context, 'capture', { channelCount: 1, channelCountMode: 'explicit' })
  const source = new ConstantSourceNode(context, { offset: 0 })
  source.offset.setValueAtTime(0, 0)
  source.offset.linearRampToValueAtTime(1, 2)
  source.start()
  source.connect(node).connect(context.destination)
  const news: CaptureNews[] = []
  node.port.onmessage = ({ data }: MessageEvent<CaptureNews>) => news.push(data)
  const { port1, port2 } = new MessageChannel()
  const chunks: Float32Array[] = []
  port1.onmessage = ({ data }: MessageEvent<Float32Array>) => chunks.push(data)
  const at = (s: number, order: CaptureOrder, ports: Transferable[] = []) =>
    context.suspend(s).then(async () => {
      node.port.postMessage(order, ports)
      await later(100) // the order crosses to the audio thread
      await context.resume()
    })
  void at(0.5, { order: 'begin', to: port2 }, [port2])
  void at(1.5, { order: 'end' })
  const played = (await context.startRendering()).getChannelData(0)
  await expect.poll(() => chunks.length).toBeGreaterThan(32)
  expect(news).toEqual([{ news: 'began', frame: expect.closeTo(0.5 * RATE, -3) as number }])
  const { frame } = news[0]!
  const samples = chunks.flatMap((chunk) => Array.from(chunk))
  expect(samples.length / RATE).toBeCloseTo(1, 1)
  const off = samples.map((x, i) => Math.abs(x - (frame + i) / (2 * RATE)))
  expect(Math.max(...off)).toBeLessThan(1e-5)
  expect(rms(played)).toBe(0)
})

describe('a microphone', () => {
  test('is heard on a clock that keeps up with it', async () => {
    const asked = microphone(async () => fake.stream)
    const capture = await captureMicrophone(never, new AudioDevice())
    const chunks = listen(capture)
    expect(asked.mock.lastCall![0]!.audio).toMatchObject({ echoCancellation: false, noiseSuppression: false })
    const arrivedS = () => chunks.reduce((sum, { length }) => sum + length, 0) / capture.sampleRate
    await later(500)
    const [beganS, beganMs] = [capture.nowS(), performance.now()]
    await later(1500)
    const nowS = capture.nowS()
    expect(Math.abs(nowS - beganS - (performance.now() - beganMs) / 1000)).toBeLessThan(0.05)
    expect(nowS).toBeGreaterThan(arrivedS() - 0.1)
    await expect.poll(arrivedS).toBeGreaterThan(nowS)
    for (const { length } of chunks) expect(length / capture.sampleRate).toBeCloseTo(0.03, 2)
    capture.close()
  })

  test('is let go of when it is closed, and when the signal fires', async () => {
    microphone(async () => fake.stream.clone())
    const controller = new AbortController()
    const device = new AudioDevice()
    const released = vi.spyOn(device, 'release')
    for (const end of [(capture: Capture) => capture.close(), () => controller.abort()]) {
      const tracks = vi.spyOn(MediaStreamTrack.prototype, 'stop')
      const capture = await captureMicrophone(controller.signal, device)
      const chunks = listen(capture)
      await later(200)
      expect(tracks).toHaveBeenCalledTimes(0)
      end(capture)
      expect(tracks).toHaveBeenCalledTimes(1)
      await later(100)
      const { length } = chunks
      await later(200)
      expect(chunks).toHaveLength(length)
      tracks.mockRestore()
    }
    expect(released).toHaveBeenCalledTimes(2)
    await expect(captureMicrophone(controller.signal, device)).rejects.toBe(controller.signal.reason)
  })

  test('that is pulled out says so', async () => {
    microphone(async () => fake.stream)
    const capture = await captureMicrophone(never, new AudioDevice())
    const ended = new Promise<void>((resolve) => (capture.onended = resolve))
    const [track] = fake.stream.getAudioTracks()
    track!.dispatchEvent(new Event('ended'))
    await ended
    expect(track!.readyState).toBe('ended')
  })

  test('that nobody has, or that nobody gives, is a fault of its own', async () => {
    for (const [name, code] of [
      ['NotAllowedError', 'not-allowed'],
      ['NotFoundError', 'unsupported'],
    ] as const) {
      microphone(() => Promise.reject(new DOMException('', name)))
      await expect(captureMicrophone(never, new AudioDevice())).rejects.toMatchObject({
        code,
        detail: { what: 'microphone' },
      })
    }
  })
})

describe('a tab', () => {
  test('is heard; its picture is not looked at', async () => {
    const [picture] = document.createElement('canvas').captureStream().getTracks()
    tab(async () => new MediaStream([...fake.stream.getTracks(), picture!]))
    const capture = await captureTab(never, new AudioDevice())
    const chunks = listen(capture)
    await later(400)
    expect(chunks.length).toBeGreaterThan(5)
    expect(picture!.enabled).toBe(false)
    capture.close()
    expect(picture!.readyState).toBe('ended')
  })

  test('that is shared without its sound is let go of', async () => {
    const [picture] = document.createElement('canvas').captureStream().getTracks()
    tab(async () => new MediaStream([picture!]))
    await expect(captureTab(never, new AudioDevice())).rejects.toMatchObject({
      code: 'bad-input',
      detail: { reason: 'no-tab-sound' },
    })
    expect(picture!.readyState).toBe('ended')
  })

  test('cannot be asked for where browsers share pictures only', async () => {
    const asked = tab(async () => fake.stream)
    const Controller = Reflect.get(window, 'CaptureController') as unknown
    Reflect.deleteProperty(window, 'CaptureController')
    await expect(captureTab(never, new AudioDevice())).rejects.toMatchObject({
      code: 'unsupported',
      detail: { what: 'tab-sound' },
    })
    expect(asked).not.toHaveBeenCalled()
    Reflect.set(window, 'CaptureController', Controller)
  })
})
