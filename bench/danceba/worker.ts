/** @file The worker of the `danceba` suite: the app's modules, called one by one. */
import { serve } from '../../src/shared/wire'
import type { Machine } from '../../workers/danceba/compose/machine'
import { stepCosts, timeOf, totalOf, type Speed } from '../../workers/danceba/network/cost'
import { WINDOW } from '../../workers/danceba/network/decode'
import { layoutOf, type Precision } from '../../workers/danceba/network/layout'
import { PUBLISHED } from '../../test/fixtures/danceba-published'
import * as parity from './parity'
import { placeOf, type Backend } from './place'
import { compose, load, timeFeatures, timeSteps, tokens, type TokensOrder } from './speed'
import { makeAll } from './weights'

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

  /** Nothing is run. */
  cost(precision: Precision, speed: Speed) {
    const costs = stepCosts(PUBLISHED, layoutOf(PUBLISHED, precision), WINDOW)
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
