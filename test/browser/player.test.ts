/** @file Music on a clock: what the player says is being heard is what leaves it, after pausing and leaping as before. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AudioDevice } from '../../src/audio/device'
import { Player } from '../../src/audio/player'
import { Reel } from '../../src/audio/reel'

const never = new AbortController().signal
const RATE = 48_000
const LENGTH_S = 20

/** Each sample says where it stands in the piece. */
const ruler = () => Float32Array.from({ length: RATE * LENGTH_S }, (_, i) => i / (RATE * LENGTH_S))

const reelOf = (samples: Float32Array) => {
  const reel = new Reel(samples.length / RATE, RATE, 1)
  reel.wind([samples])
  reel.end()
  return reel
}

const heard: { frame: number; value: number; peak: number }[] = []
let context: AudioContext | undefined
const connect = Reflect.get(AudioNode.prototype, 'connect') as (this: AudioNode, to: AudioNode) => AudioNode

beforeAll(() => {
  const recorder = URL.createObjectURL(
    new Blob(
      [
        `registerProcessor('ruler', class extends AudioWorkletProcessor {
          process([input]) {
            if (input[0]) this.port.postMessage({ frame: currentFrame + 64, value: input[0][64], peak: Math.max(...input[0]) })
            return true
          }
        })`,
      ],
      { type: 'text/javascript' },
    ),
  )
  const addModule = Reflect.get(AudioWorklet.prototype, 'addModule')
  AudioWorklet.prototype.addModule = async function (url) {
    await addModule.call(this, url)
    await addModule.call(this, recorder)
  }
  const tapped = function (this: AudioNode, to: AudioNode) {
    if (to instanceof AudioDestinationNode) {
      // Each player has a context of its own, and its frames are counted anew.
      if (context !== this.context) heard.splice(0)
      context = this.context as AudioContext
      const tap = new AudioWorkletNode(this.context, 'ruler', { numberOfOutputs: 0 })
      tap.port.onmessage = ({ data }: MessageEvent<(typeof heard)[number]>) => {
        if (tap.context === context) heard.push(data)
      }
      connect.call(this, tap)
    }
    return connect.call(this, to)
  }
  AudioNode.prototype.connect = tapped as typeof AudioNode.prototype.connect
})
afterAll(() => {
  AudioNode.prototype.connect = connect as typeof AudioNode.prototype.connect
})

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Where the player says it is and what the context says is heard, at one moment: again where something came in between. */
const both = (player: Player): [said: number, heardS: number] => {
  for (;;) {
    const before = performance.now()
    const { contextTime = 0, performanceTime = 0 } = context!.getOutputTimestamp()
    const said = player.time
    const now = performance.now()
    if (now - before < 2) return [said, contextTime + (now - performanceTime) / 1000]
  }
}

/** By how much, in ms, the player is wrong about what leaves the context at the moment that it calls now. */
const error = async (player: Player) => {
  const [said, heardS] = both(player)
  const at = heardS * context!.sampleRate
  await expect.poll(() => heard.at(-1)?.frame).toBeGreaterThan(at)
  const near = heard.reduce((a, b) => (Math.abs(b.frame - at) < Math.abs(a.frame - at) ? b : a))
  const meant = near.value * LENGTH_S + (at - near.frame) / context!.sampleRate
  return (said - meant) * 1000
}

test('it is where it says that it is, however often it is paused and moved', async () => {
  const player = new Player(new AudioDevice())
  player.load(reelOf(ruler()))
  await player.play(never)
  await later(600)
  expect(Math.abs(await error(player))).toBeLessThan(16)
  for (const at of [5, 12.3, 0.7, 8.25]) {
    player.seek(at)
    await later(300)
    expect(Math.abs(await error(player))).toBeLessThan(16)
    player.pause()
    const rested = player.time
    await later(120)
    expect(player.time).toBe(rested)
    await player.play(never)
    await later(300)
    expect(player.time).toBeGreaterThan(rested)
    expect(Math.abs(await error(player))).toBeLessThan(16)
  }
  player.pause()
})

test('held up while it starts, it is where it says all the same', async () => {
  const player = new Player(new AudioDevice())
  const reel = reelOf(ruler())
  const part = reel.part.bind(reel)
  let holdUpMs = 150
  reel.part = (from, length) => {
    const until = performance.now() + holdUpMs
    while (performance.now() < until);
    holdUpMs = 0
    return part(from, length)
  }
  player.load(reel)
  await player.play(never)
  await later(600)
  expect(Math.abs(await error(player))).toBeLessThan(16)
  player.pause()
})

test('at its end it says so, rests there, and can begin again', async () => {
  const player = new Player(new AudioDevice())
  player.load(reelOf(ruler()))
  player.seek(LENGTH_S - 0.3)
  const ended = new Promise<void>((resolve) => (player.onended = resolve))
  await player.play(never)
  await ended
  expect(player.playing).toBe(false)
  expect(player.time).toBe(LENGTH_S)
  player.seek(0)
  await player.play(never)
  await later(200)
  expect(player.time).toBeLessThan(1)
  player.pause()
})

test('another piece begins at its beginning, silent', async () => {
  const player = new Player(new AudioDevice())
  player.load(reelOf(ruler()))
  await player.play(never)
  await later(200)
  player.load(reelOf(ruler()))
  expect([player.playing, player.time]).toEqual([false, 0])
  player.load(undefined)
  expect(player.lengthS).toBe(0)
})

test('a piece that is still being made goes on without a seam when there is more of it', async () => {
  const player = new Player(new AudioDevice())
  const whole = ruler()
  const reel = new Reel(LENGTH_S, RATE, 1)
  reel.wind([whole.subarray(0, 6 * RATE)])
  player.load(reel)
  expect(player.lengthS).toBe(LENGTH_S)
  player.seek(5)
  await player.play(never)
  await later(300)
  reel.wind([whole.subarray(6 * RATE)])
  reel.end()
  await later(1500)
  expect(Math.abs(await error(player))).toBeLessThan(16)
  player.pause()
  const off = offsBehind(5.03, 1.2)
  expect(off.length).toBeGreaterThan(400)
  expect(Math.max(...off.map(Math.abs))).toBeLessThan(0.002)
})

test('no seam is heard where it is handed over piece by piece', async () => {
  const player = new Player(new AudioDevice())
  player.load(reelOf(ruler()))
  player.seek(1)
  await player.play(never)
  await later(6000)
  player.pause()
  const off = offsBehind(1.05, 5)
  expect(off.length).toBeGreaterThan(1700)
  expect(Math.max(...off.map(Math.abs))).toBeLessThan(0.002)
})

/** By how much what was heard for some seconds lies beside where it should be, from a second of the piece on. */
const offsBehind = (fromS: number, seconds: number) => {
  const [first] = heard.filter(({ value }) => value * LENGTH_S >= fromS)
  return heard
    .filter(({ frame }) => frame >= first!.frame && frame < first!.frame + seconds * context!.sampleRate)
    .map(
      ({ frame, value }) => (value - first!.value) * LENGTH_S - (frame - first!.frame) / context!.sampleRate,
    )
}

/** It plays towards the end of the first second, which is all there is; the rest comes when it is called for. */
const firstSecond = async () => {
  const player = new Player(new AudioDevice())
  const whole = ruler()
  const reel = new Reel(LENGTH_S, RATE, 1)
  reel.wind([whole.subarray(0, RATE)])
  player.load(reel)
  player.seek(0.7)
  await player.play(never)
  return { player, rest: () => reel.wind([whole.subarray(RATE)]) }
}

test('a piece that comes too late is waited for', async () => {
  const { player, rest } = await firstSecond()
  await expect.poll(() => player.time).toBe(1)
  expect(player.playing).toBe(true)
  rest()
  await expect.poll(() => player.time).toBeGreaterThan(1.2)
  expect(Math.abs(await error(player))).toBeLessThan(16)
  player.pause()
})

test('a piece that comes just after its end was reached goes on in time, too', async () => {
  const { player, rest } = await firstSecond()
  while (player.time < 1); // the player itself cannot have seen it yet
  rest()
  await expect.poll(() => player.time).toBeGreaterThan(1.3)
  expect(Math.abs(await error(player))).toBeLessThan(16)
  player.pause()
})

/** A tick every half second: the stretcher keeps their places, where the ruler would lose its meaning. */
const ticks = () =>
  Float32Array.from(
    { length: RATE * LENGTH_S },
    (_, at) => Math.sin(at / 8) * Math.exp(-(at % (RATE / 2)) / 400),
  )

test('slower and faster, the clock keeps to what is heard', async () => {
  const player = new Player(new AudioDevice())
  player.load(reelOf(ticks()))
  for (const rate of [0.5, 1.5]) {
    player.rate = rate
    player.seek(1)
    await player.play(never)
    await later(500)
    heard.splice(0)
    await later(2500)
    const [said, now] = both(player)
    player.pause()
    const loud = heard.filter(
      ({ peak }, i) => peak > 0.15 && !heard.slice(Math.max(0, i - 40), i).some((h) => h.peak > 0.15),
    )
    expect(loud.length).toBeGreaterThanOrEqual(rate === 0.5 ? 2 : 6)
    for (const { frame } of loud) {
      const place = said + (frame / context!.sampleRate - now) * rate
      const off = Math.abs(place - Math.round(place * 2) / 2)
      // A tick is smeared a little by the stretching; the clock may be a frame of the picture off.
      expect(off / rate).toBeLessThan(0.035)
    }
  }
})

test('a part is repeated', async () => {
  const player = new Player(new AudioDevice())
  player.load(reelOf(ruler()))
  player.loop = { from: 4, to: 4.5 }
  expect(player.time).toBe(4)
  await player.play(never)
  for (let i = 0; i < 8; i++) {
    await later(150)
    expect(player.time).toBeGreaterThanOrEqual(4)
    expect(player.time).toBeLessThanOrEqual(4.5)
  }
  expect(Math.abs(await error(player))).toBeLessThan(16)
  player.pause()
})
