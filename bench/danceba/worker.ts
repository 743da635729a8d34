/** @file The worker of the `danceba` suite: the app's modules, called one by one. */
import type { DancebaPrecision } from '../../src/shared/contracts'
import { serve } from '../../src/shared/wire'
import type { Machine } from '../../workers/danceba/compose/machine'
import { DancebaKeeper } from '../../workers/danceba/keep/keeper'
import { stepCosts, timeOf, totalOf, type Speed } from '../../workers/danceba/network/cost'
import { WINDOW } from '../../workers/danceba/network/decode'
import { layoutOf, type Precision } from '../../workers/danceba/network/layout'
import { PUBLISHED } from '../../test/fixtures/danceba-sizes'
import { agreementOf, timeChunks } from './fast'
import * as parity from './parity'
import { placeOf, type Backend } from './place'
import { compose, load, timeFeatures, timeSteps, tokens, type TokensOrder } from './speed'
import { makeAll } from './weights'

const never = new AbortController().signal

export class DancebaBench {
  #machine: Machine | undefined

  /** Milliseconds. */
  async make(): Promise<number> {
    const began = performance.now()
    await makeAll()
    return performance.now() - began
  }

  features() {
    return parity.featureParity()
  }
  async rows(backend: Backend) {
    return parity.rowParity(await placeOf(backend))
  }
  async stages(backend: Backend, blocks: readonly number[]) {
    return parity.stageParity(await placeOf(backend), blocks)
  }
  async logits(backend: Backend, orders: readonly parity.LogitsOrder[]) {
    return parity.logitParity(await placeOf(backend), orders)
  }
  async scans(backend: Backend) {
    return parity.scanParity(await placeOf(backend))
  }
  async decode(backend: Backend, names: readonly string[]) {
    return parity.decodeParity(await placeOf(backend), names)
  }
  async encode(backend: Backend, names: readonly string[]) {
    return parity.encodeParity(await placeOf(backend), names)
  }

  async tokens(backend: Backend, orders: readonly TokensOrder[]) {
    return tokens(await placeOf(backend), orders)
  }
  async time(backend: Backend, precision: Precision, warm: number, count: number) {
    return timeSteps(await placeOf(backend), precision, warm, count)
  }
  timeFeatures(lengthS: number) {
    return timeFeatures(lengthS)
  }

  async chunks(backend: Backend, precision: Precision, count: number) {
    return timeChunks(await placeOf(backend), precision, count)
  }
  async agreement(backend: Backend, blocks: number, run: string) {
    return agreementOf(await placeOf(backend), blocks, run)
  }

  /** Milliseconds until a checkpoint is kept; then it is thrown away. */
  async take(file: File, precision: DancebaPrecision): Promise<number> {
    const keeper = new DancebaKeeper()
    const began = performance.now()
    let whole = false
    for await (const step of keeper.take(never, [{ name: file.name, file }], precision))
      if (step.kind === 'kept') whole = true
    const ms = performance.now() - began
    if (!whole) throw new Error('it was not kept')
    await keeper.remove(never)
    return ms
  }

  /** Nothing is run. */
  cost(precision: Precision, speed: Speed) {
    const costs = stepCosts(PUBLISHED, layoutOf(PUBLISHED, precision), { t: WINDOW })
    return { ...totalOf(costs), seconds: timeOf(costs, speed), dispatches: costs.length }
  }

  async load(backend: Backend, precision: Precision) {
    this.#machine = await load(backend, precision)
  }
  async compose(steps: number) {
    await compose(this.#machine!, steps)
  }
}

serve(new DancebaBench())
