/** @file The generator's checkpoint as torch saves it, of the published size: 1.003 GB, written piece by piece. Node only. */
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { tensorsOf } from '../../workers/danceba/network/shape'
import { torchZip, View, type Tree } from '../../test/fixtures/checkpoints'
import { publishedRule } from '../../test/fixtures/danceba-published'
import { PUBLISHED } from '../../test/fixtures/danceba-sizes'
import { makeWeights } from '../../test/fixtures/danceba-weights'

/** As a DataParallel model is saved: a storage each, `module.` before each name. */
export const writeCheckpoint = async (path: string): Promise<void> => {
  const model: Record<string, Tree> = {}
  for (const [name, shape] of tensorsOf(PUBLISHED)) {
    const length = shape.reduce((product, size) => product * size, 1)
    const bytes = () => new Uint8Array(makeWeights(name, publishedRule(name, shape)).buffer)
    model[`module.${name}`] = new View({ key: name, dtype: 'float32', length, bytes }, shape)
  }
  await pipeline(Readable.from(torchZip({ model, epoch: 400 }, 'epoch_400')), createWriteStream(path))
}
