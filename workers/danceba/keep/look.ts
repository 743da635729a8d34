/** @file A file that may be one of Danceba's: looked at before anything is written. */
import type { DancebaFound, DancebaPrecision } from '../../../src/shared/contracts'
import { Fault } from '../../../src/shared/fault'
import { openCheckpoint, type Checkpoint } from '../checkpoint/checkpoint'
import { demand, recognise, type Found } from '../checkpoint/recognise'
import { shown } from '../checkpoint/refusal'
import { countOf } from '../checkpoint/values'
import { planOf, type Plan } from './plan'

export interface Named {
  readonly name: string
  readonly file: Blob
}

export interface Looked {
  readonly name: string
  readonly checkpoint: Checkpoint
  readonly tensors: Found['tensors']
  readonly plan: Plan
  readonly found: DancebaFound
}

/** Throws `bad-input` (`detail`: `what` is `checkpoint`, a `reason`, the file's `name`) for what cannot be danced with. */
export const look = (
  signal: AbortSignal,
  { name, file }: Named,
  precision: DancebaPrecision,
): Promise<Looked> =>
  naming(name, async () => {
    const checkpoint = await openCheckpoint(signal, file)
    const recognised = recognise(checkpoint)
    demand(recognised, { encoder: true })
    const plan = planOf(recognised, precision)
    const { tensors } = recognised
    return { name, checkpoint, tensors, plan, found: foundOf(file, recognised, plan) }
  })

/** Whatever is wrong with a checkpoint is said with the name of its file. */
export const naming = async <R>(name: string, work: () => Promise<R>): Promise<R> => {
  try {
    return await work()
  } catch (e) {
    if (!(e instanceof Fault) || e.detail['what'] !== 'checkpoint') throw e
    throw new Fault(e.code, e.message, { cause: e.cause, detail: { ...e.detail, name: shown(name) } })
  }
}

/** A generator with its optimizer has some 1300. */
const MOST_UNUSED = 1000

const foundOf = (file: Blob, { expected, unused, epoch }: Found, { part, shape }: Plan): DancebaFound => ({
  part,
  bytes: file.size,
  parameters: expected.reduce((sum, { shape }) => sum + countOf(shape), 0),
  tensors: expected.length,
  sizes: { ...shape },
  unused: unused.slice(0, MOST_UNUSED).map(shown),
  ...(unused.length > MOST_UNUSED && { moreUnused: unused.length - MOST_UNUSED }),
  ...(epoch !== undefined && { epoch }),
})
