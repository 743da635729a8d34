/** @file A film of the dance: as long, as large and as loud as it should be; stopped, it leaves nothing behind. */
import { ALL_FORMATS, AudioBufferSink, BlobSource, CanvasSink, Input } from 'mediabunny'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Reel } from '../../src/audio/reel'
import { film, type Camera, type FilmOrder } from '../../src/dance/film'
import { Filming } from '../../src/dance/filming.svelte'
import { recordFilm } from '../../src/dance/record'
import { soundOf } from '../../src/dance/sound'
import { Stage } from '../../src/stage/stage'
import { glb, vrmDescription } from '../fixtures/vrm'

const never = new AbortController().signal
const RATE = 48_000

/** A quiet second, then a tone of which the left channel is the louder one. */
const music = () => {
  const reel = new Reel(4, RATE, 2)
  reel.wind(
    [0.5, 0.25].map((gain) =>
      Float32Array.from({ length: 4 * RATE }, (_, i) =>
        i < RATE ? 0 : gain * Math.sin((2 * Math.PI * 440 * i) / RATE),
      ),
    ),
  )
  reel.end()
  return reel
}

const order = (change: Partial<FilmOrder> = {}): FilmOrder => ({
  width: 320,
  height: 180,
  rate: 30,
  from: 0.5,
  to: 2.5,
  music: music(),
  ...change,
})

let canvas: HTMLCanvasElement
let stage: Stage
beforeEach(async () => {
  canvas = document.createElement('canvas')
  canvas.style.cssText = 'width: 300px; height: 200px'
  document.body.append(canvas)
  stage = new Stage(canvas)
  await stage.enter(never, glb(vrmDescription('1')).buffer)
})
afterEach(() => {
  stage.dispose()
  document.body.replaceChildren()
})

const shoot = (width: number, height: number) => {
  const filming = stage.film(width, height)
  const drawn: number[] = []
  const camera: Camera = {
    canvas: filming.canvas,
    draw: (timeS, stepS) => {
      drawn.push(timeS)
      filming.draw(stepS, () => undefined)
    },
  }
  return { ...filming, camera, drawn }
}

const look = async (file: Blob) => {
  const input = new Input({ source: new BlobSource(file), formats: ALL_FORMATS })
  const picture = (await input.getPrimaryVideoTrack())!
  const sound = (await input.getPrimaryAudioTrack())!
  const size = [await picture.getDisplayWidth(), await picture.getDisplayHeight()]
  return { input, picture, sound, size, duration: await input.computeDuration() }
}

/** RMS of each channel between two seconds of the film. */
const loudness = async (file: Blob, from: number, to: number) => {
  const { sound } = await look(file)
  const sums = [0, 0]
  let count = 0
  for await (const { buffer, timestamp } of new AudioBufferSink(sound).buffers(from, to)) {
    const [left, right] = [buffer.getChannelData(0), buffer.getChannelData(1)]
    for (let i = 0; i < left.length; i++) {
      const at = timestamp + i / buffer.sampleRate
      if (at < from || at >= to) continue
      sums[0]! += left[i]! ** 2
      sums[1]! += right[i]! ** 2
      count++
    }
  }
  return sums.map((sum) => Math.sqrt(sum / count))
}

test('every frame is in it, and the sound at its place', async () => {
  const { camera, drawn, end } = shoot(320, 180)
  const shares: number[] = []
  const { file, ending } = await film(never, camera, order(), (share) => shares.push(share))
  end()
  expect(file.type).toBe(`video/${ending}`)
  expect(drawn).toHaveLength(60)
  drawn.forEach((time, frame) => expect(time).toBeCloseTo(0.5 + frame / 30))
  expect(shares.at(-1)).toBe(1)
  expect(shares).toEqual([...shares].sort((a, b) => a - b))

  const { picture, sound, size, duration } = await look(file)
  expect(duration).toBeGreaterThan(1.95)
  expect(duration).toBeLessThan(2.1)
  expect(size).toEqual([320, 180])
  expect([await sound.getSampleRate(), await sound.getNumberOfChannels()]).toEqual([RATE, 2])
  const { packetCount, averagePacketRate } = await picture.computePacketStats()
  expect(packetCount).toBe(60)
  expect(averagePacketRate).toBeCloseTo(30, 0)

  // The tone begins a second into the music: half a second into the film.
  expect((await loudness(file, 0.05, 0.45))[0]).toBeLessThan(0.01)
  const [left, right] = await loudness(file, 0.6, 1.9)
  expect(left).toBeCloseTo(0.5 / Math.SQRT2, 1)
  expect(right).toBeCloseTo(0.25 / Math.SQRT2, 1)
})

test('the avatar is in the picture', async () => {
  const { camera, end } = shoot(320, 180)
  const { file } = await film(never, camera, order({ to: 0.8 }), () => undefined)
  end()
  const { picture } = await look(file)
  const frame = await new CanvasSink(picture).getCanvas(0.2)
  const { data } = (frame!.canvas as OffscreenCanvas).getContext('2d')!.getImageData(0, 0, 320, 180)
  const bright = data.filter((value, i) => i % 4 === 0 && value > 40).length
  expect(bright).toBeGreaterThan(500)
})

test.each([
  [200, 360],
  [240, 240],
])('a picture of %i × %i', async (width, height) => {
  const { camera, end } = shoot(width, height)
  const { file } = await film(never, camera, order({ width, height, to: 0.7 }), () => undefined)
  end()
  expect((await look(file)).size).toEqual([width, height])
})

test('stopped, it ends at once, and the stage is the screen’s again', async () => {
  const before = [canvas.width, canvas.height]
  const filming = new Filming()
  let drawn = 0
  const made = filming.make(
    async () => {
      const { camera, end } = shoot(640, 360)
      const draw = (timeS: number, stepS: number) => {
        camera.draw(timeS, stepS)
        if (++drawn === 5) filming.stop()
      }
      return { ...camera, draw, end }
    },
    order({ width: 640, height: 360 }),
  )
  expect(filming.share).toBe(0)
  expect(await made).toBeUndefined()
  expect(drawn).toBe(5)
  expect(filming.share).toBeUndefined()
  expect([canvas.width, canvas.height]).toEqual(before)
  expect(canvas.style.objectFit).toBe('')
  // The live picture moves again.
  let seen = 0
  stage.onframe = () => seen++
  await vi.waitUntil(() => seen > 2, { timeout: 10_000 })
})

test('another film takes the place of the one that is being made', async () => {
  const filming = new Filming()
  const one = filming.make(async () => shooting(), order())
  const other = filming.make(async () => shooting(), order({ to: 0.8 }))
  expect(await one).toBeUndefined()
  expect((await look((await other)!.file)).duration).toBeLessThan(0.5)
  expect(canvas.style.objectFit).toBe('')

  function shooting() {
    const { camera, end } = shoot(160, 90)
    return { ...camera, end }
  }
})

test('where there is no encoder, it is recorded as it plays', async () => {
  const { camera, end } = shoot(320, 180)
  const wanted = order({ to: 1.8 })
  const sound = await soundOf(never, wanted.music, wanted.from, wanted.to)
  const { file } = await recordFilm(never, camera, wanted, sound, () => undefined)
  end()
  const { picture, size, duration } = await look(file)
  expect(duration).toBeGreaterThan(1)
  expect((await picture.computePacketStats()).packetCount).toBeGreaterThan(5)
  expect(size).toEqual([320, 180])
  expect((await loudness(file, 0.8, 1.1))[0]).toBeGreaterThan(0.1)
})

test('no encoder and no recorder is said', async () => {
  vi.stubGlobal('VideoEncoder', undefined)
  vi.stubGlobal('MediaRecorder', undefined)
  const { camera, end } = shoot(320, 180)
  await expect(film(never, camera, order(), () => undefined)).rejects.toMatchObject({
    code: 'unsupported',
    detail: { what: 'film' },
  })
  end()
  vi.unstubAllGlobals()
})
