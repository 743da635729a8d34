/** @file The page of the `wire` suite: the same worker asked through Host and by bare messages, in turns. */
import { Host } from '../../src/engine/host'
import type { Echo } from './echo'

export interface Figures {
  /** Milliseconds. */
  readonly raw: number
  readonly call: number
  readonly chunk: number
  readonly rawChunk: number
}

declare global {
  var figures: Figures | undefined
}

const RUNS = 1000

const worker = new Worker(new URL('./echo.ts', import.meta.url), { type: 'module' })
const bare = new MessageChannel()
worker.postMessage('bare', [bare.port2])
const echo = new Host<Echo>('echo', () => worker)

const ask = (what: unknown) =>
  new Promise<unknown>((resolve) => {
    bare.port1.onmessage = ({ data }) => resolve(data)
    bare.port1.postMessage(what)
  })

const timed = async (work: () => Promise<unknown>) => {
  const start = performance.now()
  await work()
  return performance.now() - start
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!

const measure = async (): Promise<Figures> => {
  const { signal } = new AbortController()
  const call = () => echo.api.echo(signal, 1)
  for (let i = 0; i < 200; i++) {
    await ask(1)
    await call()
  }
  const raws: number[] = []
  const calls: number[] = []
  for (let i = 0; i < RUNS; i++) {
    raws.push(await timed(() => ask(1)))
    calls.push(await timed(call))
  }
  const stream = await timed(async () => {
    let count = 0
    for await (const { samples } of await echo.api.blocks(signal, RUNS)) count += samples.length
    if (count !== RUNS * 16_000) throw new Error('chunks were lost')
  })
  const chunks = await timed(async () => {
    for (let i = 0; i < RUNS; i++) await ask('block')
  })
  return { raw: median(raws), call: median(calls), chunk: stream / RUNS, rawChunk: chunks / RUNS }
}

globalThis.figures = await measure()
