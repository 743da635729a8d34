/** @file A film where the browser can only record what it plays: in real time, and frames that come late are left out. */
import { Fault } from '../shared/fault'
import type { Camera, Film, FilmOrder } from './film'

const KINDS = [
  'video/mp4;codecs=avc1.640028,mp4a.40.2',
  'video/mp4;codecs=avc1.42001f,mp4a.40.2',
  'video/webm;codecs=vp9,opus',
  'video/webm;codecs=vp8,opus',
  'video/webm',
]

/** `sound` is that of the part, and is not heard while it is recorded. */
export const recordFilm = async (
  signal: AbortSignal,
  camera: Camera,
  order: FilmOrder,
  sound: AudioBuffer,
  onprogress: (share: number) => void,
): Promise<Film> => {
  const kind = typeof MediaRecorder === 'undefined' ? undefined : KINDS.find(can)
  if (!kind) throw new Fault('unsupported', 'no encoder of pictures', { detail: { what: 'film' } })
  const context = new AudioContext()
  try {
    await context.resume()
    const heard = context.createMediaStreamDestination()
    const source = new AudioBufferSourceNode(context, { buffer: sound })
    source.connect(heard)
    const stream = new MediaStream([
      ...camera.canvas.captureStream(order.rate).getVideoTracks(),
      ...heard.stream.getAudioTracks(),
    ])
    const recorder = new MediaRecorder(stream, { mimeType: kind, videoBitsPerSecond: 6e6 })
    const parts: Blob[] = []
    recorder.ondataavailable = ({ data }) => parts.push(data)
    const ended = new Promise<void>((resolve, reject) => {
      recorder.onstop = () => resolve()
      recorder.onerror = (e) => reject(new Fault('unknown', 'the recorder failed', { cause: e }))
    })
    try {
      camera.draw(order.from, 0)
      recorder.start(1000)
      const since = context.currentTime
      source.start(since)
      await play(signal, camera, order, () => context.currentTime - since, onprogress)
    } finally {
      if (recorder.state !== 'inactive') recorder.stop()
      await ended
      for (const track of stream.getTracks()) track.stop()
    }
    const ending = kind.startsWith('video/mp4') ? 'mp4' : 'webm'
    return { file: new Blob(parts, { type: `video/${ending}` }), ending }
  } finally {
    await context.close()
  }
}

const can = (kind: string) => MediaRecorder.isTypeSupported(kind)

const play = async (
  signal: AbortSignal,
  camera: Camera,
  { from, to, rate }: FilmOrder,
  clock: () => number,
  onprogress: (share: number) => void,
): Promise<void> => {
  let before = 0
  for (let now = clock(); now < to - from; now = clock()) {
    signal.throwIfAborted()
    if (now - before >= 0.9 / rate) {
      camera.draw(from + now, now - before)
      before = now
      onprogress(now / (to - from))
    }
    await new Promise((resolve) => setTimeout(resolve, 4))
  }
  onprogress(1)
}
