/** @file Composing in chunks: how long it takes beside exact steps, and whether it chooses the same codes. */
import { FEATURES } from '../../workers/danceba/features/features'
import { composeChunks } from '../../workers/danceba/network/chunks'
import { WINDOW } from '../../workers/danceba/network/decode'
import type { Precision } from '../../workers/danceba/network/layout'
import { phasesOf } from '../../workers/danceba/network/phase'
import { forcedRanks } from '../../test/fixtures/danceba-agreement'
import type { Run } from '../../test/fixtures/danceba-cases'
import { musicOf } from './parity'
import { openNetwork, type Place } from './place'
import { must } from './reference'
import { fullWindow, someMusic } from './speed'
import { generator } from './weights'

const never = new AbortController().signal

/** Steps of a chunk: the first computes the 14 frames that are taken over, each of the others one. */
const CYCLE = 15
/** Steps until chunks follow each other so. */
const BEFORE = WINDOW + 1

export interface Round {
  /** Milliseconds a step. */
  readonly exactMs: number
  readonly fastMs: number
}

/** A whole chunk, as it is composed, and an exact step with a full window, in turns. */
export const timeChunks = async (place: Place, precision: Precision, count: number): Promise<Round[]> => {
  const network = await openNetwork(await generator(precision), place)
  const window = fullWindow()
  const steps = BEFORE + CYCLE * count
  const pairs = composeChunks(never, network, someMusic(steps), { start: { up: 0, down: 0 }, length: steps })
  for (let i = -1; i < BEFORE; i++) await pairs.next() // with the code of the start
  const rounds: Round[] = []
  for (let i = 0; i < count; i++) {
    const began = performance.now()
    for (let k = 0; k < CYCLE; k++) await pairs.next()
    const between = performance.now()
    await network.logits({ ...window, phase: phasesOf(window.music).values })
    rounds.push({ fastMs: (between - began) / CYCLE, exactMs: performance.now() - between })
  }
  await network.release()
  return rounds
}

export interface Agreement {
  readonly same: number
  readonly of: number
}

/** Of a greedy run of the reference, how many codes the chunks choose as well, from the reference's codes before each. */
export const agreementOf = async (place: Place, blocks: number, name: string): Promise<Agreement> => {
  const run = await must<Run>(`gpt/greedy/v${blocks}-${name}.json`)
  const scale = name.startsWith('ps00') ? 0 : 0.1
  const network = await openNetwork(await generator('fp32', blocks, scale), place)
  const steps = run.margin_up.length
  const music = (await musicOf('c')).slice(0, steps * FEATURES)
  const ranks = await forcedRanks(never, { network, music, exact: run })
  await network.release()
  return { same: ranks.filter((rank) => rank === 0).length, of: ranks.length }
}
