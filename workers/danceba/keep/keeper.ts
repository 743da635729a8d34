/** @file The files of Danceba: checkpoints in, what its networks read kept on the device. One tab at a time writes. */
import type {
  DancebaFiles,
  DancebaKept,
  DancebaPrecision,
  DancebaTaking,
} from '../../../src/shared/contracts'
import { PATIENCE, type Patience } from '../../../src/shared/retry'
import { demandRoom } from '../../runtime/opfs'
import { pacer, told } from '../../runtime/told'
import { numberPieces } from '../checkpoint/read'
import { refusal, shown } from '../checkpoint/refusal'
import { fill } from '../network/fill'
import { fetched, nameAt } from './fetched'
import { Folder } from './folder'
import { look, naming, type Looked, type Named } from './look'

/** Held by whoever writes or removes, over all tabs; let go of when a tab is closed. */
const LOCK = 'danceba'

type Tell = (step: DancebaTaking) => void

export class DancebaKeeper implements DancebaFiles {
  readonly #patience: Patience

  constructor({ patience = PATIENCE } = {}) {
    this.#patience = patience
  }

  async kept(signal: AbortSignal): Promise<readonly DancebaKept[]> {
    signal.throwIfAborted()
    const folder = await Folder.find()
    if (!folder) return []
    await navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
      if (lock) await folder.sweep()
    })
    const whole = await folder.whole()
    signal.throwIfAborted()
    return [...whole.values()].map(({ kept }) => kept)
  }

  take(
    signal: AbortSignal,
    files: readonly Named[],
    precision: DancebaPrecision,
  ): AsyncGenerator<DancebaTaking, void> {
    return told(signal, (signal, tell) => taken(signal, files, precision, tell), outdates)
  }

  takeFrom(
    signal: AbortSignal,
    addresses: readonly string[],
    precision: DancebaPrecision,
  ): AsyncGenerator<DancebaTaking, void> {
    const work = (signal: AbortSignal, tell: Tell) =>
      takenFrom(signal, addresses, precision, this.#patience, tell)
    return told(signal, work, outdates)
  }

  async remove(signal: AbortSignal): Promise<void> {
    const folder = await Folder.find()
    if (folder) await navigator.locks.request(LOCK, { signal }, () => folder.clear())
  }
}

const outdates = (step: DancebaTaking, before: DancebaTaking) =>
  (step.kind === 'bytes' && before.kind === 'bytes' && step.part === before.part) ||
  (step.kind === 'fetched' && before.kind === 'fetched' && step.address === before.address)

const taken = async (
  signal: AbortSignal,
  files: readonly Named[],
  precision: DancebaPrecision,
  tell: Tell,
) => {
  const folder = await Folder.open()
  const looked: Looked[] = []
  for (const file of files) looked.push(await lookedAt(signal, file, precision, looked, tell))
  await alone(
    signal,
    () => tell({ kind: 'elsewhere' }),
    () => kept(signal, folder, looked, tell),
  )
}

const takenFrom = async (
  signal: AbortSignal,
  addresses: readonly string[],
  precision: DancebaPrecision,
  patience: Patience,
  tell: Tell,
) => {
  const folder = await Folder.open()
  const sources = addresses.map((address) => ({ address, name: nameAt(address) }))
  /** Each is there while the rest come and until all are taken. */
  const from = async (looked: readonly Looked[]): Promise<void> => {
    const source = sources[looked.length]
    if (!source) return kept(signal, folder, looked, tell)
    const { address, name } = source
    await folder.visit(
      (access) =>
        naming(name, () =>
          fetched(signal, address, access, patience, {
            bytes: (bytes, of) =>
              tell({ kind: 'fetched', ...source, bytes, ...(of !== undefined && { of }) }),
            waiting: (seconds, why) => tell({ kind: 'waiting', ...source, seconds, why }),
          }),
        ),
      async (file) => from([...looked, await lookedAt(signal, { name, file }, precision, looked, tell)]),
    )
  }
  await alone(
    signal,
    () => tell({ kind: 'elsewhere' }),
    async () => {
      await folder.sweep()
      await from([])
    },
  )
}

const lookedAt = async (
  signal: AbortSignal,
  file: Named,
  precision: DancebaPrecision,
  before: readonly Looked[],
  tell: Tell,
): Promise<Looked> => {
  const one = await look(signal, file, precision)
  const other = before.find(({ plan }) => plan.part === one.plan.part)
  if (other) throw twice(one, other)
  tell({ kind: 'found', name: one.name, found: one.found })
  return one
}

/** For who is alone. */
const kept = async (signal: AbortSignal, folder: Folder, looked: readonly Looked[], tell: Tell) => {
  await folder.sweep()
  await demandRoom(looked.reduce((sum, { plan }) => sum + plan.layout.bytes, 0))
  for (const one of looked) {
    const kept = await naming(one.name, () => written(signal, folder, one, tell))
    await folder.sweep() // the one before it
    tell({ kind: 'kept', kept })
  }
}

const twice = ({ name, plan }: Looked, other: Looked) =>
  refusal('twice', `${shown(name)} and ${shown(other.name)} both hold the ${plan.part}`, {
    name: shown(name),
    other: shown(other.name),
  })

/** Nothing is left of it when it throws. */
const written = async (
  signal: AbortSignal,
  folder: Folder,
  { checkpoint, tensors, plan, found }: Looked,
  tell: Tell,
): Promise<DancebaKept> => {
  const { part, layout } = plan
  const draft = await folder.draft(part, layout.bytes)
  let bytes = 0
  const progress = pacer(() => tell({ kind: 'bytes', part, bytes, of: layout.bytes }))
  try {
    await fill(
      signal,
      layout,
      (name) => numberPieces(signal, checkpoint, tensors.get(name)!),
      (offset, piece) => {
        draft.write(piece, offset)
        bytes = offset + piece.length
        progress()
      },
    )
    signal.throwIfAborted()
    const { precision } = layout
    const kept = { ...found, precision, keptBytes: layout.bytes, addedMs: Date.now() }
    await draft.keep(plan, kept)
    return kept
  } catch (e) {
    await draft.drop()
    throw e
  }
}

/** `busy` is told when another tab is writing. */
const alone = async (signal: AbortSignal, busy: () => void, work: () => Promise<void>): Promise<void> => {
  const at = await navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
    if (lock) await work()
    return lock !== null
  })
  if (at) return
  busy()
  await navigator.locks.request(LOCK, { signal }, work)
}
